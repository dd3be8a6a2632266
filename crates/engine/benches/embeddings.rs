//! Speed of an embedding model: `cargo bench -p laurel-engine --bench embeddings -- FOLDER THREADS [VECTORS]`.
//!
//! Prints seconds (of processor time on one thread, else by the clock) for 32 texts of 64 tokens, the median of 15 times.
//! `VECTORS` is a file to which it writes the vectors, f32, one after the other. `scripts/bench-engine.sh` compares with
//! ONNX Runtime.
use laurel_engine::embedding::Encoder;
use laurel_engine::kernels::{threads, with_threads};
use laurel_engine::ModelDir;
use std::error::Error;
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

const TEXTS: usize = 32;
const TOKENS: usize = 64;
const TIMES: usize = 15;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let [folder, count, vectors @ ..] = arguments.as_slice() else {
        // `cargo bench` without arguments runs every target.
        eprintln!("usage: embeddings FOLDER THREADS [VECTORS]");
        return Ok(());
    };
    let encoder = Encoder::load(&ModelDir::open(Path::new(folder))?)?;
    let ids: Vec<u32> = (0..TEXTS * TOKENS)
        .map(|index| (1000 + index * 7919 % 28_000) as u32)
        .collect();
    let texts: Vec<&[u32]> = ids.chunks(TOKENS).collect();
    let (embeddings, seconds) = with_threads(count.parse()?, || -> Result<_, Box<dyn Error>> {
        let embeddings = encoder.embed(&texts)?;
        let mut times = Vec::new();
        for _ in 0..TIMES {
            let begin = now();
            encoder.embed(&texts)?;
            times.push((now() - begin).as_secs_f64());
        }
        times.sort_by(f64::total_cmp);
        Ok((embeddings, times[TIMES / 2]))
    })?;
    if let [path] = vectors {
        let bytes: Vec<u8> = embeddings
            .iter()
            .flatten()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        std::fs::write(path, bytes)?;
    }
    println!("{seconds:.6}");
    Ok(())
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
