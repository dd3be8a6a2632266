//! Any sequence of calls and swaps keeps every leaf, and gives nobody more than is his.
use crate::mock::*;
use laurel_support::{OnColdkeySwapped, OnHotkeySwapped};
use laurel_types::{Balance, BlockNumber};
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
enum Step {
    Wait(BlockNumber),
    Deposit(AccountId, AccountId, Balance),
    Withdraw(AccountId, AccountId, Balance),
    TakeBack(AccountId, AccountId),
    Draw(AccountId, Vec<(AccountId, Balance)>),
    Forget(AccountId),
    SwapHotkey(AccountId, AccountId),
    SwapColdkey(AccountId, AccountId),
}

fn step() -> impl Strategy<Value = Step> {
    let (payer, gateway) = (|| ALICE..=NEW, || GATEWAY..=NEW_GATEWAY);
    let amount = || prop_oneof![0..3u64, MINIMUM - 1..=2 * MINIMUM, 1..ENDOWMENT, Just(Balance::MAX)];
    let items = || prop::collection::vec((payer(), amount()), 0..5);
    prop_oneof![
        3 => (1..NOTICE + 2).prop_map(Step::Wait),
        4 => (payer(), gateway(), amount()).prop_map(|(payer, gateway, amount)| Step::Deposit(payer, gateway, amount)),
        3 => (payer(), gateway(), amount()).prop_map(|(payer, gateway, amount)| Step::Withdraw(payer, gateway, amount)),
        3 => (payer(), gateway()).prop_map(|(payer, gateway)| Step::TakeBack(payer, gateway)),
        3 => (gateway(), items()).prop_map(|(gateway, items)| Step::Draw(gateway, items)),
        1 => gateway().prop_map(Step::Forget),
        1 => (gateway(), gateway()).prop_map(|(old, new)| Step::SwapHotkey(old, new)),
        1 => (payer(), payer()).prop_map(|(old, new)| Step::SwapColdkey(old, new)),
    ]
}

/// Amounts by payer and gateway, as the rules say, and no other way than by adding and subtracting.
#[derive(Default)]
struct Ledger {
    deposits: BTreeMap<(AccountId, AccountId), Balance>,
    drawn: Balance,
}

impl Ledger {
    fn apply(&mut self, step: Step) {
        match step {
            Step::Wait(blocks) => run_to(System::block_number() + blocks),
            Step::Deposit(payer, gateway, amount) => {
                if PrepaidPallet::deposit(signed(payer), gateway, amount).is_ok() {
                    *self.deposits.entry((payer, gateway)).or_default() += amount;
                }
            }
            Step::Withdraw(payer, gateway, amount) => {
                let _ = PrepaidPallet::withdraw(signed(payer), gateway, amount);
            }
            Step::TakeBack(payer, gateway) => self.taking_back(payer, gateway),
            Step::Draw(gateway, items) => self.drawing(gateway, items),
            Step::Forget(gateway) => Known::remove(gateway),
            Step::SwapHotkey(old, new) => {
                let free = !Known::contains_key(new) && !<PrepaidPallet as OnHotkeySwapped<_>>::in_use(&new);
                if free && Known::contains_key(old) {
                    Known::swap(old, new);
                    <PrepaidPallet as OnHotkeySwapped<_>>::on_hotkey_swapped(&old, &new)
                        .expect("the new key is unused");
                    self.rename(|(payer, gateway)| (payer, if gateway == old { new } else { gateway }));
                }
            }
            Step::SwapColdkey(old, new) => {
                let free = !<PrepaidPallet as OnColdkeySwapped<_>>::in_use(&new) && System::account_exists(&new);
                if free {
                    <PrepaidPallet as OnColdkeySwapped<_>>::on_coldkey_swapped(&old, &new)
                        .expect("the new key is unused");
                    self.rename(|(payer, gateway)| (if payer == old { new } else { payer }, gateway));
                }
            }
        }
    }

    fn rename(&mut self, name: impl Fn((AccountId, AccountId)) -> (AccountId, AccountId)) {
        let before = core::mem::take(&mut self.deposits);
        // Where nothing is left the key may be another's by now.
        let left = before.into_iter().filter(|(_, amount)| *amount > 0);
        self.deposits = left.map(|(key, amount)| (name(key), amount)).collect();
    }

    /// Nothing comes back that was not announced a notice ago, unless nobody is there to draw.
    fn taking_back(&mut self, payer: AccountId, gateway: AccountId) {
        let before = PrepaidPallet::prepaid(&gateway, &payer);
        if PrepaidPallet::take_back(signed(payer), gateway).is_err() {
            return;
        }
        let before = before.expect("who has no deposit takes nothing back");
        let after = PrepaidPallet::prepaid(&gateway, &payer).map_or(0, |prepaid| prepaid.amount);
        let back = before.amount - after;
        if Known::contains_key(gateway) {
            assert!(back <= before.announced);
            assert!(back == 0 || before.free_at.is_some_and(|free_at| free_at <= System::block_number()));
        } else {
            assert_eq!(after, 0);
        }
        let left = self.deposits.entry((payer, gateway)).or_default();
        *left -= back;
    }

    /// What the owner gets is what the payers lose, and of each no more than was asked for nor than could be drawn.
    fn drawing(&mut self, gateway: AccountId, items: Vec<(AccountId, Balance)>) {
        let drawable =
            |payer: &AccountId| PrepaidPallet::prepaid(&gateway, payer).map_or(0, |prepaid| prepaid.drawable);
        let amount = |payer: &AccountId| PrepaidPallet::prepaid(&gateway, payer).map_or(0, |prepaid| prepaid.amount);
        let mut asked = BTreeMap::<AccountId, Balance>::new();
        for (payer, amount) in &items {
            let sum = asked.entry(*payer).or_default();
            *sum = sum.saturating_add(*amount);
        }
        let before: Vec<_> = asked
            .keys()
            .map(|payer| (*payer, amount(payer), drawable(payer)))
            .collect();
        let owner = Balances::free_balance(OWNER);
        let ok = PrepaidPallet::draw(signed(gateway), items.try_into().expect("there are few")).is_ok();
        let mut sum = 0;
        for (payer, before, drawable) in before {
            let drawn = before - amount(&payer);
            let expected = if Known::contains_key(gateway) {
                asked[&payer].min(drawable)
            } else {
                0
            };
            assert_eq!(drawn, expected);
            *self.deposits.entry((payer, gateway)).or_default() -= drawn;
            sum += drawn;
        }
        assert_eq!(Balances::free_balance(OWNER), owner + sum);
        assert_eq!(ok, sum > 0, "a draw fails where it brings nothing");
        self.drawn += sum;
    }

    fn check(&self) {
        PrepaidPallet::do_try_state().expect("the state is sound after every step");
        for ((payer, gateway), amount) in &self.deposits {
            let held = PrepaidPallet::prepaid(gateway, payer).map_or(0, |prepaid| prepaid.amount);
            assert_eq!(held, *amount);
        }
        let total = |who: &AccountId| Balances::free_balance(who) + held(*who).0 + held(*who).1;
        let payers: Balance = (ALICE..=NEW).map(|who| total(&who)).sum();
        assert_eq!(payers + self.drawn, 2 * ENDOWMENT, "payers have what was not drawn");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_sequence_of_operations_makes_or_loses_a_leaf(steps in prop::collection::vec(step(), 1..100)) {
        execute(|| {
            let mut ledger = Ledger::default();
            for step in steps {
                ledger.apply(step);
                ledger.check();
            }
        });
    }
}
