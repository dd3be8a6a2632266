//! What a document says about a program's settings, made from the program.
use super::{key, prepared};
use clap::{Arg, ArgAction, Command};
use std::fmt::Write;

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
    let mut text = help
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|")
        .replace('<', "&lt;");
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
