//! Activation proofs: every text answer has one where the subnet asks for them, and what cannot make one does not serve.
use crate::{
    real_model::{honest, write_model},
    support::{args, refusal, Dialect, FakeChain, FixedEmbedding, Miner, ScriptedText, Upstream, MODEL, PROOF},
};
use laurel_engine::{SamplerKey, SamplingParams, TextEngine, TextOptions};
use laurel_miner::{connect, identify, Start, StartError};
use laurel_protocol::{
    openai::{ChatChunk, ChatResponse, CompletionResponse, TextExtension},
    output_hash_embeddings, output_hash_text, proof_hash, Envelope, SignedReceipt, RECEIPT_HEADER,
};
use laurel_types::ModelKind;
use serde_json::Value;
use subxt_signer::sr25519::dev;

const COMPLETION: &str = r#"{"prompt":"w3 w4","max_tokens":5,"temperature":0}"#;
const CHAT: &str = r#"{"messages":[{"role":"user","content":"Hi"}],"max_tokens":5,"temperature":0}"#;

/// Sets the hyperparameter and waits until the miner has seen it.
async fn ask_for_proofs(miner: &Miner, block: u32, wanted: bool) {
    miner
        .chain
        .change(|metagraph| metagraph.subnet.hyperparameters.activation_proofs = wanted);
    miner.chain.block_seen(block).await;
}

fn streamed(body: &str) -> String {
    body.replacen('{', r#"{"stream":true,"#, 1)
}

fn receipt_of(response: &reqwest::Response) -> SignedReceipt {
    SignedReceipt::from_text(response.headers()[RECEIPT_HEADER].to_str().unwrap()).unwrap()
}

/// The events of a stream and its receipt.
async fn events(response: reqwest::Response) -> (Vec<String>, SignedReceipt) {
    let text = response.text().await.unwrap();
    let mut events: Vec<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(str::to_owned)
        .collect();
    let receipt = SignedReceipt::from_text(&events.pop().unwrap()).unwrap();
    assert_eq!(events.pop().as_deref(), Some("[DONE]"));
    (events, receipt)
}

/// The same answer in each form: the extension, joined where it is streamed, with the receipt.
async fn all_forms(miner: &Miner) -> Vec<(Envelope, TextExtension, SignedReceipt)> {
    let mut forms = Vec::new();
    let (envelope, response) = miner.ask("/v1/completions", COMPLETION).await;
    let receipt = receipt_of(&response);
    let answer: CompletionResponse = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    forms.push((envelope, answer.laurel.unwrap(), receipt));

    let (envelope, response) = miner.ask("/v1/chat/completions", CHAT).await;
    let receipt = receipt_of(&response);
    let answer: ChatResponse = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    forms.push((envelope, answer.laurel.unwrap(), receipt));

    let (envelope, response) = miner.ask("/v1/chat/completions", &streamed(CHAT)).await;
    let (events, receipt) = events(response).await;
    let mut joined = TextExtension::default();
    for event in &events {
        let chunk: ChatChunk = serde_json::from_str(event).unwrap();
        let said = chunk.laurel.unwrap();
        joined.token_ids.extend(said.token_ids);
        if said.activation_proof.is_some() {
            assert!(
                chunk.choices[0].finish_reason.is_some(),
                "with the finish_reason: {event}"
            );
            joined.activation_proof = said.activation_proof;
        }
    }
    forms.push((envelope, joined, receipt));
    forms
}

#[tokio::test]
async fn every_answer_has_a_proof_under_its_receipt_while_the_subnet_asks_for_it() {
    let miner = Miner::start(ScriptedText::default().into()).await;
    for (block, wanted) in [(11, false), (12, true), (13, false)] {
        ask_for_proofs(&miner, block, wanted).await;
        for (envelope, extension, receipt) in all_forms(&miner).await {
            let proof = wanted.then(|| PROOF.to_vec());
            assert_eq!(extension.activation_proof, proof);
            let output = output_hash_text(&extension.token_ids);
            let hash = proof.as_deref().map(proof_hash);
            let signed = receipt.check(&envelope, MODEL, output, hash).unwrap();
            assert_eq!(signed.proof_hash, hash);
        }
    }
    miner.stop().await;
}

#[tokio::test]
async fn the_proof_of_a_real_model_is_that_of_the_states_which_a_verifier_computes() {
    let folder = tempfile::tempdir().unwrap();
    write_model(folder.path());
    let miner = Miner::start(honest(folder.path(), 4).await).await;
    ask_for_proofs(&miner, 11, true).await;
    let verifier = TextEngine::load(folder.path(), TextOptions::default()).unwrap();
    let sampling = SamplingParams {
        temperature_milli: 900,
        ..Default::default()
    };
    let body = r#"{"prompt":[3,1,4],"max_tokens":40,"temperature":0.9}"#;
    for body in [body.to_owned(), streamed(body)] {
        let (envelope, response) = miner.ask("/v1/completions", &body).await;
        let answers: Vec<CompletionResponse> = if body.contains("stream") {
            let (events, _) = events(response).await;
            events
                .iter()
                .map(|event| serde_json::from_str(event).unwrap())
                .collect()
        } else {
            vec![serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()]
        };
        let said: Vec<TextExtension> = answers.into_iter().filter_map(|answer| answer.laurel).collect();
        let tokens: Vec<u32> = said.iter().flat_map(|said| said.token_ids.clone()).collect();
        let bytes = said.iter().find_map(|said| said.activation_proof.clone()).unwrap();
        let proof = verifier.read_proof(&bytes, tokens.len()).unwrap();
        let key = SamplerKey(envelope.sampler_key());
        let report = verifier
            .check_async(&[3, 1, 4], &tokens, &sampling, &key, Some(&proof))
            .await
            .unwrap();
        assert_eq!(report.windows.len(), 2);
        for window in report.windows {
            assert_eq!((window.values, window.exponents, window.mantissa_sum), (128, 0, 0));
        }
    }
    miner.stop().await;
}

#[tokio::test]
async fn vectors_have_no_proof_whatever_the_subnet_asks_for() {
    let miner = Miner::start(FixedEmbedding::default().into()).await;
    ask_for_proofs(&miner, 11, true).await;
    let (envelope, response) = miner.ask("/v1/embeddings", r#"{"input":"ab"}"#).await;
    let output = output_hash_embeddings(&[vec![2.0 / 3.0, 0.0]]);
    receipt_of(&response).check(&envelope, MODEL, output, None).unwrap();
    miner.stop().await;
}

#[tokio::test]
async fn a_miner_in_front_of_a_server_does_not_start_where_proofs_are_asked_for() {
    let chain = FakeChain::new();
    let args = args(&[]);
    let start = || Start::on(chain.clone(), dev::alice(), &args.serve);
    start().await.unwrap().permit_upstream(ModelKind::Text).unwrap();
    chain.change(|metagraph| metagraph.subnet.hyperparameters.activation_proofs = true);
    let start = start().await.unwrap();
    start.permit_upstream(ModelKind::Embedding).unwrap();
    let error = start.permit_upstream(ModelKind::Text).unwrap_err();
    assert!(matches!(error, StartError::ProofsAsked { .. }));
    let line = error.to_string();
    assert!(line.contains("--engine candle") && line.contains("subnet 3"), "{line}");
}

#[tokio::test]
async fn a_miner_in_front_of_a_server_answers_503_while_proofs_are_asked_for() {
    let server = Upstream::start(Dialect::Vllm);
    let folder = tempfile::tempdir().unwrap();
    write_model(folder.path());
    let model = identify(folder.path()).await.unwrap();
    let miner = Miner::start(connect(&model, server.options()).await.unwrap()).await;
    ask_for_proofs(&miner, 11, true).await;
    server.asked.lock().unwrap().clear();
    for body in [COMPLETION.to_owned(), streamed(COMPLETION)] {
        let (_, response) = miner.ask("/v1/completions", &body).await;
        assert_eq!(refusal(response).await, (503, "model_unavailable".into()));
    }
    assert!(server.asked.lock().unwrap().is_empty(), "the server is not asked");
    let ready = miner.get("/ready").await;
    assert_eq!(ready.status(), 503);
    let ready: Value = serde_json::from_slice(&ready.bytes().await.unwrap()).unwrap();
    let reasons = ready["reasons"].to_string();
    assert!(reasons.contains("the subnet asks for activation proofs"), "{ready}");

    ask_for_proofs(&miner, 12, false).await;
    let (_, response) = miner.ask("/v1/completions", COMPLETION).await;
    assert_eq!(response.status(), 200);
    miner.stop().await;
}
