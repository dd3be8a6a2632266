//! What keys may take of free quotas and by their limits.
use super::*;
use axum::response::IntoResponse;

#[tokio::test]
async fn only_a_known_key_is_admitted_and_a_revoked_one_no_longer() {
    let world = World::new(terms());
    let (key, record) = world.key(None, "");
    world.admit(&key, 10).await.unwrap().settle(amount(4));
    assert!(world.accounts.recognise(&key).is_ok());
    for (headers, code) in [
        (HeaderMap::new(), "missing_api_key"),
        (bearer("sk-of-somebody-else"), "invalid_api_key"),
        (bearer(ApiKey::generate().expose()), "invalid_api_key"),
    ] {
        assert_eq!(world.admit(&headers, 1).await.err(), Some(code));
        let refusal = world.accounts.recognise(&headers).unwrap_err();
        assert_eq!((refusal.code(), refusal.status().as_u16()), (code, 401));
    }
    // By the command line, on another connection.
    let operator = Records::of_operator(world.folder.path()).unwrap();
    assert!(operator.revoke(record.id, world.clock.now()).unwrap());
    assert!(!operator.revoke(record.id, world.clock.now()).unwrap());
    assert_eq!(world.admit(&key, 1).await.err(), Some("revoked_api_key"));
}

#[tokio::test]
async fn where_no_key_is_needed_nobody_is_counted_but_who_sends_one() {
    let open = Terms {
        keys: Keys::Open,
        ..terms()
    };
    let world = World::new(open);
    for headers in [HeaderMap::new(), bearer("sk-none")] {
        let admission = world.admit(&headers, 1_000_000).await.unwrap();
        assert_eq!(admission.payment(), None);
    }
    let (key, record) = world.key(None, "tokens_per_minute=10");
    world.admit(&key, 10).await.unwrap().settle(amount(10));
    assert_eq!(world.admit(&key, 1).await.err(), Some("rate_limit_exceeded"));
    assert_eq!(world.records().usage_since(record.id, 0).unwrap().given_tokens, 10);
    let unknown = bearer(ApiKey::generate().expose());
    assert_eq!(world.admit(&unknown, 1).await.err(), Some("invalid_api_key"));
    Accounts::open()
        .admit(&HeaderMap::new(), amount(9))
        .await
        .map_err(|refusal| refusal.code())
        .unwrap()
        .settle(amount(9));
}

#[tokio::test]
async fn free_tokens_flow_in_by_the_part_of_the_stake() {
    let mut world = World::new(free(86_400));
    world.chain.stake_of(ALICE, 300);
    world.chain.stake_of(BOB, 100);
    let (alice, _) = world.key(Some(ALICE), "");
    let (bob, _) = world.key(Some(BOB), "");
    world.block().await;
    // Nothing has come yet, and nothing else pays.
    assert_eq!(world.admit(&alice, 1).await.err(), Some("free_quota_exceeded"));
    // Three quarters of a token a second, and one quarter.
    world.clock.pass(100_000);
    for (key, has) in [(&alice, 75), (&bob, 25)] {
        assert_eq!(world.admit(key, has + 1).await.err(), Some("free_quota_exceeded"));
        let admission = world.admit(key, has).await.unwrap();
        assert_eq!(admission.payment(), Some(Payment::Free));
        admission.settle(amount(has - 5));
        assert_eq!(world.admit(key, 6).await.err(), Some("free_quota_exceeded"));
        drop(world.admit(key, 5).await.unwrap());
        drop(world.admit(key, 5).await.unwrap());
    }
    let refusal = world
        .accounts
        .admit(&alice, amount(20))
        .await
        .err()
        .unwrap()
        .into_response();
    assert_eq!(refusal.status(), 429);
    assert_eq!(refusal.headers()["retry-after"], "20");
    // Never more than a day's worth, so asking for more is no matter of waiting.
    let refusal = world.accounts.admit(&bob, amount(30_000)).await.err().unwrap();
    assert_eq!((refusal.code(), refusal.status().as_u16()), ("insufficient_quota", 402));
}

#[tokio::test]
async fn a_stake_that_moves_from_coldkey_to_coldkey_is_not_counted_twice() {
    let mut world = World::new(free(86_400));
    world.chain.stake_of(ALICE, 100);
    let (alice, _) = world.key(Some(ALICE), "");
    let (bob, _) = world.key(Some(BOB), "");
    world.block().await;
    world.clock.pass(DAY);
    world.block().await;
    world.admit(&alice, 86_400).await.unwrap().settle(amount(86_400));
    world.chain.stake_of(ALICE, 0);
    world.chain.stake_of(BOB, 100);
    world.block().await;
    assert_eq!(world.admit(&bob, 13).await.err(), Some("free_quota_exceeded"));
    assert_eq!(world.admit(&alice, 1).await.err(), Some("insufficient_quota"));
    // What a coldkey saved goes with its stake.
    world.clock.pass(DAY / 2);
    world.block().await;
    world.admit(&bob, 43_000).await.unwrap().settle(amount(0));
    world.chain.stake_of(BOB, 0);
    world.block().await;
    assert_eq!(world.admit(&bob, 1).await.err(), Some("insufficient_quota"));
}

#[tokio::test]
async fn what_is_left_free_survives_the_program() {
    let mut world = World::new(free(86_400));
    world.chain.stake_of(ALICE, 1);
    let (alice, record) = world.key(Some(ALICE), "");
    world.block().await;
    world.clock.pass(88_000);
    world.block().await;
    world.admit(&alice, 90).await.unwrap().settle(amount(60));
    let lost = world.admit(&alice, 20).await.unwrap();
    world.die();
    // A request that died with the program took nothing that is counted.
    drop(lost);
    assert_eq!(
        world.admit(&alice, 41).await.err(),
        Some("chain_unavailable"),
        "its stake is not read yet"
    );
    world.admit(&alice, 40).await.unwrap().settle(amount(40));
    assert_eq!(world.records().usage_since(record.id, 0).unwrap().free_tokens, 100);
    // The time in which it did not run does not count.
    world.clock.pass(DAY);
    world.die();
    world.block().await;
    assert_eq!(world.admit(&alice, 1).await.err(), Some("free_quota_exceeded"));
}

#[tokio::test]
async fn requests_and_tokens_of_a_minute_and_requests_at_a_time_are_limited() {
    let world = World::new(terms());
    let (key, _) = world.key(None, "requests_per_minute=3,tokens_per_minute=100,concurrency=2");
    let first = world.admit(&key, 30).await.unwrap();
    assert_eq!(first.headers()["x-ratelimit-limit-requests"], "3");
    assert_eq!(first.headers()["x-ratelimit-remaining-requests"], "2");
    assert_eq!(first.headers()["x-ratelimit-remaining-tokens"], "70");
    assert_eq!(first.headers()["x-ratelimit-reset-tokens"], "18s");
    let second = world.admit(&key, 60).await.unwrap();
    assert_eq!(world.admit(&key, 1).await.err(), Some("concurrency_limit_exceeded"));
    second.settle(amount(10));
    drop(first);
    // 90 tokens are left and one request.
    let refusal = world
        .accounts
        .admit(&key, amount(100))
        .await
        .err()
        .unwrap()
        .into_response();
    assert_eq!(
        (refusal.status().as_u16(), &refusal.headers()["retry-after"]),
        (429, &"6".parse().unwrap())
    );
    assert_eq!(refusal.headers()["x-ratelimit-remaining-tokens"], "90");
    assert_eq!(world.admit(&key, 101).await.err(), Some("request_over_limit"));
    world.admit(&key, 90).await.unwrap().settle(amount(90));
    world.clock.pass(1_000);
    assert_eq!(world.admit(&key, 1).await.err(), Some("rate_limit_exceeded"));
    world.clock.pass(19_000);
    world.admit(&key, 1).await.unwrap().settle(amount(1));
}

#[tokio::test]
async fn a_month_is_limited_in_tokens_and_begins_anew() {
    let mut world = World::new(terms());
    let (key, record) = world.key(None, "monthly_tokens=100");
    world.admit(&key, 90).await.unwrap().settle(amount(80));
    assert_eq!(world.admit(&key, 21).await.err(), Some("monthly_limit_exceeded"));
    let under_way = world.admit(&key, 20).await.unwrap();
    assert_eq!(world.admit(&key, 1).await.err(), Some("monthly_limit_exceeded"));
    under_way.settle(amount(15));
    world.die();
    assert_eq!(world.admit(&key, 6).await.err(), Some("monthly_limit_exceeded"));
    // Into December.
    world.clock.pass(8 * DAY);
    world.admit(&key, 100).await.unwrap().settle(amount(100));
    let records = world.records();
    assert_eq!(records.usage_since(record.id, 0).unwrap().tokens(), 195);
    let month = records.month_of(world.clock.now()).unwrap();
    assert_eq!(records.usage_since(record.id, month).unwrap().tokens(), 100);
}

#[tokio::test]
async fn an_owner_tightens_limits_and_the_operator_changes_them_while_the_gateway_runs() {
    let world = World::new(Terms {
        defaults: "requests_per_minute=5".parse().unwrap(),
        ..terms()
    });
    let (key, record) = world.key(None, "");
    let limit = |admission: Admission| {
        admission.headers()["x-ratelimit-limit-requests"]
            .to_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(limit(world.admit(&key, 1).await.unwrap()), "5");
    let operator = Records::of_operator(world.folder.path()).unwrap();
    operator
        .allow(record.id, &"requests_per_minute=50".parse().unwrap())
        .unwrap();
    assert_eq!(limit(world.admit(&key, 1).await.unwrap()), "50");
    operator
        .choose(record.id, &"requests_per_minute=4".parse().unwrap())
        .unwrap();
    assert_eq!(limit(world.admit(&key, 1).await.unwrap()), "4");
    operator
        .choose(record.id, &"requests_per_minute=0".parse().unwrap())
        .unwrap();
    assert_eq!(world.admit(&key, 1).await.err(), Some("key_disabled"));
}

#[tokio::test]
async fn neither_keys_nor_anything_but_counts_is_on_disk() {
    let mut world = World::new(paid());
    world.chain.deposit_of(ALICE, 1_000_000);
    world.block().await;
    let (key, record) = world.key(Some(ALICE), "");
    world.admit(&key, 10).await.unwrap().settle(amount(10));
    world.blocks(12).await;
    let secret = key[AUTHORIZATION]
        .to_str()
        .unwrap()
        .trim_start_matches("Bearer ")
        .to_owned();
    for entry in std::fs::read_dir(world.folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(
            !holds(&secret) && !holds(&secret[record.start.len()..]),
            "a key is on disk"
        );
    }
}

#[test]
fn a_file_of_a_later_release_another_chain_or_another_hotkey_is_refused() {
    let world = World::new(terms());
    let folder = world.folder.path();
    for (genesis, hotkey, what) in [(&[6; 32], &GATEWAY, "chain"), (&GENESIS, &ALICE, "hotkey")] {
        let refused = Records::open(folder, genesis, hotkey).unwrap_err();
        assert!(refused.to_string().contains(what), "{refused}");
    }
    let missing = Records::of_operator(&folder.join("nowhere")).unwrap_err();
    assert!(missing.to_string().contains("nowhere"), "{missing}");
    let later = rusqlite::Connection::open(folder.join("gateway.db")).unwrap();
    later.pragma_update(None, "user_version", 99).unwrap();
    let refused = Records::open(folder, &GENESIS, &GATEWAY).unwrap_err();
    assert!(refused.to_string().contains("later release"), "{refused}");
}
