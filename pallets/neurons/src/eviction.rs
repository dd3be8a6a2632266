//! Who leaves a full subnet when a newcomer registers.
//!
//! The neuron with the lowest score goes: the greater of its incentive and dividends. Among equals the one registered
//! first goes, then the one with the lowest uid. Two groups are spared:
//! - A neuron in its immunity period goes only if all others are immune too, because it had no time yet to earn a score.
//! - One neuron of the subnet's owner never goes, so that no subnet can be taken from its owner: the one that the owner chose
//!   (`protect_neuron`), or else the first that it registered. Who became the owner by taking the subnet over and has done neither since
//!   keeps the one whose turn it would be.
//!
//! Nothing is looked up for each neuron: what all of them are compared by is read at once ([`EvictionScore::tenures`]).
use crate::{Config, Error, Event, Pallet, Protected, Uids};
use frame_support::ensure;
use laurel_support::{EvictionScore, Hotkeys, NeuronId, Neurons, Subnets, Tenure};
use laurel_types::{BlockNumber, Hyperparameters, NetUid, Uid};
use laurel_yuma::Standing;

/// Whether a neuron registered in `registered_at` is in its immunity period.
pub fn is_immune(registered_at: BlockNumber, now: BlockNumber, params: &Hyperparameters) -> bool {
    now.saturating_sub(registered_at) < params.immunity_period
}

impl<T: Config> Pallet<T> {
    /// Who leaves if the subnet is full; none if nobody may be evicted.
    pub fn evictee(netuid: NetUid, params: &Hyperparameters, now: BlockNumber) -> Option<NeuronId<T::AccountId>> {
        let standing = |(tenure, uid): (&Tenure, u16)| Standing {
            immune: is_immune(tenure.registered_at, now, params),
            worth: tenure.score.into(),
            since: tenure.registered_at,
            id: uid,
        };
        let tenures = T::EvictionScore::tenures(netuid);
        let standings = tenures.iter().zip(0..).map(standing);
        let first = standings.clone().min()?;
        let neuron = Self::neuron(netuid, Uid(first.id))?;
        if !Self::is_protected(netuid, &neuron.hotkey) {
            return Some(neuron);
        }
        // Only one neuron is protected, so whoever comes next can go.
        let next = standings.filter(|standing| standing.id != first.id).min()?;
        Self::neuron(netuid, Uid(next.id))
    }

    /// Whether this neuron stays although its turn has come: it is the one that the subnet's owner has protected, or the owner's while
    /// none is.
    fn is_protected(netuid: NetUid, hotkey: &T::AccountId) -> bool {
        let Some(owner) = T::Subnets::owner(netuid).filter(|owner| Self::is_owned(hotkey, owner)) else {
            return false;
        };
        Self::protected(netuid, &owner).is_none_or(|protected| protected == *hotkey)
    }

    /// The neuron that counts as protected for this owner of the subnet. What is noted may be another owner's by now.
    fn protected(netuid: NetUid, owner: &T::AccountId) -> Option<T::AccountId> {
        Protected::<T>::get(netuid)
            .filter(|hotkey| Uids::<T>::contains_key(hotkey, netuid) && Self::is_owned(hotkey, owner))
    }

    fn is_owned(hotkey: &T::AccountId, coldkey: &T::AccountId) -> bool {
        T::Hotkeys::owner(hotkey).is_some_and(|owner| owner == *coldkey)
    }

    /// Protects a neuron that was just registered, if it is the first of the subnet's owner.
    pub(crate) fn protect_first(netuid: NetUid, hotkey: &T::AccountId, coldkey: &T::AccountId) {
        let is_first = T::Subnets::owner(netuid)
            .is_some_and(|owner| owner == *coldkey && Self::protected(netuid, &owner).is_none());
        if is_first {
            Protected::<T>::insert(netuid, hotkey);
            Self::deposit_event(Event::NeuronProtected {
                netuid,
                hotkey: hotkey.clone(),
            });
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
