//! Which models a subnet pays for.
use crate::{
    parameters::{Tunable, Tuner},
    AcceptedModels, Config, Cooldowns, Error, Event, Pallet, PendingModels,
};
use frame_support::{ensure, traits::ConstU32, BoundedVec};
use laurel_types::{AcceptedModel, NetUid, MAX_ACCEPTED_MODELS};
use sp_runtime::DispatchResult;

/// The models of one subnet, in the owner's order.
pub type Models = BoundedVec<AcceptedModel, ConstU32<MAX_ACCEPTED_MODELS>>;

impl<T: Config> Pallet<T> {
    /// Replaces the list of models; see the call.
    pub(crate) fn change_models(tuner: Tuner, netuid: NetUid, models: Models) -> DispatchResult {
        Self::check_models(&models)?;
        if !Self::has_models(netuid) {
            // Nobody can serve a subnet without models, so there is no running work to protect. No cool-down begins either:
            // a first list often has a mistake in it.
            Self::apply_models(netuid, models);
            return Ok(());
        }
        Self::ensure_rested(tuner, netuid, Tunable::Models)?;
        PendingModels::<T>::insert(netuid, &models);
        Cooldowns::<T>::insert(netuid, Tunable::Models, Self::now());
        Self::deposit_event(Event::ModelsSet { netuid, models });
        Ok(())
    }

    /// Puts the list in force.
    pub(crate) fn apply_models(netuid: NetUid, models: Models) {
        AcceptedModels::<T>::insert(netuid, &models);
        Self::deposit_event(Event::ModelsApplied { netuid, models });
    }

    /// Whether the list says which models are accepted: one at least, none twice, each with a context.
    pub(crate) fn check_models(models: &Models) -> Result<(), Error<T>> {
        ensure!(!models.is_empty(), Error::<T>::NoModels);
        for (at, model) in models.iter().enumerate() {
            ensure!(model.context > 0, Error::<T>::ModelWithoutContext);
            // At most eight entries: the quadratic search is the cheapest.
            ensure!(
                models[..at].iter().all(|earlier| earlier.root != model.root),
                Error::<T>::ModelListedTwice
            );
        }
        Ok(())
    }
}
