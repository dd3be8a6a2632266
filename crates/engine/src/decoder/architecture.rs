//! What a decoder-only language model is made of: one forward pass runs every family, told by this description.
use super::rope::Rope;
use crate::kernels::Activation;

/// The families that run, each a set of choices in an [`Architecture`] and of tensor names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Llama and Mistral.
    Llama,
    /// Qwen2 and Qwen2.5: biases on query, key and value.
    Qwen2,
    /// Qwen3: norms on the heads of query and key.
    Qwen3,
    /// Gemma.
    Gemma,
    /// Gemma 2 and 3: norms behind attention and feed-forward, too.
    Gemma2,
    /// Phi-3: fused projections.
    Phi3,
    /// Phi-1.5 and Phi-2: layer norms, biases, attention beside feed-forward.
    Phi,
}

/// An activation by the name that configurations use.
pub(crate) fn activation(name: &str) -> Option<Activation> {
    Some(match name {
        "silu" | "swish" => Activation::Silu,
        "gelu_pytorch_tanh" | "gelu_new" | "gelu_fast" => Activation::GeluTanh,
        "gelu" => Activation::Gelu,
        _ => return None,
    })
}

/// How a row is brought to unit size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NormKind {
    /// By the root of the mean square.
    Rms,
    /// As [`NormKind::Rms`], where the checkpoint holds weights less one.
    RmsPlusOne,
    /// By mean and deviation, with a bias.
    Layer,
}

/// What differs from layer to layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerKind {
    /// Positions that a token sees, itself included; all if not given.
    pub window: Option<usize>,
    /// Index into [`Architecture::ropes`].
    pub rope: usize,
}

/// A model's description. Sizes were checked by [`Architecture::problem`].
#[derive(Clone, Debug, PartialEq)]
pub struct Architecture {
    /// Names of tensors follow from it.
    pub family: Family,
    /// Tokens in the vocabulary.
    pub vocab_size: usize,
    /// Width of the residual stream.
    pub hidden_size: usize,
    /// Width of the feed-forward layer.
    pub intermediate_size: usize,
    /// Query heads.
    pub heads: usize,
    /// Key and value heads, each shared by an equal number of query heads.
    pub kv_heads: usize,
    /// Width of a head.
    pub head_width: usize,
    /// Longest sequence, in tokens.
    pub context: usize,
    /// The layers.
    pub layers: Vec<LayerKind>,
    /// Rotary embeddings.
    pub ropes: Vec<Rope>,
    /// Which norm.
    pub norm: NormKind,
    /// Added to the mean square before its root is taken.
    pub epsilon: f32,
    /// Nonlinearity of the feed-forward layer.
    pub activation: Activation,
    /// Whether the output layer is the embedding.
    pub tied: bool,
    /// Factor of embeddings.
    pub embedding_scale: f32,
    /// Factor of the products of queries and keys.
    pub attention_scale: f32,
    /// `c tanh(x / c)` is taken of scores.
    pub attention_cap: Option<f32>,
    /// `c tanh(x / c)` is taken of logits.
    pub logit_cap: Option<f32>,
    /// Whether query, key and value have biases.
    pub qkv_bias: bool,
    /// Whether each head of query and key is normed.
    pub head_norms: bool,
}

impl Architecture {
    /// Whether there are norms behind attention and feed-forward.
    pub fn has_post_norms(&self) -> bool {
        self.family == Family::Gemma2
    }

    /// Whether attention and feed-forward read the same normed input and every projection has a bias; the feed-forward layer
    /// then has no gate.
    pub fn is_parallel(&self) -> bool {
        self.family == Family::Phi
    }

    /// Width of all query heads.
    pub fn query_width(&self) -> usize {
        self.heads * self.head_width
    }

    /// Width of all key heads, and of all value heads.
    pub fn kv_width(&self) -> usize {
        self.kv_heads * self.head_width
    }

    /// Why this engine cannot run such a model, if it cannot.
    pub fn problem(&self) -> Option<String> {
        let sizes = [
            ("the vocabulary", self.vocab_size, 1 << 20),
            ("the hidden size", self.hidden_size, 1 << 16),
            ("the feed-forward size", self.intermediate_size, 1 << 18),
            ("the number of layers", self.layers.len(), 1024),
            ("the number of heads", self.heads, 1024),
            ("the number of key and value heads", self.kv_heads, 1024),
            ("the context", self.context, 1 << 20),
        ];
        if let Some((name, size, limit)) = sizes.iter().find(|(_, size, limit)| *size == 0 || size > limit) {
            return Some(format!("{name} is {size}, expected 1 to {limit}"));
        }
        if !self.heads.is_multiple_of(self.kv_heads) {
            return Some(format!(
                "{} heads cannot share {} key heads equally",
                self.heads, self.kv_heads
            ));
        }
        let width = self.head_width;
        if width == 0 || !width.is_multiple_of(2) || width > 256 {
            return Some(format!("heads are {width} wide, expected an even number up to 256"));
        }
        let positive = |value: f32| value > 0.0 && value.is_finite();
        if !(positive(self.epsilon) && self.epsilon < 1.0) {
            return Some(format!(
                "the norms' epsilon is {}, expected between 0 and 1",
                self.epsilon
            ));
        }
        let caps = [self.attention_cap, self.logit_cap].into_iter().flatten();
        let mut scales = caps.chain([self.embedding_scale, self.attention_scale]);
        if let Some(odd) = scales.find(|scale| !positive(*scale)) {
            return Some(format!("a scale or cap is {odd}, expected a positive number"));
        }
        if self.layers.iter().any(|layer| layer.window == Some(0)) {
            return Some("the sliding window is 0".into());
        }
        self.ropes.iter().find_map(|rope| rope.problem(width))
    }
}
