//! What clients read.
use crate::mock::*;
use frame_support::{assert_ok, traits::fungible::Mutate};

#[test]
fn a_payer_finds_all_its_deposits() {
    execute(|| {
        assert_eq!(PrepaidPallet::prepaid_by(&ALICE), vec![]);
        assert_ok!(PrepaidPallet::deposit(signed(ALICE), OTHER_GATEWAY, 200));
        deposit(ALICE, 500);
        deposit(BOB, 300);
        let gateways = PrepaidPallet::prepaid_by(&ALICE);
        let gateways: Vec<_> = gateways
            .iter()
            .map(|prepaid| (prepaid.gateway, prepaid.amount))
            .collect();
        assert_eq!(gateways, [(GATEWAY, 500), (OTHER_GATEWAY, 200)]);
    });
}

#[test]
fn a_gateway_reads_all_its_deposits_page_by_page() {
    execute(|| {
        let payers: Vec<AccountId> = (1_000..1_025).collect();
        for payer in &payers {
            Balances::set_balance(payer, ENDOWMENT);
            deposit(*payer, MINIMUM + payer);
        }
        assert_eq!(PrepaidPallet::deposits_for(&GATEWAY), 25);
        let (mut read, mut last) = (Vec::new(), None);
        loop {
            let page = PrepaidPallet::prepaid_for(&GATEWAY, last.as_ref(), 10);
            assert!(page.len() <= 10);
            let Some(end) = page.last() else { break };
            last = Some(end.payer);
            read.extend(page);
        }
        read.sort_by_key(|prepaid| prepaid.payer);
        let of = |payer: &AccountId| PrepaidPallet::prepaid(&GATEWAY, payer).expect("it deposited");
        assert_eq!(read, payers.iter().map(of).collect::<Vec<_>>());
        // Minted by this test alone.
        for payer in &payers {
            assert_ok!(PrepaidPallet::withdraw(signed(*payer), GATEWAY, MINIMUM + payer));
        }
        run_to(1 + NOTICE);
        for payer in &payers {
            assert_ok!(PrepaidPallet::take_back(signed(*payer), GATEWAY));
            Balances::set_balance(payer, 0);
        }
    });
}

#[test]
fn none_come_after_a_payer_without_a_deposit() {
    execute(|| {
        deposit(ALICE, 500);
        assert_eq!(PrepaidPallet::prepaid_for(&GATEWAY, Some(&BOB), 10), vec![]);
        assert_eq!(PrepaidPallet::prepaid_for(&OTHER_GATEWAY, None, 10), vec![]);
    });
}
