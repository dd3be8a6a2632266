//! What the parts of a model are called in its files.
use super::architecture::Family;

/// Whose names a checkpoint uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Naming {
    /// Those of safetensors files, with their config.json.
    Safetensors,
    /// Those of GGUF files.
    Gguf,
}

/// A part outside of the layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outer {
    Embedding,
    Norm,
    Head,
}

/// A part of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inner {
    AttentionNorm,
    Query,
    Key,
    Value,
    QueryKeyValue,
    QueryNorm,
    KeyNorm,
    AttentionOutput,
    AttentionPostNorm,
    FeedForwardNorm,
    Gate,
    Up,
    GateUp,
    Down,
    FeedForwardPostNorm,
}

impl Naming {
    /// Without `.weight` or `.bias`.
    pub(super) fn outer(self, family: Family, part: Outer) -> &'static str {
        match (self, part) {
            (Self::Safetensors, Outer::Embedding) => "model.embed_tokens",
            (Self::Safetensors, Outer::Norm) if family == Family::Phi => "model.final_layernorm",
            (Self::Safetensors, Outer::Norm) => "model.norm",
            (Self::Safetensors, Outer::Head) => "lm_head",
            (Self::Gguf, Outer::Embedding) => "token_embd",
            (Self::Gguf, Outer::Norm) => "output_norm",
            (Self::Gguf, Outer::Head) => "output",
        }
    }

    /// Without `.weight` or `.bias`.
    pub(super) fn inner(self, family: Family, part: Inner, layer: usize) -> String {
        match self {
            Self::Safetensors => format!("model.layers.{layer}.{}", safetensors(family, part)),
            Self::Gguf => format!("blk.{layer}.{}", gguf(part)),
        }
    }
}

fn safetensors(family: Family, part: Inner) -> &'static str {
    match (part, family) {
        (Inner::AttentionNorm, _) => "input_layernorm",
        (Inner::Query, _) => "self_attn.q_proj",
        (Inner::Key, _) => "self_attn.k_proj",
        (Inner::Value, _) => "self_attn.v_proj",
        (Inner::QueryKeyValue, _) => "self_attn.qkv_proj",
        (Inner::QueryNorm, _) => "self_attn.q_norm",
        (Inner::KeyNorm, _) => "self_attn.k_norm",
        (Inner::AttentionOutput, Family::Phi) => "self_attn.dense",
        (Inner::AttentionOutput, _) => "self_attn.o_proj",
        (Inner::AttentionPostNorm, _) => "post_attention_layernorm",
        (Inner::FeedForwardNorm, Family::Gemma2) => "pre_feedforward_layernorm",
        (Inner::FeedForwardNorm, _) => "post_attention_layernorm",
        (Inner::Gate, _) => "mlp.gate_proj",
        (Inner::Up, Family::Phi) => "mlp.fc1",
        (Inner::Up, _) => "mlp.up_proj",
        (Inner::GateUp, _) => "mlp.gate_up_proj",
        (Inner::Down, Family::Phi) => "mlp.fc2",
        (Inner::Down, _) => "mlp.down_proj",
        (Inner::FeedForwardPostNorm, _) => "post_feedforward_layernorm",
    }
}

fn gguf(part: Inner) -> &'static str {
    match part {
        Inner::AttentionNorm => "attn_norm",
        Inner::Query => "attn_q",
        Inner::Key => "attn_k",
        Inner::Value => "attn_v",
        Inner::QueryKeyValue => "attn_qkv",
        Inner::QueryNorm => "attn_q_norm",
        Inner::KeyNorm => "attn_k_norm",
        Inner::AttentionOutput => "attn_output",
        Inner::AttentionPostNorm => "post_attention_norm",
        Inner::FeedForwardNorm => "ffn_norm",
        Inner::Gate => "ffn_gate",
        // Phi-3 has gate and up in one tensor under the name of the second.
        Inner::Up | Inner::GateUp => "ffn_up",
        Inner::Down => "ffn_down",
        Inner::FeedForwardPostNorm => "post_ffw_norm",
    }
}
