//! The vectors of `docs/sampler.md`, and that draws follow the distribution that they should.
use super::*;
use proptest::prelude::*;

const KEY: SamplerKey = SamplerKey([7; 32]);

/// Logits without any library function: multiples of 1/16 between -4 and 4.
fn logits(count: u32) -> Vec<f32> {
    (0..count)
        .map(|id| ((id * 37 + 11) % 129) as f32 / 16.0 - 4.0)
        .collect()
}

fn params(temperature_milli: u32, top_k: u32, top_p_milli: u32) -> SamplingParams {
    SamplingParams {
        temperature_milli,
        top_k,
        top_p_milli,
    }
}

#[test]
fn draws_are_those_of_the_specification() {
    let draws = Draws::new(&SamplerKey([0; 32]), 0);
    assert_eq!(
        (draws.first, draws.second),
        (0x9e2a_8726_e3cf_cc99, 0xf293_248b_41d9_b44d)
    );
    let expected = [
        (0x9b4c_e1c9_a871_bc96, 45450),
        (0x32db_1192_0e4e_4eee, -31462),
        (0x7e4e_e047_dea2_9ec9, 22773),
        (0xfcef_9026_33f3_0193, 289628),
    ];
    for (id, (bits, noise)) in (0..).zip(expected) {
        assert_eq!((draws.bits(id), gumbel(draws.bits(id))), (bits, noise));
    }
}

#[test]
fn exponentials_are_those_of_the_specification() {
    let expected = [
        (0, 4611686018427387904),
        (1, 4611637242788701949),
        (65536, 1696552768886935820),
        (655360, 209371598691763),
        (2000000, 257184),
    ];
    for (argument, value) in expected {
        assert_eq!(exp_neg(argument), value);
    }
}

#[test]
fn tokens_are_those_of_the_specification() {
    let expected = [
        (params(0, 0, 1000), [45, 45, 45, 45, 45, 45, 45, 45]),
        (params(1000, 0, 1000), [766, 166, 934, 676, 369, 383, 156, 669]),
        (params(700, 40, 1000), [167, 934, 934, 676, 561, 561, 411, 669]),
        (params(1000, 0, 900), [766, 934, 934, 676, 369, 383, 156, 669]),
        (params(1300, 50, 950), [167, 934, 934, 676, 561, 533, 411, 669]),
    ];
    let logits = logits(1000);
    for (params, tokens) in expected {
        for (position, token) in tokens.into_iter().enumerate() {
            assert_eq!(
                sample(&logits, &params, &KEY, position).unwrap(),
                token,
                "{params:?} at {position}"
            );
        }
    }
}

#[test]
fn equal_logits_give_the_lowest_id_when_greedy() {
    assert_eq!(
        sample(&[1.0, 3.0, 3.0, 3.0], &SamplingParams::GREEDY, &KEY, 5).unwrap(),
        1
    );
}

#[test]
fn one_candidate_is_the_likeliest_token_at_any_temperature() {
    let logits = logits(500);
    let likeliest = sample(&logits, &SamplingParams::GREEDY, &KEY, 0).unwrap();
    for position in 0..50 {
        assert_eq!(
            sample(&logits, &params(2000, 1, 1000), &KEY, position).unwrap(),
            likeliest
        );
        assert_eq!(sample(&logits, &params(2000, 0, 1), &KEY, position).unwrap(), likeliest);
    }
}

/// Frequencies over many positions against softmax, within five standard deviations of a binomial count.
#[test]
fn tokens_come_as_often_as_softmax_says() {
    let logits = [0.3f32, -1.0, 2.0, 1.5, -3.0, 0.0];
    for temperature_milli in [500, 1000, 1700] {
        let scale = f64::from(temperature_milli) / 1000.0;
        let weights: Vec<f64> = logits.iter().map(|logit| (f64::from(*logit) / scale).exp()).collect();
        let total: f64 = weights.iter().sum();
        const DRAWS: usize = 40_000;
        let mut counts = [0u32; 6];
        for position in 0..DRAWS {
            counts[sample(&logits, &params(temperature_milli, 0, 1000), &KEY, position).unwrap() as usize] += 1;
        }
        for (count, weight) in counts.iter().zip(&weights) {
            let (share, draws) = (weight / total, DRAWS as f64);
            let deviation = (draws * share * (1.0 - share)).sqrt();
            assert!(
                (f64::from(*count) - draws * share).abs() < 5.0 * deviation + 1.0,
                "{counts:?} at {scale}"
            );
        }
    }
}

#[test]
fn top_p_keeps_the_fewest_tokens_that_hold_it() {
    // Probabilities 0.5, 0.25, 0.125, 0.125: ln 2 apart.
    let ln_2 = std::f32::consts::LN_2;
    let logits = [3.0 * ln_2, 2.0 * ln_2, ln_2, ln_2];
    let candidates = |top_p_milli| match Candidates::new(&logits, &params(1000, 0, top_p_milli)).unwrap() {
        Candidates::All(units) => units.len(),
        Candidates::Some(ranked) => ranked.len(),
    };
    assert_eq!([400, 600, 800, 900, 1000].map(candidates), [1, 2, 3, 4, 4]);
}

#[test]
fn logits_that_are_not_numbers_are_refused() {
    for odd in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        assert!(sample(&[0.0, odd], &SamplingParams::default(), &KEY, 0).is_err());
    }
    assert!(sample(&[], &SamplingParams::default(), &KEY, 0).is_err());
}

#[test]
fn parameters_out_of_range_are_bad_requests() {
    for odd in [params(10_001, 0, 1000), params(1000, 0, 0), params(1000, 0, 1001)] {
        assert!(sample(&[0.0], &odd, &KEY, 0).unwrap_err().is_bad_request());
    }
}

#[test]
fn a_token_that_cannot_be_chosen_has_an_infinite_margin() {
    let check = check_token(&[5.0, 4.0, 0.0], &params(1000, 2, 1000), &KEY, 0, 2).unwrap();
    assert!(check.margin.is_infinite());
}

#[test]
fn a_greedy_margin_is_the_difference_of_logits() {
    let check = check_token(&[5.0, 4.25, 0.0], &SamplingParams::GREEDY, &KEY, 0, 1).unwrap();
    assert_eq!((check.expected, check.margin), (0, 0.75));
}

proptest! {
    #[test]
    fn the_sampled_token_has_margin_zero_and_no_other_has_less(
        logits in prop::collection::vec(-20f32..20.0, 2..200),
        temperature_milli in 0u32..3000,
        top_k in 0u32..50,
        top_p_milli in 1u32..=1000,
        key: [u8; 32],
        position in 0usize..5000,
    ) {
        let params = params(temperature_milli, top_k, top_p_milli);
        let key = SamplerKey(key);
        let token = sample(&logits, &params, &key, position).unwrap();
        for claimed in 0..logits.len() as u32 {
            let check = check_token(&logits, &params, &key, position, claimed).unwrap();
            prop_assert_eq!(check.expected, token);
            prop_assert!(check.margin >= 0.0);
            if claimed == token {
                prop_assert_eq!(check.margin, 0.0);
            }
        }
    }

    /// The bound that skips tokens never skips the winner.
    #[test]
    fn the_choice_is_that_of_a_plain_search(
        logits in prop::collection::vec(-8f32..8.0, 1..300),
        temperature_milli in 0u32..3000,
        key: [u8; 32],
    ) {
        let params = params(temperature_milli, 0, 1000);
        let draws = Draws::new(&SamplerKey(key), 3);
        let score = |id: usize| (logits[id] as f64 * 65536.0).round() as i64 + draws.noise(id as u32, &params);
        let plain = (0..logits.len()).max_by_key(|id| (score(*id), std::cmp::Reverse(*id))).unwrap();
        prop_assert_eq!(sample(&logits, &params, &SamplerKey(key), 3).unwrap(), plain as u32);
    }
}
