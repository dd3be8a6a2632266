//! Speed of the kernels for the shapes of SmolLM2-135M and Qwen2.5-0.5B, beside what the machine's memory gives.
//!
//! `cargo bench -p laurel-engine --bench kernels`. A row alone reads every weight once: bytes a second, to be compared with
//! `memory`. 512 rows compute: operations a second (`elem/s`; a multiplication and an addition are two).
use candle_core::{Device, Tensor};
use criterion::{criterion_group, criterion_main, Criterion, Throughput};
use laurel_engine::kernels::{linear, with_threads, Attention, Format, KvFormat, KvSlab, Matrix, Span};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

/// Name, outputs and inputs. Inputs of formats with blocks of 256 are rounded up to them.
const SHAPES: [(&str, usize, usize); 6] = [
    ("135M gate and up", 3072, 576),
    ("135M down", 576, 1536),
    ("135M head", 49_152, 576),
    ("0.5B gate and up", 9728, 896),
    ("0.5B down", 896, 4864),
    ("0.5B qkv", 1152, 896),
];
const FORMATS: [Format; 7] = [
    Format::F32,
    Format::F16,
    Format::Bf16,
    Format::Q8_0,
    Format::Q4_0,
    Format::Q4K,
    Format::Q6K,
];
/// More than the caches hold.
const COLD_BYTES: usize = 96 << 20;

/// Weights whose bytes are a counter's, but for scales and exponents, which are ordinary.
fn matrix(format: Format, out: usize, input: usize) -> Arc<Matrix> {
    let bytes = format.row_bytes(input).expect("whole blocks");
    let mut weights: Vec<u8> = (0..out * bytes).map(|index| ((index * 167) >> 3) as u8).collect();
    let (_, block) = format.block();
    let scales: &[usize] = match format {
        Format::F32 => &[3],
        Format::F16 | Format::Bf16 | Format::Q8_0 | Format::Q5_0 | Format::Q4_0 => &[1],
        Format::Q4K => &[1, 3],
        Format::Q6K => &[209],
    };
    for block in weights.chunks_exact_mut(block) {
        for scale in scales {
            block[*scale] = if matches!(format, Format::F32 | Format::Bf16) {
                0x3c
            } else {
                0x20
            };
        }
    }
    Arc::new(Matrix::pack(format, &weights, out, input).expect("sizes fit"))
}

fn activations(rows: usize, width: usize) -> Tensor {
    let values = (0..rows * width).map(|index| (index * 37 % 101) as f32 / 50.0 - 1.0);
    Tensor::from_iter(values, &Device::Cpu)
        .and_then(|tensor| tensor.reshape((rows, width)))
        .expect("as many values")
}

fn memory(criterion: &mut Criterion) {
    let words = vec![1u64; 1 << 27];
    let mut group = criterion.benchmark_group("memory");
    group.throughput(Throughput::Bytes(8 << 27));
    for threads in [1, 2] {
        group.bench_function(format!("read, {threads} threads"), |bencher| {
            bencher.iter(|| {
                std::thread::scope(|scope| {
                    let parts = words.chunks(words.len() / threads);
                    let sums: Vec<_> = parts.map(|part| scope.spawn(|| part.iter().sum::<u64>())).collect();
                    sums.into_iter()
                        .map(|sum| sum.join().expect("sums do not panic"))
                        .sum::<u64>()
                })
            });
        });
    }
}

fn projections(criterion: &mut Criterion) {
    for format in FORMATS {
        for (name, out, input) in SHAPES {
            let (block, _) = format.block();
            let input = input.next_multiple_of(block);
            let first = matrix(format, out, input);
            let mut matrices = vec![first];
            while matrices[0].bytes() * matrices.len() < COLD_BYTES {
                matrices.push(matrix(format, out, input));
            }
            for (rows, threads) in [(1, 1), (1, 2), (8, 2), (512, 1), (512, 2)] {
                let mut group = criterion.benchmark_group(format!("{format:?} {name}"));
                group.throughput(if rows == 1 {
                    Throughput::Bytes(matrices[0].bytes() as u64)
                } else {
                    Throughput::Elements(2 * (rows * out * input) as u64)
                });
                let x = activations(rows, input);
                let mut turn = 0;
                group.bench_function(format!("{rows} rows, {threads} threads"), |bencher| {
                    bencher.iter(|| {
                        turn = (turn + 1) % matrices.len();
                        with_threads(threads, || linear(black_box(&x), &matrices[turn]).expect("shapes fit"))
                    });
                });
            }
        }
    }
}

fn attention(criterion: &mut Criterion) {
    for (name, heads, kv_heads) in [("135M", 9, 3), ("0.5B", 14, 2)] {
        let attention = Attention {
            heads,
            kv_heads,
            width: 64,
            scale: 0.125,
            window: None,
            soft_cap: None,
            rope: None,
            query_norm: None,
            key_norm: None,
        };
        let table: Vec<u32> = (0..32).collect();
        for (start, tokens) in [(0, 512), (512, 1)] {
            let cache = KvSlab::new(32, kv_heads, 64, KvFormat::F16).expect("small");
            let x = activations(tokens, attention.input());
            let span = Span {
                table: &table,
                start,
                tokens,
            };
            let pairs = tokens * (tokens + 1) / 2 + tokens * start;
            let mut group = criterion.benchmark_group(format!("attention {name}"));
            group.throughput(Throughput::Elements((4 * 64 * heads * pairs) as u64));
            for threads in [1, 2] {
                group.bench_function(format!("{tokens} tokens after {start}, {threads} threads"), |bencher| {
                    let forward = || attention.forward(&x, &cache, &[span]).expect("shapes fit");
                    bencher.iter(|| with_threads(threads, forward));
                });
            }
        }
    }
}

criterion_group! {
    name = kernels;
    config = Criterion::default().sample_size(20).warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_millis(500));
    targets = memory, projections, attention
}
criterion_main!(kernels);
