//! The Llama architecture as a differentiable graph; the engine's own forward pass is separate and checked against this one.
use super::fused::{CausalSoftmax, CrossEntropy, RmsNorm, Rotary, SwiGlu};
use super::random::SplitMix64;
use super::LlamaConfig;
use candle_core::{DType, Device, Result, Tensor, Var};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A network whose weights can be trained.
pub struct Network {
    config: LlamaConfig,
    vars: BTreeMap<String, Var>,
    cos: Arc<Vec<f32>>,
    sin: Arc<Vec<f32>>,
}

impl Network {
    /// A network with random weights: normal with deviation 0.02, less for what is added to the residual stream.
    pub fn new(config: &LlamaConfig, seed: u64) -> Result<Self> {
        let mut random = SplitMix64::new(seed);
        let residual = 0.02 / (2.0 * config.num_hidden_layers as f64).sqrt();
        let mut vars = BTreeMap::new();
        for (name, shape) in config.tensor_shapes() {
            let count = shape.iter().product();
            let values = if shape.len() == 1 {
                vec![1.0; count]
            } else if name.ends_with("o_proj.weight") || name.ends_with("down_proj.weight") {
                random.normals(count, residual)
            } else {
                random.normals(count, 0.02)
            };
            vars.insert(name, Var::from_vec(values, shape, &Device::Cpu)?);
        }
        let (cos, sin) = config.rotary_tables();
        Ok(Self {
            config: config.clone(),
            vars,
            cos: Arc::new(cos),
            sin: Arc::new(sin),
        })
    }

    /// The variables by their checkpoint names.
    pub fn vars(&self) -> &BTreeMap<String, Var> {
        &self.vars
    }

    /// The weights by their checkpoint names, as `dtype`.
    pub fn weights(&self, dtype: DType) -> Result<HashMap<String, Tensor>> {
        self.vars
            .iter()
            .map(|(name, var)| Ok((name.clone(), var.as_tensor().to_dtype(dtype)?)))
            .collect()
    }

    /// Replaces the weights by those of a checkpoint that holds every one of them.
    pub fn set_weights(&self, weights: &HashMap<String, Tensor>) -> Result<()> {
        for (name, var) in &self.vars {
            let Some(tensor) = weights.get(name) else {
                candle_core::bail!("the checkpoint has no tensor {name}")
            };
            var.set(&tensor.to_dtype(DType::F32)?)?;
        }
        Ok(())
    }

    /// Number of weights.
    pub fn parameters(&self) -> usize {
        self.vars.values().map(|var| var.elem_count()).sum()
    }

    /// Logits of shape `[batch * window, vocabulary]` for ids of shape `[batch, window]`.
    pub fn logits(&self, ids: &Tensor) -> Result<Tensor> {
        let (batch, window) = ids.dims2()?;
        let shape = Shape { batch, window };
        let embedding = self.weight("model.embed_tokens.weight")?;
        let mut hidden = embedding.index_select(&ids.flatten_all()?, 0)?;
        for layer in 0..self.config.num_hidden_layers {
            let prefix = format!("model.layers.{layer}");
            let normed = self.norm(&hidden, &format!("{prefix}.input_layernorm.weight"))?;
            hidden = (hidden + self.attention(&normed, &prefix, shape)?)?;
            let normed = self.norm(&hidden, &format!("{prefix}.post_attention_layernorm.weight"))?;
            hidden = (hidden + self.feed_forward(&normed, &prefix)?)?;
        }
        let hidden = self.norm(&hidden, "model.norm.weight")?;
        let head = if self.config.tie_word_embeddings {
            embedding
        } else {
            self.weight("lm_head.weight")?
        };
        hidden.matmul(&head.t()?)
    }

    /// Mean cross-entropy (nats a token) of `targets` given `inputs`, both of shape `[batch, window]`.
    pub fn loss(&self, inputs: &Tensor, targets: &Tensor) -> Result<Tensor> {
        let targets = Arc::new(targets.flatten_all()?.to_vec1()?);
        self.logits(inputs)?.apply_op1(CrossEntropy { targets })
    }

    fn weight(&self, name: &str) -> Result<&Tensor> {
        match self.vars.get(name) {
            Some(var) => Ok(var.as_tensor()),
            None => candle_core::bail!("the network has no tensor {name}"),
        }
    }

    fn linear(&self, input: &Tensor, name: &str) -> Result<Tensor> {
        input.matmul(&self.weight(name)?.t()?)
    }

    fn norm(&self, input: &Tensor, name: &str) -> Result<Tensor> {
        input.apply_op2(
            self.weight(name)?,
            RmsNorm {
                epsilon: self.config.rms_norm_eps as f32,
            },
        )
    }

    fn feed_forward(&self, input: &Tensor, prefix: &str) -> Result<Tensor> {
        let gate = self.linear(input, &format!("{prefix}.mlp.gate_proj.weight"))?;
        let up = self.linear(input, &format!("{prefix}.mlp.up_proj.weight"))?;
        self.linear(&gate.apply_op2(&up, SwiGlu)?, &format!("{prefix}.mlp.down_proj.weight"))
    }

    /// Query heads that share a key head are stacked along the sequence, so keys and values need no copies.
    fn attention(&self, input: &Tensor, prefix: &str, shape: Shape) -> Result<Tensor> {
        let Shape { batch, window } = shape;
        let (heads, kv_heads, width) = self.config.heads();
        let group = heads / kv_heads;
        let split = |name: &str, count: usize| -> Result<Tensor> {
            self.linear(input, &format!("{prefix}.self_attn.{name}.weight"))?
                .reshape((batch, window, count, width))?
                .transpose(1, 2)?
                .contiguous()
        };
        let query = self.rotate(&split("q_proj", heads)?)?;
        let key = self
            .rotate(&split("k_proj", kv_heads)?)?
            .reshape((batch * kv_heads, window, width))?;
        let value = split("v_proj", kv_heads)?.reshape((batch * kv_heads, window, width))?;
        let query = query.reshape((batch * kv_heads, group * window, width))?;
        let scale = 1.0 / (width as f32).sqrt();
        let probabilities = query.matmul(&key.t()?)?.apply_op1(CausalSoftmax { scale, window })?;
        let mixed = probabilities
            .matmul(&value)?
            .reshape((batch, heads, window, width))?
            .transpose(1, 2)?
            .reshape((batch * window, heads * width))?;
        self.linear(&mixed, &format!("{prefix}.self_attn.o_proj.weight"))
    }

    /// Rotary position embedding; `input` is `[batch, heads, window, width]`.
    fn rotate(&self, input: &Tensor) -> Result<Tensor> {
        let (_, _, window, width) = input.dims4()?;
        input.apply_op1(Rotary {
            cos: self.cos.clone(),
            sin: self.sin.clone(),
            window,
            width,
        })
    }
}

#[derive(Clone, Copy)]
struct Shape {
    batch: usize,
    window: usize,
}
