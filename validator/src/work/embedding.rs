//! Embeddings: two real sentences an item, checked by computing some of the vectors again.
use super::{
    check_receipt,
    question::{EmbeddingQuestion, EMBEDDINGS},
    shape::{EmbeddingShape, Shapes},
    Amount, Answer, CannotCheck, Findings, Task, Work,
};
use crate::{corpus::Phrases, statistic::Deviation, Fault, Score, Verdict};
use async_trait::async_trait;
use laurel_protocol::{
    blake2b_256,
    openai::{EmbeddingResponse, Usage},
    output_hash_embeddings, RequestError,
};
use laurel_types::{ModelKind, ModelRoot};
use rand::Rng;

/// Texts computed again. Which ones, the miner cannot know.
const CHECKED: usize = 2;
const SAMPLE_DOMAIN: &[u8; 15] = b"laurel/sample/1";
/// Least cosine between the miner's vector and ours. On the same build vectors are equal; where one side rounds weights and activations to bf16
/// the cosine was at least 0.99993, with weights of 8 bits at most 0.99914 (docs/verification.md).
const MIN_COSINE: f64 = 0.9998;
/// Largest difference of one number.
const MAX_DIFFERENCE: f64 = 0.01;
/// How far a vector's length may be from 1.
const MAX_LENGTH_ERROR: f64 = 0.001;

/// Computes embeddings with the registered model.
#[async_trait]
pub trait Embeds: Send + Sync {
    /// One unit vector for each text.
    async fn embed(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, CannotCheck>;
    /// Tokens that the model reads of a text.
    fn count(&self, text: &str) -> Result<usize, CannotCheck>;
}

/// Embedding work.
pub struct EmbeddingWork<E> {
    engine: E,
    model: ModelRoot,
    phrases: Phrases,
    shapes: Shapes<EmbeddingShape>,
}

impl<E: Embeds> EmbeddingWork<E> {
    /// Work checked with this engine, which has loaded this model.
    pub fn new(engine: E, model: ModelRoot, phrases: Phrases) -> Self {
        let shapes = Shapes::default();
        Self {
            engine,
            model,
            phrases,
            shapes,
        }
    }

    /// The task of a request, whoever asks.
    fn spelled(&self, path: &str, body: &[u8]) -> Result<(Task, EmbeddingQuestion), RequestError> {
        let question = EmbeddingQuestion::read(path, body)?;
        let texts = question.inputs.len();
        let prompt_tokens = self.count(&question.inputs).map_err(|error| {
            tracing::error!(%error, "the validator's own engine failed");
            RequestError::Internal
        })?;
        let task = Task {
            path: EMBEDDINGS,
            body: question.body(self.model)?,
            is_streamed: false,
            // At most MAX_EMBEDDING_INPUTS.
            size: texts as u32,
            prompt_tokens,
            wants_proof: false,
            summary: format!("{texts} texts"),
        };
        Ok((task, question))
    }

    /// Tokens that the model reads of these texts.
    fn count(&self, inputs: &[String]) -> Result<u32, CannotCheck> {
        let mut tokens = 0;
        for input in inputs {
            tokens += self.engine.count(input)?;
        }
        Ok(u32::try_from(tokens).unwrap_or(u32::MAX))
    }

    /// Compares a sample of the vectors with ours.
    async fn recompute(
        &self,
        inputs: &[String],
        vectors: &[Vec<f32>],
        sample: Vec<usize>,
    ) -> Result<Result<Findings, Fault>, CannotCheck> {
        let ours = self
            .engine
            .embed(sample.iter().map(|at| inputs[*at].clone()).collect())
            .await?;
        let mut worst = 1.0f64;
        for (at, ours) in sample.iter().zip(&ours) {
            let Some((cosine, difference)) = compare(ours, &vectors[*at]) else {
                let (theirs, ours) = (vectors[*at].len(), ours.len());
                return Ok(Err(Fault::new(
                    Verdict::WrongContent,
                    format!("vector {at} has {theirs} numbers, the registered model gives {ours}"),
                )));
            };
            if cosine.is_nan() || cosine < MIN_COSINE || difference > MAX_DIFFERENCE {
                return Ok(Err(Fault::new(
                    Verdict::WrongContent,
                    format!("vector {at} has cosine {cosine:.4} with the registered model's, at least {MIN_COSINE} is right"),
                )));
            }
            worst = worst.min(cosine);
        }
        Ok(Ok(Findings {
            reason: format!(
                "{} of {} vectors computed again, least cosine {worst:.6}",
                sample.len(),
                inputs.len()
            ),
            correctness: Score::ONE,
            deviation: Deviation::default(),
        }))
    }
}

#[async_trait]
impl<E: Embeds> Work for EmbeddingWork<E> {
    fn kind(&self) -> ModelKind {
        ModelKind::Embedding
    }

    fn model(&self) -> ModelRoot {
        self.model
    }

    fn task(&self, index: u64) -> Result<Task, CannotCheck> {
        let body = self.shapes.draw(EmbeddingShape::built_in).body(&self.phrases, index);
        let spelled = self.spelled(EMBEDDINGS, body.to_string().as_bytes());
        let (task, question) = spelled.map_err(|e| CannotCheck(e.to_string()))?;
        let summary = format!("{}, the first: {:.60}…", task.summary, question.inputs[0]);
        Ok(Task { summary, ..task })
    }

    fn request(&self, path: &str, body: &[u8]) -> Result<Task, RequestError> {
        let (task, question) = self.spelled(path, body)?;
        self.shapes.note(EmbeddingShape::of(&question));
        Ok(task)
    }

    async fn glance(&self, task: &Task, answer: &Answer) -> Result<Result<Amount, Fault>, CannotCheck> {
        let inputs = question(task)?.inputs;
        let (vectors, usage) = match read(&answer.body, inputs.len()) {
            Ok(read) => read,
            Err(fault) => return Ok(Err(fault)),
        };
        let receipt = match check_receipt(answer, self.model, output_hash_embeddings(&vectors), None) {
            Ok(receipt) => receipt,
            Err(fault) => return Ok(Err(fault)),
        };
        if let Err(fault) = plausible(&inputs, &vectors) {
            return Ok(Err(fault));
        }
        let counted = Amount {
            prompt_tokens: self.count(&inputs)?,
            completion_tokens: 0,
        };
        Ok(counted.agrees(&receipt, Some(usage)).map(|()| counted))
    }

    async fn check(&self, task: &Task, answer: &Answer) -> Result<Result<Findings, Fault>, CannotCheck> {
        let lot = Score(rand::rng().random_range(0..Score::ONE.0));
        self.check_drawn(task, answer, lot).await
    }

    async fn check_drawn(
        &self,
        task: &Task,
        answer: &Answer,
        lot: Score,
    ) -> Result<Result<Findings, Fault>, CannotCheck> {
        let inputs = question(task)?.inputs;
        match read(&answer.body, inputs.len()) {
            Ok((vectors, _)) => self.recompute(&inputs, &vectors, sample(lot, inputs.len())).await,
            Err(fault) => Ok(Err(fault)),
        }
    }
}

/// The texts that are computed again. The miner has answered when the lot is drawn; who is shown the lot can draw them again.
fn sample(lot: Score, inputs: usize) -> Vec<usize> {
    // At most 256 texts.
    let place = |at: &usize| blake2b_256(&[SAMPLE_DOMAIN, &lot.0.to_le_bytes(), &(*at as u32).to_le_bytes()]);
    let mut order: Vec<usize> = (0..inputs).collect();
    order.sort_by_cached_key(place);
    order.truncate(CHECKED);
    order
}

/// Reads a task that this validator made.
fn question(task: &Task) -> Result<EmbeddingQuestion, CannotCheck> {
    EmbeddingQuestion::read(task.path, &task.body).map_err(|e| CannotCheck(format!("the task is damaged: {e}")))
}

/// The vectors in the order of the inputs, and how many tokens the miner says that it read.
pub(super) fn read(body: &[u8], inputs: usize) -> Result<(Vec<Vec<f32>>, Usage), Fault> {
    let malformed = |reason: String| Fault::new(Verdict::Malformed, reason);
    let response: EmbeddingResponse = serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        malformed(format!(
            "the answer is not an embeddings answer from line {line}, column {column} on"
        ))
    })?;
    if response.data.len() != inputs {
        return Err(Fault::new(
            Verdict::Truncated,
            format!("{} vectors for {inputs} texts", response.data.len()),
        ));
    }
    let mut vectors = Vec::with_capacity(inputs);
    for (at, entry) in response.data.into_iter().enumerate() {
        if entry.index as usize != at {
            return Err(malformed(format!("entry {at} has index {}", entry.index)));
        }
        let vector = entry
            .embedding
            .decode()
            .ok_or_else(|| malformed(format!("vector {at} is not base64 of f32s")))?;
        vectors.push(vector);
    }
    Ok((vectors, response.usage))
}

/// What costs nothing to see: lengths, and the same vector for different texts.
fn plausible(inputs: &[String], vectors: &[Vec<f32>]) -> Result<(), Fault> {
    let wrong = |reason: String| Fault::new(Verdict::WrongContent, reason);
    for (at, vector) in vectors.iter().enumerate() {
        let length = dot(vector, vector).sqrt();
        if length.is_nan() || (length - 1.0).abs() > MAX_LENGTH_ERROR {
            return Err(wrong(format!("vector {at} has length {length:.4}, not 1")));
        }
        if let Some(same) = (0..at).find(|other| vectors[*other] == *vector && inputs[*other] != inputs[at]) {
            return Err(wrong(format!(
                "vectors {same} and {at} are the same, their texts are not"
            )));
        }
    }
    Ok(())
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum()
}

/// Cosine and largest difference of one number; none if the vectors cannot be compared.
fn compare(ours: &[f32], theirs: &[f32]) -> Option<(f64, f64)> {
    if ours.len() != theirs.len() {
        return None;
    }
    let lengths = (dot(ours, ours) * dot(theirs, theirs)).sqrt();
    let difference = ours
        .iter()
        .zip(theirs)
        .map(|(x, y)| f64::from((x - y).abs()))
        .fold(0.0, f64::max);
    Some((dot(ours, theirs) / lengths.max(f64::MIN_POSITIVE), difference))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_that_differ_by_rounding_are_the_same_and_others_are_not() {
        let ours = [0.6, 0.8, 0.0];
        let (cosine, difference) = compare(&ours, &[0.600_01, 0.799_99, 0.000_01]).unwrap();
        assert!(cosine > MIN_COSINE && difference < MAX_DIFFERENCE);
        let (cosine, _) = compare(&ours, &[0.8, 0.6, 0.0]).unwrap();
        assert!(cosine < MIN_COSINE);
        assert_eq!(compare(&ours, &[1.0]), None);
    }

    #[test]
    fn a_lot_says_which_texts_are_computed_again_and_lots_fall_on_all_of_them() {
        let mut drawn = std::collections::BTreeMap::new();
        for lot in (0..1_000).map(|n| Score(n * 1_000)) {
            let texts = sample(lot, 10);
            assert_eq!(texts.len(), CHECKED);
            assert_ne!(texts[0], texts[1]);
            assert_eq!(texts, sample(lot, 10));
            texts.into_iter().for_each(|at| *drawn.entry(at).or_insert(0) += 1);
        }
        assert!(
            drawn.len() == 10 && drawn.values().all(|times| (120..300).contains(times)),
            "{drawn:?}"
        );
        assert_eq!(sample(Score(5), 1), [0]);
    }

    #[test]
    fn a_vector_that_is_not_of_length_one_or_repeats_is_wrong() {
        let inputs = ["a".to_string(), "b".to_string()];
        assert!(plausible(&inputs, &[vec![1.0, 0.0], vec![0.0, 1.0]]).is_ok());
        for vectors in [
            [vec![1.0, 0.0], vec![1.0, 0.0]],
            [vec![2.0, 0.0], vec![0.0, 1.0]],
            [vec![f32::NAN], vec![1.0]],
        ] {
            assert_eq!(plausible(&inputs, &vectors).unwrap_err().verdict, Verdict::WrongContent);
        }
    }
}
