//! A subnet with a kind of work of its own, as its author makes it: the template's validator and miner, on a chain, from the owner's first
//! command until the miner that works is paid and the one that does not is not.
use clap::Parser;
use futures::StreamExt;
use laurel_chain::{AccountId, ChainClient, ConnectOptions};
use laurel_daemon::Health;
use laurel_miner::{App, ServeArgs, Service, Services, Solve, Start};
use laurel_protocol::CustomWork;
use laurel_tests::{development_node::DevelopmentNode, local_network::binary};
use laurel_types::{Metagraph, NetUid, NeuronInfo};
use my_subnet::{
    work::{Answer, Task},
    Tours,
};
use nix::{
    sys::signal::{kill, Signal},
    unistd::Pid,
};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};
use tokio_util::sync::CancellationToken;

const NETUID: NetUid = NetUid(1);
/// Blocks after which a miner that works must have been paid: a dozen epochs.
const PATIENCE: u32 = 180;

/// Answers with the points as they come: a tour, and no work.
struct Lazy;

impl CustomWork for Lazy {
    const SPECIFICATION: &'static str = Tours::SPECIFICATION;
    type Task = Task;
    type Answer = Answer;
}

impl Solve for Lazy {
    fn solve(&self, task: &Task) -> Result<Answer, String> {
        Ok(Answer {
            tour: (0..task.points.len()).collect(),
        })
    }
}

/// A chain with wallets beside it.
struct Chain {
    // First, because it ends before its folder goes.
    node: DevelopmentNode,
    folder: tempfile::TempDir,
}

impl Chain {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let node = DevelopmentNode::start(&folder.path().join("node"));
        Self { folder, node }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary(program));
        command
            .args(arguments)
            .env("LAUREL_CHAIN", &self.node.url)
            .current_dir(self.folder.path());
        for variable in ["LAUREL_WALLET", "LAUREL_PASSWORD", "LAUREL_PASSWORD_FILE"] {
            command.env_remove(variable);
        }
        command
    }

    #[track_caller]
    fn laurel(&self, arguments: &[&str]) -> Value {
        let output = self.command("laurel", arguments).arg("--json").output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    #[track_caller]
    fn send(&self, wallet: &str, arguments: &[&str]) {
        self.laurel(&[arguments, &["--wallet", wallet, "--yes"]].concat());
    }

    /// A wallet with the coldkey of a development account, and a hotkey with a little for fees that is registered.
    fn neuron(&self, name: &str, account: &str) {
        self.wallet(name, account);
        let hotkey = format!("{name}#default");
        self.send(name, &["transfer", "--to", &hotkey, "--amount=1"]);
        self.send(name, &["register", "--netuid=1", "--max-price=10"]);
    }

    fn wallet(&self, name: &str, account: &str) {
        let secret = self.path("secret");
        fs::write(&secret, account).unwrap();
        let mut import = self.command("laurel", &["wallet", "import", "--no-password", "--wallet", name]);
        let output = import.stdin(fs::File::open(secret).unwrap()).output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
    }

    fn hotkey(&self, wallet: &str) -> AccountId {
        let shown = self.laurel(&["wallet", "show", "--wallet", wallet]);
        shown["hotkeys"][0]["address"].as_str().unwrap().parse().unwrap()
    }

    /// Starts a program of the subnet's, with its log in a file of that name.
    fn run(&self, program: &str, arguments: &[&str]) -> Running {
        let log = self.path(&format!("{program}.log"));
        let child = self
            .command(program, arguments)
            .stdin(Stdio::null())
            .stdout(fs::File::create(&log).unwrap())
            .stderr(fs::File::options().append(true).open(&log).unwrap())
            .spawn()
            .unwrap();
        Running { child, log }
    }

    /// Follows the subnet until it is as wanted, and returns it.
    async fn until(
        &self,
        wanted: impl Fn(&Metagraph<AccountId>) -> bool,
        said: impl Fn() -> String,
    ) -> Metagraph<AccountId> {
        let options = ConnectOptions::default();
        let client = ChainClient::connect(std::slice::from_ref(&self.node.url), options)
            .await
            .unwrap();
        let mut blocks = client.blocks();
        let first = blocks.next().await.unwrap().number;
        while let Some(block) = blocks.next().await {
            let metagraph = client.metagraph(NETUID, Some(block.hash)).await.unwrap().unwrap();
            if wanted(&metagraph) {
                return metagraph;
            }
            assert!(block.number - first < PATIENCE, "{metagraph:#?}\n{}", said());
        }
        panic!("the chain ended");
    }
}

/// A program under way; it ends when dropped.
struct Running {
    child: Child,
    log: PathBuf,
}

impl Running {
    fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Ctrl-C, after which it must end well.
    fn stop(mut self) {
        kill(Pid::from_raw(self.child.id() as i32), Signal::SIGINT).unwrap();
        assert!(self.child.wait().unwrap().success(), "{}", self.said());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Fails only when it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn said(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!("{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err))
}

/// A miner that does nothing for its answers, in this process.
async fn idle(chain: &Chain, wallet: &str, stop: CancellationToken) -> tokio::task::JoinHandle<anyhow::Result<()>> {
    #[derive(Parser)]
    struct Arguments {
        #[command(flatten)]
        serve: ServeArgs,
    }
    let folder = chain.path(wallet);
    let arguments = [
        "miner",
        "--netuid=1",
        "--listen=127.0.0.1:0",
        &format!("--wallet={}", folder.display()),
        &format!("--chain={}", chain.node.url),
    ];
    let Arguments { serve } = Arguments::parse_from(arguments);
    let start = Start::connect(&serve, serve.wallet.open_hotkey().unwrap())
        .await
        .unwrap();
    let services = Services::new(vec![Service::custom(Lazy, 4)]).unwrap();
    let app = App::build(start, services, Health::new(), stop).unwrap();
    tokio::spawn(app.run())
}

fn found(chain: &Chain) {
    chain.wallet("owner", "//Alice");
    chain.send("owner", &["subnet", "create", "--max-lock=500"]);
    let specification = Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates/subnet/SPECIFICATION.md");
    let specification = format!("--specification={}", specification.display());
    chain.send("owner", &["model", "accept", "--netuid=1", &specification]);
    chain.neuron("judge", "//Bob");
    chain.neuron("worker", "//Charlie");
    chain.neuron("idler", "//Dave");
    chain.send("judge", &["stake", "add", "--amount=1000"]);
    chain.send("judge", &["root", "register"]);
    chain.send("judge", &["root", "weights", "1=100"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subnet_s_own_work_is_asked_for_judged_paid_for_and_recomputed() {
    let chain = Chain::start();
    found(&chain);
    let (worker, idler) = (chain.hotkey("worker"), chain.hotkey("idler"));
    let stop = CancellationToken::new();
    let lazy = idle(&chain, "idler", stop.clone()).await;
    let miner = chain.run(
        "my-subnet-miner",
        &["--wallet=worker", "--netuid=1", "--listen=127.0.0.1:0"],
    );
    let validator = chain.run("my-subnet-validator", &["--wallet=judge", "--netuid=1", "--data=data"]);

    let of = |metagraph: &Metagraph<AccountId>, hotkey: &AccountId| -> NeuronInfo<AccountId> {
        let neuron = metagraph.neurons.iter().find(|neuron| neuron.hotkey == *hotkey);
        neuron.unwrap().clone()
    };
    let is_paid = |metagraph: &Metagraph<AccountId>| {
        let (working, idling) = (of(metagraph, &worker), of(metagraph, &idler));
        assert_eq!(idling.scores.incentive, 0, "{idling:?}");
        working.scores.incentive == u16::MAX && working.stake > 0
    };
    let metagraph = chain
        .until(is_paid, || format!("{}\n{}", validator.said(), miner.said()))
        .await;

    for hotkey in [&worker, &idler] {
        let explain = [
            "explain",
            "--data=data",
            "--netuid=1",
            &format!("--uid={}", of(&metagraph, hotkey).uid),
        ];
        let explained = chain.laurel(&explain);
        let receipts = explained["receipts"].as_array().unwrap();
        let scored: Vec<&Value> = receipts
            .iter()
            .filter(|receipt| receipt["verdict"] == "correct")
            .collect();
        assert!(!scored.is_empty(), "{explained}");
        for receipt in scored {
            assert!(
                receipt["reason"].as_str().unwrap().contains("costs nothing"),
                "{receipt}"
            );
            assert_eq!(receipt["score"].as_u64() > Some(0), *hotkey == worker, "{receipt}");
        }

        chain.laurel(&[&explain[..], &["--export=uid.bundle"]].concat());
        let again = chain
            .command(
                "my-subnet-validator",
                &["recompute", "uid.bundle", "--chain", &chain.node.url],
            )
            .output()
            .unwrap();
        let words = said(&again);
        assert!(again.status.success() && words.contains(" 0 differ,"), "{words}");
        assert!(!words.contains(" 0 recomputed"), "{words}");
    }
    validator.stop();
    miner.stop();
    stop.cancel();
    lazy.await.unwrap().unwrap();
}
