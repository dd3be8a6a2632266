//! What is not as it must be is noticed.
use crate::{mock::*, Deposits, DepositsOf, GatewayIds, Gateways, HoldReason, PayerIds, Payers, Withdrawal};
use frame_support::traits::{fungible::MutateHold, tokens::Precision};

#[test]
fn each_broken_equation_is_noticed() {
    let change = |change: fn(&mut crate::Deposit)| {
        let (gateway, payer, mut deposit) = Deposits::<Test>::iter().next().expect("there is a deposit");
        change(&mut deposit);
        Deposits::<Test>::insert(gateway, payer, deposit);
    };
    let spoils: [&dyn Fn(); 10] = [
        &|| change(|deposit| deposit.amount += 1),
        &|| change(|deposit| deposit.record_deposit -= 1),
        &|| {
            change(|deposit| {
                deposit.withdrawal = Some(Withdrawal {
                    amount: deposit.amount + 1,
                    free_at: 9,
                })
            });
        },
        &|| {
            change(|deposit| {
                deposit.withdrawal = Some(Withdrawal { amount: 0, free_at: 9 });
            });
        },
        &|| DepositsOf::<Test>::drain().for_each(drop),
        &|| GatewayIds::<Test>::remove(GATEWAY),
        &|| PayerIds::<Test>::remove(ALICE),
        &|| Gateways::<Test>::translate_values(|party| Some(crate::Party { deposits: 2, ..party })),
        &|| Payers::<Test>::translate_values(|party| Some(crate::Party { deposits: 2, ..party })),
        &|| {
            let reason = HoldReason::Deposit.into();
            Balances::release(&reason, &ALICE, 1, Precision::Exact).expect("more is held");
        },
    ];
    for (number, spoil) in spoils.into_iter().enumerate() {
        build().execute_with(|| {
            deposit(ALICE, 500);
            PrepaidPallet::do_try_state().expect("the state is sound");
            spoil();
            assert!(PrepaidPallet::do_try_state().is_err(), "nobody noticed spoil {number}");
        });
    }
}
