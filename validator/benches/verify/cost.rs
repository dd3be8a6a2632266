//! What a check costs beside writing the answers, and what a proof costs a miner, in time of the processor on one thread: what else runs on the
//! machine changes it little.
use super::miner::{write, Conduct, Request};
use super::text::{engine, Verifier};
use super::{Effort, Outcome};
use cpu_time::ProcessTime;
use laurel_engine::TextEngine;
use std::path::{Path, PathBuf};

/// Answers of a round.
const ANSWERS: usize = 16;

/// Seconds of a round.
struct Round {
    alone: f64,
    alone_with_proof: f64,
    together: f64,
    check: f64,
    tokens: usize,
    proof_bytes: usize,
    answer_bytes: usize,
}

/// Prints a table: the small model, and GGUF files whose tokenizer, if they have none, is the small model's.
pub async fn print(model: &Path, speed: &[PathBuf], effort: Effort) -> Outcome<()> {
    println!("\n## Cost\n");
    println!("| model | a check, of the time to write an answer alone | of that to write it among 8 | time for the proof, of the time to write | bytes a token: proof | answer |");
    println!("|---|---|---|---|---|---|");
    row("text", model, effort).await?;
    for file in speed {
        let folder = tempfile::tempdir()?;
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        std::os::unix::fs::symlink(std::fs::canonicalize(file)?, folder.path().join("model.gguf"))?;
        for name in ["tokenizer.json", "tokenizer_config.json", "generation_config.json"] {
            std::fs::copy(model.join(name), folder.path().join(name))?;
        }
        row(&name, folder.path(), effort).await?;
    }
    Ok(())
}

async fn row(name: &str, dir: &Path, effort: Effort) -> Outcome<()> {
    // A prompt that was read before would cost nothing.
    let load = || {
        engine(dir, |options| {
            (options.reuse_prefixes, options.threads) = (false, Some(1))
        })
    };
    let (miner, mut verifier) = (load()?, Verifier::new(load()?));
    // The first warms up.
    round(&miner, &mut verifier).await?;
    let mut rounds = Vec::new();
    for _ in 0..(effort.requests / 20).max(1) {
        rounds.push(round(&miner, &mut verifier).await?);
    }
    let median = |share: &dyn Fn(&Round) -> f64| {
        let mut shares: Vec<f64> = rounds.iter().map(share).collect();
        shares.sort_by(f64::total_cmp);
        shares[shares.len() / 2]
    };
    println!(
        "| {name} | {:.1} % | {:.1} % | {:.1} % | {:.2} | {:.0} |",
        100.0 * median(&|round| round.check / round.alone_with_proof),
        100.0 * median(&|round| round.check / round.together),
        100.0 * median(&|round| round.alone_with_proof / round.alone - 1.0),
        median(&|round| round.proof_bytes as f64 / round.tokens as f64),
        median(&|round| round.answer_bytes as f64 / round.tokens as f64),
    );
    Ok(())
}

async fn round(miner: &TextEngine, verifier: &mut Verifier) -> Outcome<Round> {
    let requests = verifier.requests(ANSWERS, miner)?;
    let timed = |at_once, with_proof| {
        let requests: &[Request] = &requests;
        async move {
            let begun = ProcessTime::now();
            let written = write(miner, requests, Conduct::AsAsked, at_once, with_proof).await?;
            Outcome::Ok((begun.elapsed().as_secs_f64(), written))
        }
    };
    let (alone, _) = timed(1, false).await?;
    let (alone_with_proof, written) = timed(1, true).await?;
    let (together, _) = timed(8, true).await?;
    let begun = ProcessTime::now();
    verifier.judge_all(&requests, &written, true).await?;
    let check = begun.elapsed().as_secs_f64();
    let mut answer_bytes = 0;
    for (request, written) in requests.iter().zip(&written) {
        answer_bytes += request
            .answer(written, laurel_types::ModelRoot([1; 32]), true)?
            .body
            .len();
    }
    Ok(Round {
        alone,
        alone_with_proof,
        together,
        check,
        tokens: written.iter().map(|written| written.tokens.len()).sum(),
        proof_bytes: written
            .iter()
            .filter_map(|w| w.proof.as_ref())
            .map(|proof| proof.to_bytes().len())
            .sum(),
        answer_bytes,
    })
}
