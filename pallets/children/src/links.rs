//! Linking two hotkeys, and cutting the link: both ends change together, each settled first.
use crate::{Config, Error, Kin, KinshipOf, LinkCount, LinkFault, Moment, Pallet};
use frame_support::ensure;
use laurel_support::{Epochs, Hotkeys, Neurons, Stake, Subnets};
use laurel_types::{BlockNumber, NetUid, Proportion};
use sp_runtime::SaturatedConversion;

impl<T: Config> Pallet<T> {
    /// The block that is being made. Heights fit in 32 bits for centuries; saturating keeps it total.
    pub(crate) fn now() -> BlockNumber {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    pub(crate) fn moment(netuid: NetUid) -> Moment {
        Moment {
            block: Self::now(),
            epoch: T::Epochs::current(netuid),
            epoch_began: T::Epochs::started_at(netuid),
        }
    }

    pub(crate) fn ensure_subnet(netuid: NetUid) -> Result<(), Error<T>> {
        ensure!(T::Subnets::exists(netuid), Error::<T>::SubnetDoesNotExist);
        Ok(())
    }

    pub(crate) fn ensure_owner(coldkey: &T::AccountId, hotkey: &T::AccountId) -> Result<(), Error<T>> {
        ensure!(
            T::Hotkeys::owner(hotkey).as_ref() == Some(coldkey),
            Error::<T>::NotHotkeyOwner
        );
        Ok(())
    }

    /// A hotkey's own stake-time, without what it lends or borrows.
    pub(crate) fn own_time(netuid: NetUid, hotkey: &T::AccountId) -> u128 {
        T::Staking::stake_time_on(netuid, hotkey)
    }

    /// A hotkey's record, brought up to now; a new one if it has none.
    pub(crate) fn settled(netuid: NetUid, hotkey: &T::AccountId) -> KinshipOf<T> {
        let (now, own_time) = (Self::moment(netuid), Self::own_time(netuid, hotkey));
        match Kin::<T>::get(netuid, hotkey) {
            Some(mut kinship) => {
                kinship.settle(now, own_time, |parent| Self::own_time(netuid, parent));
                kinship
            }
            None => KinshipOf::<T>::new(own_time, now),
        }
    }

    /// Stores a record, or removes it where it says nothing. A neuron's stays, because scoring has read its stake-time.
    pub(crate) fn store(netuid: NetUid, hotkey: &T::AccountId, kinship: KinshipOf<T>) {
        let stays = !kinship.is_idle() || T::Neurons::uid_of(netuid, hotkey).is_some();
        Self::put(netuid, hotkey, Some(kinship).filter(|_| stays));
    }

    /// Replaces a record, or removes it, and counts its links to parents.
    pub(crate) fn put(netuid: NetUid, hotkey: &T::AccountId, kinship: Option<KinshipOf<T>>) {
        let links = |kinship: &Option<KinshipOf<T>>| kinship.as_ref().map_or(0, |kinship| kinship.parents.len() as u32);
        let after = links(&kinship);
        let before = Kin::<T>::mutate_exists(netuid, hotkey, |slot| links(&core::mem::replace(slot, kinship)));
        if before != after {
            LinkCount::<T>::mutate_exists(netuid, |count| {
                let others = count.unwrap_or(0).saturating_sub(before);
                *count = Some(others.saturating_add(after)).filter(|links| *links > 0);
            });
        }
    }

    /// Makes `parent` lend this much to `child` from now on, instead of what it lent before. Changes nothing on failure.
    pub(crate) fn link(
        netuid: NetUid,
        parent: &T::AccountId,
        child: &T::AccountId,
        proportion: Proportion,
    ) -> Result<(), LinkFault> {
        let mut lender = Self::settled(netuid, parent);
        let mut borrower = Self::settled(netuid, child);
        lender.lend(child.clone(), proportion)?;
        borrower.borrow_from(parent.clone(), proportion, Self::own_time(netuid, parent))?;
        Self::store(netuid, parent, lender);
        Self::store(netuid, child, borrower);
        Ok(())
    }

    /// Makes `parent` lend nothing to `child` from now on. Returns whether it did before.
    pub(crate) fn unlink(netuid: NetUid, parent: &T::AccountId, child: &T::AccountId) -> bool {
        let linked = Kin::<T>::get(netuid, parent).is_some_and(|lender| lender.lent_to(child).is_some());
        if linked {
            let mut borrower = Self::settled(netuid, child);
            borrower.stop_borrowing(parent);
            Self::store(netuid, child, borrower);
            Self::stop_lending(netuid, parent, child);
        }
        linked
    }

    /// The parent's end of [`Self::unlink`].
    pub(crate) fn stop_lending(netuid: NetUid, parent: &T::AccountId, child: &T::AccountId) {
        let mut lender = Self::settled(netuid, parent);
        lender.stop_lending(child);
        Self::store(netuid, parent, lender);
    }
}
