//! What happened in a run, as `--json` writes it. The schema is explained in `docs/localnet.md`.
use super::{
    cast::{Behaviour, Role},
    explaining::Explained,
    lending::FamilyPayout,
    model_change::ModelChange,
    payday::Payday,
    user::Served,
};
use laurel_types::{Balance, BlockNumber, EpochIndex, NetUid, Uid};
use serde::{Serialize, Serializer};

/// Version of the schema; raised when a field changes its meaning or goes.
pub const SCHEMA: u32 = 1;

/// An amount in leaves, written as a string: JSON numbers lose digits above 2⁵³.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leaves(pub Balance);

impl Serialize for Leaves {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A whole run.
#[derive(Debug, Serialize)]
pub struct Report {
    /// See [`SCHEMA`].
    pub schema: u32,
    /// Whether every check held.
    pub ok: bool,
    /// Hash of the chain's first block.
    pub genesis: String,
    /// Seconds from the start of the first process to the first paid epoch of every subnet.
    pub seconds_to_first_paid_epoch: f64,
    /// The checks and what each saw.
    pub checks: Vec<Check>,
    /// What was read to decide them.
    #[serde(flatten)]
    pub record: Record,
}

/// The result of one check.
#[derive(Debug, Serialize)]
pub struct Check {
    /// What must hold.
    pub name: &'static str,
    /// Whether it does.
    pub ok: bool,
    /// The figures behind it.
    pub detail: String,
}

/// Everything the run read from the chain.
#[derive(Debug, Default, Serialize)]
pub struct Record {
    /// Paid epochs, in the order in which they were paid.
    pub epochs: Vec<Epoch>,
    /// The emission of each block seen while both root votes were in force.
    pub blocks: Vec<BlockEmission>,
    /// Each root split seen, with the votes behind it.
    pub splits: Vec<RootSplit>,
    /// Each block that paid to the pool that the nominator has a part in.
    pub nominations: Vec<Nomination>,
    /// Each time a child and its parent divided dividends.
    pub families: Vec<FamilyPayout>,
    /// The change of the text subnet's model that was announced.
    pub model_change: Option<ModelChange>,
    /// What became of a user's request.
    pub served: Option<Served>,
    /// The miners whose receipts were recomputed.
    pub explained: Vec<Explained>,
    /// The ledger at the last finalised block.
    pub supply: Option<SupplyRecord>,
    /// What the two authorities have finalised.
    pub finality: Vec<Finality>,
}

/// One paid epoch of one subnet.
#[derive(Debug, Serialize)]
pub struct Epoch {
    /// The subnet.
    pub netuid: NetUid,
    /// How many epochs of this subnet the run has seen paid, this one included.
    pub paid: u32,
    /// Number of the epoch on chain.
    pub epoch: EpochIndex,
    /// Block in which it was scored, and paid as far as the block had room.
    pub block: BlockNumber,
    /// Block of the last payment.
    pub paid_up: BlockNumber,
    /// What the pot held.
    pub pot: Leaves,
    /// To the owner.
    pub owner: Leaves,
    /// To miners.
    pub miners: Leaves,
    /// To validators and their stakers.
    pub validators: Leaves,
    /// Left in the pot.
    pub carried: Leaves,
    /// What the payments of all its blocks sum to.
    pub payments: Payments,
    /// Each neuron's part.
    pub neurons: Vec<Neuron>,
}

impl Epoch {
    /// An epoch from what was paid for it.
    pub fn new(payday: &Payday, payments: Payments, paid: u32, neurons: Vec<Neuron>) -> Self {
        let summary = &payday.summary;
        Self {
            netuid: payday.netuid,
            paid,
            epoch: summary.epoch,
            block: summary.block,
            paid_up: payday.paid_up,
            pot: Leaves(summary.pot),
            owner: Leaves(summary.owner),
            miners: Leaves(summary.miners),
            validators: Leaves(summary.validators),
            carried: Leaves(summary.carried),
            payments,
            neurons,
        }
    }
}

/// Payments of one epoch, summed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Payments {
    /// To the owner.
    pub owner: Leaves,
    /// To miners.
    pub miners: Leaves,
    /// To validators, their stakers, and those who lend to them.
    pub validators: Leaves,
}

/// What one epoch said of one neuron. Proportions are 65535ths.
#[derive(Debug, Serialize)]
pub struct Neuron {
    /// Its slot.
    pub uid: Uid,
    /// Its name in the cast.
    pub name: String,
    /// Its part in the cast.
    pub role: Role,
    /// How it answers, for miners.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub behaviour: Option<Behaviour>,
    /// Name of the model that its axon names, for miners.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Score consensus.
    pub consensus: u16,
    /// Share of the miners' part.
    pub incentive: u16,
    /// Share of the validators' part.
    pub dividends: u16,
    /// What it was paid.
    pub emission: Leaves,
    /// All stake on its hotkey, after the payout.
    pub stake: Leaves,
}

/// What one block gave to each subnet.
#[derive(Debug, Serialize)]
pub struct BlockEmission {
    /// The block.
    pub block: BlockNumber,
    /// `(netuid, leaves)`.
    pub emission: Vec<(NetUid, Leaves)>,
    /// The split that was in force, in `u64::MAX`ths.
    pub split: Vec<(NetUid, u64)>,
}

/// A root split and the votes that it was made of.
#[derive(Debug, Serialize)]
pub struct RootSplit {
    /// First block seen under it.
    pub block: BlockNumber,
    /// The votes: stake, and weights by netuid.
    pub votes: Vec<(Leaves, Vec<(NetUid, u16)>)>,
    /// The split, in `u64::MAX`ths.
    pub split: Vec<(NetUid, u64)>,
}

/// A block's payouts to the pool on which the nominator stakes.
#[derive(Clone, Debug, Serialize)]
pub struct Nomination {
    /// The block.
    pub block: BlockNumber,
    /// What the pool's hotkey was paid, one entry a subnet, in the order in which the chain paid.
    pub payouts: Vec<Dividends>,
    /// The pool before.
    pub pool: Pool,
    /// What the nominator had in it before.
    pub before: Position,
    /// What it had after.
    pub after: Position,
}

/// A pool at the end of a block.
#[derive(Clone, Debug, Serialize)]
pub struct Pool {
    /// What is staked.
    pub stake: Leaves,
    /// Pay that is still being released.
    pub unreleased: Leaves,
    /// How much of that with each block.
    pub released_per_block: Leaves,
    /// Block with which all of it is released.
    pub stream_ends_at: BlockNumber,
}

/// What somebody has in a pool.
#[derive(Clone, Debug, Serialize)]
pub struct Position {
    /// What it is worth.
    pub stake: Leaves,
    /// Its part of the pay that is still being released.
    pub unreleased: Leaves,
}

impl Position {
    /// All of it, released or not.
    pub fn claim(&self) -> Balance {
        self.stake.0 + self.unreleased.0
    }
}

/// Dividends of one hotkey in one subnet's epoch.
#[derive(Clone, Debug, Serialize)]
pub struct Dividends {
    /// What its owner kept.
    pub take: Leaves,
    /// What all its stakers share.
    pub stakers: Leaves,
}

/// The ledger at one block.
#[derive(Debug, Serialize)]
pub struct SupplyRecord {
    /// The block.
    pub block: BlockNumber,
    /// Total issuance.
    pub issuance: Leaves,
    /// Total issuance at genesis.
    pub genesis: Leaves,
    /// What the schedule mints in a block.
    pub block_emission: Leaves,
    /// Sum over every account of free and reserved balance.
    pub sum_of_accounts: Leaves,
}

/// What one authority has finalised.
#[derive(Debug, Serialize)]
pub struct Finality {
    /// Which authority.
    pub authority: &'static str,
    /// Height of its best block.
    pub best: BlockNumber,
    /// Height of its last finalised block.
    pub finalized: BlockNumber,
    /// Its hash of the highest block that both have finalised.
    pub common_hash: String,
}
