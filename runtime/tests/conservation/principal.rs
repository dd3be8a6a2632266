//! What each position cost, written down plainly: what was put in less what was taken out. What it earned is what it is worth besides, and
//! nobody has to write that down.
use crate::{cast::name, ledger::Ledger};
use laurel_runtime::{AccountId, Runtime};
use laurel_types::Balance;
use pallet_laurel_staking::{ColdkeyRecords, Holding, Hotkeys, PoolHotkeys, Positions};
use std::collections::BTreeMap;

/// By coldkey and hotkey; positions that cost nothing may be left out.
pub type Principals = BTreeMap<(AccountId, AccountId), i128>;

impl Ledger {
    /// Leaves are put into a position.
    pub fn put_in(&mut self, coldkey: &AccountId, hotkey: &AccountId, amount: i128) {
        *self.principals.entry((coldkey.clone(), hotkey.clone())).or_default() += amount;
    }

    /// Leaves are taken out of a position; `all` where nothing of it stays. Says what it had cost in whole then.
    pub fn take_out(&mut self, coldkey: &AccountId, hotkey: &AccountId, amount: Balance, all: bool) -> Option<i128> {
        let key = (coldkey.clone(), hotkey.clone());
        if all {
            return Some(self.principals.remove(&key).unwrap_or(0));
        }
        *self.principals.entry(key).or_default() -= i128::from(amount);
        None
    }

    /// Demands that the chain agrees.
    pub fn compare_principals(&self) {
        let mut left = self.principals.clone();
        for (coldkey, hotkey, held) in positions() {
            let should = left.remove(&(coldkey.clone(), hotkey.clone())).unwrap_or(0);
            let on = || format!("{} on {}", name(&coldkey), name(&hotkey));
            assert_eq!(
                i128::from(held.principal),
                should,
                "the position of {} cost something else",
                on()
            );
        }
        // An owner that put in and took out the same has no position, and cost nothing.
        assert!(
            left.values().all(|principal| *principal == 0),
            "{left:?} are no positions"
        );
    }
}

/// What is kept under one key is kept under another from now on; `part` is the half of the key that is meant.
pub fn rename<V>(
    kept: &mut BTreeMap<(AccountId, AccountId), V>,
    (old, new): (&AccountId, &AccountId),
    part: impl Fn(&mut (AccountId, AccountId)) -> &mut AccountId,
) {
    let renamed = std::mem::take(kept).into_iter().map(|(mut key, value)| {
        let name = part(&mut key);
        if name == old {
            *name = new.clone();
        }
        (key, value)
    });
    *kept = renamed.collect();
}

/// Every position: whose, where, what.
pub fn positions() -> impl Iterator<Item = (AccountId, AccountId, Holding)> {
    let owned = Hotkeys::<Runtime>::iter_values().filter(|known| known.owned.shares > 0);
    let owned = owned.map(|known| (known.owner, known.pool_id, known.owned));
    owned.chain(Positions::<Runtime>::iter()).map(|(coldkey, pool, held)| {
        let coldkey = ColdkeyRecords::<Runtime>::get(coldkey)
            .expect("a position's coldkey is known")
            .account;
        let hotkey = PoolHotkeys::<Runtime>::get(pool).expect("a position's pool is a hotkey's");
        (coldkey, hotkey, held)
    })
}
