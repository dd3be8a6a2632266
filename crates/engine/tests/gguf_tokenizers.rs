//! A GGUF file's own tokenizer cuts text as llama.cpp does, for every rule of cutting that is read, and one that is not is refused by
//! name. `scripts/reference-tokenizers.py` made the expectations, on texts of many scripts and vocabularies whose merges reach over
//! every boundary that a rule draws.
mod gguf_file;

use gguf_file::Value as Said;
use laurel_engine::{
    CallerId, ModelDir, SamplerKey, SamplingParams, TextEngine, TextEvent, TextOptions, TextRequest, TextTokenizer,
};
use serde::Deserialize;
use serde_json::{json, Map, Value};
use std::path::Path;

#[derive(Deserialize)]
struct Reference {
    texts: Vec<String>,
    /// What a file of a kind says of its tokens.
    words: Map<String, Value>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    words: String,
    /// What it says besides.
    said: Map<String, Value>,
    /// The ids of each text, each as a character above 255.
    ids: Vec<String>,
}

impl Reference {
    fn read() -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference-tokenizers.json");
        serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
    }

    /// What the file of a case says, with `changes`.
    fn said(&self, case: &Case, changes: Value) -> Map<String, Value> {
        let mut said = self.words[&case.words].as_object().unwrap().clone();
        said.extend(case.said.clone());
        said.extend(changes.as_object().unwrap().clone());
        said
    }
}

fn value(value: &Value) -> Said {
    let texts = |items: &Vec<Value>| -> Option<Vec<String>> {
        items.iter().map(|item| item.as_str().map(str::to_owned)).collect()
    };
    match value {
        Value::String(text) => Said::Text(text.clone()),
        Value::Bool(yes) => Said::Bool(*yes),
        Value::Number(number) => Said::Integer(number.as_u64().unwrap() as u32),
        Value::Array(items) => match texts(items) {
            Some(texts) => Said::Texts(texts),
            None if items[0].is_f64() => Said::Floats(items.iter().map(|item| item.as_f64().unwrap() as f32).collect()),
            None => Said::Integers(items.iter().map(|item| item.as_i64().unwrap() as i32).collect()),
        },
        other => panic!("{other} in the reference"),
    }
}

fn metadata(said: &Map<String, Value>) -> Vec<(String, Said)> {
    let mut metadata = vec![("general.architecture".to_owned(), Said::Text("llama".into()))];
    metadata.extend(said.iter().map(|(key, said)| (key.clone(), value(said))));
    metadata
}

fn tokenizer(said: &Map<String, Value>) -> Result<TextTokenizer, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.gguf");
    std::fs::write(&path, gguf_file::write(&metadata(said), &[])).unwrap();
    let read = TextTokenizer::read(&ModelDir::open(&path).unwrap());
    read.map_err(|error| error.to_string().replace(&folder.path().display().to_string(), ""))
}

#[test]
fn text_is_cut_as_llama_cpp_cuts_it() {
    let reference = Reference::read();
    assert!(reference.texts.len() > 200 && reference.cases.len() >= 10);
    let mut odd = Vec::new();
    for case in &reference.cases {
        let tokenizer = tokenizer(&reference.said(case, json!({}))).unwrap();
        for (text, expected) in reference.texts.iter().zip(&case.ids) {
            let expected: Vec<u32> = expected.chars().map(|id| id as u32 - 0x100).collect();
            let ids = tokenizer.encode(text).unwrap();
            if ids != expected {
                odd.push(format!(
                    "{} {:?}: {text:?} is {ids:?}, llama.cpp {expected:?}",
                    case.words, case.said
                ));
            }
        }
    }
    assert!(
        odd.is_empty(),
        "{} of {}: {:#?}",
        odd.len(),
        reference.texts.len() * reference.cases.len(),
        &odd[..odd.len().min(20)]
    );
}

#[test]
fn tokens_become_the_text_that_they_were_cut_from() {
    let reference = Reference::read();
    for case in &reference.cases {
        let tokenizer = tokenizer(&reference.said(case, json!({}))).unwrap();
        for text in &reference.texts {
            // Special tokens have no text, a space that SentencePiece writes as a letter is one, and unknown letters are lost to nobody.
            if ["<|end|>", "<s>", "</s>", "<unk>", "\u{2581}"]
                .iter()
                .any(|special| text.contains(special))
            {
                continue;
            }
            let back = tokenizer.decode(&tokenizer.encode(text).unwrap()).unwrap();
            // Behind a token that is cut out, SentencePiece's rule puts a space.
            if case.words == "gpt2" || !text.contains("<|x|>") && !text.contains("   ") {
                assert_eq!(&back, text, "{} {:?}", case.words, case.said);
            }
        }
    }
}

#[test]
fn a_tokenizer_that_cannot_be_put_together_is_refused_by_name() {
    let reference = Reference::read();
    let case = |words: &str| reference.cases.iter().find(|case| case.words == words).unwrap();
    let refused = |words: &str, changes: Value, reason: &str| {
        let error = tokenizer(&reference.said(case(words), changes)).err().expect("refused");
        assert!(
            error.contains(reason) && error.contains("model.gguf") && !error.contains('\n'),
            "{error}"
        );
        assert!(error.contains("tokenizer.json beside it"), "{error}");
    };
    refused("gpt2", json!({"tokenizer.ggml.pre": "tekken"}), "tekken");
    refused("gpt2", json!({"tokenizer.ggml.model": "t5"}), "t5");
    refused("gpt2", json!({"tokenizer.ggml.merges": ["a\u{120}b"]}), "merge");
    refused(
        "gpt2",
        json!({"tokenizer.ggml.merges": ["no such"]}),
        "out of vocabulary",
    );
    refused(
        "gpt2",
        json!({"tokenizer.ggml.tokens": ["a", "a"], "tokenizer.ggml.token_type": [1, 1]}),
        "twice",
    );
    refused("gpt2", json!({"tokenizer.ggml.token_type": [1]}), "length");
    refused(
        "gpt2",
        json!({"tokenizer.ggml.add_bos_token": true, "tokenizer.ggml.bos_token_id": 70000}),
        "bos",
    );
    refused("llama", json!({"tokenizer.ggml.scores": [1.5]}), "score");
    let tokens = reference.words["llama"]["tokenizer.ggml.tokens"].as_array().unwrap();
    let mut lacking = tokens.clone();
    lacking[3 + 0x41] = "not a byte".into();
    refused("llama", json!({ "tokenizer.ggml.tokens": lacking }), "single bytes");
    let even = vec![0.5; tokens.len()];
    refused("llama", json!({ "tokenizer.ggml.scores": even }), "one score");
}

#[test]
fn a_chat_takes_the_files_own_template_and_ends() {
    let reference = Reference::read();
    let case = &reference.cases[0];
    let template = "{{ bos_token }}{% for m in messages %}{{ m.content }}<|end|>{% endfor %}";
    let tokenizer = tokenizer(&reference.said(case, json!({"tokenizer.chat_template": template}))).unwrap();
    let message = laurel_engine::ChatMessage {
        role: "user".into(),
        content: "Hello".into(),
    };
    assert_eq!(
        tokenizer.apply_chat_template(std::slice::from_ref(&message)).unwrap(),
        "<s>Hello<|end|>"
    );
    let id = |text: &str| tokenizer.encode(text).unwrap()[0];
    let ids = tokenizer.encode_chat(&[message]).unwrap();
    assert_eq!((ids[0], ids[ids.len() - 1]), (id("<s>"), id("<|end|>")));
    // The one that the file names, and one that ends a turn wherever it is.
    assert_eq!(tokenizer.eos_ids(), [id("</s>"), id("<|end|>")]);
}

/// A Llama of one layer, 32 wide, with a row in its embedding for each of so many tokens.
fn model(said: &Map<String, Value>, rows: usize) -> Vec<u8> {
    const WIDE: usize = 32;
    let mut metadata = metadata(said);
    let sizes = [
        ("context_length", 64),
        ("embedding_length", WIDE),
        ("block_count", 1),
        ("feed_forward_length", WIDE),
        ("attention.head_count", 2),
    ];
    metadata.extend(sizes.map(|(key, size)| (format!("llama.{key}"), Said::Integer(size as u32))));
    metadata.push(("llama.attention.layer_norm_rms_epsilon".into(), Said::Float(1e-5)));
    let tensor = |name: &str, shape: &[usize]| {
        let number = |at: usize| ((at * 7919 + name.len() * 31) % 1009) as f32 / 2000.0 - 0.25;
        let values: Vec<f32> = (0..shape.iter().product())
            .map(|at| if shape.len() == 1 { 1.0 } else { number(at) })
            .collect();
        (
            format!("{name}.weight"),
            shape.to_vec(),
            0,
            gguf_file::float_bytes(&values),
        )
    };
    let mut tensors = vec![tensor("token_embd", &[rows, WIDE])];
    tensors.extend(["output_norm", "blk.0.attn_norm", "blk.0.ffn_norm"].map(|name| tensor(name, &[WIDE])));
    let square = [
        "attn_q",
        "attn_k",
        "attn_v",
        "attn_output",
        "ffn_gate",
        "ffn_up",
        "ffn_down",
    ];
    tensors.extend(square.map(|name| tensor(&format!("blk.0.{name}"), &[WIDE, WIDE])));
    gguf_file::write(&metadata, &tensors)
}

#[test]
fn a_gguf_file_alone_in_a_folder_runs() {
    let reference = Reference::read();
    let folder = tempfile::tempdir().unwrap();
    for case in [&reference.cases[0], &reference.cases[8]] {
        let said = reference.said(case, json!({}));
        let tokens = said["tokenizer.ggml.tokens"].as_array().unwrap().len();
        let load = |rows| {
            std::fs::write(folder.path().join("model.gguf"), model(&said, rows)).unwrap();
            TextEngine::load(folder.path(), TextOptions::default())
        };
        let engine = load(tokens).unwrap();
        let request = TextRequest {
            prompt: engine.tokenizer().encode("Hello world").unwrap(),
            max_tokens: 6,
            stop: Vec::new(),
            sampling: SamplingParams::GREEDY,
            key: SamplerKey([0; 32]),
            caller: CallerId::default(),
            proof: false,
        };
        let mut events = engine.submit(request).unwrap();
        let mut shown = String::new();
        let completion = loop {
            match events.blocking_recv().unwrap() {
                TextEvent::Token { text, .. } => shown += &text,
                TextEvent::Done { completion, .. } => break completion,
                TextEvent::Failed(error) => panic!("{error}"),
            }
        };
        assert!(!completion.is_empty());
        assert_eq!(shown, engine.tokenizer().decode(&completion).unwrap());
        let error = load(tokens - 1).err().expect("refused").to_string();
        assert!(
            error.contains("model.gguf") && error.contains(&format!("{} tokens", tokens - 1)),
            "{error}"
        );
    }
}
