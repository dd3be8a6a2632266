//! Any sequence of calls and payouts keeps every leaf.
use crate::{mock::*, Pools};
use frame_support::traits::Imbalance;
use laurel_support::Payout;
use laurel_types::{Balance, Take};
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
enum Step {
    Add(AccountId, AccountId, Balance),
    Remove(AccountId, AccountId, Balance),
    RemoveAll(AccountId, AccountId),
    Incentive(AccountId, Balance),
    Dividends(AccountId, Balance),
    Take(AccountId, u16),
}

fn step() -> impl Strategy<Value = Step> {
    let coldkey = OWNER..=BOB;
    let hotkey = HOTKEY..=OTHER_HOTKEY;
    // Small amounts, where rounding matters most, beside large ones.
    let amount = prop_oneof![1..50u64, 900..2_000u64, 1..ENDOWMENT / 2];
    prop_oneof![
        4 => (coldkey.clone(), hotkey.clone(), amount.clone()).prop_map(|(c, h, a)| Step::Add(c, h, a)),
        4 => (coldkey.clone(), hotkey.clone(), amount.clone()).prop_map(|(c, h, a)| Step::Remove(c, h, a)),
        1 => (coldkey, hotkey.clone()).prop_map(|(c, h)| Step::RemoveAll(c, h)),
        2 => (hotkey.clone(), amount.clone()).prop_map(|(h, a)| Step::Incentive(h, a)),
        2 => (hotkey.clone(), amount).prop_map(|(h, a)| Step::Dividends(h, a)),
        1 => (hotkey, 0..=Take::MAX.0).prop_map(|(h, t)| Step::Take(h, t)),
    ]
}

/// What was put into and taken out of each hotkey's pool.
#[derive(Default)]
struct Flows {
    put_in: BTreeMap<AccountId, Balance>,
    paid_in: BTreeMap<AccountId, Balance>,
    taken_out: BTreeMap<AccountId, Balance>,
}

impl Flows {
    fn apply(&mut self, step: Step) {
        let signed = RuntimeOrigin::signed;
        match step {
            Step::Add(coldkey, hotkey, amount) => {
                if Staking::add_stake(signed(coldkey), hotkey, amount).is_ok() {
                    *self.put_in.entry(hotkey).or_default() += amount;
                }
            }
            Step::Remove(coldkey, hotkey, amount) => self.removing(coldkey, hotkey, || {
                let _ = Staking::remove_stake(signed(coldkey), hotkey, amount);
            }),
            Step::RemoveAll(coldkey, hotkey) => self.removing(coldkey, hotkey, || {
                let _ = Staking::remove_all_stake(signed(coldkey), hotkey);
            }),
            Step::Incentive(hotkey, amount) => {
                let placed = Staking::pay_incentive(&hotkey, credit(amount));
                self.paying(hotkey, amount, placed.err().map_or(0, |back| back.peek()));
            }
            Step::Dividends(hotkey, amount) => {
                let placed = Staking::pay_dividends(&hotkey, credit(amount));
                self.paying(hotkey, amount, placed.err().map_or(0, |back| back.peek()));
            }
            Step::Take(hotkey, take) => {
                let _ = Staking::set_take(signed(OWNER), hotkey, Take(take));
            }
        }
    }

    /// Nobody takes out more than the position was worth just before.
    fn removing(&mut self, coldkey: AccountId, hotkey: AccountId, remove: impl FnOnce()) {
        let worth = Staking::position_value(&coldkey, &hotkey);
        let before = Balances::free_balance(coldkey);
        remove();
        let got = Balances::free_balance(coldkey) - before;
        assert!(got <= worth);
        *self.taken_out.entry(hotkey).or_default() += got;
    }

    fn paying(&mut self, hotkey: AccountId, amount: Balance, back: Balance) {
        assert!(back == 0 || back == amount, "a credit comes back whole or not at all");
        *self.paid_in.entry(hotkey).or_default() += amount - back;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_sequence_of_operations_makes_or_loses_a_leaf(steps in prop::collection::vec(step(), 1..60)) {
        ExtBuilder::default().build_and_execute(|| {
            let mut flows = Flows::default();
            for step in steps {
                flows.apply(step);
                Staking::do_try_state().expect("the state is sound after every step");
            }
            for hotkey in [HOTKEY, OTHER_HOTKEY] {
                let of = |flow: &BTreeMap<_, Balance>| flow.get(&hotkey).copied().unwrap_or(0);
                let total = Pools::<Test>::get(hotkey).total();
                assert_eq!(of(&flows.put_in) + of(&flows.paid_in), of(&flows.taken_out) + total);
            }
            Minted(flows.paid_in.values().sum())
        });
    }
}
