//! Parts of the metagraph, what a coldkey has, and the tables behind them, as readable JSON by the rules of [`super::view`].
use super::view::{views, Decimal, Hex32, HotkeyView, List, NeuronView, SignedDecimal, StakeView};
use laurel_runtime::AccountId;
use laurel_types::{
    BlockNumber, Commit, EmissionSchedule, EmissionStep, EpochIndex, MetagraphChanges, MetagraphPage, NetUid,
    Portfolio, Position, Refusal, RegistrationId, Uid, ValidatorCommits, DECIMALS, SS58_PREFIX,
};
use serde::{Deserialize, Serialize};

views! {
    /// Neurons with neighbouring uids.
    PageView of MetagraphPage<AccountId> {
        /// The block that was read.
        block: BlockNumber,
        /// The subnet.
        netuid: NetUid,
        /// Neurons in the subnet.
        total: u16,
        /// The neurons, by uid.
        neurons: List<NeuronView>,
    }

    /// What is new since a block.
    ChangesView of MetagraphChanges<AccountId> {
        /// The block that was read.
        block: BlockNumber,
        /// The block since which something changed.
        since: BlockNumber,
        /// The subnet.
        netuid: NetUid,
        /// Neurons in the subnet; uids from here on are gone.
        total: u16,
        /// Those with something new, by uid.
        neurons: List<NeuronView>,
    }

    /// A commit that is not revealed.
    CommitView of Commit {
        /// Hash of what will be revealed.
        hash: Hex32,
        /// The epoch in which it was made.
        epoch: EpochIndex,
        /// The epoch in which it can be revealed.
        reveal_epoch: EpochIndex,
        /// The block in which it was made.
        block: BlockNumber,
    }

    /// The commits of one validator.
    CommitsView of ValidatorCommits {
        /// The validator.
        uid: Uid,
        /// Which holder of the uid made them.
        registration: RegistrationId,
        /// What is not yet revealed.
        pending: List<CommitView>,
        /// The epoch of a commit that was not revealed in its window.
        missed: Option<EpochIndex>,
    }

    /// One position with its pool.
    PositionView of Position<AccountId> {
        /// What the coldkey has in it.
        stake: StakeView,
        /// The pool.
        pool: HotkeyView,
    }

    /// Everything a coldkey has.
    PortfolioView of Portfolio<AccountId> {
        /// The block that was read.
        block: BlockNumber,
        /// Free in its own account.
        free: Decimal,
        /// What all positions are worth.
        staked: Decimal,
        /// What all positions have earned.
        earned: SignedDecimal,
        /// Each position, by hotkey.
        positions: List<PositionView>,
    }

    /// What a block mints from an issuance on.
    EmissionStepView of EmissionStep {
        /// Issuance less burned tokens from which on it holds.
        from: Decimal,
        /// What a block mints.
        per_block: Decimal,
    }

    /// The emission schedule.
    EmissionScheduleView of EmissionSchedule {
        /// Issuance less burned tokens now.
        circulating: Decimal,
        /// What the next block mints.
        per_block: Decimal,
        /// Blocks until emission halves; `null` past the last halving.
        blocks_to_halving: Option<u64>,
        /// All steps, ascending.
        steps: List<EmissionStepView>,
    }
}

/// How amounts of leaves read as tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenView {
    /// Behind amounts.
    pub symbol: String,
    /// Digits after the point: one token has ten to the power of this leaves.
    pub decimals: u8,
    /// What addresses begin with.
    pub ss58_prefix: u16,
}

impl TokenView {
    /// The only token.
    pub fn lrl() -> Self {
        Self {
            symbol: "LRL".into(),
            decimals: DECIMALS,
            ss58_prefix: SS58_PREFIX,
        }
    }
}

/// What a code of the transaction pool means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusalView {
    /// As in `Custom error: code`.
    pub code: u8,
    /// The pallet whose error it is.
    pub pallet: String,
    /// The error.
    pub name: String,
    /// What to do about it.
    pub remedy: String,
}

impl From<Refusal> for RefusalView {
    fn from(refusal: Refusal) -> Self {
        Self {
            code: refusal.code,
            pallet: refusal.pallet.into(),
            name: refusal.name.into(),
            remedy: refusal.remedy.into(),
        }
    }
}

impl From<[u8; 32]> for Hex32 {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use laurel_types::{HotkeyInfo, StakeInfo, Take, REFUSALS};

    #[test]
    fn a_portfolio_reads_without_losing_a_leaf_and_reads_back() {
        let key = |byte| AccountId::new([byte; 32]);
        let view = PortfolioView::from(Portfolio {
            block: 5,
            free: u64::MAX,
            staked: 9_007_199_254_740_993,
            earned: -9_007_199_254_740_993,
            positions: vec![Position {
                stake: StakeInfo {
                    hotkey: key(1),
                    coldkey: key(2),
                    stake: 9_007_199_254_740_993,
                    unreleased: 1,
                    principal: i64::MAX,
                    earned: i64::MIN,
                },
                pool: HotkeyInfo {
                    hotkey: key(1),
                    coldkey: key(3),
                    take: Take(7),
                    stake: u64::MAX,
                    unreleased: 2,
                    released_per_block: 1,
                    stream_ends_at: 9,
                    registrations: vec![(NetUid(1), Uid(2))],
                },
            }],
        });
        let json = serde_json::to_value(&view).unwrap();
        assert_eq!(json["free"], "18446744073709551615");
        assert_eq!(json["positions"][0]["pool"]["stake"], "18446744073709551615");
        assert_eq!(json["positions"][0]["stake"]["stake"], "9007199254740993");
        assert_eq!(json["positions"][0]["stake"]["principal"], "9223372036854775807");
        assert_eq!(json["earned"], "-9007199254740993");
        assert_eq!(serde_json::from_value::<PortfolioView>(json).unwrap(), view);
    }

    #[test]
    fn every_refusal_can_be_shown() {
        let views: List<RefusalView> = REFUSALS.to_vec().into();
        assert_eq!(views.0.len(), REFUSALS.len());
        assert!(views.0.iter().all(|refusal| !refusal.remedy.is_empty()));
    }
}
