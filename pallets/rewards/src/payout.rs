//! Paying a bill, page by page.
use crate::{Bill, BillPages, Config, Event, Line, Pallet, Payments, Progress, Role, Stage};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::{pallet_prelude::DispatchError, traits::Imbalance};
use laurel_support::{Payout, Placed};
use laurel_types::{Balance, Uid};
use scale_info::TypeInfo;

/// What a hotkey was paid of an epoch: `incentive + dividends + child_take` leaves.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Payment<AccountId> {
    /// Who was paid: who held the uid when the epoch was scored or lent to it, by the name that it has now.
    pub hotkey: AccountId,
    /// The neuron that earned it.
    pub uid: Uid,
    /// Whether the hotkey is that neuron.
    pub role: Role,
    /// As a miner, in leaves; its owner's stake from now on.
    pub incentive: Balance,
    /// As a validator, for its own stake, or as a parent, after the child take; in leaves.
    pub dividends: Balance,
    /// What its owner keeps of the dividends as its stake, in leaves; the rest flows to the pool over the epoch that began.
    pub take: Balance,
    /// What its owner keeps of its parents' parts as its stake, in leaves.
    pub child_take: Balance,
    /// Shares of the pool that the owner received for incentive and takes.
    pub shares: u128,
}

impl<AccountId> Payment<AccountId> {
    fn of(line: Line<AccountId>, placed: Placed) -> Self {
        Self {
            hotkey: line.hotkey,
            uid: line.uid,
            role: line.role,
            incentive: line.incentive,
            dividends: line.dividends,
            take: placed.take,
            child_take: line.child_take,
            shares: placed.shares,
        }
    }
}

impl<T: Config> Pallet<T> {
    /// Pays the next page of a bill. Returns whether it was the last.
    pub(crate) fn pay_page(mut bill: Bill) -> Result<bool, DispatchError> {
        let page = BillPages::<T>::take(bill.next);
        let dues: Vec<_> = page.iter().map(Line::due).collect();
        // Parts of what was in the pot, which fits.
        let sum = page.iter().map(Line::amount).fold(0, Balance::saturating_add);
        let credit = Self::take(&Self::pot_account(bill.netuid), sum)?;
        let (placed, rest) = T::Payout::pay(&dues, bill.stream_blocks, credit);

        let summary = &mut bill.summary;
        summary.carried = summary.carried.saturating_sub(sum.saturating_sub(rest.peek()));
        bill.left = bill.left.saturating_sub(sum);
        bill.lines = bill.lines.saturating_sub(page.len() as u32);
        bill.next = bill.next.saturating_add(1);
        Self::carry(bill.netuid, rest)?;
        let mut payments = Payments::<T>::new();
        for (line, placed) in page.into_iter().zip(placed) {
            if let Some(placed) = placed {
                summary.miners = summary.miners.saturating_add(line.incentive);
                let validators = line.dividends.saturating_add(line.child_take);
                summary.validators = summary.validators.saturating_add(validators);
                // There are no more payments than lines.
                let _ = payments.try_push(Payment::of(line, placed));
            }
        }
        if !payments.is_empty() {
            let netuid = bill.netuid;
            Self::deposit_event(Event::HotkeysPaid { netuid, payments });
        }
        if bill.next == bill.pages {
            Self::close_bill(bill);
            return Ok(true);
        }
        Progress::<T>::put(Stage::Pay(bill));
        Ok(false)
    }
}
