//! What the seats said becomes each subnet's part of emission.
use crate::{
    BySubnet, Config, CurrentSplit, Event, NextSplitAt, Pallet, RootSettings, RootWeights, Seats, Settings, WeightInfo,
};
use alloc::vec::Vec;
use frame_support::weights::Weight;
use laurel_support::{Split, Stake, Subnets};
use laurel_types::{BlockNumber, NetUid};
use laurel_yuma::{root_split, RootInput};

/// Every seat's stake and what it says that still counts, row by row.
struct Votes {
    stakes: Vec<u64>,
    rows: Vec<Vec<(u16, u16)>>,
}

impl<T: Config> Pallet<T> {
    /// Computes the split if its time has come. Returns what that cost.
    pub(crate) fn split_if_due() -> Weight {
        let now = Self::now();
        if now < NextSplitAt::<T>::get() {
            return T::WeightInfo::split_not_due();
        }
        Self::recompute_split(now)
    }

    /// Sets a new split and when the next is due. At most 64 seats by 64 subnets.
    fn recompute_split(now: BlockNumber) -> Weight {
        let settings = RootSettings::<T>::get();
        let (split, seats) = Self::split_by_votes(now, &settings);
        CurrentSplit::<T>::put(&split);
        NextSplitAt::<T>::put(now.saturating_add(settings.tempo));
        Self::deposit_event(Event::SplitSet { split });
        T::WeightInfo::recompute_split(seats, T::Subnets::netuids().len() as u32)
    }

    /// The split that the next computation sets if nothing changes until then: by the votes, the stake and the subnets of
    /// this block, and by which votes will still count.
    pub fn next_split() -> Vec<(NetUid, u64)> {
        let due = NextSplitAt::<T>::get().max(Self::now());
        Self::split_by_votes(due, &RootSettings::<T>::get()).0.into_inner()
    }

    /// What the seats' weights that count at block `at` make, and how many seats there are.
    fn split_by_votes(at: BlockNumber, settings: &Settings) -> (BySubnet<u64>, u32) {
        let netuids = T::Subnets::netuids().into_iter();
        let payable = |netuid: &NetUid| laurel_support::can_pay::<T::AccountId, T::Subnets, T::Neurons>(*netuid);
        let subnets: Vec<NetUid> = netuids.filter(payable).collect();
        let votes = Self::votes(at, settings, &subnets);
        let parts = root_split(&RootInput {
            stakes: &votes.stakes,
            weights: &votes.rows,
            columns: subnets.len(),
            rho: settings.rho,
            kappa: settings.kappa,
        });
        let paid = subnets.into_iter().zip(parts).filter(|(_, part)| *part > 0);
        // There are at most `MAX_SUBNETS` subnets, so nothing is cut off.
        (BySubnet::truncate_from(paid.collect()), votes.stakes.len() as u32)
    }

    fn votes(at: BlockNumber, settings: &Settings, subnets: &[NetUid]) -> Votes {
        let vote = |(hotkey, seat): (T::AccountId, crate::Seat)| {
            let row = RootWeights::<T>::get(&hotkey).filter(|_| seat.is_fresh(at, settings));
            (
                T::Stake::stake(&hotkey),
                row.map(|row| row.columns(subnets)).unwrap_or_default(),
            )
        };
        let (stakes, rows) = Seats::<T>::iter().map(vote).unzip();
        Votes { stakes, rows }
    }
}

impl<T: Config> Split for Pallet<T> {
    fn split() -> Vec<(NetUid, u64)> {
        CurrentSplit::<T>::get().into_inner()
    }
}
