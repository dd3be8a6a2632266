//! The traits by which the pallets know each other; no pallet depends on another, the runtime wires them.
//!
//! | trait | answered by | asked by |
//! |---|---|---|
//! | [`Subnets`] | subnets | neurons, scoring, root, rewards |
//! | [`Neurons`] | neurons | scoring, rewards |
//! | [`Hotkeys`], [`Stake`] | staking | neurons, scoring, root |
//! | [`Payout`] | staking | rewards |
//! | [`Epochs`] | scoring | subnets, rewards |
//! | [`EvictionScore`] | scoring | neurons |
//! | [`Split`] | root | rewards |
//! | [`OnSubnetCreated`], [`OnNeuronReplaced`], [`OnEpoch`] | whoever keeps state for it | subnets, neurons, rewards |
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]

extern crate alloc;

use alloc::vec::Vec;
use frame_support::{dispatch::DispatchResult, weights::Weight};
use laurel_types::{AcceptedModel, Balance, BlockNumber, EpochIndex, Hyperparameters, NetUid, RegistrationId, Uid};

/// What subnets there are and how each is tuned.
pub trait Subnets<AccountId> {
    /// Netuids of all subnets, ascending; at most `laurel_types::MAX_SUBNETS`.
    fn netuids() -> Vec<NetUid>;
    /// Parameters in force in the running epoch; none if the subnet does not exist.
    fn params(netuid: NetUid) -> Option<Hyperparameters>;
    /// Who owns the subnet.
    fn owner(netuid: NetUid) -> Option<AccountId>;
    /// The models that the subnet pays for.
    fn models(netuid: NetUid) -> Vec<AcceptedModel>;
    /// Whether the subnet exists.
    fn exists(netuid: NetUid) -> bool {
        Self::params(netuid).is_some()
    }
    /// Creates a subnet without lock or limit that accepts as many models as it can, for the benchmarks of pallets that
    /// need one.
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_create(owner: &AccountId, params: Hyperparameters) -> NetUid;
}

/// Who holds a uid, since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeuronId<AccountId> {
    /// The slot.
    pub uid: Uid,
    /// The holder.
    pub hotkey: AccountId,
    /// Names this registration for ever.
    pub registration: RegistrationId,
    /// Block of the registration.
    pub registered_at: BlockNumber,
}

/// Who holds which uid.
pub trait Neurons<AccountId> {
    /// Neurons in the subnet. Uids run from 0 to one less, without gaps.
    fn count(netuid: NetUid) -> u16;
    /// The holder of a uid.
    fn neuron(netuid: NetUid, uid: Uid) -> Option<NeuronId<AccountId>>;
    /// The uid of a hotkey.
    fn uid_of(netuid: NetUid, hotkey: &AccountId) -> Option<Uid>;
    /// All neurons in uid order; at most `laurel_types::MAX_UIDS`.
    fn neurons(netuid: NetUid) -> Vec<NeuronId<AccountId>>;
    /// Registers without price or limit, for the benchmarks of pallets that need a neuron.
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_register(netuid: NetUid, hotkey: &AccountId, coldkey: &AccountId) -> Uid;
}

/// Which coldkey owns a hotkey.
pub trait Hotkeys<AccountId> {
    /// The owner; none if the hotkey is unknown.
    fn owner(hotkey: &AccountId) -> Option<AccountId>;
    /// Makes `coldkey` the owner of `hotkey`. Succeeds without effect if it already is; fails if another one is.
    fn bind(hotkey: &AccountId, coldkey: &AccountId) -> DispatchResult;
}

/// How much backs a hotkey.
pub trait Stake<AccountId> {
    /// All stake on the hotkey, in leaves.
    fn stake(hotkey: &AccountId) -> Balance;
    /// Puts stake on a hotkey out of nothing, for benchmarks.
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_stake(hotkey: &AccountId, coldkey: &AccountId, amount: Balance);
}

/// Who receives what an epoch pays. `Credit` is an imbalance: what is not placed comes back, never lost.
pub trait Payout<AccountId, Credit> {
    /// Pays a miner: the credit becomes stake of the hotkey's owner on that hotkey. Returns the credit if the
    /// hotkey is unknown.
    fn pay_incentive(hotkey: &AccountId, credit: Credit) -> Result<(), Credit>;
    /// Pays a validator: the take to the owner as above, the rest to the hotkey's pool, so to all stakers in
    /// proportion. Returns the credit if the hotkey is unknown.
    fn pay_dividends(hotkey: &AccountId, credit: Credit) -> Result<(), Credit>;
}

/// What an epoch decided for one neuron, as numerators over any common denominator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpochShare<AccountId> {
    /// The slot.
    pub uid: Uid,
    /// The holder when the epoch ran.
    pub hotkey: AccountId,
    /// Share of the miners' part.
    pub incentive: u64,
    /// Share of the validators' part.
    pub dividends: u64,
}

/// The epochs of subnets: when they are due, and what they decide.
pub trait Epochs<AccountId> {
    /// The running epoch.
    fn current(netuid: NetUid) -> EpochIndex;
    /// Block in which the running epoch began.
    fn started_at(netuid: NetUid) -> BlockNumber;
    /// Block at which the running epoch ends, or should have ended.
    fn due_at(netuid: NetUid) -> BlockNumber;
    /// Upper bound of what [`Self::run`] will take for this subnet as it is now.
    fn weight(netuid: NetUid) -> Weight;
    /// Ends the running epoch: scores it, gives permits, begins the next. One share a neuron, in uid order. All
    /// incentives are 0 when no valid weights were there.
    fn run(netuid: NetUid) -> Vec<EpochShare<AccountId>>;
    /// Ends the running epoch without scores, after [`Self::run`] or the payout failed and was rolled back; so that one
    /// broken epoch is lost and not tried again in every block.
    fn skip(netuid: NetUid) {
        Self::run(netuid);
    }
    /// Records what each uid was paid, in uid order, beside the scores of the epoch just run.
    fn record_emission(netuid: NetUid, emission: &[Balance]);
}

/// How little a neuron would be missed.
pub trait EvictionScore {
    /// The lower the score, the sooner the neuron is evicted: the greater of its incentive and dividends.
    fn score(netuid: NetUid, uid: Uid) -> u16;
    /// The scores of uids 0 to `count - 1`, in order. Whoever keeps them in one value overrides this, so that choosing among
    /// all neurons of a subnet decodes it once.
    fn scores(netuid: NetUid, count: u16) -> Vec<u16> {
        (0..count).map(|uid| Self::score(netuid, Uid(uid))).collect()
    }
}

/// The split of emission between subnets.
pub trait Split {
    /// Parts of `u64::MAX` by netuid, ascending, that sum to at most `u64::MAX`; empty when there is no split yet.
    fn split() -> Vec<(NetUid, u64)>;
}

/// Told when a subnet has been created.
#[impl_trait_for_tuples::impl_for_tuples(5)]
pub trait OnSubnetCreated {
    /// Prepare state for the new subnet.
    fn on_subnet_created(netuid: NetUid);
}

/// Told when a uid passes to another hotkey, while the predecessor can still be looked up under it.
#[impl_trait_for_tuples::impl_for_tuples(5)]
pub trait OnNeuronReplaced {
    /// Remove everything the predecessor left under `uid`, and what others said of it.
    fn on_neuron_replaced(netuid: NetUid, uid: Uid);
}

/// Told when an epoch of a subnet has ended and its pot is paid.
#[impl_trait_for_tuples::impl_for_tuples(5)]
pub trait OnEpoch {
    /// The epoch `ended` is over; the next one has begun.
    fn on_epoch(netuid: NetUid, ended: EpochIndex);
}
