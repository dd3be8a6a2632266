//! What an epoch pays to a child is divided between its own stakers and its parents.
//!
//! Dividends are divided by what backed the child in the epoch: leaf-blocks of its own stake that it did not lend, and of what each
//! parent lent to it, with the largest remainder, so that the parts sum to what was paid. Of a parent's part the child's owner
//! keeps its child take; the rest is paid to the parent as if it had earned it itself: the parent's own take, then
//! everybody in its pool. The division is made when the epoch ends, so nothing that is linked or cut before the last of a large subnet's
//! neurons is paid changes it.
use crate::{Config, Kin, LinkCount, Pallet, WeightInfo};
use alloc::vec::Vec;
use frame_support::{traits::Get, weights::Weight};
use laurel_support::{Family, Parents};
use laurel_types::{Balance, EpochIndex, NetUid, Take};

/// How a child's dividends are parted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parting {
    /// To the child's own stakers, and by its own take to its owner.
    pub own: Balance,
    /// To the child's owner, as child take.
    pub take: Balance,
    /// To each parent, in the order of the child's parents.
    pub parents: Vec<Balance>,
}

impl Parting {
    /// Divides `amount` by weights, the child's own first, where the child's owner keeps `take` of every parent's part. Without
    /// any weight all is the child's own.
    pub fn of(amount: Balance, weights: &[u64], take: Take) -> Self {
        let parts = laurel_yuma::apportion(amount, weights);
        let Some((own, parents)) = parts.split_first().filter(|_| weights.iter().any(|w| *w > 0)) else {
            return Self {
                own: amount,
                take: 0,
                parents: Vec::new(),
            };
        };
        let takes = parents.iter().map(|part| take.of(*part));
        Self {
            own: *own,
            // Parts of the amount, which fits.
            take: takes.clone().fold(0, Balance::saturating_add),
            parents: parents
                .iter()
                .zip(takes)
                .map(|(part, take)| part.saturating_sub(take))
                .collect(),
        }
    }
}

impl<T: Config> Parents<T::AccountId> for Pallet<T> {
    fn divide(netuid: NetUid, earned: &[(T::AccountId, Balance)]) -> Vec<(usize, Family<T::AccountId>)> {
        if LinkCount::<T>::get(netuid) == 0 {
            return Vec::new();
        }
        let paid = earned.iter().enumerate().filter(|(_, (_, amount))| *amount > 0);
        paid.filter_map(|(place, (hotkey, amount))| Some((place, Self::divide_one(netuid, hotkey, *amount)?)))
            .collect()
    }

    fn count(netuid: NetUid) -> u32 {
        LinkCount::<T>::get(netuid)
    }

    fn weight(netuid: NetUid, hotkeys: u32) -> Weight {
        let links = LinkCount::<T>::get(netuid);
        if links == 0 {
            return T::WeightInfo::divide(0);
        }
        let (without, one) = (T::WeightInfo::divide(0), T::WeightInfo::divide(1));
        let link = T::WeightInfo::divide(2).saturating_sub(one);
        // Every hotkey is looked up; there are no more families than links. The child's record and the count of links are written
        // in each family, a slope that is too flat for the measurement to find.
        let families = u64::from(links.min(hotkeys));
        without
            .saturating_mul(hotkeys.saturating_add(1).into())
            .saturating_add(one.saturating_mul(families))
            .saturating_add(link.saturating_mul(links.into()))
            .saturating_add(T::DbWeight::get().writes(families.saturating_mul(2)))
    }
}

impl<T: Config> Pallet<T> {
    /// Divides what a hotkey earned in the epoch that ended, and closes its account of that epoch; none if it had no parents.
    fn divide_one(netuid: NetUid, hotkey: &T::AccountId, amount: Balance) -> Option<Family<T::AccountId>> {
        let mut kinship = Kin::<T>::get(netuid, hotkey).filter(|kinship| !kinship.parents.is_empty())?;
        let (now, own_time) = (Self::moment(netuid), Self::own_time(netuid, hotkey));
        let time = |parent: &T::AccountId| Self::own_time(netuid, parent);
        // The clock has gone on to the next epoch before the one that ended is paid.
        let ended = EpochIndex(now.epoch.0.saturating_sub(1));
        let weights = kinship.contributions(ended, own_time, time).weights();
        let Parting { own, take, parents } = Parting::of(amount, &weights, kinship.take.in_force(ended));
        let names = kinship.parents.iter().map(|link| link.parent.clone());
        let parents = names.zip(parents).filter(|(_, amount)| *amount > 0).collect();
        kinship.settle_paid(now, own_time, time);
        Self::store(netuid, hotkey, kinship);
        Some(Family { own, take, parents })
    }
}
