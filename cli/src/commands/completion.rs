//! `laurel completion`, `laurel man`: what shells and `man` want to know of this program.
use crate::{output::Output, Cli};
use anyhow::{Context, Result};
use clap::{Args, CommandFactory};
use clap_complete::Shell;
use serde_json::json;
use std::{fs, path::PathBuf};

#[derive(Args, Debug)]
pub struct CompletionArgs {
    /// For which shell.
    #[arg(value_enum)]
    shell: Shell,
}

#[derive(Args, Debug)]
pub struct ManArgs {
    /// Folder to write the pages to, one for each command; `man -M` or MANPATH finds them in the folder man1 of another one.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Prints the script that completes commands and flags.
pub fn completion(args: &CompletionArgs) {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "laurel", &mut script);
    say!("{}", String::from_utf8_lossy(&script).trim_end());
}

/// Writes the manual: a page for each command.
pub fn man(args: &ManArgs, output: Output) -> Result<()> {
    let cannot = || {
        format!(
            "cannot write the pages to {}: choose another folder",
            args.out.display()
        )
    };
    fs::create_dir_all(&args.out).with_context(cannot)?;
    clap_mangen::generate_to(Cli::command(), &args.out).with_context(cannot)?;
    let pages = fs::read_dir(&args.out)
        .with_context(cannot)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with("laurel") && name.ends_with(".1"))
        .count();
    output.show(
        || {
            say!(
                "{pages} pages are in {}; read one with `man {}/laurel.1`",
                args.out.display(),
                args.out.display()
            )
        },
        || json!({ "folder": args.out, "pages": pages }),
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;

    #[test]
    fn every_shell_completes_every_noun() {
        for shell in Shell::value_variants() {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "laurel", &mut script);
            let script = String::from_utf8(script).unwrap();
            for noun in Cli::command().get_subcommands() {
                assert!(script.contains(noun.get_name()), "{shell}: {}", noun.get_name());
            }
            assert!(script.contains("max-price"), "{shell} completes flags");
        }
    }

    #[test]
    fn there_is_a_manual_page_for_every_command() {
        let folder = tempfile::tempdir().unwrap();
        let args = ManArgs {
            out: folder.path().join("man1"),
        };
        man(&args, Output { json: false }).unwrap();
        let mut pending = vec![("laurel".to_owned(), Cli::command())];
        while let Some((name, command)) = pending.pop() {
            let page = fs::read_to_string(args.out.join(format!("{name}.1"))).expect(&name);
            assert!(page.contains(".SH NAME") && page.contains(".SH SYNOPSIS"), "{name}");
            for verb in command.get_subcommands() {
                pending.push((format!("{name}-{}", verb.get_name()), verb.clone()));
            }
        }
    }
}
