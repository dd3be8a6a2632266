//! What runtime APIs and other pallets read.
use crate::{ColdkeyIds, Config, Hotkeys, OwnedPools, Pallet, PoolHotkeys, Positions};
use alloc::vec::Vec;
use frame_support::traits::fungible::Inspect;
use laurel_types::{Balance, HotkeyInfo, NetUid, StakeInfo, Uid, UnstakeQuote};

impl<T: Config> Pallet<T> {
    /// Leaves in the staking pot.
    pub fn total_staked() -> Balance {
        T::Currency::balance(&Self::pot())
    }

    /// Shares of a coldkey in a hotkey's pool.
    pub fn position(coldkey: &T::AccountId, hotkey: &T::AccountId) -> u128 {
        match (ColdkeyIds::<T>::get(coldkey), Hotkeys::<T>::get(hotkey)) {
            (Some(id), Some(record)) => Self::held(&record, id).shares,
            _ => 0,
        }
    }

    /// What a coldkey's stake on a hotkey is worth, in leaves, without what is still on its way to it.
    pub fn position_value(coldkey: &T::AccountId, hotkey: &T::AccountId) -> Balance {
        Self::pool(hotkey).value_of(Self::position(coldkey, hotkey))
    }

    /// Every position of a coldkey, ascending by hotkey, found by the coldkey alone. For reading off chain: the cost grows
    /// with its own positions.
    pub fn stake_of(coldkey: &T::AccountId) -> Vec<StakeInfo<T::AccountId>> {
        let Some(id) = ColdkeyIds::<T>::get(coldkey) else {
            return Vec::new();
        };
        let (now, own) = (Self::now(), OwnedPools::<T>::iter_key_prefix(id));
        let mut positions: Vec<_> = own
            .chain(Positions::<T>::iter_key_prefix(id))
            .filter_map(|pool_id| {
                let hotkey = PoolHotkeys::<T>::get(pool_id)?;
                let record = Self::record_at(&hotkey, now)?;
                let held = Self::held(&record, id);
                let stake = record.pool.value_of(held.shares);
                (held.shares > 0).then(|| StakeInfo {
                    hotkey,
                    coldkey: coldkey.clone(),
                    stake,
                    unreleased: record.pool.unreleased_of(held.shares),
                    principal: held.principal,
                    earned: held.earned(stake),
                })
            })
            .collect();
        positions.sort_by(|a, b| a.hotkey.cmp(&b.hotkey));
        positions
    }

    /// A hotkey's owner, take and pool beside the uids it holds, which the caller knows; none if it is unknown.
    pub fn hotkey_info(hotkey: &T::AccountId, registrations: Vec<(NetUid, Uid)>) -> Option<HotkeyInfo<T::AccountId>> {
        let record = Self::record_at(hotkey, Self::now())?;
        let pool = record.pool;
        Some(HotkeyInfo {
            hotkey: hotkey.clone(),
            coldkey: Self::coldkey_of(record.owner)?,
            take: record.take,
            stake: pool.staked(),
            unreleased: pool.stream().unreleased(),
            released_per_block: pool.stream().rate(),
            stream_ends_at: pool.stream().end(),
            registrations,
        })
    }

    /// What removing `amount`, or all where there is none, of a coldkey's stake on a hotkey does in the next block; none if
    /// it cannot be removed.
    pub fn quote_unstake(
        coldkey: &T::AccountId,
        hotkey: &T::AccountId,
        amount: Option<Balance>,
    ) -> Option<UnstakeQuote> {
        let record = Self::record_at(hotkey, Self::now().saturating_add(1)).filter(|_| amount != Some(0))?;
        let pool = record.pool;
        let removal = Self::plan_removal_from(coldkey, record, amount).ok()?;
        Self::check_payable(coldkey, removal.amount).ok()?;
        let rest = removal.held.shares.saturating_sub(removal.shares);
        let before = pool.unreleased_of(removal.held.shares);
        let forfeited = if removal.record.pool.is_empty() {
            0
        } else {
            before.saturating_sub(removal.record.pool.unreleased_of(rest))
        };
        Some(UnstakeQuote {
            returned: removal.amount,
            remaining: removal.record.pool.value_of(rest),
            forfeited,
        })
    }
}

impl<T: Config> laurel_support::Stake<T::AccountId> for Pallet<T> {
    fn stake(hotkey: &T::AccountId) -> Balance {
        Self::pool(hotkey).staked()
    }

    fn stake_time_on(_netuid: NetUid, hotkey: &T::AccountId) -> u128 {
        Self::pool(hotkey).stake_time()
    }

    fn stake_times_on(_netuid: NetUid, hotkeys: &[T::AccountId]) -> Vec<u128> {
        let now = Self::now();
        hotkeys
            .iter()
            .map(|hotkey| Self::pool_at(hotkey, now).stake_time())
            .collect()
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_stake(hotkey: &T::AccountId, coldkey: &T::AccountId, amount: Balance) {
        use frame_support::traits::fungible::Mutate;
        use laurel_support::Hotkeys as _;
        Self::benchmark_bind(hotkey, coldkey);
        let mut record = Self::record_at(hotkey, Self::now()).expect("it was just bound");
        let shares = record
            .pool
            .deposit(amount)
            .expect("benchmarks stake less than the supply");
        T::Currency::mint_into(&Self::pot(), amount).expect("benchmarks stake at least the existential deposit");
        Self::apply_addition(
            hotkey,
            Self::coldkey_id(coldkey),
            crate::position::Addition {
                record,
                joins: crate::Holding::of(shares, amount),
            },
        );
    }
}
