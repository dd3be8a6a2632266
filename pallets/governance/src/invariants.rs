//! What holds between blocks.
use crate::{Config, Enactments, NextIndex, Pallet, Proposals};
use alloc::collections::BTreeSet;
use frame_support::{ensure, traits::Get};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
    /// Checks the invariants listed at the head of the crate.
    pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
        ensure!(
            Proposals::<T>::count() <= T::MaxOpen::get()
                && Proposals::<T>::iter_keys().count() == Proposals::<T>::count() as usize,
            "governance: the count of proposals is wrong"
        );
        let next = NextIndex::<T>::get();
        let mut indices = BTreeSet::new();
        for (index, proposal) in Proposals::<T>::iter() {
            ensure!(index < next, "governance: a proposal has an index that was not given");
            indices.insert(index);
            let electors = proposal.electorate.electors();
            ensure!(
                electors.windows(2).all(|pair| pair[0].account < pair[1].account),
                "governance: electors are not strictly ascending"
            );
            ensure!(
                electors.iter().all(|elector| elector.stake > 0),
                "governance: an elector has no stake"
            );
        }
        for enactment in Enactments::<T>::get() {
            ensure!(
                enactment.index < next && indices.insert(enactment.index),
                "governance: an enactment has the index of another one or of an open proposal"
            );
        }
        Ok(())
    }
}
