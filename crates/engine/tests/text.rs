//! The text engine with the shipped model: what a miner generates, a validator confirms.
mod device;

use laurel_engine::{
    CallerId, ChatMessage, Completeness, EngineError, FinishReason, SamplerKey, SamplingParams, TextEngine, TextEvent,
    TextOptions, TextRequest,
};
use std::path::{Path, PathBuf};

fn model() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/tiny")
}

fn engine(queue: usize) -> TextEngine {
    TextEngine::load(
        &model(),
        TextOptions {
            queue,
            threads: Some(1),
            device: device::device(),
            // One at a time, so that what waits is known.
            batch: 1,
            ..Default::default()
        },
    )
    .unwrap()
}

fn request(engine: &TextEngine, prompt: &str, max_tokens: usize) -> TextRequest {
    TextRequest {
        prompt: engine.tokenizer().encode(prompt).unwrap(),
        max_tokens,
        stop: Vec::new(),
        sampling: SamplingParams::default(),
        key: SamplerKey([3; 32]),
        caller: CallerId::default(),
        proof: false,
    }
}

struct Answer {
    text: String,
    completion: Vec<u32>,
    finish: FinishReason,
}

fn generate(engine: &TextEngine, request: TextRequest) -> Answer {
    let mut events = engine.submit(request).unwrap();
    let (mut shown, mut ids) = (String::new(), Vec::new());
    loop {
        match events.blocking_recv().expect("a request ends with Done or Failed") {
            TextEvent::Token { id, text } => {
                ids.push(id);
                shown.push_str(&text);
            }
            TextEvent::Done { finish, completion, .. } => {
                assert_eq!(ids, completion);
                assert!(events.blocking_recv().is_none(), "nothing follows Done");
                return Answer {
                    text: shown,
                    completion,
                    finish,
                };
            }
            TextEvent::Failed(error) => panic!("{error}"),
        }
    }
}

const PROMPTS: [&str; 3] = [
    "Mr. Darcy walked",
    "\"My dear,\" said she,",
    "The carriage stopped at the door of",
];

#[test]
fn an_honest_answer_is_confirmed_at_every_temperature() {
    let engine = engine(4);
    // The checker has other hardware: it spreads its products over more threads.
    let checker = TextOptions {
        threads: Some(2),
        device: device::device(),
        ..Default::default()
    };
    let bound = device::margin(device::device()).max(1e-3);
    let checker = TextEngine::load(&model(), checker).unwrap();
    let mut largest = 0f32;
    for prompt in PROMPTS {
        for temperature_milli in [0, 700, 1000, 1500] {
            let sampling = SamplingParams {
                temperature_milli,
                ..Default::default()
            };
            let request = TextRequest {
                sampling,
                ..request(&engine, prompt, 60)
            };
            let answer = generate(&engine, request.clone());
            let checks = checker
                .check(&request.prompt, &answer.completion, &sampling, &request.key, None)
                .unwrap()
                .tokens;
            assert_eq!(checks.len(), answer.completion.len());
            for check in &checks {
                largest = largest.max(check.margin);
                assert!(check.margin < bound, "{check:?} with {prompt:?} at {temperature_milli}");
            }
        }
    }
    println!("largest margin of an honest token: {largest}");
}

#[test]
fn answers_under_another_key_model_or_temperature_are_found_out() {
    let engine = engine(4);
    let request = request(&engine, PROMPTS[0], 60);
    let answer = generate(&engine, request.clone());
    let wrong = |sampling: &SamplingParams, key: &SamplerKey| {
        let checks = engine
            .check(&request.prompt, &answer.completion, sampling, key, None)
            .unwrap()
            .tokens;
        checks.iter().filter(|check| check.margin > 0.01).count()
    };
    assert_eq!(wrong(&request.sampling, &request.key), 0);
    assert!(wrong(&request.sampling, &SamplerKey([4; 32])) > 20);
    assert!(
        wrong(
            &SamplingParams {
                temperature_milli: 500,
                ..request.sampling
            },
            &request.key
        ) > 3
    );
    assert!(wrong(&SamplingParams::GREEDY, &request.key) > 20);
    let mut reversed = answer.completion.clone();
    reversed.reverse();
    let checks = engine
        .check(&request.prompt, &reversed, &request.sampling, &request.key, None)
        .unwrap()
        .tokens;
    assert!(checks.iter().filter(|check| check.margin > 0.01).count() > 20);
}

#[test]
fn the_shown_text_is_what_a_reader_of_the_tokens_finds() {
    let engine = engine(4);
    for stop in [
        vec![],
        vec![" the".to_owned()],
        vec!["zzz".to_owned(), ",".to_owned(), "her ".to_owned()],
    ] {
        for prompt in PROMPTS {
            let request = TextRequest {
                stop: stop.clone(),
                ..request(&engine, prompt, 50)
            };
            let answer = generate(&engine, request);
            let (completeness, text) = engine.read_completion(&answer.completion, 50, &stop).unwrap();
            assert_eq!(completeness, Completeness::Whole(answer.finish));
            assert_eq!(text, answer.text);
            assert!(
                stop.iter().all(|stop| !text.contains(stop.as_str())),
                "{text:?} holds one of {stop:?}"
            );
            match answer.finish {
                FinishReason::Length => assert_eq!(answer.completion.len(), 50),
                FinishReason::Stop => assert!(answer.completion.len() <= 50),
            }
        }
    }
}

#[test]
fn a_completion_that_is_cut_or_runs_on_is_told_apart() {
    let engine = engine(4);
    let stop = vec![",".to_owned(), ".".to_owned()];
    let tokens = PROMPTS
        .iter()
        .map(|prompt| {
            let request = TextRequest {
                stop: stop.clone(),
                ..request(&engine, prompt, 100)
            };
            generate(&engine, request)
        })
        .find(|answer| answer.finish == FinishReason::Stop && answer.completion.len() > 1)
        .expect("prose has a comma within a hundred tokens")
        .completion;
    assert!(engine.is_complete(&tokens, 100, &stop).unwrap());
    assert!(!engine.is_complete(&tokens[..tokens.len() - 1], 100, &stop).unwrap());
    let cut = engine
        .read_completion(&tokens[..tokens.len() - 1], 100, &stop)
        .unwrap()
        .0;
    assert_eq!(cut, Completeness::EndedEarly);
    let longer: Vec<u32> = tokens.iter().chain(&tokens).copied().collect();
    let ran_on = engine.read_completion(&longer, 100, &stop).unwrap().0;
    assert_eq!(ran_on, Completeness::RanOn { after: tokens.len() });
    assert_eq!(
        engine.read_completion(&[], 100, &stop).unwrap().0,
        Completeness::EndedEarly
    );
}

#[test]
fn the_end_of_text_token_ends_an_answer_and_has_no_text() {
    let engine = engine(1);
    let end = engine.tokenizer().eos_ids()[0];
    let mut tokens = engine.tokenizer().encode("She smiled.").unwrap();
    tokens.push(end);
    let (completeness, text) = engine.read_completion(&tokens, 100, &[]).unwrap();
    assert_eq!(
        (completeness, text.as_str()),
        (Completeness::Whole(FinishReason::Stop), "She smiled.")
    );
}

#[test]
fn characters_of_several_tokens_are_shown_whole() {
    let engine = engine(1);
    let text = "café 東京 🦀!";
    let tokens = engine.tokenizer().encode(text).unwrap();
    let mut answer = laurel_engine::completion::CompletionText::new(engine.tokenizer(), &[], tokens.len()).unwrap();
    let shown: Vec<String> = tokens.iter().map(|token| answer.push(*token).unwrap()).collect();
    assert!(shown.iter().all(|piece| !piece.contains('\u{FFFD}')), "{shown:?}");
    assert_eq!(shown.concat(), text);
}

#[test]
fn a_full_queue_refuses_and_a_departed_client_stops_the_computing() {
    let engine = engine(1);
    let long = request(&engine, PROMPTS[0], 240);
    let mut first = engine.submit(long.clone()).unwrap();
    // The first token shows that the worker has taken the request, so the queue is empty again.
    assert!(matches!(first.blocking_recv(), Some(TextEvent::Token { .. })));
    let mut second = engine.submit(request(&engine, PROMPTS[1], 3)).unwrap();
    assert_eq!(engine.queue_depth(), 1);
    let refused = engine.submit(long).expect_err("the queue holds one");
    assert!(refused.is_overloaded() && matches!(refused, EngineError::Overloaded { queue: 1 }));
    drop(first);
    while let Some(event) = second.blocking_recv() {
        assert!(!matches!(event, TextEvent::Failed(_)));
    }
    assert!(
        engine.generated_tokens() < 240,
        "{} tokens for a client that left",
        engine.generated_tokens()
    );
}

#[test]
fn requests_that_can_never_be_answered_are_bad_requests() {
    let engine = engine(1);
    let good = request(&engine, PROMPTS[0], 5);
    let odd = [
        TextRequest {
            prompt: Vec::new(),
            ..good.clone()
        },
        TextRequest {
            prompt: vec![1_000_000],
            ..good.clone()
        },
        TextRequest {
            max_tokens: 0,
            ..good.clone()
        },
        TextRequest {
            max_tokens: engine.context(),
            ..good.clone()
        },
        TextRequest {
            max_tokens: usize::MAX,
            ..good.clone()
        },
        TextRequest {
            stop: vec![String::new()],
            ..good.clone()
        },
        TextRequest {
            stop: vec!["x".into(); 9],
            ..good.clone()
        },
        TextRequest {
            sampling: SamplingParams {
                top_p_milli: 0,
                ..Default::default()
            },
            ..good.clone()
        },
    ];
    for request in odd {
        let error = engine.submit(request.clone()).expect_err("refused");
        assert!(error.is_bad_request(), "{request:?}: {error}");
        assert!(!error.to_string().contains('\n'));
    }
    assert!(engine
        .check(&good.prompt, &[], &good.sampling, &good.key, None)
        .unwrap_err()
        .is_bad_request());
    assert!(engine
        .check(&good.prompt, &[5_000_000], &good.sampling, &good.key, None)
        .unwrap_err()
        .is_bad_request());
}

#[test]
fn a_conversation_becomes_a_prompt_that_the_model_goes_on_with() {
    let engine = engine(1);
    let message = |role: &str, content: &str| ChatMessage {
        role: role.into(),
        content: content.into(),
    };
    let messages = [
        message("system", "A novel."),
        message("user", "Emma opened the letter."),
    ];
    let prompt = engine.tokenizer().apply_chat_template(&messages).unwrap();
    assert_eq!(prompt, "A novel.\nEmma opened the letter.\n");
    assert!(!generate(&engine, request(&engine, &prompt, 10)).completion.is_empty());
}

#[test]
fn a_damaged_model_is_named_in_one_line() {
    let damaged = |spoil: &dyn Fn(&Path)| {
        let folder = tempfile::tempdir().unwrap();
        for entry in std::fs::read_dir(model()).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
        }
        spoil(folder.path());
        let error = TextEngine::load(folder.path(), TextOptions::default())
            .err()
            .expect("refused")
            .to_string();
        assert!(!error.contains('\n'), "{error}");
        error
    };
    let edit_config = |from: &'static str, to: &'static str| {
        move |folder: &Path| {
            let path = folder.join("config.json");
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(text.contains(from));
            std::fs::write(path, text.replace(from, to)).unwrap();
        }
    };
    for file in ["config.json", "tokenizer.json", "model.safetensors"] {
        let error = damaged(&|folder| std::fs::remove_file(folder.join(file)).unwrap());
        assert!(error.contains(file) && error.contains("missing"), "{error}");
        let error = damaged(&|folder| std::fs::write(folder.join(file), "nonsense").unwrap());
        assert!(error.contains(file) && error.contains("not usable"), "{error}");
    }
    let truncated = damaged(&|folder| {
        let path = folder.join("model.safetensors");
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(path, &bytes[..bytes.len() - 1000]).unwrap();
    });
    assert!(truncated.contains("model.safetensors"), "{truncated}");
    let shape = damaged(&edit_config("\"intermediate_size\": 512", "\"intermediate_size\": 513"));
    assert!(shape.contains("model.safetensors") && shape.contains("513"), "{shape}");
    let heads = damaged(&edit_config("\"num_key_value_heads\": 3", "\"num_key_value_heads\": 4"));
    assert!(heads.contains("config.json"), "{heads}");
    let other = damaged(&edit_config("\"model_type\": \"llama\"", "\"model_type\": \"mamba\""));
    assert!(other.contains("config.json") && other.contains("llama"), "{other}");
    let nowhere = TextEngine::load(Path::new("/nowhere/at/all"), TextOptions::default())
        .err()
        .expect("refused");
    assert!(nowhere.to_string().contains("/nowhere/at/all"));
}
