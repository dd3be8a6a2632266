//! Every kind of bad request gets its own status, a JSON body and a counter, and never reaches the model.
use crate::support::{now_ms, refusal, EndlessText, FixedEmbedding, Miner, ScriptedText, MAX_BODY};
use futures::StreamExt;
use laurel_protocol::{Hotkey, BODY_HEADER, NONCE_HEADER, SIGNATURE_HEADER};
use laurel_types::NetUid;
use subxt_signer::sr25519::dev;

const PATH: &str = "/v1/embeddings";
const BODY: &str = r#"{"input":"a"}"#;

/// Sends a request that is wrong in one way and checks what becomes of it.
async fn expect(miner: &Miner, model: &FixedEmbedding, response: reqwest::Response, expected: (u16, &str)) {
    let (status, code) = expected;
    assert_eq!(refusal(response).await, (status, code.to_owned()));
    assert_eq!(miner.counted(PATH, code), 1, "{code} is counted once");
    assert_eq!(model.jobs.get(), 0, "{code}: no work is done");
}

#[tokio::test]
async fn a_request_with_a_wrong_envelope_is_refused_and_counted() {
    let model = FixedEmbedding::default();
    let miner = Miner::start(model.clone().into()).await;
    let signed = |change: fn(&mut laurel_protocol::Envelope)| {
        let mut envelope = miner.envelope(PATH, BODY.as_bytes(), &dev::bob());
        change(&mut envelope);
        envelope.sign(&dev::bob())
    };
    type Forge = fn(&mut laurel_protocol::Envelope);
    let cases: [(Forge, u16, &str); 9] = [
        (|e| e.version = 9, 400, "unsupported_version"),
        (|e| e.genesis = [1; 32], 421, "wrong_chain"),
        (|e| e.netuid = NetUid(4), 421, "wrong_subnet"),
        (|e| e.receiver = Hotkey::of(&dev::charlie()), 421, "misaddressed"),
        (|e| e.expires_ms = now_ms() - 1, 401, "expired"),
        (|e| e.expires_ms = now_ms() + 90_000, 400, "lifetime_too_long"),
        (|e| e.sender = Hotkey::of(&dev::eve()), 401, "bad_signature"),
        (|e| e.method = "GET".into(), 401, "bad_signature_method"),
        (|e| e.body_hash = [0; 32], 400, "body_mismatch"),
    ];
    for (change, status, code) in cases {
        let response = miner.send(&signed(change), BODY).await;
        match code.strip_suffix("_method") {
            // Signed for another method: the second request of this kind.
            Some(code) => assert_eq!(refusal(response).await, (status, code.to_owned())),
            None => expect(&miner, &model, response, (status, code)).await,
        }
    }
    assert_eq!(miner.counted(PATH, "bad_signature"), 2);
    miner.stop().await;
}

#[tokio::test]
async fn an_unsigned_request_is_refused_before_its_body_is_read() {
    let model = FixedEmbedding::default();
    let miner = Miner::start(model.clone().into()).await;
    let url = format!("http://{}{PATH}", miner.address);
    let response = miner.client.post(&url).body(BODY).send().await.unwrap();
    expect(&miner, &model, response, (401, "unsigned")).await;

    let mut headers = miner
        .envelope(PATH, BODY.as_bytes(), &dev::bob())
        .sign(&dev::bob())
        .headers();
    headers.insert(NONCE_HEADER, "not a nonce".parse().unwrap());
    let response = miner
        .client
        .post(&url)
        .headers(headers.clone())
        .body(BODY)
        .send()
        .await
        .unwrap();
    expect(&miner, &model, response, (400, "malformed_envelope")).await;
    headers.remove(BODY_HEADER);
    headers.remove(SIGNATURE_HEADER);
    let response = miner
        .client
        .post(&url)
        .headers(headers)
        .body(BODY)
        .send()
        .await
        .unwrap();
    assert_eq!(refusal(response).await, (401, "unsigned".into()));
    miner.stop().await;
}

#[tokio::test]
async fn an_oversized_body_is_413_whether_its_length_is_declared_or_not() {
    let model = FixedEmbedding::default();
    let miner = Miner::start(model.clone().into()).await;
    let body = vec![b' '; MAX_BODY + 1];
    let request = |nonce: u8| {
        let mut envelope = miner.envelope(PATH, &body, &dev::bob());
        envelope.nonce = laurel_protocol::Nonce([nonce; 16]);
        envelope.sign(&dev::bob())
    };
    let response = miner.send(&request(1), body.clone()).await;
    expect(&miner, &model, response, (413, "body_too_large")).await;

    let chunks = body
        .chunks(1_000)
        .map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec()))
        .collect::<Vec<_>>();
    let response = miner
        .send(&request(2), reqwest::Body::wrap_stream(futures::stream::iter(chunks)))
        .await;
    assert_eq!(refusal(response).await, (413, "body_too_large".into()));
    assert_eq!(miner.counted(PATH, "body_too_large"), 2);

    // A stranger hears it too.
    let url = format!("http://{}{PATH}", miner.address);
    let response = miner
        .client
        .post(&url)
        .body(vec![b' '; 3_000_000])
        .send()
        .await
        .unwrap();
    assert_eq!(refusal(response).await, (413, "body_too_large".into()));

    let fits = format!(r#"{{"input":"a"}}{}"#, " ".repeat(MAX_BODY - BODY.len()));
    let (_, response) = miner.ask(PATH, &fits).await;
    assert_eq!(response.status(), 200, "the limit itself is within it");
    miner.stop().await;
}

#[tokio::test]
async fn a_replayed_request_is_409_and_does_no_second_work() {
    let model = FixedEmbedding::default();
    let miner = Miner::start(model.clone().into()).await;
    let request = miner.envelope(PATH, BODY.as_bytes(), &dev::bob()).sign(&dev::bob());
    assert_eq!(miner.send(&request, BODY).await.status(), 200);
    assert_eq!(
        refusal(miner.send(&request, BODY).await).await,
        (409, "replayed".into())
    );
    assert_eq!((model.jobs.get(), miner.counted(PATH, "replayed")), (1, 1));
    miner.stop().await;
}

#[tokio::test]
async fn only_registered_hotkeys_with_stake_may_ask() {
    let model = FixedEmbedding::default();
    let miner = Miner::start(model.clone().into()).await;
    for stranger in [dev::charlie(), dev::eve()] {
        let request = miner.envelope(PATH, BODY.as_bytes(), &stranger).sign(&stranger);
        assert_eq!(
            refusal(miner.send(&request, BODY).await).await,
            (403, "not_permitted".into())
        );
    }
    assert_eq!((model.jobs.get(), miner.counted(PATH, "not_permitted")), (0, 2));

    // Charlie gets stake, and Bob loses his: the next look at the chain shows it.
    miner.chain.change(|metagraph| {
        metagraph.neurons[1].stake = 0;
        metagraph.neurons[2].stake = 1;
    });
    miner.chain.block_seen(11).await;
    let by_charlie = miner
        .envelope(PATH, BODY.as_bytes(), &dev::charlie())
        .sign(&dev::charlie());
    assert_eq!(miner.send(&by_charlie, BODY).await.status(), 200);
    let (_, by_bob) = miner.ask(PATH, BODY).await;
    assert_eq!(refusal(by_bob).await, (403, "not_permitted".into()));
    miner.stop().await;
}

#[tokio::test]
async fn a_body_that_is_not_what_the_route_takes_is_400() {
    let model = FixedEmbedding::default();
    let miner = Miner::start(model.clone().into()).await;
    for (body, status, code) in [
        ("", 400, "malformed_body"),
        ("{", 400, "malformed_body"),
        ("\0\u{1}garbage", 400, "malformed_body"),
        (r#"{"input":7}"#, 400, "malformed_body"),
        (r#"{"input":[]}"#, 400, "invalid_parameter"),
        (r#"{"input":""}"#, 400, "invalid_parameter"),
        (r#"{"input":"a","dimensions":5}"#, 400, "invalid_parameter"),
        (r#"{"input":"a","model":"other"}"#, 404, "model_not_found"),
    ] {
        let (_, response) = miner.ask(PATH, body).await;
        assert_eq!(refusal(response).await, (status, code.to_owned()), "{body}");
    }
    assert_eq!(miner.counted(PATH, "malformed_body"), 4);
    assert_eq!(model.jobs.get(), 0);
    miner.stop().await;
}

#[tokio::test]
async fn text_requests_are_checked_before_the_model_sees_them() {
    let model = ScriptedText::default();
    let miner = Miner::start(model.clone().into()).await;
    for (path, body, code) in [
        ("/v1/completions", r#"{"prompt":""}"#, "invalid_parameter"),
        ("/v1/completions", r#"{"prompt":[]}"#, "invalid_parameter"),
        ("/v1/completions", r#"{"prompt":["a","b"]}"#, "invalid_parameter"),
        (
            "/v1/completions",
            r#"{"prompt":"a","temperature":3}"#,
            "invalid_parameter",
        ),
        ("/v1/completions", r#"{"prompt":"a","n":2}"#, "invalid_parameter"),
        ("/v1/chat/completions", r#"{"messages":[]}"#, "invalid_parameter"),
        ("/v1/chat/completions", r#"{"messages":"hello"}"#, "malformed_body"),
        ("/v1/embeddings", r#"{"input":"a"}"#, "wrong_kind"),
    ] {
        let (_, response) = miner.ask(path, body).await;
        assert_eq!(refusal(response).await.1, code, "{body}");
    }
    assert_eq!(model.jobs.get(), 0);
    miner.stop().await;
}

#[tokio::test]
async fn numbers_that_no_sampler_can_take_are_400() {
    let model = ScriptedText::default();
    let miner = Miner::start(model.clone().into()).await;
    let parameters = [
        r#""temperature":-0.1"#,
        r#""temperature":2.001"#,
        r#""temperature":1e999"#,
        r#""temperature":NaN"#,
        r#""temperature":"hot""#,
        r#""top_p":0"#,
        r#""top_p":-1"#,
        r#""top_p":1.1"#,
        r#""top_p":-Infinity"#,
        r#""top_k":-1"#,
        r#""top_k":0.5"#,
        r#""top_k":4294967296"#,
        r#""max_tokens":0"#,
        r#""max_tokens":-1"#,
        r#""max_tokens":1e30"#,
        r#""stop":"""#,
        r#""stop":["a","b","c","d","e"]"#,
        r#""stop":[1]"#,
    ];
    for parameter in parameters {
        for (path, question) in [
            ("/v1/completions", r#""prompt":"a""#),
            ("/v1/chat/completions", r#""messages":[{"role":"user","content":"a"}]"#),
        ] {
            let (_, response) = miner.ask(path, &format!("{{{question},{parameter}}}")).await;
            let (status, code) = refusal(response).await;
            assert_eq!(status, 400, "{path} {parameter}");
            assert!(
                ["invalid_parameter", "malformed_body"].contains(&code.as_str()),
                "{path} {parameter}: {code}"
            );
        }
    }
    for prompt in ["[-1]", "[4294967296]", "[0.5]", "[1,\"a\"]", "{}", "null", "7"] {
        let (_, response) = miner.ask("/v1/completions", &format!(r#"{{"prompt":{prompt}}}"#)).await;
        assert_eq!(refusal(response).await, (400, "malformed_body".into()), "{prompt}");
    }
    assert_eq!(model.jobs.get(), 0);
    miner.stop().await;
}

#[tokio::test]
async fn broken_text_in_a_body_is_400_and_disturbs_nobody() {
    let model = EndlessText::new();
    let miner = Miner::start(model.clone().into()).await;
    // Somebody else's answer, under way.
    let (_, other) = miner.ask("/v1/completions", r#"{"prompt":"a","stream":true}"#).await;
    let mut other = other.bytes_stream();
    other.next().await.unwrap().unwrap();
    let deep = "[".repeat(5_000);
    let values: [&[u8]; 6] = [
        b"\"\xff\xfe\"}",
        // A character cut in two, an overlong one, half of a pair, the same as an escape.
        b"\"\xe6\x9d\"}",
        b"\"\xc0\xaf\"}",
        b"\"\xed\xa0\x80\"}",
        br#""\ud800"}"#,
        deep.as_bytes(),
    ];
    for (path, name) in [
        ("/v1/completions", "prompt"),
        ("/v1/chat/completions", "messages"),
        (PATH, "input"),
    ] {
        for value in values {
            let body = [format!("{{\"{name}\":").as_bytes(), value].concat();
            let request = miner.envelope(path, &body, &dev::bob()).sign(&dev::bob());
            let refused = refusal(miner.send(&request, body.clone()).await).await;
            assert_eq!(refused, (400, "malformed_body".into()), "{body:?}");
        }
    }
    other.next().await.unwrap().unwrap();
    model.until(1).await;
    drop(other);
    miner.stop().await;
}

#[tokio::test]
async fn unknown_paths_and_methods_are_json_errors_too() {
    let miner = Miner::start(FixedEmbedding::default().into()).await;
    assert_eq!(refusal(miner.get("/v1/models").await).await, (404, "not_found".into()));
    assert_eq!(refusal(miner.get(PATH).await).await, (405, "method_not_allowed".into()));
    assert_eq!(
        (
            miner.counted("other", "not_found"),
            miner.counted("other", "method_not_allowed")
        ),
        (1, 1)
    );
    miner.stop().await;
}
