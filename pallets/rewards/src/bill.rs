//! What an epoch owes to whom, from the block in which it is scored to the one in which the last neuron is paid.
//!
//! The bill is fixed when the epoch is scored; what the pot collects from then on is the next epoch's. Its lines are kept in pages, each of
//! which is paid in one step. Only the subnet at the front of the queue has a bill.
use crate::{BillPages, Config, Error, Event, LastEpoch, Pallet, Payment, Progress};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
    ensure,
    pallet_prelude::DispatchError,
    traits::{
        fungible::{Balanced, Inspect},
        tokens::{Fortitude, Preservation},
        ConstU32, Imbalance,
    },
    BoundedVec,
};
use laurel_support::{Due, EpochShare, Epochs, OnEpoch, Parents, Subnets};
use laurel_types::{
    Balance, BlockNumber, EpochIndex, EpochSummary, NetUid, Uid, MAX_PARENTS, MAX_UIDS, MAX_VALIDATORS,
};
use scale_info::TypeInfo;
use sp_runtime::TokenError;

/// The subnet owner's share of its pot, in hundredths.
pub const OWNER_SHARE: u64 = 18;
/// The miners' share, in hundredths.
pub const MINERS_SHARE: u64 = 41;
/// The validators' share, in hundredths.
pub const VALIDATORS_SHARE: u64 = 41;

/// Lines of a bill that are paid in one step.
pub const LINES_A_PAGE: u32 = 256;
/// Pages of the largest bill: a line for each neuron, and one for each parent of each validator.
pub const MAX_PAGES: u32 = (MAX_UIDS + MAX_VALIDATORS * MAX_PARENTS).div_ceil(LINES_A_PAGE);

/// As what a hotkey is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Role {
    /// It earned it itself.
    Neuron,
    /// It lends to the neuron that did.
    Parent,
}

/// What one hotkey is owed, in leaves.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Line<AccountId> {
    /// Who is paid.
    pub hotkey: AccountId,
    /// The neuron that earned it.
    pub uid: Uid,
    /// Whether the hotkey is that neuron.
    pub role: Role,
    /// As a miner.
    #[codec(compact)]
    pub incentive: Balance,
    /// As a validator, shared with its stakers.
    #[codec(compact)]
    pub dividends: Balance,
    /// What it keeps of its parents' parts.
    #[codec(compact)]
    pub child_take: Balance,
}

impl<AccountId: Clone> Line<AccountId> {
    /// All of it.
    pub fn amount(&self) -> Balance {
        // Parts of a pot, which fits.
        self.incentive
            .saturating_add(self.dividends)
            .saturating_add(self.child_take)
    }

    pub(crate) fn due(&self) -> Due<AccountId> {
        Due {
            hotkey: self.hotkey.clone(),
            owner: self.incentive.saturating_add(self.child_take),
            dividends: self.dividends,
        }
    }
}

/// Lines that are paid together.
pub type Page<T> = BoundedVec<Line<<T as frame_system::Config>::AccountId>, ConstU32<LINES_A_PAGE>>;

/// What was paid together.
pub type Payments<T> = BoundedVec<Payment<<T as frame_system::Config>::AccountId>, ConstU32<LINES_A_PAGE>>;

/// What is still to be paid of an epoch.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Bill {
    /// The subnet.
    pub netuid: NetUid,
    /// What has been paid; what has not counts as carried.
    pub summary: EpochSummary,
    /// Over how many blocks stakers receive their dividends.
    pub stream_blocks: BlockNumber,
    /// Leaves to be paid.
    pub left: Balance,
    /// Lines to be paid.
    pub lines: u32,
    /// The first page to be paid.
    pub next: u32,
    /// All pages.
    pub pages: u32,
}

/// What has been done to end the epoch of the subnet at the front of the queue.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum Stage {
    /// The stake of the neurons below this uid was read.
    Stock(Uid),
    /// It was scored, and this is to be paid.
    Pay(Bill),
}

impl Default for Stage {
    fn default() -> Self {
        Self::Stock(Uid(0))
    }
}

/// How a pot is divided: to the owner, and by uid to miners and to validators with those who lend to them.
struct Division {
    owner: Balance,
    incentive: Vec<Balance>,
    dividends: Vec<Balance>,
}

impl Division {
    /// None if no miner has earned anything. Where no validator has, their part is nobody's.
    fn of<AccountId>(pot: Balance, shares: &[EpochShare<AccountId>]) -> Option<Self> {
        let incentive: Vec<u64> = shares.iter().map(|share| share.incentive).collect();
        let dividends: Vec<u64> = shares.iter().map(|share| share.dividends).collect();
        if pot == 0 || incentive.iter().all(|share| *share == 0) {
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

    /// What each uid earned, with those who lend to it.
    fn emission(&self) -> Vec<Balance> {
        let parts = self.incentive.iter().zip(&self.dividends);
        parts
            .map(|(incentive, dividends)| incentive.saturating_add(*dividends))
            .collect()
    }
}

impl<T: Config> Pallet<T> {
    /// Draws the bill of an epoch that ended, pays the subnet's owner and leaves the rest to be paid. Returns whether nothing is.
    pub(crate) fn draw_bill(
        netuid: NetUid,
        epoch: EpochIndex,
        shares: Vec<EpochShare<T::AccountId>>,
    ) -> Result<bool, DispatchError> {
        let pot = Self::pot(netuid);
        let mut summary = EpochSummary {
            epoch,
            block: Self::now(),
            pot,
            carried: pot,
            ..Default::default()
        };
        let division = Division::of(pot, &shares);
        let emission = division
            .as_ref()
            .map_or_else(|| alloc::vec![0; shares.len()], Division::emission);
        T::Epochs::record_emission(netuid, &emission);
        let mut lines = Vec::new();
        if let Some(division) = division {
            ensure!(Self::can_give(netuid, pot), TokenError::Frozen);
            summary.owner = Self::pay_owner(netuid, division.owner)?;
            summary.carried = pot.saturating_sub(summary.owner);
            lines = Self::lines(netuid, shares, division);
        }
        T::OnEpoch::on_epoch(netuid, epoch);
        let bill = Bill {
            netuid,
            summary,
            stream_blocks: Self::stream_blocks(netuid),
            // Parts of the pot, which fits.
            left: lines.iter().map(Line::amount).fold(0, Balance::saturating_add),
            lines: lines.len() as u32,
            next: 0,
            pages: lines.len().div_ceil(LINES_A_PAGE as usize) as u32,
        };
        if lines.is_empty() {
            Self::close_bill(bill);
            return Ok(true);
        }
        for (index, page) in (0..).zip(lines.chunks(LINES_A_PAGE as usize)) {
            BillPages::<T>::insert(index, Page::<T>::truncate_from(page.to_vec()));
        }
        Progress::<T>::put(Stage::Pay(bill));
        Ok(false)
    }

    /// Whether the pot can give all that it holds beyond the existential deposit.
    fn can_give(netuid: NetUid, pot: Balance) -> bool {
        let account = Self::pot_account(netuid);
        T::Currency::reducible_balance(&account, Preservation::Preserve, Fortitude::Polite) >= pot
    }

    /// One line for each neuron that earned something, and one for each parent of one, beside it.
    fn lines(netuid: NetUid, shares: Vec<EpochShare<T::AccountId>>, division: Division) -> Vec<Line<T::AccountId>> {
        let hotkeys = shares.iter().map(|share| share.hotkey.clone());
        let earned: Vec<_> = hotkeys.zip(division.dividends).collect();
        let mut families = T::Parents::divide(netuid, &earned).into_iter().peekable();
        let mut lines = Vec::with_capacity(shares.len());
        for (place, ((share, incentive), (_, dividends))) in
            shares.into_iter().zip(division.incentive).zip(earned).enumerate()
        {
            let mut line = Line {
                hotkey: share.hotkey,
                uid: share.uid,
                role: Role::Neuron,
                incentive,
                dividends,
                child_take: 0,
            };
            let family = families.next_if(|(of, _)| *of == place);
            if let Some((_, family)) = &family {
                (line.dividends, line.child_take) = (family.own, family.take);
            }
            lines.push(line);
            for (hotkey, dividends) in family.into_iter().flat_map(|(_, family)| family.parents) {
                lines.push(Line {
                    hotkey,
                    uid: share.uid,
                    role: Role::Parent,
                    incentive: 0,
                    dividends,
                    child_take: 0,
                });
            }
        }
        lines.retain(|line| line.amount() > 0);
        lines
    }

    /// Over how many blocks stakers receive their dividends: as many as the epoch has that now begins, so that what one
    /// epoch paid has been received when the next one pays.
    fn stream_blocks(netuid: NetUid) -> BlockNumber {
        T::Subnets::params(netuid).map_or(0, |params| params.tempo.into())
    }

    /// Pays the owner out of the pot. Returns what it received: nothing if the account would stay below the existential deposit.
    fn pay_owner(netuid: NetUid, amount: Balance) -> Result<Balance, DispatchError> {
        let Some(owner) = T::Subnets::owner(netuid).filter(|_| amount > 0) else {
            return Ok(0);
        };
        let credit = Self::take(&Self::pot_account(netuid), amount)?;
        if let Err(unplaced) = T::Currency::resolve(&owner, credit) {
            Self::carry(netuid, unplaced)?;
            return Ok(0);
        }
        Self::deposit_event(Event::OwnerPaid { netuid, owner, amount });
        Ok(amount)
    }

    /// Ends the payment of a bill: what is left of it stays in the pot.
    pub(crate) fn close_bill(bill: Bill) {
        for index in bill.next..bill.pages {
            BillPages::<T>::remove(index);
        }
        Progress::<T>::kill();
        let (netuid, summary) = (bill.netuid, bill.summary);
        LastEpoch::<T>::insert(netuid, summary);
        Self::deposit_event(Event::EpochPaid { netuid, summary });
    }

    /// Forgets how far the subnet at the front of the queue has come, and its bill if it has one.
    pub(crate) fn forget_progress() {
        if let Stage::Pay(bill) = Progress::<T>::take() {
            for index in bill.next..bill.pages {
                BillPages::<T>::remove(index);
            }
        }
    }

    /// Puts what could not be placed back into the pot.
    pub(crate) fn carry(netuid: NetUid, credit: crate::CreditOf<T>) -> Result<(), DispatchError> {
        if credit.peek() == 0 {
            return Ok(());
        }
        T::Currency::resolve(&Self::pot_account(netuid), credit).map_err(|_| Error::<T>::PotClosed.into())
    }
}
