//! Floods a fresh chain and counts what its blocks take; `scripts/bench-chain.sh` runs it, docs/performance-chain.md has the figures.
//!
//! - `transfers`: keep-alive transfers between accounts that genesis endowed, signed beforehand, for a minute of full blocks;
//! - `weights`: direct weights of 255 entries by the validators of full subnets.
//!
//! Ends with an error where the chain refused, lost or failed what was sent.
mod blocks;
mod flood;
mod genesis;
mod node;
mod transactions;

use anyhow::{ensure, Context, Result};
use blocks::{Block, Reader};
use clap::Parser;
use flood::Flood;
use genesis::{Genesis, Scene};
use node::Network;
use std::path::PathBuf;
use transactions::Signer;

#[derive(Parser)]
struct Args {
    /// What to send.
    #[arg(value_enum)]
    load: Load,
    /// The node's binary, built from the same tree.
    #[arg(long)]
    node: PathBuf,
    /// Folder for the chain and the node's log.
    #[arg(long)]
    base_path: PathBuf,
    /// Milliseconds of a slot.
    #[arg(long, default_value_t = 6_000)]
    slot: u64,
    /// Authorities, each a node on this machine: 1 or 2.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=2))]
    authorities: u8,
    /// Seconds of full blocks to measure.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Accounts that genesis endows, each sending in turn; more than may wait, so that no transaction waits for another.
    #[arg(long, default_value_t = 20_000)]
    accounts: u32,
    /// Transactions signed beforehand for each second.
    #[arg(long, default_value_t = 2_200)]
    signed_rate: u64,
    /// Transactions that may wait for a block at one time.
    #[arg(long, default_value_t = 14_000)]
    waiting: u64,
    /// Connections to send on.
    #[arg(long, default_value_t = 4)]
    connections: usize,
    /// Subnets of 256 validators that set weights.
    #[arg(long, default_value_t = 16)]
    subnets: u16,
    /// Fail below this: transfers a second, or weights calls that a block has room for.
    #[arg(long, default_value_t = 0)]
    at_least: u64,
    /// Further arguments for the node.
    #[arg(last = true)]
    node_arguments: Vec<String>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Load {
    /// Keep-alive transfers.
    Transfers,
    /// Direct weights.
    Weights,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let args = Args::parse();
    let scene = match args.load {
        Load::Transfers => Scene::Accounts(args.accounts),
        Load::Weights => Scene::Subnets(args.subnets),
    };
    eprintln!("building the genesis");
    let genesis = Genesis::build(scene, args.slot, args.authorities)?;
    let mut network = Network::start(
        &args.node,
        &args.base_path,
        &genesis,
        args.authorities,
        &args.node_arguments,
    )
    .await?;
    let reader = Reader::connect(network.rpc(), genesis.normal_limit).await?;
    let signer = Signer::new(reader.chain().await?);
    match args.load {
        Load::Transfers => transfers(&args, &mut network, &reader, &signer).await,
        Load::Weights => weights(&args, &genesis, &mut network, &reader, &signer).await,
    }
}

/// Seconds before the measured ones: the first blocks meet a pool that is not full yet.
const WARM_UP_SLOTS: u64 = 3;

async fn transfers(args: &Args, network: &mut Network, reader: &Reader, signer: &Signer) -> Result<()> {
    let slots = args.seconds * 1_000 / args.slot + WARM_UP_SLOTS + 1;
    let count = args.signed_rate * slots * args.slot / 1_000;
    eprintln!("signing {count} transfers");
    let transactions = signer.transfers(args.accounts, count);
    let flood = Flood::new(args.connections, args.waiting);
    let blocks = flood.run(network.rpc(), reader, transactions, Some(slots)).await?;

    let failed = reader.failed(&blocks).await?;
    let steady: Vec<&Block> = blocks
        .iter()
        .filter(|block| block.transactions > 0)
        .skip(WARM_UP_SLOTS as usize)
        .take_while(|block| block.flooded)
        .collect();
    let (first, last) = (
        steady.first().context("no full block")?,
        steady.last().context("no full block")?,
    );
    let seconds = (last.time_ms - first.time_ms) as f64 / 1e3;
    let included: u64 = steady.iter().skip(1).map(|block| block.transactions).sum();
    let rate = included as f64 / seconds;
    let authoring = network.authoring_times()?;
    print_blocks(&blocks, &authoring);
    println!(
        "{rate:.0} transfers a second: {included} in {} blocks over {seconds:.0} s, {} authorities, slots of {} ms, {} cores",
        steady.len() - 1,
        args.authorities,
        args.slot,
        std::thread::available_parallelism()?
    );
    let each = execution(network, &blocks).await?;
    println!(
        "a transfer declares {:.1} us; importing takes {each:.1} us each",
        last.normal_weight as f64 / last.transactions as f64 / 1e6
    );
    ensure!(
        seconds + 1.0 >= args.seconds as f64,
        "only {seconds:.0} s of full blocks: sign more with --signed-rate"
    );
    ensure!(failed == 0, "{failed} transfers were included and failed");
    ensure!(
        rate >= args.at_least as f64,
        "fewer than {} transfers a second",
        args.at_least
    );
    Ok(())
}

async fn weights(
    args: &Args,
    genesis: &Genesis,
    network: &mut Network,
    reader: &Reader,
    signer: &Signer,
) -> Result<()> {
    // Each validator says something in each subnet, twice, so that one block at least is full.
    let calls = signer.weights(&genesis.validators, args.subnets, 2);
    eprintln!("sending {} weights calls", calls.len());
    let length = calls[0].len();
    let blocks = Flood::new(args.connections, calls.len() as u64)
        .run(network.rpc(), reader, calls, None)
        .await?;
    let failed = reader.failed(&blocks).await?;
    let authoring = network.authoring_times()?;
    print_blocks(&blocks, &authoring);
    let fullest = blocks
        .iter()
        .max_by_key(|block| block.transactions)
        .context("no block")?;
    let declared = fullest.normal_weight / fullest.transactions.max(1);
    let by_weight = reader.normal_limit() / declared.max(1);
    let by_length = genesis.normal_length / length as u64;
    println!(
        "a weights call declares {:.1} us and {length} bytes: {by_weight} fit by weight, {by_length} by length into {} ms",
        declared as f64 / 1e6,
        args.slot
    );
    let each = execution(network, &blocks).await?;
    println!(
        "the fullest block took {} calls; importing takes {each:.1} us each",
        fullest.transactions
    );
    ensure!(failed == 0, "{failed} weights calls were included and failed");
    let fit = by_weight.min(by_length);
    ensure!(fit >= args.at_least, "fewer than {} weights calls fit", args.at_least);
    Ok(())
}

/// Microseconds that each transaction takes where blocks are imported, signatures and database included.
async fn execution(network: &mut Network, blocks: &[Block]) -> Result<f64> {
    network.stop().await?;
    let all: u64 = blocks.iter().map(|block| block.transactions).sum();
    let (first, last) = (blocks.first().context("no block")?, blocks.last().context("no block")?);
    // What the import takes besides the blocks: it starts a node.
    let start = network.import_time(first.number).await?;
    let whole = network.import_time(last.number).await?;
    Ok((whole - start) * 1e6 / (all - first.transactions).max(1) as f64)
}

fn print_blocks(blocks: &[Block], authoring: &std::collections::HashMap<u64, u64>) {
    println!("| block | transactions | weight of Normal, ms | full | made in, ms |\n|---|---|---|---|---|");
    for block in blocks.iter().filter(|block| block.transactions > 0) {
        println!(
            "| {} | {} | {} | {:.0} % | {} |",
            block.number,
            block.transactions,
            block.normal_weight / 1_000_000_000,
            block.fill * 100.0,
            authoring.get(&block.number).map_or("?".into(), u64::to_string)
        );
    }
}
