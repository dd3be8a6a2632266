//! Which models a subnet pays for.
//!
//! The first list is in force at once: without one nobody can serve. Every later one is announced **a whole epoch ahead**: it takes effect
//! at the end of the epoch after the one in which it was set, so that miners and validators have that long to fetch a model.
use crate::{
    parameters::{Tunable, Tuner},
    AcceptedModels, Config, Cooldowns, Error, Event, Pallet, PendingModels,
};
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{ensure, traits::ConstU32, BoundedVec};
use laurel_support::Epochs;
use laurel_types::{AcceptedModel, EpochIndex, ModelKind, NetUid, MAX_ACCEPTED_MODELS};
use scale_info::TypeInfo;
use sp_runtime::DispatchResult;

/// The models of one subnet, in the owner's order.
pub type Models = BoundedVec<AcceptedModel, ConstU32<MAX_ACCEPTED_MODELS>>;

/// Models that a subnet will pay for.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct AnnouncedModels {
    /// The whole new list.
    pub models: Models,
    /// The first epoch in which it is in force.
    pub from: EpochIndex,
}

impl<T: Config> Pallet<T> {
    /// Whether `set_models` by `tuner` would succeed; changes nothing.
    pub(crate) fn check_set_models(tuner: Tuner, netuid: NetUid, models: &Models) -> Result<(), Error<T>> {
        Self::check_models(models)?;
        if !Self::has_models(netuid) {
            return Ok(());
        }
        Self::ensure_rested(tuner, netuid, Tunable::Models)?;
        Self::ensure_thawed(tuner, netuid)
    }

    /// Replaces the list of models; see the call.
    pub(crate) fn change_models(tuner: Tuner, netuid: NetUid, models: Models) -> DispatchResult {
        Self::check_set_models(tuner, netuid, &models)?;
        if !Self::has_models(netuid) {
            // Nobody can serve a subnet without models, so there is no running work to protect. No cool-down begins either:
            // a first list often has a mistake in it.
            Self::apply_models(netuid, models);
            return Ok(());
        }
        // The running epoch, and a whole one after it.
        let from = T::Epochs::current(netuid).next().next();
        let announced = AnnouncedModels { models, from };
        PendingModels::<T>::insert(netuid, &announced);
        Cooldowns::<T>::insert(netuid, Tunable::Models, Self::now());
        let models = announced.models;
        Self::deposit_event(Event::ModelsSet { netuid, models, from });
        Ok(())
    }

    /// Puts an announced list in force if its time has come with the end of an epoch.
    pub(crate) fn apply_announced_models(netuid: NetUid, ended: EpochIndex) {
        let due = PendingModels::<T>::get(netuid).filter(|announced| announced.from <= ended.next());
        if let Some(announced) = due {
            PendingModels::<T>::remove(netuid);
            Self::apply_models(netuid, announced.models);
        }
    }

    /// Puts the list in force.
    pub(crate) fn apply_models(netuid: NetUid, models: Models) {
        AcceptedModels::<T>::insert(netuid, &models);
        Self::deposit_event(Event::ModelsApplied { netuid, models });
    }

    /// Whether the list says which models are accepted: one at least, none twice, each with a context, and with a sampler where it
    /// is sampled.
    pub(crate) fn check_models(models: &Models) -> Result<(), Error<T>> {
        ensure!(!models.is_empty(), Error::<T>::NoModels);
        for (at, model) in models.iter().enumerate() {
            ensure!(model.context > 0, Error::<T>::ModelWithoutContext);
            let is_sampled = model.kind == ModelKind::Text;
            ensure!(is_sampled == (model.sampler > 0), Error::<T>::SamplerDoesNotFitKind);
            // At most eight entries: the quadratic search is the cheapest.
            ensure!(
                models[..at].iter().all(|earlier| earlier.root != model.root),
                Error::<T>::ModelListedTwice
            );
        }
        Ok(())
    }
}
