//! What a GGUF file says about its model, for the families that run.
use super::architecture::{Architecture, Family, LayerKind, NormKind};
use super::rope::{Rope, Stretch};
use crate::checkpoint::{Checkpoint, Metadata};
use crate::kernels::Activation;
use crate::EngineError;

/// Values of `general.architecture` that run. Mistral calls itself llama.
const ARCHITECTURES: [&str; 8] = ["llama", "qwen2", "qwen3", "gemma", "gemma2", "gemma3", "phi3", "phi2"];

/// Reads and checks the metadata of a GGUF file.
pub(super) fn read(checkpoint: &Checkpoint, metadata: &Metadata) -> Result<Architecture, EngineError> {
    let name = metadata.text("general.architecture").unwrap_or("not given");
    let unsupported = |reason: String| EngineError::unsupported(checkpoint.path(), reason);
    if !ARCHITECTURES.contains(&name) {
        let reason = format!(
            "its architecture is {name}, expected one of {}",
            ARCHITECTURES.join(", ")
        );
        return Err(unsupported(reason));
    }
    let described = Described {
        checkpoint,
        metadata,
        name,
    };
    let architecture = described.describe()?;
    match architecture.problem() {
        None => Ok(architecture),
        Some(problem) => Err(unsupported(problem)),
    }
}

struct Described<'a> {
    checkpoint: &'a Checkpoint,
    metadata: &'a Metadata,
    name: &'a str,
}

impl Described<'_> {
    fn describe(&self) -> Result<Architecture, EngineError> {
        let family = match self.name {
            "qwen2" => Family::Qwen2,
            "qwen3" => Family::Qwen3,
            "gemma" => Family::Gemma,
            "gemma2" | "gemma3" => Family::Gemma2,
            "phi3" => Family::Phi3,
            "phi2" => Family::Phi,
            _ => Family::Llama,
        };
        let is_gemma = matches!(family, Family::Gemma | Family::Gemma2);
        let (hidden_size, heads) = (self.size("embedding_length")?, self.size("attention.head_count")?);
        let layers = self.bounded("block_count", 1024)?;
        let head_width = match self.integer("attention.key_length") {
            Some(width) => width,
            None => hidden_size / heads,
        };
        if head_width > 1024
            || self
                .integer("attention.value_length")
                .is_some_and(|width| width != head_width)
        {
            return Err(self.unsupported("keys and values of different or absurd widths".into()));
        }
        let epsilon = match family {
            Family::Phi => "attention.layer_norm_epsilon",
            _ => "attention.layer_norm_rms_epsilon",
        };
        let ropes = self.ropes(head_width)?;
        // As upstream: the largest of Gemma 2 and 3 scale by the width of the residual stream.
        let scaled = match (self.name, layers) {
            ("gemma2", 46) | ("gemma3", 62) => hidden_size / heads,
            _ => head_width,
        };
        let float = |key: &str| self.float(key).map(|value| value as f32);
        let embedding = self.checkpoint.find("token_embd.weight");
        Ok(Architecture {
            family,
            vocab_size: embedding.and_then(|tensor| tensor.shape.first()).copied().unwrap_or(0),
            hidden_size,
            intermediate_size: self.size("feed_forward_length")?,
            heads,
            kv_heads: self.integer("attention.head_count_kv").unwrap_or(heads),
            head_width,
            context: self.context()?,
            layers: self.layers(layers, ropes.len()),
            ropes,
            norm: if family == Family::Phi {
                NormKind::Layer
            } else {
                NormKind::Rms
            },
            epsilon: float(epsilon).ok_or_else(|| self.missing(epsilon))?,
            activation: if is_gemma || family == Family::Phi {
                Activation::GeluTanh
            } else {
                Activation::Silu
            },
            tied: self.checkpoint.find("output.weight").is_none(),
            embedding_scale: if is_gemma { (hidden_size as f32).sqrt() } else { 1.0 },
            attention_scale: 1.0 / (scaled as f32).sqrt(),
            attention_cap: float("attn_logit_softcapping").or((self.name == "gemma2").then_some(50.0)),
            logit_cap: float("final_logit_softcapping").or((self.name == "gemma2").then_some(30.0)),
            qkv_bias: family == Family::Qwen2 || family == Family::Phi,
            head_norms: family == Family::Qwen3 || self.name == "gemma3",
        })
    }

    /// As for `config.json`: a model with factors for long sequences runs within its original context.
    fn context(&self) -> Result<usize, EngineError> {
        let whole = self.size("context_length")?;
        let original = self.integer("rope.scaling.original_context_length");
        Ok(match self.checkpoint.find("rope_factors_short.weight") {
            Some(_) => original.unwrap_or(whole).min(whole),
            None => whole,
        })
    }

    fn ropes(&self, head_width: usize) -> Result<Vec<Rope>, EngineError> {
        let width = self.integer("rope.dimension_count").unwrap_or(head_width);
        if width > head_width {
            return Err(self.unsupported(format!(
                "the rotary embedding turns {width} numbers of heads of {head_width}"
            )));
        }
        let base = self.float("rope.freq_base").unwrap_or(10_000.0);
        let mut ropes = vec![Rope::new(width, base, &self.stretch(width)?)];
        if self.name == "gemma3" {
            let base = self.float("rope.freq_base_swa").unwrap_or(10_000.0);
            ropes.push(Rope::new(width, base, &Stretch::None));
        }
        Ok(ropes)
    }

    fn stretch(&self, width: usize) -> Result<Stretch, EngineError> {
        for name in ["rope_freqs.weight", "rope_factors_short.weight"] {
            if self.checkpoint.find(name).is_some() {
                let factors = self.checkpoint.floats(name, &[width / 2])?;
                return Ok(Stretch::Each {
                    factors: factors.into_iter().map(f64::from).collect(),
                    magnitude: self.float("rope.scaling.attn_factor").unwrap_or(1.0),
                });
            }
        }
        let scaling = self.metadata.text(&format!("{}.rope.scaling.type", self.name));
        match scaling {
            None | Some("none") => Ok(Stretch::None),
            Some("linear") => Ok(Stretch::Linear {
                factor: self.float("rope.scaling.factor").unwrap_or(1.0),
            }),
            Some(other) => Err(self.unsupported(format!("rope scaling {other} is not supported; none and linear are"))),
        }
    }

    fn layers(&self, count: usize, ropes: usize) -> Vec<LayerKind> {
        let window = self.integer("attention.sliding_window").filter(|window| *window > 0);
        let slides = |layer: usize| match self.name {
            "gemma2" => layer.is_multiple_of(2),
            "gemma3" => !(layer + 1).is_multiple_of(6),
            _ => window.is_some(),
        };
        (0..count)
            .map(|layer| LayerKind {
                window: window.filter(|_| slides(layer)),
                rope: if slides(layer) { ropes - 1 } else { 0 },
            })
            .collect()
    }

    fn integer(&self, key: &str) -> Option<usize> {
        self.metadata.integer(&format!("{}.{key}", self.name))
    }

    fn float(&self, key: &str) -> Option<f64> {
        self.metadata.float(&format!("{}.{key}", self.name))
    }

    fn size(&self, key: &str) -> Result<usize, EngineError> {
        self.bounded(key, 1 << 20)
    }

    fn bounded(&self, key: &str, limit: usize) -> Result<usize, EngineError> {
        let size = self.integer(key).ok_or_else(|| self.missing(key))?;
        if size == 0 || size > limit {
            return Err(self.unsupported(format!("{key} is {size}, expected 1 to {limit}")));
        }
        Ok(size)
    }

    fn missing(&self, key: &str) -> EngineError {
        EngineError::bad_file(self.checkpoint.path(), format!("it does not say {}.{key}", self.name))
    }

    fn unsupported(&self, reason: String) -> EngineError {
        EngineError::unsupported(self.checkpoint.path(), reason)
    }
}
