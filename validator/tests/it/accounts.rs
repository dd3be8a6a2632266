//! Users with keys, through the whole gateway.
use crate::support::{miner_key, serve, text_work, Conduct, DEADLINE, GENESIS, MODEL, NETUID};
use async_trait::async_trait;
use futures::{stream::BoxStream, StreamExt};
use laurel_chain::{AccountId, Block, BlockHash};
use laurel_protocol::Hotkey;
use laurel_types::{AxonAddress, Balance, BlockNumber, RegistrationId, Uid};
use laurel_validator::{
    ask::Asker,
    asking::{Directory, Listed, LiveMiner},
    evidence::Subject,
    gateway::{
        accounts::{
            Accounts, Deposit, DrawItem, DrawPolicy, Found, Keys, Ledger, LedgerError, Limits, NewKey, Prices, Records,
            SignedDraw, SystemClock, Terms,
        },
        Gateway, Line, Setup,
    },
    pace::Usual,
    work::Works,
    Score,
};
use reqwest::{Client, Response};
use serde_json::{json, Value};
use std::{path::Path, sync::Arc};
use subxt_signer::sr25519::dev;
use tempfile::TempDir;

pub const PAYER: AccountId = AccountId([7; 32]);
pub const DEPOSIT: Balance = 1_000;

/// A chain that stands at one block, on which one coldkey has a deposit.
struct StillChain;

#[async_trait]
impl Ledger for StillChain {
    fn blocks(&self) -> BoxStream<'static, Block> {
        let (number, hash) = (1, BlockHash([1; 32]));
        let one = futures::stream::iter([Block { number, hash }]);
        one.chain(futures::stream::pending()).boxed()
    }

    async fn block(&self, number: BlockNumber) -> Result<Block, LedgerError> {
        Err(LedgerError(format!("block {number} is not there")))
    }

    async fn deposit(&self, payer: AccountId, _: Block) -> Result<Deposit, LedgerError> {
        let amount = if payer == PAYER { DEPOSIT } else { 0 };
        Ok(Deposit {
            available: amount,
            drawable: amount,
        })
    }

    async fn stake(&self, _: AccountId, _: Block) -> Result<Balance, LedgerError> {
        Ok(0)
    }

    async fn all_stake(&self, _: Block) -> Result<Balance, LedgerError> {
        Ok(0)
    }

    async fn sign(&self, _: &[DrawItem]) -> Result<SignedDraw, LedgerError> {
        Err(LedgerError("nothing is due in one block".into()))
    }

    async fn send(&self, _: &SignedDraw) -> Result<(), LedgerError> {
        Err(LedgerError("nothing is signed".into()))
    }

    async fn find(&self, _: &SignedDraw, _: Block) -> Result<Found, LedgerError> {
        Ok(Found::Nothing)
    }

    fn max_items(&self) -> usize {
        1
    }
}

/// A gateway that needs keys, and takes a leaf a token. What it must not forget is in the folder.
pub fn setup(folder: &Path, every: BlockNumber, ledger: Arc<dyn Ledger>) -> Setup {
    let hotkey = AccountId::from(&dev::alice());
    let terms = Terms {
        genesis: GENESIS,
        hotkey,
        keys: Keys::Required,
        defaults: Limits::default(),
        free_per_day: 0,
        prices: Some(Prices {
            input: 1_000_000,
            output: 1_000_000,
        }),
        draw: DrawPolicy {
            every,
            above: 1_000_000,
        },
    };
    let records = Records::open(folder, &GENESIS, &hotkey).unwrap();
    Setup {
        genesis: GENESIS,
        asker: Asker::new(dev::alice(), DEADLINE).unwrap(),
        works: Works::new(vec![text_work()]),
        accounts: Accounts::new(terms, records, ledger, Arc::new(SystemClock)),
        published: None,
        dashboard: None,
    }
}

/// A key of the operator's making.
pub fn new_key(folder: &Path, coldkey: Option<AccountId>, limits: &str) -> String {
    let new = NewKey {
        coldkey,
        allowed: limits.parse().unwrap(),
        ..NewKey::default()
    };
    let records = Records::of_operator(folder).unwrap();
    records.create_key(&new).unwrap().0.expose().to_owned()
}

pub async fn ask(url: &str, key: Option<&str>, stream: bool) -> Response {
    let body = json!({ "messages": [{ "role": "user", "content": "a word" }], "max_tokens": 12, "stream": stream });
    let asking = client().post(format!("{url}/v1/chat/completions")).json(&body);
    let asking = match key {
        Some(key) => asking.bearer_auth(key),
        None => asking,
    };
    asking.send().await.unwrap()
}

pub async fn usage(url: &str, key: &str) -> Value {
    let asking = client().get(format!("{url}/laurel/v1/usage")).bearer_auth(key);
    asking.send().await.unwrap().json().await.unwrap()
}

/// A gateway with one miner, on a chain that stands.
struct Bench {
    folder: TempDir,
    url: String,
    line: Line,
}

impl Bench {
    async fn new(conduct: Conduct) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let setup = setup(folder.path(), 100, Arc::new(StillChain));
        let (gateway, line) = Gateway::bind("127.0.0.1:0".parse().unwrap(), setup).unwrap();
        let url = format!("http://{}", gateway.address().unwrap());
        tokio::spawn(gateway.serve(std::future::pending()));
        line.1.send_replace(Directory {
            miners: vec![listed(serve(conduct).await)],
            ..Directory::default()
        });
        Self { folder, url, line }
    }

    fn key(&self, coldkey: Option<AccountId>, limits: &str) -> String {
        new_key(self.folder.path(), coldkey, limits)
    }

    async fn ask(&self, key: Option<&str>, stream: bool) -> Response {
        ask(&self.url, key, stream).await
    }

    async fn usage(&self, key: &str) -> Value {
        usage(&self.url, key).await
    }

    /// Waits until the gateway has seen a finalized block, before which it does not know what can be spent.
    async fn ready(&self, key: &str) {
        while self.usage(key).await["account"]["deposit"].is_null() {
            tokio::task::yield_now().await;
        }
    }
}

fn client() -> Client {
    Client::builder().no_proxy().build().unwrap()
}

pub fn listed(address: AxonAddress) -> Listed {
    let subject = Subject {
        netuid: NETUID,
        uid: Uid(1),
        registration: RegistrationId(1),
        hotkey: Hotkey::of(&miner_key()).0,
        model: MODEL,
    };
    Listed {
        miner: LiveMiner { subject, address },
        rating: Score::ONE,
        incentive: 0,
        usual: Usual::default(),
    }
}

async fn code(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    assert!(!body["error"]["remedy"].as_str().unwrap().is_empty(), "{body}");
    (status, body["error"]["code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn without_a_key_nobody_is_served_and_with_one_the_limits_are_said() {
    let bench = Bench::new(Conduct::Honest).await;
    assert_eq!(
        code(bench.ask(None, false).await).await,
        (401, "missing_api_key".into())
    );
    assert_eq!(
        code(bench.ask(Some("sk-mine"), true).await).await,
        (401, "invalid_api_key".into())
    );
    let key = bench.key(None, "requests_per_minute=1");
    let response = bench.ask(Some(&key), false).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["x-ratelimit-limit-requests"], "1");
    assert_eq!(response.headers()["x-ratelimit-remaining-requests"], "0");
    let refused = bench.ask(Some(&key), false).await;
    let wait: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(code(refused).await, (429, "rate_limit_exceeded".into()));
}

#[tokio::test]
async fn what_a_whole_and_a_streamed_answer_took_is_charged_to_the_deposit() {
    let mut bench = Bench::new(Conduct::Honest).await;
    let key = bench.key(Some(PAYER), "");
    bench.ready(&key).await;
    let answer: Value = bench.ask(Some(&key), false).await.json().await.unwrap();
    let tokens = answer["usage"]["total_tokens"].as_u64().unwrap();
    assert!(tokens > 0);
    bench.line.0.recv().await.unwrap();
    assert_eq!(bench.usage(&key).await["account"]["owed"], tokens.to_string());

    let streamed = bench.ask(Some(&key), true).await.text().await.unwrap();
    assert!(streamed.contains("[DONE]"), "{streamed}");
    // It is settled before the validator hears of it.
    bench.line.0.recv().await.unwrap();
    let usage = bench.usage(&key).await;
    assert_eq!(usage["account"]["owed"], (2 * tokens).to_string());
    assert_eq!(usage["account"]["reserved"], "0");
    assert_eq!(usage["account"]["spendable"], (DEPOSIT - 2 * tokens).to_string());
    assert_eq!(
        (&usage["today"]["requests"], &usage["today"]["paid_tokens"]),
        (&json!(2), &json!(2 * tokens))
    );
}

#[tokio::test]
async fn an_answer_that_fails_costs_nothing_and_who_has_nothing_is_told_what_to_do() {
    for (conduct, stream) in [
        (Conduct::Garbage, false),
        (Conduct::Garbage, true),
        (Conduct::Dies, true),
    ] {
        let mut bench = Bench::new(conduct).await;
        let key = bench.key(Some(PAYER), "");
        bench.ready(&key).await;
        let answer = bench.ask(Some(&key), stream).await.text().await.unwrap();
        assert!(answer.contains("error") && !answer.contains("[DONE]"), "{answer}");
        bench.line.0.recv().await.unwrap();
        // What was reserved is free again once the request has gone, which the validator may hear of before.
        let usage = loop {
            let usage = bench.usage(&key).await;
            if usage["account"]["reserved"] == "0" {
                break usage;
            }
            tokio::task::yield_now().await;
        };
        assert_eq!(
            (&usage["account"]["owed"], &usage["today"]["requests"]),
            (&json!("0"), &json!(0))
        );
        let poor = bench.key(Some(AccountId([8; 32])), "");
        assert_eq!(
            code(bench.ask(Some(&poor), false).await).await,
            (402, "insufficient_quota".into())
        );
    }
}
