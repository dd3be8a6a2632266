//! A disk that takes nothing more, as the command line meets it.
//!
//! A limit on the size of files stands in for the full disk: it needs no rights and refuses at the same place.
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

fn laurel() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.parent().unwrap().parent().unwrap().join("laurel");
    assert!(
        program.exists(),
        "{} is not built: run scripts/build.sh",
        program.display()
    );
    program
}

/// Runs `laurel` where no file can hold a byte.
fn on_a_full_disk(arguments: &[&str]) -> Output {
    // Without the trap the limit would end the program by a signal.
    Command::new("/bin/sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "sh"])
        .arg(laurel())
        .args(arguments)
        .output()
        .unwrap()
}

fn refusal(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] })
        .collect()
}

#[test]
fn a_wallet_is_made_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = folder.path().join("me");
    let wallet_argument = format!("--wallet={}", wallet.display());
    let refused = on_a_full_disk(&["wallet", "create", "--no-password", &wallet_argument]);
    let said = refusal(&refused);
    assert!(
        said.contains("coldkey.json") && said.contains("free some disk space"),
        "{said}"
    );
    assert_eq!(files_below(folder.path()), Vec::<PathBuf>::new());
    assert!(refused.stdout.is_empty(), "no words of a key that is not there");

    let create = Command::new(laurel())
        .args(["wallet", "create", "--no-password", &wallet_argument])
        .output();
    assert!(create.unwrap().status.success());
    let said = refusal(&on_a_full_disk(&[
        "wallet",
        "add-hotkey",
        "--no-password",
        &wallet_argument,
        "--hotkey=second",
    ]));
    assert!(said.contains("second.json"), "{said}");
    assert_eq!(files_below(&wallet).len(), 2, "the coldkey and the first hotkey");
}
