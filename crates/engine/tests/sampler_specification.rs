//! The program in `docs/sampler.md` and the engine pick the same tokens.
mod python;

use laurel_engine::sampler::sample;
use laurel_engine::{SamplerKey, SamplingParams};

/// Reads cases from standard input as JSON and prints the tokens.
const DRIVER: &str = "
import json, sys
print(json.dumps([sample(c['logits'], *c['params'], bytes(c['key']), c['position']) for c in json.load(sys.stdin)]))
";

struct Case {
    logits: Vec<f32>,
    params: SamplingParams,
    key: [u8; 32],
    position: usize,
}

/// A plain generator (the constants of Numerical Recipes), so that the cases are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.0 >> 33) % bound
    }

    fn case(&mut self) -> Case {
        let count = 1 + self.below(400);
        // Odd multiples of a small step, some of them equal; a few far away.
        let logits = (0..count)
            .map(|_| (self.below(4001) as f32 - 2000.0) * 0.0123)
            .collect();
        let params = SamplingParams {
            temperature_milli: [0, 1, 300, 1000, 1001, 2500][self.below(6) as usize],
            top_k: [0, 1, 5, 40, 1000][self.below(5) as usize],
            top_p_milli: [1, 500, 900, 999, 1000][self.below(5) as usize],
        };
        let mut key = [0; 32];
        key.fill_with(|| self.below(256) as u8);
        Case {
            logits,
            params,
            key,
            position: self.below(100_000) as usize,
        }
    }
}

#[test]
fn the_specification_s_program_picks_the_same_tokens() {
    let (_, program) = python::specification("sampler.md");
    let mut numbers = Numbers(1);
    let cases: Vec<Case> = (0..300).map(|_| numbers.case()).collect();
    let input: Vec<serde_json::Value> = cases
        .iter()
        .map(|case| {
            let SamplingParams {
                temperature_milli,
                top_k,
                top_p_milli,
            } = case.params;
            serde_json::json!({
                // As f64, so that the text is exact.
                "logits": case.logits.iter().map(|logit| f64::from(*logit)).collect::<Vec<f64>>(),
                "params": [temperature_milli, top_k, top_p_milli],
                "key": case.key,
                "position": case.position,
            })
        })
        .collect();
    let input = serde_json::to_vec(&input).unwrap();
    let written = python::run_program(&format!("{program}\n{DRIVER}"), &input);
    let theirs: Vec<u32> = serde_json::from_slice(&written).unwrap();
    assert_eq!(theirs.len(), cases.len());
    for (case, token) in cases.iter().zip(theirs) {
        let ours = sample(&case.logits, &case.params, &SamplerKey(case.key), case.position).unwrap();
        assert_eq!(ours, token, "{:?} at {}", case.params, case.position);
    }
}
