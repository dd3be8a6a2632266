//! The Python that tests compare with: programs of the specifications, and another implementation of encoders.
// Not every test needs all of it.
#![allow(dead_code)]
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A page of `docs/`, and the program in it.
pub fn specification(page: &str) -> (String, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(page);
    let text = std::fs::read_to_string(path).unwrap();
    let program = text
        .split("```python\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    let program = program.expect("the page has a program").to_owned();
    (text, program)
}

/// What a program writes that is given `input`.
pub fn run_program(program: &str, input: &[u8]) -> Vec<u8> {
    run(Command::new("python3").args(["-c", program]), input)
}

/// The vectors that transformers computes, with the model of a folder, of texts of one line each.
pub fn reference_vectors(folder: &Path, texts: &[impl AsRef<str>]) -> Vec<Vec<f32>> {
    let python = cache().join("reference/bin/python");
    assert!(
        python.exists(),
        "{} is missing: run scripts/setup.sh --ci",
        python.display()
    );
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/reference-embeddings.py");
    let lines: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
    let written = run(
        Command::new(python).arg(script).arg(folder),
        lines.join("\n").as_bytes(),
    );
    let vectors: Vec<Vec<f32>> = serde_json::from_slice(&written).unwrap();
    assert_eq!(vectors.len(), texts.len());
    vectors
}

/// Where `scripts/setup.sh` puts what it fetches and makes.
pub fn cache() -> PathBuf {
    std::env::var_os("LAUREL_CACHE").map(PathBuf::from).unwrap_or_else(|| {
        let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        let home = || Path::new(&std::env::var_os("HOME").expect("HOME is set")).join(".cache");
        base.unwrap_or_else(home).join("laurel")
    })
}

fn run(command: &mut Command, input: &[u8]) -> Vec<u8> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 runs: install it");
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    output.stdout
}
