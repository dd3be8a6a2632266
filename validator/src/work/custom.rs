//! Work that a subnet's author defines: the author makes tasks and scores answers, all else is as with any other work.
use super::{check_receipt, Amount, Answer, CannotCheck, Findings, Task, Work};
use crate::{statistic::Deviation, Fault, Score, Verdict};
use async_trait::async_trait;
use laurel_protocol::{
    blake2b_256, output_hash_custom, specification_root, CustomRequest, CustomWork, Hash, RequestError, CUSTOM_PATH,
};
use laurel_types::{ModelKind, ModelRoot};
use rand::{rngs::StdRng, RngCore, SeedableRng};
use std::sync::Arc;

const TASK_DOMAIN: &[u8; 20] = b"laurel/custom-task/1";
/// How much of a task is shown to people, in bytes.
const SHOWN: usize = 60;

/// Makes the tasks of a kind of custom work, and scores the answers.
pub trait Judge: CustomWork {
    /// Makes a task. `random` is never the same twice, and no miner can know what it says.
    fn task(&self, random: &mut dyn RngCore) -> Self::Task;

    /// What a well-formed answer is worth, from the task and the answer alone: whoever has both must come to the same.
    ///
    /// # Errors
    /// What is wrong with an answer that no miner which did the work could give. It counts as proof of cheating.
    fn score(&self, task: &Self::Task, answer: &Self::Answer) -> Result<Scored, String>;
}

/// What an answer is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scored {
    /// From nothing to all.
    pub score: Score,
    /// Why, for people.
    pub reason: String,
}

/// A kind of custom work in this validator.
pub struct CustomKind<J> {
    judge: Arc<J>,
    root: ModelRoot,
    task_key: Hash,
}

impl<J: Judge> CustomKind<J> {
    /// Work judged so, with tasks that follow from this secret.
    pub fn new(judge: J, task_key: Hash) -> Self {
        Self {
            judge: Arc::new(judge),
            root: specification_root(J::SPECIFICATION),
            task_key,
        }
    }

    /// The request as it is sent, in one spelling.
    fn spelled(&self, task: J::Task) -> Result<Task, serde_json::Error> {
        let summary = serde_json::to_string(&task)?;
        let request = CustomRequest {
            model: hex::encode(self.root.0),
            task,
        };
        let body = serde_json::to_vec(&request)?;
        Ok(Task {
            path: CUSTOM_PATH,
            prompt_tokens: bytes(&body),
            body,
            is_streamed: false,
            size: 0,
            wants_proof: false,
            summary: summary.chars().take(SHOWN).collect(),
        })
    }
}

/// Custom work has no tokens: bytes are counted in their place.
fn bytes(body: &[u8]) -> u32 {
    u32::try_from(body.len()).unwrap_or(u32::MAX)
}

/// Reads a task that this validator made.
fn asked<J: Judge>(task: &Task) -> Result<J::Task, CannotCheck> {
    let request: CustomRequest<J::Task> =
        serde_json::from_slice(&task.body).map_err(|e| CannotCheck(format!("the task is damaged: {e}")))?;
    Ok(request.task)
}

/// Where it stops being what was asked for is all that is said: a reason quotes no miner.
fn answered<J: Judge>(answer: &Answer) -> Result<J::Answer, Fault> {
    serde_json::from_slice(&answer.body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let reason = format!("not the JSON of an answer from line {line}, column {column} on");
        Fault::new(Verdict::Malformed, reason)
    })
}

#[async_trait]
impl<J: Judge> Work for CustomKind<J> {
    fn kind(&self) -> ModelKind {
        ModelKind::Custom
    }

    fn model(&self) -> ModelRoot {
        self.root
    }

    fn checks_every_answer(&self) -> bool {
        true
    }

    fn task(&self, index: u64) -> Result<Task, CannotCheck> {
        let seed = blake2b_256(&[TASK_DOMAIN, &self.task_key, &index.to_le_bytes()]);
        let task = self.judge.task(&mut StdRng::from_seed(seed));
        self.spelled(task).map_err(|e| CannotCheck(e.to_string()))
    }

    fn request(&self, path: &str, body: &[u8]) -> Result<Task, RequestError> {
        if path != CUSTOM_PATH {
            return Err(RequestError::WrongKind { ours: "custom work" });
        }
        let malformed = |error: serde_json::Error| RequestError::MalformedBody { why: error.to_string() };
        let request: CustomRequest<J::Task> = serde_json::from_slice(body).map_err(malformed)?;
        self.spelled(request.task).map_err(malformed)
    }

    async fn glance(&self, task: &Task, answer: &Answer) -> Result<Result<Amount, Fault>, CannotCheck> {
        if let Err(fault) = answered::<J>(answer) {
            return Ok(Err(fault));
        }
        let receipt = match check_receipt(answer, self.root, output_hash_custom(&answer.body), None) {
            Ok(receipt) => receipt,
            Err(fault) => return Ok(Err(fault)),
        };
        let counted = Amount {
            prompt_tokens: bytes(&task.body),
            completion_tokens: bytes(&answer.body),
        };
        Ok(counted.agrees(&receipt, None).map(|()| counted))
    }

    async fn check(&self, task: &Task, answer: &Answer) -> Result<Result<Findings, Fault>, CannotCheck> {
        let task = asked::<J>(task)?;
        let answer = match answered::<J>(answer) {
            Ok(answer) => answer,
            Err(fault) => return Ok(Err(fault)),
        };
        let judge = self.judge.clone();
        let scoring = tokio::task::spawn_blocking(move || judge.score(&task, &answer)).await;
        let scored = scoring.map_err(|e| CannotCheck(format!("scoring failed: {e}")))?;
        Ok(match scored {
            Ok(Scored { score, reason }) => Ok(Findings {
                reason,
                correctness: score.min(Score::ONE),
                deviation: Deviation::default(),
            }),
            Err(why) => Err(Fault::new(Verdict::WrongContent, why)),
        })
    }
}
