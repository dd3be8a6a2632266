//! Lines of the log as JSON: one schema, whoever writes them.
use laurel_daemon::{complain, start_json};
use serde_json::Value;
use std::process::Command;
use tracing_subscriber::EnvFilter;

/// Set for the copy of the test that writes.
const WRITER: &str = "LAUREL_TEST_LOG_WRITER";

fn write() {
    start_json(EnvFilter::new("info")).unwrap();
    tracing::info!(netuid = 3, hotkey = "5F", "a line\nof two");
    tracing::debug!("not asked for");
    log::warn!(target: "sync", "of another crate");
    tracing::info!(level = 7, "named as a key of ours");
    let worker = std::thread::spawn(|| panic!("no luck"));
    assert!(worker.join().is_err());
    complain(&anyhow::anyhow!("the port is taken").context("cannot listen"));
}

#[test]
fn every_line_is_an_object_with_the_same_keys_and_data_of_its_own() {
    if std::env::var_os(WRITER).is_some() {
        return write();
    }
    let test = "every_line_is_an_object_with_the_same_keys_and_data_of_its_own";
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(WRITER, "1")
        .output()
        .unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stderr).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect(line))
        .collect();
    assert_eq!(lines.len(), 5, "{text}");
    for line in text.lines() {
        assert!(
            line.starts_with("{\"timestamp\":\""),
            "the time is what is looked for first: {line}"
        );
    }
    for line in &lines {
        for key in ["timestamp", "level", "target", "message"] {
            assert!(line[key].is_string(), "{key} in {line}");
        }
    }
    assert_eq!(
        (&lines[0]["netuid"], &lines[0]["message"]),
        (&3.into(), &"a line\nof two".into())
    );
    let of_log = lines[1].as_object().unwrap();
    assert_eq!(of_log.keys().len(), 4, "{of_log:?}");
    assert_eq!((&of_log["level"], &of_log["target"]), (&"WARN".into(), &"sync".into()));
    assert_eq!((&lines[2]["level"], &lines[2]["level_"]), (&"INFO".into(), &7.into()));
    assert_eq!(lines[3]["reason"], "no luck");
    assert_eq!(
        (&lines[4]["level"], &lines[4]["error"]),
        (&"ERROR".into(), &"cannot listen: the port is taken".into())
    );
}
