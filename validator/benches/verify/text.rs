//! Text: miners' answers, checked as the validator checks them, with activation proofs and without.
use super::miner::{write, Conduct, Request, Written};
use super::models::TextModels;
use super::tally::{Judged, Tally};
use super::{Effort, Outcome};
use futures::{stream, StreamExt};
use laurel_engine::kernels::Isa;
use laurel_engine::{TextEngine, TextOptions};
use laurel_types::ModelRoot;
use laurel_validator::corpus::{Corpus, Phrases};
use laurel_validator::work::{TextWork, Work};
use std::path::Path;
use std::time::Instant;

/// Requests that are written and checked together.
const ROUND: usize = 100;
/// Answers that are checked together.
const CHECKED_AT_ONCE: usize = 8;
/// What honest and dishonest miners do beside what a case is about.
const USUAL: usize = 8;

/// One line of the table: a case with proofs, and without.
pub struct Row {
    pub name: String,
    pub tallies: [Tally; 2],
    pub has_proofs: bool,
}

impl Row {
    /// Of a kind of work that has no proofs.
    pub fn of_answers(name: &str, tally: Tally) -> Self {
        Self {
            name: name.to_owned(),
            tallies: [tally, Tally::default()],
            has_proofs: false,
        }
    }
}

/// The validator's side.
pub struct Verifier {
    work: TextWork<TextEngine>,
    next: u64,
}

/// The miner's side.
pub struct Case<'a> {
    pub name: &'a str,
    pub engine: &'a TextEngine,
    pub conduct: Conduct,
    pub at_once: usize,
    pub is_honest: bool,
}

/// A model, with one of its options changed.
pub fn engine(dir: &Path, change: impl FnOnce(&mut TextOptions)) -> Outcome<TextEngine> {
    let mut options = TextOptions {
        queue: 2 * ROUND,
        ..Default::default()
    };
    change(&mut options);
    Ok(TextEngine::load(dir, options)?)
}

impl Verifier {
    pub fn new(engine: TextEngine) -> Self {
        let phrases = Phrases::new(Corpus::built_in(), rand::random());
        Self {
            work: TextWork::new(engine, ModelRoot([1; 32]), phrases),
            next: 0,
        }
    }

    /// So many new tasks, as they reach a miner.
    pub fn requests(&mut self, count: usize, engine: &TextEngine) -> Outcome<Vec<Request>> {
        let first = self.next;
        self.next += count as u64;
        (first..self.next)
            .map(|index| Request::new(self.work.task(index)?, engine))
            .collect()
    }

    /// What the validator says of an answer.
    pub async fn judge(&self, request: &Request, written: &Written, with_proof: bool) -> Outcome<Judged> {
        let answer = request.answer(written, self.work.model(), with_proof)?;
        let found = match self.work.glance(&request.task, &answer).await? {
            Ok(_) => self.work.check(&request.task, &answer).await?,
            Err(fault) => Err(fault),
        };
        Ok(Judged {
            tokens: written.tokens.len() as u32,
            found: found.map(|findings| findings.deviation),
        })
    }

    /// The same of several at once.
    pub async fn judge_all(&self, requests: &[Request], written: &[Written], with_proof: bool) -> Outcome<Vec<Judged>> {
        let pairs = requests.iter().zip(written);
        let judged = pairs.map(|(request, written)| self.judge(request, written, with_proof));
        let judged = stream::iter(judged).buffered(CHECKED_AT_ONCE);
        judged.collect::<Vec<_>>().await.into_iter().collect()
    }

    /// Tries a case until there is enough of it.
    pub async fn try_case(&mut self, case: &Case<'_>, effort: Effort) -> Outcome<Row> {
        let begun = Instant::now();
        let mut tallies = [Tally::new(case.is_honest), Tally::new(case.is_honest)];
        let is_enough = |tallies: &[Tally; 2]| {
            let many = tallies.iter().all(|tally| tally.runs >= effort.windows);
            tallies[0].requests >= effort.requests && (many || begun.elapsed() >= effort.time)
        };
        while !is_enough(&tallies) {
            let requests = self.requests(ROUND.min(effort.requests), case.engine)?;
            let written = write(case.engine, &requests, case.conduct, case.at_once, true).await?;
            for (tally, with_proof) in tallies.iter_mut().zip([true, false]) {
                for judged in self.judge_all(&requests, &written, with_proof).await? {
                    tally.add(&judged);
                }
            }
        }
        Ok(Row {
            name: case.name.to_owned(),
            tallies,
            has_proofs: true,
        })
    }
}

/// Every case of text, with models made of `source`.
pub async fn all(source: &Path, folder: &Path, effort: Effort) -> Outcome<Vec<Row>> {
    let models = TextModels::make(source, folder, effort.steps)?;
    let mut rows = honest(&models, effort).await?;
    rows.extend(other_models(&models, effort).await?);
    // What the others do depends on the model little.
    if effort.steps > 0 {
        rows.extend(other_conduct(&models, effort).await?);
    }
    Ok(rows)
}

async fn honest(models: &TextModels, effort: Effort) -> Outcome<Vec<Row>> {
    let same = |change: fn(&mut TextOptions)| engine(&models.bf16, change);
    let mut cases = vec![
        ("same build, 8 at once", USUAL, &models.bf16, same(|_| ())?),
        ("same build, one at a time", 1, &models.bf16, same(|_| ())?),
        (
            "same build, one thread",
            USUAL,
            &models.bf16,
            same(|options| options.threads = Some(1))?,
        ),
        ("f32 for bf16", USUAL, &models.bf16, engine(&models.f32, |_| ())?),
        (
            "f32 for q8_0",
            USUAL,
            &models.q8_0,
            engine(&models.q8_0_as_f32, |_| ())?,
        ),
    ];
    if Isa::available().contains(&Isa::Avx512Bf16) {
        let without = same(|options| options.isa = Some(Isa::Avx512))?;
        cases.push(("processor without bf16 products", USUAL, &models.bf16, without));
    }
    let mut rows = Vec::new();
    for (name, at_once, registered, engine_of_miner) in &cases {
        let case = Case {
            name,
            engine: engine_of_miner,
            conduct: Conduct::AsAsked,
            at_once: *at_once,
            is_honest: true,
        };
        rows.push(
            Verifier::new(engine(registered, |_| ())?)
                .try_case(&case, effort)
                .await?,
        );
    }
    Ok(rows)
}

async fn other_models(models: &TextModels, effort: Effort) -> Outcome<Vec<Row>> {
    let mut cases = vec![
        ("q8_0 for bf16", &models.bf16, &models.q8_0),
        ("q4_0 for q8_0", &models.q8_0, &models.q4_0),
        ("a layer less", &models.bf16, &models.fewer_layers),
    ];
    if let Some((fine_tune, smaller)) = &models.trained {
        cases.push(("another fine-tune", &models.bf16, fine_tune));
        cases.push(("a smaller model", &models.bf16, smaller));
    }
    let mut rows = Vec::new();
    for (name, registered, run) in cases {
        let case = Case {
            name,
            engine: &engine(run, |_| ())?,
            conduct: Conduct::AsAsked,
            at_once: USUAL,
            is_honest: false,
        };
        rows.push(
            Verifier::new(engine(registered, |_| ())?)
                .try_case(&case, effort)
                .await?,
        );
    }
    Ok(rows)
}

async fn other_conduct(models: &TextModels, effort: Effort) -> Outcome<Vec<Row>> {
    let mut rows = Vec::new();
    let miner = engine(&models.bf16, |_| ())?;
    let mut verifier = Verifier::new(engine(&models.bf16, |_| ())?);
    for (name, conduct) in [
        ("another system prompt", Conduct::OtherInstructions),
        ("half of the prompt", Conduct::HalfThePrompt),
        ("early stop", Conduct::EndsEarly),
        ("a peer's answer", Conduct::Replays),
        ("another seed", Conduct::OtherSeed),
    ] {
        let case = Case {
            name,
            engine: &miner,
            conduct,
            at_once: USUAL,
            is_honest: false,
        };
        rows.push(verifier.try_case(&case, effort).await?);
    }
    Ok(rows)
}
