//! Embeddings: vectors of miners, checked as the validator checks them.
use super::miner::{envelope, signed};
use super::tally::{Judged, Tally};
use super::text::Row;
use super::{Effort, Outcome};
use laurel_engine::{EmbeddingEngine, EmbeddingOptions};
use laurel_models::{convert, degrade, shorten, Degradation, ModelError, WeightType};
use laurel_protocol::openai::{Embedding, EmbeddingRequest, EmbeddingResponse, EmbeddingVector, EncodingFormat, Usage};
use laurel_protocol::{output_hash_embeddings, Work as Done};
use laurel_types::ModelRoot;
use laurel_validator::corpus::{Corpus, Phrases};
use laurel_validator::work::{EmbeddingWork, Work};
use std::path::{Path, PathBuf};

/// What a miner does that it should not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Conduct {
    /// Nothing; it may run another model, though.
    AsAsked,
    /// Computes one text at a time.
    OneByOne,
    /// Reads the first half of each text only.
    HalfTheText,
    /// Sends the vectors of the request before.
    Replays,
}

/// One line: the registered model, the miner's, and what it does with it.
struct Case<'a> {
    name: &'a str,
    registered: &'a Path,
    run: &'a Path,
    threads: Option<usize>,
    conduct: Conduct,
    is_honest: bool,
}

/// Every case of embeddings, with models made of `source` in `folder`.
pub async fn all(source: &Path, folder: &Path, effort: Effort) -> Outcome<Vec<Row>> {
    std::fs::create_dir_all(folder)?;
    let make = |name: &str, how: &dyn Fn(&Path) -> Result<(), ModelError>| -> Outcome<PathBuf> {
        let place = folder.join(name);
        if !place.exists() {
            eprintln!("making {}", place.display());
            how(&place)?;
        }
        Ok(place)
    };
    let bits = |bits| move |to: &Path| degrade(source, to, Degradation { bits, seed: 1 });
    let bf16 = make("bf16", &|to| convert(source, to, WeightType::Bf16))?;
    let singles = make("bf16-as-f32", &|to| convert(&bf16, to, WeightType::F32))?;
    let (eight, four) = (make("8-bits", &bits(8))?, make("4-bits", &bits(4))?);
    let shorter = make("a-layer-less", &|to| shorten(source, to, layers(source)? - 1))?;
    let case = |name, run, conduct, is_honest| Case {
        name,
        registered: source,
        run,
        threads: None,
        conduct,
        is_honest,
    };
    let one_thread = Case {
        threads: Some(1),
        ..case("same build, one thread", source, Conduct::AsAsked, true)
    };
    let singles = Case {
        registered: &bf16,
        ..case("f32 for bf16", &singles, Conduct::AsAsked, true)
    };
    let mut rows = Vec::new();
    for case in [
        case("same build", source, Conduct::AsAsked, true),
        case("same build, one text at a time", source, Conduct::OneByOne, true),
        one_thread,
        singles,
        case("bf16 for f32", &bf16, Conduct::AsAsked, true),
        case("weights of 8 bits", &eight, Conduct::AsAsked, false),
        case("weights of 4 bits", &four, Conduct::AsAsked, false),
        case("a layer less", &shorter, Conduct::AsAsked, false),
        case("half of each text", source, Conduct::HalfTheText, false),
        case("vectors of another request", source, Conduct::Replays, false),
    ] {
        rows.push(tried(&case, effort).await?);
    }
    Ok(rows)
}

fn layers(source: &Path) -> Result<usize, ModelError> {
    let config: serde_json::Value = laurel_engine::ModelDir::open(source)?.json("config.json")?;
    Ok(config["num_hidden_layers"].as_u64().unwrap_or(2) as usize)
}

async fn tried(case: &Case<'_>, effort: Effort) -> Outcome<Row> {
    let load = |dir: &Path, threads| {
        let options = EmbeddingOptions {
            threads,
            ..Default::default()
        };
        EmbeddingEngine::load(dir, options)
    };
    let phrases = Phrases::new(Corpus::built_in(), rand::random());
    let work = EmbeddingWork::new(load(case.registered, None)?, ModelRoot([1; 32]), phrases);
    let miner = load(case.run, case.threads)?;
    let mut tally = Tally::new(case.is_honest);
    let mut before = Vec::new();
    for index in 0..effort.requests as u64 {
        let task = work.task(index)?;
        let request: EmbeddingRequest = serde_json::from_slice(&task.body)?;
        let mut texts = request.inputs()?;
        if case.conduct == Conduct::HalfTheText {
            texts.iter_mut().for_each(|text| *text = half(text));
        }
        let mut vectors = match case.conduct {
            Conduct::OneByOne => {
                let mut vectors = Vec::new();
                for text in &texts {
                    vectors.extend(miner.embed(vec![text.clone()]).await?);
                }
                vectors
            }
            _ => miner.embed(texts.clone()).await?,
        };
        if case.conduct == Conduct::Replays {
            let fresh = vectors.clone();
            vectors = (0..texts.len())
                .map(|at| before.get(at).unwrap_or(&fresh[(at + 1) % fresh.len()]).clone())
                .collect();
            before = fresh;
        }
        tally.add(&judged(&work, task, &miner, vectors).await?);
    }
    Ok(Row::of_answers(case.name, tally))
}

async fn judged(
    work: &EmbeddingWork<EmbeddingEngine>,
    task: laurel_validator::work::Task,
    miner: &EmbeddingEngine,
    vectors: Vec<Vec<f32>>,
) -> Outcome<Judged> {
    let request: EmbeddingRequest = serde_json::from_slice(&task.body)?;
    let mut read = 0;
    for text in request.inputs()? {
        read += miner.count_tokens(&text)? as u32;
    }
    let envelope = envelope(&task);
    let done = Done {
        model: work.model(),
        output_hash: output_hash_embeddings(&vectors),
        proof_hash: None,
        prompt_tokens: read,
        completion_tokens: 0,
        received_ms: 0,
        completed_ms: 1,
    };
    let data = vectors.into_iter().zip(0..).map(|(vector, index)| Embedding {
        object: "embedding".into(),
        index,
        embedding: EmbeddingVector::encode(vector, EncodingFormat::Base64),
    });
    let body = EmbeddingResponse {
        object: "list".into(),
        data: data.collect(),
        model: String::new(),
        usage: Usage::new(read, 0),
    };
    let answer = signed(&envelope, &done, serde_json::to_vec(&body)?);
    let found = match work.glance(&task, &answer).await? {
        Ok(_) => work.check(&task, &answer).await?,
        Err(fault) => Err(fault),
    };
    Ok(Judged {
        tokens: 0,
        found: found.map(|findings| findings.deviation),
    })
}

fn half(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words[..words.len().div_ceil(2)].join(" ")
}
