//! What accounts need of the chain: deposits, stake, and draws that are done once.
use async_trait::async_trait;
use futures::stream::BoxStream;
use laurel_chain::{AccountId, Block};
use laurel_types::{Balance, BlockNumber};

/// The chain did not answer, or not as expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct LedgerError(pub String);

/// What a payer holds for this gateway, in leaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deposit {
    /// What is not announced to be taken back.
    pub available: Balance,
    /// What can be drawn now.
    pub drawable: Balance,
}

/// One payer's part of a draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrawItem {
    /// Whose deposit.
    pub payer: AccountId,
    /// Leaves.
    pub amount: Balance,
}

/// A draw that is signed. The chain takes the same bytes once at most, and only in blocks between the two that are named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedDraw {
    /// As it is sent.
    pub extrinsic: Vec<u8>,
    /// The last block that cannot hold it yet.
    pub after: BlockNumber,
    /// The last block that can hold it.
    pub until: BlockNumber,
}

/// A draw as it was written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StoredDraw {
    pub(super) id: i64,
    pub(super) signed: SignedDraw,
}

/// A draw of which it is known what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EndedDraw {
    pub(super) id: i64,
    pub(super) outcome: Outcome,
    /// The finalized block that says so.
    pub(super) block: BlockNumber,
}

/// What became of a draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// So much was drawn.
    Drawn(Vec<DrawItem>),
    /// It failed in its block, for this reason: nothing was drawn.
    Failed(String),
    /// No block took it while it could: nothing was drawn.
    Late,
}

impl EndedDraw {
    /// What was drawn; nothing where it came to nothing.
    pub(super) fn drawn(&self) -> &[DrawItem] {
        match &self.outcome {
            Outcome::Drawn(items) => items,
            Outcome::Failed(_) | Outcome::Late => &[],
        }
    }
}

/// What a block says of a draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The draw is not in this block.
    Nothing,
    /// It is, and this much was drawn.
    Drawn(Vec<DrawItem>),
    /// It is, and failed: nothing was drawn.
    Failed(String),
    /// The node does not have what this block holds or did: pruned, or not there yet.
    Unreadable,
}

/// The chain, as accounts see it. All reads are of finalized blocks.
#[async_trait]
pub trait Ledger: Send + Sync + 'static {
    /// Each finalized block in order, beginning with the last one.
    fn blocks(&self) -> BoxStream<'static, Block>;

    /// The finalized block of this height, which is not above the last one.
    async fn block(&self, number: BlockNumber) -> Result<Block, LedgerError>;

    /// What a payer holds for this gateway.
    async fn deposit(&self, payer: AccountId, at: Block) -> Result<Deposit, LedgerError>;

    /// What a coldkey has staked on this gateway's hotkey, in leaves.
    async fn stake(&self, coldkey: AccountId, at: Block) -> Result<Balance, LedgerError>;

    /// All that is staked on this gateway's hotkey, in leaves.
    async fn all_stake(&self, at: Block) -> Result<Balance, LedgerError>;

    /// Signs a draw without sending it.
    async fn sign(&self, items: &[DrawItem]) -> Result<SignedDraw, LedgerError>;

    /// Sends a signed draw; sending it again does no harm.
    async fn send(&self, draw: &SignedDraw) -> Result<(), LedgerError>;

    /// Looks for a draw in a finalized block.
    async fn find(&self, draw: &SignedDraw, at: Block) -> Result<Found, LedgerError>;

    /// Items that fit into one draw.
    fn max_items(&self) -> usize;
}
