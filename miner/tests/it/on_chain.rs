//! The axon: published, renewed in time, published again after failures; and what must hold before a miner starts.
use crate::support::{args, FakeChain, FixedEmbedding, Miner, MODEL};
use laurel_miner::{Backend, Service, Start, StartError};
use laurel_protocol::{SignedReceipt, RECEIPT_HEADER};
use laurel_types::{AxonAddress, ModelRoot};
use serde_json::Value;
use subxt_signer::sr25519::dev;

async fn missing(miner: &Miner) -> Vec<String> {
    let response = miner.get("/ready").await;
    let status = response.status();
    let body: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    assert_eq!(body["ready"].as_bool(), Some(status == 200));
    body["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reason| reason.as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn the_axon_is_published_at_the_first_block_and_then_the_miner_is_ready() {
    let miner = Miner::start(FixedEmbedding::default().into()).await;
    assert!(missing(&miner).await.contains(&"axon: no axon is published".to_owned()));
    miner.chain.watched().await;
    miner.chain.block(11);
    let attempts = miner.chain.attempts(1).await;
    assert_eq!(attempts, [(AxonAddress::from(miner.address), MODEL)]);
    miner.chain.block_seen(12).await;
    assert_eq!(missing(&miner).await, Vec::<String>::new());
    assert_eq!(miner.value("laurel_miner_axon_expires_block "), 11 + 80);
    miner.stop().await;
}

#[tokio::test]
async fn the_axon_is_renewed_after_half_of_its_life_and_not_before() {
    let miner = Miner::start(FixedEmbedding::default().into()).await;
    miner.chain.watched().await;
    miner.chain.block(11);
    miner.chain.attempts(1).await;
    // It lives for 80 blocks; half of that is block 51, five eighths block 61.
    for block in 12..51 {
        miner.chain.block_seen(block).await;
    }
    assert_eq!(miner.chain.attempts.borrow().len(), 1);
    for block in 51..63 {
        miner.chain.block_seen(block).await;
    }
    assert_eq!(miner.chain.attempts(2).await.len(), 2);
    miner.stop().await;
}

#[tokio::test]
async fn a_publication_that_fails_is_tried_again_at_growing_distances() {
    let miner = Miner::start(FixedEmbedding::default().into()).await;
    *miner.chain.refuses.lock().unwrap() = true;
    for block in 11..=30 {
        miner.chain.block_seen(block).await;
    }
    // At 11, 13, 17 and 25.
    assert_eq!(miner.chain.attempts.borrow().len(), 4);
    assert_eq!(
        miner.value("laurel_miner_axon_publications_total{outcome=\"failed\"} "),
        4
    );
    assert_eq!(
        miner.ask("/v1/embeddings", r#"{"input":"a"}"#).await.1.status(),
        200,
        "it serves all the same"
    );
    *miner.chain.refuses.lock().unwrap() = false;
    for block in 31..=42 {
        miner.chain.block_seen(block).await;
    }
    assert_eq!(miner.value("laurel_miner_axon_publications_total{outcome=\"ok\"} "), 1);
    miner.stop().await;
}

/// The root that the receipt of an answer to `body` names.
async fn model_of_answer(miner: &Miner, body: &str) -> ModelRoot {
    let (_, response) = miner.ask("/v1/embeddings", body).await;
    let receipt = response.headers()[RECEIPT_HEADER].to_str().unwrap();
    SignedReceipt::from_text(receipt).unwrap().receipt.model_root
}

#[tokio::test]
async fn a_miner_that_holds_the_next_model_too_follows_the_change() {
    const NEXT: ModelRoot = ModelRoot([6; 32]);
    let service = |root, name: &str| Service {
        backend: Backend::from(FixedEmbedding::default()),
        root,
        name: name.into(),
    };
    let miner = Miner::start_all(vec![service(MODEL, "tiny"), service(NEXT, "next")], &[]).await;
    miner.chain.watched().await;
    miner.chain.block(11);
    assert_eq!(miner.chain.attempts(1).await[0].1, MODEL);
    miner.chain.block_seen(12).await;
    assert_eq!(model_of_answer(&miner, r#"{"input":"a"}"#).await, MODEL);

    miner.chain.change(|metagraph| metagraph.subnet.models[0].root = NEXT);
    miner.chain.block_seen(13).await;
    assert_eq!(
        miner.chain.attempts(2).await[1].1,
        NEXT,
        "at once, not at half of the axon's life"
    );
    assert_eq!(model_of_answer(&miner, r#"{"input":"a"}"#).await, NEXT);
    // A validator that asked just before the change gets what it asked for.
    let named = format!(r#"{{"input":"a","model":"{}"}}"#, hex::encode(MODEL.0));
    assert_eq!(model_of_answer(&miner, &named).await, MODEL);

    // A model that nobody has: it says so and publishes nothing.
    miner
        .chain
        .change(|metagraph| metagraph.subnet.models[0].root = ModelRoot([7; 32]));
    for block in 14..80 {
        miner.chain.block_seen(block).await;
    }
    let pays_for_none = "model: the subnet pays for none of the models given: start again with one that it accepts";
    assert_eq!(missing(&miner).await, [pays_for_none, "axon: no axon is published"]);
    assert_eq!(miner.chain.attempts.borrow().len(), 2);
    miner.stop().await;
}

#[tokio::test]
async fn the_subnet_is_read_again_when_an_epoch_ends() {
    let miner = Miner::start_with(FixedEmbedding::default().into(), &["--refresh=50"]).await;
    miner.chain.change(|metagraph| metagraph.subnet.next_epoch_at = 14);
    miner.chain.block_seen(11).await;
    let looks = *miner.chain.looks.borrow();
    // The look after the publication.
    miner.chain.block_seen(12).await;
    miner.chain.block(13);
    miner.chain.change(|metagraph| metagraph.subnet.next_epoch_at = 29);
    miner.chain.block_seen(14).await;
    assert_eq!(*miner.chain.looks.borrow(), looks + 2, "at 12 and 14");
    miner.stop().await;
}

#[tokio::test]
async fn an_evicted_miner_says_so_and_publishes_nothing() {
    let miner = Miner::start(FixedEmbedding::default().into()).await;
    miner.chain.change(|metagraph| {
        metagraph.neurons.remove(0);
    });
    miner.chain.block_seen(11).await;
    assert!(missing(&miner)
        .await
        .contains(&"registration: the hotkey is not registered: run `laurel register --netuid 3`".to_owned()));
    assert!(miner.chain.attempts.borrow().is_empty());
    miner.stop().await;
}

#[tokio::test]
async fn a_miner_behind_a_node_that_fetches_blocks_is_not_ready() {
    let miner = Miner::start(FixedEmbedding::default().into()).await;
    *miner.chain.syncing.lock().unwrap() = true;
    miner.chain.block_seen(11).await;
    miner.chain.attempts(1).await;
    miner.chain.block_seen(12).await;
    let behind = "chain: the node is behind, it still fetches blocks";
    assert_eq!(missing(&miner).await, [behind]);
    *miner.chain.syncing.lock().unwrap() = false;
    miner.chain.block_seen(17).await;
    assert_eq!(missing(&miner).await, Vec::<String>::new());
    miner.stop().await;
}

#[tokio::test]
async fn a_miner_does_not_start_without_subnet_registration_or_port() {
    let chain = FakeChain::new();
    let start = |key, extra: &[&str]| {
        let args = args(extra);
        let chain = chain.clone();
        async move { Start::on(chain, key, &args.serve).await }
    };
    let error = start(dev::eve(), &[]).await.unwrap_err();
    assert!(matches!(error, StartError::NotRegistered { .. }));
    assert!(error.to_string().contains("laurel register --netuid 3"), "{error}");

    let running = start(dev::alice(), &[]).await.unwrap();
    let error = start(dev::alice(), &["--advertise=0.0.0.0:80"]).await.unwrap_err();
    assert!(matches!(error, StartError::NotDialable { .. }) && error.to_string().contains("--advertise"));
    let error = running.require_one_of(&[ModelRoot([6; 32])]).unwrap_err().to_string();
    assert!(
        error.contains(&"06".repeat(32)) && error.contains(&"05".repeat(32)),
        "both roots are named: {error}"
    );
    running.require_one_of(&[ModelRoot([6; 32]), MODEL]).unwrap();

    *chain.metagraph.lock().unwrap() = None;
    let error = start(dev::alice(), &[]).await.unwrap_err();
    assert!(matches!(error, StartError::NoSubnet { .. }));
}

#[tokio::test]
async fn a_port_in_use_is_one_line_that_says_what_to_do() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut args = args(&[]).serve;
    args.listen = taken.local_addr().unwrap();
    let error = Start::on(FakeChain::new(), dev::alice(), &args)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("choose another --listen") && !error.contains('\n'),
        "{error}"
    );
}
