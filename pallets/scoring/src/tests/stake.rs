//! The stake that an epoch sees.
use crate::{mock::*, Event, Rolls};
use laurel_support::Epochs;
use laurel_types::Uid;

fn stake_weights() -> Vec<u16> {
    (0..4).map(|uid| scores(uid).stake_weight).collect()
}

fn permits() -> Vec<bool> {
    (0..4).map(may_speak).collect()
}

/// Stake that is there only for the block of the epoch used to count as if it had always been.
#[test]
fn stake_counts_by_the_blocks_it_was_there() {
    ExtBuilder::default().stakes(&[600, 0, 0, 0]).build_and_execute(|| {
        end_epoch();
        // The next epoch runs from block 11 to block 21.
        System::set_block_number(16);
        World::set_stake(hotkey(1), 600);
        end_epoch();
        assert_eq!(stake_weights()[0], 43_689, "two thirds, rounded down");
        assert_eq!(stake_weights()[1], 21_844, "half of the time is half of the stake");
        end_epoch();
        assert_eq!(stake_weights()[1], 32_767, "a whole epoch later it counts in full");
    });
}

#[test]
fn stake_that_comes_a_block_before_the_epoch_gets_no_permit() {
    ExtBuilder::default()
        .stakes(&[600, 400, 0, 0])
        .params(|p| p.max_validators = 2)
        .build_and_execute(|| {
            end_epoch();
            System::set_block_number(20);
            World::set_stake(hotkey(3), 3_000);
            end_epoch();
            // 3000 for one block of ten is 300.
            assert_eq!(permits(), [true, true, false, false]);
            end_epoch();
            assert_eq!(permits(), [true, false, false, true]);
        });
}

#[test]
fn stake_that_leaves_before_the_epoch_still_counts_for_the_time_it_was_there() {
    ExtBuilder::default().stakes(&[600, 400, 0, 0]).build_and_execute(|| {
        end_epoch();
        System::set_block_number(19);
        World::set_stake(hotkey(1), 0);
        end_epoch();
        // 400 for eight blocks of ten is 320 of 920.
        assert_eq!(stake_weights()[1], (320 * 65_535 / 920) as u16);
        end_epoch();
        assert_eq!((stake_weights()[1], permits()[1]), (0, false));
    });
}

#[test]
fn a_neuron_counts_from_its_registration_on_whatever_stake_its_hotkey_had_before() {
    ExtBuilder::default().build_and_execute(|| {
        World::set_stake(77, 1_000);
        end_epoch();
        System::set_block_number(16);
        World::replace(NET, Uid(3), 77);
        end_epoch();
        assert_eq!(stake_weights()[3], 21_844, "500 of 1500");
    });
}

#[test]
fn what_exceeds_the_subnets_maximum_does_not_count() {
    ExtBuilder::default()
        .stakes(&[600, 400, 0, 0])
        .params(|p| p.max_stake = 400)
        .build_and_execute(|| {
            end_epoch();
            assert_eq!(stake_weights(), [32_767, 32_767, 0, 0]);
        });
}

#[test]
fn a_skipped_epoch_widens_the_average_and_counts_nothing_twice() {
    ExtBuilder::default().stakes(&[600, 0, 0, 0]).build_and_execute(|| {
        end_epoch();
        assert_eq!(Rolls::<Test>::get(NET, 0).since[..], [11; 4]);
        System::set_block_number(21);
        <Scoring as Epochs<AccountId>>::skip(NET);
        System::assert_has_event(
            Event::EpochSkipped {
                netuid: NET,
                epoch: laurel_types::EpochIndex(1),
            }
            .into(),
        );
        World::set_stake(hotkey(1), 600);
        end_epoch();
        // Ten of the twenty blocks since the marks.
        assert_eq!(stake_weights()[..2], [43_689, 21_844]);
        assert_eq!(Rolls::<Test>::get(NET, 0).since[..], [31; 4]);
    });
}

/// Weaknesses 25 and 45: numbers at their limits wrapped around or stopped the chain.
#[test]
fn stakes_and_spans_at_their_limits_are_averaged_without_overflow() {
    let limits = ExtBuilder::default().stakes(&[u64::MAX, u64::MAX, 1, 0]).params(|p| {
        p.tempo = 7_200;
        p.activity_cutoff = 50_400;
    });
    limits.build_and_execute(|| {
        commit_then_reveal(&[(0, &[(3, 1)]), (1, &[(3, 1)])]);
        System::set_block_number(4_000_000_000);
        <Scoring as Epochs<AccountId>>::take_stock(NET, Uid(0), 4);
        let shares = <Scoring as Epochs<AccountId>>::run(NET);
        assert_eq!(shares[0].dividends, 0, "too old by then");
        assert_eq!(stake_weights(), [32_767, 32_767, 0, 0]);
        assert_eq!(permits(), [true, true, true, false]);
    });
}
