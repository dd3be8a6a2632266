//! Subnets that end.
use crate::{mock::*, Event, LastDistribution, LastEpoch, Queue};
use frame_support::{traits::fungible::MutateFreeze, weights::Weight};
use laurel_support::OnSubnetRemoved;
use laurel_types::{NetUid, LRL};

const HALF: u64 = u64::MAX / 2;

fn two_subnets() -> ExtBuilder {
    ExtBuilder::default().subnet(HALF, &[(1, 1)]).subnet(HALF, &[(1, 1)])
}

/// Takes the first subnet out of the tables, as the subnets pallet and root do before the pot is closed.
fn end() {
    Nets::mutate(|nets| nets.remove(&NetUid(1)));
    RootSplit::mutate(|split| split.retain(|(netuid, _)| *netuid != NetUid(1)));
}

fn remove(budget: Weight) -> (Weight, bool) {
    <Rewards as OnSubnetRemoved>::remove_step(NetUid(1), budget)
}

#[test]
fn the_pot_of_a_subnet_that_ends_goes_to_the_reserve_and_is_divided_again() {
    two_subnets().build_and_execute(|| {
        blocks(u32::from(TEMPO) + 2);
        let held = Balances::free_balance(Rewards::pot_account(NetUid(1)));
        assert!(held > LRL / 2, "two blocks since the epoch, and the deposit");
        let reserve = Balances::free_balance(Rewards::reserve_account());
        let other = Rewards::pot(NetUid(2));
        end();
        assert_eq!(remove(Weight::MAX), (Weight::from_parts(40, 0), true));
        assert_eq!(Balances::free_balance(Rewards::pot_account(NetUid(1))), 0);
        assert_eq!(Balances::free_balance(Rewards::reserve_account()), reserve + held);
        System::assert_last_event(
            Event::PotClosed {
                netuid: NetUid(1),
                amount: held,
            }
            .into(),
        );
        assert_eq!(LastEpoch::<Test>::get(NetUid(1)), None);
        assert!(LastDistribution::<Test>::get()
            .iter()
            .all(|(netuid, _)| *netuid != NetUid(1)));
        check();
        block();
        assert!(
            Rewards::pot(NetUid(2)) > other + held / 2,
            "the other subnet has its part of it"
        );
        assert!(remove(Weight::MAX).1, "again, without harm");
    });
}

#[test]
fn a_waiting_epoch_of_a_subnet_that_ends_is_forgotten() {
    two_subnets().build_and_execute(|| {
        blocks(u32::from(TEMPO) - 1);
        block_with(Weight::zero());
        assert!(Queue::<Test>::get().contains(&NetUid(1)));
        end();
        remove(Weight::MAX);
        assert_eq!(*Queue::<Test>::get(), [NetUid(2)]);
    });
}

#[test]
fn a_pot_is_closed_only_where_the_budget_reaches_and_nothing_holds_it() {
    two_subnets().build_and_execute(|| {
        block();
        end();
        let held = Balances::free_balance(Rewards::pot_account(NetUid(1)));
        assert_eq!(remove(Weight::from_parts(39, 0)), (Weight::zero(), false));
        let pot = Rewards::pot_account(NetUid(1));
        Balances::set_freeze(&(), &pot, 1).unwrap();
        assert!(!remove(Weight::MAX).1);
        assert_eq!(Balances::free_balance(pot), held);
        Balances::thaw(&(), &pot).unwrap();
        assert!(remove(Weight::MAX).1);
    });
}
