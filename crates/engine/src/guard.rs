//! Libraries that panic where they should refuse.
//!
//! Tokenizers and chat templates come with models, and their libraries have inputs at which they panic (`tokenizers` at a prefix that is
//! longer than a token, `minijinja` at an empty list that is reversed). A model that is not usable, or a request that cannot be
//! answered, must not end the program or its thread.
use std::panic::{catch_unwind, AssertUnwindSafe};

/// What `call` answers, or its error in one line; a panic is one.
///
/// What `call` changes must be nobody's afterwards, or whole at every step: caches of the libraries are.
pub(crate) fn guarded<T, E: ToString>(call: impl FnOnce() -> Result<T, E>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text
                .or(panic.downcast_ref::<&str>().copied())
                .unwrap_or("no reason given");
            Err(format!("the library that reads it failed: {text}"))
        }
    }
}
