//! Work of a subnet's own, over real HTTP.
use crate::support::{refusal, Miner};
use laurel_miner::{Service, Solve};
use laurel_protocol::{output_hash_custom, specification_root, CustomWork, SignedReceipt, RECEIPT_HEADER};
use std::{
    num::NonZero,
    sync::{Arc, Condvar, Mutex},
};
use tokio::sync::mpsc;

const PATH: &str = "/v1/work";
const QUEUE: usize = 1;

/// Sorts numbers, as long as its gate is open.
struct Sorting {
    gate: Arc<Gate>,
    begun: mpsc::UnboundedSender<()>,
}

#[derive(Default)]
struct Gate {
    closed: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    fn set(&self, closed: bool) {
        *self.closed.lock().unwrap() = closed;
        self.opened.notify_all();
    }

    fn pass(&self) {
        let closed = self.closed.lock().unwrap();
        drop(self.opened.wait_while(closed, |closed| *closed).unwrap());
    }
}

impl CustomWork for Sorting {
    const SPECIFICATION: &'static str = "Sort the numbers.";
    type Task = Vec<u32>;
    type Answer = Vec<u32>;
}

impl Solve for Sorting {
    fn solve(&self, task: &Vec<u32>) -> Result<Vec<u32>, String> {
        self.begun.send(()).unwrap();
        self.gate.pass();
        assert_ne!(task, &[13], "an unlucky number");
        if task.is_empty() {
            return Err("there is nothing to sort".into());
        }
        let mut sorted = task.clone();
        sorted.sort_unstable();
        Ok(sorted)
    }
}

struct Sorter {
    miner: Miner,
    gate: Arc<Gate>,
    begun: mpsc::UnboundedReceiver<()>,
}

impl Sorter {
    async fn start() -> Self {
        let gate = Arc::new(Gate::default());
        let (sender, begun) = mpsc::unbounded_channel();
        let solver = Sorting {
            gate: gate.clone(),
            begun: sender,
        };
        let miner = Miner::start_all(vec![Service::custom(solver, QUEUE)], &[]).await;
        Self { miner, gate, begun }
    }

    /// Status and code of the answer to a body that is refused.
    async fn refused(&self, path: &str, body: &str) -> (u16, String) {
        refusal(self.miner.ask(path, body).await.1).await
    }
}

/// The body that asks for this task.
fn body(task: &str) -> String {
    let root = hex::encode(specification_root(Sorting::SPECIFICATION).0);
    format!(r#"{{"model":"{root}","task":{task}}}"#)
}

#[tokio::test]
async fn an_answer_comes_with_a_receipt_of_exactly_its_bytes() {
    let sorter = Sorter::start().await;
    let body = body("[3,1,2]");
    let (envelope, response) = sorter.miner.ask(PATH, &body).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/json");
    let receipt = SignedReceipt::from_text(response.headers()[RECEIPT_HEADER].to_str().unwrap()).unwrap();
    let answer = response.bytes().await.unwrap();
    assert_eq!(&answer[..], b"[1,2,3]");
    let root = specification_root(Sorting::SPECIFICATION);
    let receipt = receipt
        .check(&envelope, root, output_hash_custom(&answer), None)
        .unwrap();
    assert_eq!(receipt.prompt_tokens as usize, body.len());
    assert_eq!(receipt.completion_tokens as usize, answer.len());
    assert_eq!(sorter.miner.counted(PATH, "ok"), 1);
    sorter.miner.stop().await;
}

#[tokio::test]
async fn what_is_no_task_is_refused_by_name_and_a_solver_that_fails_fails_alone() {
    let sorter = Sorter::start().await;
    for (task, expected) in [
        (r#""text""#, (400, "malformed_body")),
        ("[-1]", (400, "malformed_body")),
        ("[]", (400, "invalid_input")),
        ("[13]", (500, "internal")),
    ] {
        let (status, code) = sorter.refused(PATH, &body(task)).await;
        assert_eq!((status, code.as_str()), expected, "{task}");
    }
    let other = format!(r#"{{"model":"{}","task":[1]}}"#, "ab".repeat(32));
    assert_eq!(sorter.refused(PATH, &other).await.1, "model_not_found");
    assert_eq!(sorter.refused(PATH, r#"{"task":[1]}"#).await.1, "malformed_body");
    assert_eq!(
        sorter.refused("/v1/embeddings", r#"{"input":"a"}"#).await.1,
        "wrong_kind"
    );
    assert_eq!(
        sorter.refused("/v1/completions", r#"{"prompt":"a"}"#).await.1,
        "wrong_kind"
    );
    assert_eq!(sorter.miner.ask(PATH, &body("[1]")).await.1.status(), 200);
    sorter.miner.stop().await;
}

#[tokio::test]
async fn more_than_cores_and_queue_hold_is_refused_until_one_is_done() {
    let mut sorter = Sorter::start().await;
    sorter.gate.set(true);
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let task = body("[1]");
    {
        let mut working: Vec<_> = (0..cores).map(|_| Box::pin(sorter.miner.ask(PATH, &task))).collect();
        for asked in &mut working {
            tokio::select! {
                _ = asked => panic!("the gate is closed"),
                Some(()) = sorter.begun.recv() => {}
            }
        }
        // All threads are taken. One more waits, and which of the two that come last cannot be known; one of them is refused.
        let last = || Box::pin(sorter.miner.ask(PATH, &task));
        let (mut one, mut other) = (last(), last());
        let (refused, waiting) = tokio::select! {
            (_, response) = &mut one => (response, other),
            (_, response) = &mut other => (response, one),
        };
        assert_eq!(refusal(refused).await, (429, "overloaded".into()));
        sorter.gate.set(false);
        for asked in working {
            assert_eq!(asked.await.1.status(), 200);
        }
        assert_eq!(waiting.await.1.status(), 200);
    }
    sorter.miner.stop().await;
}
