//! Deposits for gateways as readable JSON by the rules of [`super::view`].
use super::view::{views, Decimal};
use laurel_runtime::AccountId;
use laurel_types::{BlockNumber, Prepaid, PrepaidTerms};
use serde::{Deserialize, Serialize};

views! {
    /// What a payer holds for a gateway.
    PrepaidView of Prepaid<AccountId> {
        /// The hotkey that may draw.
        gateway: AccountId,
        /// From whose account.
        payer: AccountId,
        /// What is held for the gateway.
        amount: Decimal,
        /// What of it the gateway can draw now.
        drawable: Decimal,
        /// What of it is not announced to be taken back; 0 while the payer's coldkey can be swapped within a notice.
        available: Decimal,
        /// What was announced to be taken back.
        announced: Decimal,
        /// The first block in which the payer can take that and the gateway no longer; `null` where nothing is announced.
        free_at: Option<BlockNumber>,
        /// What is held besides for the record.
        record_deposit: Decimal,
    }

    /// On which terms deposits are taken and given back.
    PrepaidTermsView of PrepaidTerms {
        /// Least that one call deposits.
        min_deposit: Decimal,
        /// What is held besides for as long as there is a deposit.
        record_deposit: Decimal,
        /// Blocks from an announcement to the first in which what was announced can be taken back.
        notice: BlockNumber,
    }
}
