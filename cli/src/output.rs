//! For people or for programs.
use crate::{failure, waiting};
use clap::{Args, Subcommand};
use serde_json::Value;
use std::{
    fmt,
    io::{self, ErrorKind, Write},
};

/// Prints a line on standard output as `println!` does, and ends the program where that cannot be written.
macro_rules! say {
    ($($text:tt)*) => { $crate::output::line(format_args!($($text)*)) };
}

/// See [`say!`].
pub fn line(text: fmt::Arguments<'_>) {
    waiting::over();
    if let Err(error) = writeln!(io::stdout(), "{text}") {
        // A reader that has seen enough, as `head`, is no error to complain of.
        if error.kind() != ErrorKind::BrokenPipe {
            laurel_daemon::complain(&anyhow::Error::new(error).context("cannot write to standard output"));
        }
        std::process::exit(failure::LOCAL.into());
    }
}

/// A command of several verbs, for people or for programs.
#[derive(Args, Debug)]
pub struct Noun<T: Subcommand> {
    /// Print one JSON document, errors included; amounts are decimal strings of leaves.
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub what: T,
}

/// A command without verbs, for people or for programs.
#[derive(Args, Debug)]
pub struct Action<T: Args> {
    /// Print one JSON document, errors included; amounts are decimal strings of leaves.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub what: T,
}

/// How a command says what it found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Output {
    /// One JSON document on standard output, and nothing else there.
    pub json: bool,
}

impl Output {
    /// Says it in the one form or the other.
    pub fn show(self, people: impl FnOnce(), programs: impl FnOnce() -> Value) {
        if self.json {
            // `Display` of a value is compact; `{:#}` lays it out.
            say!("{:#}", programs());
        } else {
            people();
        }
    }
}
