//! What is decided for all of staking.
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use laurel_types::{Balance, BlockNumber, Take, LRL};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Limits of stakes and takes: from the genesis preset, later changed by root.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    Serialize,
    Deserialize,
)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    /// Least that one call can add, and least that the owner of a hotkey can leave behind, in leaves. At least the existential
    /// deposit.
    pub min_stake: Balance,
    /// Least that a position on somebody else's hotkey is worth, in leaves. At least the minimum stake. Positions that a
    /// raise leaves below it can be cleared by anybody.
    pub min_nomination: Balance,
    /// Lowest take that can be set.
    pub min_take: Take,
    /// Highest take that can be set; at most [`Take::MAX`].
    pub max_take: Take,
    /// Blocks from a change of a hotkey's take, in either direction, to the next raise of it.
    pub take_increase_interval: BlockNumber,
    /// Blocks between two lowerings of a hotkey's take.
    pub take_decrease_interval: BlockNumber,
}

impl Default for Settings {
    /// A thousandth and a tenth of a token; any take up to the highest; thirty days and one day of blocks of 12 s.
    fn default() -> Self {
        Self {
            min_stake: LRL / 1_000,
            min_nomination: LRL / 10,
            min_take: Take(0),
            max_take: Take::MAX,
            take_increase_interval: 216_000,
            take_decrease_interval: 7_200,
        }
    }
}

impl Settings {
    /// Whether they fit together, where accounts hold at least `existential_deposit`.
    pub fn is_sound(&self, existential_deposit: Balance) -> bool {
        existential_deposit <= self.min_stake
            && self.min_stake <= self.min_nomination
            && self.min_take <= self.max_take
            && self.max_take <= Take::MAX
    }
}
