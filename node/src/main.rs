//! The Laurel chain binary.
use laurel_node::{command, failure};
use std::{
    io::{self, Write},
    process::ExitCode,
};

fn main() -> ExitCode {
    match command::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where nobody can read it, the exit code has to do.
            let _ = writeln!(io::stderr(), "Error: {}", failure::one_line(&error));
            ExitCode::FAILURE
        }
    }
}
