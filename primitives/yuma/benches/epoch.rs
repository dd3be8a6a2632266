//! How long an epoch takes: the largest subnet that the chain admits, with full weight and bond rows.
use criterion::{criterion_group, criterion_main, BatchSize, Criterion};
use laurel_yuma::{epoch, root_split, EpochInput, EpochParams, NeuronInput, PermitRule, RootInput};
use std::hint::black_box;

const NEURONS: u16 = 256;

/// Deterministic numbers that look random; the benchmark needs variety, not quality.
fn scatter(a: u16, b: u16) -> u16 {
    let mixed = (u64::from(a) << 16 | u64::from(b))
        .wrapping_add(1)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 40) as u16 | 1
}

fn full_rows(seed: u16) -> Vec<Vec<(u16, u16)>> {
    (0..NEURONS)
        .map(|row| {
            (0..NEURONS)
                .map(|column| (column, scatter(row ^ seed, column)))
                .collect()
        })
        .collect()
}

fn epochs(criterion: &mut Criterion) {
    let neurons: Vec<NeuronInput> = (0..NEURONS)
        .map(|uid| NeuronInput {
            stake: u64::from(scatter(uid, 0)) * 1_000_000_007,
            last_update: 50,
            registered_at: 1,
            permit: true,
        })
        .collect();
    let (weights, bonds) = (full_rows(0), full_rows(0x0f0f));
    for (name, liquid_alpha) in [
        ("epoch/256x256", None),
        ("epoch/256x256_liquid", Some((45_875, 58_982))),
    ] {
        let params = EpochParams {
            kappa: 32_767,
            activity_cutoff: 5_000,
            bonds_moving_average: 900_000,
            bonds_penalty: u16::MAX,
            max_validators: NEURONS,
            liquid_alpha,
            permit_rule: PermitRule::PositiveStake,
        };
        let input = EpochInput {
            now: 100,
            params,
            neurons: &neurons,
            weights: &weights,
            bonds: &bonds,
        };
        criterion.bench_function(name, |b| {
            b.iter_batched(|| &input, |input| epoch(black_box(input)), BatchSize::SmallInput)
        });
    }
}

fn root(criterion: &mut Criterion) {
    let stakes: Vec<u64> = (0..64)
        .map(|seat| u64::from(scatter(seat, 1)) * 1_000_000_007)
        .collect();
    let weights: Vec<Vec<(u16, u16)>> = (0..64)
        .map(|seat| (0..64).map(|column| (column, scatter(seat, column))).collect())
        .collect();
    let input = RootInput {
        stakes: &stakes,
        weights: &weights,
        columns: 64,
        rho: 30,
        kappa: 32_767,
    };
    criterion.bench_function("root/64x64", |b| b.iter(|| root_split(black_box(&input))));
}

criterion_group!(benches, epochs, root);
criterion_main!(benches);
