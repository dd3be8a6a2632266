//! Which miner is asked, what it sees, and when another one is asked.
use super::{chat, listed, request, setup, Bench, CHAT};
use crate::support::{embedding_work, serve, text_work, Conduct, DEADLINE};
use axum::http::StatusCode;
use laurel_protocol::blake2b_256;
use laurel_types::{AxonAddress, Uid};
use laurel_validator::{ask::Asker, asking::Listed, Score, Verdict};
use reqwest::Client;
use serde_json::{json, Value};
use subxt_signer::sr25519::dev;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::mpsc::{unbounded_channel, UnboundedReceiver},
};

#[tokio::test]
async fn a_miner_that_fails_before_the_first_token_is_replaced_and_does_not_get_away_with_it() {
    for (conduct, verdict) in [
        (Conduct::Busy, Some(Verdict::Busy)),
        (Conduct::Garbage, None),
        (Conduct::Truncates, None),
    ] {
        for stream in [false, true] {
            // A stream of which only the end is wrong is on its way when that is seen.
            if stream && conduct == Conduct::Truncates {
                continue;
            }
            let miners = [serve(conduct).await, serve(Conduct::Honest).await];
            let mut bench = Bench::new(text_work(), &miners);
            let response = bench.post(CHAT, &chat(stream)).await;
            assert_eq!(response.status(), StatusCode::OK, "{conduct:?} {stream}");
            assert!(response.text().await.unwrap().contains("length"));
            let first = bench.asked().await;
            // One time in a million the other one is asked first.
            assert_eq!(first.subject.uid, Uid(0));
            if let Some(verdict) = verdict {
                assert_eq!(first.answer.unwrap_err().verdict, verdict);
            }
            let second = bench.asked().await;
            assert_eq!(second.subject.uid, Uid(1));
            assert!(second.answer.is_ok());
        }
    }
}

/// A miner that takes requests and never answers; it tells when it is hung up on.
async fn silent() -> (AxonAddress, UnboundedReceiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (ended, ends) = unbounded_channel();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            request(&mut stream).await;
            let _ = stream.read(&mut [0; 16]).await;
            let _ = ended.send(());
        }
    });
    (address.into(), ends)
}

#[tokio::test]
async fn a_miner_that_is_slow_is_left_for_another_one_and_nothing_is_said_of_it() {
    for stream in [false, true] {
        let (slow, mut hung_up) = silent().await;
        let mut bench = Bench::new(text_work(), &[slow, serve(Conduct::Honest).await]);
        bench.slow_after(150);
        let response = bench.post(CHAT, &chat(stream)).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert!(response.text().await.unwrap().contains("length"));
        let asked = bench.asked().await;
        assert_eq!(asked.subject.uid, Uid(1));
        assert!(asked.answer.is_ok());
        hung_up.recv().await.unwrap();
        assert!(bench.line.0.try_recv().is_err());
    }
}

#[tokio::test]
async fn not_every_slow_request_is_sent_twice() {
    let ((slow, _hung_up), honest) = (silent().await, serve(Conduct::Honest).await);
    let mut bench = Bench::new(text_work(), &[]);
    bench.slow_after(150);
    // Another one each time: who was overtaken is not asked first again at once.
    for (slow_uid, may_be_twice) in [(0, true), (2, false)] {
        let miners = vec![listed(slow_uid, slow, Score::ONE), listed(1, honest, Score(1))];
        bench.line.1.send_modify(|directory| directory.miners = miners);
        assert_eq!(bench.post(CHAT, &chat(false)).await.status(), StatusCode::OK);
        if !may_be_twice {
            // Nobody else is asked before its deadline.
            let late = bench.asked().await;
            assert_eq!(
                (late.subject.uid, late.answer.unwrap_err().verdict),
                (Uid(slow_uid), Verdict::Late)
            );
        }
        assert_eq!(bench.asked().await.subject.uid, Uid(1));
    }
}

/// Miners that are rated alike.
async fn equals(count: u16) -> Vec<Listed> {
    let mut miners = Vec::new();
    for uid in 0..count {
        miners.push(listed(uid, serve(Conduct::Honest).await, Score::ONE));
    }
    miners
}

impl Bench {
    /// Who answers.
    async fn answers(&mut self, body: &Value, session: Option<&str>) -> Uid {
        let client = Client::builder().no_proxy().build().unwrap();
        let mut asking = client.post(format!("{}{CHAT}", self.url)).body(body.to_string());
        if let Some(session) = session {
            asking = asking.header("x-laurel-session", session);
        }
        assert_eq!(asking.send().await.unwrap().status(), StatusCode::OK);
        self.asked().await.subject.uid
    }
}

#[tokio::test]
async fn a_conversation_keeps_its_miner_until_that_one_goes_and_others_are_spread() {
    let mut bench = Bench::of(setup(text_work()), equals(3).await);
    let turn = |said: &str| json!({ "role": "user", "content": said });
    let begun = |topic: usize| json!({ "max_tokens": 3, "messages": [turn(&format!("tell me about {topic}"))] });
    let mut chosen = Vec::new();
    for topic in 0..12 {
        let mut body = begun(topic);
        let miner = bench.answers(&body, None).await;
        let messages = body["messages"].as_array_mut().unwrap();
        messages.push(json!({ "role": "assistant", "content": "well" }));
        messages.push(turn("go on"));
        assert_eq!(bench.answers(&body, None).await, miner);
        chosen.push(miner);
    }
    // The chance that twelve topics meet one miner only is one in 177147.
    assert!(chosen.iter().any(|miner| *miner != chosen[0]));
    let named = bench.answers(&begun(1), Some("mine")).await;
    for topic in 0..4 {
        assert_eq!(bench.answers(&begun(topic), Some("mine")).await, named);
    }
    bench
        .line
        .1
        .send_modify(|directory| directory.miners.retain(|one| one.miner.subject.uid != named));
    assert_ne!(bench.answers(&begun(1), Some("mine")).await, named);
    for (topic, miner) in chosen.iter().enumerate().filter(|(_, miner)| **miner != named) {
        assert_eq!(bench.answers(&begun(topic), None).await, *miner, "it is still there");
    }
}

/// A miner that shows what it gets, byte by byte, and says that it is busy.
async fn eavesdropper() -> (AxonAddress, UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (heard, hear) = unbounded_channel();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let request = request(&mut stream).await;
            let reply = b"HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            let _ = stream.write_all(reply).await;
            heard.send(request).unwrap();
        }
    });
    (address.into(), hear)
}

/// Header names and JSON field names, in their order.
fn looks(request: &str) -> (Vec<String>, Vec<String>) {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut names = vec![head.lines().next().unwrap().to_owned()];
    names.extend(
        head.lines()
            .skip(1)
            .map(|line| line.split(':').next().unwrap().to_owned()),
    );
    let body: Value = serde_json::from_str(body).unwrap();
    (names, body.as_object().unwrap().keys().cloned().collect())
}

#[tokio::test]
async fn a_miner_sees_the_same_headers_and_fields_from_a_user_as_from_a_validator() {
    for (work, path) in [
        (text_work(), CHAT),
        (text_work(), "/v1/completions"),
        (embedding_work(), "/v1/embeddings"),
    ] {
        let (address, mut heard) = eavesdropper().await;
        let bench = Bench::new(work.clone(), &[address]);
        let asker = Asker::new(dev::alice(), DEADLINE).unwrap();
        for task in (0..200)
            .map(|index| work.task(index).unwrap())
            .filter(|task| task.path == path)
            .take(10)
        {
            let recipient = crate::support::recipient();
            asker.ask(address, &recipient, &task).await.unwrap_err();
            let from_validator = heard.recv().await.unwrap();
            // A user whose client spells it otherwise and says more.
            let mut body: Value = serde_json::from_slice(&task.body).unwrap();
            body["user"] = json!("me");
            body["n"] = if path == "/v1/embeddings" {
                Value::Null
            } else {
                json!(1)
            };
            let pretty = serde_json::to_vec_pretty(&body).unwrap();
            let client = Client::builder().no_proxy().build().unwrap();
            let asking = client
                .post(format!("{}{path}", bench.url))
                .header("x-mine", "1")
                .body(pretty);
            let refused = asking.header("user-agent", "OpenAI/Python 1.0").send().await.unwrap();
            assert_eq!(refused.status(), StatusCode::BAD_GATEWAY);
            let from_user = heard.recv().await.unwrap();
            assert_eq!(looks(&from_user), looks(&from_validator));
            let body = |request: &str| request.split_once("\r\n\r\n").unwrap().1.to_owned();
            assert_eq!(blake2b_256(&[body(&from_user).as_bytes()]), blake2b_256(&[&task.body]));
        }
    }
}

#[tokio::test]
async fn a_user_who_hangs_up_cancels_the_miner() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address: AxonAddress = listener.local_addr().unwrap().into();
    let bench = Bench::new(text_work(), &[address]);
    for stream in [false, true] {
        let asking = tokio::spawn({
            let (url, body) = (format!("{}{CHAT}", bench.url), chat(stream).to_string());
            async move {
                Client::builder()
                    .no_proxy()
                    .build()
                    .unwrap()
                    .post(url)
                    .body(body)
                    .send()
                    .await
            }
        });
        let (mut miner, _) = listener.accept().await.unwrap();
        request(&mut miner).await;
        if stream {
            let token = json!({ "laurel": { "token_ids": [5] }, "choices": [] });
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
            miner
                .write_all(format!("{head}data: {token}\n\n").as_bytes())
                .await
                .unwrap();
            drop(asking.await.unwrap().unwrap());
        } else {
            asking.abort();
        }
        // The connection to the miner ends.
        let ended = tokio::time::timeout(DEADLINE / 2, miner.read(&mut [0; 16])).await;
        assert!(matches!(ended, Ok(Ok(0) | Err(_))), "{ended:?}");
    }
}
