//! The last line of a program that failed.
use std::process::ExitCode;

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
            eprintln!("error: {}", one_line(&error));
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::{anyhow, Context};

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
