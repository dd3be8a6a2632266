use crate::{mock::*, Event, Queue};
use frame_support::{
    traits::{fungible::MutateFreeze, Get},
    weights::Weight,
};
use laurel_types::{EpochIndex, NetUid, LRL};

const THIRD: u64 = u64::MAX / 3;

fn three_subnets() -> ExtBuilder {
    let shares = [(1, 1), (2, 2)];
    ExtBuilder::default()
        .subnet(THIRD, &shares)
        .subnet(THIRD, &shares)
        .subnet(THIRD, &shares)
}

/// What looking at the queue and running so many epochs takes: reading stake, scoring and paying, each with another look.
fn weight_of(epochs: u64) -> Weight {
    Weight::from_parts(10 + 1_030 * epochs, 0)
}

fn ran() -> Vec<(u16, u32)> {
    Ran::get()
        .into_iter()
        .map(|(netuid, _, block)| (netuid.0, block))
        .collect()
}

#[test]
fn an_epoch_runs_in_the_block_in_which_it_is_due() {
    three_subnets().build_and_execute(|| {
        blocks(4);
        assert_eq!(ran(), []);
        block();
        assert_eq!(ran(), [(1, 5), (2, 5), (3, 5)]);
        assert!(Queue::<Test>::get().is_empty());
    });
}

/// Weakness 29: all epochs that were due ran in one block, whatever they cost.
#[test]
fn an_overloaded_block_defers_epochs_to_the_next_and_they_pay_what_was_collected() {
    three_subnets().build_and_execute(|| {
        blocks(4);
        block_with(weight_of(2));
        assert_eq!(ran(), [(1, 5), (2, 5)]);
        assert_eq!(*Queue::<Test>::get(), [NetUid(3)]);
        block_with(weight_of(2));
        assert_eq!(ran(), [(1, 5), (2, 5), (3, 6)]);
        assert_eq!(last_epoch(3).pot - last_epoch(2).pot, LRL / 3);
    });
}

#[test]
fn the_first_in_the_queue_waits_at_most_one_block() {
    three_subnets().build_and_execute(|| {
        blocks(4);
        block_with(Weight::from_parts(500, 0));
        assert_eq!(ran(), []);
        let before = System::block_weight().total();
        block_with(Weight::from_parts(500, 0));
        assert_eq!(ran(), [(1, 6)]);
        // What the meter did not have is charged to the block.
        assert_eq!((System::block_weight().total() - before).ref_time(), 10 + 1_010 - 500);
        block_with(weight_of(3));
        assert_eq!(ran(), [(1, 6), (2, 7), (3, 7)]);
        assert_eq!(last_epoch(1).block, 6, "it was paid a block after it was scored");
    });
}

#[test]
fn an_epoch_too_large_for_any_block_runs_when_it_is_the_first() {
    three_subnets().build_and_execute(|| {
        let limits: frame_system::limits::BlockWeights = <Test as frame_system::Config>::BlockWeights::get();
        EpochWeight::set(limits.max_block.saturating_add(Weight::from_parts(1, 0)));
        blocks(4);
        for scored in [&[] as &[_], &[(1, 6)], &[(1, 6)], &[(1, 6), (2, 8)]] {
            block_with(limits.max_block);
            assert_eq!(ran(), scored, "what comes before and after it has its own block");
        }
    });
}

#[test]
fn nothing_runs_in_a_block_without_weight_for_looking_at_the_queue() {
    three_subnets().build_and_execute(|| {
        blocks(4);
        block_with(Weight::from_parts(9, 0));
        assert_eq!(ran(), []);
        assert_eq!(Queue::<Test>::get().len(), 3);
        // Waiting subnets are not queued again.
        block_with(Weight::from_parts(9, 0));
        assert_eq!(Queue::<Test>::get().len(), 3);
    });
}

#[test]
fn one_failing_subnet_does_not_stop_the_others_and_loses_only_its_epoch() {
    three_subnets().build_and_execute(|| {
        blocks(4);
        // Somebody froze the second pot, so that it cannot be emptied.
        let pot = Rewards::pot_account(NetUid(2));
        Balances::set_freeze(&(), &pot, LRL / 2).unwrap();
        block();
        assert_eq!(ran(), [(1, 5), (3, 5)]);
        assert_eq!(Skipped::get(), [(NetUid(2), EpochIndex(0))]);
        assert!(last_epoch(1).miners > 0 && last_epoch(3).miners > 0);
        assert_eq!(crate::LastEpoch::<Test>::get(NetUid(2)), None);
        assert!(
            (0..2).all(|uid| earned(hotkey(2, uid)) == 0),
            "nothing of the failed epoch remains"
        );
        let failed = System::events().into_iter().any(|record| {
            let epoch = EpochIndex(0);
            matches!(record.event, RuntimeEvent::Rewards(Event::EpochFailed { netuid: NetUid(2), epoch: e, .. }) if e == epoch)
        });
        assert!(failed);
        assert!(Told::get().contains(&(NetUid(2), EpochIndex(0))));
        assert!(Queue::<Test>::get().is_empty());

        block();
        assert_eq!((ran().len(), Skipped::get().len()), (2, 1), "the failed epoch is not tried again");
        Balances::thaw(&(), &pot).unwrap();
        blocks(TEMPO.into());
        assert!(last_epoch(2).miners > last_epoch(1).miners, "its pot was carried over");
    });
}

#[test]
fn a_subnet_that_is_gone_leaves_the_queue() {
    three_subnets().build_and_execute(|| {
        blocks(4);
        block_with(weight_of(1));
        Nets::mutate(|nets| nets.remove(&NetUid(2)));
        RootSplit::mutate(|split| split.retain(|(netuid, _)| *netuid != NetUid(2)));
        block();
        assert_eq!(ran(), [(1, 5), (3, 6)]);
        assert!(Queue::<Test>::get().is_empty());
    });
}
