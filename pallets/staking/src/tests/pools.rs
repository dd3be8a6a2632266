//! The arithmetic of a pool alone.
use crate::{Pool, PoolError, Withdrawal};
use laurel_types::{Balance, LRL, MAX_SUPPLY};
use proptest::prelude::*;
use sp_core::U256;

fn pool_of(amount: Balance) -> (Pool, u128) {
    let mut pool = Pool::default();
    let shares = pool.deposit(amount).unwrap();
    (pool, shares)
}

#[test]
fn the_first_deposit_mints_the_scale_for_each_leaf() {
    let (pool, shares) = pool_of(5);
    assert_eq!(shares, 5 * Pool::SHARES_PER_LEAF);
    assert_eq!((pool.total(), pool.shares()), (5, shares));
    assert_eq!(pool.value_of(shares), 5);
}

#[test]
fn a_reward_raises_every_position_in_proportion() {
    let (mut pool, first) = pool_of(300);
    let second = pool.deposit(100).unwrap();
    pool.reward(40, 0).unwrap();
    assert_eq!(pool.value_of(first), 330);
    assert_eq!(pool.value_of(second), 110);
}

#[test]
fn a_reward_to_nobody_is_refused() {
    assert_eq!(Pool::default().reward(1, 0), Err(PoolError::Empty));
}

#[test]
fn a_deposit_after_a_reward_earns_nothing_of_it() {
    let (mut pool, _) = pool_of(100);
    pool.reward(900, 0).unwrap();
    let late = pool.deposit(500).unwrap();
    assert_eq!(pool.value_of(late), 500);
}

#[test]
fn a_withdrawal_burns_shares_rounded_up() {
    let (mut pool, held) = pool_of(3);
    pool.deposit(4).unwrap();
    pool.reward(4, 0).unwrap();
    // 7 × 10¹² shares for 11 leaves.
    assert_eq!(pool.value_of(held), 4);
    let taken = pool.withdraw(held, 2, 1).unwrap();
    assert_eq!(
        taken,
        Withdrawal {
            amount: 2,
            shares: 1_272_727_272_728
        }
    );
    assert_eq!(pool.total(), 9);
}

#[test]
fn more_than_a_position_is_worth_is_refused_and_changes_nothing() {
    let (mut pool, held) = pool_of(10);
    pool.deposit(10).unwrap();
    let before = pool;
    assert_eq!(pool.withdraw(held, 11, 0), Err(PoolError::NotEnough));
    assert_eq!(pool.withdraw(0, 1, 0), Err(PoolError::NotEnough));
    assert_eq!(pool.withdraw_all(before.shares() + 1), Err(PoolError::NotEnough));
    assert_eq!(pool, before);
}

#[test]
fn the_last_to_leave_takes_what_rounding_left() {
    let (mut pool, first) = pool_of(1);
    let second = pool.deposit(2).unwrap();
    pool.reward(2, 0).unwrap();
    assert_eq!(pool.withdraw_all(first).unwrap().amount, 1);
    assert_eq!(pool.withdraw_all(second).unwrap().amount, 4);
    assert_eq!(pool, Pool::default());
}

#[test]
fn a_rest_under_the_minimum_leaves_with_the_withdrawal() {
    let (mut pool, held) = pool_of(100);
    let other = pool.deposit(50).unwrap();
    assert_eq!(
        pool.withdraw(held, 91, 10).unwrap(),
        Withdrawal {
            amount: 100,
            shares: held
        }
    );
    assert_eq!((pool.total(), pool.shares()), (50, other));
}

#[test]
fn weakness_25_the_whole_supply_fits_and_what_does_not_is_refused() {
    let (mut pool, held) = pool_of(MAX_SUPPLY);
    assert_eq!(pool.value_of(held), MAX_SUPPLY);
    assert_eq!(
        pool.withdraw(held, MAX_SUPPLY - LRL, LRL).unwrap().amount,
        MAX_SUPPLY - LRL
    );
    assert_eq!(pool.deposit(u64::MAX), Err(PoolError::Overflow));
}

/// Two accounts of one person take almost everything out and let pay raise the price of a share, again and again.
#[test]
fn a_victim_of_an_inflated_share_price_is_refused_rather_than_robbed() {
    const MIN: Balance = 1_000_000;
    let mut pool = Pool::default();
    let mut held = [pool.deposit(MIN).unwrap(), pool.deposit(MIN).unwrap()];
    for _ in 0..3 {
        pool.reward(100 * LRL, 0).unwrap();
        for shares in &mut held {
            let surplus = pool.value_of(*shares) - MIN;
            *shares -= pool.withdraw(*shares, surplus, 1).unwrap().shares;
        }
    }
    pool.reward(100 * LRL, 0).unwrap();
    let before = pool;
    assert_eq!(pool.stake(150 * LRL), Err(PoolError::TooCoarse));
    assert_eq!(pool, before);
}

proptest! {
    /// What a staker who is not refused gets at once is worth what was paid, less a millionth and a leaf.
    #[test]
    fn a_stake_is_worth_what_was_paid_for_it(
        begun in 1..=MAX_SUPPLY / 4,
        reward in 0..=MAX_SUPPLY / 4,
        amount in 1..=MAX_SUPPLY / 4,
    ) {
        let (mut pool, _) = pool_of(begun);
        pool.reward(reward, 0).unwrap();
        if let Ok(shares) = pool.stake(amount) {
            let value = pool.value_of(shares);
            prop_assert!(value <= amount);
            prop_assert!(amount - value <= amount / 1_000_000 + 1);
        }
    }

    /// Nobody gains by going in and out, in one step or two.
    #[test]
    fn a_round_trip_never_gains(
        begun in 1..=LRL,
        reward in 0..=1_000 * LRL,
        amount in 1..=1_000 * LRL,
        part in 0.0..1.0f64,
    ) {
        let (mut pool, _) = pool_of(begun);
        pool.reward(reward, 0).unwrap();
        let held = pool.deposit(amount).unwrap();
        prop_assume!(held > 0);
        let first = (pool.value_of(held) as f64 * part) as Balance;
        let Withdrawal { amount: out, shares } = pool.withdraw(held, first, 0).unwrap();
        let rest = if held > shares { pool.withdraw_all(held - shares).unwrap().amount } else { 0 };
        prop_assert!(out + rest <= amount);
        prop_assert!(pool.total() >= begun + reward);
    }

    /// The price of a share, total over shares, never falls; and leaves and shares vanish together.
    #[test]
    fn no_operation_lowers_the_worth_of_a_share(
        operations in prop::collection::vec((0..4u8, 1..=LRL, any::<u16>()), 1..60),
    ) {
        let mut pool = Pool::default();
        let mut positions: Vec<u128> = Vec::new();
        for (kind, amount, pick) in operations {
            let before = pool;
            let at = usize::from(pick) % positions.len().max(1);
            match kind {
                0 => positions.push(pool.deposit(amount).unwrap()),
                1 => { let _ = pool.reward(amount, 0); }
                2 if !positions.is_empty() => {
                    if let Ok(out) = pool.withdraw(positions[at], amount, 1 + amount / 7) {
                        positions[at] -= out.shares;
                        prop_assert!(out.amount >= amount);
                    }
                }
                3 if !positions.is_empty() && pool.withdraw_all(positions[at]).is_ok() => positions[at] = 0,
                _ => {}
            }
            prop_assert_eq!(pool.total() == 0, pool.shares() == 0);
            prop_assert_eq!(positions.iter().sum::<u128>(), pool.shares());
            prop_assert!(pool.shares() <= u128::from(pool.total()) * Pool::SHARES_PER_LEAF);
            if !before.is_empty() && !pool.is_empty() {
                let product = |total: Balance, shares: u128| U256::from(total) * U256::from(shares);
                prop_assert!(product(pool.total(), before.shares()) >= product(before.total(), pool.shares()));
            }
        }
    }
}
