//! The kinds of encoders besides MiniLM compute what transformers computes: one that pools by its first token, as BGE does, and those of
//! the RoBERTa kind, whose positions count on from the padding's, as multilingual E5 is.
//!
//! The models are small and random, made here; `scripts/setup.sh --ci` makes the environment of the other implementation.
mod python;

use laurel_engine::{EmbeddingEngine, EmbeddingOptions};
use safetensors::tensor::{Dtype, TensorView};
use serde_json::{json, Value};
use std::path::Path;

const VOCAB: usize = 64;
const HIDDEN: usize = 48;
const WIDE: usize = 80;
const POSITIONS: usize = 40;

/// SplitMix64 from a tensor's name.
fn values(name: &str, shape: &[usize]) -> Vec<f32> {
    let mut state = name.bytes().fold(1u64, |state, byte| {
        state.wrapping_mul(0x100_0000_01b3) ^ u64::from(byte)
    });
    let is_norm = name.ends_with("LayerNorm.weight");
    let scale = if shape.len() == 1 {
        0.25
    } else {
        1.7 / (shape[1] as f32).sqrt()
    };
    (0..shape.iter().product())
        .map(|_| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            let unit = ((z ^ z >> 31) >> 40) as f32 / (1 << 23) as f32 - 1.0;
            unit * scale + f32::from(u8::from(is_norm))
        })
        .collect()
}

fn tensors(kinds: usize) -> Vec<(String, Vec<usize>)> {
    let mut tensors = Vec::new();
    for (name, rows) in [("word", VOCAB), ("position", POSITIONS), ("token_type", kinds)] {
        tensors.push((format!("embeddings.{name}_embeddings.weight"), vec![rows, HIDDEN]));
    }
    let mut norms = vec!["embeddings.LayerNorm".to_owned()];
    for layer in 0..3 {
        let part = |name: &str| format!("encoder.layer.{layer}.{name}");
        norms.extend([part("attention.output.LayerNorm"), part("output.LayerNorm")]);
        let square = [
            "attention.self.query",
            "attention.self.key",
            "attention.self.value",
            "attention.output.dense",
        ];
        let shapes = square.map(|name| (name, HIDDEN, HIDDEN)).into_iter();
        for (name, out, input) in shapes.chain([("intermediate.dense", WIDE, HIDDEN), ("output.dense", HIDDEN, WIDE)]) {
            tensors.push((part(&format!("{name}.weight")), vec![out, input]));
            tensors.push((part(&format!("{name}.bias")), vec![out]));
        }
    }
    for norm in norms {
        tensors.push((format!("{norm}.weight"), vec![HIDDEN]));
        tensors.push((format!("{norm}.bias"), vec![HIDDEN]));
    }
    tensors
}

/// Words `w4` to `w63`, between a token for the beginning and one for the end.
fn tokenizer(begin: &str, end: &str) -> Value {
    let special = [begin, "<pad>", end, "<unk>"];
    let word = |id: usize| {
        special
            .get(id)
            .map_or_else(|| format!("w{id}"), |name| (*name).to_owned())
    };
    let vocabulary: serde_json::Map<_, _> = (0..VOCAB).map(|id| (word(id), id.into())).collect();
    let added: Vec<_> = (0..4)
        .map(|id| {
            json!({"id": id, "content": special[id], "single_word": false, "lstrip": false, "rstrip": false,
                "normalized": false, "special": true})
        })
        .collect();
    let token = |name: &str| json!({"SpecialToken": {"id": name, "type_id": 0}});
    let text = |kind: &str| json!({"Sequence": {"id": kind, "type_id": 0}});
    json!({"version": "1.0", "truncation": null, "padding": null, "added_tokens": added, "normalizer": null,
        "pre_tokenizer": {"type": "Whitespace"}, "decoder": null,
        "post_processor": {"type": "TemplateProcessing", "single": [token(begin), text("A"), token(end)],
            "pair": [token(begin), text("A"), token(end), text("B"), token(end)],
            "special_tokens": {begin: {"id": begin, "ids": [0], "tokens": [begin]}, end: {"id": end, "ids": [2], "tokens": [end]}}},
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "<unk>"}})
}

struct Kind {
    model_type: &'static str,
    /// As `1_Pooling/config.json` names it.
    pooling: &'static str,
    /// Kinds of sentences.
    kinds: usize,
    ends: (&'static str, &'static str),
}

fn write(kind: &Kind, folder: &Path) {
    let config = json!({"model_type": kind.model_type, "vocab_size": VOCAB, "hidden_size": HIDDEN, "num_hidden_layers": 3,
        "num_attention_heads": 4, "intermediate_size": WIDE, "hidden_act": "gelu", "max_position_embeddings": POSITIONS,
        "type_vocab_size": kind.kinds, "layer_norm_eps": 1e-5, "pad_token_id": 1, "position_embedding_type": "absolute",
        "bos_token_id": 0, "eos_token_id": 2});
    let (begin, end) = kind.ends;
    let words = json!({"tokenizer_class": "PreTrainedTokenizerFast", "cls_token": begin, "bos_token": begin, "sep_token": end,
        "eos_token": end, "pad_token": "<pad>", "unk_token": "<unk>", "model_max_length": POSITIONS - 2});
    let pooling = json!({"word_embedding_dimension": HIDDEN, "pooling_mode_cls_token": kind.pooling == "cls_token",
        "pooling_mode_mean_tokens": kind.pooling == "mean_tokens", "pooling_mode_max_tokens": false});
    let modules = json!([{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
        {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]);
    std::fs::create_dir_all(folder.join("1_Pooling")).unwrap();
    for (name, value) in [
        ("config.json", config),
        ("tokenizer.json", tokenizer(begin, end)),
        ("tokenizer_config.json", words),
        ("1_Pooling/config.json", pooling),
        ("modules.json", modules),
        ("sentence_bert_config.json", json!({"max_seq_length": POSITIONS - 2})),
    ] {
        std::fs::write(folder.join(name), value.to_string()).unwrap();
    }
    let data: Vec<(String, Vec<usize>, Vec<u8>)> = tensors(kind.kinds)
        .into_iter()
        .map(|(name, shape)| {
            let bytes = values(&name, &shape)
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect();
            (name, shape, bytes)
        })
        .collect();
    let views = data.iter().map(|(name, shape, bytes)| {
        (
            name.as_str(),
            TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap(),
        )
    });
    // The other implementation asks for this remark.
    let remarks = std::collections::HashMap::from([("format".to_owned(), "pt".to_owned())]);
    std::fs::write(
        folder.join("model.safetensors"),
        safetensors::serialize(views, Some(remarks)).unwrap(),
    )
    .unwrap();
}

fn compare(kind: &Kind) {
    let folder = tempfile::tempdir().unwrap();
    write(kind, folder.path());
    // Of one word to nearly as many as fit; one of them unknown.
    let texts: Vec<String> = [1, 2, 5, 17, POSITIONS - 4]
        .iter()
        .map(|words| {
            let word = |at: usize| format!("w{}", 4 + (at * 23 + words * 5) % 61);
            (0..*words).map(word).collect::<Vec<_>>().join(" ")
        })
        .collect();
    let engine = EmbeddingEngine::load(folder.path(), EmbeddingOptions::default()).unwrap();
    let ours = engine.embed_blocking(texts.clone()).unwrap();
    let theirs = python::reference_vectors(folder.path(), &texts);
    assert_eq!(theirs.len(), ours.len());
    for ((text, ours), theirs) in texts.iter().zip(&ours).zip(&theirs) {
        let off = ours
            .iter()
            .zip(theirs)
            .map(|(a, b)| (a - b).abs())
            .fold(0f32, |most, off| if off <= most { most } else { off });
        println!(
            "{} by {}: {} words, off by {off}",
            kind.model_type,
            kind.pooling,
            text.split(' ').count()
        );
        assert!(
            off < 1e-5,
            "{} by {}: {text:?} is off by {off}",
            kind.model_type,
            kind.pooling
        );
    }
}

#[test]
fn a_bert_that_pools_by_its_first_token_computes_what_transformers_computes() {
    compare(&Kind {
        model_type: "bert",
        pooling: "cls_token",
        kinds: 2,
        ends: ("[CLS]", "[SEP]"),
    });
}

#[test]
fn encoders_of_the_roberta_kind_compute_what_transformers_computes() {
    for (model_type, pooling) in [("xlm-roberta", "mean_tokens"), ("roberta", "cls_token")] {
        compare(&Kind {
            model_type,
            pooling,
            kinds: 1,
            ends: ("<s>", "</s>"),
        });
    }
}
