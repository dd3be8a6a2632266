//! Random sequences of calls keep every equation.
use crate::mock::*;
use laurel_types::Proportion;
use proptest::prelude::*;

const HOTKEYS: u64 = 8;

#[derive(Clone, Debug)]
enum Step {
    Propose(u64, Vec<(u64, u64)>),
    Accept(u64, u64),
    Revoke(bool, u64, u64),
    Take(u64, u16),
    Stake(u64, u64),
    Evict(u64),
    Epoch(u64, u64),
    Wait(u32),
}

fn hotkey() -> impl Strategy<Value = u64> {
    // Two hotkeys for each of four owners.
    (1..=HOTKEYS).prop_map(|n| 1_000 * (1 + n % 2) + n / 2)
}

fn step() -> impl Strategy<Value = Step> {
    let proportion = prop_oneof![Just(0), Just(u64::MAX), any::<u64>(), 0..u64::MAX / 4];
    prop_oneof![
        4 => (hotkey(), proptest::collection::vec((proportion, hotkey()), 0..4)).prop_map(|(p, of)| Step::Propose(p, of)),
        4 => (hotkey(), hotkey()).prop_map(|(child, parent)| Step::Accept(child, parent)),
        1 => (any::<bool>(), hotkey(), hotkey()).prop_map(|(by, p, c)| Step::Revoke(by, p, c)),
        1 => (hotkey(), 0..12_000u16).prop_map(|(c, take)| Step::Take(c, take)),
        2 => (hotkey(), 0..1_000_000u64).prop_map(|(h, stake)| Step::Stake(h, stake)),
        1 => hotkey().prop_map(Step::Evict),
        3 => (hotkey(), 0..1_000_000u64).prop_map(|(h, amount)| Step::Epoch(h, amount)),
        3 => (0..COOLDOWN).prop_map(Step::Wait),
    ]
}

fn all() -> Vec<u64> {
    let mut all: Vec<u64> = (1..=HOTKEYS).map(|n| 1_000 * (1 + n % 2) + n / 2).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn run(step: Step) {
    match step {
        Step::Propose(parent, of) => {
            let of: Vec<_> = of.into_iter().map(|(p, child)| (Proportion(p), child)).collect();
            let _ = propose(parent, &of);
        }
        Step::Accept(child, parent) => drop(accept(child, parent)),
        Step::Revoke(by_parent, parent, child) => {
            let who = if by_parent { owner_of(parent) } else { owner_of(child) };
            let _ = revoke(who, parent, child);
        }
        Step::Take(child, take) => drop(set_take(child, take)),
        Step::Stake(hotkey, stake) => set_stake(hotkey, stake),
        Step::Evict(hotkey) => {
            // The same hotkey registers again.
            evict(NETUID, hotkey, 9_999);
            evict(NETUID, 9_999, hotkey);
        }
        Step::Epoch(hotkey, amount) => end_epoch_paying(NETUID, &[(hotkey, amount)]),
        Step::Wait(blocks) => skip_blocks(blocks),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_made_or_lost_and_time_never_falls(steps in proptest::collection::vec(step(), 1..120)) {
        execute(|| {
            for hotkey in all() {
                register(NETUID, hotkey);
                set_stake(hotkey, 10 * MIN_STAKE);
            }
            let mut times: Vec<u128> = vec![0; all().len()];
            for step in steps {
                let paid_before: u64 = all().iter().map(|h| dividends(*h) + Takes::get(h)).sum();
                let pays = match step { Step::Epoch(_, amount) => amount, _ => 0 };
                let waits = match step { Step::Wait(blocks) => u128::from(blocks), _ => 0 };
                let evicted = match step { Step::Evict(hotkey) => Some(hotkey), _ => None };
                let stakes_before: u128 = all().iter().map(|h| u128::from(stake_on(*h))).sum();
                run(step);
                let paid: u64 = all().iter().map(|h| dividends(*h) + Takes::get(h)).sum();
                assert_eq!(paid - paid_before, pays, "every unit is placed");
                let stakes: u64 = all().iter().map(|h| Stakes::get(h).0).sum();
                assert_eq!(all().iter().map(|h| stake_on(*h)).sum::<u64>(), stakes, "lending neither makes nor loses");

                let now: Vec<u128> = all().iter().map(|h| stake_time(*h)).collect();
                if evicted.is_none() {
                    // Each of at most five children and eight parents rounds by less than one leaf-block a settlement.
                    assert!(now.iter().zip(&times).all(|(now, before)| now + 13 >= *before), "stake-time fell");
                    if waits > 0 {
                        let (sum, before): (u128, u128) = (now.iter().sum(), times.iter().sum());
                        let expected = stakes_before * waits;
                        assert!((sum - before).abs_diff(expected) <= 13 * all().len() as u128, "time is made of stake");
                    }
                }
                times = now;
                Kindred::do_try_state().unwrap();
            }
        });
    }
}
