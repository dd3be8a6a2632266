//! A chain in memory, with a pool that can lose what is sent to it, and a clock that goes when it is told to.
use super::{super::*, ALICE};
use async_trait::async_trait;
use codec::{Decode, Encode};
use futures::{stream::BoxStream, StreamExt};
use laurel_chain::{Block, BlockHash};
use laurel_types::{Balance, BlockNumber};
use std::{
    collections::{BTreeMap, HashMap},
    sync::atomic::{AtomicU64, Ordering},
};

/// Blocks for which a draw can be included.
pub const LIFETIME: BlockNumber = 8;

#[derive(Default)]
pub struct TestClock(AtomicU64);

impl TestClock {
    pub fn pass(&self, milliseconds: u64) {
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> UnixMs {
        // 23 November 2026.
        UnixMs(1_795_392_000_000 + self.0.load(Ordering::SeqCst))
    }
}

/// What goes wrong with the next thing of its kind that is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// What is sent is lost on the way, and the sender hears of it.
    SendIsLost,
    /// What is sent arrives, and the sender does not hear so.
    SendIsUnheard,
    /// No answer to a question for a deposit.
    NoDeposit,
    /// No answer to a question for a block.
    NoFind,
    /// The node cannot say what is needed to sign.
    NoSign,
    /// The chain fails the draw.
    DrawFails,
}

#[derive(Default)]
struct State {
    /// What payers had for the gateway after each block.
    deposits: Vec<HashMap<AccountId, Deposit>>,
    stakes: HashMap<AccountId, Balance>,
    pool: Vec<Vec<u8>>,
    /// In which block a draw is, and what was drawn; none if it failed.
    included: HashMap<Vec<u8>, (BlockNumber, Option<Vec<DrawItem>>)>,
    drawn: BTreeMap<AccountId, Balance>,
    nonce: u64,
    signed: u64,
    faults: Vec<Fault>,
    /// The node has forgotten what blocks did up to this one.
    forgotten: BlockNumber,
}

#[derive(Decode, Encode)]
struct Extrinsic {
    nonce: u64,
    /// Makes each signature another one.
    number: u64,
    after: BlockNumber,
    items: Vec<(AccountId, Balance)>,
}

#[derive(Default)]
pub struct Chain(Mutex<State>);

impl State {
    fn now(&self) -> HashMap<AccountId, Deposit> {
        self.deposits.last().cloned().unwrap_or_default()
    }

    fn height(&self) -> BlockNumber {
        self.deposits.len() as BlockNumber
    }

    fn goes_wrong(&mut self, fault: Fault) -> bool {
        let at = self.faults.iter().position(|waiting| *waiting == fault);
        at.map(|at| self.faults.remove(at)).is_some()
    }

    fn include(&mut self, bytes: &[u8], deposits: &mut HashMap<AccountId, Deposit>) {
        let extrinsic = Extrinsic::decode(&mut &*bytes).unwrap();
        let number = self.height() + 1;
        let is_alive = (extrinsic.after + 1..=extrinsic.after + LIFETIME).contains(&number);
        if !is_alive || extrinsic.nonce != self.nonce || self.included.contains_key(bytes) {
            return;
        }
        self.nonce += 1;
        if self.goes_wrong(Fault::DrawFails) {
            self.included.insert(bytes.to_vec(), (number, None));
            return;
        }
        let mut drawn = Vec::new();
        for (payer, asked) in extrinsic.items {
            let deposit = deposits.entry(payer).or_default();
            let amount = asked.min(deposit.drawable);
            deposit.drawable -= amount;
            deposit.available = deposit.available.min(deposit.drawable);
            *self.drawn.entry(payer).or_default() += amount;
            drawn.push(DrawItem { payer, amount });
        }
        self.included.insert(bytes.to_vec(), (number, Some(drawn)));
    }
}

impl Chain {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Makes a block of what is in the pool.
    pub fn seal(&self) -> Block {
        let mut state = self.state();
        let mut deposits = state.now();
        for bytes in std::mem::take(&mut state.pool) {
            state.include(&bytes, &mut deposits);
        }
        state.deposits.push(deposits);
        block(state.height())
    }

    pub fn go_wrong(&self, fault: Fault) {
        self.state().faults.push(fault);
    }

    pub fn all_goes_well(&self) {
        self.state().faults.clear();
    }

    /// What goes with the next block.
    pub fn deposit_of(&self, payer: AccountId, amount: Balance) {
        let mut state = self.state();
        let mut deposits = state.now();
        let deposit = deposits.entry(payer).or_default();
        deposit.available += amount;
        deposit.drawable += amount;
        state.deposits.push(deposits);
    }

    /// All of it is announced to be taken back.
    pub fn announce(&self, payer: AccountId) {
        let mut state = self.state();
        let mut deposits = state.now();
        deposits.entry(payer).or_default().available = 0;
        state.deposits.push(deposits);
    }

    pub fn stake_of(&self, coldkey: AccountId, stake: Balance) {
        self.state().stakes.insert(coldkey, stake);
    }

    pub fn forget(&self) {
        let mut state = self.state();
        state.forgotten = state.height();
    }

    pub fn lose_the_pool(&self) {
        self.state().pool.clear();
    }

    pub fn drawn_from(&self, payer: AccountId) -> Balance {
        self.state().drawn.get(&payer).copied().unwrap_or_default()
    }

    /// Draws that came into a block.
    pub fn draws(&self) -> usize {
        self.state().included.len()
    }
}

fn block(number: BlockNumber) -> Block {
    let mut hash = [0; 32];
    hash[..4].copy_from_slice(&number.to_le_bytes());
    Block {
        number,
        hash: BlockHash(hash),
    }
}

fn no_answer<T>() -> Result<T, LedgerError> {
    Err(LedgerError("no answer".into()))
}

#[async_trait]
impl Ledger for Chain {
    fn blocks(&self) -> BoxStream<'static, Block> {
        futures::stream::iter([block(self.state().height())])
            .chain(futures::stream::pending())
            .boxed()
    }

    async fn block(&self, number: BlockNumber) -> Result<Block, LedgerError> {
        Ok(block(number))
    }

    async fn deposit(&self, payer: AccountId, at: Block) -> Result<Deposit, LedgerError> {
        let mut state = self.state();
        if state.goes_wrong(Fault::NoDeposit) {
            return no_answer();
        }
        let then = &state.deposits[at.number as usize - 1];
        Ok(then.get(&payer).copied().unwrap_or_default())
    }

    async fn stake(&self, coldkey: AccountId, _: Block) -> Result<Balance, LedgerError> {
        Ok(self.state().stakes.get(&coldkey).copied().unwrap_or_default())
    }

    async fn all_stake(&self, _: Block) -> Result<Balance, LedgerError> {
        Ok(self.state().stakes.values().sum())
    }

    async fn sign(&self, items: &[DrawItem]) -> Result<SignedDraw, LedgerError> {
        let mut state = self.state();
        if state.goes_wrong(Fault::NoSign) {
            return no_answer();
        }
        assert!(items.len() <= self.max_items());
        state.signed += 1;
        let after = state.height();
        let extrinsic = Extrinsic {
            nonce: state.nonce,
            number: state.signed,
            after,
            items: items.iter().map(|item| (item.payer, item.amount)).collect(),
        };
        Ok(SignedDraw {
            extrinsic: extrinsic.encode(),
            after,
            until: after + LIFETIME,
        })
    }

    async fn send(&self, draw: &SignedDraw) -> Result<(), LedgerError> {
        let mut state = self.state();
        if state.goes_wrong(Fault::SendIsLost) {
            return no_answer();
        }
        state.pool.push(draw.extrinsic.clone());
        match state.goes_wrong(Fault::SendIsUnheard) {
            true => no_answer(),
            false => Ok(()),
        }
    }

    async fn find(&self, draw: &SignedDraw, at: Block) -> Result<Found, LedgerError> {
        let mut state = self.state();
        if state.goes_wrong(Fault::NoFind) {
            return no_answer();
        }
        Ok(match state.included.get(&draw.extrinsic) {
            Some((number, _)) if *number == at.number && *number <= state.forgotten => Found::Unreadable,
            Some((number, Some(drawn))) if *number == at.number => Found::Drawn(drawn.clone()),
            Some((number, None)) if *number == at.number => Found::Failed("Prepaid.NothingToDraw".into()),
            _ => Found::Nothing,
        })
    }

    fn max_items(&self) -> usize {
        2
    }
}

#[test]
fn this_chain_takes_a_draw_once_and_only_while_it_lives() {
    futures::executor::block_on(async {
        let chain = Chain::default();
        chain.deposit_of(ALICE, 100);
        let item = DrawItem {
            payer: ALICE,
            amount: 30,
        };
        let draw = chain.sign(&[item]).await.unwrap();
        chain.send(&draw).await.unwrap();
        chain.send(&draw).await.unwrap();
        let at = chain.seal();
        assert_eq!(chain.drawn_from(ALICE), 30);
        assert_eq!(chain.find(&draw, at).await, Ok(Found::Drawn(vec![item])));
        chain.send(&draw).await.unwrap();
        chain.seal();
        assert_eq!(chain.drawn_from(ALICE), 30);
        let late = chain.sign(&[item]).await.unwrap();
        for _ in 0..LIFETIME {
            chain.seal();
        }
        chain.send(&late).await.unwrap();
        let at = chain.seal();
        assert_eq!(chain.find(&late, at).await, Ok(Found::Nothing));
    });
}
