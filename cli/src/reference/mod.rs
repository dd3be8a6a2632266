//! The pages of `docs/reference` that follow from the code. The tests compare them; with `LAUREL_WRITE_DOCS=1` they write them.
mod commands;
mod documents;
mod errors;
mod rpc;
mod source;

use std::{fs, path::Path};

/// Writes the pages instead of comparing them.
const WRITE: &str = "LAUREL_WRITE_DOCS";

/// Fails unless the page is what the code says.
fn compare(page: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../docs/reference")
        .join(page);
    if std::env::var_os(WRITE).is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        return;
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    if found == text {
        return;
    }
    let mut lines = found.lines().zip(text.lines());
    let first = lines.position(|(there, wanted)| there != wanted);
    let first = first.unwrap_or_else(|| found.lines().count().min(text.lines().count()));
    panic!(
        "docs/reference/{page} is not up to date: line {} should be {:?}. Run: {WRITE}=1 cargo nextest run --cargo-profile release -p \
         laurel-cli reference",
        first + 1,
        text.lines().nth(first).unwrap_or_default()
    );
}

/// A text in a cell of a table.
fn cell(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|")
}

#[test]
fn the_reference_of_commands_is_what_the_parser_takes() {
    compare("cli.md", &commands::page());
}

#[test]
fn the_reference_of_rpc_methods_is_what_the_node_serves() {
    compare("rpc.md", &rpc::page());
}

#[test]
fn the_reference_of_errors_is_what_the_code_says() {
    compare("errors.md", &errors::page());
}

#[test]
fn the_reference_of_documents_is_what_the_schemas_say() {
    compare("json.md", &documents::page());
}
