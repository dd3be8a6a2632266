//! What runtime APIs and other pallets read.
use crate::{Config, Hotkeys, Pallet, Pools, Positions};
use alloc::vec::Vec;
use frame_support::traits::fungible::Inspect;
use laurel_types::{Balance, HotkeyInfo, NetUid, StakeInfo, Uid};

impl<T: Config> Pallet<T> {
    /// Leaves in the staking pot.
    pub fn total_staked() -> Balance {
        T::Currency::balance(&Self::pot())
    }

    /// What removing all of a coldkey's stake on a hotkey would return, in leaves.
    pub fn position_value(coldkey: &T::AccountId, hotkey: &T::AccountId) -> Balance {
        Pools::<T>::get(hotkey).value_of(Positions::<T>::get(coldkey, hotkey))
    }

    /// Every position of a coldkey, ascending by hotkey. For reading off chain: the cost grows with the positions.
    pub fn stake_of(coldkey: &T::AccountId) -> Vec<StakeInfo<T::AccountId>> {
        let mut positions: Vec<_> = Positions::<T>::iter_prefix(coldkey)
            .map(|(hotkey, shares)| StakeInfo {
                stake: Pools::<T>::get(&hotkey).value_of(shares),
                coldkey: coldkey.clone(),
                hotkey,
            })
            .collect();
        positions.sort_by(|a, b| a.hotkey.cmp(&b.hotkey));
        positions
    }

    /// A hotkey's owner, take and pool beside the uids it holds, which the caller knows; none if it is unknown.
    pub fn hotkey_info(hotkey: &T::AccountId, registrations: Vec<(NetUid, Uid)>) -> Option<HotkeyInfo<T::AccountId>> {
        let record = Hotkeys::<T>::get(hotkey)?;
        Some(HotkeyInfo {
            hotkey: hotkey.clone(),
            coldkey: record.owner,
            take: record.take,
            stake: Pools::<T>::get(hotkey).total(),
            registrations,
        })
    }
}

impl<T: Config> laurel_support::Stake<T::AccountId> for Pallet<T> {
    fn stake(hotkey: &T::AccountId) -> Balance {
        Pools::<T>::get(hotkey).total()
    }

    fn stake_time_on(_netuid: NetUid, hotkey: &T::AccountId) -> u128 {
        u128::from(Self::stake(hotkey)) * u128::from(Self::now())
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_stake(hotkey: &T::AccountId, coldkey: &T::AccountId, amount: Balance) {
        use frame_support::traits::fungible::Mutate;
        use laurel_support::Hotkeys as _;
        if !Hotkeys::<T>::contains_key(hotkey) {
            Self::benchmark_bind(hotkey, coldkey);
        }
        let mut pool = Pools::<T>::get(hotkey);
        let shares = pool.deposit(amount).expect("benchmarks stake less than the supply");
        T::Currency::mint_into(&Self::pot(), amount).expect("benchmarks stake at least the existential deposit");
        Self::store_pool(hotkey, pool);
        Self::mint_shares(coldkey, hotkey, shares);
    }
}
