//! What went wrong, in one line that says what to do.
use std::error::Error;

/// The error with its causes, on one line, and a remedy where one is known.
pub fn one_line(error: &sc_cli::Error) -> String {
    if let sc_cli::Error::NetworkKeyNotFound(path) = error {
        // The message from below is a page long.
        return format!(
            "this authority has no network key in {}: give one with --node-key, or create one with `laurel-node key \
             generate-node-key --file {}`",
            path.display(),
            path.display()
        );
    }
    let mut parts: Vec<String> = Vec::new();
    let mut next: Option<&dyn Error> = Some(error);
    while let Some(error) = next {
        let text = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        // Wrappers often repeat their cause.
        if !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
        next = error.source();
    }
    let line = parts.join(": ");
    // Names of variants that say nothing to a reader.
    let line = ["Other: ", "Application: ", "Invalid input: "]
        .iter()
        .fold(line.as_str(), |line, prefix| line.strip_prefix(prefix).unwrap_or(line));
    match remedy(line) {
        Some(remedy) => format!("{line}; {remedy}"),
        None => line.to_string(),
    }
}

/// What to do about failures that come from below and name no remedy.
fn remedy(line: &str) -> Option<&'static str> {
    const WRITABLE: &str = "give a folder that you can write to with --base-path";
    const REMEDIES: [(&str, &str); 7] = [
        ("Permission denied", WRITABLE),
        ("Read-only file system", WRITABLE),
        ("Not a directory", WRITABLE),
        ("No such file or directory", "check the paths given"),
        (
            "No space left on device",
            "free disk space, or give another folder with --base-path",
        ),
        (
            "os error 11",
            "another node uses this folder: stop it, or give another one with --base-path",
        ),
        ("Is a directory", "give a file"),
    ];
    REMEDIES
        .iter()
        .find(|(sign, _)| line.contains(sign))
        .map(|(_, remedy)| *remedy)
}

#[cfg(test)]
mod tests {
    use super::one_line;
    use std::io;

    #[test]
    fn an_error_becomes_one_line_with_a_remedy() {
        let error = io::Error::new(io::ErrorKind::PermissionDenied, "Permission denied\n(os error 13)");
        assert_eq!(
            one_line(&error.into()),
            "Permission denied (os error 13); give a folder that you can write to with --base-path"
        );
    }

    #[test]
    fn what_names_its_remedy_already_is_left_alone() {
        let error = sc_service::Error::Other("cannot listen on 127.0.0.1:1: choose another with --rpc-port".into());
        assert_eq!(
            one_line(&error.into()),
            "cannot listen on 127.0.0.1:1: choose another with --rpc-port"
        );
    }
}
