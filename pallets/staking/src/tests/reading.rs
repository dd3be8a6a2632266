//! What clients read.
use crate::mock::*;
use frame_support::assert_ok;
use laurel_types::{HotkeyInfo, NetUid, StakeInfo, Take, Uid};

#[test]
fn all_positions_of_a_coldkey_are_listed_at_their_value() {
    ExtBuilder::default().build_and_execute(|| {
        assert_eq!(Staking::stake_of(&ALICE), vec![]);
        assert_ok!(Staking::add_stake(RuntimeOrigin::signed(ALICE), OTHER_HOTKEY, 2_000));
        add(ALICE, 5_000);
        set_take(0);
        pay_dividends(HOTKEY, 100);
        assert_eq!(
            Staking::stake_of(&ALICE),
            vec![
                StakeInfo {
                    hotkey: HOTKEY,
                    coldkey: ALICE,
                    stake: 5_100
                },
                StakeInfo {
                    hotkey: OTHER_HOTKEY,
                    coldkey: ALICE,
                    stake: 2_000
                },
            ]
        );
        Minted(100)
    });
}

#[test]
fn a_hotkey_is_read_with_owner_take_and_stake() {
    ExtBuilder::default().build_and_execute(|| {
        add(ALICE, 5_000);
        set_take(7);
        let registrations = vec![(NetUid(1), Uid(4))];
        assert_eq!(
            Staking::hotkey_info(&HOTKEY, registrations.clone()),
            Some(HotkeyInfo {
                hotkey: HOTKEY,
                coldkey: OWNER,
                take: Take(7),
                stake: 5_000,
                registrations
            })
        );
        assert_eq!(Staking::hotkey_info(&UNKNOWN_HOTKEY, vec![]), None);
        NOTHING_MINTED
    });
}
