//! The program itself: a wrong start is one line that says what to do, and exit code 1.
use laurel_daemon::wallet::{KeySource, Protection, Wallet};
use std::{
    path::Path,
    process::{Command, Output},
};

fn miner(wallet: &Path, model: &Path, extra: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_laurel-miner"))
        .args(["--netuid=1", "--listen=127.0.0.1:0", "--connect-deadline=1"])
        .arg(format!("--wallet={}", wallet.display()))
        .arg(format!("--model={}", model.display()))
        .args(extra)
        .output()
        .unwrap()
}

/// The one line on standard error.
fn complaint(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    let errors: Vec<&str> = text.lines().filter(|line| line.starts_with("error: ")).collect();
    assert_eq!(errors.len(), 1, "{text}");
    assert_eq!(
        text.lines().last(),
        Some(errors[0]),
        "the error is the last line: {text}"
    );
    errors[0].to_owned()
}

#[test]
fn a_wallet_that_does_not_exist_names_the_command_that_makes_one() {
    let folder = tempfile::tempdir().unwrap();
    let line = complaint(&miner(&folder.path().join("nobody"), folder.path(), &[]));
    assert!(
        line.contains("nobody") && line.contains("laurel wallet create"),
        "{line}"
    );
}

#[test]
fn a_model_that_is_missing_names_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = folder.path().join("w");
    let created = Wallet::create(&wallet, KeySource::Generate, &Protection::None).unwrap();
    created
        .wallet
        .create_hotkey("default", KeySource::Generate, &Protection::None)
        .unwrap();
    let line = complaint(&miner(&wallet, &folder.path().join("model"), &[]));
    assert!(line.contains("model"), "{line}");
    std::fs::create_dir(folder.path().join("model")).unwrap();
    let line = complaint(&miner(&wallet, &folder.path().join("model"), &[]));
    assert!(line.contains("config.json"), "{line}");
}

#[test]
fn a_chain_that_is_down_names_the_endpoint() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = folder.path().join("w");
    let created = Wallet::create(&wallet, KeySource::Generate, &Protection::None).unwrap();
    created
        .wallet
        .create_hotkey("default", KeySource::Generate, &Protection::None)
        .unwrap();
    let model = folder.path().join("model");
    std::fs::create_dir(&model).unwrap();
    super::real_model::write_model(&model);
    // Port 1 of this machine serves nothing.
    let line = complaint(&miner(&wallet, &model, &["--chain=ws://127.0.0.1:1"]));
    assert!(line.contains("ws://127.0.0.1:1") && line.contains("--chain"), "{line}");
    let line = complaint(&miner(&wallet, &model, &["--chain=http://127.0.0.1:1"]));
    assert!(line.contains("ws://host:port"), "{line}");
}

#[test]
fn an_upstream_goes_with_its_engine_and_one_model() {
    let folder = tempfile::tempdir().unwrap();
    let line = complaint(&miner(folder.path(), folder.path(), &["--upstream=http://127.0.0.1:1"]));
    assert!(line.contains("--engine openai and --upstream go together"), "{line}");
    let two = ["--engine=openai", "--upstream=http://127.0.0.1:1", "--model=another"];
    let line = complaint(&miner(folder.path(), folder.path(), &two));
    assert!(line.contains("give --model once"), "{line}");
    let output = miner(folder.path(), folder.path(), &["--engine=openai"]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        output.status.code() == Some(2) && text.contains("--upstream <URL>"),
        "{text}"
    );
}
