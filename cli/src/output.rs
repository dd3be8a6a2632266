//! For people or for programs.
use serde_json::Value;

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
