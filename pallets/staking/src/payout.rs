//! What an epoch pays becomes stake.
use crate::{Config, CreditOf, HotkeyRecord, Hotkeys, Pallet, PoolError};
use alloc::vec::Vec;
use frame_support::{
    storage::with_transaction,
    traits::{fungible::Balanced, Imbalance},
};
use laurel_support::{Due, Payout, Placed};
use laurel_types::{Balance, BlockNumber};
use sp_runtime::{DispatchError, TransactionOutcome};

impl HotkeyRecord {
    /// Puts a due into the pool, of whose dividends the owner keeps its take, and says what became the owner's. Without stakers nobody
    /// is there for the rest, so the owner gets it too.
    fn pay(&mut self, owner: Balance, dividends: Balance, stream_blocks: BlockNumber) -> Result<Placed, PoolError> {
        let mut pool = self.pool;
        let take = if pool.is_empty() {
            dividends
        } else {
            self.take.of(dividends)
        };
        let shares = pool.deposit(owner.checked_add(take).ok_or(PoolError::Overflow)?)?;
        // A take is a part of the dividends, so the difference is not negative.
        let stakers = dividends.saturating_sub(take);
        if stakers > 0 {
            pool.reward(stakers, stream_blocks)?;
        }
        self.pool = pool;
        // Earned, not put in: the principal stays. At most the pool's shares, which fit.
        self.owned.shares = self.owned.shares.saturating_add(shares);
        Ok(Placed { take, shares })
    }
}

impl<T: Config> Pallet<T> {
    /// Writes a due into the books of its hotkey, whose leaves the caller puts into the pot: one value is read and written, whoever has
    /// staked. None where the hotkey is unknown or its pool could not hold them.
    fn book(due: &Due<T::AccountId>, stream_blocks: BlockNumber, now: BlockNumber) -> Option<Placed> {
        let booked = Hotkeys::<T>::try_mutate(&due.hotkey, |known| {
            let record = known.as_mut().ok_or(PoolError::Empty)?;
            record.pool = record.pool.at(now);
            record.pay(due.owner, due.dividends, stream_blocks)
        });
        booked.ok()
    }
}

/// One look at the clock and one entry in the ledger for all of them. If the pot cannot hold what was placed, because nothing else is
/// staked and it is less than an account must hold, nothing is.
impl<T: Config> Payout<T::AccountId, CreditOf<T>> for Pallet<T> {
    fn pay(
        dues: &[Due<T::AccountId>],
        stream_blocks: BlockNumber,
        mut credit: CreditOf<T>,
    ) -> (Vec<Option<Placed>>, CreditOf<T>) {
        let now = Self::now();
        let mut sum: Balance = 0;
        let booked = with_transaction(|| {
            let book = |due: &Due<T::AccountId>| {
                let amount = due.owner.checked_add(due.dividends)?;
                let after = sum.checked_add(amount).filter(|after| *after <= credit.peek())?;
                let placed = Self::book(due, stream_blocks, now)?;
                sum = after;
                Some(placed)
            };
            let booked: Vec<_> = dues.iter().map(book).collect();
            if sum == 0 {
                return TransactionOutcome::Commit(Ok(booked));
            }
            match T::Currency::resolve(&Self::pot(), credit.extract(sum)) {
                Ok(()) => TransactionOutcome::Commit(Ok(booked)),
                Err(unplaced) => {
                    credit.subsume(unplaced);
                    TransactionOutcome::Rollback(Err(DispatchError::Unavailable))
                }
            }
        });
        (booked.unwrap_or_else(|_| alloc::vec![None; dues.len()]), credit)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_payee(hotkey: &T::AccountId, coldkey: &T::AccountId, staker: &T::AccountId) {
        use frame_support::traits::fungible::Mutate;
        use laurel_support::{Hotkeys as _, Stake};
        Self::benchmark_bind(hotkey, coldkey);
        <Self as Stake<_>>::benchmark_stake(hotkey, staker, laurel_types::LRL);
        let mut record = Hotkeys::<T>::get(hotkey).expect("it was just bound");
        record.pool.reward(laurel_types::LRL, 360).expect("there is a staker");
        T::Currency::mint_into(&Self::pot(), laurel_types::LRL).expect("there is room for it");
        Hotkeys::<T>::insert(hotkey, record);
    }
}
