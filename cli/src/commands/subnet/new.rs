//! `laurel subnet new`: the template of a subnet's own kind of work, in a folder of its own.
use crate::{failure, output::Output, transaction::hex};
use anyhow::{bail, Context, Result};
use clap::Args;
use laurel_protocol::specification_root;
use serde_json::json;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The template's name, which the new one's takes the place of.
const TEMPLATE: &str = "my-subnet";
/// How the template names the rest of the workspace.
const WORKSPACE: &str = "path = \"../..";
/// Longest name, in characters.
const LONGEST: usize = 64;

/// The files of the template, which is a member of the workspace and tested there.
macro_rules! template {
    ($($file:literal),* $(,)?) => {
        [$(($file, include_str!(concat!("../../../../templates/subnet/", $file)))),*]
    };
}

const SPECIFICATION: &str = "SPECIFICATION.md";
const FILES: [(&str, &str); 8] = template![
    "Cargo.toml",
    "README.md",
    "SPECIFICATION.md",
    "src/lib.rs",
    "src/miner.rs",
    "src/validator.rs",
    "src/work.rs",
    "tests/work.rs",
];

/// A new kind of work.
#[derive(Args, Debug)]
pub struct NewArgs {
    /// Its name: lower-case letters, digits and single dashes.
    #[arg(value_parser = parse_name)]
    name: String,
    /// Where to write it; by default a folder of that name, here.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Laurel's sources that it is built with: a clone's folder, or the address of a git repository. By default the clone that this program was
    /// built from.
    #[arg(long, value_name = "DIR|URL")]
    laurel: Option<String>,
}

fn parse_name(text: &str) -> Result<String, String> {
    let is_part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase())
            && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    if text.len() > LONGEST || !text.split('-').all(is_part) {
        return Err(format!(
            "up to {LONGEST} lower-case letters, digits and dashes, a letter first and after each dash"
        ));
    }
    Ok(text.into())
}

/// Where Laurel's crates come from.
enum Sources {
    Clone(PathBuf),
    Git(String),
}

impl Sources {
    fn find(given: Option<&str>) -> Result<Self> {
        let built_from = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
        let named = given.unwrap_or(built_from);
        match fs::canonicalize(named).ok().filter(|folder| is_clone(folder)) {
            Some(folder) => Ok(Self::Clone(folder)),
            None if given.is_some_and(|named| named.contains("://") || named.starts_with("git@")) => {
                Ok(Self::Git(named.into()))
            }
            None => bail!("{named} is no clone of Laurel: name one, or a git repository, with --laurel"),
        }
    }

    /// What stands in a manifest for [`WORKSPACE`] and the folder that follows it.
    fn manifest(&self, template: &str) -> String {
        match self {
            Self::Clone(folder) => template.replace(WORKSPACE, &format!("path = \"{}", folder.display())),
            Self::Git(url) => {
                let line = |line: &str| match line.split_once(WORKSPACE) {
                    Some((before, _)) => format!("{before}git = \"{url}\" }}\n"),
                    None => format!("{line}\n"),
                };
                template.lines().map(line).collect()
            }
        }
    }
}

fn is_clone(folder: &Path) -> bool {
    folder.join("validator/Cargo.toml").is_file() && folder.join("miner/Cargo.toml").is_file()
}

/// Writes the template under the new name.
pub fn new(args: NewArgs, output: Output) -> Result<()> {
    let NewArgs { name, dir, laurel } = args;
    let dir = dir.unwrap_or_else(|| PathBuf::from(&name));
    let sources = Sources::find(laurel.as_deref())?;
    if fs::read_dir(&dir).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(failure::usage(format!(
            "{} is there already and not empty: choose another --dir",
            dir.display()
        )));
    }
    let mut root = None;
    for (file, template) in FILES {
        let text = rename(template, &name);
        let text = match file {
            // A workspace of its own: it may lie within another one's folder.
            "Cargo.toml" => sources.manifest(&text) + "\n[workspace]\n",
            _ => text,
        };
        if file == SPECIFICATION {
            root = Some(specification_root(&text));
        }
        write(&dir.join(file), &text)?;
    }
    if let Sources::Clone(folder) = &sources {
        // The versions that Laurel was tested with.
        let lock = folder.join("Cargo.lock");
        fs::copy(&lock, dir.join("Cargo.lock")).with_context(|| format!("cannot copy {}", lock.display()))?;
    }
    let people = || {
        say!("{}: a kind of work with its validator and its miner", dir.display());
        say!("next: cd {} && cargo test; README.md says how to go on", dir.display());
    };
    output.show(people, || {
        let files: Vec<&str> = FILES.iter().map(|(file, _)| *file).collect();
        json!({ "created": dir, "files": files, "root": root.map(|root| hex(&root.0)) })
    });
    Ok(())
}

fn rename(text: &str, name: &str) -> String {
    text.replace(TEMPLATE, name)
        .replace(&TEMPLATE.replace('-', "_"), &name.replace('-', "_"))
}

fn write(path: &Path, text: &str) -> Result<()> {
    let parent = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent)
        .and_then(|()| fs::write(path, text))
        .with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    fn arguments(dir: &Path, name: &str, laurel: Option<&str>) -> NewArgs {
        NewArgs {
            name: parse_name(name).unwrap(),
            dir: Some(dir.into()),
            laurel: laurel.map(str::to_owned),
        }
    }

    const SILENT: Output = Output { json: true };

    #[test]
    fn what_is_written_is_the_template_that_the_workspace_tests_under_another_name() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("tours");
        new(arguments(&dir, "grand-tours", None), SILENT).unwrap();
        let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates/subnet");
        let listed = Command::new("git")
            .args(["ls-files", "."])
            .current_dir(&template)
            .output()
            .unwrap();
        let listed = String::from_utf8(listed.stdout).unwrap();
        for file in listed.lines() {
            let written = fs::read_to_string(dir.join(file)).unwrap();
            assert!(
                !written.contains("my-subnet") && !written.contains("my_subnet"),
                "{file}"
            );
            if file != "Cargo.toml" {
                let original = fs::read_to_string(template.join(file)).unwrap();
                let back = written
                    .replace("grand-tours", "my-subnet")
                    .replace("grand_tours", "my_subnet");
                assert_eq!(back, original, "{file}");
            }
        }
        assert_eq!(listed.lines().count(), FILES.len());
        let again = new(arguments(&dir, "grand-tours", None), SILENT).unwrap_err();
        assert!(again.to_string().contains("not empty"), "{again}");
    }

    #[test]
    fn a_manifest_names_a_clone_or_a_repository() {
        let manifest = |laurel| {
            let folder = tempfile::tempdir().unwrap();
            new(arguments(folder.path(), "tours", laurel), SILENT).unwrap();
            fs::read_to_string(folder.path().join("Cargo.toml")).unwrap()
        };
        let by_path = manifest(None);
        let clone = fs::canonicalize(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).unwrap();
        let line = format!("laurel-protocol = {{ path = \"{}/crates/protocol\" }}", clone.display());
        assert!(by_path.contains(&line), "{by_path}");
        let by_git = manifest(Some("https://example.org/laurel.git"));
        let line = "laurel-protocol = { git = \"https://example.org/laurel.git\" }\n";
        assert!(by_git.contains(line) && !by_git.contains("{ path"), "{by_git}");
        let nowhere = tempfile::tempdir().unwrap();
        let given = nowhere.path().to_str().unwrap();
        let error = new(arguments(&nowhere.path().join("x"), "tours", Some(given)), SILENT).unwrap_err();
        assert!(error.to_string().contains("--laurel"), "{error}");
    }

    #[test]
    fn a_name_is_one_that_cargo_and_rust_take() {
        for good in ["tours", "tours2", "grand-tours"] {
            assert_eq!(parse_name(good).as_deref(), Ok(good));
        }
        for bad in ["", "Tours", "2tours", "a--b", "-a", "a-", "a_b", "a/b", &"a".repeat(65)] {
            assert!(parse_name(bad).is_err(), "{bad}");
        }
    }
}
