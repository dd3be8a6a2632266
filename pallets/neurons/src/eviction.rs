//! Who leaves a full subnet when a newcomer registers.
//!
//! The neuron with the lowest score goes: the greater of its incentive and dividends. Among equals the one registered
//! first goes, then the one with the lowest uid. Two groups are spared:
//! - A neuron in its immunity period goes only if all others are immune too, because it had no time yet to earn a score.
//! - The first neuron of the subnet's owner never goes, so that no subnet can be taken from its owner.
use crate::{Config, Pallet};
use laurel_support::{EvictionScore, Hotkeys, NeuronId, Neurons, Subnets};
use laurel_types::{BlockNumber, Hyperparameters, NetUid, Uid};

/// How soon a neuron goes: the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Precedence {
    // The order of the fields is the order of the rules.
    immune: bool,
    score: u16,
    registered_at: BlockNumber,
    uid: Uid,
}

/// Whether a neuron registered in `registered_at` is in its immunity period.
pub fn is_immune(registered_at: BlockNumber, now: BlockNumber, params: &Hyperparameters) -> bool {
    now.saturating_sub(registered_at) < params.immunity_period
}

impl<T: Config> Pallet<T> {
    /// Who leaves if the subnet is full; none if nobody may be evicted.
    pub fn evictee(netuid: NetUid, params: &Hyperparameters, now: BlockNumber) -> Option<NeuronId<T::AccountId>> {
        let mut neurons = Self::neurons(netuid);
        let scores = T::EvictionScore::scores(netuid, Self::count(netuid));
        let precedence = |neuron: &NeuronId<T::AccountId>| Precedence {
            immune: is_immune(neuron.registered_at, now, params),
            // A neuron that no epoch has scored earned nothing.
            score: scores.get(neuron.uid.index()).copied().unwrap_or(0),
            registered_at: neuron.registered_at,
            uid: neuron.uid,
        };
        let first = neurons.iter().min_by_key(|neuron| precedence(neuron))?.clone();
        if !Self::is_owners_first(netuid, &first, &neurons) {
            return Some(first);
        }
        // Only one neuron is protected, so whoever comes next can go.
        neurons.retain(|neuron| neuron.uid != first.uid);
        neurons.into_iter().min_by_key(|neuron| precedence(neuron))
    }

    /// Whether `neuron` is the earliest one whose hotkey belongs to the subnet's owner. Looks up hotkeys only if it belongs
    /// to the owner at all, which is rare.
    fn is_owners_first(netuid: NetUid, neuron: &NeuronId<T::AccountId>, all: &[NeuronId<T::AccountId>]) -> bool {
        let Some(owner) = T::Subnets::owner(netuid) else {
            return false;
        };
        let is_owners = |hotkey: &T::AccountId| T::Hotkeys::owner(hotkey).is_some_and(|coldkey| coldkey == owner);
        is_owners(&neuron.hotkey)
            && !all
                .iter()
                .any(|other| other.registration < neuron.registration && is_owners(&other.hotkey))
    }
}
