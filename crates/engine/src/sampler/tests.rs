//! The specification's vectors, and that draws follow the distribution that they should.
use super::*;
use proptest::prelude::*;

const KEY: SamplerKey = SamplerKey([7; 32]);

/// Logits without any library function: multiples of 1/16 between -4 and 4.
fn logits(count: usize) -> Vec<f32> {
    (0..count as u32)
        .map(|id| ((id * 37 + 11) % 129) as f32 / 16.0 - 4.0)
        .collect()
}

#[test]
fn draws_of_the_specification() {
    let draws = Draws::new(&SamplerKey([0; 32]), 0);
    println!("{:016x} {:016x}", draws.first, draws.second);
    for id in 0..4 {
        println!("{id}: {:016x} {}", draws.bits(id), gumbel(draws.bits(id)));
    }
    for x in [0u64, 1, 65536, 655360, 2000000] {
        println!("exp_neg({x}) = {}", exp_neg(x));
    }
    let logits = logits(1000);
    for (t, k, p) in [
        (0, 0, 1000),
        (1000, 0, 1000),
        (700, 40, 1000),
        (1000, 0, 900),
        (1300, 50, 950),
    ] {
        let params = SamplingParams {
            temperature_milli: t,
            top_k: k,
            top_p_milli: p,
        };
        let ids: Vec<u32> = (0..8)
            .map(|position| sample(&logits, &params, &KEY, position).unwrap())
            .collect();
        println!("({t}, {k}, {p}, {ids:?}),");
    }
}
