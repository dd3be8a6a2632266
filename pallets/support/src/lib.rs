//! The traits by which the pallets know each other; no pallet depends on another, the runtime wires them.
//!
//! | trait | answered by | asked by |
//! |---|---|---|
//! | [`Subnets`] | subnets | neurons, scoring, root, rewards |
//! | [`Neurons`] | neurons | scoring, rewards |
//! | [`Hotkeys`] | staking | neurons, root, children, keys |
//! | [`Stake`] | staking; children, which adds what is lent | root; scoring |
//! | [`Payout`] | staking | rewards |
//! | [`Parents`] | children | rewards |
//! | [`Epochs`] | scoring | subnets, rewards |
//! | [`EvictionScore`] | scoring | neurons |
//! | [`Split`] | root | rewards |
//! | [`OnSubnetCreated`], [`OnSubnetRemoved`], [`OnEpoch`] | whoever keeps state for it | subnets, rewards |
//! | [`OnNeuronRegistered`], [`OnNeuronReplaced`] | whoever keeps state for it | neurons |
//! | [`OnHotkeySwapped`], [`OnColdkeySwapped`] | whoever keeps state for it | keys |
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]

extern crate alloc;

use alloc::vec::Vec;
use frame_support::{dispatch::DispatchResult, weights::Weight};
use laurel_types::{
    AcceptedModel, Balance, BlockNumber, EpochIndex, HotkeyConsent, Hyperparameters, NetUid, RegistrationId, Uid,
};

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
    /// Whether the subnet is gone, but what others keep of it is still being removed ([`OnSubnetRemoved`]). Nothing is done for such
    /// a subnet any more; only invariants need to know it.
    fn is_ending(netuid: NetUid) -> bool {
        let _ = netuid;
        false
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

/// Whether emission given to a subnet can reach anybody: it has neurons, and takes registrations.
pub fn can_pay<AccountId, S: Subnets<AccountId>, N: Neurons<AccountId>>(netuid: NetUid) -> bool {
    N::count(netuid) > 0 && S::params(netuid).is_some_and(|params| params.registration_allowed)
}

/// Which coldkey owns a hotkey.
pub trait Hotkeys<AccountId> {
    /// The owner; none if the hotkey is unknown.
    fn owner(hotkey: &AccountId) -> Option<AccountId>;
    /// Whether [`Self::bind`] would succeed; changes nothing.
    fn check_bind(hotkey: &AccountId, coldkey: &AccountId, consent: Option<&HotkeyConsent>) -> DispatchResult;
    /// Makes `coldkey` the owner of `hotkey`. Succeeds without effect if it already is, and then needs no consent; fails if
    /// another one is, or if the hotkey is unknown and has not signed that it wants to belong to `coldkey`
    /// (`laurel_types::consent_preimage`).
    fn bind(hotkey: &AccountId, coldkey: &AccountId, consent: Option<&HotkeyConsent>) -> DispatchResult;
    /// Binds without consent, for the benchmarks of pallets that need an owned hotkey.
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_bind(hotkey: &AccountId, coldkey: &AccountId);
    /// An unknown hotkey, another one for each `index`, and its consent to belong to `coldkey`, for the benchmarks of calls
    /// that bind.
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_consent(index: u32, coldkey: &AccountId) -> (AccountId, HotkeyConsent);
}

/// How much backs a hotkey.
///
/// What a payout streams to a pool counts when it is released, block by block.
pub trait Stake<AccountId> {
    /// What is staked on the hotkey itself, by whomever, in leaves.
    fn stake(hotkey: &AccountId) -> Balance;
    /// What backs the hotkey in a subnet, in leaves: [`Self::stake`], less what it lends to its children there, plus
    /// what its parents lend to it.
    fn stake_on(netuid: NetUid, hotkey: &AccountId) -> Balance {
        let _ = netuid;
        Self::stake(hotkey)
    }
    /// The sum of [`Self::stake_on`] at the end of every block up to the one before this, in leaf-blocks. The difference of two
    /// readings is the average stake between them times the blocks between them; so stake weighs by the time it was there. It does
    /// not fall, but for the leaf-blocks that dividing what is lent rounds off: less than one for each relative and change of a link.
    /// Where an account ends with the uid that it belonged to, it begins again.
    fn stake_time_on(netuid: NetUid, hotkey: &AccountId) -> u128;
    /// The stake-time of several hotkeys, in their order. Whoever keeps something a subnet overrides this, so that an epoch does not
    /// look for each hotkey by itself.
    fn stake_times_on(netuid: NetUid, hotkeys: &[AccountId]) -> Vec<u128> {
        hotkeys
            .iter()
            .map(|hotkey| Self::stake_time_on(netuid, hotkey))
            .collect()
    }
    /// What reading the stake-times of `hotkeys` hotkeys of a subnet at once costs at most, beyond their own stake.
    fn reading_weight(netuid: NetUid, hotkeys: u32) -> Weight {
        let _ = (netuid, hotkeys);
        Weight::zero()
    }
    /// Puts stake on a hotkey out of nothing, for benchmarks.
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_stake(hotkey: &AccountId, coldkey: &AccountId, amount: Balance);
}

/// What one hotkey is due of an epoch, in leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due<AccountId> {
    /// The hotkey.
    pub hotkey: AccountId,
    /// To its owner alone, at once: what it mined, and what it keeps of others' dividends.
    pub owner: Balance,
    /// To its owner the hotkey's take, at once; the rest to its pool, so to all stakers in proportion.
    pub dividends: Balance,
}

/// How a due was placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// What of the dividends became the owner's at once, in leaves.
    pub take: Balance,
    /// Shares of the pool that the owner received for all that became its own.
    pub shares: u128,
}

/// Pays hotkeys what an epoch earned them. `Credit` is an imbalance: what is not placed comes back, never lost.
pub trait Payout<AccountId, Credit> {
    /// Pays each due out of `credit`, which holds at least their sum. What is the owner's becomes its stake on the hotkey; the stakers'
    /// part flows to the pool evenly over the next `stream_blocks` blocks: usually the subnet's epoch length, so that whoever stakes
    /// just before an epoch gets nothing of it. Returns how each was placed, in order, none where the hotkey is unknown; and what is
    /// left of the credit.
    fn pay(dues: &[Due<AccountId>], stream_blocks: BlockNumber, credit: Credit) -> (Vec<Option<Placed>>, Credit);
    /// Makes a hotkey known as it is dearest to pay: others have stake on it and pay is on its way to them, but its owner has none. For
    /// the benchmarks of who pays.
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_payee(hotkey: &AccountId, coldkey: &AccountId, staker: &AccountId);
}

/// How the dividends of a child are divided, in leaves; the parts sum to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family<AccountId> {
    /// To the child's own stakers, and by its own take to its owner.
    pub own: Balance,
    /// To the child's owner, as child take.
    pub take: Balance,
    /// To each parent.
    pub parents: Vec<(AccountId, Balance)>,
}

/// Who lends to a validator, and so has a part in its dividends.
pub trait Parents<AccountId> {
    /// Divides what each hotkey earned as a validator of the subnet in the epoch that just ended: those that had parents, each with its
    /// place in `earned`, ascending. To be asked once an epoch, after [`Epochs::run`] and before [`OnEpoch`]: it closes the epoch's
    /// accounts.
    fn divide(netuid: NetUid, earned: &[(AccountId, Balance)]) -> Vec<(usize, Family<AccountId>)>;
    /// Upper bound of the parents' parts that [`Self::divide`] makes.
    fn count(netuid: NetUid) -> u32;
    /// Upper bound of what [`Self::divide`] takes for `hotkeys` hotkeys.
    fn weight(netuid: NetUid, hotkeys: u32) -> Weight;
}

/// Nobody lends.
impl<AccountId> Parents<AccountId> for () {
    fn divide(_: NetUid, _: &[(AccountId, Balance)]) -> Vec<(usize, Family<AccountId>)> {
        Vec::new()
    }
    fn count(_: NetUid) -> u32 {
        0
    }
    fn weight(_: NetUid, _: u32) -> Weight {
        Weight::zero()
    }
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
///
/// An epoch ends in two steps: first the stake of its neurons is read ([`Self::take_stock`]), a part of them after the other if a
/// block has no room for all; then they are scored ([`Self::run`]) by what was read.
pub trait Epochs<AccountId> {
    /// The running epoch.
    fn current(netuid: NetUid) -> EpochIndex;
    /// Block in which the running epoch began.
    fn started_at(netuid: NetUid) -> BlockNumber;
    /// Block at which the running epoch ends, or should have ended.
    fn due_at(netuid: NetUid) -> BlockNumber;
    /// Reads the stake of `count` neurons, those from uid `first` on, for the epoch that ends: what each had on average since its
    /// stake was read for the epoch before. Uids that nobody holds are left out. Nothing changes for who was read in this block already.
    fn take_stock(netuid: NetUid, first: Uid, count: u16);
    /// Upper bound of what [`Self::take_stock`] of `count` neurons takes.
    fn stock_weight(netuid: NetUid, count: u32) -> Weight;
    /// Upper bound of what [`Self::run`] will take for this subnet as it is now.
    fn weight(netuid: NetUid) -> Weight;
    /// Ends the running epoch: scores it by the stake that was read last, gives permits, begins the next. One share a neuron, in uid
    /// order. All incentives are 0 when no valid weights were there. Reads nothing for each neuron by itself.
    fn run(netuid: NetUid) -> Vec<EpochShare<AccountId>>;
    /// Ends the running epoch without scores, after [`Self::run`] or the payout failed and was rolled back; so that one
    /// broken epoch is lost and not tried again in every block.
    fn skip(netuid: NetUid) {
        Self::run(netuid);
    }
    /// Records what each uid is to be paid, with those who lend to it, in uid order, beside the scores of the epoch just run.
    fn record_emission(netuid: NetUid, emission: &[Balance]);
}

/// What decides who leaves a full subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tenure {
    /// The lower, the sooner the neuron is evicted: the greater of its incentive and dividends, 0 before its first epoch.
    pub score: u16,
    /// Block of the registration.
    pub registered_at: BlockNumber,
}

/// How little a neuron would be missed.
pub trait EvictionScore {
    /// The tenures of all neurons in uid order. Kept in a few large values, because choosing among all neurons of a subnet looks at
    /// each of them.
    fn tenures(netuid: NetUid) -> Vec<Tenure>;
    /// Scores every neuron of the subnet, for benchmarks of who asks.
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_score(netuid: NetUid);
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

/// Told when an epoch of a subnet has ended and it is fixed who is paid what.
pub trait OnEpoch {
    /// The epoch `ended` is over; the next one has begun.
    fn on_epoch(netuid: NetUid, ended: EpochIndex);
    /// Upper bound of what [`Self::on_epoch`] takes, beyond what the caller's benchmark measures: what depends on the subnet.
    fn weight(netuid: NetUid) -> Weight {
        let _ = netuid;
        Weight::zero()
    }
}

#[impl_trait_for_tuples::impl_for_tuples(5)]
impl OnEpoch for Tuple {
    fn on_epoch(netuid: NetUid, ended: EpochIndex) {
        for_tuples!( #( Tuple::on_epoch(netuid, ended); )* );
    }
    fn weight(netuid: NetUid) -> Weight {
        let mut weight = Weight::zero();
        for_tuples!( #( weight = weight.saturating_add(Tuple::weight(netuid)); )* );
        weight
    }
}

/// Told when a uid has passed to a hotkey, its first holder or the next.
#[impl_trait_for_tuples::impl_for_tuples(5)]
pub trait OnNeuronRegistered {
    /// Prepare state for the neuron that now holds `uid`; what a predecessor left there is gone already.
    fn on_neuron_registered(netuid: NetUid, uid: Uid);
}

/// Removes what it keeps of a subnet that is gone, in as many steps as it takes.
pub trait OnSubnetRemoved {
    /// Removes as much as `budget` allows. Returns the weight used and whether nothing of the subnet is left. Called again, usually
    /// in the next block, until nothing is; and then harmless. A step uses more than the budget at most where the budget is less
    /// than one item costs, which it then returns without having done anything for.
    fn remove_step(netuid: NetUid, budget: Weight) -> (Weight, bool);
}

#[impl_trait_for_tuples::impl_for_tuples(8)]
impl OnSubnetRemoved for Tuple {
    fn remove_step(netuid: NetUid, budget: Weight) -> (Weight, bool) {
        let mut used = Weight::zero();
        for_tuples!( #(
            let (step, done) = Tuple::remove_step(netuid, budget.saturating_sub(used));
            used = used.saturating_add(step);
            if !done {
                return (used, false);
            }
        )* );
        (used, true)
    }
}

/// Moves what it keeps under a hotkey to another one.
pub trait OnHotkeySwapped<AccountId> {
    /// Whether anything is kept under `new`, which therefore cannot take another one's place.
    fn in_use(new: &AccountId) -> bool;
    /// Moves everything kept under `old` to `new`, which is not in use. Run in a transaction: an error of one undoes all.
    fn on_hotkey_swapped(old: &AccountId, new: &AccountId) -> DispatchResult;
    /// Upper bound of what both take.
    fn swap_weight() -> Weight;
}

#[impl_trait_for_tuples::impl_for_tuples(8)]
impl<AccountId> OnHotkeySwapped<AccountId> for Tuple {
    fn in_use(new: &AccountId) -> bool {
        for_tuples!( #( if Tuple::in_use(new) { return true; } )* );
        false
    }
    fn on_hotkey_swapped(old: &AccountId, new: &AccountId) -> DispatchResult {
        for_tuples!( #( Tuple::on_hotkey_swapped(old, new)?; )* );
        Ok(())
    }
    fn swap_weight() -> Weight {
        let mut weight = Weight::zero();
        for_tuples!( #( weight = weight.saturating_add(Tuple::swap_weight()); )* );
        weight
    }
}

/// Moves what it keeps under a coldkey to another one.
pub trait OnColdkeySwapped<AccountId> {
    /// Whether anything is kept under `new`, which therefore cannot take another one's place.
    fn in_use(new: &AccountId) -> bool;
    /// Moves everything kept under `old` to `new`, which is not in use. Run in a transaction: an error of one undoes all.
    fn on_coldkey_swapped(old: &AccountId, new: &AccountId) -> DispatchResult;
    /// Upper bound of what both take.
    fn swap_weight() -> Weight;
}

#[impl_trait_for_tuples::impl_for_tuples(8)]
impl<AccountId> OnColdkeySwapped<AccountId> for Tuple {
    fn in_use(new: &AccountId) -> bool {
        for_tuples!( #( if Tuple::in_use(new) { return true; } )* );
        false
    }
    fn on_coldkey_swapped(old: &AccountId, new: &AccountId) -> DispatchResult {
        for_tuples!( #( Tuple::on_coldkey_swapped(old, new)?; )* );
        Ok(())
    }
    fn swap_weight() -> Weight {
        let mut weight = Weight::zero();
        for_tuples!( #( weight = weight.saturating_add(Tuple::swap_weight()); )* );
        weight
    }
}
