//! A file of settings, as flags.
use super::key;
use clap::{Arg, ArgAction, Command};
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};
use toml::{Table, Value};

/// How alike two keys must be for one to be a slip of the other, of 1.
const ALIKE: f64 = 0.7;

/// A file that was read: every key in it is a flag, every value can be written as one.
pub(super) struct File {
    path: PathBuf,
    /// Each flag with what stands for it on a command line; nothing for a switch that is off.
    settings: Vec<(Arg, Vec<OsString>)>,
}

impl File {
    /// Reads it.
    pub(super) fn read(path: &Path, command: &Command) -> Result<Self, String> {
        let shown = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|error| format!("cannot read the configuration file {shown}: {error}: correct --config"))?;
        let table: Table = text
            .parse()
            .map_err(|error| format!("the configuration file {shown} is not TOML: {error}"))?;
        let settings = table
            .iter()
            .map(|(name, value)| setting(command, name, value).map_err(|reason| format!("{shown}: {reason}")))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            path: path.into(),
            settings,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The settings as arguments, each with the id of its flag, without those that were `said` elsewhere.
    pub(super) fn arguments(&self, said: impl Fn(&Arg) -> bool) -> Vec<(String, OsString)> {
        self.settings
            .iter()
            .filter(|(arg, _)| !said(arg))
            .flat_map(|(arg, words)| words.iter().map(|word| (arg.get_id().to_string(), word.clone())))
            .collect()
    }
}

/// One line of a file.
fn setting(command: &Command, name: &str, value: &Value) -> Result<(Arg, Vec<OsString>), String> {
    let arg = command
        .get_arguments()
        .find(|arg| key(arg).as_deref() == Some(name))
        .ok_or_else(|| unknown(command, name))?;
    Ok((arg.clone(), words(arg, name, value)?))
}

fn unknown(command: &Command, name: &str) -> String {
    let keys = command.get_arguments().filter_map(key);
    let nearest = keys
        .map(|key| (strsim::jaro_winkler(&key, name), key))
        .filter(|(alike, _)| *alike > ALIKE)
        .max_by(|left, right| left.0.total_cmp(&right.0));
    match nearest {
        Some((_, key)) => format!("unknown key {name}, did you mean {key}?"),
        None => format!("unknown key {name}: the keys are the long flags that --help lists, with _ for -"),
    }
}

/// What a command line would say instead.
fn words(arg: &Arg, name: &str, value: &Value) -> Result<Vec<OsString>, String> {
    let flag = format!("--{}", arg.get_long().unwrap_or_default());
    let takes_value = matches!(arg.get_action(), ArgAction::Set | ArgAction::Append);
    let needs_value = takes_value && arg.get_num_args().is_none_or(|range| range.min_values() > 0);
    let word = |value: &Value| {
        let kind = match value {
            Value::String(text) => return Ok(format!("{flag}={text}").into()),
            Value::Integer(_) | Value::Float(_) | Value::Boolean(_) => return Ok(format!("{flag}={value}").into()),
            Value::Array(_) => "a list in a list",
            Value::Table(_) => "a table",
            Value::Datetime(_) => "a date",
        };
        Err(format!("{name} is {kind}: give text, a number or a list of them"))
    };
    match value {
        Value::Boolean(true) if !needs_value => Ok(vec![flag.into()]),
        Value::Boolean(false) if !needs_value => Ok(Vec::new()),
        _ if !takes_value => Err(format!("{name} is a switch: give true or false")),
        Value::Array(values) => values.iter().map(word).collect(),
        value => Ok(vec![word(value)?]),
    }
}
