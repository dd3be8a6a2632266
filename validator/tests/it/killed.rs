//! A gateway that is killed in the middle of requests and of draws.
//!
//! The test starts itself once more as the gateway's process, as often as it kills it. The chain is a folder: `pool` has a line for each draw
//! that was sent, `blocks` one for each that a block took, and the gateway reads on its standard input that there is a block.
use crate::{
    accounts::{ask, listed, new_key, setup, usage, DEPOSIT, PAYER},
    support::{serve, Conduct},
};
use async_trait::async_trait;
use futures::{stream::BoxStream, StreamExt};
use laurel_chain::{AccountId, Block, BlockHash};
use laurel_types::{AxonAddress, Balance, BlockNumber};
use laurel_validator::{
    asking::Directory,
    gateway::{
        accounts::{Deposit, DrawItem, Found, Ledger, LedgerError, SignedDraw},
        Gateway,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};
use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{
        atomic::{AtomicU32, Ordering::SeqCst},
        Arc,
    },
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

/// Set where this process is the gateway: its folder, its miner, and whether it may send.
const ROLE: &str = "LAUREL_TEST_GATEWAY";
const TEST: &str = "killed::what_a_killed_gateway_answered_is_paid_for_once_and_the_rest_not_at_all";
/// Marks what the gateway's process says to the test.
const SAYS: &str = "gateway: ";
/// Longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(120);
/// Blocks between draws.
const EVERY: BlockNumber = 2;

#[derive(Serialize, Deserialize)]
struct Role {
    folder: PathBuf,
    miner: AxonAddress,
    may_send: bool,
}

/// A signed draw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Draw {
    /// Makes each signature another one.
    number: u64,
    after: BlockNumber,
    until: BlockNumber,
    amount: Balance,
}

/// The draws in blocks.
fn included(folder: &Path) -> Vec<(BlockNumber, Draw)> {
    lines(&folder.join("blocks"))
}

fn lines<T: for<'a> Deserialize<'a>>(file: &Path) -> Vec<T> {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn append(file: &Path, line: &impl Serialize) {
    let mut file = fs::File::options().create(true).append(true).open(file).unwrap();
    let line = serde_json::to_string(line).unwrap();
    file.write_all(format!("{line}\n").as_bytes()).unwrap();
}

fn block(number: BlockNumber) -> Block {
    let hash = BlockHash([number as u8; 32]);
    Block { number, hash }
}

/// The chain, as the gateway's process sees it.
struct OnPaper {
    role: Role,
    height: Arc<AtomicU32>,
}

#[async_trait]
impl Ledger for OnPaper {
    fn blocks(&self) -> BoxStream<'static, Block> {
        let height = self.height.clone();
        let read = BufReader::new(tokio::io::stdin()).lines();
        let next = move |mut read: Lines<BufReader<tokio::io::Stdin>>| {
            let height = height.clone();
            async move {
                // Where the test has died, this process ends too.
                let Ok(Some(line)) = read.next_line().await else {
                    std::process::exit(0)
                };
                let number = line.parse().unwrap();
                height.store(number, SeqCst);
                Some((block(number), read))
            }
        };
        futures::stream::unfold(read, next).boxed()
    }

    async fn block(&self, number: BlockNumber) -> Result<Block, LedgerError> {
        Ok(block(number))
    }

    async fn deposit(&self, _: AccountId, at: Block) -> Result<Deposit, LedgerError> {
        let drawn = included(&self.role.folder)
            .into_iter()
            .filter(|(number, _)| *number <= at.number);
        let left = DEPOSIT - drawn.map(|(_, draw)| draw.amount).sum::<Balance>();
        Ok(Deposit {
            available: left,
            drawable: left,
        })
    }

    async fn stake(&self, _: AccountId, _: Block) -> Result<Balance, LedgerError> {
        Ok(0)
    }

    async fn all_stake(&self, _: Block) -> Result<Balance, LedgerError> {
        Ok(0)
    }

    async fn sign(&self, items: &[DrawItem]) -> Result<SignedDraw, LedgerError> {
        let after = self.height.load(SeqCst);
        let draw = Draw {
            number: rand::random(),
            after,
            until: after + 64,
            amount: items.iter().map(|item| item.amount).sum(),
        };
        Ok(SignedDraw {
            extrinsic: serde_json::to_vec(&draw).unwrap(),
            after,
            until: draw.until,
        })
    }

    async fn send(&self, draw: &SignedDraw) -> Result<(), LedgerError> {
        println!("{SAYS}sending");
        if !self.role.may_send {
            std::future::pending::<()>().await;
        }
        let draw: Draw = serde_json::from_slice(&draw.extrinsic).unwrap();
        append(&self.role.folder.join("pool"), &draw);
        println!("{SAYS}sent");
        Ok(())
    }

    async fn find(&self, draw: &SignedDraw, at: Block) -> Result<Found, LedgerError> {
        let draw: Draw = serde_json::from_slice(&draw.extrinsic).unwrap();
        let is_there = included(&self.role.folder).contains(&(at.number, draw.clone()));
        let drawn = DrawItem {
            payer: PAYER,
            amount: draw.amount,
        };
        Ok(if is_there {
            Found::Drawn(vec![drawn])
        } else {
            Found::Nothing
        })
    }

    fn max_items(&self) -> usize {
        1
    }
}

/// The gateway's process, until it is killed.
async fn gateway(role: Role) {
    let (folder, miner) = (role.folder.clone(), role.miner);
    let height = Arc::default();
    let setup = setup(&folder, EVERY, Arc::new(OnPaper { role, height }));
    let (gateway, mut line) = Gateway::bind("127.0.0.1:0".parse().unwrap(), setup).unwrap();
    line.1.send_replace(Directory {
        miners: vec![listed(miner)],
        ..Directory::default()
    });
    println!("{SAYS}at http://{}", gateway.address().unwrap());
    tokio::spawn(gateway.serve(std::future::pending()));
    while line.0.recv().await.is_some() {}
}

/// The gateway's process, as the test sees it.
struct Running {
    process: Child,
    blocks: ChildStdin,
    said: Lines<BufReader<ChildStdout>>,
    url: String,
}

impl Running {
    async fn start(folder: &Path, miner: AxonAddress, may_send: bool) -> Self {
        let folder = folder.to_owned();
        let role = serde_json::to_string(&Role {
            folder,
            miner,
            may_send,
        })
        .unwrap();
        let mut process = Command::new(env::current_exe().unwrap())
            .args([TEST, "--exact", "--nocapture"])
            .env(ROLE, role)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let blocks = process.stdin.take().unwrap();
        let said = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut running = Self {
            process,
            blocks,
            said,
            url: String::new(),
        };
        running.url = running.says("at ").await;
        running
    }

    /// Waits until the process says this; returns what follows.
    async fn says(&mut self, what: &str) -> String {
        loop {
            let line = timeout(PATIENCE, self.said.next_line())
                .await
                .expect("it says something");
            let line = line.unwrap().expect("it lives");
            let said = line.split_once(SAYS).and_then(|(_, said)| said.strip_prefix(what));
            if let Some(rest) = said {
                return rest.to_owned();
            }
        }
    }

    /// A block with what is in the pool, and what a key's account is once the gateway has seen it.
    async fn block(&mut self, number: BlockNumber, folder: &Path, key: &str) -> Value {
        let pool = folder.join("pool");
        for draw in lines::<Draw>(&pool) {
            let is_new = !included(folder).iter().any(|(_, other)| *other == draw);
            if is_new && number <= draw.until {
                append(&folder.join("blocks"), &(number, draw));
            }
        }
        let _ = fs::remove_file(pool);
        self.blocks.write_all(format!("{number}\n").as_bytes()).await.unwrap();
        self.account(key, |account| !account["deposit"].is_null()).await
    }

    /// What is left to a key's account, once it is so.
    async fn account(&self, key: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let asking = async {
            loop {
                let account = usage(&self.url, key).await["account"].take();
                if is_so(&account) {
                    return account;
                }
            }
        };
        timeout(PATIENCE, asking).await.expect("it comes to be so")
    }

    /// SIGKILL.
    async fn kill(mut self) {
        self.process.kill().await.unwrap();
    }
}

async fn tokens_of(answer: reqwest::Response) -> u64 {
    let answer: Value = answer.json().await.unwrap();
    answer["usage"]["total_tokens"].as_u64().unwrap()
}

#[tokio::test]
async fn what_a_killed_gateway_answered_is_paid_for_once_and_the_rest_not_at_all() {
    if let Ok(role) = env::var(ROLE) {
        return gateway(serde_json::from_str(&role).unwrap()).await;
    }
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path();
    let (honest, stalling) = (serve(Conduct::Honest).await, serve(Conduct::Stalls).await);

    // Killed as soon as an answer is there.
    let mut running = Running::start(folder, honest, true).await;
    let key = new_key(folder, Some(PAYER), "");
    running.block(1, folder, &key).await;
    let first = tokens_of(ask(&running.url, Some(&key), false).await).await;
    running.kill().await;

    // Killed in the middle of a stream.
    let mut running = Running::start(folder, stalling, true).await;
    let account = running.block(2, folder, &key).await;
    assert_eq!(account["owed"], first.to_string());
    let mut answer = ask(&running.url, Some(&key), true).await;
    assert!(answer.chunk().await.unwrap().is_some());
    running.kill().await;

    // Killed between writing a draw down and sending it.
    let mut running = Running::start(folder, honest, false).await;
    let account = running.block(3, folder, &key).await;
    assert_eq!(
        (&account["owed"], &account["reserved"]),
        (&json!(first.to_string()), &json!("0"))
    );
    running.block(4, folder, &key).await;
    running.block(5, folder, &key).await;
    running.says("sending").await;
    running.kill().await;

    // Killed as soon as it is sent.
    let mut running = Running::start(folder, honest, true).await;
    running.block(6, folder, &key).await;
    running.says("sent").await;
    running.kill().await;

    // What was drawn meanwhile is owed no more, and what comes then is drawn alone.
    let mut running = Running::start(folder, honest, true).await;
    running.block(7, folder, &key).await;
    running.account(&key, |account| account["owed"] == "0").await;
    let second = tokens_of(ask(&running.url, Some(&key), false).await).await;
    running.block(8, folder, &key).await;
    running.block(9, folder, &key).await;
    running.says("sent").await;
    running.block(10, folder, &key).await;
    let account = running.account(&key, |account| account["owed"] == "0").await;
    let drawn: Vec<Balance> = included(folder).iter().map(|(_, draw)| draw.amount).collect();
    assert_eq!(drawn, [first, second]);
    assert_eq!(account["spendable"], (DEPOSIT - first - second).to_string());
    let month = usage(&running.url, &key).await["month"].take();
    assert_eq!(
        (&month["requests"], &month["spent"]),
        (&json!(2), &json!((first + second).to_string()))
    );
}
