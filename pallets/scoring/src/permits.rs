//! Who may speak: the neurons with the most stake.
use crate::{Config, Error, Pallet, Permits};
use alloc::vec::Vec;
use frame_support::{ensure, weights::Weight};
use laurel_support::{NeuronId, Neurons, Stake, Subnets};
use laurel_types::{Balance, Hyperparameters, NetUid, Uid};
use laurel_yuma::top_staked;

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

    /// Tells of each neuron of a subnet whether it may speak in the running epoch: by its permit, or by what backs its hotkey there as
    /// long as nobody holds one.
    pub fn may_speak(netuid: NetUid) -> impl Fn(&NeuronId<T::AccountId>) -> bool {
        let permits = Permits::<T>::get(netuid);
        move |neuron| match permits.is_empty() {
            true => T::Stake::stake_on(netuid, &neuron.hotkey) > 0,
            false => permits.contains(neuron.uid),
        }
    }

    /// Checks that the neuron may speak in the running epoch.
    pub(crate) fn ensure_permit(netuid: NetUid, neuron: &NeuronId<T::AccountId>) -> Result<(), Error<T>> {
        ensure!(Self::may_speak(netuid)(neuron), Error::<T>::NoValidatorPermit);
        Ok(())
    }

    /// What it takes to look at the stake that backs a neuron, which nobody does where there are permits.
    pub(crate) fn backing_weight(netuid: NetUid) -> Weight {
        match Permits::<T>::get(netuid).is_empty() {
            true => T::Stake::reading_weight(netuid, 1),
            false => Weight::zero(),
        }
    }

    /// Whose rows count in the epoch that ends, by uid: those with a permit, or the most staked as long as nobody holds one.
    pub(crate) fn judges(netuid: NetUid, stakes: &[Balance], params: &Hyperparameters) -> Vec<bool> {
        let permits = Permits::<T>::get(netuid);
        if permits.is_empty() {
            return top_staked(stakes, params.max_validators.into());
        }
        (0..stakes.len() as u16).map(|uid| permits.contains(Uid(uid))).collect()
    }
}
