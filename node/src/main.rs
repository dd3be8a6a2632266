//! The Laurel chain binary.
use laurel_node::{command, failure};
use std::process::ExitCode;

fn main() -> ExitCode {
    match command::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Error: {}", failure::one_line(&error));
            ExitCode::FAILURE
        }
    }
}
