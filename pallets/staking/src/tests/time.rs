//! Stake counts by the blocks it was there.
use crate::mock::*;
use frame_support::assert_ok;
use laurel_support::Stake;

fn time() -> u128 {
    Staking::stake_time_on(NETUID, &HOTKEY)
}

#[test]
fn stake_time_is_the_sum_of_the_stake_at_the_end_of_each_block() {
    ExtBuilder::default().build_and_execute(|| {
        set_take(1_000);
        let mut sum = 0;
        for block in 1..80 {
            run_to(block);
            assert_eq!(time(), sum, "in block {block}");
            match block {
                3 => add(ALICE, 5_000),
                5 => add(BOB, 100_000),
                6 => {
                    assert_ok!(Staking::remove_all_stake(RuntimeOrigin::signed(BOB), HOTKEY));
                }
                10 | 17 => {
                    pay_dividends(HOTKEY, 1_234);
                }
                20 => {
                    pay_incentive(HOTKEY, 777);
                }
                40 => {
                    for who in [ALICE, OWNER] {
                        assert_ok!(Staking::remove_all_stake(RuntimeOrigin::signed(who), HOTKEY));
                    }
                }
                60 => add(ALICE, 3_000),
                _ => {}
            }
            sum += u128::from(Staking::stake(&HOTKEY));
        }
        assert!(sum > 0);
        Minted(2 * 1_234 + 777)
    });
}

#[test]
fn stake_that_comes_a_block_before_an_epoch_weighs_one_block() {
    ExtBuilder::default().build_and_execute(|| {
        const BLOCKS: u32 = 100;
        add(ALICE, 10_000);
        assert_ok!(Staking::add_stake(RuntimeOrigin::signed(ALICE), OTHER_HOTKEY, 10_000));
        let other = || Staking::stake_time_on(NETUID, &OTHER_HOTKEY);
        let (begun, other_begun) = (time(), other());
        run_to(BLOCKS);
        add(BOB, 90_000);
        run_to(BLOCKS + 1);
        // Ten times the stake for one block of a hundred.
        assert_eq!(other() - other_begun, 10_000 * u128::from(BLOCKS));
        assert_eq!(time() - begun, 10_000 * u128::from(BLOCKS) + 90_000);
        NOTHING_MINTED
    });
}

#[test]
fn an_unknown_hotkey_has_no_stake_time() {
    ExtBuilder::default().build_and_execute(|| {
        run_to(50);
        assert_eq!(Staking::stake_time_on(NETUID, &UNKNOWN_HOTKEY), 0);
        NOTHING_MINTED
    });
}
