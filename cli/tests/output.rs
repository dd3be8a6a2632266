//! What the command says, where it cannot say it.
use std::{
    fs::OpenOptions,
    process::{Command, Stdio},
};

const LOCAL: i32 = 1;

/// A command that needs neither wallet nor chain.
fn laurel() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_laurel"));
    command.args(["subnet", "hyperparameters"]);
    command
}

#[test]
fn a_full_disk_under_the_output_is_a_failure_and_no_panic() {
    let full = || OpenOptions::new().write(true).open("/dev/full").unwrap();
    for json in [None, Some("--json")] {
        let output = laurel()
            .args(json)
            .stdout(full())
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let complaint = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(LOCAL), "{complaint}");
        assert!(
            complaint.starts_with("error: cannot write to standard output"),
            "{complaint}"
        );
        assert_eq!(complaint.lines().count(), 1, "{complaint}");
    }
    // Neither the answer nor the complaint.
    let status = laurel().stdout(full()).stderr(full()).status().unwrap();
    assert_eq!(status.code(), Some(LOCAL));
}

#[test]
fn wrong_arguments_are_told_in_json_where_it_is_asked_for() {
    let output = Command::new(env!("CARGO_BIN_EXE_laurel"))
        .args(["weights", "set", "--wallet", "w", "--row", "1:2", "--json"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&told["error"]["name"], &told["error"]["code"]),
        (&"Usage".into(), &2.into())
    );
    let message = told["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("Usage: invalid value '1:2'"), "{message}");
    assert!(output.stderr.is_empty());

    let help = Command::new(env!("CARGO_BIN_EXE_laurel"))
        .args(["--help"])
        .output()
        .unwrap();
    assert!(help.status.success() && help.stdout.starts_with(b"The command line"));
}

#[test]
fn an_address_that_is_named_counts_more_than_a_wallet_of_the_environment() {
    let balance = |arguments: &[&str]| {
        let mut laurel = Command::new(env!("CARGO_BIN_EXE_laurel"));
        let laurel = laurel.args(["balance", "--chain=ws://127.0.0.1:1"]).args(arguments);
        let output = laurel.env("LAUREL_WALLET", "there-is-no-such-wallet").output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, told) = balance(&[]);
    assert_eq!(code, Some(LOCAL), "{told}");
    let (code, told) = balance(&["--address=5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"]);
    assert_eq!(code, Some(4), "only the chain is missing: {told}");
}
