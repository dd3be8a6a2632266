//! Epochs that take more than one block.
use crate::{mock::*, BillPages, Event, Progress, Queue, Stage, LINES_A_PAGE, NEURONS_A_STEP};
use frame_support::{traits::fungible::MutateFreeze, weights::Weight};
use laurel_support::{OnHotkeySwapped, OnSubnetRemoved};
use laurel_types::{Balance, EpochSummary, NetUid, Uid, LRL};
use proptest::{collection, prelude::*};

const NET: NetUid = NetUid(1);

fn one_subnet(neurons: usize) -> ExtBuilder {
    ExtBuilder::default().subnet(u64::MAX, &vec![(1, 1); neurons])
}

fn time(ref_time: u64) -> Weight {
    Weight::from_parts(ref_time, 0)
}

/// Blocks until the epoch is due, and one in which it is scored and nothing of it is paid.
fn score_only() {
    LineWeight::set(time(1_000));
    blocks(u32::from(TEMPO) - 1);
    // A look, reading stake with a look after each of its steps, and scoring; far from a page.
    block_with(time(10 + 100 + 1_010));
    assert!(matches!(Progress::<Test>::get(), Stage::Pay(_)));
    assert_eq!(crate::LastEpoch::<Test>::get(NET), None);
}

/// What a page costs, and the look that follows.
fn page() -> Weight {
    time(10 + 1_000 * u64::from(LINES_A_PAGE))
}

#[test]
fn a_block_with_little_room_pays_a_part_and_the_next_goes_on_where_it_stopped() {
    one_subnet(800).build_and_execute(|| {
        score_only();
        let scored = System::block_number() as u32;
        let charged = System::block_weight().total();
        let first = |uid: u16| earned(hotkey(1, uid)) > 0;
        block_with(time(10) + page() * 2);
        assert!(first(511) && !first(512), "two pages");
        assert!(
            Queue::<Test>::get().contains(&NET),
            "the next epoch waits for the pay of this one"
        );
        block_with(time(10) + page() * 2);
        assert!(first(799));
        assert!(Queue::<Test>::get().is_empty());
        assert_eq!(
            System::block_weight().total(),
            charged,
            "no block had more than it had room for"
        );
        let summary = last_epoch(1);
        assert_eq!((summary.block, summary.carried), (scored, 0));
        // What came in since waits for the next epoch.
        assert_eq!(Rewards::pot(NET), 2 * LRL);
        assert_eq!(
            (0..800).map(|uid| earned(hotkey(1, uid))).sum::<Balance>(),
            summary.miners + summary.validators
        );
        blocks(u32::from(TEMPO));
        assert_eq!(Ran::get().len(), 2);
    });
}

#[test]
fn stake_is_read_in_parts_where_a_block_has_no_room_for_all() {
    let neurons = 2 * NEURONS_A_STEP + 88;
    one_subnet(neurons.into()).build_and_execute(|| {
        StockWeight::set(time(1));
        blocks(u32::from(TEMPO) - 1);
        block_with(time(10 + 10 + u64::from(NEURONS_A_STEP)));
        assert_eq!(Stocked::get(), [(NET, Uid(0), NEURONS_A_STEP)]);
        assert_eq!(Ran::get(), []);
        block();
        let rest = [
            (NET, Uid(NEURONS_A_STEP), NEURONS_A_STEP),
            (NET, Uid(2 * NEURONS_A_STEP), 88),
        ];
        assert_eq!(Stocked::get()[1..], rest);
        assert_eq!(Ran::get().len(), 1);
    });
}

#[test]
fn a_page_that_cannot_wait_is_paid_though_it_does_not_fit() {
    one_subnet(400).build_and_execute(|| {
        score_only();
        let before = System::block_weight().total();
        block_with(time(10));
        assert!(
            earned(hotkey(1, 255)) > 0 && earned(hotkey(1, 256)) == 0,
            "one page and no more"
        );
        assert_eq!(System::block_weight().total() - before, page());
    });
}

#[test]
fn what_cannot_be_taken_from_the_pot_any_more_stays_in_it() {
    one_subnet(400).build_and_execute(|| {
        score_only();
        block_with(time(10) + page());
        let pot = Rewards::pot(NET);
        Balances::set_freeze(&(), &Rewards::pot_account(NET), pot).unwrap();
        block();
        let failed = |record: frame_system::EventRecord<RuntimeEvent, _>| {
            matches!(
                record.event,
                RuntimeEvent::Rewards(Event::EpochFailed { netuid: NET, .. })
            )
        };
        assert!(System::events().into_iter().any(failed));
        let summary = last_epoch(1);
        assert!(summary.owner > 0 && summary.miners > 0 && summary.carried > 0);
        assert_eq!(pot, summary.carried + LRL);
        assert!(Queue::<Test>::get().is_empty() && Skipped::get().is_empty());
        assert_eq!(BillPages::<Test>::iter_keys().count(), 0);
        Balances::thaw(&(), &Rewards::pot_account(NET)).unwrap();
        blocks(u32::from(TEMPO));
        assert_eq!(last_epoch(1).carried, 0, "the next epoch pays it");
    });
}

#[test]
fn a_hotkey_that_is_swapped_before_it_is_paid_is_paid_under_its_new_name() {
    const NEW: AccountId = 99;
    one_subnet(400).build_and_execute(|| {
        score_only();
        let old = hotkey(1, 280);
        assert!(Rewards::in_use(&old) && !Rewards::in_use(&NEW));
        Rewards::on_hotkey_swapped(&old, &NEW).unwrap();
        assert!(!Rewards::in_use(&old) && Rewards::in_use(&NEW));
        // The swap's other half: the account of the new name is known.
        open_account(NEW);
        block();
        assert_eq!(earned(old), 0);
        assert!(earned(NEW).abs_diff(earned(hotkey(1, 281))) <= 2);
        assert_eq!(last_epoch(1).carried, 0);
    });
}

#[test]
fn a_subnet_that_ends_leaves_no_bill_and_its_pot_to_the_reserve() {
    one_subnet(400).build_and_execute(|| {
        score_only();
        let held = Balances::free_balance(Rewards::pot_account(NET));
        Nets::mutate(|nets| nets.remove(&NET));
        RootSplit::set(Vec::new());
        assert!(Rewards::remove_step(NET, Weight::MAX).1);
        assert_eq!(
            (Progress::<Test>::get(), BillPages::<Test>::iter_keys().count()),
            (Stage::default(), 0)
        );
        assert_eq!(earned(Rewards::reserve_account()), held);
        check();
        block();
        assert_eq!(earned(hotkey(1, 0)), 0);
    });
}

#[test]
fn a_subnet_that_is_gone_leaves_the_queue_with_its_bill() {
    one_subnet(400).build_and_execute(|| {
        score_only();
        Nets::mutate(|nets| nets.remove(&NET));
        RootSplit::set(Vec::new());
        block();
        assert!(Queue::<Test>::get().is_empty());
        assert_eq!(
            (Progress::<Test>::get(), BillPages::<Test>::iter_keys().count()),
            (Stage::default(), 0)
        );
    });
}

/// What an epoch left: its summary, what everybody has, and what was recorded.
type Outcome = (EpochSummary, Vec<Balance>, Vec<Balance>);

/// Runs one epoch, the payment of which has so much room in each block, at least a page.
fn outcome(shares: &[(u64, u64)], rooms: &[u64]) -> Outcome {
    let mut outcome = None;
    let lenders = [7, 8];
    ExtBuilder::default().subnet(u64::MAX, shares).build_and_execute(|| {
        lenders.into_iter().for_each(open_account);
        let neurons = 0..shares.len() as u16;
        Lenders::set(
            neurons
                .clone()
                .step_by(3)
                .map(|uid| (hotkey(1, uid), lenders.to_vec()))
                .collect(),
        );
        LineWeight::set(time(1_000));
        blocks(u32::from(TEMPO) - 1);
        let mut rooms = rooms.iter().copied().cycle();
        let mut room = time(10 + 10 * shares.len().div_ceil(NEURONS_A_STEP.into()) as u64 + 1_010);
        let charged = System::block_weight().total();
        while crate::LastEpoch::<Test>::get(NET).is_none() {
            block_with(room);
            room = time(10) + page() + time(rooms.next().unwrap_or(u64::MAX / 2));
        }
        assert_eq!(
            System::block_weight().total(),
            charged,
            "a block had more than it had room for"
        );
        let everybody = neurons.map(|uid| hotkey(1, uid)).chain(lenders);
        outcome = Some((
            last_epoch(1),
            everybody.map(earned).collect(),
            Recorded::get()[&NET].clone(),
        ));
    });
    outcome.expect("the epoch was run")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn an_epoch_pays_the_same_in_however_many_blocks(
        shares in collection::vec((0u64..5, prop_oneof![Just(0u64), 0..1_000_000u64]), 1..600),
        rooms in collection::vec(0u64..600_000, 1..20),
    ) {
        prop_assert_eq!(outcome(&shares, &rooms), outcome(&shares, &[]));
    }
}
