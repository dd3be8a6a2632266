//! The emission of a block and its way to the subnets.
use crate::{Config, LastDistribution, Minted, Pallet};
use alloc::vec::Vec;
use frame_support::{
    traits::{
        fungible::{Balanced, Inspect},
        DefensiveTruncateFrom, Imbalance,
    },
    BoundedVec,
};
use laurel_types::{Balance, EmissionSchedule, EmissionStep, NetUid};

impl<T: Config> Pallet<T> {
    /// What the next block mints, in leaves. Burned tokens can be mined again.
    pub fn block_emission() -> Balance {
        laurel_yuma::block_emission(Self::circulating())
    }

    /// All tokens but the burned ones, in leaves.
    fn circulating() -> Balance {
        T::Currency::total_issuance().saturating_sub(Self::burned())
    }

    /// What blocks mint, now and later.
    pub fn emission_schedule() -> EmissionSchedule {
        let (circulating, per_block) = (Self::circulating(), Self::block_emission());
        let first = EmissionStep {
            from: 0,
            per_block: laurel_yuma::INITIAL_EMISSION,
        };
        let halvings = (0..laurel_yuma::HALVINGS).filter_map(laurel_yuma::halving_threshold);
        let halved = halvings.map(|from| EmissionStep {
            from,
            per_block: laurel_yuma::block_emission(from),
        });
        let steps: Vec<EmissionStep> = core::iter::once(first).chain(halved).collect();
        let next = steps.iter().find(|step| step.from > circulating);
        let blocks_to_halving = next.and_then(|step| {
            let missing = step.from.saturating_sub(circulating);
            (per_block > 0).then(|| missing.div_ceil(per_block))
        });
        EmissionSchedule {
            circulating,
            per_block,
            blocks_to_halving,
            steps,
        }
    }

    /// Mints the block's emission and divides it, with the reserve, between the pots by `split`: parts of `u64::MAX` by
    /// netuid, ascending. Subnets that cannot pay are left out before normalising. What belongs to nobody goes to the reserve.
    pub(crate) fn distribute(split: Vec<(NetUid, u64)>) {
        let mut credit = T::Currency::issue(Self::block_emission());
        Minted::<T>::mutate(|minted| *minted = minted.saturating_add(credit.peek()));

        let can_pay = laurel_support::can_pay::<T::AccountId, T::Subnets, T::Neurons>;
        let (payable, barred): (Vec<_>, Vec<_>) = split.into_iter().partition(|(netuid, _)| can_pay(*netuid));
        if !payable.is_empty() {
            let reserve = Self::reserve_account();
            if let Ok(saved) = Self::take(&reserve, Self::spendable(&reserve)) {
                credit.subsume(saved);
            }
        }
        let barred: u64 = barred
            .iter()
            .map(|(_, part)| part)
            .fold(0, |sum, part| sum.saturating_add(*part));
        let placed = Self::fill_pots(&payable, u64::MAX - barred, &mut credit);
        if credit.peek() > 0 {
            Self::save(credit);
        }
        LastDistribution::<T>::put(BoundedVec::defensive_truncate_from(placed));
    }

    /// Gives each subnet its part of `credit` in `whole`, and leaves the rest in it. Returns what each pot received.
    fn fill_pots(split: &[(NetUid, u64)], whole: u64, credit: &mut super::CreditOf<T>) -> Vec<(NetUid, Balance)> {
        let open: Vec<_> = split
            .iter()
            .filter(|(netuid, _)| Self::open_pot(*netuid, credit))
            .collect();
        let given: u64 = open.iter().fold(0, |sum, (_, part)| sum.saturating_add(*part));
        // The last part is what the split gives to nobody.
        let mut parts: Vec<u64> = open.iter().map(|(_, part)| *part).collect();
        parts.push(whole.saturating_sub(given));
        let amounts = laurel_yuma::apportion(credit.peek(), &parts);
        let mut placed = Vec::with_capacity(open.len());
        for ((netuid, _), amount) in open.into_iter().zip(amounts) {
            match T::Currency::resolve(&Self::pot_account(*netuid), credit.extract(amount)) {
                Ok(()) => placed.push((*netuid, amount)),
                Err(unplaced) => credit.subsume(unplaced),
            }
        }
        placed
    }
}
