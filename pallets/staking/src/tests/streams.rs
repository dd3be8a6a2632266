//! Pay on its way, against a reference that goes block by block.
use crate::{Pool, Stream};
use laurel_types::{Balance, BlockNumber, LRL};
use proptest::prelude::*;

#[test]
fn a_stream_releases_evenly_and_what_division_leaves_with_the_last_block() {
    let mut stream = Stream::default().join(103, 10, 50).unwrap();
    assert_eq!((stream.rate(), stream.end()), (10, 60));
    let first = stream.advance(50, 53);
    assert_eq!((first.released, first.time), (30, 10 + 20));
    assert_eq!(stream.advance(53, 59).released, 60);
    assert_eq!(stream.unreleased(), 13);
    let last = stream.advance(59, 70);
    // Thirteen leaves from block 60 on, which ten of the eleven blocks ended with: those before block 70.
    assert_eq!((last.released, last.time), (13, 13 * 10));
    assert_eq!(stream, Stream::default());
}

#[test]
fn less_than_a_leaf_a_block_arrives_with_the_last_block() {
    let mut stream = Stream::default().join(3, 10, 0).unwrap();
    assert_eq!(stream.advance(0, 9).released, 0);
    assert_eq!(stream.advance(9, 10).released, 3);
}

#[test]
fn what_joins_flows_with_what_is_there_over_the_mean_of_both_durations() {
    let stream = Stream::default().join(300, 30, 0).unwrap();
    // 300 leaves over 30 blocks and 100 over 10: 25 blocks.
    let joined = stream.join(100, 10, 0).unwrap();
    assert_eq!((joined.unreleased(), joined.end(), joined.rate()), (400, 25, 16));
    // A speck changes nothing of weight, whatever duration it brings.
    let speck = Stream::default()
        .join(1_000_000, 360, 0)
        .unwrap()
        .join(1, 7_200, 0)
        .unwrap();
    assert_eq!(speck.end(), 361);
    assert_eq!(Stream::default().join(100, 0, 5), None);
    assert_eq!(Stream::default().join(1, 1, BlockNumber::MAX), None);
}

#[test]
fn pay_over_no_block_is_released_at_once() {
    let mut pool = Pool::default();
    pool.deposit(1_000).unwrap();
    pool.reward(500, 0).unwrap();
    assert_eq!((pool.staked(), pool.total()), (1_500, 1_500));
}

/// Leaves of a pool as a list of what comes with which block.
#[derive(Default)]
struct Naive {
    stake: Balance,
    to_come: Vec<Balance>,
    time: u128,
}

impl Naive {
    fn end_block(&mut self) {
        self.time += u128::from(self.stake);
        if !self.to_come.is_empty() {
            self.stake += self.to_come.remove(0);
        }
    }

    fn reward(&mut self, amount: Balance, blocks: BlockNumber) {
        let before: Balance = self.to_come.iter().sum();
        let all = before + amount;
        let weighted = u128::from(before) * self.to_come.len() as u128 + u128::from(amount) * u128::from(blocks);
        let blocks = weighted.div_ceil(u128::from(all)) as usize;
        let Some(last) = blocks.checked_sub(1) else {
            self.stake += all;
            return;
        };
        self.to_come = vec![all / blocks as Balance; blocks];
        self.to_come[last] += all % blocks as Balance;
    }
}

#[derive(Clone, Debug)]
enum Step {
    Wait(BlockNumber),
    Deposit(Balance),
    Withdraw(Balance),
    Reward(Balance, BlockNumber),
    Look,
}

fn step() -> impl Strategy<Value = Step> {
    let amount = prop_oneof![1..50u64, 1..LRL];
    prop_oneof![
        4 => prop_oneof![1..20u32, 100..1_000u32].prop_map(Step::Wait),
        1 => amount.clone().prop_map(Step::Deposit),
        1 => amount.clone().prop_map(Step::Withdraw),
        2 => (amount, 0..500u32).prop_map(|(amount, blocks)| Step::Reward(amount, blocks)),
        1 => Just(Step::Look),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Stake, stake time and total are those of the reference in every block, to the unit, whenever the pool is looked at.
    #[test]
    fn a_pool_equals_a_reference_that_goes_block_by_block(steps in prop::collection::vec(step(), 1..40)) {
        const START: Balance = 1_000;
        let mut now: BlockNumber = 7;
        let mut pool = Pool::default().at(now);
        let mut held = pool.deposit(START).unwrap();
        let mut naive = Naive { stake: START, ..Naive::default() };
        for step in steps {
            match step {
                Step::Wait(blocks) => {
                    for _ in 0..blocks {
                        now += 1;
                        naive.end_block();
                        let seen = pool.at(now);
                        prop_assert_eq!(seen.staked(), naive.stake);
                        prop_assert_eq!(seen.stake_time(), naive.time);
                        prop_assert_eq!(seen.stream().unreleased(), naive.to_come.iter().sum::<Balance>());
                        prop_assert!(seen.is_sound());
                    }
                }
                Step::Deposit(amount) => {
                    pool = pool.at(now);
                    held += pool.deposit(amount).unwrap();
                    naive.stake += amount;
                }
                Step::Withdraw(amount) => {
                    pool = pool.at(now);
                    // Never all: who leaves last takes what is to come, which another test shows.
                    if amount < pool.value_of(held) / 2 {
                        held -= pool.withdraw(held, amount, 1).unwrap().shares;
                        naive.stake -= amount;
                    }
                }
                Step::Reward(amount, blocks) => {
                    pool = pool.at(now);
                    pool.reward(amount, blocks).unwrap();
                    naive.reward(amount, blocks);
                }
                Step::Look => pool = pool.at(now),
            }
        }
        prop_assert_eq!(pool.at(now).total(), naive.stake + naive.to_come.iter().sum::<Balance>());
    }

    /// Nothing ever overflows or is lost at the limits of supply and height.
    #[test]
    fn the_whole_supply_over_all_of_time_fits(amount in 1..=laurel_types::MAX_SUPPLY, blocks in any::<u32>(), at in any::<u32>()) {
        let mut pool = Pool::default();
        pool.deposit(1).unwrap();
        pool = pool.at(at);
        pool.reward(amount, blocks).unwrap();
        let end = pool.at(BlockNumber::MAX);
        prop_assert_eq!(end.total(), amount + 1);
        prop_assert!(end.is_sound() || at == BlockNumber::MAX);
    }
}
