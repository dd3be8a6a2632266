//! Paying a bill, page by page.
use crate::{
    bill::{Line, Role},
    Bill, BillPages, Config, Event, Pallet, Progress, Stage,
};
use alloc::vec::Vec;
use frame_support::{pallet_prelude::DispatchError, traits::Imbalance};
use laurel_support::{Payout, Placed};
use laurel_types::{Balance, NetUid};

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
        for (line, placed) in page.into_iter().zip(placed) {
            if let Some(placed) = placed {
                summary.miners = summary.miners.saturating_add(line.incentive);
                let validators = line.dividends.saturating_add(line.child_take);
                summary.validators = summary.validators.saturating_add(validators);
                Self::deposit_event(Self::paid(bill.netuid, line, placed));
            }
        }
        if bill.next == bill.pages {
            Self::close_bill(bill);
            return Ok(true);
        }
        Progress::<T>::put(Stage::Pay(bill));
        Ok(false)
    }

    fn paid(netuid: NetUid, line: Line<T::AccountId>, placed: Placed) -> Event<T> {
        let Placed { take, shares } = placed;
        let Line {
            hotkey, uid, dividends, ..
        } = line;
        match line.role {
            Role::Neuron => Event::NeuronPaid {
                netuid,
                uid,
                hotkey,
                incentive: line.incentive,
                dividends,
                take,
                child_take: line.child_take,
                shares,
            },
            Role::Parent => Event::ParentPaid {
                netuid,
                uid,
                hotkey,
                dividends,
                take,
                shares,
            },
        }
    }
}
