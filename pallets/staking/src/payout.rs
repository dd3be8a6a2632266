//! What an epoch pays becomes stake.
use crate::{Config, CreditOf, Event, Hotkeys, Pallet, Pool, PoolError};
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

    /// Puts both parts into the pool and returns the owner's shares.
    fn put_into(&self, pool: &mut Pool, stream_blocks: BlockNumber) -> Result<u128, PoolError> {
        if self.stakers > 0 {
            pool.reward(self.stakers, stream_blocks)?;
        }
        pool.deposit(self.take)
    }
}

impl<T: Config> Pallet<T> {
    /// Makes a credit stake of a hotkey's owner on that hotkey.
    fn pay_owner(
        hotkey: &T::AccountId,
        credit: CreditOf<T>,
        event: impl FnOnce(T::AccountId, Balance, u128) -> Event<T>,
    ) -> Result<(), CreditOf<T>> {
        let amount = credit.peek();
        if amount == 0 {
            return Ok(());
        }
        let Some(record) = Hotkeys::<T>::get(hotkey) else {
            return Err(credit);
        };
        let mut pool = Self::pool(hotkey);
        let Ok(shares) = pool.deposit(amount) else {
            return Err(credit);
        };

        T::Currency::resolve(&Self::pot(), credit)?;
        Self::store_pool(hotkey, pool);
        Self::mint_shares(record.owner, record.pool, shares);
        Self::deposit_event(event(hotkey.clone(), amount, shares));
        Ok(())
    }
}

impl<T: Config> laurel_support::Payout<T::AccountId, CreditOf<T>> for Pallet<T> {
    fn pay_incentive(netuid: NetUid, hotkey: &T::AccountId, credit: CreditOf<T>) -> Result<(), CreditOf<T>> {
        Self::pay_owner(hotkey, credit, |hotkey, amount, shares| Event::IncentivePaid {
            netuid,
            hotkey,
            amount,
            shares,
        })
    }

    fn pay_take(netuid: NetUid, hotkey: &T::AccountId, credit: CreditOf<T>) -> Result<(), CreditOf<T>> {
        Self::pay_owner(hotkey, credit, |hotkey, amount, shares| Event::TakePaid {
            netuid,
            hotkey,
            amount,
            shares,
        })
    }

    fn pay_dividends(
        netuid: NetUid,
        hotkey: &T::AccountId,
        credit: CreditOf<T>,
        stream_blocks: BlockNumber,
    ) -> Result<(), CreditOf<T>> {
        let amount = credit.peek();
        if amount == 0 {
            return Ok(());
        }
        let Some(record) = Hotkeys::<T>::get(hotkey) else {
            return Err(credit);
        };
        let mut pool = Self::pool(hotkey);
        let dividends = Dividends::part(amount, record.take, &pool);
        let Ok(shares) = dividends.put_into(&mut pool, stream_blocks) else {
            return Err(credit);
        };

        T::Currency::resolve(&Self::pot(), credit)?;
        Self::store_pool(hotkey, pool);
        Self::mint_shares(record.owner, record.pool, shares);
        let Dividends { take, stakers } = dividends;
        Self::deposit_event(Event::DividendsPaid {
            netuid,
            hotkey: hotkey.clone(),
            take,
            stakers,
            shares,
            stream_blocks,
        });
        Ok(())
    }
}
