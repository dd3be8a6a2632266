//! Accounts on a chain and a clock of our own making.
mod chain;
mod crowd;
mod login;
mod metering;
mod money;

use super::*;
use axum::http::header::AUTHORIZATION;
use chain::{Chain, TestClock};
use tempfile::TempDir;

const GENESIS: Hash = [5; 32];
const GATEWAY: AccountId = AccountId([9; 32]);
const ALICE: AccountId = AccountId([1; 32]);
const BOB: AccountId = AccountId([2; 32]);
/// A day, in milliseconds.
const DAY: u64 = clock::DAY_MS;
/// A leaf for each token, read or written.
const A_LEAF_A_TOKEN: Prices = Prices {
    input: 1_000_000,
    output: 1_000_000,
};

fn terms() -> Terms {
    Terms {
        genesis: GENESIS,
        hotkey: GATEWAY,
        keys: Keys::Required,
        defaults: Limits::default(),
        free_per_day: 0,
        prices: None,
        draw: DrawPolicy {
            every: 10,
            above: 1_000,
        },
    }
}

fn free(per_day: u64) -> Terms {
    Terms {
        free_per_day: per_day,
        ..terms()
    }
}

fn paid() -> Terms {
    Terms {
        prices: Some(A_LEAF_A_TOKEN),
        ..terms()
    }
}

/// A gateway's accounts, which can die and be opened again.
struct World {
    folder: TempDir,
    terms: Terms,
    chain: Arc<Chain>,
    clock: Arc<TestClock>,
    accounts: Accounts,
    keeper: Keeper,
}

impl World {
    fn new(terms: Terms) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (chain, clock) = (Arc::new(Chain::default()), Arc::new(TestClock::default()));
        let (accounts, keeper) = open(&folder, &terms, &chain, &clock);
        Self {
            folder,
            terms,
            chain,
            clock,
            accounts,
            keeper,
        }
    }

    /// The program dies and is started again. What is on disk and on the chain stays.
    fn die(&mut self) {
        (self.accounts, self.keeper) = open(&self.folder, &self.terms, &self.chain, &self.clock);
    }

    fn kept(&self) -> &Kept {
        self.accounts.0.as_ref().unwrap()
    }

    fn records(&self) -> &Records {
        &self.kept().records
    }

    /// One more block, which is final at once, and its time.
    async fn block(&mut self) {
        self.clock.pass(12_000);
        let block = self.chain.seal();
        self.keeper.keep_up(block).await;
    }

    async fn blocks(&mut self, number: u32) {
        for _ in 0..number {
            self.block().await;
        }
    }

    fn key(&self, coldkey: Option<AccountId>, limits: &str) -> (HeaderMap, KeyRecord) {
        let new = NewKey {
            coldkey,
            allowed: limits.parse().unwrap(),
            created: self.clock.now(),
            ..Default::default()
        };
        let (key, record) = self.records().create_key(&new).unwrap();
        (bearer(key.expose()), record)
    }

    async fn admit(&self, key: &HeaderMap, tokens: u32) -> Result<Admission, &'static str> {
        let admitted = self.accounts.admit(key, amount(tokens)).await;
        admitted.map_err(|refusal| refusal.code())
    }

    fn owed(&self, coldkey: AccountId) -> u64 {
        self.records().coldkey(&coldkey).unwrap().owed
    }
}

fn open(folder: &TempDir, terms: &Terms, chain: &Arc<Chain>, clock: &Arc<TestClock>) -> (Accounts, Keeper) {
    let records = Records::open(folder.path(), &terms.genesis, &terms.hotkey).unwrap();
    // The program dies here, the machine does not: what SQLite has written is there, and the tests need not wait for the disk.
    let no_waiting = records.database.with(|db| db.pragma_update(None, "synchronous", "OFF"));
    no_waiting.unwrap();
    let accounts = Accounts::new(terms.clone(), records, chain.clone(), clock.clone());
    let keeper = Keeper::new(accounts.0.clone().unwrap());
    (accounts, keeper)
}

fn bearer(key: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, format!("Bearer {key}").parse().unwrap());
    headers
}

/// So many tokens, half of them read.
fn amount(tokens: u32) -> Amount {
    Amount {
        prompt_tokens: tokens / 2,
        completion_tokens: tokens - tokens / 2,
    }
}
