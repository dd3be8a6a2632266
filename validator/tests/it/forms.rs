//! Real answers of a real model, in every form in which they can be asked for.
use crate::support::{answer_of, judge_answer, recipient, Spoken, MODEL};
use laurel_engine::{
    CallerId, FinishReason, SamplerKey, SamplingParams, TextEngine, TextEvent, TextOptions, TextRequest,
};
use laurel_protocol::{openai::Usage, Envelope, Hotkey, Target};
use laurel_validator::{
    corpus::{Corpus, Phrases},
    work::{Answer, Task, TextQuestion, TextWork, Work},
};
use serde_json::json;
use std::path::Path;
use subxt_signer::sr25519::dev;

fn engine() -> TextEngine {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/tiny");
    let options = TextOptions {
        threads: Some(2),
        ..TextOptions::default()
    };
    TextEngine::load(&folder, options).unwrap()
}

fn envelope(task: &Task) -> Envelope {
    let target = Target {
        method: "POST",
        path: task.path,
    };
    Envelope::new(&recipient(), target, &task.body, Hotkey::of(&dev::alice()), u64::MAX)
}

/// What a miner with this model writes, by the rules that it has in common with the validator.
async fn write(engine: &TextEngine, envelope: &Envelope, question: &TextQuestion) -> Spoken {
    let prompt = question.prompt.ids(engine.tokenizer()).unwrap();
    let parameters = &question.parameters;
    let max_tokens = engine.admit(&prompt, parameters.max_tokens, &parameters.stop).unwrap();
    let request = TextRequest {
        prompt: prompt.clone(),
        max_tokens,
        stop: parameters.stop.clone(),
        sampling: SamplingParams {
            temperature_milli: parameters.sampling.temperature_milli,
            top_k: parameters.sampling.top_k,
            top_p_milli: parameters.sampling.top_p_milli,
        },
        key: SamplerKey(envelope.sampler_key()),
        caller: CallerId::default(),
        proof: false,
    };
    let mut events = engine.submit(request).unwrap();
    let mut pieces = Vec::new();
    loop {
        match events.recv().await.unwrap() {
            TextEvent::Token { text, .. } => pieces.push(text),
            TextEvent::Done { finish, completion, .. } => {
                let usage = Usage::new(prompt.len() as u32, completion.len() as u32);
                return Spoken {
                    prompt,
                    tokens: completion,
                    pieces,
                    finish,
                    usage,
                };
            }
            TextEvent::Failed(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn a_real_answer_is_right_in_every_form_and_the_same_whole_and_streamed() {
    let miner = engine();
    let work = TextWork::new(engine(), MODEL, Phrases::new(Corpus::built_in(), [1; 32]));
    let chat = json!([
        { "role": "system", "content": "Be brief." },
        { "role": "user", "content": [{ "type": "text", "text": "Who is " }, { "type": "text", "text": "Emma?" }] },
    ]);
    let bodies = [
        ("/v1/chat/completions", json!({ "messages": chat })),
        (
            "/v1/chat/completions",
            json!({ "messages": chat, "max_tokens": 20, "temperature": 0, "stop": ["\n", " the"] }),
        ),
        (
            "/v1/completions",
            json!({ "prompt": "It was a", "stop": "and", "max_tokens": 100, "top_p": 0.9 }),
        ),
        (
            "/v1/completions",
            json!({ "prompt": [5, 6, 7, 8], "temperature": 0.333, "top_k": 3 }),
        ),
    ];
    for (path, mut body) in bodies {
        let mut amounts = Vec::new();
        let mut envelope_of_both = None;
        for stream in [false, true] {
            body["stream"] = json!(stream);
            let task = work.request(path, body.to_string().as_bytes()).unwrap();
            let question = TextQuestion::read(task.path, &task.body).unwrap();
            // The same key, so the same draws, for both forms.
            let envelope = envelope_of_both.get_or_insert_with(|| envelope(&task)).clone();
            let spoken = write(&miner, &envelope, &question).await;
            let answer = answer_of(&envelope, &question, &spoken);
            let (amount, findings) = judge_answer(&work, &task, &answer).await.unwrap();
            assert_eq!(findings.deviation.different, 0, "{path} {body}");
            amounts.push((amount, findings.deviation.tokens, spoken.pieces.concat()));
        }
        assert_eq!(amounts[0], amounts[1], "{path} {body}");
    }
}

#[tokio::test]
async fn what_does_not_fit_the_model_is_refused_before_a_miner_is_asked_and_tasks_fit() {
    let work = TextWork::new(engine(), MODEL, Phrases::new(Corpus::built_in(), [1; 32]));
    let code = |body: serde_json::Value| {
        work.request("/v1/completions", body.to_string().as_bytes())
            .unwrap_err()
            .code()
    };
    assert_eq!(
        code(json!({ "prompt": "a", "max_tokens": 256 })),
        "invalid_input",
        "the context has 256 tokens"
    );
    assert_eq!(
        code(json!({ "prompt": [1_000_000] })),
        "invalid_input",
        "not in the vocabulary"
    );
    assert_eq!(code(json!({ "prompt": "word ".repeat(2_000) })), "invalid_input");
    // A user who asks for much makes no tasks that do not fit.
    let long = json!({ "prompt": "It was a ".repeat(40), "max_tokens": 50 });
    for _ in 0..100 {
        work.request("/v1/completions", long.to_string().as_bytes()).unwrap();
    }
    for index in 0..50 {
        let task = work.task(index).unwrap();
        assert!((1..256).contains(&task.size), "{}", task.summary);
    }
}

#[tokio::test]
async fn words_that_are_not_the_tokens_and_ends_that_are_not_the_models_are_found() {
    let miner = engine();
    let work = TextWork::new(engine(), MODEL, Phrases::new(Corpus::built_in(), [1; 32]));
    let body = json!({ "messages": [{ "role": "user", "content": "Who?" }], "max_tokens": 12, "stream": true });
    let task = work
        .request("/v1/chat/completions", body.to_string().as_bytes())
        .unwrap();
    let question = TextQuestion::read(task.path, &task.body).unwrap();
    let envelope = envelope(&task);
    let honest = write(&miner, &envelope, &question).await;
    let mut other_words = honest.clone();
    other_words.pieces[0].push_str("!?");
    let mut other_end = honest.clone();
    other_end.finish = match honest.finish {
        FinishReason::Stop => FinishReason::Length,
        FinishReason::Length => FinishReason::Stop,
    };
    let mut other_prompt = honest.clone();
    other_prompt.prompt.reverse();
    let cases = [
        (other_words, "malformed"),
        (other_end, "malformed"),
        (other_prompt, "wrong_content"),
    ];
    for (spoken, verdict) in cases {
        let answer: Answer = answer_of(&envelope, &question, &spoken);
        let fault = work.glance(&task, &answer).await.unwrap().unwrap_err();
        assert_eq!(fault.verdict.name(), verdict, "{}", fault.reason);
    }
}
