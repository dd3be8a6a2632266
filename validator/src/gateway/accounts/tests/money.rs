//! What is paid by deposits, and drawn once whatever dies when.
use super::{chain::Fault, *};

/// All that was settled is owed or drawn, and no more was drawn than that.
fn assert_books_agree(world: &World, coldkey: AccountId, settled: u64) {
    let drawn = world.chain.drawn_from(coldkey);
    assert_eq!(world.owed(coldkey) + drawn, settled, "{drawn} were drawn");
}

async fn world_with_deposit(leaves: u64) -> (World, HeaderMap, KeyRecord) {
    let mut world = World::new(paid());
    world.chain.deposit_of(ALICE, leaves);
    world.block().await;
    let (key, record) = world.key(Some(ALICE), "");
    (world, key, record)
}

#[tokio::test]
async fn a_deposit_pays_for_what_was_used_and_never_for_more_than_it_holds() {
    let (world, key, record) = world_with_deposit(100).await;
    let first = world.admit(&key, 60).await.unwrap();
    assert_eq!(first.payment(), Some(Payment::Paid(60)));
    assert_eq!(world.admit(&key, 41).await.err(), Some("insufficient_quota"));
    first.settle(amount(10));
    let second = world.admit(&key, 90).await.unwrap();
    // A miner that says that it did more is not believed.
    second.settle(amount(1_000));
    assert_eq!(world.admit(&key, 1).await.err(), Some("insufficient_quota"));
    assert_books_agree(&world, ALICE, 100);
    let usage = world.records().usage_since(record.id, 0).unwrap();
    assert_eq!((usage.paid_tokens, usage.leaves, usage.requests), (100, 100, 2));
}

#[tokio::test]
async fn free_tokens_come_first_and_money_is_limited_by_the_month() {
    let mut world = World::new(Terms {
        free_per_day: 86_400,
        ..paid()
    });
    world.chain.deposit_of(ALICE, 1_000);
    world.chain.stake_of(ALICE, 1);
    let (key, _) = world.key(Some(ALICE), "monthly_budget=0.00000005");
    world.block().await;
    world.clock.pass(30_000);
    let free = world.admit(&key, 30).await.unwrap();
    let paid = world.admit(&key, 30).await.unwrap();
    assert_eq!(
        (free.payment(), paid.payment()),
        (Some(Payment::Free), Some(Payment::Paid(30)))
    );
    assert_eq!(world.admit(&key, 21).await.err(), Some("monthly_limit_exceeded"));
    free.settle(amount(30));
    paid.settle(amount(20));
    world.admit(&key, 30).await.unwrap().settle(amount(30));
    assert_eq!(world.owed(ALICE), 50);
    assert_eq!(world.admit(&key, 1).await.err(), Some("monthly_limit_exceeded"));
}

#[tokio::test]
async fn what_is_owed_is_drawn_after_some_blocks_or_above_an_amount() {
    let (mut world, key, _) = world_with_deposit(10_000).await;
    world.admit(&key, 10).await.unwrap().settle(amount(10));
    world.blocks(9).await;
    assert_eq!(world.chain.draws(), 0);
    world.blocks(3).await;
    assert_eq!(
        (world.chain.draws(), world.chain.drawn_from(ALICE), world.owed(ALICE)),
        (1, 10, 0)
    );
    world.admit(&key, 999).await.unwrap().settle(amount(999));
    world.blocks(3).await;
    assert_eq!(world.chain.draws(), 1);
    world.admit(&key, 1).await.unwrap().settle(amount(1));
    world.blocks(2).await;
    assert_eq!(
        (world.chain.draws(), world.chain.drawn_from(ALICE), world.owed(ALICE)),
        (2, 1_010, 0)
    );
    // Nothing owed, nothing drawn.
    world.blocks(30).await;
    assert_eq!(world.chain.draws(), 2);
    world.admit(&key, 8_990).await.unwrap().settle(amount(0));
    assert_eq!(world.admit(&key, 8_991).await.err(), Some("insufficient_quota"));
}

#[tokio::test]
async fn whoever_takes_the_deposit_back_pays_what_is_owed_first_and_is_served_no_more() {
    let (mut world, key, _) = world_with_deposit(500).await;
    world.admit(&key, 40).await.unwrap().settle(amount(40));
    world.chain.announce(ALICE);
    world.blocks(2).await;
    assert_eq!(world.admit(&key, 1).await.err(), Some("insufficient_quota"));
    world.block().await;
    assert_eq!((world.chain.drawn_from(ALICE), world.owed(ALICE)), (40, 0));
}

#[tokio::test]
async fn many_payers_are_drawn_from_in_several_draws() {
    let mut world = World::new(paid());
    let payers: Vec<_> = (10..15).map(|number| AccountId([number; 32])).collect();
    for payer in &payers {
        world.chain.deposit_of(*payer, 1_000);
    }
    world.block().await;
    for payer in &payers {
        let (key, _) = world.key(Some(*payer), "");
        world.admit(&key, 500).await.unwrap().settle(amount(500));
    }
    world.blocks(40).await;
    for payer in &payers {
        assert_eq!((world.chain.drawn_from(*payer), world.owed(*payer)), (500, 0));
    }
    assert_eq!(world.chain.draws(), 3, "two payers fit into one");
}

/// Each of these happens to one draw; afterwards all that was settled has been drawn, once.
#[tokio::test]
async fn a_draw_is_done_once_whatever_goes_wrong_and_whenever_the_program_dies() {
    let faults = [
        None,
        Some(Fault::SendIsLost),
        Some(Fault::SendIsUnheard),
        Some(Fault::NoSign),
        Some(Fault::NoFind),
        Some(Fault::NoDeposit),
    ];
    for fault in faults {
        for blocks_until_death in 0..4 {
            for is_pool_lost in [false, true] {
                let (mut world, key, _) = world_with_deposit(5_000).await;
                world.admit(&key, 1_200).await.unwrap().settle(amount(1_200));
                if let Some(fault) = fault {
                    world.chain.go_wrong(fault);
                }
                world.blocks(blocks_until_death).await;
                world.die();
                if is_pool_lost {
                    world.chain.lose_the_pool();
                }
                drop(world.admit(&key, 1).await);
                world.blocks(30).await;
                let why = format!("{fault:?}, died after {blocks_until_death} blocks, pool lost: {is_pool_lost}");
                assert_eq!((world.chain.drawn_from(ALICE), world.owed(ALICE)), (1_200, 0), "{why}");
                world.admit(&key, 3_800).await.unwrap().settle(amount(0));
                assert_eq!(
                    world.admit(&key, 3_801).await.err(),
                    Some("insufficient_quota"),
                    "{why}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_draw_that_the_chain_fails_is_tried_again_later_and_not_at_once() {
    let (mut world, key, _) = world_with_deposit(5_000).await;
    world.admit(&key, 2_000).await.unwrap().settle(amount(2_000));
    world.chain.go_wrong(Fault::DrawFails);
    world.blocks(3).await;
    assert_eq!((world.chain.draws(), world.owed(ALICE)), (1, 2_000));
    world.blocks(8).await;
    assert_eq!(world.chain.draws(), 1, "each draw costs a fee");
    world.blocks(10).await;
    assert_eq!((world.chain.drawn_from(ALICE), world.owed(ALICE)), (2_000, 0));
}

#[tokio::test]
async fn a_draw_that_the_node_has_forgotten_counts_as_done() {
    let (mut world, key, _) = world_with_deposit(5_000).await;
    world.admit(&key, 1_200).await.unwrap().settle(amount(1_200));
    world.block().await;
    world.chain.seal();
    world.chain.forget();
    world.die();
    world.blocks(20).await;
    assert_eq!(world.owed(ALICE), 1_200, "the node may still get to know");
    assert_eq!(world.admit(&key, 1).await.err(), Some("chain_unavailable"));
    for _ in 0..256 {
        world.chain.seal();
    }
    world.block().await;
    assert_eq!((world.chain.drawn_from(ALICE), world.owed(ALICE)), (1_200, 0));
    world.admit(&key, 3_800).await.unwrap().settle(amount(3_800));
    world.blocks(30).await;
    assert_eq!((world.chain.drawn_from(ALICE), world.owed(ALICE)), (5_000, 0));
    assert_eq!(world.chain.draws(), 2);
}

#[tokio::test]
async fn where_the_chain_does_not_answer_nobody_spends() {
    let (mut world, key, _) = world_with_deposit(5_000).await;
    world.chain.go_wrong(Fault::NoDeposit);
    assert_eq!(world.admit(&key, 1).await.err(), Some("chain_unavailable"));
    world.admit(&key, 1).await.unwrap().settle(amount(1));
    world.die();
    // Not before a finalized block was seen.
    assert_eq!(world.admit(&key, 1).await.err(), Some("chain_unavailable"));
    world.block().await;
    world.admit(&key, 4_999).await.unwrap().settle(amount(1));
    // What was read long ago is not believed: the deposit may be gone.
    world.clock.pass(600_001);
    assert_eq!(world.admit(&key, 1).await.err(), Some("chain_unavailable"));
    world.block().await;
    world.admit(&key, 1).await.unwrap().settle(amount(1));
}
