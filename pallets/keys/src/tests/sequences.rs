//! Random sequences of calls keep every equation, and nobody's tokens or hotkeys get lost.
use crate::{mock::*, ColdkeySwaps};
use proptest::prelude::*;

/// Coldkeys that take part; the first one begins with everything.
const COLDKEYS: [u64; 4] = [OLD, NEW, OTHER, 4];

#[derive(Clone, Debug)]
enum Step {
    Announce(u64, u64),
    Cancel(u64),
    Execute(u64, u64),
    Clear(u64),
    SwapHotkey(u64, u64, u64),
    Transfer(u64, u64, u64),
    Break(bool),
    Wait(u32),
}

fn coldkey() -> impl Strategy<Value = u64> {
    proptest::sample::select(COLDKEYS.to_vec())
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (coldkey(), coldkey()).prop_map(|(old, new)| Step::Announce(old, new)),
        1 => coldkey().prop_map(Step::Cancel),
        5 => (coldkey(), coldkey()).prop_map(|(old, new)| Step::Execute(old, new)),
        1 => coldkey().prop_map(Step::Clear),
        2 => (coldkey(), 100..104u64, 100..104u64).prop_map(|(c, old, new)| Step::SwapHotkey(c, old, new)),
        2 => (coldkey(), coldkey(), 0..ENDOWMENT).prop_map(|(from, to, amount)| Step::Transfer(from, to, amount)),
        1 => any::<bool>().prop_map(Step::Break),
        4 => (0..DELAY + WINDOW).prop_map(Step::Wait),
    ]
}

fn run(step: Step) {
    // Whether a step succeeds does not matter here: what holds must hold either way.
    let _ = match step {
        Step::Announce(old, new) => announce(old, new),
        Step::Cancel(who) => Keys::cancel_coldkey_swap(RuntimeOrigin::signed(who)),
        Step::Execute(old, new) => execute_swap(old, new),
        Step::Clear(who) => Keys::clear_expired_swap(RuntimeOrigin::signed(OTHER), who),
        Step::SwapHotkey(coldkey, old, new) => swap_hotkey(coldkey, old, new),
        Step::Transfer(from, to, amount) => Balances::transfer_keep_alive(RuntimeOrigin::signed(from), to, amount),
        Step::Break(broken) => {
            Broken::put(broken);
            Ok(())
        }
        Step::Wait(blocks) => {
            skip_blocks(blocks);
            Ok(())
        }
    };
}

/// Leaves of everybody together, the burn account's included.
fn tokens() -> u64 {
    let everybody = COLDKEYS.iter().chain([&BURN]);
    everybody.map(|who| free(*who) + held(*who)).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_and_nobody_is_locked(steps in proptest::collection::vec(step(), 1..80)) {
        execute(|| {
            let before = tokens();
            for step in steps {
                run(step);
                assert_eq!(tokens(), before, "a leaf was lost");
                assert_eq!(Owners::iter().count(), 1, "the hotkey has one owner under one key");
                Keys::do_try_state().unwrap();
            }
            // Whatever happened, everybody gets rid of its announcement, and has everything back that was held for it.
            let announced: Vec<u64> = ColdkeySwaps::<Test>::iter_keys().collect();
            for who in announced {
                Keys::cancel_coldkey_swap(RuntimeOrigin::signed(who)).unwrap();
                assert_eq!(held(who), 0);
            }
        });
    }
}
