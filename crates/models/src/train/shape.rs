//! The shape of a Llama-architecture model, as its `config.json` says it.
use laurel_engine::decoder::{Rope, Stretch};
use laurel_engine::TokenIds;
use serde::{Deserialize, Serialize};

/// The shape of a model that is trained here: no biases, activation `silu`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LlamaConfig {
    /// Always `llama`.
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
    /// Key and value heads, each shared by an equal number of query heads.
    pub num_key_value_heads: usize,
    /// Longest sequence, in tokens.
    pub max_position_embeddings: usize,
    /// Added to the mean square before its root is taken.
    pub rms_norm_eps: f64,
    /// Base of the rotary embedding's wavelengths.
    #[serde(default = "rope_theta")]
    pub rope_theta: f64,
    /// Whether the output layer is the embedding, transposed.
    #[serde(default)]
    pub tie_word_embeddings: bool,
    /// Activation of the feed-forward gate; always `silu`.
    #[serde(default = "silu")]
    pub hidden_act: String,
    /// Token that begins a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bos_token_id: Option<u32>,
    /// Token or tokens that end a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eos_token_id: Option<TokenIds>,
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
    /// Query heads, key-value heads, and the width of each.
    pub fn heads(&self) -> (usize, usize, usize) {
        let width = self.hidden_size / self.num_attention_heads;
        (self.num_attention_heads, self.num_key_value_heads, width)
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

    /// Cosines and sines of the rotary embedding for all positions, each `[positions, width / 2]`.
    pub fn rotary_tables(&self) -> (Vec<f32>, Vec<f32>) {
        let (_, _, width) = self.heads();
        Rope::new(width, self.rope_theta, &Stretch::None).tables(self.max_position_embeddings)
    }
}
