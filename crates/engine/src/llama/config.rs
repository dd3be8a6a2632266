//! `config.json` of a Llama-architecture model, in the naming of published checkpoints.
use crate::{EngineError, ModelDir};
use candle_core::{Device, Tensor};
use serde::{Deserialize, Serialize};

/// The shape of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LlamaConfig {
    /// Must be `llama`.
    #[serde(default = "llama")]
    pub model_type: String,
    /// Tokens in the vocabulary.
    pub vocab_size: usize,
    /// Width of the residual stream.
    pub hidden_size: usize,
    /// Width of the feed-forward layer.
    pub intermediate_size: usize,
    /// Blocks of attention and feed-forward.
    pub num_hidden_layers: usize,
    /// Query heads.
    pub num_attention_heads: usize,
    /// Key and value heads, each shared by an equal number of query heads; as many as query heads if not given.
    #[serde(default)]
    pub num_key_value_heads: Option<usize>,
    /// Width of a head; `hidden_size / num_attention_heads` if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_dim: Option<usize>,
    /// Longest sequence, in tokens.
    pub max_position_embeddings: usize,
    /// Added to the mean square before its root is taken.
    pub rms_norm_eps: f64,
    /// Base of the rotary embedding's wavelengths.
    #[serde(default = "rope_theta")]
    pub rope_theta: f64,
    /// Stretching of the rotary embedding; must be absent or null.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rope_scaling: Option<serde_json::Value>,
    /// Whether the output layer is the embedding, transposed.
    #[serde(default)]
    pub tie_word_embeddings: bool,
    /// Whether attention projections have a bias; must be false.
    #[serde(default)]
    pub attention_bias: bool,
    /// Whether feed-forward projections have a bias; must be false.
    #[serde(default)]
    pub mlp_bias: bool,
    /// Activation of the feed-forward gate; must be `silu`.
    #[serde(default = "silu")]
    pub hidden_act: String,
    /// Token that begins a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bos_token_id: Option<u32>,
    /// Token or tokens that end a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eos_token_id: Option<TokenIds>,
}

/// One token id or several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum TokenIds {
    /// One.
    One(u32),
    /// Several.
    Many(Vec<u32>),
}

impl TokenIds {
    /// The ids.
    pub fn as_slice(&self) -> &[u32] {
        match self {
            Self::One(id) => std::slice::from_ref(id),
            Self::Many(ids) => ids,
        }
    }
}

fn llama() -> String {
    "llama".to_owned()
}

fn silu() -> String {
    "silu".to_owned()
}

fn rope_theta() -> f64 {
    10_000.0
}

impl LlamaConfig {
    /// Reads and checks `config.json`.
    pub fn read(dir: &ModelDir) -> Result<Self, EngineError> {
        let config: Self = dir.json("config.json")?;
        match config.problem() {
            None => Ok(config),
            Some(reason) => Err(EngineError::unsupported(&dir.path("config.json"), reason)),
        }
    }

    /// Why this engine cannot run such a model, if it cannot.
    pub fn problem(&self) -> Option<String> {
        let sizes = [
            ("vocab_size", self.vocab_size, 1 << 20),
            ("hidden_size", self.hidden_size, 1 << 16),
            ("intermediate_size", self.intermediate_size, 1 << 18),
            ("num_hidden_layers", self.num_hidden_layers, 1024),
            ("num_attention_heads", self.num_attention_heads, 1024),
            ("num_key_value_heads", self.kv_heads(), 1024),
            ("max_position_embeddings", self.max_position_embeddings, 1 << 20),
        ];
        if let Some((name, size, limit)) = sizes.iter().find(|(_, size, limit)| *size == 0 || size > limit) {
            return Some(format!("{name} is {size}, expected 1 to {limit}"));
        }
        if self.head_dim.is_none() && !self.hidden_size.is_multiple_of(self.num_attention_heads) {
            return Some("hidden_size is not a multiple of num_attention_heads".into());
        }
        let (heads, kv_heads, width) = self.heads();
        if !heads.is_multiple_of(kv_heads) {
            return Some("num_attention_heads is not a multiple of num_key_value_heads".into());
        }
        if width == 0 || !width.is_multiple_of(2) || width > 1024 {
            return Some(format!("heads are {width} wide, expected an even number up to 1024"));
        }
        if !(self.rms_norm_eps > 0.0 && self.rms_norm_eps < 1.0 && self.rope_theta > 1.0 && self.rope_theta.is_finite())
        {
            return Some("rms_norm_eps or rope_theta is out of range".into());
        }
        let odd = [
            (self.model_type != "llama", "model_type is not llama"),
            (self.hidden_act != "silu", "hidden_act is not silu"),
            (self.attention_bias || self.mlp_bias, "biases are not supported"),
            (
                self.rope_scaling.as_ref().is_some_and(|scaling| !scaling.is_null()),
                "rope_scaling is not supported",
            ),
        ];
        odd.into_iter()
            .find(|(is_odd, _)| *is_odd)
            .map(|(_, reason)| reason.to_owned())
    }

    /// Query heads, key-value heads, and the width of each.
    pub fn heads(&self) -> (usize, usize, usize) {
        let width = self.head_dim.unwrap_or(self.hidden_size / self.num_attention_heads);
        (self.num_attention_heads, self.kv_heads(), width)
    }

    fn kv_heads(&self) -> usize {
        self.num_key_value_heads.unwrap_or(self.num_attention_heads)
    }

    /// Every tensor of the checkpoint with its shape (`[out, in]` for projections).
    pub fn tensor_shapes(&self) -> Vec<(String, Vec<usize>)> {
        let (heads, kv_heads, width) = self.heads();
        let (hidden, wide) = (self.hidden_size, self.intermediate_size);
        let mut shapes = vec![("model.embed_tokens.weight".to_owned(), vec![self.vocab_size, hidden])];
        for layer in 0..self.num_hidden_layers {
            let mut push = |name: &str, shape: Vec<usize>| {
                shapes.push((format!("model.layers.{layer}.{name}.weight"), shape));
            };
            push("input_layernorm", vec![hidden]);
            push("self_attn.q_proj", vec![heads * width, hidden]);
            push("self_attn.k_proj", vec![kv_heads * width, hidden]);
            push("self_attn.v_proj", vec![kv_heads * width, hidden]);
            push("self_attn.o_proj", vec![hidden, heads * width]);
            push("post_attention_layernorm", vec![hidden]);
            push("mlp.gate_proj", vec![wide, hidden]);
            push("mlp.up_proj", vec![wide, hidden]);
            push("mlp.down_proj", vec![hidden, wide]);
        }
        shapes.push(("model.norm.weight".to_owned(), vec![hidden]));
        if !self.tie_word_embeddings {
            shapes.push(("lm_head.weight".to_owned(), vec![self.vocab_size, hidden]));
        }
        shapes
    }

    /// Cosines and sines of the rotary embedding for positions `0..positions`, each of shape `[positions, width / 2]`.
    pub fn rotary_tables(&self, positions: usize, device: &Device) -> candle_core::Result<(Tensor, Tensor)> {
        let (_, _, width) = self.heads();
        // Angles in f64: at long contexts a f32 product loses the phase.
        let angles: Vec<f64> = (0..positions)
            .flat_map(|position| (0..width / 2).map(move |pair| (position as f64, -2.0 * pair as f64 / width as f64)))
            .map(|(position, exponent)| position * self.rope_theta.powf(exponent))
            .collect();
        let table = |function: fn(f64) -> f64| {
            let values: Vec<f32> = angles.iter().map(|angle| function(*angle) as f32).collect();
            Tensor::from_vec(values, (positions, width / 2), device)
        };
        Ok((table(f64::cos)?, table(f64::sin)?))
    }
}
