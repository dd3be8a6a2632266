use crate::{mock::*, LastDistribution, Minted};
use frame_support::traits::fungible::Mutate;
use laurel_types::{NetUid, LRL};

const HALF: u64 = u64::MAX / 2;

#[test]
fn without_a_split_emission_waits_in_the_reserve() {
    ExtBuilder::default().build_and_execute(|| {
        blocks(3);
        assert_eq!(Minted::<Test>::get(), 3 * LRL);
        assert_eq!(earned(Rewards::reserve_account()), 3 * LRL);
    });
}

#[test]
fn a_block_divides_its_emission_and_the_reserve_by_the_split() {
    ExtBuilder::default()
        .subnet(HALF / 2, &[(1, 0)])
        .subnet(HALF, &[(1, 0)])
        .build_and_execute(|| {
            let split = RootSplit::get();
            RootSplit::set(Vec::new());
            block();
            RootSplit::set(split);
            block();
            // Both pots first take their existential deposit, once.
            let shared = 2 * LRL - 2 * DEPOSIT;
            assert_eq!(Rewards::pot(NetUid(1)), shared / 4);
            assert_eq!(Rewards::pot(NetUid(2)), shared / 2);
            assert_eq!(earned(Rewards::reserve_account()), shared / 4);
            assert_eq!(
                *LastDistribution::<Test>::get(),
                [(NetUid(1), shared / 4), (NetUid(2), shared / 2)]
            );
        });
}

/// Weakness 10: what a subnet without registrations was given was lost.
#[test]
fn subnets_that_cannot_pay_are_left_out_before_normalising() {
    let net = |shares| ExtBuilder::default().subnet(HALF, &[(1, 0)]).subnet(HALF, shares);
    net(&[]).build_and_execute(|| {
        block();
        assert_eq!(Rewards::pot(NetUid(1)), LRL - DEPOSIT, "the second has no neurons");
    });
    net(&[(1, 0)]).build_and_execute(|| {
        World::change(NetUid(2), |net| net.params.registration_allowed = false);
        block();
        assert_eq!(
            Rewards::pot(NetUid(1)),
            LRL - DEPOSIT,
            "the second takes no registrations"
        );
        assert_eq!(Rewards::pot(NetUid(2)), 0);
    });
    net(&[(1, 0)]).build_and_execute(|| {
        RootSplit::mutate(|split| split.push((NetUid(9), 1)));
        block();
        assert_eq!(LastDistribution::<Test>::get().len(), 2, "the third does not exist");
    });
}

#[test]
fn burned_tokens_can_be_mined_again() {
    ExtBuilder::default().build_and_execute(|| {
        Balances::mint_into(&2, 10_500_000 * LRL).unwrap();
        crate::Genesis::<Test>::mutate(|genesis| *genesis += 10_500_000 * LRL);
        assert_eq!(Rewards::block_emission(), LRL / 2);
        let transfer = frame_support::traits::tokens::Preservation::Preserve;
        Balances::transfer(&2, &Rewards::burn_account(), 2_000_000 * LRL, transfer).unwrap();
        assert_eq!(Rewards::block_emission(), LRL);
        assert_eq!(Rewards::burned(), 2_000_000 * LRL + DEPOSIT);
    });
}

/// Weakness 21: the issuance was a counter beside the ledger, patched now and then.
#[test]
fn issuance_is_genesis_and_what_was_minted_after_any_number_of_blocks() {
    ExtBuilder::default()
        .subnet(HALF, &[(3, 1), (1, 7)])
        .subnet(HALF / 7, &[(1, 1)])
        .build_and_execute(|| {
            let genesis = Balances::total_issuance();
            for block_number in 1..40 {
                block();
                assert_eq!(Balances::total_issuance(), genesis + block_number * LRL);
            }
        });
}

/// Weakness 26: the halving was read from a cache, and from thresholds that rounding had moved.
#[test]
fn the_emission_halves_in_the_block_after_the_threshold_is_reached() {
    ExtBuilder::default().build_and_execute(|| {
        // One token below half of the supply, the burn account's deposit not counted.
        let missing = 10_500_000 * LRL - LRL - (Balances::total_issuance() - Rewards::burned());
        Balances::mint_into(&2, missing).unwrap();
        crate::Genesis::<Test>::mutate(|genesis| *genesis += missing);
        assert_eq!(Rewards::emission_schedule().blocks_to_halving, Some(1));
        assert_eq!(Rewards::block_emission(), LRL);
        block();
        assert_eq!(Rewards::block_emission(), LRL / 2);
        let minted = Minted::<Test>::get();
        block();
        assert_eq!(Minted::<Test>::get() - minted, LRL / 2);
    });
}

#[test]
fn the_schedule_says_what_every_block_mints_until_nothing_is_left() {
    ExtBuilder::default().build_and_execute(|| {
        let schedule = Rewards::emission_schedule();
        assert_eq!(schedule.per_block, LRL);
        assert_eq!(schedule.circulating, Balances::total_issuance() - Rewards::burned());
        assert_eq!(schedule.steps.len(), 31);
        let step = |at: usize| (schedule.steps[at].from, schedule.steps[at].per_block);
        assert_eq!(step(0), (0, LRL));
        assert_eq!(step(1), (10_500_000 * LRL, LRL / 2));
        assert_eq!(step(2), (15_750_000 * LRL, LRL / 4));
        assert_eq!(step(30).1, 0);
        let blocks = (10_500_000 * LRL - schedule.circulating).div_ceil(LRL);
        assert_eq!(schedule.blocks_to_halving, Some(blocks));
    });
}
