//! Subnets of more neurons than fit on one page of the roll.
use super::removal::keys_of;
use crate::{mock::*, Members, Rolls, Tallies};
use frame_support::{assert_ok, weights::Weight};
use laurel_support::{Epochs, OnHotkeySwapped, OnSubnetRemoved};
use laurel_types::Uid;

/// A subnet of 600 neurons that takes weights directly, whose first and last are validators.
fn large() -> ExtBuilder {
    let mut stakes = [0; 600];
    (stakes[0], stakes[599]) = (600, 500);
    ExtBuilder::default().stakes(&stakes).params(|p| {
        p.max_uids = 600;
        p.commit_reveal = false;
    })
}

fn set(uid: u16, entries: &[(u16, u16)]) {
    assert_ok!(Scoring::set_weights(signed(hotkey(uid)), NET, row(entries), [3; 32], 0));
}

fn members() -> Members<AccountId> {
    Scoring::members(NET)
}

#[test]
fn a_subnet_of_several_pages_is_scored_as_one() {
    large().build_and_execute(|| {
        let said = [(1, 100), (300, 300), (590, 400)];
        set(0, &said);
        set(599, &said);
        let shares = end_epoch();
        assert_eq!(shares.len(), 600);
        assert!(shares
            .iter()
            .enumerate()
            .all(|(at, share)| (share.uid.index(), share.hotkey) == (at, hotkey(at as u16))));
        let paid: Vec<u16> = shares
            .iter()
            .filter(|share| share.incentive > 0)
            .map(|share| share.uid.0)
            .collect();
        assert_eq!(paid, [1, 300, 590]);
        let earned: Vec<u16> = shares
            .iter()
            .filter(|share| share.dividends > 0)
            .map(|share| share.uid.0)
            .collect();
        assert_eq!(earned, [0, 599]);
        assert!(scores(599).permit && scores(599).active && !scores(300).permit);
        let bonds = Scoring::bonds(NET);
        assert_eq!(bonds.iter().map(|(uid, _)| uid.0).collect::<Vec<_>>(), [0, 599]);
        assert_eq!(
            bonds[1].1.iter().map(|(uid, _)| uid.0).collect::<Vec<_>>(),
            [1, 300, 590]
        );
    });
}

#[test]
fn who_comes_and_goes_changes_the_page_that_it_is_on() {
    large().build_and_execute(|| {
        set(0, &[(590, 1)]);
        end_epoch();
        let before: Vec<_> = (0..2).map(|page| Rolls::<Test>::get(NET, page)).collect();
        World::replace(NET, Uid(590), 9_999);
        assert_ok!(Scoring::on_hotkey_swapped(&9_999, &10_000).map(|()| World::rename(9_999, 10_000)));
        let after: Vec<_> = (0..2).map(|page| Rolls::<Test>::get(NET, page)).collect();
        assert_eq!(after, before);
        assert_eq!((members().hotkeys[590], members().len()), (10_000, 600));
        assert!(Scoring::bonds(NET).is_empty(), "the only bond was on who is gone");
    });
}

#[test]
fn a_large_subnet_is_removed_page_by_page() {
    large().build_and_execute(|| {
        set(0, &[(590, 1)]);
        end_epoch();
        World::remove(NET);
        let step = |budget| <Scoring as OnSubnetRemoved>::remove_step(NET, Weight::from_parts(budget, 0));
        assert_eq!(step(650), (Weight::from_parts(600, 0), false));
        assert_eq!(Rolls::<Test>::iter_key_prefix(NET).collect::<Vec<_>>(), [0]);
        assert_eq!(step(800), (Weight::from_parts(800, 0), true));
        assert_eq!(keys_of(NET), 0);
    });
}

#[test]
fn neurons_whose_stake_was_read_in_different_blocks_are_averaged_over_their_own_windows() {
    large().build_and_execute(|| {
        end_epoch();
        let stock = |first, count| <Scoring as Epochs<AccountId>>::take_stock(NET, Uid(first), count);
        // Everybody was read in block 11. The last validator's stake doubles in block 16.
        System::set_block_number(16);
        World::set_stake(hotkey(599), 1_000);
        System::set_block_number(21);
        stock(0, 400);
        System::set_block_number(26);
        stock(400, 400);
        assert_eq!(members().stakes[0], 600);
        assert_eq!(members().stakes[599], (5 * 500 + 10 * 1_000) / 15);
        stock(0, 1_000);
        assert_eq!(
            members().stakes[599],
            (5 * 500 + 10 * 1_000) / 15,
            "no block has passed for it"
        );
        let since = |page| Rolls::<Test>::get(NET, page).since[0];
        assert_eq!([since(0), since(1), since(2)], [26; 3]);
    });
}

#[test]
fn who_registers_while_stock_is_taken_has_no_stake_yet_and_no_longer_a_window_than_others() {
    large().params(|p| p.max_uids = 601).build_and_execute(|| {
        end_epoch();
        System::set_block_number(21);
        <Scoring as Epochs<AccountId>>::take_stock(NET, Uid(0), 600);
        World::set_stake(hotkey(600), 5_000);
        World::replace(NET, Uid(0), hotkey(601));
        World::register(NET, hotkey(600));
        assert_eq!([members().stakes[0], members().stakes[600]], [0, 0]);
        <Scoring as Epochs<AccountId>>::run(NET);
        System::set_block_number(31);
        <Scoring as Epochs<AccountId>>::take_stock(NET, Uid(0), 601);
        assert_eq!(members().stakes[600], 5_000);
    });
}

#[test]
fn rows_of_a_large_subnet_are_counted_in_whatever_group_they_are() {
    large().build_and_execute(|| {
        set(0, &[(590, 1)]);
        set(599, &[(590, 1)]);
        assert_eq!(Tallies::<Test>::get(NET).rows(), 2);
        World::replace(NET, Uid(599), 9_999);
        assert_eq!(Tallies::<Test>::get(NET).rows(), 1);
        assert!(stored_row(599).is_none() && stored_row(0).is_some());
    });
}
