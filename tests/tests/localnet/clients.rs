//! Users of a network that runs, with the clients of the OpenAI API that they have anyway.
use laurel_tests::local_network::{binary, embedding_model, text_model};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What the programs of the network log for this test: more than usual.
pub const LOG: (&str, &str) = (
    "LAUREL_LOG",
    "info,laurel_validator=debug,laurel_miner=debug,hyper=debug,reqwest=debug,axum=debug",
);
/// An answer that is shorter could stand in a log by chance.
const TELLING: usize = 16;

/// Asks as users do, checks what came alone, and looks for their words in the logs. Without the clients, it says so and does nothing.
pub fn use_it(dir: &Path, base_port: u16) {
    let left = dir.join("answers");
    fs::create_dir(&left).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/openai-clients.sh");
    let gateway = |offset: u16| format!("http://127.0.0.1:{}", base_port + offset);
    let ran = Command::new("bash")
        .arg(script)
        .args([gateway(20), gateway(21)])
        .arg(&left)
        .output()
        .unwrap();
    let said = [ran.stdout, ran.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    match ran.status.code() {
        Some(0) => println!("{said}"),
        Some(3) => return println!("the openai clients: left out, they cannot be fetched from here"),
        _ => panic!("{said}"),
    }
    let network = dir.join("network");
    let text_models = [text_model(), network.join("models/tiny-8bit")];
    check(&left, "chat", &text_models, None);
    check(&left, "stream", &text_models, None);
    let chain = format!("ws://127.0.0.1:{base_port}");
    check(&left, "embeddings", &[embedding_model()], Some(&chain));
    nothing_is_logged(&left, &network.join("logs"));
}

/// `laurel explain` with what a user has of an answer.
fn check(left: &Path, name: &str, models: &[PathBuf], chain: Option<&str>) {
    let file = |what: &str| left.join(format!("{name}-{what}"));
    let mut explain = Command::new(binary("laurel"));
    explain
        .args(["explain", "--json", "--threads=1"])
        .arg(format!("--receipt={}", file("receipt.txt").display()))
        .arg(format!("--request={}", file("request.json").display()))
        .arg(format!("--answer={}", file("answer.json").display()))
        .args(models.iter().map(|model| format!("--model={}", model.display())))
        .args(chain.map(|chain| format!("--chain={chain}")));
    let output = explain.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{name}: {said} {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let document: Value = serde_json::from_str(&said).unwrap();
    let steps = document["steps"].as_array().unwrap();
    assert_eq!(steps.len(), if chain.is_some() { 7 } else { 4 }, "{said}");
    assert!(steps.iter().all(|step| step["outcome"] == "holds"), "{said}");
}

fn nothing_is_logged(left: &Path, logs: &Path) {
    let words: Vec<String> = serde_json::from_slice(&fs::read(left.join("written.json")).unwrap()).unwrap();
    let telling: Vec<&str> = words
        .iter()
        .map(|words| words.trim())
        .filter(|words| words.len() >= TELLING)
        .collect();
    assert!(!telling.is_empty());
    let mut is_requested = false;
    for entry in fs::read_dir(logs).unwrap() {
        let file = entry.unwrap().path();
        let log = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
        is_requested |= log.contains("/v1/chat/completions");
        for words in &telling {
            assert!(!log.contains(words), "{} has a user's words: {words}", file.display());
        }
    }
    assert!(is_requested, "the requests themselves are in the logs");
}
