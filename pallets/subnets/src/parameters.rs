//! Who may tune a subnet, how often, and when a change takes effect.
use crate::{Config, Cooldowns, Error, Event, Pallet, Params, PendingParams, Settings, Subnets};
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::ensure;
use frame_system::{ensure_signed_or_root, pallet_prelude::OriginFor};
use laurel_support::{Epochs, OnEpoch};
use laurel_types::{EpochIndex, Hyperparameter, Hyperparameters, NetUid, Setter};
use scale_info::TypeInfo;
use sp_runtime::{DispatchError, DispatchResult};

/// Something that a subnet's owner can change, with a cool-down of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum Tunable {
    /// The hyperparameter with this [`Hyperparameter::index`].
    Parameter(u8),
    /// The list of accepted models.
    Models,
}

/// In what capacity a call tunes a subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tuner {
    /// Bound by cool-downs and the freeze window, and kept from what is root's.
    Owner,
    /// Corrects what an owner did, so nothing holds it up but the ranges.
    Root,
}

impl<T: Config> Pallet<T> {
    /// Admits the owner of an existing subnet, and root.
    pub(crate) fn ensure_tuner(origin: OriginFor<T>, netuid: NetUid) -> Result<Tuner, DispatchError> {
        let signer = ensure_signed_or_root(origin)?;
        let subnet = Subnets::<T>::get(netuid).ok_or(Error::<T>::SubnetDoesNotExist)?;
        match signer {
            None => Ok(Tuner::Root),
            Some(signer) if signer == subnet.owner => Ok(Tuner::Owner),
            Some(_) => Err(Error::<T>::NotSubnetOwner.into()),
        }
    }

    /// Whether `set_hyperparameter` by `tuner` would succeed; changes nothing. Returns the parameters that would wait.
    pub(crate) fn check_change(
        tuner: Tuner,
        netuid: NetUid,
        change: Hyperparameter,
    ) -> Result<Hyperparameters, Error<T>> {
        let entitled = tuner == Tuner::Root || change.setter() == Setter::Owner;
        ensure!(entitled, Error::<T>::ParameterIsRoots);
        Self::ensure_rested(tuner, netuid, Tunable::Parameter(change.index()))?;
        Self::ensure_thawed(tuner, netuid)?;
        // Rules between parameters must hold for the set that will be in force, so they are checked on top of what waits.
        let base = PendingParams::<T>::get(netuid).or_else(|| Params::<T>::get(netuid));
        base.ok_or(Error::<T>::SubnetDoesNotExist)?
            .with(change)
            .map_err(|_| Error::<T>::HyperparameterOutOfRange)
    }

    /// Notes a change for the end of the epoch; see the call.
    pub(crate) fn change_parameter(tuner: Tuner, netuid: NetUid, change: Hyperparameter) -> DispatchResult {
        let params = Self::check_change(tuner, netuid, change)?;
        PendingParams::<T>::insert(netuid, params);
        Cooldowns::<T>::insert(netuid, Tunable::Parameter(change.index()), Self::now());
        Self::deposit_event(Event::HyperparameterSet { netuid, change });
        Ok(())
    }

    /// Fails for an owner in the last blocks of an epoch, when it could know how the epoch will end but nobody could react.
    pub(crate) fn ensure_thawed(tuner: Tuner, netuid: NetUid) -> Result<(), Error<T>> {
        if tuner == Tuner::Root {
            return Ok(());
        }
        let params = Params::<T>::get(netuid).ok_or(Error::<T>::SubnetDoesNotExist)?;
        let window = Settings::<T>::get().freeze_window.min(u32::from(params.tempo) / 4);
        // The epoch ends before the calls of the block in which it is due, so the last block to change anything in is the one before.
        let left = T::Epochs::due_at(netuid).saturating_sub(Self::now());
        ensure!(window == 0 || left > window, Error::<T>::FrozenBeforeEpoch);
        Ok(())
    }

    /// Fails while an owner must still leave `tunable` as it is.
    pub(crate) fn ensure_rested(tuner: Tuner, netuid: NetUid, tunable: Tunable) -> Result<(), Error<T>> {
        if tuner == Tuner::Root {
            return Ok(());
        }
        let rested = Cooldowns::<T>::get(netuid, tunable)
            .is_none_or(|changed_at| Self::now().saturating_sub(changed_at) >= Settings::<T>::get().parameter_cooldown);
        ensure!(rested, Error::<T>::ChangedTooRecently);
        Ok(())
    }
}

impl<T: Config> OnEpoch for Pallet<T> {
    fn on_epoch(netuid: NetUid, ended: EpochIndex) {
        if let Some(params) = PendingParams::<T>::take(netuid) {
            Params::<T>::insert(netuid, params);
            Self::deposit_event(Event::HyperparametersApplied { netuid, params });
        }
        Self::apply_announced_models(netuid, ended);
    }
}
