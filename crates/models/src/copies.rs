//! Copies of a model in another form: weights of another type, fewer layers. Some a subnet may allow beside the model itself; the others
//! are what a miner would run who saves on hardware and claims the whole model.
use crate::train::LlamaConfig;
use crate::{manifest, remove_if_there, ModelError};
use candle_core::quantized::gguf_file::{self, Value};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{DType, Device, Tensor};
use laurel_engine::ModelDir;
use std::collections::{BTreeMap, HashMap};
use std::io::BufWriter;
use std::path::Path;

/// Weights by their names in the checkpoint.
pub(crate) type Tensors = BTreeMap<String, Tensor>;

/// How the weights of a copy are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeightType {
    /// IEEE single, in safetensors.
    F32,
    /// The upper half of a single, in safetensors.
    Bf16,
    /// 32 signed bytes with a scale, in a GGUF file; norms as singles.
    Q8_0,
    /// 32 values of 4 bits with a scale, in a GGUF file; norms as singles.
    Q4_0,
    /// The numbers of [`Self::Q8_0`] as singles, in safetensors.
    Q8_0AsF32,
}

/// Writes to `to`, which must not exist, a copy of the model `from` with weights of type `weights`.
///
/// # Errors
/// If `from` is no folder of safetensors, or, for types that GGUF files have, no Llama model.
pub fn convert(from: &Path, to: &Path, weights: WeightType) -> Result<(), ModelError> {
    copy(from, to, |tensors, folder| match weights {
        WeightType::F32 => save(cast(tensors, DType::F32)?, folder),
        WeightType::Bf16 => save(cast(tensors, DType::BF16)?, folder),
        WeightType::Q8_0 => write_gguf(tensors, folder, GgmlDType::Q8_0),
        WeightType::Q4_0 => write_gguf(tensors, folder, GgmlDType::Q4_0),
        WeightType::Q8_0AsF32 => save(rounded(tensors, GgmlDType::Q8_0)?, folder),
    })
}

/// Writes to `to`, which must not exist, a copy of the model `from` that ends after its first `layers` layers.
///
/// # Errors
/// If `from` is no folder of safetensors, or has fewer layers.
pub fn shorten(from: &Path, to: &Path, layers: usize) -> Result<(), ModelError> {
    copy(from, to, |mut tensors, folder| {
        let path = folder.join("config.json");
        let mut config: serde_json::Value = ModelDir::open(folder)?.json("config.json")?;
        let had = config["num_hidden_layers"].as_u64().unwrap_or(0);
        if layers == 0 || layers as u64 >= had {
            return Err(ModelError::Invalid {
                path: from.into(),
                reason: format!("it has {had} layers, of which {layers} cannot be kept"),
            });
        }
        config["num_hidden_layers"] = layers.into();
        let text = serde_json::to_vec_pretty(&config).map_err(|error| write_error(&path, error.into()))?;
        std::fs::write(&path, text).map_err(|error| write_error(&path, error))?;
        tensors.retain(|name, _| layer_of(name).is_none_or(|layer| layer < layers));
        save(tensors, folder)
    })
}

/// `model.layers.3.mlp.up_proj.weight` and `encoder.layer.3.output.dense.bias` are of layer 3.
fn layer_of(name: &str) -> Option<usize> {
    let mut parts = name.split('.');
    parts.find(|part| matches!(*part, "layers" | "layer"))?;
    parts.next()?.parse().ok()
}

/// Makes the folder `to` with the configuration of `from`, and has `write` put the weights into it. Nothing is at `to` before all is.
pub(crate) fn copy(
    from: &Path,
    to: &Path,
    write: impl FnOnce(Tensors, &Path) -> Result<(), ModelError>,
) -> Result<(), ModelError> {
    let invalid = |path: &Path, reason: &str| ModelError::Invalid {
        path: path.into(),
        reason: reason.into(),
    };
    if to.exists() {
        return Err(invalid(to, "it is there already; delete it or name another folder"));
    }
    // Refuses what is not a model before anything is written.
    let files = manifest(from)?.files;
    let dir = ModelDir::open(from)?;
    if dir.gguf_file()?.is_some() {
        return Err(invalid(from, "a GGUF file is not copied; name a folder of safetensors"));
    }
    let fresh = crate::beside(to, "part");
    let failed = |error| write_error(to, error);
    remove_if_there(&fresh).map_err(failed)?;
    std::fs::create_dir_all(&fresh).map_err(failed)?;
    for file in files {
        let copy = fresh.join(&file.name);
        // A name may begin with a folder.
        copy.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(failed)?;
        std::fs::copy(dir.path(&file.name), copy).map_err(failed)?;
    }
    write(read_tensors(&dir)?, &fresh)?;
    std::fs::rename(&fresh, to).map_err(failed)
}

/// All weights of a folder of safetensors.
pub(crate) fn read_tensors(dir: &ModelDir) -> Result<Tensors, ModelError> {
    let mut tensors = Tensors::new();
    for path in dir.weight_files()? {
        tensors.extend(candle_core::safetensors::load_buffer(
            &dir.weight_bytes(&path)?,
            &Device::Cpu,
        )?);
    }
    Ok(tensors)
}

/// Writes `model.safetensors`.
pub(crate) fn save(tensors: Tensors, folder: &Path) -> Result<(), ModelError> {
    let tensors: HashMap<String, Tensor> = tensors.into_iter().collect();
    Ok(candle_core::safetensors::save(
        &tensors,
        folder.join("model.safetensors"),
    )?)
}

/// Other numbers than floats stay.
fn cast(tensors: Tensors, dtype: DType) -> candle_core::Result<Tensors> {
    let one = |(name, tensor): (String, Tensor)| {
        let cast = if tensor.dtype().is_float() {
            tensor.to_dtype(dtype)?
        } else {
            tensor
        };
        Ok((name, cast))
    };
    tensors.into_iter().map(one).collect()
}

/// Matrices with the numbers that `matrices` can hold, all as singles.
fn rounded(tensors: Tensors, matrices: GgmlDType) -> candle_core::Result<Tensors> {
    let mut tensors = cast(tensors, DType::F32)?;
    for tensor in tensors.values_mut().filter(|tensor| tensor.rank() == 2) {
        *tensor = QTensor::quantize(tensor, matrices)?.dequantize(&Device::Cpu)?;
    }
    Ok(tensors)
}

fn write_error(path: &Path, source: std::io::Error) -> ModelError {
    ModelError::Write {
        path: path.into(),
        source,
    }
}

/// Writes `model.gguf` in the place of `config.json`: matrices of type `matrices`, vectors as singles.
fn write_gguf(tensors: Tensors, folder: &Path, matrices: GgmlDType) -> Result<(), ModelError> {
    let place = folder.join("config.json");
    let config: LlamaConfig = ModelDir::open(folder)?.json("config.json")?;
    if config.model_type != "llama" {
        return Err(ModelError::Invalid {
            path: place,
            reason: format!("{} models are not written as GGUF files; llama is", config.model_type),
        });
    }
    let (heads, kv_heads, _) = config.heads();
    let mut written = Vec::with_capacity(tensors.len());
    for (name, tensor) in tensors {
        let tensor = match name.as_str() {
            name if name.contains("q_proj") => neighbours(&tensor, heads)?,
            name if name.contains("k_proj") => neighbours(&tensor, kv_heads)?,
            _ => tensor,
        };
        let dtype = if tensor.rank() == 2 { matrices } else { GgmlDType::F32 };
        written.push((gguf_name(&name, folder)?, QTensor::quantize(&tensor, dtype)?));
    }
    let metadata = metadata(&config);
    let metadata: Vec<(&str, &Value)> = metadata.iter().map(|(key, value)| (*key, value)).collect();
    let written: Vec<(&str, &QTensor)> = written.iter().map(|(name, tensor)| (name.as_str(), tensor)).collect();
    let path = folder.join("model.gguf");
    let file = std::fs::File::create(&path).map_err(|error| write_error(&path, error))?;
    gguf_file::write(&mut BufWriter::new(file), &metadata, &written)?;
    std::fs::remove_file(&place).map_err(|error| write_error(&place, error))
}

fn metadata(config: &LlamaConfig) -> Vec<(&'static str, Value)> {
    let size = |size: usize| Value::U32(u32::try_from(size).unwrap_or(u32::MAX));
    let (heads, kv_heads, width) = config.heads();
    vec![
        ("general.architecture", Value::String("llama".into())),
        ("llama.context_length", size(config.max_position_embeddings)),
        ("llama.embedding_length", size(config.hidden_size)),
        ("llama.block_count", size(config.num_hidden_layers)),
        ("llama.feed_forward_length", size(config.intermediate_size)),
        ("llama.attention.head_count", size(heads)),
        ("llama.attention.head_count_kv", size(kv_heads)),
        (
            "llama.attention.layer_norm_rms_epsilon",
            Value::F32(config.rms_norm_eps as f32),
        ),
        ("llama.rope.freq_base", Value::F32(config.rope_theta as f32)),
        ("llama.rope.dimension_count", size(width)),
    ]
}

/// The rows of a query or key projection as GGUF files have them: the two numbers that are turned together beside each other. The checkpoint
/// has them half a head apart.
fn neighbours(tensor: &Tensor, heads: usize) -> candle_core::Result<Tensor> {
    let (rows, columns) = tensor.dims2()?;
    tensor
        .reshape((heads, 2, rows / heads / 2, columns))?
        .transpose(1, 2)?
        .reshape((rows, columns))
}

/// What GGUF files call a tensor of a Llama checkpoint.
fn gguf_name(name: &str, folder: &Path) -> Result<String, ModelError> {
    let unknown = || ModelError::Invalid {
        path: folder.into(),
        reason: format!("{name} is not a tensor of a Llama model"),
    };
    let outer = match name {
        "model.embed_tokens.weight" => Some("token_embd.weight"),
        "model.norm.weight" => Some("output_norm.weight"),
        "lm_head.weight" => Some("output.weight"),
        _ => None,
    };
    if let Some(outer) = outer {
        return Ok(outer.to_owned());
    }
    let part = name.strip_prefix("model.layers.").and_then(|rest| rest.split_once('.'));
    let (layer, part) = part.ok_or_else(unknown)?;
    let part = match part.strip_suffix(".weight").ok_or_else(unknown)? {
        "self_attn.q_proj" => "attn_q",
        "self_attn.k_proj" => "attn_k",
        "self_attn.v_proj" => "attn_v",
        "self_attn.o_proj" => "attn_output",
        "mlp.gate_proj" => "ffn_gate",
        "mlp.up_proj" => "ffn_up",
        "mlp.down_proj" => "ffn_down",
        "input_layernorm" => "attn_norm",
        "post_attention_layernorm" => "ffn_norm",
        _ => return Err(unknown()),
    };
    Ok(format!("blk.{layer}.{part}.weight"))
}
