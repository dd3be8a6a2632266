//! What activation proofs cost a miner: `cargo bench -p laurel-engine --bench proof -- MODEL THREADS [ROUNDS]`.
//!
//! MODEL is a folder or a GGUF file; `scripts/bench-engine.sh` makes those that are measured. Answers with a proof and without take
//! turns. Printed are microseconds for the proof of one window alone; then, for one text at a time and for eight, seconds a round without and
//! with, the median of the rounds' shares of time that the proofs took (of processor time on one thread, else by the clock), and the
//! share that their windows alone come to, which is steadier where others use the machine.
use laurel_engine::activations::WINDOW_TOKENS;
use laurel_engine::{
    ActivationProof, CallerId, SamplerKey, SamplingParams, TextEngine, TextEvent, TextOptions, TextRequest,
};
use std::path::Path;
use std::time::{Duration, Instant};

const TOKENS: usize = 128;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let [model, threads, rounds @ ..] = arguments.as_slice() else {
        // `cargo bench` without arguments runs every target.
        eprintln!("usage: proof MODEL THREADS [ROUNDS]");
        return Ok(());
    };
    let threads: usize = threads.parse()?;
    let rounds: usize = rounds.first().map_or(Ok(15), |rounds| rounds.parse())?;
    let folder = tempfile::tempdir()?;
    let options = TextOptions {
        threads: Some(threads),
        max_context: Some(2 * TOKENS),
        batch: 8,
        ..Default::default()
    };
    let engine = TextEngine::load(&runnable(Path::new(model), folder.path())?, options)?;
    let window = window(engine.hidden_size())?;
    println!("a window alone: {:.0} us", 1e6 * window);
    for texts in [1, 8] {
        let mut pairs = Vec::new();
        for round in 0..rounds {
            // Who goes first changes, so that what slows down with time does not count for one of them.
            let first = round % 2 == 1;
            let (one, other) = (
                answer(&engine, texts, first, threads)?,
                answer(&engine, texts, !first, threads)?,
            );
            pairs.push(if first { (other, one) } else { (one, other) });
        }
        let share = median(pairs.iter().map(|(without, with)| with / without - 1.0).collect());
        let without = median(pairs.iter().map(|pair| pair.0).collect());
        let with = median(pairs.iter().map(|pair| pair.1).collect());
        let alone = window * f64::from(texts) * (TOKENS / WINDOW_TOKENS) as f64 / without;
        println!(
            "{texts} x {TOKENS} tokens: {without:.4} {with:.4} {:+.2} %, alone {:.2} %",
            100.0 * share,
            100.0 * alone
        );
    }
    Ok(())
}

/// The model's files with some tokenizer, if it has none.
fn runnable(model: &Path, folder: &Path) -> std::io::Result<std::path::PathBuf> {
    let model = model.canonicalize()?;
    if model.is_dir() {
        return Ok(model);
    }
    let link = folder.join("model.gguf");
    std::os::unix::fs::symlink(model, &link)?;
    let tokenizer = r#"{"version":"1.0","added_tokens":[],"normalizer":null,"pre_tokenizer":{"type":"Whitespace"},"post_processor":null,
        "decoder":null,"model":{"type":"WordLevel","vocab":{"word":0},"unk_token":"word"}}"#;
    std::fs::write(folder.join("tokenizer.json"), tokenizer)?;
    Ok(link)
}

/// Seconds for so many answers at once.
fn answer(engine: &TextEngine, texts: u8, proof: bool, threads: usize) -> Result<f64, Box<dyn std::error::Error>> {
    let begin = now(threads);
    let mut submitted = Vec::new();
    for text in 0..texts {
        let request = TextRequest {
            prompt: vec![0],
            max_tokens: TOKENS,
            stop: Vec::new(),
            sampling: SamplingParams::default(),
            key: SamplerKey([text; 32]),
            caller: CallerId::default(),
            proof,
        };
        submitted.push(engine.submit(request)?);
    }
    for mut events in submitted {
        loop {
            match events.blocking_recv().ok_or("the engine stopped")? {
                TextEvent::Token { .. } => (),
                TextEvent::Done { completion, .. } if completion.len() == TOKENS => break,
                TextEvent::Done { .. } => return Err("the model ended a text".into()),
                TextEvent::Failed(error) => return Err(error.into()),
            }
        }
    }
    Ok((now(threads) - begin).as_secs_f64())
}

/// Seconds for the proof of one full window.
fn window(hidden_size: usize) -> Result<f64, Box<dyn std::error::Error>> {
    let value = |index: usize| (index * 7919 % 65_521) as f32 / 8.0 - 4095.0;
    let states: Vec<Vec<f32>> = (0..WINDOW_TOKENS)
        .map(|token| (token * hidden_size..(token + 1) * hidden_size).map(value).collect())
        .collect();
    let mut times = Vec::new();
    for _ in 0..200 {
        let begin = now(1);
        std::hint::black_box(ActivationProof::of(&states)?);
        times.push((now(1) - begin).as_secs_f64());
    }
    Ok(median(times))
}

/// Where one thread computes the process's time on processors, which what others do there changes little; else what the clock says.
fn now(threads: usize) -> Duration {
    static BEGIN: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    if threads == 1 {
        cpu_time::ProcessTime::now().as_duration()
    } else {
        BEGIN.get_or_init(Instant::now).elapsed()
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
