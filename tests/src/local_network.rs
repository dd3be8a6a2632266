//! The local network, started as its users start it.
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The folder of the binaries: this test's own, one up.
///
/// # Panics
/// When this is no test of the workspace.
pub fn binaries() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().unwrap().parent().unwrap().to_owned()
}

/// A binary of this build.
///
/// # Panics
/// When it was not built.
pub fn binary(name: &str) -> PathBuf {
    let program = binaries().join(name);
    assert!(
        program.exists(),
        "{} is not built: run scripts/build.sh",
        program.display()
    );
    program
}

/// The user's cache, where the fetched models are.
pub fn cache() -> PathBuf {
    std::env::var_os("LAUREL_CACHE").map(PathBuf::from).unwrap_or_else(|| {
        let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        base.unwrap_or_else(|| Path::new(&std::env::var_os("HOME").unwrap_or_default()).join(".cache"))
            .join("laurel")
    })
}

/// The small text model of this clone.
pub fn text_model() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/tiny")
}

/// The embedding model that scripts/setup.sh fetches.
pub fn embedding_model() -> PathBuf {
    cache().join("models/all-MiniLM-L6-v2")
}

/// `laurel localnet` in a folder, from a port on.
pub fn command(dir: &Path, base_port: u16) -> Command {
    let mut command = Command::new(binary("laurel"));
    command
        .arg("localnet")
        .arg(format!("--dir={}", dir.display()))
        .arg(format!("--base-port={base_port}"))
        .arg(format!("--text-model={}", text_model().display()))
        .arg(format!("--embedding-model={}", embedding_model().display()));
    command
}
