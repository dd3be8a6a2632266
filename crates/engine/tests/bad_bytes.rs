//! The loaders on the committed seeds and on some thousand changed copies of them: no panic, no memory that is not there. The same
//! functions run under cargo-fuzz (`fuzz/formats`).
mod formats;
#[path = "formats/mutation.rs"]
mod mutation;

use mutation::{seeds, Mutator};
use std::time::Instant;

/// The most address space that this process has had, in bytes; memory that is asked for counts, used or not.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmPeak"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib << 10)
}

fn replay(target: &str, run: fn(&[u8]), mutations: usize) {
    let seeds = seeds(target);
    // The first run brings up the threads that compute; what they take is not the input's doing.
    run(&seeds[0]);
    let (before, began) = (peak(), Instant::now());
    seeds.iter().for_each(|seed| run(seed));
    let mut mutator = Mutator(1);
    for round in 0..mutations {
        run(&mutator.mutate(&seeds[round % seeds.len()]));
    }
    println!(
        "{target}: {} seeds, {mutations} mutations in {:?}",
        seeds.len(),
        began.elapsed()
    );
    if let (Some(before), Some(after)) = (before, peak()) {
        assert!(
            after - before < 1 << 30,
            "{target}: {} bytes more were asked for",
            after - before
        );
    }
}

#[test]
fn gguf_files() {
    replay("gguf", formats::gguf, 2000);
}

#[test]
fn safetensors_files() {
    replay("safetensors", formats::safetensors, 2000);
}

#[test]
fn configurations() {
    replay("config", formats::config, 2000);
}

#[test]
fn tokenizers() {
    replay("tokenizer", formats::tokenizer, 1500);
}

#[test]
fn chat_templates() {
    replay("template", formats::template, 2000);
}

#[test]
fn activation_proofs() {
    replay("proof", formats::proof, 20_000);
}
