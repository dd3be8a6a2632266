//! How many honest answers are called wrong and how many wrong ones honest, and what checking costs: `scripts/bench-verify.sh`.
//!
//! Usage: verify FOLDER MODEL [EMBEDDING_MODEL [SPEED_MODEL...]] [--short | --calibrate | --seconds=TIME_OF_A_CASE]. FOLDER keeps the models that are made of the other two.
//! `--calibrate` tries what is coarser in its numbers only, to see whether the bounds of the statistic suit a model.
#[path = "cases.rs"]
mod cases;

use cases::{cost, embeddings, report, text, Effort};
use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

const SHORT: Effort = Effort {
    requests: 20,
    windows: 0,
    time: Duration::ZERO,
    steps: 10,
};
const FULL: Effort = Effort {
    requests: 200,
    windows: 3_000,
    time: Duration::from_secs(45),
    steps: 100,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let effort = match arguments.iter().find_map(|argument| argument.strip_prefix("--")) {
        Some("short") => SHORT,
        Some("calibrate") => Effort { steps: 0, ..FULL },
        _ => FULL,
    };
    // More time a case, for smaller bounds.
    let seconds = arguments
        .iter()
        .find_map(|argument| argument.strip_prefix("--seconds="));
    let effort = match seconds {
        Some(seconds) => Effort {
            time: Duration::from_secs(seconds.parse()?),
            ..effort
        },
        None => effort,
    };
    let places: Vec<PathBuf> = arguments
        .iter()
        .filter(|a| !a.starts_with("--"))
        .map(PathBuf::from)
        .collect();
    let [folder, model, others @ ..] = places.as_slice() else {
        // `cargo bench` without arguments runs every target.
        eprintln!("usage: verify FOLDER MODEL [EMBEDDING_MODEL [SPEED_MODEL...]] [--short | --calibrate | --seconds=TIME_OF_A_CASE]");
        return Ok(());
    };
    let rows = text::all(model, &folder.join("text"), effort).await?;
    report::print("Text", &rows);
    if let Some((embedding, speed)) = others.split_first() {
        let rows = embeddings::all(embedding, &folder.join("embeddings"), effort).await?;
        report::print("Embeddings", &rows);
        cost::print(model, speed, effort).await?;
    }
    Ok(())
}
