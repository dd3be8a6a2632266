//! The equations that hold between blocks.
use crate::{Config, Kin, KinshipOf, LinkCount, Pallet, Pending, Queue, Waiting};
use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::ensure;
use laurel_support::{Neurons, Stake, Subnets};
use laurel_types::{NetUid, Proportion};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
    /// Checks the invariants listed at the head of the crate. A subnet that is being removed may hold anything.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        for netuid in T::Subnets::netuids() {
            Self::try_state_of_links(netuid)?;
            Self::try_state_of_queue(netuid)?;
        }
        Ok(())
    }

    fn try_state_of_links(netuid: NetUid) -> Result<(), TryRuntimeError> {
        let kin: BTreeMap<T::AccountId, KinshipOf<T>> = Kin::<T>::iter_prefix(netuid).collect();
        let mut lent: u32 = 0;
        let (mut borrowed, mut links): (u32, u32) = (0, 0);
        let (mut own, mut backing): (u128, u128) = (0, 0);
        for (hotkey, kinship) in &kin {
            let mut sum = Proportion::ZERO;
            let mut seen = BTreeSet::new();
            for link in &kinship.children {
                ensure!(link.child != *hotkey, "children: a hotkey is its own child");
                ensure!(seen.insert(&link.child), "children: a hotkey lends to one child twice");
                ensure!(link.proportion > Proportion::ZERO, "children: a hotkey lends nothing");
                sum = sum
                    .checked_add(link.proportion)
                    .ok_or("children: a hotkey lends more than it has")?;
                let agreed = kin.get(&link.child).is_some_and(|child| {
                    let mut parents = child.live_parents();
                    parents.any(|other| other.parent == *hotkey && other.proportion == link.proportion)
                });
                ensure!(
                    agreed,
                    "children: a child does not know its parent, or not how much it lends"
                );
                lent = lent.saturating_add(1);
            }
            let live = kinship.live_parents().count() as u32;
            borrowed = borrowed.saturating_add(live);
            links = links.saturating_add(kinship.parents.len() as u32);
            ensure!(
                live == 0 || T::Neurons::uid_of(netuid, hotkey).is_some(),
                "children: a hotkey without a uid has parents"
            );
            own = own.saturating_add(T::Staking::stake(hotkey).into());
            backing = backing.saturating_add(<Self as Stake<_>>::stake_on(netuid, hotkey).into());
        }
        ensure!(lent == borrowed, "children: a parent does not know its child");
        ensure!(LinkCount::<T>::get(netuid) == links, "children: links are miscounted");
        ensure!(own == backing, "children: lending made or lost stake");
        Ok(())
    }

    fn try_state_of_queue(netuid: NetUid) -> Result<(), TryRuntimeError> {
        let (counted, next) = Waiting::<T>::get(netuid);
        let mut sets = 0u32;
        for (hotkey, set) in Pending::<T>::iter_prefix(netuid) {
            ensure!(set.place < next, "children: a set waits in a place that is free");
            ensure!(
                Queue::<T>::get(netuid, set.place).as_ref() == Some(&hotkey),
                "children: another hotkey waits in the place of a set"
            );
            sets = sets.saturating_add(1);
        }
        ensure!(
            Queue::<T>::iter_prefix(netuid).count() == sets as usize,
            "children: a place in the queue is nobody's"
        );
        ensure!(counted == sets, "children: sets that wait are miscounted");
        let waits = Waiting::<T>::contains_key(netuid);
        ensure!(waits == (sets > 0), "children: an empty queue is stored");
        Ok(())
    }
}
