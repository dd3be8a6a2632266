//! What an epoch pays becomes stake.
use crate::{Config, CreditOf, Event, Hotkeys, Pallet, Pool, PoolError, Pools};
use frame_support::traits::{fungible::Balanced, Imbalance};
use laurel_types::{Balance, BlockNumber, NetUid, Take};

/// How a validator's pay is parted.
struct Dividends {
    take: Balance,
    stakers: Balance,
}

impl Dividends {
    /// The owner keeps its take. Without stakers nobody is there for the rest, so the owner gets it too.
    fn part(amount: Balance, take: Take, pool: &Pool) -> Self {
        let take = if pool.is_empty() { amount } else { take.of(amount) };
        // A take is a part of the amount, so the difference is not negative.
        Self {
            take,
            stakers: amount.saturating_sub(take),
        }
    }

    /// Puts both parts into the pool and returns the owner's shares. Stakers are paid first, or the owner's new
    /// shares would take part in what was earned by the old ones.
    fn put_into(&self, pool: &mut Pool) -> Result<u128, PoolError> {
        if self.stakers > 0 {
            pool.reward(self.stakers)?;
        }
        pool.deposit(self.take)
    }
}

impl<T: Config> laurel_support::Payout<T::AccountId, CreditOf<T>> for Pallet<T> {
    fn pay_incentive(_netuid: NetUid, hotkey: &T::AccountId, credit: CreditOf<T>) -> Result<(), CreditOf<T>> {
        let amount = credit.peek();
        if amount == 0 {
            return Ok(());
        }
        let Some(record) = Hotkeys::<T>::get(hotkey) else {
            return Err(credit);
        };
        let mut pool = Pools::<T>::get(hotkey);
        let Ok(shares) = pool.deposit(amount) else {
            return Err(credit);
        };

        T::Currency::resolve(&Self::pot(), credit)?;
        Self::store_pool(hotkey, pool);
        Self::mint_shares(&record.owner, hotkey, shares);
        Self::deposit_event(Event::IncentivePaid {
            hotkey: hotkey.clone(),
            amount,
        });
        Ok(())
    }

    fn pay_dividends(
        _netuid: NetUid,
        hotkey: &T::AccountId,
        credit: CreditOf<T>,
        _stream_blocks: BlockNumber,
    ) -> Result<(), CreditOf<T>> {
        let amount = credit.peek();
        if amount == 0 {
            return Ok(());
        }
        let Some(record) = Hotkeys::<T>::get(hotkey) else {
            return Err(credit);
        };
        let mut pool = Pools::<T>::get(hotkey);
        let dividends = Dividends::part(amount, record.take, &pool);
        let Ok(shares) = dividends.put_into(&mut pool) else {
            return Err(credit);
        };

        T::Currency::resolve(&Self::pot(), credit)?;
        Self::store_pool(hotkey, pool);
        Self::mint_shares(&record.owner, hotkey, shares);
        let Dividends { take, stakers } = dividends;
        Self::deposit_event(Event::DividendsPaid {
            hotkey: hotkey.clone(),
            take,
            stakers,
        });
        Ok(())
    }
}
