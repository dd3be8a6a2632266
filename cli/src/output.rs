//! For people or for programs.
use clap::{Args, Subcommand};
use serde_json::Value;

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
            println!("{:#}", programs());
        } else {
            people();
        }
    }
}
