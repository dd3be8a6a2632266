//! The dashboard's files, served by the command until it is told to stop.
use nix::{
    sys::signal::{kill, Signal},
    unistd::Pid,
};
use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

/// Ends with the test, whatever becomes of it.
struct Dashboard(Child);

impl Drop for Dashboard {
    fn drop(&mut self) {
        // Fails only when it has ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn the_dashboard_is_served_where_it_says_and_ends_in_order() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("index.html"), "<p>the page</p>").unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_laurel"))
        .args(["dashboard", "--listen=127.0.0.1:0", "--json"])
        .env("LAUREL_DASHBOARD", folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut dashboard = Dashboard(child);
    // The document ends with the first line that holds nothing but its brace.
    let mut text = String::new();
    for line in said.map_while(Result::ok) {
        text.push_str(&line);
        if line == "}" {
            break;
        }
    }
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["files"], folder.path().to_str().unwrap());
    let page = reqwest::get(document["url"].as_str().unwrap()).await.unwrap();
    assert_eq!(page.text().await.unwrap(), "<p>the page</p>");
    kill(Pid::from_raw(dashboard.0.id() as i32), Signal::SIGTERM).unwrap();
    assert!(dashboard.0.wait().unwrap().success(), "asked to stop, it stops");
}

#[test]
fn a_dashboard_that_was_never_built_is_said_to_be_missing() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_laurel"))
        .args(["dashboard", "--json", "--files"])
        .arg(folder.path())
        .output()
        .unwrap();
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (output.status.code(), &told["error"]["name"]),
        (Some(1), &"DashboardMissing".into())
    );
}
