//! The last line of a program that failed.
use crate::logging;
use std::{
    io::{self, Write},
    process::ExitCode,
};

/// An error and its causes on one line. A cause that its parent already quotes is not said twice.
pub fn one_line(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for cause in error.chain() {
        let text = cause.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        if line.is_empty() {
            line = text;
        } else if !line.contains(&text) {
            line = format!("{line}: {text}");
        }
    }
    line
}

/// Prints the error, if there is one, and says with which code to exit.
pub fn finish(result: anyhow::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

/// Writes the error to standard error, as JSON where the process logs JSON. Where that is closed or full nobody is there to read it, and
/// the exit code has to do.
pub fn complain(error: &anyhow::Error) {
    if logging::is_json() {
        return tracing::error!(error = one_line(error), "the program ends");
    }
    let _ = writeln!(io::stderr(), "error: {}", one_line(error));
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::{anyhow, Context};
    use std::{fs::OpenOptions, process::Command};

    /// Set for the copy of this test that has a standard error on which nothing can be written.
    const MUTE: &str = "LAUREL_TEST_MUTE";
    const REACHED: i32 = 7;

    #[test]
    fn a_program_that_cannot_write_its_last_line_still_ends_in_order() {
        if std::env::var_os(MUTE).is_some() {
            finish(Err(anyhow!("nobody reads this")));
            std::process::exit(REACHED);
        }
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let status = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "exit::tests::a_program_that_cannot_write_its_last_line_still_ends_in_order",
            ])
            .arg("--nocapture")
            .env(MUTE, "1")
            .stderr(full)
            .status()
            .unwrap();
        assert_eq!(status.code(), Some(REACHED));
    }

    #[test]
    fn an_error_is_one_line_with_each_cause_once() {
        let io = std::io::Error::other("no space left\non device");
        let error = Err::<(), _>(io)
            .context("cannot write the key file")
            .context("creating the wallet")
            .unwrap_err();
        assert_eq!(
            one_line(&error),
            "creating the wallet: cannot write the key file: no space left on device"
        );
        let quoting = anyhow!("the port is taken").context("cannot listen: the port is taken");
        assert_eq!(one_line(&quoting), "cannot listen: the port is taken");
    }
}
