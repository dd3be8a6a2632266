//! What the transaction pool takes, and in what order it hands it on.
//!
//! A transaction whose turn it is, so whose nonce is the account's next, is tried out at the state of the best block: its fee is
//! withdrawn if it has one and its call dispatched, and then everything is undone. If the call would fail now it is refused, with
//! the code of the same error that a block would have answered ([`laurel_types::REFUSALS`]). So the pool can never refuse for less or more than a
//! block does, whatever call it is and however deep it is wrapped, and no rule lives in two places. Blocks pay nothing for it: they
//! dispatch and find out. A transaction that got in and fails after all, because something changed meanwhile, costs its sender the fee.
//!
//! A transaction that waits for others of its account cannot be judged yet and is not. One that nobody signed is judged as well.
use crate::{
    AccountId, Address, AllPalletsWithSystem, Balance, Balances, Executive, Hash, Nonce, RuntimeCall, RuntimeOrigin,
    Scoring, System, TransactionPayment, UncheckedExtrinsic,
};
use alloc::vec::Vec;
use codec::Encode;
use frame_support::{
    dispatch::{DispatchClass, DispatchInfo, GetDispatchInfo},
    storage::{with_transaction, TransactionOutcome},
    traits::{
        fungible::Balanced,
        tokens::{Fortitude, Precision, Preservation},
        PalletsInfoAccess,
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

/// The dearest call that is tried out: trying costs the node as much as executing, and nobody pays for it. Dearer ones are rare,
/// and fail for their fee.
const MAX_TRIAL: Weight = Weight::from_parts(20 * WEIGHT_REF_TIME_PER_MILLIS, u64::MAX);

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
        if self.info.call_weight.any_gt(MAX_TRIAL) {
            return Ok(());
        }
        with_transaction(|| TransactionOutcome::Rollback(Ok::<_, DispatchError>(self.dispatch())))
            .and_then(|outcome| outcome)
            .map_err(|error| ByName::convert(error).into())
    }

    fn dispatch(&self) -> Result<(), DispatchError> {
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
        let result = self.call.clone().dispatch(origin);
        result.map(|_| ()).map_err(|failure| failure.error)
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
