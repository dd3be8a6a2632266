//! Many requests at a time, and long histories of everything that can happen.
use super::{chain::Fault, *};
use proptest::prelude::*;
use std::{collections::HashMap, thread};

/// Requests of eight threads, each of which asks for one token until it is refused, holding what it got for a while.
fn ask_at_once(world: &World, key: &HeaderMap) -> u64 {
    let asker = |seed: u64| {
        let (accounts, key) = (world.accounts.clone(), key.clone());
        move || {
            let mut got = 0;
            let mut held = Vec::new();
            for turn in 0u64.. {
                match futures::executor::block_on(accounts.admit(&key, amount(2))) {
                    Ok(admission) => held.push(admission),
                    Err(_) => break,
                }
                // Some are given back, some settled for half, some in full.
                if (turn + seed).is_multiple_of(3) {
                    let used = (turn + seed) % 5 % 3;
                    for admission in held.drain(..) {
                        admission.settle(amount(used as u32));
                        got += used;
                    }
                }
                if turn.is_multiple_of(7) {
                    drop(held.pop());
                }
            }
            for admission in held {
                admission.settle(amount(2));
                got += 2;
            }
            got
        }
    };
    let threads: Vec<_> = (0..8).map(|seed| thread::spawn(asker(seed))).collect();
    threads.into_iter().map(|thread| thread.join().unwrap()).sum()
}

#[tokio::test]
async fn however_many_ask_at_once_they_get_no_more_than_there_is() {
    let mut world = World::new(Terms {
        free_per_day: 86_400,
        ..terms()
    });
    world.chain.stake_of(ALICE, 1);
    let (key, record) = world.key(Some(ALICE), "");
    world.block().await;
    world.clock.pass(300_000);
    let got = ask_at_once(&world, &key);
    assert!((1..=300).contains(&got), "{got} of 300");
    assert_eq!(world.records().usage_since(record.id, 0).unwrap().free_tokens, got);

    let mut world = World::new(paid());
    world.chain.deposit_of(ALICE, 300);
    world.block().await;
    let (key, _) = world.key(Some(ALICE), "");
    let got = ask_at_once(&world, &key);
    assert!((1..=300).contains(&got), "{got} of 300");
    assert_eq!(world.owed(ALICE), got);
}

#[derive(Clone, Debug)]
enum Step {
    Admit { who: usize, tokens: u32 },
    Settle { part: u32 },
    Drop,
    Block,
    Wait { seconds: u64 },
    Stake { who: usize, stake: u64 },
    Deposit { who: usize, leaves: u64 },
    Announce { who: usize },
    GoWrong(Fault),
    LosePool,
    Die,
}

fn step() -> impl Strategy<Value = Step> {
    let who = || 0..3usize;
    prop_oneof![
        6 => (who(), 0..400u32).prop_map(|(who, tokens)| Step::Admit { who, tokens }),
        5 => (0..=120u32).prop_map(|part| Step::Settle { part }),
        1 => Just(Step::Drop),
        6 => Just(Step::Block),
        1 => (0..90_000u64).prop_map(|seconds| Step::Wait { seconds }),
        1 => (who(), 0..5u64).prop_map(|(who, stake)| Step::Stake { who, stake }),
        2 => (who(), 0..900u64).prop_map(|(who, leaves)| Step::Deposit { who, leaves }),
        1 => who().prop_map(|who| Step::Announce { who }),
        2 => prop_oneof![
            Just(Fault::SendIsLost),
            Just(Fault::SendIsUnheard),
            Just(Fault::NoDeposit),
            Just(Fault::NoFind),
            Just(Fault::NoSign),
            Just(Fault::DrawFails)
        ]
        .prop_map(Step::GoWrong),
        1 => Just(Step::LosePool),
        1 => Just(Step::Die),
    ]
}

const PEOPLE: [AccountId; 3] = [ALICE, BOB, AccountId([3; 32])];
const FREE_PER_DAY: u64 = 10_000;

/// What is true whatever happened.
struct Truth {
    deposited: HashMap<AccountId, u64>,
    settled: HashMap<AccountId, u64>,
    free: u64,
    began: u64,
}

impl Truth {
    fn check(&self, world: &World) {
        for coldkey in PEOPLE {
            let (settled, deposited) = (self.settled[&coldkey], self.deposited[&coldkey]);
            let drawn = world.chain.drawn_from(coldkey);
            assert!(settled <= deposited, "{settled} were spent of {deposited}");
            // What was drawn and is not yet known to be is owed still, until the finalized block is looked at.
            let owed = world.owed(coldkey);
            assert!(
                owed + drawn >= settled && owed <= settled,
                "{owed} owed, {drawn} drawn, {settled} used"
            );
        }
        let passed = world.clock.now().0 - self.began;
        let flowed = u128::from(FREE_PER_DAY) * u128::from(passed) / u128::from(DAY);
        assert!(u128::from(self.free) <= flowed, "{} free of {flowed}", self.free);
    }
}

async fn live(steps: Vec<Step>) {
    let mut world = World::new(Terms {
        free_per_day: FREE_PER_DAY,
        ..paid()
    });
    let mut truth = Truth {
        deposited: PEOPLE.iter().map(|coldkey| (*coldkey, 0)).collect(),
        settled: PEOPLE.iter().map(|coldkey| (*coldkey, 0)).collect(),
        free: 0,
        began: world.clock.now().0,
    };
    let keys = PEOPLE.map(|coldkey| world.key(Some(coldkey), "").0);
    let mut under_way: Vec<(AccountId, u32, Admission)> = Vec::new();
    for step in steps {
        match step {
            Step::Admit { who, tokens } => {
                if let Ok(admission) = world.admit(&keys[who], tokens).await {
                    under_way.push((PEOPLE[who], tokens, admission));
                }
            }
            Step::Settle { part } => {
                if let Some((coldkey, tokens, admission)) = under_way.pop() {
                    let claimed = u64::from(tokens) * u64::from(part) / 100;
                    let used = amount(claimed as u32).at_most(amount(tokens)).tokens();
                    match admission.payment() {
                        Some(Payment::Paid(_)) => *truth.settled.get_mut(&coldkey).unwrap() += used,
                        _ => truth.free += used,
                    }
                    admission.settle(amount(claimed as u32));
                }
            }
            Step::Drop => drop(under_way.pop()),
            Step::Block => world.block().await,
            Step::Wait { seconds } => world.clock.pass(seconds * 1_000),
            Step::Stake { who, stake } => world.chain.stake_of(PEOPLE[who], stake),
            Step::Deposit { who, leaves } => {
                world.chain.deposit_of(PEOPLE[who], leaves);
                *truth.deposited.get_mut(&PEOPLE[who]).unwrap() += leaves;
            }
            Step::Announce { who } => world.chain.announce(PEOPLE[who]),
            Step::GoWrong(fault) => world.chain.go_wrong(fault),
            Step::LosePool => world.chain.lose_the_pool(),
            Step::Die => {
                // What was under way died too: nobody settles it.
                under_way.clear();
                world.die();
            }
        }
        truth.check(&world);
    }
    // In the end everything that was used is paid, once.
    drop(under_way);
    world.chain.all_goes_well();
    world.blocks(60).await;
    for coldkey in PEOPLE {
        let used = truth.settled[&coldkey];
        assert_eq!((world.chain.drawn_from(coldkey), world.owed(coldkey)), (used, 0));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nothing_is_spent_twice_or_lost_in_any_history(steps in prop::collection::vec(step(), 1..120)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(live(steps));
    }
}
