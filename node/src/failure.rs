//! What went wrong, in one line that says what to do.
use std::error::Error;

/// The error with its causes, on one line, and a hint where one is known.
pub fn one_line(error: &dyn Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        // Wrappers often repeat their cause.
        if !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
        next = error.source();
    }
    let line = parts.join(": ");
    match hint(&line) {
        Some(hint) => format!("{line}; {hint}"),
        None => line,
    }
}

/// What to do about failures that come from below and name no remedy.
fn hint(line: &str) -> Option<&'static str> {
    const HINTS: [(&str, &str); 6] = [
        ("Permission denied", "give a folder that you can write to with --base-path"),
        ("Read-only file system", "give a folder that you can write to with --base-path"),
        ("No space left on device", "free disk space, or give another folder with --base-path"),
        ("lock", "another node uses this folder: stop it, or give another folder with --base-path"),
        ("Genesis", "the database belongs to another chain: remove it with `laurel-node purge-chain`, or give another --base-path"),
        ("network key", "create one with `laurel-node key generate-node-key`, or give --node-key"),
    ];
    HINTS
        .iter()
        .find(|(sign, _)| line.contains(sign))
        .map(|(_, hint)| *hint)
}

#[cfg(test)]
mod tests {
    use super::one_line;
    use std::io;

    #[test]
    fn an_error_becomes_one_line_with_a_remedy() {
        let error = io::Error::new(io::ErrorKind::PermissionDenied, "Permission denied\n(os error 13)");
        assert_eq!(
            one_line(&error),
            "Permission denied (os error 13); give a folder that you can write to with --base-path"
        );
    }
}
