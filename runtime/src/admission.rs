//! What the transaction pool takes, and in what order it hands it on.
//!
//! A transaction whose turn it is, so whose nonce is the account's next, is tried out at the state of the best block: its fee is
//! withdrawn if it has one and its call dispatched, and then everything is undone. If the call would fail now it is refused, with
//! the code of the same error that a block would have answered ([`laurel_types::REFUSALS`]). So the pool can never refuse for less or more than a
//! block does, whatever call it is and however deep it is wrapped, and no rule lives in two places. Blocks pay nothing for it: they
//! dispatch and find out. A transaction that got in and fails after all, because something changed meanwhile, costs its sender the fee.
//!
//! A transaction that waits for others of its account cannot be judged yet and is not. One that nobody signed is judged as well. A call by
//! proxy is judged by what becomes of the call that it carries, for a block would take the fee and do nothing.
//!
//! Trying out costs the node as much as executing, and nobody pays for what is refused; so no more than [`MAX_TRIAL`] is tried. Every call of
//! Laurel's own fits in, weights of up to 32,768 entries in one batch included (a test says so); of a dearer batch of calls the beginning is
//! tried, and what fails behind it fails for its fee.
use crate::{
    AccountId, Address, AllPalletsWithSystem, Balance, Balances, Executive, Hash, Nonce, Proxy, Runtime, RuntimeCall,
    RuntimeEvent, RuntimeOrigin, Scoring, System, TransactionPayment, UncheckedExtrinsic,
};
use alloc::vec::Vec;
use codec::Encode;
use frame_support::{
    dispatch::{DispatchClass, DispatchInfo, GetDispatchInfo},
    storage::{with_transaction, TransactionOutcome},
    traits::{
        fungible::Balanced,
        tokens::{Fortitude, Precision, Preservation},
        InstanceFilter, OriginTrait, PalletsInfoAccess,
    },
    weights::{constants::WEIGHT_REF_TIME_PER_MILLIS, Weight},
};
use laurel_support::Epochs as _;
use laurel_types::{NetUid, Refusal};
use sp_runtime::{
    generic::Preamble,
    traits::{Convert, Dispatchable},
    transaction_validity::{
        InvalidTransaction, TransactionLongevity, TransactionPriority, TransactionSource, TransactionTag,
        TransactionValidity, TransactionValidityError, ValidTransaction,
    },
    DispatchError, SaturatedConversion,
};

/// The most that is tried out of one transaction.
pub const MAX_TRIAL: Weight = Weight::from_parts(100 * WEIGHT_REF_TIME_PER_MILLIS, u64::MAX);

/// Priorities from here on belong to operational transactions.
const OPERATIONAL: TransactionPriority = TransactionPriority::MAX / 2;

/// What the pool asks for each transaction.
pub fn validate_transaction(
    source: TransactionSource,
    transaction: UncheckedExtrinsic,
    block_hash: Hash,
) -> TransactionValidity {
    let class = transaction.get_dispatch_info().class;
    let claim = Claim::of(&transaction);
    // Signature, era, nonce, fee; it also makes the next block the current one.
    let mut validity = Executive::validate_transaction(source, transaction, block_hash)?;
    if let Some(claim) = claim.filter(Claim::is_next) {
        claim.try_out()?;
        validity.provides.extend(claim.tag());
        validity.longevity = validity.longevity.min(claim.longevity());
    }
    Ok(ValidTransaction {
        priority: rank(class, validity.priority),
        ..validity
    })
}

/// Keeps each class in a half of its own, and the order within it: no tip lifts a user's transaction above an operational one.
fn rank(class: DispatchClass, priority: TransactionPriority) -> TransactionPriority {
    match class {
        DispatchClass::Normal => priority.min(OPERATIONAL - 1),
        DispatchClass::Operational | DispatchClass::Mandatory => OPERATIONAL.saturating_add(priority.min(OPERATIONAL)),
    }
}

/// Who sends a transaction.
enum Sender {
    /// An account, with the nonce and the tip that it signed.
    Account { id: AccountId, nonce: Nonce, tip: Balance },
    /// Nobody: the call itself says what makes it valid, as work does.
    Nobody,
}

/// A transaction, as far as it matters here.
struct Claim {
    sender: Sender,
    length: u32,
    info: DispatchInfo,
    call: RuntimeCall,
}

impl Claim {
    /// None for inherents, which the pool refuses anyway.
    fn of(transaction: &UncheckedExtrinsic) -> Option<Self> {
        let sender = match &transaction.preamble {
            Preamble::Signed(Address::Id(id), _, extension) => Sender::Account {
                id: id.clone(),
                nonce: extension.6 .0,
                tip: extension.8.tip(),
            },
            Preamble::General(_) => Sender::Nobody,
            Preamble::Signed(..) | Preamble::Bare(_) => return None,
        };
        Some(Self {
            sender,
            length: transaction.encoded_size().saturated_into(),
            info: transaction.get_dispatch_info(),
            call: transaction.function.clone(),
        })
    }

    fn is_next(&self) -> bool {
        match &self.sender {
            Sender::Account { id, nonce, .. } => System::account_nonce(id) == *nonce,
            Sender::Nobody => true,
        }
    }

    /// Dispatches the call after its fee, and undoes both.
    fn try_out(&self) -> Result<(), TransactionValidityError> {
        let Some(call) = self.tried() else {
            return Ok(());
        };
        with_transaction(|| TransactionOutcome::Rollback(Ok::<_, DispatchError>(self.dispatch(call))))
            .and_then(|outcome| outcome)
            .map_err(|error| ByName::convert(error).into())
    }

    /// What is tried out: the call, or as many first calls of a batch as are cheap enough, because where one of them fails the batch
    /// does. None where there is no such part.
    fn tried(&self) -> Option<RuntimeCall> {
        use pallet_utility::Call::batch_all;
        if self.info.call_weight.all_lte(MAX_TRIAL) {
            return Some(self.call.clone());
        }
        let RuntimeCall::Utility(batch_all { calls }) = &self.call else {
            return None;
        };
        let mut left = Some(MAX_TRIAL);
        let fitting = calls.iter().take_while(|call| {
            left = left.and_then(|left| left.checked_sub(&call.get_dispatch_info().call_weight));
            left.is_some()
        });
        let calls = fitting.cloned().collect();
        Some(RuntimeCall::Utility(batch_all { calls }))
    }

    fn dispatch(&self, call: RuntimeCall) -> Result<(), DispatchError> {
        let origin = match &self.sender {
            Sender::Account { id, tip, .. } => {
                let fee = TransactionPayment::compute_fee(self.length, &self.info, *tip);
                // Undone together with the rest, so the credit may be dropped.
                drop(Balances::withdraw(
                    id,
                    fee,
                    Precision::Exact,
                    Preservation::Preserve,
                    Fortitude::Polite,
                )?);
                RuntimeOrigin::signed(id.clone())
            }
            Sender::Nobody => frame_system::RawOrigin::Authorized.into(),
        };
        call.clone().dispatch(origin).map_err(|failure| failure.error)?;
        match call {
            RuntimeCall::Proxy(call) => self.carried(call),
            _ => Ok(()),
        }
    }

    /// What became of the call that a proxy made for another account: by the event that ends it, which has no names of errors, so what
    /// failed is made once more to hear its name.
    fn carried(&self, call: pallet_proxy::Call<Runtime>) -> Result<(), DispatchError> {
        use pallet_proxy::{Call, Event};
        let ends = System::read_events_no_consensus().filter_map(|record| match record.event {
            RuntimeEvent::Proxy(Event::ProxyExecuted { result }) => Some(result),
            _ => None,
        });
        let Some(Err(unnamed)) = ends.last() else {
            return Ok(());
        };
        let (Call::proxy {
            real,
            force_proxy_type,
            call,
        }
        | Call::proxy_announced {
            real,
            force_proxy_type,
            call,
            ..
        }) = call
        else {
            return Err(unnamed);
        };
        let (Sender::Account { id, .. }, Address::Id(real)) = (&self.sender, real) else {
            return Err(unnamed);
        };
        let mut origin = RuntimeOrigin::signed(real.clone());
        if let Ok(permission) = Proxy::find_proxy(&real, id, force_proxy_type) {
            origin.add_filter(move |call: &RuntimeCall| permission.proxy_type.filter(call));
        }
        Err(call.dispatch(origin).err().map_or(unnamed, |failure| failure.error))
    }

    /// What only one waiting transaction can do: say a thing in a subnet for a hotkey. A second one replaces it if it has the same nonce and
    /// a higher tip, and is refused otherwise.
    fn tag(&self) -> Option<TransactionTag> {
        use pallet_laurel_neurons::Call as Neurons;
        use pallet_laurel_root::Call as Root;
        use pallet_laurel_scoring::Call as Scoring;
        let Sender::Account { id: signer, .. } = &self.sender else {
            return None;
        };
        let (kind, netuid, hotkey) = match &self.call {
            RuntimeCall::Scoring(Scoring::commit_weights { netuid, .. }) => (0u8, *netuid, signer),
            RuntimeCall::Scoring(Scoring::reveal_weights { netuid, .. }) => (1, *netuid, signer),
            RuntimeCall::Scoring(Scoring::set_weights { netuid, .. }) => (2, *netuid, signer),
            RuntimeCall::Neurons(Neurons::publish_axon { netuid, .. }) => (3, *netuid, signer),
            RuntimeCall::Neurons(Neurons::burned_register { netuid, hotkey, .. }) => (4, *netuid, hotkey),
            RuntimeCall::Root(Root::set_root_weights { hotkey, .. }) => (5, NetUid(0), hotkey),
            _ => return None,
        };
        Some((b"laurel", kind, netuid, hotkey).encode())
    }

    /// Blocks after which it has to be judged anew: what belongs to an epoch goes stale with it.
    fn longevity(&self) -> TransactionLongevity {
        use pallet_laurel_scoring::Call;
        match &self.call {
            RuntimeCall::Scoring(Call::commit_weights { netuid, .. } | Call::reveal_weights { netuid, .. }) => {
                let left = Scoring::due_at(*netuid).saturating_sub(System::block_number());
                TransactionLongevity::from(left.max(1))
            }
            _ => TransactionLongevity::MAX,
        }
    }
}

/// Names errors for pallets that validate transactions themselves.
pub struct ByName;

impl Convert<DispatchError, InvalidTransaction> for ByName {
    fn convert(error: DispatchError) -> InvalidTransaction {
        InvalidTransaction::Custom(code(&error))
    }
}

/// The code of an error in [`laurel_types::REFUSALS`].
pub fn code(error: &DispatchError) -> u8 {
    let listed = |pallet: &str, name: &str| Refusal::named(pallet, name).map(|refusal| refusal.code);
    let code = match error {
        DispatchError::Module(module) => {
            let pallets: Vec<_> = AllPalletsWithSystem::infos();
            let pallet = pallets.iter().find(|pallet| pallet.index == usize::from(module.index));
            pallet.and_then(|pallet| listed(pallet.name, module.message?))
        }
        DispatchError::BadOrigin => listed("Runtime", "BadOrigin"),
        DispatchError::Token(_) => listed("Runtime", "Token"),
        DispatchError::Arithmetic(_) => listed("Runtime", "Arithmetic"),
        DispatchError::Exhausted => listed("Runtime", "Exhausted"),
        DispatchError::Unavailable => listed("Runtime", "Unavailable"),
        _ => None,
    };
    code.unwrap_or(Refusal::UNLISTED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_bid_of_a_user_ranks_below_the_lowest_of_an_operational_call() {
        let highest = rank(DispatchClass::Normal, TransactionPriority::MAX);
        assert!(highest < rank(DispatchClass::Operational, 0));
        assert!(rank(DispatchClass::Normal, 1) < rank(DispatchClass::Normal, 2));
        assert!(rank(DispatchClass::Operational, 1) < rank(DispatchClass::Operational, 2));
    }
}
