//! What an epoch pays to a child is divided between its own stakers and its parents.
//!
//! Dividends are divided by what backed the child in the epoch: leaf-blocks of its own stake that it did not lend, and of what each
//! parent lent to it, with the largest remainder, so that the parts sum to what was paid. Of a parent's part the child's owner
//! keeps its child take; the rest is paid to the parent as if it had earned it itself: the parent's own take, then
//! everybody in its pool.
use crate::{Config, CreditOf, Event, Kin, KinshipOf, Pallet, WeightInfo};
use alloc::vec::Vec;
use frame_support::{dispatch::DispatchClass, traits::Imbalance};
use laurel_support::Payout;
use laurel_types::{Balance, BlockNumber, EpochIndex, NetUid, Take};

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

impl<T: Config> Payout<T::AccountId, CreditOf<T>> for Pallet<T> {
    fn pay_incentive(netuid: NetUid, hotkey: &T::AccountId, credit: CreditOf<T>) -> Result<(), CreditOf<T>> {
        T::Staking::pay_incentive(netuid, hotkey, credit)
    }

    fn pay_dividends(
        netuid: NetUid,
        hotkey: &T::AccountId,
        credit: CreditOf<T>,
        stream_blocks: BlockNumber,
    ) -> Result<(), CreditOf<T>> {
        match Kin::<T>::get(netuid, hotkey) {
            Some(kinship) if !kinship.parents.is_empty() && credit.peek() > 0 => {
                Self::pay_family(netuid, hotkey, kinship, credit, stream_blocks)
            }
            _ => T::Staking::pay_dividends(netuid, hotkey, credit, stream_blocks),
        }
    }

    fn pay_take(netuid: NetUid, hotkey: &T::AccountId, credit: CreditOf<T>) -> Result<(), CreditOf<T>> {
        T::Staking::pay_take(netuid, hotkey, credit)
    }
}

impl<T: Config> Pallet<T> {
    fn pay_family(
        netuid: NetUid,
        hotkey: &T::AccountId,
        mut kinship: KinshipOf<T>,
        mut credit: CreditOf<T>,
        stream_blocks: BlockNumber,
    ) -> Result<(), CreditOf<T>> {
        let (now, own_time) = (Self::moment(netuid), Self::own_time(netuid, hotkey));
        let time = |parent: &T::AccountId| Self::own_time(netuid, parent);
        // The clock has gone on to the next epoch before it pays the one that ended.
        let ended = EpochIndex(now.epoch.0.saturating_sub(1));
        let weights = kinship.contributions(ended, own_time, time).weights();
        let parting = Parting::of(credit.peek(), &weights, kinship.take.in_force(ended));

        let mut unplaced = credit.extract(0);
        let mut keep = |rest: Result<(), CreditOf<T>>| match rest {
            Ok(()) => true,
            Err(rest) => {
                unplaced.subsume(rest);
                false
            }
        };
        for (link, amount) in kinship
            .parents
            .iter()
            .zip(&parting.parents)
            .filter(|(_, amount)| **amount > 0)
        {
            let part = credit.extract(*amount);
            if keep(T::Staking::pay_dividends(netuid, &link.parent, part, stream_blocks)) {
                Self::deposit_event(Event::ParentPaid {
                    netuid,
                    child: hotkey.clone(),
                    parent: link.parent.clone(),
                    amount: *amount,
                });
            }
        }
        if parting.take > 0 {
            keep(T::Staking::pay_take(netuid, hotkey, credit.extract(parting.take)));
        }
        // What is left of the credit is the child's own part.
        keep(T::Staking::pay_dividends(netuid, hotkey, credit, stream_blocks));

        // The payer's benchmark cannot know how many parents there are.
        frame_system::Pallet::<T>::register_extra_weight_unchecked(
            T::WeightInfo::pay_family(kinship.parents.len() as u32),
            DispatchClass::Mandatory,
        );
        kinship.settle_paid(now, own_time, time);
        Self::store(netuid, hotkey, kinship);
        if unplaced.peek() > 0 {
            return Err(unplaced);
        }
        Ok(())
    }
}
