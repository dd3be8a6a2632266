//! What the gateway says itself.
use super::{chat, error_of, live, setup, Bench, CHAT};
use crate::support::{nobody, text_work, GENESIS, MODEL, NETUID};
use axum::http::StatusCode;
use laurel_protocol::Hotkey;
use laurel_types::EpochIndex;
use laurel_validator::{
    asking::Directory,
    gateway::{Published, Setup},
    rate::Policy,
    store::{Identity, Kept, Store},
    Evidence, Fault, Judgement, Verdict,
};
use serde_json::{json, Value};
use std::sync::Arc;
use subxt_signer::sr25519::dev;

#[tokio::test]
async fn what_cannot_be_answered_is_refused_in_the_apis_form_without_asking_a_miner() {
    let mut bench = Bench::new(text_work(), &[nobody().await]);
    let refused = [
        (CHAT, json!({ "messages": [] }), 400, "invalid_parameter"),
        (CHAT, json!({ "messages": "hello" }), 400, "malformed_body"),
        (
            CHAT,
            json!({ "model": "gpt-x", "messages": [] }),
            404,
            "model_not_found",
        ),
        (
            "/v1/completions",
            json!({ "prompt": "x".repeat(5_000) }),
            400,
            "invalid_input",
        ),
        (
            "/v1/completions",
            json!({ "prompt": "x".repeat(1_100_000) }),
            413,
            "body_too_large",
        ),
        ("/v1/embeddings", json!({ "input": "a" }), 404, "model_not_found"),
        (
            "/v1/embeddings",
            json!({ "model": "hash", "input": "a" }),
            404,
            "wrong_kind",
        ),
        (CHAT, json!([]), 400, "malformed_body"),
        ("/v1/images", json!({}), 404, "not_found"),
    ];
    for (path, body, status, code) in refused {
        let got = error_of(bench.post(path, &body).await).await;
        assert_eq!(got, (StatusCode::from_u16(status).unwrap(), code.into()), "{path}");
    }
    let wrong = bench.post("/v1/models", &json!({})).await;
    assert_eq!(error_of(wrong).await.1, "method_not_allowed");
    assert!(bench.line.0.try_recv().is_err(), "nobody was asked");

    let failed = error_of(bench.post(CHAT, &chat(false)).await).await;
    assert_eq!(failed, (StatusCode::BAD_GATEWAY, "miners_failed".into()));
    assert_eq!(bench.asked().await.answer.unwrap_err().verdict, Verdict::Down);
    bench.line.1.send_replace(Directory::default());
    assert_eq!(error_of(bench.post(CHAT, &chat(true)).await).await.1, "no_miner");
}

#[tokio::test]
async fn the_models_are_those_that_live_miners_serve() {
    let bench = Bench::new(text_work(), &[nobody().await, nobody().await]);
    let models: Value = reqwest::get(format!("{}/v1/models", bench.url))
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(models["object"], "list");
    assert_eq!(models["data"].as_array().unwrap().len(), 1);
    let entry = &models["data"][0];
    assert_eq!((&entry["id"], &entry["laurel"]["miners"]), (&json!("hash"), &json!(2)));
    assert_eq!(entry["laurel"]["root"], hex::encode(MODEL.0));
    for id in [
        "hash",
        &hex::encode(MODEL.0),
        &format!("0x{}", hex::encode_upper(MODEL.0)),
    ] {
        let one: Value = bench.get(&format!("/v1/models/{id}")).await.json().await.unwrap();
        assert_eq!(&one, entry, "{id}");
    }
    assert_eq!(error_of(bench.get("/v1/models/gpt-x").await).await.1, "model_not_found");
    bench.line.1.send_replace(Directory::default());
    let models: Value = reqwest::get(format!("{}/v1/models", bench.url))
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(models["data"], json!([]));
}

#[tokio::test]
async fn receipts_are_published_without_words_if_the_validator_wants_it() {
    let bench = Bench::new(text_work(), &[nobody().await]);
    assert_eq!(
        bench.get("/laurel/v1/receipts?uid=0").await.status(),
        StatusCode::NOT_FOUND
    );

    let folder = tempfile::tempdir().unwrap();
    let identity = Identity {
        genesis: GENESIS,
        netuid: NETUID,
        hotkey: Hotkey::of(&dev::alice()).0,
    };
    let store = Arc::new(Store::open(folder.path(), &identity).unwrap());
    let subject = live(4, nobody().await).subject;
    let (mut record, policy) = (store.record_of(subject.registration).unwrap(), Policy::default());
    for (epoch, reason) in [(7, "nothing came within 8000 ms"), (8, "the queue is full")] {
        let case = Judgement::fault(Fault::new(Verdict::Late, reason)).into();
        let (evidence, after) = Evidence::new(&subject, (EpochIndex(epoch), 90), case, &record, policy);
        let kept = Kept {
            summary: "a secret task",
            answer: None,
        };
        store.record(&evidence, &after, &kept).unwrap();
        record = after;
    }
    let published = Some(Published { store, netuid: NETUID });
    let bench = Bench::of(
        Setup {
            published,
            ..setup(text_work())
        },
        Vec::new(),
    );
    let response = bench.get("/laurel/v1/receipts?uid=4").await;
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    let text = response.text().await.unwrap();
    assert!(!text.contains("secret"));
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&document["uid"], &document["netuid"]), (&json!(4), &json!(NETUID)));
    assert_eq!(document["validator"], Hotkey::of(&dev::alice()).to_string());
    let receipts = document["receipts"].as_array().unwrap();
    let seen: Vec<_> = receipts
        .iter()
        .map(|one| (&one["epoch"], &one["verdict"], &one["reason"]))
        .collect();
    let late = json!("late");
    assert_eq!(
        seen,
        [
            (&json!(8), &late, &json!("the queue is full")),
            (&json!(7), &late, &json!("nothing came within 8000 ms"))
        ]
    );
    let count = |document: Value| document["receipts"].as_array().unwrap().len();
    assert_eq!(
        count(
            bench
                .get("/laurel/v1/receipts?uid=4&limit=1")
                .await
                .json()
                .await
                .unwrap()
        ),
        1
    );
    assert_eq!(
        count(bench.get("/laurel/v1/receipts?uid=5").await.json().await.unwrap()),
        0
    );
    for query in ["", "?uid=x", "?uid=70000"] {
        let refused = error_of(bench.get(&format!("/laurel/v1/receipts{query}")).await).await;
        assert_eq!(
            refused,
            (StatusCode::BAD_REQUEST, "invalid_parameter".into()),
            "{query}"
        );
    }
}

#[tokio::test]
async fn the_dashboards_files_are_at_the_root_and_hide_nothing_of_the_api() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("index.html"), "<title>Laurel</title>").unwrap();
    let dashboard = Some(folder.path().to_owned());
    let bench = Bench::of(
        Setup {
            dashboard,
            ..setup(text_work())
        },
        Vec::new(),
    );
    let response = bench.get("/").await;
    assert!(response.headers()["content-type"]
        .to_str()
        .unwrap()
        .starts_with("text/html"));
    assert_eq!(response.headers()["cache-control"], "no-cache");
    assert_eq!(response.text().await.unwrap(), "<title>Laurel</title>");
    assert_eq!(bench.get("/v1/models").await.status(), StatusCode::OK);
    assert_eq!(error_of(bench.get("/nothing.js").await).await.1, "not_found");
    assert_eq!(
        error_of(bench.post("/v1/images", &json!({})).await).await.1,
        "not_found"
    );
    assert_eq!(bench.get("/..%2f..%2fetc/passwd").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn it_is_ready_when_there_is_somebody_to_ask_and_names_each_answer() {
    let bench = Bench::new(text_work(), &[nobody().await]);
    let response = bench.get("/ready").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.headers()["x-request-id"].to_str().unwrap().starts_with("req_"));
    bench.line.1.send_replace(Directory::default());
    assert_eq!(bench.get("/ready").await.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(bench.get("/health").await.status(), StatusCode::OK);
}
