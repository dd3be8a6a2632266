use crate::{mock::*, ToBurn};
use frame_support::{
    assert_noop, assert_ok,
    traits::{
        fungible::{Balanced, Mutate},
        tokens::{Fortitude, Precision, Preservation},
        OnUnbalanced,
    },
};
use laurel_types::{NetUid, LRL};
use sp_runtime::TokenError;

#[test]
fn each_purpose_has_an_account_of_its_own() {
    ExtBuilder::default().build_and_execute(|| {
        let mut accounts = vec![Rewards::burn_account(), Rewards::reserve_account()];
        accounts.extend((1..=64).map(|netuid| Rewards::pot_account(NetUid(netuid))));
        let count = accounts.len();
        accounts.sort();
        accounts.dedup();
        assert_eq!(accounts.len(), count);
    });
}

#[test]
fn dust_and_fees_without_an_author_go_to_the_burn_account() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(Balances::transfer(&1, &2, DEPOSIT, Preservation::Preserve));
        // A withdrawal that leaves less than the deposit turns the rest to dust.
        let fee = Balances::withdraw(&2, 100, Precision::Exact, Preservation::Expendable, Fortitude::Polite);
        let fee = fee.unwrap();
        ToBurn::<Test>::on_unbalanced(fee);
        assert_eq!(Balances::free_balance(2), 0);
        assert_eq!(earned(Rewards::burn_account()), DEPOSIT);
    });
}

#[test]
fn a_pot_never_closes() {
    ExtBuilder::default().subnet(u64::MAX, &[(1, 1)]).build_and_execute(|| {
        blocks(20);
        assert_eq!(Rewards::pot(NetUid(1)), 0, "the last epoch paid everything");
        assert_eq!(Balances::free_balance(Rewards::pot_account(NetUid(1))), DEPOSIT);
        let pot = Rewards::pot_account(NetUid(1));
        assert_noop!(
            Balances::withdraw(&pot, 1, Precision::Exact, Preservation::Preserve, Fortitude::Polite),
            TokenError::FundsUnavailable
        );
    });
}

#[test]
fn supply_says_where_every_token_is() {
    ExtBuilder::default()
        .subnet(u64::MAX / 2, &[(1, 1)])
        .build_and_execute(|| {
            let genesis = Balances::total_issuance();
            blocks(3);
            let supply = Rewards::supply();
            assert_eq!(
                (supply.genesis, supply.minted, supply.issuance),
                (genesis, 3 * LRL, genesis + 3 * LRL)
            );
            assert_eq!(
                supply.pending,
                3 * LRL + DEPOSIT,
                "the reserve had its deposit at genesis"
            );
            assert_eq!((supply.burned, supply.staked, supply.locked), (DEPOSIT, 11, 22));
            assert_eq!(supply.block_emission, LRL);
        });
}
