//! What models rely on in attention: it is right, and a token's result is its own, however it got there.
use candle_core::{Device, Tensor};
use laurel_engine::kernels::{
    with_isa, with_threads, Attention, Isa, KvFormat, KvSlab, Norm, Rope, RopeStyle, Span, KV_BLOCK,
};
use proptest::prelude::*;
use std::sync::Arc;

fn attention(heads: usize, kv_heads: usize, width: usize) -> Attention {
    Attention {
        heads,
        kv_heads,
        width,
        scale: 1.0 / (width as f32).sqrt(),
        window: None,
        soft_cap: None,
        rope: None,
        query_norm: None,
        key_norm: None,
    }
}

fn rope(width: usize, style: RopeStyle) -> Arc<Rope> {
    let angles: Vec<f32> = (0..200)
        .flat_map(|position| (0..width / 2).map(move |pair| position as f32 * 10f32.powf(-(pair as f32) / 3.0)))
        .collect();
    let table = |f: fn(f32) -> f32| angles.iter().map(|angle| f(*angle)).collect();
    Arc::new(Rope::new(table(f32::cos), table(f32::sin), width / 2, style).unwrap())
}

fn input(seed: u64, rows: usize, attention: &Attention) -> Tensor {
    let width = attention.input();
    let mut state = seed | 1;
    let values: Vec<f32> = (0..rows * width)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1 << 23) as f32 - 1.0
        })
        .collect();
    Tensor::from_vec(values, (rows, width), &Device::Cpu).unwrap()
}

fn bits(tensor: &Tensor) -> Vec<u32> {
    let values: Vec<f32> = tensor.flatten_all().unwrap().to_vec1().unwrap();
    values.iter().map(|x| x.to_bits()).collect()
}

/// One text through an empty cache in chunks of these lengths.
fn in_chunks(attention: &Attention, qkv: &Tensor, format: KvFormat, chunks: &[usize]) -> Vec<u32> {
    let cache = KvSlab::new(12, attention.kv_heads, attention.width, format).unwrap();
    let table = [7, 2, 11, 0, 5, 3];
    let mut start = 0;
    let mut all = Vec::new();
    for tokens in chunks.iter().copied() {
        let rows = qkv.narrow(0, start, tokens).unwrap();
        let span = Span {
            table: &table,
            start,
            tokens,
        };
        all.extend(bits(&attention.forward(&rows, &cache, &[span]).unwrap()));
        start += tokens;
    }
    all
}

/// Attention by its formula, in double precision.
fn by_formula(attention: &Attention, qkv: &Tensor, causal: bool) -> Vec<f64> {
    let Attention {
        heads, kv_heads, width, ..
    } = *attention;
    let rows: Vec<Vec<f32>> = qkv.to_vec2().unwrap();
    let head = |row: usize, index: usize| -> Vec<f64> {
        rows[row][index * width..(index + 1) * width]
            .iter()
            .map(|x| f64::from(*x))
            .collect()
    };
    let mut all = Vec::new();
    for row in 0..rows.len() {
        for index in 0..heads {
            let kv = index / (heads / kv_heads);
            let begin = attention.window.map_or(0, |window| (row + 1).saturating_sub(window));
            let seen = begin..if causal { row + 1 } else { rows.len() };
            let scores: Vec<f64> = (seen.clone())
                .map(|other| {
                    let dot: f64 = head(row, index)
                        .iter()
                        .zip(head(other, heads + kv))
                        .map(|(a, b)| a * b)
                        .sum();
                    let score = dot * f64::from(attention.scale);
                    attention
                        .soft_cap
                        .map_or(score, |cap| f64::from(cap) * (score / f64::from(cap)).tanh())
                        .exp()
                })
                .collect();
            let total: f64 = scores.iter().sum();
            let mut sums = vec![0.0; width];
            for (other, score) in seen.zip(scores) {
                for (sum, value) in sums.iter_mut().zip(head(other, heads + kv_heads + kv)) {
                    *sum += score / total * value;
                }
            }
            all.extend(sums);
        }
    }
    all
}

fn assert_near(found: &[u32], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        let found = f64::from(f32::from_bits(*found));
        assert!((found - expected).abs() < tolerance, "{found}, expected {expected}");
    }
}

#[test]
fn attention_is_what_its_formula_says() {
    for (heads, kv_heads, width) in [(3, 1, 16), (4, 4, 24), (14, 2, 64), (2, 1, 256)] {
        for (window, soft_cap) in [(None, None), (Some(5), None), (Some(40), Some(0.7)), (Some(1), None)] {
            let attention = Attention {
                window,
                soft_cap,
                ..attention(heads, kv_heads, width)
            };
            let qkv = input(heads as u64, 77, &attention);
            let expected = by_formula(&attention, &qkv, true);
            assert_near(&in_chunks(&attention, &qkv, KvFormat::F32, &[77]), &expected, 3e-6);
            assert_near(&in_chunks(&attention, &qkv, KvFormat::F16, &[77]), &expected, 2e-3);
        }
        let attention = attention(heads, kv_heads, width);
        let qkv = input(3, 45 + 1 + 33, &attention);
        let rows: Vec<f32> = qkv.flatten_all().unwrap().to_vec1().unwrap();
        let mut whole = Vec::new();
        attention.apply_whole(&rows, &[45, 1, 33], &mut whole).unwrap();
        let whole: Vec<u32> = whole.iter().map(|x| x.to_bits()).collect();
        let part = |from, tokens| by_formula(&attention, &qkv.narrow(0, from, tokens).unwrap(), false);
        assert_near(&whole, &[part(0, 45), part(45, 1), part(46, 33)].concat(), 3e-6);
    }
}

#[test]
fn queries_and_keys_are_normalised_then_rotated() {
    for style in [RopeStyle::HalfSplit, RopeStyle::Interleaved] {
        let norm = |seed: f32| Norm::Rms {
            weight: (0..16).map(|index| seed + index as f32 * 0.1).collect(),
            epsilon: 1e-6,
        };
        let plain = attention(2, 1, 16);
        let full = Attention {
            // Only the first 12 of 16 values are rotated.
            rope: Some(rope(12, style)),
            query_norm: Some(norm(0.5)),
            key_norm: Some(norm(-0.8)),
            ..attention(2, 1, 16)
        };
        let qkv = input(29, 40, &plain);
        let mut rows: Vec<Vec<f32>> = qkv.to_vec2().unwrap();
        for (position, row) in rows.iter_mut().enumerate() {
            for (index, head) in row.chunks_exact_mut(16).take(3).enumerate() {
                let seed = if index < 2 { 0.5 } else { -0.8 };
                let root = (head.iter().map(|x| x * x).sum::<f32>() / 16.0 + 1e-6).sqrt();
                head.iter_mut()
                    .enumerate()
                    .for_each(|(index, x)| *x = *x / root * (seed + index as f32 * 0.1));
                for pair in 0..6 {
                    let (a, b) = match style {
                        RopeStyle::HalfSplit => (pair, pair + 6),
                        RopeStyle::Interleaved => (2 * pair, 2 * pair + 1),
                    };
                    let (sin, cos) = (position as f32 * 10f32.powf(-(pair as f32) / 3.0)).sin_cos();
                    (head[a], head[b]) = (head[a] * cos - head[b] * sin, head[b] * cos + head[a] * sin);
                }
            }
        }
        let turned = Tensor::from_vec(rows.concat(), qkv.shape(), &Device::Cpu).unwrap();
        let expected = by_formula(&plain, &turned, true);
        assert_near(&in_chunks(&full, &qkv, KvFormat::F32, &[40]), &expected, 1e-5);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn chunks_threads_and_instructions_change_nothing(
        seed: u64, tokens in 1..150usize, cuts in prop::collection::vec(1..60usize, 150),
        window in prop::option::of(1..100usize), half: bool, shape in 0..3usize,
    ) {
        let (heads, kv_heads, width) = [(9, 3, 32), (7, 1, 48), (4, 4, 16)][shape];
        let attention = Attention {
            window,
            rope: Some(rope(16, RopeStyle::HalfSplit)),
            ..attention(heads, kv_heads, width)
        };
        let qkv = input(seed, tokens, &attention);
        let format = if half { KvFormat::F16 } else { KvFormat::F32 };
        let mut left = tokens;
        let chunks: Vec<usize> = cuts
            .iter()
            .map(|cut| { let chunk = left.min(*cut); left -= chunk; chunk })
            .take_while(|chunk| *chunk > 0)
            .collect();
        let expected = with_isa(Isa::Portable, || in_chunks(&attention, &qkv, format, &[tokens]));
        for isa in Isa::available() {
            with_isa(isa, || {
                assert_eq!(in_chunks(&attention, &qkv, format, &chunks), expected, "{isa:?}");
                assert_eq!(with_threads(1, || in_chunks(&attention, &qkv, format, &chunks)), expected);
            });
        }
    }
}

#[test]
fn sequences_in_a_batch_do_not_see_each_other_and_may_share_a_prefix() {
    let attention = Attention {
        rope: Some(rope(32, RopeStyle::HalfSplit)),
        ..attention(6, 2, 32)
    };
    let (a, b) = (input(1, 70, &attention), input(2, 70, &attention));
    let b = Tensor::cat(&[&a.narrow(0, 0, 40).unwrap(), &b.narrow(0, 40, 30).unwrap()], 0).unwrap();
    let alone = [&a, &b].map(|text| in_chunks(&attention, text, KvFormat::F16, &[70]));
    let cache = KvSlab::new(9, 2, 32, KvFormat::F16).unwrap();
    let span = |table, start, tokens| Span { table, start, tokens };
    attention
        .forward(&a.narrow(0, 0, 40).unwrap(), &cache, &[span(&[4, 8], 0, 40)])
        .unwrap();
    // The first block is shared; the second is copied, because both write on in it.
    cache.copy_block(8, 1).unwrap();
    let rows = Tensor::cat(&[&b.narrow(0, 40, 30).unwrap(), &a.narrow(0, 40, 30).unwrap()], 0).unwrap();
    let both = attention
        .forward(&rows, &cache, &[span(&[4, 1, 6], 40, 30), span(&[4, 8, 3], 40, 30)])
        .unwrap();
    let width = 6 * 32;
    assert_eq!(bits(&both), [&alone[1][40 * width..], &alone[0][40 * width..]].concat());
}

#[test]
fn what_was_in_a_block_before_does_not_matter() {
    let attention = attention(2, 1, 16);
    let cache = KvSlab::new(2, 1, 16, KvFormat::F32).unwrap();
    let poison = Tensor::full(f32::NAN, (2 * KV_BLOCK, attention.input()), &Device::Cpu).unwrap();
    let all = Span {
        table: &[0, 1],
        start: 0,
        tokens: 2 * KV_BLOCK,
    };
    attention.forward(&poison, &cache, &[all]).unwrap();
    let qkv = input(31, 37, &attention);
    let span = Span {
        table: &[1, 0],
        start: 0,
        tokens: 37,
    };
    let found = bits(&attention.forward(&qkv, &cache, &[span]).unwrap());
    assert_eq!(found, in_chunks(&attention, &qkv, KvFormat::F32, &[37]));
}

#[test]
fn what_does_not_fit_is_refused() {
    let attention = Attention {
        rope: Some(rope(16, RopeStyle::HalfSplit)),
        ..attention(4, 2, 16)
    };
    let cache = KvSlab::new(4, 2, 16, KvFormat::F32).unwrap();
    let forward = |rows: usize, batch: &[Span]| attention.forward(&input(1, rows, &attention), &cache, batch);
    let span = |table, start, tokens| Span { table, start, tokens };
    assert!(forward(3, &[span(&[0], 0, 3)]).is_ok());
    let bad: [(usize, &[Span], &str); 6] = [
        (2, &[span(&[0], 0, 3)], "another number of rows"),
        (3, &[span(&[0], 31, 3)], "a short table"),
        (3, &[span(&[4], 0, 3)], "a block that is not there"),
        (2, &[span(&[1], 0, 1), span(&[1], 5, 1)], "one block written twice"),
        (
            2,
            &[span(&[0, 1, 2, 3, 0, 1, 2], 199, 2)],
            "a position without rotation",
        ),
        (1, &[span(&[0], usize::MAX, 1)], "a position beyond counting"),
    ];
    for (rows, batch, what) in bad {
        assert!(forward(rows, batch).is_err(), "{what}");
    }
    assert!(attention
        .forward(
            &input(1, 1, &attention),
            &KvSlab::new(1, 1, 16, KvFormat::F32).unwrap(),
            &[span(&[0], 0, 1)]
        )
        .is_err());
    assert!(KvSlab::new(usize::MAX / 8, 2, 16, KvFormat::F32).is_err());
    assert!(cache.copy_block(0, 4).is_err());
    assert!(Rope::new(vec![1.0; 6], vec![0.0; 6], 4, RopeStyle::HalfSplit).is_err());
}
