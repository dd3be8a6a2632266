//! The commands of the role pages, as they stand, against a local network.
//!
//! Every `sh` block of `docs/roles/*.md` is run by bash, in the order of the page, each page with variables of its own, and every `python` block by a
//! Python that has the openai client, where there is one; what a `text` block behind it shows must come out, where `…` stands for anything. A comment before a block says so if it runs until it is stopped, or is to be
//! repeated until it succeeds. Ports come from the environment, so that a network that runs on this machine is left alone.
use laurel_tests::local_network;
use nix::{
    sys::signal::{killpg, Signal},
    unistd::Pid,
};
use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

const BASE_PORT: u16 = 19_600;
/// How long a block may take, also one that is repeated: the machine may be slow.
const LIMIT: Duration = Duration::from_secs(300);
/// How long a program may take to end after Ctrl-C.
const STOPPING: Duration = Duration::from_secs(60);

/// Beginnings of the comments that say how a block is run.
const UNTIL_STOPPED: &str = "<!-- until stopped";
const UNTIL_IT_SUCCEEDS: &str = "<!-- until it succeeds";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    Once,
    UntilStopped,
    UntilItSucceeds,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Language {
    Shell,
    Python,
}

impl Language {
    fn of(kind: &str) -> Option<Self> {
        match kind {
            "sh" => Some(Self::Shell),
            "python" => Some(Self::Python),
            _ => None,
        }
    }
}

/// Commands of a page.
#[derive(Debug)]
struct Block {
    /// The page and the line that they begin in.
    place: String,
    manner: Manner,
    language: Language,
    commands: String,
    /// What the page shows behind them.
    shown: Option<String>,
}

/// What a page has to run, in order.
fn blocks(name: &str, page: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut before = "";
    let mut lines = page.lines().zip(1..);
    while let Some((line, number)) = lines.next() {
        if let Some(kind) = line.strip_prefix("```") {
            let body: Vec<&str> = lines
                .by_ref()
                .map(|(line, _)| line)
                .take_while(|line| *line != "```")
                .collect();
            let body = body.join("\n");
            if let Some(language) = Language::of(kind) {
                blocks.push(Block {
                    place: format!("{name}:{number}"),
                    manner: match before {
                        comment if comment.starts_with(UNTIL_STOPPED) => Manner::UntilStopped,
                        comment if comment.starts_with(UNTIL_IT_SUCCEEDS) => Manner::UntilItSucceeds,
                        _ => Manner::Once,
                    },
                    language,
                    commands: body,
                    shown: None,
                });
            } else if kind == "text" {
                blocks.last_mut().expect("output follows commands").shown = Some(body);
            }
        }
        if !line.is_empty() {
            before = line;
        }
    }
    blocks
}

/// Whether a text is what is shown, where `…` stands for anything.
fn is_shown(shown: &str, text: &str) -> bool {
    let mut parts = shown.trim().split('…');
    let (first, parts) = (parts.next().unwrap_or_default(), parts.collect::<Vec<_>>());
    let Some(mut rest) = text.trim().strip_prefix(first) else {
        return false;
    };
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        match rest.split_once(part) {
            Some((_, behind)) => rest = behind,
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// A shell of a page: what one block sets, the next one sees.
struct Shell {
    home: PathBuf,
    /// Variables after the last block.
    variables: PathBuf,
    running: Vec<(String, Child, PathBuf)>,
}

impl Shell {
    fn new(home: &Path, page: &str) -> Self {
        let variables = home.join(format!("{page}.variables"));
        fs::write(&variables, "").unwrap();
        Self {
            home: home.into(),
            variables,
            running: Vec::new(),
        }
    }

    /// bash with the block's commands. It leads a process group, as one that is typed at a terminal does.
    fn bash(&self, block: &Block) -> Command {
        let commands = match block.language {
            Language::Shell => block.commands.clone(),
            Language::Python => format!("{} - <<'END'\n{}\nEND", python().display(), block.commands),
        };
        let variables = self.variables.display();
        let script = format!("set -eao pipefail\n. {variables}\n{commands}\nexport -p > {variables}\n");
        let path = std::env::var("PATH").unwrap();
        let port = |offset: u16| (BASE_PORT + offset).to_string();
        let mut bash = Command::new("bash");
        bash.arg("-c")
            .arg(script)
            .current_dir(&self.home)
            .env("HOME", &self.home)
            .env("PATH", format!("{}:{path}", local_network::binaries().display()))
            .env("LAUREL_CHAIN", format!("ws://127.0.0.1:{BASE_PORT}"))
            .envs([
                ("RPC_PORT", port(0)),
                ("ALICE_P2P_PORT", port(2)),
                ("GATEWAY_PORT", port(20)),
                ("EMBEDDINGS_PORT", port(21)),
                ("MINER_PORT", port(40)),
                ("NODE_RPC_PORT", port(41)),
                ("NODE_METRICS_PORT", port(42)),
                ("NODE_P2P_PORT", port(43)),
                ("VALIDATOR_METRICS_PORT", port(44)),
                ("VALIDATOR_GATEWAY_PORT", port(45)),
            ])
            .stdin(Stdio::null())
            .process_group(0);
        for variable in ["LAUREL_WALLET", "LAUREL_PASSWORD", "LAUREL_PASSWORD_FILE"] {
            bash.env_remove(variable);
        }
        bash
    }

    fn run(&mut self, block: &Block, network: &mut Network) {
        let Block { place, shown, .. } = block;
        if block.language == Language::Python && !python().exists() {
            return println!("{place}: left out, scripts/openai-clients.sh --install did not fetch the openai client");
        }
        let log = self.home.join(format!("{}.log", place.replace(['/', ':'], "-")));
        if block.manner == Manner::UntilStopped {
            let output = fs::File::create(&log).unwrap();
            let errors = output.try_clone().unwrap();
            let child = self.bash(block).stdout(output).stderr(errors).spawn().unwrap();
            self.running.push((place.clone(), child, log));
            return;
        }
        let begun = Instant::now();
        loop {
            let (output, errors) = (fs::File::create(&log).unwrap(), log.with_extension("errors"));
            let mut bash = self.bash(block);
            let mut child = bash
                .stdout(output)
                .stderr(fs::File::create(&errors).unwrap())
                .spawn()
                .unwrap();
            let status = wait(&mut child, LIMIT);
            let said = fs::read_to_string(&log).unwrap();
            let fits = shown.as_deref().is_none_or(|shown| is_shown(shown, &said));
            if status.is_some_and(|status| status.success()) && fits {
                return;
            }
            let is_over = block.manner == Manner::Once || begun.elapsed() > LIMIT || network.has_ended();
            assert!(
                !is_over,
                "{place}: {}\n{}\n--- said ({status:?}):\n{said}{}\n--- shown:\n{}\n{}--- the network:\n{}",
                "the page's commands do not do what it says",
                block.commands,
                fs::read_to_string(&errors).unwrap(),
                shown.as_deref().unwrap_or("(nothing)"),
                self.logs(),
                network.said(),
            );
            // What it waits for happens on the network, which tells no one.
            thread::sleep(Duration::from_secs(1));
        }
    }

    /// What the programs of the page have said.
    fn logs(&self) -> String {
        let log = |(place, _, log): &(String, Child, PathBuf)| {
            format!("--- {place}:\n{}", fs::read_to_string(log).unwrap_or_default())
        };
        self.running.iter().map(log).collect()
    }

    /// Ctrl-C in every terminal; each program must end well.
    fn stop(mut self) {
        for (place, mut child, log) in std::mem::take(&mut self.running) {
            let ended = child.try_wait().unwrap();
            let said = || fs::read_to_string(&log).unwrap();
            assert_eq!(ended, None, "{place} ended by itself: {}", said());
            killpg(Pid::from_raw(child.id() as i32), Signal::SIGINT).unwrap();
            let status = wait(&mut child, STOPPING);
            assert!(
                status.is_some_and(|status| status.success()),
                "{place}, {status:?}: {}",
                said()
            );
        }
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        for (_, child, _) in &mut self.running {
            end(child);
        }
    }
}

/// The Python in which `scripts/openai-clients.sh --install` puts the openai client.
fn python() -> PathBuf {
    local_network::cache().join("openai/venv/bin/python")
}

/// The status with which a process ends; none if it had to be ended.
fn wait(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let begun = Instant::now();
    while begun.elapsed() < limit {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        // The standard library has no wait with a limit.
        thread::sleep(Duration::from_millis(50));
    }
    end(child);
    None
}

/// Ends a process with all that it started.
fn end(child: &mut Child) {
    // Fails only when all have ended by themselves.
    let _ = killpg(Pid::from_raw(child.id() as i32), Signal::SIGKILL);
    let _ = child.wait();
}

/// A local network; it ends when dropped.
struct Network {
    process: Child,
    said: Arc<Mutex<Vec<String>>>,
}

impl Network {
    /// Returns when the chain is founded, and miners and validators are starting.
    fn start(dir: &Path) -> Self {
        let mut process = local_network::command(&dir.join("network"), BASE_PORT)
            .arg("--fresh")
            .stdin(Stdio::null())
            .stdout(fs::File::create(dir.join("network.log")).unwrap())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let said = Arc::new(Mutex::new(Vec::new()));
        let written = said.clone();
        let mut lines = BufReader::new(process.stderr.take().unwrap())
            .lines()
            .map_while(Result::ok)
            .inspect(move |line| written.lock().unwrap().push(line.clone()));
        let started = lines.any(|line| line.contains("starting miners and validators"));
        // Somebody must read on, or the network waits for room in the pipe.
        thread::spawn(move || lines.for_each(drop));
        let network = Self { process, said };
        assert!(started, "the network did not start: {}", network.said());
        network
    }

    fn has_ended(&mut self) -> bool {
        self.process.try_wait().unwrap().is_some()
    }

    fn said(&self) -> String {
        self.said.lock().unwrap().join("\n")
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        // It ends its own processes when it is told to stop.
        let _ = killpg(Pid::from_raw(self.process.id() as i32), Signal::SIGINT);
        if wait(&mut self.process, STOPPING).is_none() && !thread::panicking() {
            panic!("the network did not end");
        }
    }
}

#[test]
fn every_command_of_the_role_pages_works_as_it_stands() {
    let roles = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/roles");
    let mut pages: Vec<PathBuf> = fs::read_dir(roles)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    pages.sort();
    assert_eq!(pages.len(), 6, "{pages:?}");

    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("home");
    fs::create_dir_all(home.join(".cache/laurel/models")).unwrap();
    let model = home.join(".cache/laurel/models/all-MiniLM-L6-v2");
    std::os::unix::fs::symlink(local_network::embedding_model(), model).unwrap();
    let mut network = Network::start(dir.path());
    for page in pages {
        let name = page.file_name().unwrap().to_string_lossy().into_owned();
        let blocks = blocks(&name, &fs::read_to_string(&page).unwrap());
        assert!(blocks.len() > 1, "{name} shows {} commands", blocks.len());
        let mut shell = Shell::new(&home, &name);
        for block in &blocks {
            shell.run(block, &mut network);
        }
        shell.stop();
    }
}

#[test]
fn an_ellipsis_stands_for_anything_and_nothing_else_does() {
    for (shown, text) in [
        ("a", "a\n"),
        ("a…", "a"),
        ("{…\"ready\":true…}", "{\"uid\":3,\"ready\":true}"),
        ("one\n…\nlast", "one\ntwo\nlast\n"),
        ("…", ""),
    ] {
        assert!(is_shown(shown, text), "{shown:?} {text:?}");
    }
    for (shown, text) in [("a", "ab"), ("a…c", "ab"), ("…b…", "ac"), ("a…a", "a"), ("", "a")] {
        assert!(!is_shown(shown, text), "{shown:?} {text:?}");
    }
}

#[test]
fn a_page_is_read_as_commands_how_to_run_them_and_what_they_show() {
    let page = "# T\n\n```sh\na=1\n```\n\n<!-- until stopped -->\n```sh\nb\nc\n```\n\nThen:\n\n```sh\nd\n```\n\n```text\n…e\n```\n```python\nf\n```\n";
    let read = blocks("t.md", page);
    let read: Vec<_> = read
        .iter()
        .map(|block| {
            (
                block.place.as_str(),
                block.manner,
                block.language,
                block.commands.as_str(),
                block.shown.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        read,
        [
            ("t.md:3", Manner::Once, Language::Shell, "a=1", None),
            ("t.md:8", Manner::UntilStopped, Language::Shell, "b\nc", None),
            ("t.md:15", Manner::Once, Language::Shell, "d", Some("…e")),
            ("t.md:22", Manner::Once, Language::Python, "f", None),
        ]
    );
}
