//! Speed of a whole model: `cargo bench -p laurel-engine --bench model -- FOLDER THREADS`.
//!
//! Prints seconds (of processor time on one thread, else by the clock) for a prompt of 512 tokens with the logits of its last, then seconds for each of 64 tokens that follow
//! it, one after the other, with their logits; then seconds for a step of 8 such texts at once; then the most memory that it
//! had, as a multiple of the weights' files and the cache. `scripts/bench-engine.sh` compares with llama.cpp.
use laurel_engine::decoder::{Cache, Decoder, Segment};
use laurel_engine::kernels::{threads, with_threads};
use laurel_engine::{EngineError, ModelDir};
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

const PROMPT: usize = 512;
const ANSWER: usize = 64;
const TEXTS: usize = 8;
const BLOCKS: usize = (PROMPT + ANSWER).div_ceil(32);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let [folder, count] = arguments.as_slice() else {
        // `cargo bench` without arguments runs every target.
        eprintln!("usage: model FOLDER THREADS");
        return Ok(());
    };
    let count: usize = count.parse()?;
    let decoder = Decoder::load(&ModelDir::open(Path::new(folder))?, PROMPT + ANSWER)?;
    let cache = decoder.new_cache(TEXTS * BLOCKS)?;
    let tables: Vec<Vec<u32>> = (0..TEXTS)
        .map(|text| (text * BLOCKS..(text + 1) * BLOCKS).map(|block| block as u32).collect())
        .collect();
    let prompt: Vec<u32> = (0..PROMPT).map(|index| (index * 7919 % 30_000) as u32).collect();
    let (prefill, decode, batch) = with_threads(count, || -> Result<_, EngineError> {
        let mut prefill = Vec::new();
        for table in &tables {
            prefill.push(step(&decoder, &cache, &[(&prompt, 0, table)])?);
        }
        let mut decode = Vec::new();
        for index in 0..ANSWER {
            decode.push(step(
                &decoder,
                &cache,
                &[(&[index as u32], PROMPT + index, &tables[0])],
            )?);
        }
        let mut batch = Vec::new();
        for index in 0..ANSWER {
            let token = [index as u32];
            let texts: Vec<_> = tables.iter().map(|table| (&token[..], PROMPT + index, table)).collect();
            batch.push(step(&decoder, &cache, &texts)?);
        }
        Ok((median(prefill), median(decode), median(batch)))
    })?;
    let bound = weight_bytes(Path::new(folder))? + (TEXTS * BLOCKS * decoder.block_bytes()) as u64;
    let peak = peak_bytes().map_or("-".into(), |peak| format!("{:.3}", peak as f64 / bound as f64));
    println!("{prefill:.6} {decode:.6} {batch:.6} {peak}");
    Ok(())
}

/// Bytes of the files that hold the weights.
fn weight_bytes(model: &Path) -> std::io::Result<u64> {
    if model.is_file() {
        return Ok(model.metadata()?.len());
    }
    let mut bytes = 0;
    for entry in model.read_dir()? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|ending| ending == "gguf" || ending == "safetensors")
        {
            bytes += path.metadata()?.len();
        }
    }
    Ok(bytes)
}

/// The most memory that this process had, where the system says it.
fn peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? << 10)
}

/// Seconds for reading tokens of some texts at a position, with the logits of the last of each.
fn step(decoder: &Decoder, cache: &Cache, texts: &[(&[u32], usize, &Vec<u32>)]) -> Result<f64, EngineError> {
    let begin = now();
    let segments: Vec<Segment> = texts
        .iter()
        .map(|(tokens, start, blocks)| Segment {
            tokens,
            start: *start,
            blocks,
            wanted: tokens.len() - 1,
        })
        .collect();
    let states = decoder.read(cache, &segments)?;
    if let Some(states) = states {
        decoder.logits(&states)?;
    }
    Ok((now() - begin).as_secs_f64())
}

/// On one thread its time on the processor, which what others do there changes little; else what the clock says.
fn now() -> Duration {
    static BEGIN: OnceLock<Instant> = OnceLock::new();
    if threads() == 1 {
        cpu_time::ThreadTime::now().as_duration()
    } else {
        BEGIN.get_or_init(Instant::now).elapsed()
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
