//! What a fuzzer does with bytes that claim to be a model's file: it loads them as a program would. Whatever they are, the answer is
//! a value or an error of one line. `fuzz/formats` runs these for hours, `bad_bytes.rs` for seconds.
use laurel_engine::checkpoint::Checkpoint;
use laurel_engine::decoder::{Architecture, Decoder, Segment};
use laurel_engine::{embedding, ActivationProof, ChatMessage, EngineError, ModelDir, TextTokenizer};
use std::path::Path;

/// A tokenizer of three tokens, for folders whose other files are in question.
const TOKENIZER: &str = r#"{"version":"1.0","added_tokens":[],"normalizer":null,"pre_tokenizer":{"type":"Whitespace"},
"model":{"type":"WordLevel","vocab":{"[UNK]":0,"a":1,"b":2},"unk_token":"[UNK]"}}"#;

const PROBES: [&str; 4] = [
    "",
    "a b",
    " héllo\n\n 12345 \u{1f600}\u{0}'s",
    "<s>[UNK]\u{2581}\u{2581} 東京",
];

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    // In memory where there is such a place: a disk takes a hundred times as long.
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() {
        tempfile::tempdir_in(memory).unwrap()
    } else {
        tempfile::tempdir().unwrap()
    };
    for (name, bytes) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    folder
}

/// An error is one line that names a file of the folder, or says what else is to be done.
fn judge<T, E: Into<EngineError>>(folder: &Path, result: Result<T, E>) -> Option<T> {
    match result.map_err(Into::into) {
        Ok(value) => Some(value),
        Err(error) => {
            let text = error.to_string();
            assert!(!text.contains('\n'), "{text}");
            let is_of_file = !matches!(error, EngineError::Compute(_) | EngineError::BadRequest(_));
            assert!(!is_of_file || text.contains(&folder.display().to_string()), "{text}");
            None
        }
    }
}

/// Loads a model, and reads two tokens with it if it is one.
fn run(folder: &Path, dir: &ModelDir) {
    let Some(model) = judge(folder, Decoder::load(dir, 64)) else {
        return;
    };
    let Some(cache) = judge(folder, model.new_cache(2)) else {
        return;
    };
    let last = model.architecture().vocab_size as u32 - 1;
    let segment = Segment {
        tokens: &[0, last],
        start: 0,
        blocks: &[1, 0],
        wanted: 1,
    };
    if let Some(Some(states)) = judge(folder, model.read(&cache, &[segment])) {
        judge(folder, model.logits(&states));
    }
}

fn read_everything(folder: &Path, dir: &ModelDir) {
    let Some(checkpoint) = judge(folder, Checkpoint::open(dir)) else {
        return;
    };
    for (name, tensor) in checkpoint.tensors() {
        judge(folder, checkpoint.bytes(tensor));
        judge(folder, checkpoint.floats(name, &tensor.shape));
    }
    judge(folder, checkpoint.header());
}

fn tokenize(folder: &Path, dir: &ModelDir) {
    let Some(tokenizer) = judge(folder, TextTokenizer::read(dir)) else {
        return;
    };
    for text in PROBES {
        if let Some(ids) = judge(folder, tokenizer.encode(text)) {
            judge(folder, tokenizer.decode(&ids));
        }
    }
    judge(folder, tokenizer.decode(&[0, 1, 2, 300, u32::MAX]));
    chat(folder, &tokenizer);
}

fn chat(folder: &Path, tokenizer: &TextTokenizer) {
    let messages = ["system", "user", "assistant", "user"].map(|role| ChatMessage {
        role: role.into(),
        content: format!("a {role}"),
    });
    for messages in [&messages[..], &messages[1..2], &[]] {
        judge(folder, tokenizer.encode_chat(messages));
    }
}

/// A GGUF file.
pub fn gguf(bytes: &[u8]) {
    let folder = folder(&[("model.gguf", bytes)]);
    let dir = ModelDir::open(&folder.path().join("model.gguf")).unwrap();
    read_everything(folder.path(), &dir);
    tokenize(folder.path(), &dir);
    run(folder.path(), &dir);
}

/// A safetensors file, beside the `config.json` of the seeds.
pub fn safetensors(bytes: &[u8]) {
    let config = include_bytes!("../../../../fuzz/formats/seeds/config/llama.json");
    let folder = folder(&[("model.safetensors", bytes), ("config.json", config)]);
    let dir = ModelDir::open(folder.path()).unwrap();
    read_everything(folder.path(), &dir);
    run(folder.path(), &dir);
}

/// Any of the JSON files that describe a model.
pub fn config(bytes: &[u8]) {
    let names = [
        "config.json",
        "generation_config.json",
        "tokenizer_config.json",
        "modules.json",
        "1_Pooling/config.json",
        "sentence_bert_config.json",
        "model.safetensors.index.json",
    ];
    let mut files = names.map(|name| (name, bytes)).to_vec();
    files.push(("tokenizer.json", TOKENIZER.as_bytes()));
    let folder = folder(&files);
    let dir = ModelDir::open(folder.path()).unwrap();
    judge(folder.path(), Architecture::read(&dir));
    judge(folder.path(), embedding::read_limit(&dir));
    judge(folder.path(), dir.weight_files());
    tokenize(folder.path(), &dir);
}

/// A `tokenizer.json`.
pub fn tokenizer(bytes: &[u8]) {
    let folder = folder(&[("tokenizer.json", bytes)]);
    tokenize(folder.path(), &ModelDir::open(folder.path()).unwrap());
}

/// A chat template.
pub fn template(bytes: &[u8]) {
    // Loops within loops take the time they say; what is looked for here ends at once or not at all.
    let loops = bytes.windows(5).filter(|word| word == b"range").count();
    if loops > 1 || bytes.len() > 4096 {
        return;
    }
    let folder = folder(&[("chat_template.jinja", bytes), ("tokenizer.json", TOKENIZER.as_bytes())]);
    let dir = ModelDir::open(folder.path()).unwrap();
    if let Some(tokenizer) = judge(folder.path(), TextTokenizer::read(&dir)) {
        chat(folder.path(), &tokenizer);
    }
}

/// The number of an answer's tokens in a byte, then what claims to be its activation proof.
pub fn proof(bytes: &[u8]) {
    const HIDDEN: usize = 16;
    let Some((tokens, bytes)) = bytes.split_first() else {
        return;
    };
    let tokens = usize::from(*tokens).max(1);
    match ActivationProof::from_bytes(bytes, tokens, HIDDEN) {
        Ok(proof) => {
            assert_eq!(proof.to_bytes(), bytes);
            let state: Vec<f32> = (0..HIDDEN).map(|at| at as f32 - 7.5).collect();
            let deviations = proof.deviations(&vec![state; tokens]).unwrap();
            assert_eq!(deviations.len(), tokens.div_ceil(32));
        }
        Err(error) => assert!(error.is_bad_request() && !error.to_string().contains('\n'), "{error}"),
    }
}
