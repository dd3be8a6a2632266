//! Configuration by flag, environment and file, all read off the program's own [`clap`] command.
//!
//! Every long flag `--deadline-ms` is also a variable `LAUREL_DEADLINE_MS` and a key `deadline_ms` of the TOML file that `--config`
//! names. A flag goes before the environment, the environment before the file, the file before the default. What a file
//! says is put in front of the command line, so that it is checked as flags are: what is required, what contradicts, what is no number.
//! A key that is no flag is refused. `--print-config` prints what came out of it, as a file that can be read again.
//!
//! A flag whose value is a secret is marked with clap's `hide_env_values`; it is never printed.
mod file;
mod print;

use clap::{
    builder::FalseyValueParser,
    error::{ContextKind, ContextValue, ErrorKind},
    Arg, ArgAction, ArgMatches, Command, Parser, ValueHint,
};
use file::File;
use std::{
    env,
    ffi::{OsStr, OsString},
    io::Write,
    path::PathBuf,
};

/// Ids of the two flags that every program gets.
const FILE: &str = "config";
const PRINT: &str = "print_config";

/// Reads the command line of a program whose variables begin with `LAUREL_`. Ends the program where that cannot be done, and after
/// `--help`, `--version` and `--print-config`.
pub fn parse<T: Parser>() -> T {
    let matches = matches_or_exit(T::command(), "LAUREL");
    T::from_arg_matches(&matches).unwrap_or_else(|error| error.format(&mut T::command()).exit())
}

/// The same for a command that is not derived, with another beginning of its variables.
pub fn matches_or_exit(command: Command, prefix: &str) -> ArgMatches {
    match matches(command, prefix, env::args_os().collect()) {
        Ok(Read::Run(matches)) => matches,
        Ok(Read::Print(text)) => {
            // Where nobody reads it, there is nobody to tell.
            let _ = std::io::stdout().write_all(text.as_bytes());
            std::process::exit(0)
        }
        Err(error) => error.exit(),
    }
}

/// What a command line asks for.
#[derive(Debug)]
pub enum Read {
    /// To run with this.
    Run(ArgMatches),
    /// To print this and end.
    Print(String),
}

/// Reads a command line, the program's name first, with the environment and the file that it names.
///
/// # Errors
/// When the file cannot be read or has an unknown key, and whatever clap refuses.
pub fn matches(command: Command, prefix: &str, line: Vec<OsString>) -> Result<Read, clap::Error> {
    let mut command = prepared(command, prefix);
    let file = match path(&command, prefix, &line) {
        Some(path) => Some(File::read(&path, &command).map_err(|reason| command.error(ErrorKind::Io, reason))?),
        None => None,
    };
    let from_file = file
        .as_ref()
        .map(|file| file.arguments(|arg| is_said(arg, &line)))
        .unwrap_or_default();
    let typed = line.clone();
    let mut whole = line;
    let at = 1.min(whole.len());
    whole.splice(at..at, from_file.iter().map(|(_, argument)| argument.clone()));
    let matches = command.try_get_matches_from_mut(whole).map_err(|error| {
        let origins = origins(&error, &command, |arg| match &file {
            Some(file) if from_file.iter().any(|(id, _)| arg.get_id() == id) => {
                Some(format!("in {}", file.path().display()))
            }
            _ if is_typed(arg, &typed) => None,
            _ => arg
                .get_env()
                .filter(|variable| env::var_os(variable).is_some())
                .map(|variable| format!("by {}", variable.display())),
        });
        with_tip(error, &origins)
    })?;
    Ok(match matches.get_flag(PRINT) {
        true => Read::Print(print::effective(&command, &matches, |id| {
            file.as_ref()
                .filter(|_| from_file.iter().any(|(from, _)| from == id))
                .map(File::path)
        })),
        false => Read::Run(matches),
    })
}

/// The command with `--config`, `--print-config` and a variable for each flag.
pub(crate) fn prepared(command: Command, prefix: &str) -> Command {
    let file = Arg::new(FILE)
        .long("config")
        .value_name("FILE")
        .value_hint(ValueHint::FilePath)
        .value_parser(clap::value_parser!(PathBuf))
        .help("File of settings in TOML: the flags' names with _ for -. Flags and the environment go before it");
    let print = Arg::new(PRINT)
        .long("print-config")
        .action(ArgAction::SetTrue)
        .help("Print the settings and where each comes from, without secrets, and end");
    command.mut_args(|arg| with_variable(arg, prefix)).args([
        with_variable(file, prefix).help_heading("Configuration"),
        print.help_heading("Configuration"),
    ])
}

/// The flag with its variable, unless it has one of its own.
fn with_variable(arg: Arg, prefix: &str) -> Arg {
    let Some(variable) = arg.get_long().map(|long| variable(prefix, long)) else {
        return arg;
    };
    // In a variable, `1` and `yes` should turn a switch on too.
    let arg = match arg.get_action() {
        ArgAction::SetTrue => arg.value_parser(FalseyValueParser::new()),
        _ => arg,
    };
    match arg.get_env() {
        Some(_) => arg,
        None => arg.env(variable),
    }
}

/// The variable of a flag.
fn variable(prefix: &str, long: &str) -> String {
    format!("{prefix}_{}", long.to_uppercase().replace('-', "_"))
}

/// The key of a flag in a file; none for flags that belong on a command line alone.
pub(crate) fn key(arg: &Arg) -> Option<String> {
    let long = arg.get_long()?;
    let elsewhere = [FILE, PRINT, "help", "version"];
    (!elsewhere.contains(&arg.get_id().as_str())).then(|| long.replace('-', "_"))
}

/// The file to read: what the command line says, else the environment. A subcommand has no file.
fn path(command: &Command, prefix: &str, line: &[OsString]) -> Option<PathBuf> {
    let first = line.get(1).and_then(|word| word.to_str());
    if first.is_some_and(|word| command.find_subcommand(word).is_some()) {
        return None;
    }
    said(line, "config")
        .map(|value| value.unwrap_or_default())
        .or_else(|| env::var_os(variable(prefix, "config")))
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
}

/// Whether the command line or the environment gives the flag.
fn is_said(arg: &Arg, line: &[OsString]) -> bool {
    is_typed(arg, line) || arg.get_env().is_some_and(|variable| env::var_os(variable).is_some())
}

/// Whether the command line gives the flag.
fn is_typed(arg: &Arg, line: &[OsString]) -> bool {
    let long = arg.get_long().is_some_and(|long| said(line, long).is_some());
    let short = arg.get_short().is_some_and(|short| said_short(line, short));
    long || short
}

/// Of the flags that an error is about, those that nobody typed, each with where it `comes` from.
fn origins(error: &clap::Error, command: &Command, comes: impl Fn(&Arg) -> Option<String>) -> Vec<String> {
    let values = [ContextKind::InvalidArg, ContextKind::PriorArg].map(|kind| error.get(kind));
    let named: Vec<&str> = values
        .into_iter()
        .flatten()
        .flat_map(|value| match value {
            ContextValue::String(shown) => std::slice::from_ref(shown),
            ContextValue::Strings(shown) => shown.as_slice(),
            _ => &[],
        })
        // Shown as on a command line, with what the flag takes: `--netuid <N>`, `--gateway [<ADDR>]`.
        .filter_map(|shown| shown.split([' ', '=', '[']).next())
        .collect();
    let of = command.get_arguments().filter_map(|arg| {
        let flag = format!("--{}", arg.get_long()?);
        named
            .contains(&flag.as_str())
            .then(|| Some(format!("{} is set {}", key(arg)?, comes(arg)?)))?
    });
    of.collect()
}

/// The error with where its settings come from, if there is anything to say.
fn with_tip(mut error: clap::Error, origins: &[String]) -> clap::Error {
    if !origins.is_empty() {
        let tip = ContextValue::StyledStrs(vec![origins.join(", ").into()]);
        error.insert(ContextKind::Suggested, tip);
    }
    error
}

/// Whether a flag is on the command line, and its value where it has one. No flag of ours takes a value that begins with a hyphen, so
/// what looks like a flag is one.
fn said(line: &[OsString], long: &str) -> Option<Option<OsString>> {
    let flag = format!("--{long}");
    let mut words = line.iter().skip(1).take_while(|word| *word != "--");
    while let Some(word) = words.next() {
        if word.as_os_str() == OsStr::new(&flag) {
            return Some(words.next().cloned());
        }
        let value = word
            .to_str()
            .and_then(|word| word.strip_prefix(&flag)?.strip_prefix('='));
        if let Some(value) = value {
            return Some(Some(value.into()));
        }
    }
    None
}

/// The same of a flag of one letter, alone or with its value: `-l info`, `-linfo`.
fn said_short(line: &[OsString], short: char) -> bool {
    let mut words = line.iter().skip(1).take_while(|word| *word != "--");
    words.any(|word| {
        word.to_str()
            .and_then(|word| word.strip_prefix('-'))
            .is_some_and(|word| word.starts_with(short))
    })
}

#[cfg(test)]
mod tests;
