//! What an epoch pays to whom.
use crate::{pots::CreditOf, Config, Error, Event, LastEpoch, Pallet};
use alloc::vec::Vec;
use frame_support::{
    pallet_prelude::{DispatchError, DispatchResult},
    traits::{fungible::Balanced, Imbalance},
};
use laurel_support::{EpochShare, Epochs, Neurons, OnEpoch, Payout, Subnets};
use laurel_types::{Balance, BlockNumber, EpochIndex, EpochSummary, NetUid, Uid};

/// The subnet owner's share of its pot, in hundredths.
pub const OWNER_SHARE: u64 = 18;
/// The miners' share, in hundredths.
pub const MINERS_SHARE: u64 = 41;
/// The validators' share, in hundredths.
pub const VALIDATORS_SHARE: u64 = 41;

/// What each neuron is to be paid, by uid, in leaves.
struct Bill {
    owner: Balance,
    incentive: Vec<Balance>,
    dividends: Vec<Balance>,
}

impl Bill {
    /// Divides a pot; none if no miner has earned anything. Where no validator has, their part is in nobody's bill.
    fn draw<AccountId>(pot: Balance, shares: &[EpochShare<AccountId>]) -> Option<Self> {
        let incentive: Vec<u64> = shares.iter().map(|share| share.incentive).collect();
        let dividends: Vec<u64> = shares.iter().map(|share| share.dividends).collect();
        if incentive.iter().all(|share| *share == 0) {
            return None;
        }
        let parts = laurel_yuma::apportion(pot, &[OWNER_SHARE, MINERS_SHARE, VALIDATORS_SHARE]);
        let [owner, miners, validators] = parts[..] else {
            return None;
        };
        let earned = dividends.iter().any(|share| *share > 0);
        Some(Self {
            owner,
            incentive: laurel_yuma::apportion(miners, &incentive),
            dividends: if earned {
                laurel_yuma::apportion(validators, &dividends)
            } else {
                alloc::vec![0; shares.len()]
            },
        })
    }
}

impl<T: Config> Pallet<T> {
    /// Ends the epoch of a subnet and pays its pot.
    pub(crate) fn run_epoch(netuid: NetUid) -> DispatchResult {
        let ended = T::Epochs::current(netuid);
        T::Epochs::take_stock(netuid, Uid(0), T::Neurons::count(netuid));
        let shares = T::Epochs::run(netuid);
        Self::pay(netuid, ended, &shares)?;
        T::OnEpoch::on_epoch(netuid, ended);
        Ok(())
    }

    /// Pays a subnet's pot by the shares of the epoch that ended.
    pub(crate) fn pay(netuid: NetUid, epoch: EpochIndex, shares: &[EpochShare<T::AccountId>]) -> DispatchResult {
        let pot = Self::pot(netuid);
        let mut summary = EpochSummary {
            epoch,
            block: Self::now(),
            pot,
            carried: pot,
            ..Default::default()
        };
        let mut emission = alloc::vec![0; shares.len()];
        if let Some(bill) = Bill::draw(pot, shares).filter(|_| pot > 0) {
            let mut credit = Self::take(&Self::pot_account(netuid))?;
            summary.owner = Self::pay_owner(netuid, credit.extract(bill.owner), &mut credit);
            let stream_blocks = Self::stream_blocks(netuid);
            for (index, share) in shares.iter().enumerate() {
                let (incentive, dividends) =
                    Self::pay_neuron(netuid, share, (&bill, index), stream_blocks, &mut credit);
                summary.miners = summary.miners.saturating_add(incentive);
                summary.validators = summary.validators.saturating_add(dividends);
                emission[index] = incentive.saturating_add(dividends);
            }
            summary.carried = credit.peek();
            Self::carry(netuid, credit)?;
        }
        T::Epochs::record_emission(netuid, &emission);
        LastEpoch::<T>::insert(netuid, summary);
        Self::deposit_event(Event::EpochPaid { netuid, summary });
        Ok(())
    }

    /// Over how many blocks stakers receive their dividends: as many as the epoch has that now begins, so that what one
    /// epoch paid has been received when the next one pays.
    fn stream_blocks(netuid: NetUid) -> BlockNumber {
        T::Subnets::params(netuid).map_or(0, |params| params.tempo.into())
    }

    /// Pays the owner. What cannot be placed, because the account would stay below the existential deposit, goes to `rest`.
    fn pay_owner(netuid: NetUid, credit: CreditOf<T>, rest: &mut CreditOf<T>) -> Balance {
        let amount = credit.peek();
        let Some(owner) = T::Subnets::owner(netuid).filter(|_| amount > 0) else {
            rest.subsume(credit);
            return 0;
        };
        match T::Currency::resolve(&owner, credit) {
            Ok(()) => {
                Self::deposit_event(Event::OwnerPaid { netuid, owner, amount });
                amount
            }
            Err(unplaced) => {
                rest.subsume(unplaced);
                0
            }
        }
    }

    /// Pays one neuron its line of the bill out of `credit`; what cannot be placed stays there. Returns incentive and dividends.
    fn pay_neuron(
        netuid: NetUid,
        share: &EpochShare<T::AccountId>,
        (bill, line): (&Bill, usize),
        stream_blocks: BlockNumber,
        credit: &mut CreditOf<T>,
    ) -> (Balance, Balance) {
        let incentive = Self::place(bill.incentive[line], credit, |part| {
            T::Payout::pay_incentive(netuid, &share.hotkey, part)
        });
        let dividends = Self::place(bill.dividends[line], credit, |part| {
            T::Payout::pay_dividends(netuid, &share.hotkey, part, stream_blocks)
        });
        if incentive > 0 || dividends > 0 {
            let (uid, hotkey) = (share.uid, share.hotkey.clone());
            Self::deposit_event(Event::NeuronPaid {
                netuid,
                uid,
                hotkey,
                incentive,
                dividends,
            });
        }
        (incentive, dividends)
    }

    /// Cuts `amount` from `credit` and gives it away. What comes back stays in `credit`. Returns what was taken.
    fn place(
        amount: Balance,
        credit: &mut CreditOf<T>,
        give: impl FnOnce(CreditOf<T>) -> Result<(), CreditOf<T>>,
    ) -> Balance {
        if amount == 0 {
            return 0;
        }
        match give(credit.extract(amount)) {
            Ok(()) => amount,
            Err(unplaced) => {
                let placed = amount.saturating_sub(unplaced.peek());
                credit.subsume(unplaced);
                placed
            }
        }
    }

    /// Puts what could not be placed back into the pot.
    fn carry(netuid: NetUid, credit: CreditOf<T>) -> Result<(), DispatchError> {
        if credit.peek() == 0 {
            return Ok(());
        }
        T::Currency::resolve(&Self::pot_account(netuid), credit).map_err(|_| Error::<T>::PotClosed.into())
    }
}
