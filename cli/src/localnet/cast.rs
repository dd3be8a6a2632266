//! Who takes part in the local network, and what each is there to show.
use laurel_types::{Balance, ModelKind, NetUid, Proportion, Take, LRL};
use serde::{Deserialize, Serialize};

/// What an actor does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Asks, verifies and sets weights; also holds a root seat.
    Validator,
    /// Serves the registered model.
    HonestMiner,
    /// Serves the registered model, and goes on with it when the subnet has changed to another.
    LateMiner,
    /// Pretends to.
    CheatingMiner,
    /// Somebody who joined the running network.
    Guest,
}

/// How a miner answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Behaviour {
    /// With the registered model, also after it changed.
    Honest,
    /// With the model that was registered when the run began.
    Late,
    /// With other weights than those it claims.
    Degraded,
    /// With vectors that cost nothing to make.
    Pseudo,
    /// With about half of the answer.
    Truncate,
    /// With the first item's vector for every item.
    Copy,
    /// With the activation proof of another answer.
    Replay,
}

impl Behaviour {
    /// Whether the miner is there to be found out.
    pub fn role(self) -> Role {
        match self {
            Self::Honest => Role::HonestMiner,
            Self::Late => Role::LateMiner,
            _ => Role::CheatingMiner,
        }
    }

    /// The name by which the dishonest miner takes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Honest => "honest",
            Self::Late => "late",
            Self::Degraded => "degraded",
            Self::Pseudo => "pseudo",
            Self::Truncate => "truncate",
            Self::Copy => "copy",
            Self::Replay => "replay",
        }
    }
}

/// A miner of the cast.
#[derive(Clone, Copy, Debug)]
pub struct Miner {
    /// Name of wallet, log and process.
    pub name: &'static str,
    /// How it answers.
    pub behaviour: Behaviour,
}

/// A subnet of the cast.
#[derive(Clone, Copy, Debug)]
pub struct Subnet {
    /// The number that it gets: subnets are created in order on a fresh chain.
    pub netuid: NetUid,
    /// What it pays for.
    pub kind: ModelKind,
    /// Word for it in tables and names.
    pub label: &'static str,
    /// Its miners.
    pub miners: &'static [Miner],
}

/// A validator of the cast: validates in both subnets and holds a root seat.
#[derive(Clone, Copy, Debug)]
pub struct Validator {
    /// Name of wallet, log and process.
    pub name: &'static str,
    /// Its own stake.
    pub stake: Balance,
    /// Its root weights: text, embeddings.
    pub root_weights: [u16; 2],
}

const fn miner(name: &'static str, behaviour: Behaviour) -> Miner {
    Miner { name, behaviour }
}

/// The two subnets.
pub const SUBNETS: [Subnet; 2] = [
    Subnet {
        netuid: NetUid(1),
        kind: ModelKind::Text,
        label: "text",
        miners: &[
            miner("text-honest-1", Behaviour::Honest),
            miner("text-honest-2", Behaviour::Honest),
            miner("text-late", Behaviour::Late),
            miner("text-degraded", Behaviour::Degraded),
            miner("text-truncate", Behaviour::Truncate),
            miner("text-replay", Behaviour::Replay),
        ],
    },
    Subnet {
        netuid: NetUid(2),
        kind: ModelKind::Embedding,
        label: "embeddings",
        miners: &[
            miner("embed-honest-1", Behaviour::Honest),
            miner("embed-honest-2", Behaviour::Honest),
            miner("embed-pseudo", Behaviour::Pseudo),
            miner("embed-copy", Behaviour::Copy),
        ],
    },
];

/// The two validators, with different stakes and different opinions about the split.
pub const VALIDATORS: [Validator; 2] = [
    Validator {
        name: "validator-1",
        stake: 3_000 * LRL,
        root_weights: [70, 30],
    },
    Validator {
        name: "validator-2",
        stake: 2_000 * LRL,
        root_weights: [50, 50],
    },
];

/// The subnet whose model changes and in which the first validator lends.
pub const TEXT: NetUid = SUBNETS[0].netuid;
/// What of its stake the first validator lends there to the second: a fifth.
pub const LENT: Proportion = Proportion(u64::MAX / 5);
/// What the second validator's owner keeps of what that earns: 9 %.
pub const CHILD_TAKE: Take = Take(5_898);

/// Wallet of the subnets' owner.
pub const OWNER: &str = "owner";
/// Wallet of the token holder who stakes on the first validator.
pub const NOMINATOR: &str = "nominator";
/// What the nominator stakes.
pub const NOMINATED: Balance = 1_000 * LRL;

/// The miners of all subnets, in the order of the cast.
pub fn miners() -> impl Iterator<Item = &'static Miner> {
    SUBNETS.iter().flat_map(|subnet| subnet.miners)
}

/// Every wallet with what it is given to begin with.
pub fn wallets() -> Vec<(&'static str, Balance)> {
    let mut all = vec![(OWNER, 1_000 * LRL), (NOMINATOR, NOMINATED + 10 * LRL)];
    all.extend(VALIDATORS.map(|v| (v.name, v.stake + 100 * LRL)));
    all.extend(miners().map(|miner| (miner.name, 100 * LRL)));
    all
}
