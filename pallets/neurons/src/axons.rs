//! Where a miner serves, with which model, and for how long the chain believes it.
//!
//! Publishing is free for whoever does it at a decent pace, so that a miner needs no balance to stay reachable. What keeps the
//! chain from being filled for nothing: the same record cannot be renewed within its renewal interval, and a record that is
//! changed within it costs the usual fee.
use crate::{Axons, Config, Error, Event, Pallet, Settings, Uids};
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{dispatch::Pays, ensure};
use laurel_support::Subnets;
use laurel_types::{Axon, AxonAddress, BlockNumber, Hyperparameters, Loopback, ModelRoot, NetUid, Uid};
use scale_info::TypeInfo;
use sp_runtime::{DispatchError, DispatchResult};

/// How a chain treats axons. The default is what a public chain needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct AxonSettings {
    /// Whether an axon may name the publisher's own machine: yes where miners and validators share one.
    pub allow_loopback: bool,
}

impl AxonSettings {
    fn loopback(&self) -> Loopback {
        match self.allow_loopback {
            true => Loopback::Allowed,
            false => Loopback::Refused,
        }
    }
}

/// First block in which the record can be renewed, or changed for free: `axon_interval` after its publication, but never later
/// than half its lifetime, so that a record can always be renewed before it expires.
fn renewable_at(axon: &Axon, params: &Hyperparameters) -> BlockNumber {
    let half_life = axon.expires_at.saturating_sub(axon.published_at) / 2;
    axon.published_at.saturating_add(params.axon_interval.min(half_life))
}

impl<T: Config> Pallet<T> {
    /// The axon of a neuron, if it has one that has not expired.
    pub fn live_axon(netuid: NetUid, uid: Uid) -> Option<Axon> {
        Axons::<T>::get(netuid, uid).filter(|axon| axon.is_live(Self::now()))
    }

    /// Whether `publish_axon` would succeed; changes nothing. Returns the neuron, the record, and whether the fee is due.
    pub fn check_publish(
        hotkey: &T::AccountId,
        netuid: NetUid,
        address: AxonAddress,
        protocol: u16,
        model: ModelRoot,
    ) -> Result<(Uid, Axon, Pays), Error<T>> {
        let uid = Uids::<T>::get(hotkey, netuid).ok_or(Error::<T>::NotRegistered)?;
        let params = T::Subnets::params(netuid).ok_or(Error::<T>::SubnetDoesNotExist)?;
        let loopback = Settings::<T>::get().loopback();
        ensure!(address.is_dialable(loopback), Error::<T>::AddressNotDialable);
        let accepted = T::Subnets::models(netuid).iter().any(|accepted| accepted.root == model);
        ensure!(accepted, Error::<T>::ModelNotAccepted);

        let now = Self::now();
        let axon = Axon {
            address,
            protocol,
            model,
            published_at: now,
            expires_at: now.saturating_add(params.axon_lifetime),
        };
        let recent = Axons::<T>::get(netuid, uid).filter(|previous| now < renewable_at(previous, &params));
        let pays = match recent {
            None => Pays::No,
            Some(previous) => {
                ensure!(!says_the_same(&previous, &axon), Error::<T>::AxonRenewedTooSoon);
                Pays::Yes
            }
        };
        Ok((uid, axon, pays))
    }

    /// Stores or renews an axon; see the call. Returns whether the fee is due.
    pub(crate) fn publish(
        hotkey: T::AccountId,
        netuid: NetUid,
        address: AxonAddress,
        protocol: u16,
        model: ModelRoot,
    ) -> Result<Pays, DispatchError> {
        let (uid, axon, pays) = Self::check_publish(&hotkey, netuid, address, protocol, model)?;
        Axons::<T>::insert(netuid, uid, axon);
        Self::deposit_event(Event::AxonPublished {
            netuid,
            uid,
            hotkey,
            axon,
        });
        Ok(pays)
    }

    /// Whether `withdraw_axon` would succeed; changes nothing. Returns the neuron.
    pub fn check_withdraw(hotkey: &T::AccountId, netuid: NetUid) -> Result<Uid, Error<T>> {
        let uid = Uids::<T>::get(hotkey, netuid).ok_or(Error::<T>::NotRegistered)?;
        ensure!(Self::live_axon(netuid, uid).is_some(), Error::<T>::NoAxon);
        Ok(uid)
    }

    /// Ends an axon; see the call. The record stays as one that expired now, so that who follows changes sees it.
    pub(crate) fn withdraw(hotkey: T::AccountId, netuid: NetUid) -> DispatchResult {
        let uid = Self::check_withdraw(&hotkey, netuid)?;
        Axons::<T>::mutate(netuid, uid, |axon| {
            if let Some(axon) = axon {
                axon.expires_at = Self::now();
            }
        });
        Self::deposit_event(Event::AxonWithdrawn { netuid, uid, hotkey });
        Ok(())
    }
}

/// Whether two records differ in nothing but time.
fn says_the_same(one: &Axon, other: &Axon) -> bool {
    (one.address, one.protocol, one.model) == (other.address, other.protocol, other.model)
}
