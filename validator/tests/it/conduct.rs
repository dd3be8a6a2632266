//! What each kind of miner is judged to be, over real HTTP.
use crate::support::{ask, embedding_work, judge, nobody, serve, text_work, Conduct};
use laurel_validator::{
    work::{Task, Work},
    Verdict,
};
use serde_json::json;
use std::{collections::HashSet, sync::Arc};

const CASES: [(Conduct, Verdict); 13] = [
    (Conduct::Late, Verdict::Late),
    (Conduct::Unsigned, Verdict::Unsigned),
    (Conduct::SignedByAnother, Verdict::Unsigned),
    (Conduct::Mismatched, Verdict::Mismatched),
    (Conduct::WrongModel, Verdict::WrongModel),
    (Conduct::CountsTooMuch, Verdict::Mismatched),
    (Conduct::Contradicts, Verdict::Malformed),
    (Conduct::Wrong, Verdict::WrongContent),
    (Conduct::Copies, Verdict::WrongContent),
    (Conduct::Truncates, Verdict::Truncated),
    (Conduct::Busy, Verdict::Busy),
    (Conduct::Refuses, Verdict::Refused),
    (Conduct::Garbage, Verdict::Malformed),
];

/// What goes wrong in a stream has a name of its own, and words that say it.
const STREAMS: [(Conduct, Verdict, &str); 8] = [
    (Conduct::Stalls, Verdict::Late, "stalled"),
    (Conduct::Dies, Verdict::Down, ""),
    (Conduct::Fails, Verdict::Busy, "overloaded"),
    (Conduct::Stops, Verdict::Malformed, "without [DONE]"),
    (Conduct::NotText, Verdict::Malformed, "not UTF-8"),
    (Conduct::Endless, Verdict::Malformed, "longer than"),
    (Conduct::GoesOn, Verdict::Malformed, "behind the receipt"),
    (Conduct::StaysOpen, Verdict::Malformed, "behind the receipt"),
];

fn both() -> [(&'static str, Arc<dyn Work>); 2] {
    [("embedding", embedding_work()), ("text", text_work())]
}

/// One request of every form.
fn every_form() -> Vec<(Arc<dyn Work>, Task)> {
    let (text, vectors) = (text_work(), embedding_work());
    let chat = json!([{ "role": "system", "content": "Be brief." }, { "role": "user", "content": "Grüße?" }]);
    let of = |work: &Arc<dyn Work>, path: &str, body: serde_json::Value| {
        let task = work.request(path, body.to_string().as_bytes()).unwrap();
        (work.clone(), task)
    };
    vec![
        of(&vectors, "/v1/embeddings", json!({ "input": ["a b", "c", "a b"] })),
        of(
            &vectors,
            "/v1/embeddings",
            json!({ "input": ["a b", "c"], "encoding_format": "base64" }),
        ),
        of(&text, "/v1/completions", json!({ "prompt": "Once", "max_tokens": 40 })),
        of(&text, "/v1/completions", json!({ "prompt": [7, 8, 9] })),
        of(&text, "/v1/completions", json!({ "prompt": "Once", "stream": true })),
        of(
            &text,
            "/v1/chat/completions",
            json!({ "messages": chat, "max_completion_tokens": 30, "top_k": 5 }),
        ),
        of(
            &text,
            "/v1/chat/completions",
            json!({ "messages": chat, "max_tokens": 30, "stream": true, "stream_options": { "include_usage": true } }),
        ),
    ]
}

#[tokio::test]
async fn every_form_of_request_and_every_task_is_answered_and_found_right() {
    let address = serve(Conduct::Honest).await;
    let mut all = every_form();
    for (_, work) in both() {
        all.extend((0..60).map(|index| (work.clone(), work.task(index).unwrap())));
    }
    let streamed = all.iter().filter(|(_, task)| task.is_streamed).count();
    let chats = all
        .iter()
        .filter(|(_, task)| task.path.ends_with("/chat/completions"))
        .count();
    assert!(streamed > 10 && chats > 10, "{streamed} streams, {chats} chats");
    for (work, task) in all {
        let answer = ask(address, &task).await.unwrap();
        assert!(answer.first_ms <= answer.latency_ms && answer.latency_ms < answer.deadline_ms);
        let (amount, findings) = judge(&*work, address, &task).await.unwrap_or_else(|fault| {
            panic!("{} {}: {fault:?}", task.path, task.summary);
        });
        assert!(amount.prompt_tokens > 0 && !findings.reason.is_empty());
    }
}

#[tokio::test]
async fn stop_strings_and_an_absent_limit_end_an_answer_where_the_miner_had_to() {
    let (work, address) = (text_work(), serve(Conduct::Honest).await);
    for stream in [false, true] {
        let chat = json!({ "messages": [{ "role": "user", "content": "x" }], "stop": ["q", "zz"], "stream": stream });
        let task = work
            .request("/v1/chat/completions", chat.to_string().as_bytes())
            .unwrap();
        let answer = ask(address, &task).await.unwrap();
        let amount = work.glance(&task, &answer).await.unwrap().unwrap();
        assert!(
            (1..1_400).contains(&amount.completion_tokens),
            "a q comes within some dozen letters"
        );
        work.check(&task, &answer).await.unwrap().unwrap();
    }
    // A stop string that never comes: as much as the context holds.
    let chat = json!({ "messages": [{ "role": "user", "content": "x" }], "stop": "?" });
    let task = work
        .request("/v1/chat/completions", chat.to_string().as_bytes())
        .unwrap();
    let (amount, _) = judge(&*work, address, &task).await.unwrap();
    assert_eq!(amount.prompt_tokens + amount.completion_tokens, 1_500);
    assert_eq!(task.size, amount.completion_tokens);
}

#[tokio::test]
async fn every_failure_has_its_verdict_and_a_reason() {
    for (conduct, expected) in CASES {
        let address = serve(conduct).await;
        // A stream that is not asked for its usage has nothing to contradict.
        let shows = |task: &Task| {
            conduct != Conduct::Contradicts || !task.is_streamed || task.body.windows(5).any(|part| part == b"usage")
        };
        let forms = every_form().into_iter().filter(|(_, task)| shows(task));
        let judged = forms.map(|(work, task)| async move {
            let judged = judge(&*work, address, &task).await;
            (task, judged)
        });
        for (task, judged) in futures::future::join_all(judged).await {
            let Err(fault) = judged else {
                panic!("{conduct:?}: {} {} was found right", task.path, task.summary);
            };
            assert_eq!(
                fault.verdict, expected,
                "{conduct:?} {} {}: {}",
                task.path, task.summary, fault.reason
            );
            assert!(!fault.reason.is_empty(), "{conduct:?}");
        }
    }
    for (work, task) in every_form() {
        let fault = judge(&*work, nobody().await, &task).await.unwrap_err();
        assert_eq!(fault.verdict, Verdict::Down, "{}", fault.reason);
    }
}

#[tokio::test]
async fn every_way_in_which_a_stream_breaks_has_a_name() {
    let streams: Vec<_> = every_form().into_iter().filter(|(_, task)| task.is_streamed).collect();
    for (conduct, expected, words) in STREAMS {
        let address = serve(conduct).await;
        for (work, task) in &streams {
            let fault = judge(&**work, address, task).await.unwrap_err();
            assert_eq!(fault.verdict, expected, "{conduct:?} {}", fault.reason);
            assert!(fault.reason.contains(words), "{conduct:?} {}", fault.reason);
            assert!(!fault.verdict.is_proof_of_cheating());
        }
    }
}

#[tokio::test]
async fn no_task_comes_twice_and_none_has_a_field_that_users_requests_have_not() {
    for (_, work) in both() {
        let tasks: Vec<_> = (0..200).map(|n| work.task(n).unwrap()).collect();
        let different: HashSet<&[u8]> = tasks.iter().map(|task| task.body.as_slice()).collect();
        assert_eq!(different.len(), tasks.len());
        for task in tasks {
            let again = work.request(task.path, &task.body).unwrap();
            assert_eq!(
                again.body, task.body,
                "a user who sends the same gets the same spelling"
            );
        }
    }
}
