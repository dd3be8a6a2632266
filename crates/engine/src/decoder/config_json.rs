//! `config.json` of the families that run, in the naming of published checkpoints.
use super::architecture::{activation, Architecture, Family, LayerKind, NormKind};
use super::rope::{Rope, Stretch};
use crate::kernels::Activation;
use crate::{EngineError, ModelDir};
use serde::Deserialize;

/// Values of `model_type` that run.
const MODEL_TYPES: [&str; 9] = [
    "llama",
    "mistral",
    "qwen2",
    "qwen3",
    "gemma",
    "gemma2",
    "gemma3_text",
    "phi3",
    "phi",
];

/// Whether this engine runs text models of a `model_type`.
pub fn runs(model_type: &str) -> bool {
    MODEL_TYPES.contains(&model_type)
}

/// What is read of `config.json`; what a family needs and does not find is an error, what it must not find as well.
#[derive(Deserialize)]
struct ConfigJson {
    #[serde(default)]
    model_type: String,
    vocab_size: usize,
    hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    num_key_value_heads: Option<usize>,
    head_dim: Option<usize>,
    max_position_embeddings: usize,
    rms_norm_eps: Option<f32>,
    layer_norm_eps: Option<f32>,
    rope_theta: Option<f64>,
    rope_local_base_freq: Option<f64>,
    rope_scaling: Option<RopeScaling>,
    /// As newer versions write the two above.
    rope_parameters: Option<RopeScaling>,
    original_max_position_embeddings: Option<usize>,
    partial_rotary_factor: Option<f64>,
    tie_word_embeddings: Option<bool>,
    #[serde(default)]
    attention_bias: bool,
    #[serde(default)]
    mlp_bias: bool,
    #[serde(default)]
    qk_layernorm: bool,
    hidden_act: Option<String>,
    hidden_activation: Option<String>,
    sliding_window: Option<usize>,
    #[serde(default)]
    use_sliding_window: bool,
    max_window_layers: Option<usize>,
    sliding_window_pattern: Option<usize>,
    layer_types: Option<Vec<String>>,
    query_pre_attn_scalar: Option<f64>,
    attn_logit_softcapping: Option<f32>,
    final_logit_softcapping: Option<f32>,
    quantization_config: Option<serde_json::Value>,
}

#[derive(Clone, Deserialize)]
struct RopeScaling {
    #[serde(alias = "type")]
    rope_type: Option<String>,
    rope_theta: Option<f64>,
    factor: Option<f64>,
    low_freq_factor: Option<f64>,
    high_freq_factor: Option<f64>,
    original_max_position_embeddings: Option<usize>,
    short_factor: Option<Vec<f64>>,
}

/// Reads and checks `config.json`.
pub(super) fn read(dir: &ModelDir) -> Result<Architecture, EngineError> {
    #[derive(Deserialize)]
    struct Named {
        model_type: Option<String>,
    }
    let path = dir.path("config.json");
    let named: Named = dir.json("config.json")?;
    let model_type = named.model_type.unwrap_or_else(|| "llama".into());
    if !runs(&model_type) {
        let reason = format!("model_type is {model_type}, expected one of {}", MODEL_TYPES.join(", "));
        return Err(EngineError::unsupported(&path, reason));
    }
    let config = ConfigJson {
        model_type,
        ..dir.json("config.json")?
    };
    let described = config.describe();
    let checked = described.and_then(|architecture| match architecture.problem() {
        None => Ok(architecture),
        Some(problem) => Err(problem),
    });
    checked.map_err(|reason| EngineError::unsupported(&path, reason))
}

impl ConfigJson {
    fn describe(&self) -> Result<Architecture, String> {
        self.refuse_what_does_not_run()?;
        let family = match self.model_type.as_str() {
            "qwen2" => Family::Qwen2,
            "qwen3" => Family::Qwen3,
            "gemma" => Family::Gemma,
            "gemma2" | "gemma3_text" => Family::Gemma2,
            "phi3" => Family::Phi3,
            "phi" => Family::Phi,
            _ => Family::Llama,
        };
        let is_gemma = matches!(family, Family::Gemma | Family::Gemma2);
        let head_width = match self.head_dim {
            Some(width) => width,
            // Configurations of these may leave out what is not the quotient.
            None if is_gemma => 256,
            None => self.hidden_size / self.num_attention_heads,
        };
        if head_width > 1024 {
            return Err(format!("heads are {head_width} wide, expected up to 1024"));
        }
        let (norm, epsilon) = match family {
            Family::Phi => (NormKind::Layer, self.layer_norm_eps),
            Family::Gemma | Family::Gemma2 => (NormKind::RmsPlusOne, self.rms_norm_eps),
            _ => (NormKind::Rms, self.rms_norm_eps),
        };
        let scalar = self.query_pre_attn_scalar.unwrap_or(head_width as f64);
        let ropes = self.ropes(head_width)?;
        Ok(Architecture {
            family,
            vocab_size: self.vocab_size,
            hidden_size: self.hidden_size,
            intermediate_size: self.intermediate_size,
            heads: self.num_attention_heads,
            kv_heads: self.num_key_value_heads.unwrap_or(self.num_attention_heads),
            head_width,
            context: self.context(),
            layers: self.layers(ropes.len()),
            ropes,
            norm,
            epsilon: epsilon.ok_or("the epsilon of its norms is not given")?,
            activation: self.activation(is_gemma)?,
            tied: self.tie_word_embeddings.unwrap_or(is_gemma),
            embedding_scale: if is_gemma {
                (self.hidden_size as f32).sqrt()
            } else {
                1.0
            },
            attention_scale: (1.0 / scalar.sqrt()) as f32,
            attention_cap: self.attn_logit_softcapping,
            logit_cap: self.final_logit_softcapping,
            qkv_bias: family == Family::Qwen2 || family == Family::Phi,
            head_norms: family == Family::Qwen3 || self.model_type == "gemma3_text",
        })
    }

    fn refuse_what_does_not_run(&self) -> Result<(), String> {
        // Sizes by which memory is taken or something is divided before the description as a whole is checked.
        for (name, size, limit) in [
            ("hidden_size", self.hidden_size, 1 << 16),
            ("num_hidden_layers", self.num_hidden_layers, 1024),
            ("num_attention_heads", self.num_attention_heads, 1024),
            ("num_key_value_heads", self.num_key_value_heads.unwrap_or(1), 1024),
            ("max_position_embeddings", self.max_position_embeddings, 1 << 20),
        ] {
            if size == 0 || size > limit {
                return Err(format!("{name} is {size}, expected 1 to {limit}"));
            }
        }
        if self.head_dim.is_none() && !self.hidden_size.is_multiple_of(self.num_attention_heads) {
            return Err("hidden_size is not a multiple of num_attention_heads".into());
        }
        if self.attention_bias && self.model_type != "phi" || self.mlp_bias {
            return Err(format!("biases are not supported for {}", self.model_type));
        }
        if self.qk_layernorm {
            return Err("qk_layernorm is not supported".into());
        }
        if self.quantization_config.is_some() {
            return Err("weights quantised in safetensors are not supported: take the GGUF of this model".into());
        }
        Ok(())
    }

    fn activation(&self, is_gemma: bool) -> Result<Activation, String> {
        let name = match (&self.hidden_activation, &self.hidden_act) {
            (Some(name), _) => name,
            // The first Gemma's configurations say gelu and mean the hyperbolic tangent.
            (None, Some(_)) if is_gemma => "gelu_pytorch_tanh",
            (None, Some(name)) => name,
            (None, None) if is_gemma => "gelu_pytorch_tanh",
            (None, None) => "silu",
        };
        activation(name).ok_or_else(|| format!("activation {name} is not supported"))
    }

    fn scaling(&self) -> Option<&RopeScaling> {
        self.rope_scaling.as_ref().or(self.rope_parameters.as_ref())
    }

    fn scaling_type(&self) -> &str {
        let name = self.scaling().and_then(|scaling| scaling.rope_type.as_deref());
        name.unwrap_or("default")
    }

    /// A model whose wavelengths differ for long sequences is run within its original context, so that what a token's keys are does not
    /// depend on how long the text will become.
    fn context(&self) -> usize {
        match self.scaling_type() {
            "longrope" | "su" => self.original_context().unwrap_or(self.max_position_embeddings),
            _ => self.max_position_embeddings,
        }
    }

    fn original_context(&self) -> Option<usize> {
        let within = self.scaling()?.original_max_position_embeddings;
        within.or(self.original_max_position_embeddings)
    }

    fn ropes(&self, head_width: usize) -> Result<Vec<Rope>, String> {
        let parameters = self.rope_parameters.as_ref();
        let base = self.rope_theta.or(parameters.and_then(|all| all.rope_theta));
        let share = self.partial_rotary_factor.unwrap_or(match self.model_type.as_str() {
            "phi" => 0.5,
            _ => 1.0,
        });
        if !(share > 0.0 && share <= 1.0) {
            return Err(format!(
                "partial_rotary_factor is {share}, expected over 0 and at most 1"
            ));
        }
        let width = (head_width as f64 * share) as usize;
        let base = base.unwrap_or(if self.model_type == "gemma3_text" {
            1_000_000.0
        } else {
            10_000.0
        });
        let mut ropes = vec![Rope::new(width, base, &self.stretch()?)];
        if self.model_type == "gemma3_text" {
            let base = self.rope_local_base_freq.unwrap_or(10_000.0);
            ropes.push(Rope::new(width, base, &Stretch::None));
        }
        Ok(ropes)
    }

    fn stretch(&self) -> Result<Stretch, String> {
        let Some(scaling) = self.scaling() else {
            return Ok(Stretch::None);
        };
        let name = self.scaling_type();
        let given = |value: Option<f64>| value.ok_or_else(|| format!("rope_scaling {name} lacks a factor"));
        let original = || given(self.original_context().map(|tokens| tokens as f64));
        match name {
            "default" => Ok(Stretch::None),
            "linear" => Ok(Stretch::Linear {
                factor: given(scaling.factor)?,
            }),
            "llama3" => Ok(Stretch::Llama3 {
                factor: given(scaling.factor)?,
                low: given(scaling.low_freq_factor)?,
                high: given(scaling.high_freq_factor)?,
                original: original()?,
            }),
            "longrope" | "su" => {
                let (original, longest) = (original()?, self.max_position_embeddings as f64);
                Ok(Stretch::Each {
                    factors: scaling.short_factor.clone().unwrap_or_default(),
                    magnitude: long_rope_magnitude(longest / original, original),
                })
            }
            other => Err(format!(
                "rope_scaling {other} is not supported; default, linear, llama3 and longrope are"
            )),
        }
    }

    /// With two rotary embeddings, the second belongs to the layers with a window.
    fn layers(&self, ropes: usize) -> Vec<LayerKind> {
        let slides = |layer: usize| match (self.layer_types.as_ref(), self.model_type.as_str()) {
            (Some(types), _) => types.get(layer).is_some_and(|kind| kind == "sliding_attention"),
            (None, "qwen2" | "qwen3") => {
                self.use_sliding_window && layer >= self.max_window_layers.unwrap_or(self.num_hidden_layers)
            }
            (None, "gemma2") => layer.is_multiple_of(2),
            (None, "gemma3_text") => !(layer + 1).is_multiple_of(self.sliding_window_pattern.unwrap_or(6).max(1)),
            (None, "mistral" | "phi3") => true,
            (None, _) => false,
        };
        (0..self.num_hidden_layers)
            .map(|layer| LayerKind {
                window: self.sliding_window.filter(|_| slides(layer)),
                rope: if slides(layer) { ropes - 1 } else { 0 },
            })
            .collect()
    }
}

/// Factor by which a context of `stretch` times the original one makes scores larger.
pub(super) fn long_rope_magnitude(stretch: f64, original: f64) -> f64 {
    if stretch > 1.0 {
        (1.0 + stretch.ln() / original.ln()).sqrt()
    } else {
        1.0
    }
}
