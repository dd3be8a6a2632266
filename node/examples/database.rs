//! Measures what reading and writing a value costs on the node's ParityDb, and writes the runtime's `DbWeight`.
//!
//! A state of accounts and larger values is built; then values are read in random order, and blocks that change some of them are
//! committed as the node commits its own, trie root, journal and pruning included. Reads and writes run without the trie cache,
//! because somebody who means harm touches what is in no cache; the same with the node's cache is printed beside. The
//! files are in the page cache of the machine, as they are on a node with enough memory.
//!
//! `scripts/bench.sh database` runs it.
use clap::Parser;
use laurel_runtime::{Header, OpaqueBlock as Block};
use sc_client_api::{Backend as _, BlockImportOperation as _, NewBlockState, StateBackend as _, TrieCacheContext};
use sc_client_db::{BlocksPruning, DatabaseSettings, DatabaseSource, PruningMode};
use sc_service::TFullBackend;
use sp_core::{
    storage::{StateVersion, Storage},
    H256,
};
use sp_io::hashing::{blake2_128, blake2_256, twox_128};
use sp_runtime::traits::Header as _;
use std::{
    error::Error,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

/// Trie cache of a node that is not told otherwise, in bytes.
const NODE_CACHE: usize = 1 << 30;

/// Blocks whose state a node keeps that is not told otherwise.
const KEPT_STATES: u32 = 256;

#[derive(Parser)]
struct Args {
    /// Accounts in the state.
    #[arg(long, default_value_t = 1_000_000)]
    accounts: u64,
    /// Values read in each round.
    #[arg(long, default_value_t = 100_000)]
    reads: u64,
    /// Blocks committed in each round.
    #[arg(long, default_value_t = 20)]
    blocks: u32,
    /// Values that each block changes: what a write costs matters where blocks are full.
    #[arg(long, default_value_t = 10_000)]
    writes: u64,
    /// Where the database is made; emptied afterwards.
    #[arg(long)]
    base_path: PathBuf,
    /// Rust file for the weights; without it they are only printed.
    #[arg(long)]
    output: Option<PathBuf>,
    /// What the file says of the processor.
    #[arg(long, default_value = "unknown processor")]
    processor: String,
    /// What the file says of the day.
    #[arg(long, default_value = "unknown day")]
    date: String,
}

/// Values of one size under one prefix.
#[derive(Clone, Copy)]
struct Kind {
    name: &'static str,
    prefix: [&'static str; 2],
    bytes: usize,
    count: u64,
}

impl Kind {
    /// The key as a map with `Blake2_128Concat` makes it.
    fn key(&self, index: u64) -> Vec<u8> {
        let id = blake2_256(&index.to_le_bytes());
        let [pallet, item] = self.prefix.map(|name| twox_128(name.as_bytes()));
        [&pallet[..], &item, &blake2_128(&id), &id].concat()
    }

    fn value(&self, index: u64, version: u64) -> Vec<u8> {
        let seed = blake2_256(&[index.to_le_bytes(), version.to_le_bytes()].concat());
        seed.iter().copied().cycle().take(self.bytes).collect()
    }

    /// The `n`-th of a sequence in no order; every value comes once before one comes again.
    fn shuffled(&self, n: u64) -> u64 {
        // Coprime to every count, so that multiplying permutes.
        const PRIME: u128 = 2_305_843_009_213_693_951;
        (u128::from(n) * PRIME % u128::from(self.count)) as u64
    }
}

/// Nanoseconds for each value.
struct Record {
    average: f64,
    deviation: f64,
}

impl Record {
    /// Without the slowest hundredth: a read that another process interrupted takes a thousand times as long as the others.
    fn of(mut samples: Vec<f64>) -> Self {
        samples.sort_by(f64::total_cmp);
        samples.truncate(samples.len() - samples.len() / 100);
        let count = samples.len() as f64;
        let average = samples.iter().sum::<f64>() / count;
        let variance = samples.iter().map(|sample| (sample - average).powi(2)).sum::<f64>() / count;
        Self {
            average,
            deviation: variance.sqrt(),
        }
    }
}

/// A database and its last block.
struct Chain {
    backend: Arc<TFullBackend<Block>>,
    head: Header,
}

impl Chain {
    fn open(path: &Path, trie_cache: Option<usize>) -> Result<Arc<TFullBackend<Block>>, Box<dyn Error>> {
        Ok(sc_service::new_db_backend(DatabaseSettings {
            trie_cache_maximum_size: trie_cache,
            state_pruning: Some(PruningMode::blocks_pruning(KEPT_STATES)),
            source: DatabaseSource::ParityDb {
                path: path.to_path_buf(),
            },
            blocks_pruning: BlocksPruning::KeepFinalized,
            pruning_filters: Vec::new(),
            metrics_registry: None,
        })?)
    }

    fn create(path: &Path, kinds: &[Kind]) -> Result<Self, Box<dyn Error>> {
        let backend = Self::open(path, None)?;
        let mut storage = Storage::default();
        for kind in kinds {
            storage
                .top
                .extend((0..kind.count).map(|index| (kind.key(index), kind.value(index, 0))));
        }
        let mut operation = backend.begin_operation()?;
        let root = operation.set_genesis_state(storage, true, StateVersion::V1)?;
        let head = header(0, root, H256::zero());
        operation.set_block_data(head.clone(), Some(Vec::new()), None, None, NewBlockState::Final, true)?;
        backend.commit_operation(operation)?;
        Ok(Self { backend, head })
    }

    /// Reads values one by one, and says how long each took.
    fn read(&self, kind: Kind, count: u64) -> Result<Record, Box<dyn Error>> {
        let state = self.backend.state_at(self.head.hash(), TrieCacheContext::Trusted)?;
        let mut samples = Vec::new();
        for n in 0..count {
            let key = kind.key(kind.shuffled(n));
            let start = Instant::now();
            let value = state.storage(&key).map_err(|error| error.to_string())?;
            samples.push(start.elapsed().as_nanos() as f64);
            if value.map(|value| value.len()) != Some(kind.bytes) {
                return Err(format!("a value of {} is not what was written", kind.name).into());
            }
        }
        Ok(Record::of(samples))
    }

    /// Makes blocks that change values, and says how long each took, by value: the trie's part, and the whole.
    fn write(&mut self, kind: Kind, blocks: u32, count: u64) -> Result<(Record, Record), Box<dyn Error>> {
        let (mut trie, mut whole) = (Vec::new(), Vec::new());
        for block in 0..blocks {
            let number = self.head.number + 1;
            let changed: Vec<_> = (0..count)
                .map(|n| kind.shuffled(u64::from(block) * count + n))
                .map(|index| (kind.key(index), kind.value(index, number.into())))
                .collect();
            let start = Instant::now();
            let rooted = self.commit(&changed)?;
            trie.push((rooted - start).as_nanos() as f64 / count as f64);
            whole.push(start.elapsed().as_nanos() as f64 / count as f64);
        }
        Ok((Record::of(trie), Record::of(whole)))
    }

    /// Commits a block; returns when its root was known.
    fn commit(&mut self, changed: &[(Vec<u8>, Vec<u8>)]) -> Result<Instant, Box<dyn Error>> {
        let parent = self.head.hash();
        let mut operation = self.backend.begin_operation()?;
        self.backend.begin_state_operation(&mut operation, parent)?;
        let delta = changed.iter().map(|(key, value)| (&key[..], Some(&value[..])));
        let state = operation.state()?.ok_or("the parent's state is gone")?;
        let (root, nodes) = state.storage_root(delta, StateVersion::V1);
        let rooted = Instant::now();
        operation.update_db_storage(nodes)?;
        self.head = header(self.head.number + 1, root, parent);
        operation.set_block_data(
            self.head.clone(),
            Some(Vec::new()),
            None,
            None,
            NewBlockState::Final,
            true,
        )?;
        self.backend.commit_operation(operation)?;
        Ok(rooted)
    }
}

fn header(number: u32, root: H256, parent: H256) -> Header {
    Header::new(number, H256::zero(), root, parent, Default::default())
}

/// One line of the table, and the average of reads and writes in nanoseconds.
fn measure(chain: &mut Chain, cache: &str, kind: Kind, args: &Args) -> Result<(f64, f64), Box<dyn Error>> {
    let reads = args.reads.min(kind.count);
    // Once unmeasured: the first pass finds out what the machine keeps in memory.
    chain.read(kind, reads)?;
    let read = chain.read(kind, reads)?;
    let writes = args.writes.min(kind.count / 4);
    let (trie, write) = chain.write(kind, args.blocks, writes)?;
    println!(
        "| {} | {} | {cache} | {:.1} ± {:.1} | {:.1} ± {:.1} | {:.1} | {writes} |",
        kind.name,
        kind.bytes,
        read.average / 1e3,
        read.deviation / 1e3,
        write.average / 1e3,
        write.deviation / 1e3,
        trie.average / 1e3,
    );
    Ok((read.average, write.average))
}

fn weights_file(args: &Args, read: u64, write: u64) -> String {
    format!(
        "//! What a database read and write cost, measured by `scripts/bench.sh database`: do not edit.
//!
//! {}, {}, ParityDb with {} accounts, no trie cache, files in memory; averages for values of 80 bytes, and for
//! blocks that change {} of them one after another.
use frame_support::{{
    parameter_types,
    weights::{{constants::WEIGHT_REF_TIME_PER_NANOS, RuntimeDbWeight}},
}};

parameter_types! {{
    /// Picoseconds of reading a value, and of writing one.
    pub const DatabaseWeight: RuntimeDbWeight = RuntimeDbWeight {{
        read: {read} * WEIGHT_REF_TIME_PER_NANOS,
        write: {write} * WEIGHT_REF_TIME_PER_NANOS,
    }};
}}
",
        args.date, args.processor, args.accounts, args.writes
    )
}

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let kinds = [
        Kind {
            name: "account",
            prefix: ["System", "Account"],
            bytes: 80,
            count: args.accounts,
        },
        Kind {
            name: "row of weights",
            prefix: ["Scoring", "Weights"],
            bytes: 1 << 10,
            count: 1 << 14,
        },
        Kind {
            name: "packed bonds",
            prefix: ["Scoring", "Bonds"],
            bytes: 1 << 15,
            count: 1 << 8,
        },
    ];
    std::fs::create_dir_all(&args.base_path)?;
    let path = args.base_path.join("paritydb");
    eprintln!("building a state of {} accounts", args.accounts);
    let mut chain = Chain::create(&path, &kinds)?;

    println!("| value | bytes | trie cache | read, µs | write, µs | of it for the trie's root, µs | values a block |");
    println!("|---|---|---|---|---|---|---|");
    let (read, write) = measure(&mut chain, "none", kinds[0], &args)?;
    for kind in &kinds[1..] {
        measure(&mut chain, "none", *kind, &args)?;
    }
    let Chain { backend, head } = chain;
    // The database has one user at a time.
    drop(backend);
    let mut chain = Chain {
        backend: Chain::open(&path, Some(NODE_CACHE))?,
        head,
    };
    measure(&mut chain, "1 GiB", kinds[0], &args)?;

    let (read, write) = (read.ceil() as u64, write.ceil() as u64);
    eprintln!("a read costs {read} ns, a write {write} ns");
    if let Some(output) = &args.output {
        std::fs::write(output, weights_file(&args, read, write))?;
    }
    Ok(())
}
