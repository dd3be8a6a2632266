//! What users deposit for gateways.
use crate::{Balance, BlockNumber, LRL};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// On which terms deposits for gateways are taken and given back, in the whole chain.
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
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct PrepaidTerms {
    /// Least that one call deposits, in leaves.
    pub min_deposit: Balance,
    /// What is held besides for as long as there is a deposit, in leaves: it pays for the record and is never drawn.
    pub record_deposit: Balance,
    /// Blocks from the announcement of a withdrawal to the first in which the gateway can no longer draw what was announced.
    pub notice: BlockNumber,
}

impl Default for PrepaidTerms {
    /// A tenth of a token and a hundredth; an hour of blocks of 12 s.
    fn default() -> Self {
        Self {
            min_deposit: LRL / 10,
            record_deposit: LRL / 100,
            notice: 300,
        }
    }
}

/// What a payer holds for a gateway. Amounts are leaves.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct Prepaid<AccountId> {
    /// The hotkey that may draw.
    pub gateway: AccountId,
    /// From whose account.
    pub payer: AccountId,
    /// What is held for the gateway.
    pub amount: Balance,
    /// What of it the gateway can draw in this block.
    pub drawable: Balance,
    /// What of it is not announced to be taken back: what the gateway can count on for as long as it likes. As clients read it, none while the
    /// payer's coldkey can be swapped within a notice.
    pub available: Balance,
    /// What was announced to be taken back.
    pub announced: Balance,
    /// The first block in which the gateway can no longer draw that and the payer can take it back; none where nothing is announced.
    pub free_at: Option<BlockNumber>,
    /// What is held besides for the record.
    pub record_deposit: Balance,
}
