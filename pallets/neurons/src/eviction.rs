//! Who leaves a full subnet when a newcomer registers.
//!
//! The neuron with the lowest score goes: the greater of its incentive and dividends. Among equals the one registered
//! first goes, then the one with the lowest uid. Two groups are spared:
//! - A neuron in its immunity period goes only if all others are immune too, because it had no time yet to earn a score.
//! - One neuron of the subnet's owner never goes, so that no subnet can be taken from its owner: the one that the owner chose
//!   (`protect_neuron`), or else the first that it registered.
use crate::{Config, Error, Event, Pallet, Protected, Uids};
use frame_support::ensure;
use laurel_support::{EvictionScore, Hotkeys, NeuronId, Neurons, Subnets};
use laurel_types::{BlockNumber, Hyperparameters, NetUid};
use laurel_yuma::Standing;

/// Whether a neuron registered in `registered_at` is in its immunity period.
pub fn is_immune(registered_at: BlockNumber, now: BlockNumber, params: &Hyperparameters) -> bool {
    now.saturating_sub(registered_at) < params.immunity_period
}

impl<T: Config> Pallet<T> {
    /// Who leaves if the subnet is full; none if nobody may be evicted.
    pub fn evictee(netuid: NetUid, params: &Hyperparameters, now: BlockNumber) -> Option<NeuronId<T::AccountId>> {
        let mut neurons = Self::neurons(netuid);
        let scores = T::EvictionScore::scores(netuid, Self::count(netuid));
        let standing = |neuron: &NeuronId<T::AccountId>| Standing {
            immune: is_immune(neuron.registered_at, now, params),
            // A neuron that no epoch has scored earned nothing.
            worth: scores.get(neuron.uid.index()).copied().unwrap_or(0).into(),
            since: neuron.registered_at,
            id: neuron.uid.0,
        };
        let first = neurons.iter().min_by_key(|neuron| standing(neuron))?.clone();
        if !Self::is_protected(netuid, &first, &neurons) {
            return Some(first);
        }
        // Only one neuron is protected, so whoever comes next can go.
        neurons.retain(|neuron| neuron.uid != first.uid);
        neurons.into_iter().min_by_key(|neuron| standing(neuron))
    }

    /// Whether `neuron` is the one of the subnet's owner that stays: the one that the owner chose, else its earliest. Looks up
    /// other hotkeys only if this one belongs to the owner at all, which is rare.
    fn is_protected(netuid: NetUid, neuron: &NeuronId<T::AccountId>, all: &[NeuronId<T::AccountId>]) -> bool {
        let Some(owner) = T::Subnets::owner(netuid) else {
            return false;
        };
        let is_owners = |hotkey: &T::AccountId| T::Hotkeys::owner(hotkey).is_some_and(|coldkey| coldkey == owner);
        if !is_owners(&neuron.hotkey) {
            return false;
        }
        // A choice counts while the hotkey is registered and the owner's; it is not always cleared when that ends.
        let chosen =
            Protected::<T>::get(netuid).filter(|hotkey| Uids::<T>::contains_key(hotkey, netuid) && is_owners(hotkey));
        match chosen {
            Some(hotkey) => hotkey == neuron.hotkey,
            None => !all
                .iter()
                .any(|other| other.registration < neuron.registration && is_owners(&other.hotkey)),
        }
    }

    /// Whether `protect_neuron` would succeed; changes nothing.
    pub fn check_protect(signer: &T::AccountId, netuid: NetUid, hotkey: &T::AccountId) -> Result<(), Error<T>> {
        let owner = T::Subnets::owner(netuid).ok_or(Error::<T>::SubnetDoesNotExist)?;
        ensure!(owner == *signer, Error::<T>::NotSubnetOwner);
        ensure!(Uids::<T>::contains_key(hotkey, netuid), Error::<T>::NotRegistered);
        ensure!(T::Hotkeys::owner(hotkey) == Some(owner), Error::<T>::NotOwnHotkey);
        Ok(())
    }

    /// Notes which of the owner's neurons stays; see the call.
    pub(crate) fn protect(signer: T::AccountId, netuid: NetUid, hotkey: T::AccountId) -> Result<(), Error<T>> {
        Self::check_protect(&signer, netuid, &hotkey)?;
        Protected::<T>::insert(netuid, &hotkey);
        Self::deposit_event(Event::NeuronProtected { netuid, hotkey });
        Ok(())
    }
}
