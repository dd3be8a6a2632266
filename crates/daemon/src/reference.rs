//! What documents say about a program's settings and metrics, made from the program; and whether they still say it.
use crate::{
    config::{key, prepared},
    Metric,
};
use clap::{Arg, ArgAction, Command};
use std::{collections::BTreeSet, fmt::Write, fs, io, path::Path};

/// Set to have documents written instead of compared.
const WRITE: &str = "LAUREL_WRITE_DOCS";

/// Compares the section of a document between `<!-- begin NAME -->` and `<!-- end NAME -->` with what it should be; with
/// `LAUREL_WRITE_DOCS=1` in the environment, writes it.
///
/// # Errors
/// When the section is another, or not there.
pub fn require_section(document: &Path, name: &str, expected: &str) -> Result<(), String> {
    section(document, name, expected, std::env::var_os(WRITE).is_some())
}

fn section(document: &Path, name: &str, expected: &str, write: bool) -> Result<(), String> {
    let shown = document.display();
    let explain = |error: io::Error| format!("{shown}: {error}");
    let text = fs::read_to_string(document).map_err(explain)?;
    let (begin, end) = (format!("<!-- begin {name} -->\n"), format!("<!-- end {name} -->"));
    let parts = text
        .split_once(&begin)
        .and_then(|(before, rest)| Some((before, rest.split_once(&end)?)));
    let Some((before, (section, after))) = parts else {
        return Err(format!("{shown} has no section {name}"));
    };
    let expected = format!("\n{expected}\n");
    if section == expected {
        return Ok(());
    }
    if write {
        return fs::write(document, format!("{before}{begin}{expected}{end}{after}")).map_err(explain);
    }
    Err(format!(
        "the section {name} of {shown} is out of date: run the test again with {WRITE}=1, and commit the file"
    ))
}

/// The names in the files that begin with `prefix`, as dashboards and alert rules write them: without what Prometheus adds to a
/// histogram's.
///
/// # Errors
/// When a file cannot be read.
pub fn metrics_named(files: &[&Path], prefix: &str) -> io::Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(file)?;
        let words = text.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
        names.extend(
            words
                .filter(|word| word.starts_with(prefix))
                .map(base)
                .map(str::to_owned),
        );
    }
    Ok(names)
}

fn base(series: &str) -> &str {
    let added = ["_bucket", "_sum", "_count"];
    let stripped = added.iter().find_map(|suffix| series.strip_suffix(suffix));
    stripped.unwrap_or(series)
}

/// Metrics as a table in Markdown.
pub fn metrics(metrics: &[Metric]) -> String {
    let mut text = String::from("| name | kind | labels | what |\n|---|---|---|---|\n");
    for metric in metrics {
        let labels: Vec<_> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
        let (name, kind, labels) = (metric.name, metric.kind.name(), labels.join(", "));
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| `{name}` | {kind} | {labels} | {} |", metric.help);
    }
    text
}

/// The settings of a program as tables in Markdown, one for each heading of its help.
pub fn settings(command: Command, prefix: &str) -> String {
    let mut command = prepared(command, prefix);
    command.build();
    let mut text = String::new();
    let mut headings: Vec<Option<&str>> = Vec::new();
    for arg in command.get_arguments().filter(|arg| is_listed(arg)) {
        if !headings.contains(&arg.get_help_heading()) {
            headings.push(arg.get_help_heading());
        }
    }
    for heading in headings {
        // Writing to a string cannot fail.
        if let Some(heading) = heading {
            let _ = write!(text, "**{heading}**\n\n");
        }
        text.push_str("| flag | variable | key in the file | default | what |\n|---|---|---|---|---|\n");
        for arg in command
            .get_arguments()
            .filter(|arg| is_listed(arg) && arg.get_help_heading() == heading)
        {
            let _ = writeln!(text, "{}", row(arg));
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn is_listed(arg: &Arg) -> bool {
    arg.get_long().is_some_and(|long| !["help", "version"].contains(&long)) && !arg.is_hide_set()
}

fn row(arg: &Arg) -> String {
    let variable = arg.get_env().map(|name| format!("`{}`", name.to_string_lossy()));
    let key = key(arg).map(|key| format!("`{key}`"));
    format!(
        "| `{}` | {} | {} | {} | {} |",
        flag(arg),
        variable.unwrap_or_default(),
        key.unwrap_or_default(),
        default(arg),
        what(arg)
    )
}

/// As it is typed, with what it takes.
fn flag(arg: &Arg) -> String {
    let long = arg.get_long().unwrap_or_default();
    if !matches!(arg.get_action(), ArgAction::Set | ArgAction::Append) {
        return format!("--{long}");
    }
    let value = arg
        .get_value_names()
        .and_then(|names| names.first())
        .map_or("VALUE", |name| name.as_str());
    match arg.get_num_args().is_some_and(|range| range.min_values() == 0) {
        true => format!("--{long} [{value}]"),
        false => format!("--{long} {value}"),
    }
}

fn default(arg: &Arg) -> String {
    if arg.is_required_set() {
        return "needed".into();
    }
    let values: Vec<_> = arg
        .get_default_values()
        .iter()
        .map(|value| format!("`{}`", value.to_string_lossy()))
        .collect();
    match arg.get_action() {
        ArgAction::SetTrue => "off".into(),
        _ => values.join(", "),
    }
}

/// The help, on one line, with the values to choose from.
fn what(arg: &Arg) -> String {
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let line = help
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|");
    // Code stands between backticks, and is shown as it is.
    let parts = line.split('`').enumerate();
    let parts = parts.map(|(number, part)| {
        if number % 2 == 0 {
            part.replace('<', "&lt;")
        } else {
            part.into()
        }
    });
    let mut text = parts.collect::<Vec<String>>().join("`");
    let values: Vec<_> = arg
        .get_possible_values()
        .iter()
        .filter(|value| !value.is_hide_set())
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    if !values.is_empty() && matches!(arg.get_action(), ArgAction::Set | ArgAction::Append) {
        let _ = write!(text, " ({})", values.join(", "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_that_says_something_else_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let document = folder.path().join("page.md");
        fs::write(&document, "# Page\n<!-- begin a -->\n\nold\n\n<!-- end a -->\nrest\n").unwrap();
        assert_eq!(section(&document, "a", "old\n", false), Ok(()));
        let error = section(&document, "a", "new\n", false).unwrap_err();
        assert!(error.contains("LAUREL_WRITE_DOCS=1"), "{error}");
        assert!(section(&document, "b", "old\n", true)
            .unwrap_err()
            .contains("no section b"));
        assert_eq!(section(&document, "a", "new\n", true), Ok(()));
        assert_eq!(section(&document, "a", "new\n", false), Ok(()));
        assert!(fs::read_to_string(&document).unwrap().ends_with("rest\n"));
    }

    #[test]
    fn names_are_found_in_expressions_whatever_stands_around_them() {
        let folder = tempfile::tempdir().unwrap();
        let rules = folder.path().join("rules");
        fs::write(
            &rules,
            "rate(laurel_x_seconds_bucket{a=\"laurel\"}[5m]) / laurel_x_total\nlaurel_y",
        )
        .unwrap();
        let names = metrics_named(&[&rules], "laurel_x_").unwrap();
        assert_eq!(
            names.into_iter().collect::<Vec<_>>(),
            ["laurel_x_seconds", "laurel_x_total"]
        );
    }
}
