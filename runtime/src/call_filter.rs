//! Calls that no account can make, now or ever, whatever they are wrapped in.
//!
//! FRAME asks this filter before each dispatch, so also for each call inside a batch, a proxy's or a multisig's. Root is not asked: it
//! comes from `sudo` where the preset sets a key, and from [governance](pallet_laurel_governance) where it sets none.
use crate::{Runtime, RuntimeCall, SafeMode};
use frame_support::traits::{Contains, InsideBoth};

/// What accounts may call: in ordinary times all but what is never allowed, while safe mode lasts a few.
pub type CallFilter = InsideBoth<SafeMode, InsideBoth<NoSudoWithoutKey, BooksBalance>>;

/// `Balances.burn` would take tokens out of the ledger, and issuance would no longer be genesis plus emission. Whoever wants to burn sends to
/// the burn account.
pub struct BooksBalance;

impl Contains<RuntimeCall> for BooksBalance {
    fn contains(call: &RuntimeCall) -> bool {
        !matches!(call, RuntimeCall::Balances(pallet_balances::Call::burn { .. }))
    }
}

/// `Sudo` exists in the runtime for chains on one machine. The production preset sets no key, and no call can then set one: not even to try
/// is possible.
pub struct NoSudoWithoutKey;

impl Contains<RuntimeCall> for NoSudoWithoutKey {
    fn contains(call: &RuntimeCall) -> bool {
        !matches!(call, RuntimeCall::Sudo(_)) || pallet_sudo::Key::<Runtime>::exists()
    }
}

/// What goes on while safe mode lasts: time, and those who decide how it ends. Blocks, finality, emission and payouts are no calls, so they
/// go on too. Wrappers are let through because what they wrap is asked about in its turn.
pub struct GoesOnInSafeMode;

impl Contains<RuntimeCall> for GoesOnInSafeMode {
    fn contains(call: &RuntimeCall) -> bool {
        match call {
            RuntimeCall::Timestamp(_)
            | RuntimeCall::Council(_)
            | RuntimeCall::CouncilMembership(_)
            | RuntimeCall::Governance(_)
            | RuntimeCall::Scheduler(_)
            | RuntimeCall::Preimage(_)
            | RuntimeCall::Sudo(_)
            | RuntimeCall::Utility(_)
            | RuntimeCall::Multisig(_) => true,
            RuntimeCall::Proxy(call) => matches!(
                call,
                pallet_proxy::Call::proxy { .. } | pallet_proxy::Call::proxy_announced { .. }
            ),
            // For the upgrade that governance authorised: anybody may bring the code.
            RuntimeCall::System(call) => matches!(call, frame_system::Call::apply_authorized_upgrade { .. }),
            _ => false,
        }
    }
}
