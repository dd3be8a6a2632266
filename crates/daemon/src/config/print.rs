//! The effective configuration, as a file that can be read again.
use super::key;
use clap::{parser::ValueSource, Arg, ArgAction, ArgMatches, Command};
use std::{
    fmt::{self, Write},
    path::Path,
};
use toml::Value;

/// All settings, one a line, each with where it comes from, defaults as comments; `file` knows which file gave a flag, by its id.
pub(super) fn effective<'a>(
    command: &Command,
    matches: &ArgMatches,
    file: impl Fn(&str) -> Option<&'a Path>,
) -> String {
    let mut text = format!(
        "# The configuration of {}. Secrets are left out, and what could be one in an address.\n",
        command.get_name()
    );
    for arg in command.get_arguments() {
        let Some(key) = key(arg) else { continue };
        let origin = origin(arg, matches, file(arg.get_id().as_str()));
        let line = match (value(arg, matches), origin) {
            (Some(_), Some(origin)) if arg.is_hide_env_values_set() => {
                format!("# {key} is set and not shown  # {origin}")
            }
            (Some(value), Some(Origin::Default)) => format!("# {key} = {value}  # {}", Origin::Default),
            (Some(value), Some(origin)) => format!("{key} = {value}  # {origin}"),
            _ => format!("# {key} is not set"),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{line}");
    }
    text
}

/// Where a setting comes from.
enum Origin<'a> {
    Flag,
    Variable(String),
    File(&'a Path),
    /// A comment in what is printed: said aloud, it could contradict another setting, as a default it does not.
    Default,
}

impl fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("flag"),
            Self::Variable(name) => f.write_str(name),
            Self::File(path) => path.display().fmt(f),
            Self::Default => f.write_str("default"),
        }
    }
}

fn origin<'a>(arg: &Arg, matches: &ArgMatches, file: Option<&'a Path>) -> Option<Origin<'a>> {
    if let Some(path) = file {
        return Some(Origin::File(path));
    }
    Some(match matches.value_source(arg.get_id().as_str())? {
        ValueSource::EnvVariable => Origin::Variable(arg.get_env()?.to_string_lossy().into_owned()),
        ValueSource::CommandLine => Origin::Flag,
        _ => Origin::Default,
    })
}

fn value(arg: &Arg, matches: &ArgMatches) -> Option<Value> {
    let id = arg.get_id().as_str();
    match arg.get_action() {
        ArgAction::SetTrue | ArgAction::SetFalse => return Some(Value::Boolean(matches.get_flag(id))),
        ArgAction::Count => return Some(Value::Integer(matches.get_count(id).into())),
        _ => {}
    }
    let mut values: Vec<Value> = matches
        .get_raw(id)?
        .map(|raw| written(&without_credentials(&raw.to_string_lossy())))
        .collect();
    match arg.get_action() {
        ArgAction::Append => Some(Value::Array(values)),
        // Given without the value that it may have.
        _ if values.is_empty() => Some(Value::Boolean(true)),
        _ => values.pop(),
    }
}

/// A value as TOML has it: a number where its text is exactly that number's, else text.
fn written(text: &str) -> Value {
    let integer = text.parse().ok().map(Value::Integer);
    let float = text.parse().ok().map(Value::Float);
    [integer, float]
        .into_iter()
        .flatten()
        .find(|value| value.to_string() == text)
        .unwrap_or_else(|| Value::String(text.into()))
}

/// An address without user, password, path of more than one short word, and query: providers of nodes and models put keys there.
fn without_credentials(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else {
        return text.into();
    };
    let (authority, after) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let user = if host.len() < authority.len() { "…@" } else { "" };
    let after = if is_plain(after) { after } else { "/…" };
    format!("{scheme}://{user}{host}{after}")
}

/// Whether what follows a host is a path too short to hold a key, such as `/` and `/v1`.
fn is_plain(after: &str) -> bool {
    after.len() <= 8 && !after.contains(['?', '#'])
}
