//! How a hotkey comes to hold a uid.
use crate::{
    price::Kind, Axons, Config, Count, Error, Event, Neurons, NextRegistration, Pallet, Protected, Uids, WeightInfo,
};
use alloc::vec::Vec;
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{
    ensure,
    traits::{
        fungible::{Inspect, Mutate},
        tokens::{Fortitude, Preservation},
        Get,
    },
    weights::Weight,
};
use laurel_support::{Hotkeys, NeuronId, OnNeuronRegistered, OnNeuronReplaced, Subnets};
use laurel_types::{Balance, BlockNumber, HotkeyConsent, Hyperparameters, NetUid, RegistrationId, Uid};
use scale_info::TypeInfo;
use sp_runtime::{DispatchError, SaturatedConversion};

/// The holder of a uid.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Neuron<AccountId> {
    /// Who holds it.
    pub hotkey: AccountId,
    /// Names this registration for ever.
    pub registration: RegistrationId,
    /// Block of the registration.
    pub registered_at: BlockNumber,
}

impl<AccountId> Neuron<AccountId> {
    /// The record together with the uid under which it is stored.
    pub fn identified(self, uid: Uid) -> NeuronId<AccountId> {
        NeuronId {
            uid,
            hotkey: self.hotkey,
            registration: self.registration,
            registered_at: self.registered_at,
        }
    }
}

/// Where a newcomer goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Slot<AccountId> {
    /// The uid after the last one.
    New(Uid),
    /// The uid of somebody who must leave it.
    Of(NeuronId<AccountId>),
}

impl<T: Config> Pallet<T> {
    /// Whether `burned_register` would succeed, apart from there being somebody to evict; changes nothing. Returns the
    /// parameters in force and the price.
    pub fn check_burned_register(
        coldkey: &T::AccountId,
        netuid: NetUid,
        hotkey: &T::AccountId,
        max_price: Balance,
        consent: Option<&HotkeyConsent>,
    ) -> Result<(Hyperparameters, Balance), DispatchError> {
        let params = T::Subnets::params(netuid).ok_or(Error::<T>::SubnetDoesNotExist)?;
        ensure!(params.registration_allowed, Error::<T>::RegistrationOff);
        ensure!(!Uids::<T>::contains_key(hotkey, netuid), Error::<T>::AlreadyRegistered);
        let price = Self::price_at(netuid, Self::now(), &params);
        ensure!(price <= max_price, Error::<T>::PriceAboveMaximum);
        let payable = T::Currency::reducible_balance(coldkey, Preservation::Preserve, Fortitude::Polite);
        ensure!(price <= payable, Error::<T>::BalanceBelowPrice);
        // Last, because it costs most.
        T::Hotkeys::check_bind(hotkey, coldkey, consent)?;
        Ok((params, price))
    }

    /// Registers `hotkey` for the price of this block; see the call. Returns the weight used.
    pub(crate) fn register_for_price(
        coldkey: T::AccountId,
        netuid: NetUid,
        hotkey: T::AccountId,
        max_price: Balance,
        consent: Option<HotkeyConsent>,
    ) -> Result<Weight, DispatchError> {
        let consent = consent.as_ref();
        let (params, price) = Self::check_burned_register(&coldkey, netuid, &hotkey, max_price, consent)?;
        let slot = Self::slot_for_newcomer(netuid, &params, Self::now())?;

        T::Hotkeys::bind(&hotkey, &coldkey, consent)?;
        T::Currency::transfer(&coldkey, &T::BurnAccount::get(), price, Preservation::Preserve)?;
        Self::raise(netuid, Kind::Burn, &params);
        let evicted = Self::admit(netuid, slot, hotkey, coldkey, price);
        Ok(match evicted {
            None => T::WeightInfo::burned_register_append(),
            Some(among) => T::WeightInfo::burned_register_evict(among.into()),
        })
    }

    /// Gives the slot to a hotkey that paid for it, and says so. Returns among how many the evicted one was chosen, if one was.
    pub(crate) fn admit(
        netuid: NetUid,
        slot: Slot<T::AccountId>,
        hotkey: T::AccountId,
        coldkey: T::AccountId,
        price: Balance,
    ) -> Option<u16> {
        let evicted = match slot {
            Slot::New(_) => None,
            Slot::Of(_) => Some(Count::<T>::get(netuid)),
        };
        let NeuronId {
            uid,
            hotkey,
            registration,
            ..
        } = Self::seat(netuid, slot, hotkey, Self::now());
        Self::protect_first(netuid, &hotkey, &coldkey);
        Self::deposit_event(Event::NeuronRegistered {
            netuid,
            uid,
            hotkey,
            coldkey,
            registration,
            price,
        });
        evicted
    }

    pub(crate) fn slot_for_newcomer(
        netuid: NetUid,
        params: &Hyperparameters,
        now: BlockNumber,
    ) -> Result<Slot<T::AccountId>, Error<T>> {
        let count = Count::<T>::get(netuid);
        // The owner may have lowered `max_uids` below the count: then newcomers only replace, and nobody else must leave.
        if count < params.max_uids {
            return Ok(Slot::New(Uid(count)));
        }
        Self::evictee(netuid, params, now)
            .map(Slot::Of)
            .ok_or(Error::<T>::NoEvictableNeuron)
    }

    /// Gives the slot to `hotkey`, after everything that its predecessor left under the uid is gone.
    pub(crate) fn seat(
        netuid: NetUid,
        slot: Slot<T::AccountId>,
        hotkey: T::AccountId,
        now: BlockNumber,
    ) -> NeuronId<T::AccountId> {
        let uid = match slot {
            Slot::New(uid) => {
                Count::<T>::insert(netuid, uid.0.saturating_add(1)); // at most `MAX_UIDS`
                uid
            }
            Slot::Of(predecessor) => {
                let uid = predecessor.uid;
                Self::evict(netuid, predecessor);
                uid
            }
        };
        let registration = NextRegistration::<T>::get();
        // One id a nanosecond would last for five centuries.
        NextRegistration::<T>::put(RegistrationId(registration.0.saturating_add(1)));
        let neuron = Neuron {
            hotkey: hotkey.clone(),
            registration,
            registered_at: now,
        };
        Uids::<T>::insert(&hotkey, netuid, uid);
        Neurons::<T>::insert(netuid, uid, &neuron);
        T::OnNeuronRegistered::on_neuron_registered(netuid, uid);
        neuron.identified(uid)
    }

    /// Removes the holder of a uid. The caller gives the uid to somebody else at once: uids have no gaps.
    fn evict(netuid: NetUid, neuron: NeuronId<T::AccountId>) {
        let NeuronId {
            uid,
            hotkey,
            registration,
            ..
        } = neuron;
        // Told first, so that who keeps state under the registration can still look it up.
        T::OnNeuronReplaced::on_neuron_replaced(netuid, uid);
        Axons::<T>::remove(netuid, uid);
        if Protected::<T>::get(netuid).as_ref() == Some(&hotkey) {
            Protected::<T>::remove(netuid);
        }
        Uids::<T>::remove(&hotkey, netuid);
        Neurons::<T>::remove(netuid, uid);
        Self::deposit_event(Event::NeuronEvicted {
            netuid,
            uid,
            hotkey,
            registration,
        });
    }

    /// Subnets in which the hotkey holds a uid, ascending.
    pub fn registrations(hotkey: &T::AccountId) -> Vec<(NetUid, Uid)> {
        let mut registrations: Vec<_> = Uids::<T>::iter_prefix(hotkey)
            .filter(|(netuid, _)| T::Subnets::exists(*netuid))
            .collect();
        registrations.sort_unstable();
        registrations
    }

    /// The current block.
    pub(crate) fn now() -> BlockNumber {
        // The runtime counts blocks in 32 bits, so nothing saturates.
        frame_system::Pallet::<T>::block_number().saturated_into()
    }
}
