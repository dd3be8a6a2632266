//! How long an epoch takes, natively and in Wasm as the node runs it, in processor time of the thread.
//!
//! `cargo bench -p laurel-yuma`. With `LAUREL_YUMA_BASELINE` set to another build of the Wasm module (one is left under
//! `target/tmp/yuma-wasm`), its epochs are run in turn with this build's and the ratio is printed.
use criterion::{
    criterion_group, criterion_main,
    measurement::{Measurement, ValueFormatter, WallTime},
    Criterion,
};
use laurel_yuma::{epoch, root_split, RootInput};
use std::{hint::black_box, time::Duration};

extern crate alloc;

#[path = "epoch/graph.rs"]
mod graph;
#[path = "epoch/host.rs"]
mod host;

use graph::Graph;
use host::Guest;

/// Neurons, validators, percent of all weights that are set.
const SIZES: [(u32, u32, u32); 5] = [
    (256, 64, 100),
    (1_024, 128, 100),
    (4_096, 128, 100),
    (4_096, 128, 10),
    (16_384, 128, 100),
];
const LIQUID: (u16, u16) = (45_875, 58_982);

fn name((neurons, validators, percent): (u32, u32, u32)) -> String {
    format!("{neurons}x{validators}_{percent}%")
}

/// Processor time of the running thread: what others do on the machine changes it little.
struct ThreadTime;

fn thread_time() -> Duration {
    cpu_time::ThreadTime::now().as_duration()
}

impl Measurement for ThreadTime {
    type Intermediate = Duration;
    type Value = Duration;

    fn start(&self) -> Duration {
        thread_time()
    }

    fn end(&self, start: Duration) -> Duration {
        thread_time() - start
    }

    fn add(&self, a: &Duration, b: &Duration) -> Duration {
        *a + *b
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        value.as_nanos() as f64
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}

fn native(criterion: &mut Criterion<ThreadTime>) {
    let mut group = criterion.benchmark_group("native");
    for size in SIZES {
        let graph = Graph::new(size.0, size.1, size.2);
        group.bench_function(name(size), |b| b.iter(|| epoch(black_box(&graph.input(None)))));
    }
    let graph = Graph::new(256, 64, 100);
    group.bench_function("256x64_liquid", |b| {
        b.iter(|| epoch(black_box(&graph.input(Some(LIQUID)))))
    });
    group.bench_function("root_64x64", |b| b.iter(root));
}

fn root() -> Vec<u64> {
    let stakes: Vec<u64> = (0..64).map(|seat| 1_000_000_007 * (seat + 5)).collect();
    let weights: Vec<Vec<(u16, u16)>> = (0..64)
        .map(|seat| (0..64).map(|column| (column, 1 + seat * 977 % (column + 1))).collect())
        .collect();
    root_split(black_box(&RootInput {
        stakes: &stakes,
        weights: &weights,
        columns: 64,
        rho: 30,
        kappa: 32_767,
    }))
}

fn wasm(criterion: &mut Criterion<ThreadTime>) {
    let module = host::build_guest().expect("the Wasm module builds");
    let baseline = std::env::var_os("LAUREL_YUMA_BASELINE");
    let mut group = criterion.benchmark_group("wasm");
    for size in SIZES {
        let mut guest = Guest::new(&module, size.0, size.1, size.2).expect("the Wasm module runs");
        let graph = Graph::new(size.0, size.1, size.2);
        let output = epoch(&graph.input(None));
        let sum: u64 = output.dividend_share.iter().chain(&output.incentive_share).sum();
        assert_eq!(guest.run(false).expect("the epoch runs"), sum, "Wasm and native differ");
        let asked = guest.allocations().expect("the epoch runs");
        println!(
            "wasm/{}: {} allocations, at most {} KiB, the largest {} KiB",
            name(size),
            asked.count,
            asked.peak / 1024,
            asked.largest / 1024
        );
        group.bench_function(name(size), |b| b.iter(|| guest.run(false).expect("the epoch runs")));
        if let Some(baseline) = &baseline {
            let mut other = Guest::new(baseline.as_ref(), size.0, size.1, size.2).expect("the baseline runs");
            compare(&name(size), &mut guest, &mut other);
        }
    }
    let mut guest = Guest::new(&module, 256, 64, 100).expect("the Wasm module runs");
    group.bench_function("256x64_liquid", |b| b.iter(|| guest.run(true).expect("the epoch runs")));
}

/// Runs both in turn and prints the medians.
fn compare(name: &str, guest: &mut Guest, other: &mut Guest) {
    let timed = |guest: &mut Guest| {
        let start = thread_time();
        guest.run(false).expect("the epoch runs");
        thread_time() - start
    };
    let (mut ours, mut theirs): (Vec<_>, Vec<_>) = (0..31).map(|_| (timed(guest), timed(other))).unzip();
    ours.sort();
    theirs.sort();
    let (ours, theirs) = (ours[15].as_secs_f64() * 1e3, theirs[15].as_secs_f64() * 1e3);
    println!(
        "wasm/{name}: baseline {theirs:.3} ms, now {ours:.3} ms, {:.2} times as fast",
        theirs / ours
    );
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(ThreadTime).sample_size(30).measurement_time(Duration::from_secs(3));
    targets = native, wasm
}
criterion_main!(benches);
