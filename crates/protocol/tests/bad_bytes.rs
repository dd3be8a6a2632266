//! The wire's readers on the committed seeds and on some thousand changed copies of them: no panic. The same functions run under
//! cargo-fuzz (`fuzz/formats`).
mod formats;
#[path = "../../engine/tests/formats/mutation.rs"]
mod mutation;

use mutation::{seeds, Mutator};

fn replay(target: &str, run: fn(&[u8])) {
    let seeds = seeds(target);
    seeds.iter().for_each(|seed| run(seed));
    let mut mutator = Mutator(2);
    for round in 0..20_000 {
        run(&mutator.mutate(&seeds[round % seeds.len()]));
    }
}

#[test]
fn envelopes() {
    replay("envelope", formats::envelope);
}

#[test]
fn bodies() {
    replay("openai", formats::openai);
}

#[test]
fn receipts_and_proofs() {
    replay("receipt", formats::receipt);
}
