//! Any sequence of calls, payouts and swaps keeps every leaf.
use crate::{
    mock::*, ColdkeyId, ColdkeyIds, Event, Holding, HotkeyRecord, Hotkeys, PoolId, Positions, Settings, StakingSettings,
};
use frame_support::traits::{fungible::Mutate, Imbalance};
use laurel_support::{Due, OnColdkeySwapped, OnHotkeySwapped, Payout};
use laurel_types::{Balance, BlockNumber, SignedBalance, Take};
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
enum Step {
    Wait(BlockNumber),
    Add(AccountId, AccountId, Balance),
    Remove(AccountId, AccountId, Balance),
    RemoveAll(AccountId, AccountId),
    Move(AccountId, AccountId, Option<Balance>),
    Transfer(AccountId, AccountId, AccountId, Option<Balance>),
    Pay(Vec<Due<AccountId>>, BlockNumber),
    Take(AccountId, u16),
    Minimum(Balance),
    Clear(AccountId, AccountId),
    SwapHotkey(AccountId, AccountId),
    SwapColdkey(AccountId, AccountId),
}

fn step() -> impl Strategy<Value = Step> {
    // The last one of each is not there at first.
    let coldkey = OWNER..=BOB + 1;
    let hotkey = HOTKEY..=OTHER_HOTKEY + 1;
    // Small amounts, where rounding matters most, beside large ones.
    let amount = prop_oneof![1..50u64, 900..2_000u64, 1..ENDOWMENT / 2];
    let part = prop::option::of(amount.clone());
    let pay = || prop_oneof![Just(0), amount.clone()];
    let dues = (hotkey.clone(), pay(), pay()).prop_map(|(h, owner, dividends)| due(h, owner, dividends));
    let (c, h, a) = (|| coldkey.clone(), || hotkey.clone(), || amount.clone());
    prop_oneof![
        4 => (1..2 * STREAM).prop_map(Step::Wait),
        4 => (c(), h(), a()).prop_map(|(c, h, a)| Step::Add(c, h, a)),
        4 => (c(), h(), a()).prop_map(|(c, h, a)| Step::Remove(c, h, a)),
        1 => (c(), h()).prop_map(|(c, h)| Step::RemoveAll(c, h)),
        2 => (c(), h(), part.clone()).prop_map(|(c, h, a)| Step::Move(c, h, a)),
        2 => (c(), h(), c(), part).prop_map(|(c, h, to, a)| Step::Transfer(c, h, to, a)),
        5 => (prop::collection::vec(dues, 1..4), 0..3 * STREAM).prop_map(|(dues, blocks)| Step::Pay(dues, blocks)),
        1 => (h(), 0..=Take::MAX.0).prop_map(|(h, t)| Step::Take(h, t)),
        1 => (MIN_STAKE..10 * MIN_STAKE).prop_map(Step::Minimum),
        1 => (c(), h()).prop_map(|(c, h)| Step::Clear(c, h)),
        1 => (h(), h()).prop_map(|(old, new)| Step::SwapHotkey(old, new)),
        1 => (c(), c()).prop_map(|(old, new)| Step::SwapColdkey(old, new)),
    ]
}

/// A ledger that knows coldkeys' balances and what was paid, and nothing of shares, streams or numbers.
#[derive(Default)]
struct Ledger {
    staked: BTreeMap<AccountId, Balance>,
    returned: BTreeMap<AccountId, Balance>,
    paid: Balance,
    /// What positions that ended had earned.
    settled: SignedBalance,
}

/// Every position, by numbers that no swap changes.
fn holdings() -> BTreeMap<(ColdkeyId, PoolId), Holding> {
    let owned = Hotkeys::<Test>::iter_values().map(|record| ((record.owner, record.pool_id), record.owned));
    let others = Positions::<Test>::iter().map(|(coldkey, pool, held)| ((coldkey, pool), held));
    owned.chain(others).filter(|(_, held)| held.shares > 0).collect()
}

impl Ledger {
    /// Applies a step, and settles what the position had earned that ended with it.
    fn take(&mut self, step: Step) {
        System::reset_events();
        let before = holdings();
        self.apply(step);
        let after = holdings();
        let ended: Vec<_> = before.iter().filter(|(key, _)| !after.contains_key(key)).collect();
        assert!(ended.len() <= 1, "a step ends one position at most");
        for (_, held) in ended {
            self.settled += match last_event() {
                RuntimeEvent::Staking(
                    Event::StakeRemoved { amount, .. }
                    | Event::NominationCleared { amount, .. }
                    | Event::StakeTransferred { amount, .. },
                ) => held.earned(amount),
                RuntimeEvent::Staking(Event::StakeMoved { .. }) => 0, // went along
                other => panic!("{other:?} ends no position"),
            };
        }
    }

    /// All that was paid is earned by somebody, but for what is not released yet, and less than a leaf a position that rounding down keeps.
    fn check_earnings(&self) {
        let held = holdings();
        let (mut earned, mut rounded, mut unreleased) = (self.settled, 0, 0);
        for HotkeyRecord { pool, pool_id, .. } in Hotkeys::<Test>::iter_values() {
            let pool = pool.at(System::block_number());
            let positions = held.iter().filter(|((_, of), _)| *of == pool_id).map(|(_, held)| held);
            let values = positions.map(|held| (pool.value_of(held.shares), held));
            rounded += pool.staked();
            for (value, held) in values {
                rounded -= value;
                earned += held.earned(value);
            }
            unreleased += pool.stream().unreleased();
        }
        assert_eq!(earned, (self.paid - unreleased - rounded) as SignedBalance);
        assert!(
            rounded <= held.len() as Balance,
            "{rounded} leaves are rounded off {} positions",
            held.len()
        );
    }

    fn apply(&mut self, step: Step) {
        let signed = RuntimeOrigin::signed;
        match step {
            Step::Wait(blocks) => run_to(System::block_number() + blocks),
            Step::Add(coldkey, hotkey, amount) => {
                if Staking::add_stake(signed(coldkey), hotkey, amount).is_ok() {
                    *self.staked.entry(coldkey).or_default() += amount;
                }
            }
            Step::Remove(coldkey, hotkey, amount) => self.removing(coldkey, hotkey, || {
                let _ = Staking::remove_stake(signed(coldkey), hotkey, amount);
            }),
            Step::RemoveAll(coldkey, hotkey) => self.removing(coldkey, hotkey, || {
                let _ = Staking::remove_all_stake(signed(coldkey), hotkey);
            }),
            Step::Clear(coldkey, hotkey) => self.removing(coldkey, hotkey, || {
                let _ = Staking::clear_nomination(signed(BOB), coldkey, hotkey);
            }),
            Step::Move(coldkey, from, amount) => {
                let to = if from == HOTKEY { OTHER_HOTKEY } else { HOTKEY };
                let _ = Staking::move_stake(signed(coldkey), from, to, amount);
            }
            Step::Transfer(coldkey, hotkey, to, amount) => {
                let _ = Staking::transfer_stake(signed(coldkey), hotkey, to, amount);
            }
            Step::Pay(dues, blocks) => self.paying(&dues, blocks),
            Step::Take(hotkey, take) => {
                let _ = Staking::set_take(signed(OWNER), hotkey, Take(take));
            }
            Step::Minimum(min_nomination) => {
                let settings = Settings {
                    min_nomination,
                    ..StakingSettings::<Test>::get()
                };
                Staking::set_settings(RuntimeOrigin::root(), settings).expect("the settings are sound");
            }
            Step::SwapHotkey(old, new) => {
                let _ = <Staking as OnHotkeySwapped<_>>::on_hotkey_swapped(&old, &new);
            }
            Step::SwapColdkey(old, new) => {
                let _ = <Staking as OnColdkeySwapped<_>>::on_coldkey_swapped(&old, &new);
            }
        }
    }

    /// Nobody takes out more than the position was worth just before, unless it is the last in its pool.
    fn removing(&mut self, coldkey: AccountId, hotkey: AccountId, remove: impl FnOnce()) {
        let pool = Staking::pool(&hotkey);
        let held = Staking::position(&coldkey, &hotkey);
        let worth = if held == pool.shares() {
            pool.total()
        } else {
            pool.value_of(held)
        };
        let before = Balances::free_balance(coldkey);
        remove();
        let got = Balances::free_balance(coldkey) - before;
        assert!(got <= worth);
        *self.returned.entry(coldkey).or_default() += got;
    }

    /// What is placed is said to be, and the rest comes back.
    fn paying(&mut self, dues: &[Due<AccountId>], blocks: BlockNumber) {
        let sum = dues.iter().map(|due| due.owner + due.dividends).sum();
        let (placed, rest) = Staking::pay(dues, blocks, credit(sum));
        let said = dues.iter().zip(placed).filter(|(_, placed)| placed.is_some());
        let said: Balance = said.map(|(due, _)| due.owner + due.dividends).sum();
        assert_eq!(said + rest.peek(), sum);
        self.paid += said;
    }

    fn check(&self) {
        Staking::do_try_state().expect("the state is sound after every step");
        for coldkey in OWNER..=BOB {
            let of = |flow: &BTreeMap<_, Balance>| flow.get(&coldkey).copied().unwrap_or(0);
            assert_eq!(
                Balances::free_balance(coldkey),
                ENDOWMENT + of(&self.returned) - of(&self.staked)
            );
        }
        let sum = |flow: &BTreeMap<_, Balance>| flow.values().sum::<Balance>();
        assert_eq!(
            Staking::total_staked(),
            sum(&self.staked) + self.paid - sum(&self.returned),
            "the pot holds what was staked and paid and not returned"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_sequence_of_operations_makes_or_loses_a_leaf(steps in prop::collection::vec(step(), 1..100)) {
        ExtBuilder::default().build_and_execute(|| {
            let mut ledger = Ledger::default();
            for step in steps {
                ledger.take(step);
                ledger.check();
                ledger.check_earnings();
            }
            Minted(ledger.paid)
        });
    }

    /// When everybody leaves, nothing is left: not a leaf in the pot, and no coldkey's number but the owner's.
    #[test]
    fn weakness_34_when_everybody_leaves_nothing_stays(steps in prop::collection::vec(step(), 1..60)) {
        ExtBuilder::default().build_and_execute(|| {
            let mut ledger = Ledger::default();
            for step in steps {
                ledger.apply(step);
            }
            let minted = everybody_leaves();
            assert_eq!(Positions::<Test>::iter().count(), 0);
            let total = |record: crate::HotkeyRecord| record.pool.total() + record.owned.shares as Balance;
            assert_eq!(Hotkeys::<Test>::iter_values().map(total).sum::<Balance>(), 0);
            assert_eq!(Staking::total_staked(), EXISTENTIAL_DEPOSIT, "nothing is left but the gift");
            Balances::set_balance(&Staking::pot(), 0);
            assert_eq!(ColdkeyIds::<Test>::iter().count(), 1, "only the owner of the hotkeys is remembered");
            ledger.paid += minted - EXISTENTIAL_DEPOSIT;
            Minted(ledger.paid)
        });
    }
}

/// Every position is taken out whole. Before, everybody's account and the pot are given the existential deposit, so that dust is in
/// nobody's way. Returns what was minted for that.
fn everybody_leaves() -> Balance {
    let everybody = OWNER..=BOB + 1;
    let accounts: Vec<_> = everybody.clone().chain([Staking::pot()]).collect();
    for account in &accounts {
        Balances::mint_into(account, EXISTENTIAL_DEPOSIT).expect("there is room for it");
    }
    for position in everybody.flat_map(|coldkey| Staking::stake_of(&coldkey)) {
        Staking::remove_all_stake(RuntimeOrigin::signed(position.coldkey), position.hotkey)
            .expect("whoever is in can leave");
    }
    EXISTENTIAL_DEPOSIT * accounts.len() as Balance
}
