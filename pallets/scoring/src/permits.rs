//! Who may speak: the neurons with the most stake.
use crate::{Config, Error, Pallet, Permits, WeightInfo};
use alloc::vec::Vec;
use frame_support::{ensure, weights::Weight};
use laurel_support::{NeuronId, Neurons, Subnets};
use laurel_types::{Balance, Hyperparameters, NetUid, Uid};
use laurel_yuma::top_staked;

/// What a permit was read from; the second costs a look at every neuron's stake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PermitSource {
    /// The last epoch gave it.
    Epoch,
    /// No neuron holds one yet: the ranking by stake of this moment, over so many neurons.
    Provisional {
        /// Neurons in the subnet.
        neurons: u16,
    },
}

impl<T: Config> Pallet<T> {
    /// The subnet's parameters in force.
    pub(crate) fn params(netuid: NetUid) -> Result<Hyperparameters, Error<T>> {
        T::Subnets::params(netuid).ok_or(Error::<T>::UnknownSubnet)
    }

    /// The neuron of a hotkey.
    pub(crate) fn neuron(netuid: NetUid, hotkey: &T::AccountId) -> Result<NeuronId<T::AccountId>, Error<T>> {
        T::Neurons::uid_of(netuid, hotkey)
            .and_then(|uid| T::Neurons::neuron(netuid, uid))
            .ok_or(Error::<T>::NotRegistered)
    }

    /// Whether the neuron may speak in the running epoch.
    pub fn has_permit(netuid: NetUid, uid: Uid) -> bool {
        T::Subnets::params(netuid).is_some_and(|params| Self::ensure_permit(netuid, uid, &params).is_ok())
    }

    /// Checks that the neuron may speak in the running epoch.
    pub(crate) fn ensure_permit(netuid: NetUid, uid: Uid, params: &Hyperparameters) -> Result<PermitSource, Error<T>> {
        let permits = Permits::<T>::get(netuid);
        if !permits.is_empty() {
            ensure!(permits.contains(uid), Error::<T>::NoValidatorPermit);
            return Ok(PermitSource::Epoch);
        }
        let stakes = Self::present_stakes(netuid, params.max_stake);
        let permits = top_staked(&stakes, params.max_validators.into());
        ensure!(permits.get(uid.index()) == Some(&true), Error::<T>::NoValidatorPermit);
        Ok(PermitSource::Provisional {
            neurons: stakes.len() as u16,
        })
    }

    /// Who may speak in the running epoch, by uid, given the stake of each neuron now.
    pub fn permits(netuid: NetUid, stakes: &[Balance], params: &Hyperparameters) -> Vec<bool> {
        let permits = Permits::<T>::get(netuid);
        if permits.is_empty() {
            return top_staked(stakes, params.max_validators.into());
        }
        (0..stakes.len() as u16).map(|uid| permits.contains(Uid(uid))).collect()
    }

    /// What finding the permit cost beside the call itself.
    pub(crate) fn permit_weight(source: PermitSource) -> Weight {
        match source {
            PermitSource::Epoch => Weight::zero(),
            PermitSource::Provisional { neurons } => T::WeightInfo::provisional_permit(neurons.into()),
        }
    }
}
