use super::*;
use clap::Args;
use std::path::Path;

#[derive(Args, Debug)]
struct Checks {
    #[arg(long, default_value_t = 0.25)]
    rate: f64,
}

/// A program with a flag of each kind.
#[derive(Parser, Debug)]
#[command(name = "laurel-test")]
struct Program {
    #[arg(long)]
    netuid: u16,
    #[arg(long, required = true)]
    model: Vec<PathBuf>,
    #[arg(long, value_delimiter = ',', default_value = "ws://127.0.0.1:9944")]
    chain: Vec<String>,
    #[arg(long, default_value_t = 32)]
    queue_depth: u32,
    #[arg(long)]
    verbose: bool,
    #[arg(long, num_args = 0..=1, default_missing_value = "127.0.0.1:8800")]
    gateway: Option<String>,
    #[arg(long, conflicts_with = "queue_depth")]
    upstream: Option<String>,
    #[arg(long, num_args = 0..=1)]
    dashboard: Option<Option<PathBuf>>,
    #[arg(long, hide_env_values = true)]
    token: Option<String>,
    #[command(flatten)]
    checks: Checks,
}

fn file(text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.toml");
    std::fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

/// Each test has variables of its own, as the environment belongs to the process.
fn read(prefix: &str, flags: &[&str]) -> Result<Read, String> {
    let line = std::iter::once("laurel-test")
        .chain(flags.iter().copied())
        .map(OsString::from);
    matches(Program::command(), prefix, line.collect()).map_err(|error| error.to_string())
}

fn program(prefix: &str, flags: &[&str]) -> Program {
    match read(prefix, flags).unwrap() {
        Read::Run(matches) => Program::from_arg_matches(&matches).unwrap(),
        Read::Print(text) => panic!("{text}"),
    }
}

use clap::{CommandFactory, FromArgMatches};

#[test]
fn a_flag_goes_before_the_environment_before_the_file_before_the_default() {
    let (_folder, path) =
        file("netuid = 1\nmodel = ['a', 'b']\nqueue_depth = 7\nrate = 0.5\nverbose = true\ngateway = true\n");
    let all = program("ORDER", &["--config", &path]);
    assert_eq!(
        (all.netuid, all.queue_depth, all.checks.rate, all.verbose),
        (1, 7, 0.5, true)
    );
    assert_eq!(all.model, [Path::new("a"), Path::new("b")]);
    assert_eq!(all.chain, ["ws://127.0.0.1:9944"]);
    assert_eq!(all.gateway.as_deref(), Some("127.0.0.1:8800"));
    std::env::set_var("ORDER_QUEUE_DEPTH", "8");
    std::env::set_var("ORDER_VERBOSE", "no");
    std::env::set_var("ORDER_CONFIG", &path);
    let environment = program("ORDER", &[]);
    assert_eq!((environment.queue_depth, environment.verbose), (8, false));
    let flags = program(
        "ORDER",
        &["--queue-depth=9", "--model", "c", "--chain", "ws://x,ws://y"],
    );
    assert_eq!(flags.queue_depth, 9);
    assert_eq!(
        flags.model,
        [Path::new("c")],
        "a flag replaces the file's list, it does not add to it"
    );
    assert_eq!(flags.chain, ["ws://x", "ws://y"]);
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_known_one() {
    let (_folder, path) = file("netuld = 1\n");
    let error = read("UNKNOWN", &["--config", &path]).unwrap_err();
    assert!(error.contains("unknown key netuld, did you mean netuid?"), "{error}");
    let (_folder, path) = file("print_config = true\n");
    let error = read("UNKNOWN", &["--config", &path]).unwrap_err();
    assert!(error.contains("unknown key print_config"), "{error}");
    let error = read("UNKNOWN", &["--config", "/not/there.toml"]).unwrap_err();
    assert!(
        error.contains("/not/there.toml") && error.contains("correct --config"),
        "{error}"
    );
}

#[test]
fn what_a_file_says_is_checked_as_flags_are_and_the_error_names_the_file() {
    for (text, why) in [
        ("netuid = 'one'\nmodel = 'a'", "invalid value 'one'"),
        ("netuid = 1", "--model"),
        (
            "netuid = 1\nmodel = 'a'\nqueue_depth = 1\nupstream = 'http://x'",
            "cannot be used with",
        ),
        ("netuid = 1\nmodel = 'a'\nverbose = 3", "verbose is a switch"),
        ("netuid = 1\nmodel = 'a'\n[rate]\nx = 1", "rate is a table"),
        ("netuid = ", "is not TOML"),
    ] {
        let (_folder, path) = file(text);
        let error = read("CHECKED", &["--config", &path]).unwrap_err();
        assert!(error.contains(why), "{text}: {error}");
    }
    let (_folder, path) = file("netuid = 'one'\nmodel = 'a'");
    let error = read("CHECKED", &["--config", &path]).unwrap_err();
    assert!(error.contains(&format!("netuid is set in {path}")), "{error}");
    let typed = read("CHECKED", &["--config", &path, "--netuid", "two"]).unwrap_err();
    assert!(!typed.contains("is set in"), "{typed}");
}

#[test]
fn an_error_names_the_variable_and_the_file_that_it_comes_from() {
    std::env::set_var("NAMED_NETUID", "three");
    let error = read("NAMED", &["--model", "a"]).unwrap_err();
    assert!(error.contains("netuid is set by NAMED_NETUID"), "{error}");
    let typed = read("NAMED", &["--model", "a", "--netuid", "two"]).unwrap_err();
    assert!(!typed.contains("is set by"), "{typed}");

    let (_folder, path) = file("netuid = 1\nmodel = 'a'\nqueue_depth = 1");
    std::env::set_var("BOTH_UPSTREAM", "http://x");
    let error = read("BOTH", &["--config", &path]).unwrap_err();
    for origin in [
        format!("queue_depth is set in {path}"),
        "upstream is set by BOTH_UPSTREAM".into(),
    ] {
        assert!(error.contains(&origin), "{error}");
    }
    assert!(!error.contains("netuid is set"), "{error}");
}

#[test]
fn the_effective_configuration_tells_origins_hides_secrets_and_can_be_read_again() {
    let (_folder, path) =
        file("netuid = 1\nmodel = ['a']\nchain = ['wss://me:hush@node.example/0123456789abcdef?key=hush']\n");
    std::env::set_var("PRINT_QUEUE_DEPTH", "8");
    std::env::set_var("PRINT_TOKEN", "hush");
    let Read::Print(text) = read(
        "PRINT",
        &["--config", &path, "--print-config", "--verbose", "--dashboard"],
    )
    .unwrap() else {
        panic!("--print-config prints");
    };
    assert!(!text.contains("hush") && !text.contains("0123456789abcdef"), "{text}");
    for line in [
        format!("netuid = 1  # {path}"),
        "queue_depth = 8  # PRINT_QUEUE_DEPTH".into(),
        "verbose = true  # flag".into(),
        "# rate = 0.25  # default".into(),
        "dashboard = true  # flag".into(),
        "# upstream is not set".into(),
        "# token is set and not shown  # PRINT_TOKEN".into(),
        format!("chain = [\"wss://…@node.example/…\"]  # {path}"),
    ] {
        assert!(text.lines().any(|shown| shown == line), "{line}\n{text}");
    }
    let (_folder, again) = file(&text);
    let read_again = program("AGAIN", &["--config", &again]);
    assert_eq!(
        (read_again.netuid, read_again.queue_depth, read_again.verbose),
        (1, 8, true)
    );
}
