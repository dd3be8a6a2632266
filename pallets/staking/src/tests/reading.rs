//! What clients read.
use crate::mock::*;
use frame_support::{assert_ok, traits::fungible::Mutate};
use laurel_types::{HotkeyInfo, NetUid, StakeInfo, Take, Uid, UnstakeQuote};

#[test]
fn all_positions_of_a_coldkey_are_listed_at_their_value() {
    ExtBuilder::default().build_and_execute(|| {
        assert_eq!(Staking::stake_of(&ALICE), vec![]);
        assert_ok!(Staking::add_stake(RuntimeOrigin::signed(ALICE), OTHER_HOTKEY, 2_000));
        add(ALICE, 5_000);
        set_take(0);
        pay_dividends(HOTKEY, 100);
        run_to(1 + STREAM / 2);
        assert_eq!(
            Staking::stake_of(&ALICE),
            vec![
                StakeInfo {
                    hotkey: HOTKEY,
                    coldkey: ALICE,
                    stake: 5_050,
                    unreleased: 50,
                    principal: 5_000,
                    earned: 50,
                },
                StakeInfo {
                    hotkey: OTHER_HOTKEY,
                    coldkey: ALICE,
                    stake: 2_000,
                    unreleased: 0,
                    principal: 2_000,
                    earned: 0,
                },
            ]
        );
        Minted(100)
    });
}

/// What has to be read for one coldkey's positions does not grow with the others' (but for the depth of the trie).
#[test]
fn weakness_43_positions_are_found_by_their_coldkey_alone() {
    const OTHERS: u64 = 300;
    let mut ext = ExtBuilder::default().build();
    ext.execute_with(|| {
        add(ALICE, 5_000);
        for other in 0..OTHERS {
            let (hotkey, coldkey) = (1_000 + other, 2_000 + other);
            Balances::set_balance(&coldkey, 2 * MIN_STAKE);
            bind(hotkey, coldkey);
            assert_ok!(Staking::add_stake(RuntimeOrigin::signed(coldkey), hotkey, MIN_STAKE));
        }
    });
    ext.commit_all().unwrap();
    let (positions, read) = ext.execute_and_prove(|| Staking::stake_of(&ALICE));
    assert_eq!(positions.len(), 1);
    assert!(
        read.len() < OTHERS as usize / 4,
        "{} nodes of the trie were read",
        read.len()
    );
}

#[test]
fn a_hotkey_is_read_with_owner_take_stake_and_what_is_on_its_way() {
    ExtBuilder::default().build_and_execute(|| {
        add(ALICE, 5_000);
        set_take(7);
        let registrations = vec![(NetUid(1), Uid(4))];
        let info = || Staking::hotkey_info(&HOTKEY, registrations.clone()).unwrap();
        let before = HotkeyInfo {
            hotkey: HOTKEY,
            coldkey: OWNER,
            take: Take(7),
            stake: 5_000,
            unreleased: 0,
            released_per_block: 0,
            stream_ends_at: 0,
            registrations: registrations.clone(),
        };
        assert_eq!(info(), before);
        assert_eq!(Staking::hotkey_info(&UNKNOWN_HOTKEY, vec![]), None);
        pay_dividends(HOTKEY, 105);
        let paid = HotkeyInfo {
            unreleased: 105,
            released_per_block: 10,
            stream_ends_at: 1 + STREAM,
            ..before
        };
        assert_eq!(info(), paid);
        Minted(105)
    });
}

#[test]
fn a_quote_is_what_unstaking_in_the_next_block_returns() {
    ExtBuilder::default().build_and_execute(|| {
        set_take(0);
        add(ALICE, 6_000);
        add(BOB, 3_000);
        pay_dividends(HOTKEY, 900);
        let quote = |amount| Staking::quote_unstake(&ALICE, &HOTKEY, amount);
        let part = quote(Some(2_000)).unwrap();
        let all = quote(None).unwrap();
        assert_eq!(quote(Some(7_000)), None);
        assert_eq!(Staking::quote_unstake(&OWNER, &HOTKEY, None), None);
        // 90 leaves are released with the next block, 60 of them to Alice, who has two thirds of the 810 that are not.
        assert_eq!((all.returned, all.remaining, all.forfeited), (6_060, 0, 540));
        // Shares are burned rounded up.
        assert_eq!((part.returned, part.remaining), (2_000, 4_059));
        assert!(part.forfeited > 0 && part.forfeited < 540);
        run_to(2);
        assert_ok!(Staking::remove_stake(RuntimeOrigin::signed(ALICE), HOTKEY, 2_000));
        assert_eq!(value(ALICE), part.remaining);
        let last = Staking::quote_unstake(&BOB, &HOTKEY, None).unwrap();
        assert_ok!(Staking::remove_all_stake(RuntimeOrigin::signed(ALICE), HOTKEY));
        // The last one gives nothing up.
        let alone = Staking::quote_unstake(&BOB, &HOTKEY, None).unwrap();
        assert!(last.forfeited > 0);
        assert_eq!(
            alone,
            UnstakeQuote {
                returned: Staking::total_staked(),
                remaining: 0,
                forfeited: 0
            }
        );
        run_to(3);
        assert_ok!(Staking::remove_all_stake(RuntimeOrigin::signed(BOB), HOTKEY));
        assert_eq!(Balances::free_balance(BOB), ENDOWMENT - 3_000 + alone.returned);
        Minted(900)
    });
}
