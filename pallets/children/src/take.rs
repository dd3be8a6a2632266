//! What a child's owner keeps of what parents' stake earns through it.
//!
//! The take of each hotkey in each subnet begins at nothing and is at most [`Take::MAX`]. Lowering it counts at once. Raising it
//! counts from the next epoch on, so that nobody's share of an epoch that is nearly over can be taken, and is possible once an
//! interval.
use crate::{Config, Error, Event, Kin, Pallet, Settings};
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{dispatch::DispatchResult, ensure};
use laurel_support::{Epochs, Neurons};
use laurel_types::{BlockNumber, EpochIndex, NetUid, Take};
use scale_info::TypeInfo;

/// A child's take, and how it may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct ChildTake {
    /// In force until `next` is.
    take: Take,
    /// A raised take, and the first epoch that it counts for.
    next: Option<(Take, EpochIndex)>,
    /// Block of the last raise.
    raised_at: Option<BlockNumber>,
}

impl Default for ChildTake {
    fn default() -> Self {
        Self {
            take: Take(0),
            next: None,
            raised_at: None,
        }
    }
}

/// Why a take was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakeRefused {
    /// Above [`Take::MAX`].
    TooHigh,
    /// Raised less than an interval ago.
    TooSoon,
}

impl ChildTake {
    /// The take that counts for an epoch.
    pub fn in_force(&self, epoch: EpochIndex) -> Take {
        match self.next {
            Some((take, from)) if from <= epoch => take,
            _ => self.take,
        }
    }

    /// The take that will count, if nothing changes.
    pub fn latest(&self) -> Take {
        self.next.map_or(self.take, |(take, _)| take)
    }

    /// This take changed at block `now` in epoch `running`, where raises are at least `interval` blocks apart.
    pub fn with(
        self,
        take: Take,
        now: BlockNumber,
        running: EpochIndex,
        interval: BlockNumber,
    ) -> Result<Self, TakeRefused> {
        if take > Take::MAX {
            return Err(TakeRefused::TooHigh);
        }
        let in_force = self.in_force(running);
        if take > self.latest() {
            if self.raised_at.is_some_and(|at| now < at.saturating_add(interval)) {
                return Err(TakeRefused::TooSoon);
            }
            return Ok(Self {
                take: in_force,
                next: Some((take, running.next())),
                raised_at: Some(now),
            });
        }
        // At most the take that was announced, and more than the one in force: a smaller raise at the same time.
        let next = self.next.filter(|_| take > in_force).map(|(_, from)| (take, from));
        Ok(Self {
            take: if next.is_some() { in_force } else { take },
            next,
            raised_at: self.raised_at,
        })
    }
}

impl<T: Config> Pallet<T> {
    /// What `set_child_take` would store, or why it is refused.
    pub(crate) fn check_set_child_take(
        coldkey: &T::AccountId,
        hotkey: &T::AccountId,
        netuid: NetUid,
        take: Take,
    ) -> Result<ChildTake, Error<T>> {
        Self::ensure_subnet(netuid)?;
        Self::ensure_owner(coldkey, hotkey)?;
        ensure!(
            T::Neurons::uid_of(netuid, hotkey).is_some(),
            Error::<T>::ChildNotRegistered
        );
        let present = Kin::<T>::get(netuid, hotkey).map_or_else(ChildTake::default, |kinship| kinship.take);
        present
            .with(
                take,
                Self::now(),
                T::Epochs::current(netuid),
                Settings::<T>::get().take_increase_interval,
            )
            .map_err(|refused| match refused {
                TakeRefused::TooHigh => Error::<T>::TakeTooHigh,
                TakeRefused::TooSoon => Error::<T>::TakeRaisedTooSoon,
            })
    }

    pub(crate) fn do_set_child_take(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        netuid: NetUid,
        take: Take,
    ) -> DispatchResult {
        let changed = Self::check_set_child_take(&coldkey, &hotkey, netuid, take)?;
        let mut kinship = Self::settled(netuid, &hotkey);
        kinship.take = changed;
        Self::store(netuid, &hotkey, kinship);
        Self::deposit_event(Event::ChildTakeSet { netuid, hotkey, take });
        Ok(())
    }
}
