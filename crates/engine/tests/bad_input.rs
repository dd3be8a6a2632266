//! Every way in which a model folder can be broken is an error that names the file, and a request that cannot be answered fails
//! alone, in words.
mod gguf_file;

use gguf_file::{float_bytes, Value};
use laurel_engine::{
    CallerId, EmbeddingEngine, EmbeddingOptions, EngineError, SamplerKey, SamplingParams, TextEngine, TextEvent,
    TextOptions, TextRequest,
};
use safetensors::tensor::{Dtype, TensorView};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;

const HIDDEN: usize = 16;
const VOCAB: usize = 8;
/// Reading it fills the residual stream with numbers whose squares overflow.
const POISON: u32 = 7;

type Weights = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

/// Numbers between -1 and 1 that follow from their place.
fn small(count: usize, seed: usize) -> Vec<f32> {
    let at = |index: usize| ((index * 37 + seed * 11) % 97) as f32 / 48.5 - 1.0;
    (0..count).map(at).collect()
}

fn tensor(weights: &mut Weights, name: &str, shape: &[usize]) {
    let values = if shape.len() == 1 {
        vec![1.0; shape[0]]
    } else {
        small(shape.iter().product(), name.len())
    };
    weights.insert(name.to_owned(), (shape.to_vec(), values));
}

/// A Llama of one layer.
fn llama() -> Weights {
    let mut weights = Weights::new();
    tensor(&mut weights, "model.embed_tokens.weight", &[VOCAB, HIDDEN]);
    tensor(&mut weights, "model.norm.weight", &[HIDDEN]);
    let layer = "model.layers.0.";
    for norm in ["input_layernorm", "post_attention_layernorm"] {
        tensor(&mut weights, &format!("{layer}{norm}.weight"), &[HIDDEN]);
    }
    for name in [
        "self_attn.q_proj",
        "self_attn.k_proj",
        "self_attn.v_proj",
        "self_attn.o_proj",
    ] {
        tensor(&mut weights, &format!("{layer}{name}.weight"), &[HIDDEN, HIDDEN]);
    }
    for name in ["mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"] {
        tensor(&mut weights, &format!("{layer}{name}.weight"), &[HIDDEN, HIDDEN]);
    }
    weights
}

fn save(path: &Path, weights: &Weights) {
    let data: Vec<_> = weights
        .iter()
        .map(|(name, (shape, values))| (name, shape, float_bytes(values)))
        .collect();
    let views = data.iter().map(|(name, shape, bytes)| {
        (
            name.as_str(),
            TensorView::new(Dtype::F32, (*shape).clone(), bytes).unwrap(),
        )
    });
    std::fs::write(path, safetensors::serialize(views, None).unwrap()).unwrap();
}

fn llama_config() -> serde_json::Value {
    json!({"model_type": "llama", "vocab_size": VOCAB, "hidden_size": HIDDEN, "intermediate_size": HIDDEN,
        "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 2, "max_position_embeddings": 64,
        "rms_norm_eps": 1e-5, "tie_word_embeddings": true, "eos_token_id": []})
}

/// Tokens `a`, `b` and so on, by spaces.
fn tokenizer(tokens: usize) -> serde_json::Value {
    let vocabulary: serde_json::Map<_, _> = (0..tokens)
        .map(|id| (char::from(b'a' + id as u8).to_string(), id.into()))
        .collect();
    json!({"version": "1.0", "added_tokens": [], "pre_tokenizer": {"type": "Whitespace"},
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "a"}})
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new(config: &serde_json::Value, weights: &Weights, tokens: usize) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.write("config.json", config.to_string());
        folder.write("tokenizer.json", tokenizer(tokens).to_string());
        save(&folder.path("model.safetensors"), weights);
        folder
    }

    fn llama() -> Self {
        Self::new(&llama_config(), &llama(), VOCAB)
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    fn load(&self) -> Result<TextEngine, EngineError> {
        TextEngine::load(
            self.0.path(),
            TextOptions {
                threads: Some(1),
                ..Default::default()
            },
        )
    }

    /// Loading fails in one line that has all these words.
    fn refuses(&self, words: &[&str]) {
        says(self.load().err().expect("refused"), words);
    }
}

fn says(error: EngineError, words: &[&str]) {
    let text = error.to_string();
    assert!(!text.contains('\n'), "{text}");
    for word in words {
        assert!(text.contains(word), "{text:?} does not say {word:?}");
    }
}

fn request(prompt: &[u32]) -> TextRequest {
    TextRequest {
        prompt: prompt.to_vec(),
        max_tokens: 12,
        stop: Vec::new(),
        sampling: SamplingParams::GREEDY,
        key: SamplerKey([1; 32]),
        caller: CallerId::default(),
        proof: false,
    }
}

fn answer(mut events: tokio::sync::mpsc::UnboundedReceiver<TextEvent>) -> Result<Vec<u32>, EngineError> {
    loop {
        match events.blocking_recv().expect("an end is told") {
            TextEvent::Token { .. } => (),
            TextEvent::Done { completion, .. } => return Ok(completion),
            TextEvent::Failed(error) => return Err(error),
        }
    }
}

#[test]
fn a_cut_or_altered_safetensors_file_is_named() {
    let folder = Folder::llama();
    folder.load().unwrap();
    let whole = std::fs::read(folder.path("model.safetensors")).unwrap();
    let header = u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
    for cut in [0, 7, 8, 100, 8 + header, whole.len() - 1] {
        folder.write("model.safetensors", &whole[..cut]);
        folder.refuses(&["model.safetensors", "fetch or convert the model again"]);
    }
    let altered = |change: &dyn Fn(String) -> String, words: &[&str]| {
        let text = String::from_utf8(whole[8..8 + header].to_vec()).unwrap();
        let changed = change(text);
        let mut file = (changed.len() as u64).to_le_bytes().to_vec();
        file.extend(changed.as_bytes());
        file.extend(&whole[8 + header..]);
        folder.write("model.safetensors", file);
        folder.refuses(&[&["model.safetensors"], words].concat());
    };
    altered(&|text| text.replace("\"F32\"", "\"F8_E4M3\""), &["F8_E4M3"]);
    altered(
        &|text| text.replacen("model.norm.weight", "model.embed_tokens.weight", 1),
        &["twice"],
    );
    altered(&|text| text.replacen("[16]", "[4611686018427387904,16]", 1), &["shape"]);
    altered(&|text| text.replace("\"shape\"", "\"form\""), &["lacks"]);
    let overlapping = |text: String| {
        let mut header: serde_json::Value = serde_json::from_str(&text).unwrap();
        header["model.norm.weight"]["data_offsets"] =
            header["model.layers.0.input_layernorm.weight"]["data_offsets"].clone();
        header.to_string()
    };
    altered(&overlapping, &["share bytes"]);
}

#[test]
fn tensors_of_another_shape_or_type_or_that_are_not_there_are_named() {
    let with = |change: &dyn Fn(&mut Weights)| {
        let mut weights = llama();
        change(&mut weights);
        Folder::new(&llama_config(), &weights, VOCAB)
    };
    let name = "model.layers.0.self_attn.k_proj.weight";
    let wrong = with(&|weights| drop(weights.insert(name.into(), (vec![HIDDEN, 8], vec![0.0; 8 * HIDDEN]))));
    wrong.refuses(&["model.safetensors", name, "[16, 8]", "[16, 16]"]);
    let missing = with(&|weights| drop(weights.remove(name)));
    missing.refuses(&["model.safetensors", "no tensor", name]);
    let biased = with(&|weights| tensor(weights, "model.layers.0.self_attn.q_proj.bias", &[HIDDEN]));
    biased.refuses(&["q_proj.bias"]);
    let whole = Folder::llama();
    let bytes = std::fs::read(whole.path("model.safetensors")).unwrap();
    let text = String::from_utf8_lossy(&bytes[8..]).replacen("\"F32\"", "\"I32\"", 1);
    let mut integers = bytes;
    integers[8..8 + 200].copy_from_slice(&text.as_bytes()[..200]);
    whole.write("model.safetensors", integers);
    whole.refuses(&["model.safetensors", "whole numbers"]);
}

#[test]
fn a_weight_that_is_not_finite_is_found_at_load() {
    for odd in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut weights = llama();
        weights.get_mut("model.layers.0.mlp.up_proj.weight").unwrap().1[100] = odd;
        let folder = Folder::new(&llama_config(), &weights, VOCAB);
        folder.refuses(&["model.safetensors", "mlp.up_proj", "not finite"]);
    }
}

#[test]
fn numbers_that_overflow_fail_their_own_request_and_no_other() {
    let mut weights = llama();
    let set = |weights: &mut Weights, name: &str, value: &dyn Fn(usize, usize) -> Option<f32>| {
        let values = &mut weights.get_mut(name).unwrap().1;
        for (index, place) in values.iter_mut().enumerate() {
            *place = value(index / HIDDEN, index % HIDDEN).unwrap_or(*place);
        }
    };
    // The first number of a state is 0 but for one token, and nothing but the feed-forward layer reads it: there it overflows.
    let poison = |row: usize, column: usize| (column == 0).then_some(f32::from(u8::from(row == POISON as usize)));
    set(&mut weights, "model.embed_tokens.weight", &poison);
    set(&mut weights, "model.layers.0.self_attn.o_proj.weight", &|row, _| {
        (row == 0).then_some(0.0)
    });
    for name in ["gate", "up"] {
        set(
            &mut weights,
            &format!("model.layers.0.mlp.{name}_proj.weight"),
            &|_, column| (column == 0).then_some(1e30),
        );
    }
    // Nobody shall pick it.
    let mut config = llama_config();
    config["tie_word_embeddings"] = false.into();
    tensor(&mut weights, "lm_head.weight", &[VOCAB, HIDDEN]);
    set(&mut weights, "lm_head.weight", &|row, _| {
        (row == POISON as usize).then_some(0.0)
    });
    let folder = Folder::new(&config, &weights, VOCAB);
    let engine = folder.load().unwrap();
    let good = [request(&[1, 2, 3]), request(&[4, 5])];
    let alone: Vec<_> = good
        .iter()
        .map(|good| answer(engine.submit(good.clone()).unwrap()).unwrap())
        .collect();
    // All of them are in the queue before the worker takes the first.
    let bad = engine.submit(request(&[1, 2, POISON])).unwrap();
    let others: Vec<_> = good.iter().map(|good| engine.submit(good.clone()).unwrap()).collect();
    says(answer(bad).unwrap_err(), &["not a number", "intact model"]);
    for (other, alone) in others.into_iter().zip(&alone) {
        assert_eq!(&answer(other).unwrap(), alone);
    }
    let checked = engine.check(
        &[1, POISON],
        &[2, 3],
        &SamplingParams::GREEDY,
        &SamplerKey([1; 32]),
        None,
    );
    says(checked.unwrap_err(), &["not a number"]);
    assert_eq!(
        answer(engine.submit(good[0].clone()).unwrap()).unwrap(),
        alone[0],
        "and the engine goes on"
    );
}

#[test]
fn a_tokenizer_that_does_not_fit_is_named() {
    let folder = Folder::new(&llama_config(), &llama(), VOCAB + 1);
    folder.refuses(&["tokenizer.json", "8 tokens"]);
    let folder = Folder::llama();
    folder.write("generation_config.json", r#"{"eos_token_id": [3, 70000]}"#);
    folder.refuses(&["generation_config.json", "70000"]);
    folder.write("generation_config.json", r#"{"eos_token_id": -1}"#);
    folder.refuses(&["generation_config.json"]);
    folder.write("generation_config.json", r#"{"eos_token_id": [3]}"#);
    assert_eq!(folder.load().unwrap().tokenizer().eos_ids(), [3]);
    folder.write(
        "tokenizer.json",
        r#"{"model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"],
        "continuing_subword_prefix": "longer than a token"}}"#,
    );
    folder.refuses(&["tokenizer.json", "not usable"]);
    folder.write("tokenizer.json", "{}");
    folder.refuses(&["tokenizer.json", "not usable"]);
}

#[test]
fn broken_utf8_in_a_file_of_the_folder_is_named() {
    for name in [
        "config.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "generation_config.json",
        "chat_template.jinja",
    ] {
        let folder = Folder::llama();
        let mut bytes = std::fs::read(folder.path(name)).unwrap_or_else(|_| b"{\"bos_token\": \"x\"}".to_vec());
        let at = bytes.iter().rposition(|byte| byte.is_ascii_lowercase()).unwrap();
        bytes[at] = 0xff;
        folder.write(name, bytes);
        folder.refuses(&[name, "not usable"]);
    }
}

#[test]
fn a_template_at_which_its_library_panics_is_a_bad_request() {
    let folder = Folder::llama();
    folder.write("chat_template.jinja", "{{ messages[::-1] }}");
    let engine = folder.load().unwrap();
    let error = engine.tokenizer().encode_chat(&[]).unwrap_err();
    assert!(error.is_bad_request());
    says(error, &["template"]);
}

#[test]
fn requests_beyond_the_context_and_impossible_sampling_are_bad_requests_in_words() {
    let engine = Folder::llama().load().unwrap();
    let refused = |request: TextRequest, words: &[&str]| {
        let error = engine.submit(request).expect_err("refused");
        assert!(error.is_bad_request(), "{error}");
        says(error, words);
    };
    refused(
        TextRequest {
            max_tokens: 1,
            ..request(&[1; 64])
        },
        &["64", "context", "shorten"],
    );
    refused(
        TextRequest {
            max_tokens: usize::MAX,
            ..request(&[1])
        },
        &["context of 64"],
    );
    refused(request(&[VOCAB as u32]), &["token 8"]);
    refused(request(&[]), &["no tokens"]);
    for sampling in [
        SamplingParams {
            temperature_milli: 10_001,
            ..Default::default()
        },
        SamplingParams {
            top_p_milli: 0,
            ..Default::default()
        },
        SamplingParams {
            top_p_milli: 1001,
            ..Default::default()
        },
    ] {
        refused(
            TextRequest {
                sampling,
                ..request(&[1])
            },
            &[if sampling.temperature_milli > 10_000 {
                "temperature"
            } else {
                "top"
            }],
        );
    }
    assert_eq!(answer(engine.submit(request(&[1, 2])).unwrap()).unwrap().len(), 12);
}

type Metadata = Vec<(String, Value)>;
type Tensors = Vec<gguf_file::Tensor>;

/// A GGUF file of a Llama of one layer whose matrices have 256 columns.
fn gguf(kind: u32, rows_bytes: usize) -> (Metadata, Tensors) {
    let wide = 256;
    let said = [
        ("context_length", 64),
        ("embedding_length", wide),
        ("block_count", 1),
        ("feed_forward_length", wide),
        ("attention.head_count", 4),
        ("attention.head_count_kv", 4),
    ];
    let mut metadata = vec![("general.architecture".to_owned(), Value::Text("llama".into()))];
    metadata.extend(said.map(|(key, number)| (format!("llama.{key}"), Value::Integer(number))));
    metadata.push(("llama.attention.layer_norm_rms_epsilon".into(), Value::Float(1e-5)));
    let wide = wide as usize;
    let mut tensors: Vec<gguf_file::Tensor> = ["output_norm", "blk.0.attn_norm", "blk.0.ffn_norm"]
        .map(|name| (format!("{name}.weight"), vec![wide], 0, float_bytes(&vec![1.0; wide])))
        .to_vec();
    let matrix = |name: &str, rows: usize| {
        (
            format!("{name}.weight"),
            vec![rows, wide],
            kind,
            vec![0; rows * rows_bytes],
        )
    };
    tensors.push(matrix("token_embd", VOCAB));
    for name in [
        "attn_q",
        "attn_k",
        "attn_v",
        "attn_output",
        "ffn_gate",
        "ffn_up",
        "ffn_down",
    ] {
        tensors.push(matrix(&format!("blk.0.{name}"), wide));
    }
    (metadata, tensors)
}

#[test]
fn a_gguf_file_that_lies_about_itself_is_named() {
    let folder = Folder(tempfile::tempdir().unwrap());
    folder.write("tokenizer.json", tokenizer(VOCAB).to_string());
    let (said, tensors) = gguf(12, 144);
    let put = |said: &[(String, Value)], tensors: &[gguf_file::Tensor]| {
        folder.write("model.gguf", gguf_file::write(said, tensors));
    };
    put(&said, &tensors);
    folder.load().unwrap();
    let changed = |change: &dyn Fn(&mut Metadata, &mut Tensors), words: &[&str]| {
        let (mut said, mut tensors) = (said.clone(), tensors.clone());
        change(&mut said, &mut tensors);
        put(&said, &tensors);
        folder.refuses(&[&["model.gguf"], words].concat());
    };
    changed(&|said, _| said.push(said[1].clone()), &["twice"]);
    changed(&|said, _| said[0].1 = Value::Text("mamba".into()), &["mamba"]);
    changed(&|said, _| drop(said.remove(2)), &["embedding_length"]);
    changed(&|said, _| said[2].1 = Value::Integer(512), &["shape"]);
    changed(&|said, _| said[2].1 = Value::Text("256".into()), &["embedding_length"]);
    changed(
        &|_, tensors| tensors.push(tensors[0].clone()),
        &["output_norm.weight", "twice"],
    );
    changed(&|_, tensors| tensors[4].2 = 99, &["attn_q", "type 99"]);
    changed(
        &|_, tensors| tensors[4].1 = vec![512, 128],
        &["attn_q", "multiple of the 256"],
    );
    // Its bytes are 0 to whoever multiplies without looking.
    changed(&|_, tensors| tensors[0].1 = vec![1 << 62], &["output_norm", "shape"]);
    changed(
        &|_, tensors| tensors[4].1 = vec![1 << 40, 1 << 40],
        &["attn_q", "shape"],
    );
    changed(&|_, tensors| drop(tensors.remove(4)), &["no tensor", "attn_q"]);
    changed(
        &|_, tensors| tensors[0].3[0..4].copy_from_slice(&f32::NAN.to_le_bytes()),
        &["output_norm", "not finite"],
    );
    // The scale of a block.
    changed(
        &|_, tensors| tensors[5].3[0..2].copy_from_slice(&[0, 0x7c]),
        &["attn_k", "not finite"],
    );
    changed(
        &|said, _| said.push(("general.alignment".into(), Value::Integer(33))),
        &["alignment"],
    );
    changed(
        &|said, _| said.push(("general.alignment".into(), Value::Integer(64))),
        &["model.gguf"],
    );
}

/// A BERT of one layer whose last token cannot be computed.
fn bert() -> (serde_json::Value, Weights) {
    let config = json!({"model_type": "bert", "vocab_size": VOCAB, "hidden_size": HIDDEN, "num_hidden_layers": 1,
        "num_attention_heads": 2, "intermediate_size": HIDDEN, "hidden_act": "gelu", "max_position_embeddings": 32,
        "type_vocab_size": 2, "layer_norm_eps": 1e-12});
    let mut weights = Weights::new();
    for (name, rows) in [("word", VOCAB), ("position", 32), ("token_type", 2)] {
        tensor(
            &mut weights,
            &format!("embeddings.{name}_embeddings.weight"),
            &[rows, HIDDEN],
        );
    }
    let layer = "encoder.layer.0.";
    for name in [
        "embeddings.LayerNorm",
        "encoder.layer.0.attention.output.LayerNorm",
        "encoder.layer.0.output.LayerNorm",
    ] {
        tensor(&mut weights, &format!("{name}.weight"), &[HIDDEN]);
        tensor(&mut weights, &format!("{name}.bias"), &[HIDDEN]);
    }
    for name in [
        "attention.self.query",
        "attention.self.key",
        "attention.self.value",
        "attention.output.dense",
        "intermediate.dense",
        "output.dense",
    ] {
        tensor(&mut weights, &format!("{layer}{name}.weight"), &[HIDDEN, HIDDEN]);
        tensor(&mut weights, &format!("{layer}{name}.bias"), &[HIDDEN]);
    }
    (config, weights)
}

#[test]
fn an_embedding_that_cannot_be_computed_fails_its_own_request() {
    let (config, mut weights) = bert();
    weights.get_mut("embeddings.word_embeddings.weight").unwrap().1[POISON as usize * HIDDEN..].fill(3e38);
    let folder = Folder::new(&config, &weights, VOCAB);
    let engine = EmbeddingEngine::load(folder.0.path(), EmbeddingOptions::default()).unwrap();
    let texts = ["a b c", "d e"].map(str::to_owned).to_vec();
    let alone = engine.embed_blocking(texts.clone()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    // Gathered into one batch.
    let (bad, good) = runtime.block_on(async { tokio::join!(engine.embed(vec!["a h".into()]), engine.embed(texts)) });
    says(bad.unwrap_err(), &["embedding", "intact model"]);
    assert_eq!(good.unwrap(), alone);
}

#[test]
fn an_embedding_model_that_is_broken_is_named() {
    let (config, weights) = bert();
    let refuses = |config: &serde_json::Value, weights: &Weights, tokens: usize, words: &[&str]| {
        let folder = Folder::new(config, weights, tokens);
        let error = EmbeddingEngine::load(folder.0.path(), EmbeddingOptions::default())
            .err()
            .expect("refused");
        says(error, words);
    };
    refuses(&config, &weights, VOCAB + 1, &["tokenizer.json", "9 tokens"]);
    let mut spoiled = weights.clone();
    spoiled.get_mut("encoder.layer.0.output.dense.bias").unwrap().1[3] = f32::NAN;
    refuses(
        &config,
        &spoiled,
        VOCAB,
        &["model.safetensors", "output.dense.bias", "not finite"],
    );
    let mut wide = config.clone();
    wide["num_attention_heads"] = 3.into();
    refuses(&wide, &weights, VOCAB, &["config.json", "num_attention_heads"]);
    wide["hidden_size"] = 1024.into();
    wide["num_attention_heads"] = 2.into();
    refuses(&wide, &weights, VOCAB, &["config.json", "512 wide"]);
}
