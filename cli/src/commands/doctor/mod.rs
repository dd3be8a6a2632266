//! `laurel doctor`: looks at everything that a miner, validator or staker depends on, and says what to do about it.
mod axon;
mod chain;
mod keys;
mod machine;
mod neuron;
mod report;

use super::ChainArgs;
use crate::{failure, output::Output, waiting::waiting};
use anyhow::Result;
use clap::Args;
use laurel_types::NetUid;
use report::Report;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub struct DoctorArgs {
    #[command(flatten)]
    chain: ChainArgs,
    /// A wallet whose keys to look at.
    #[arg(long, value_name = "DIR", env = "LAUREL_WALLET")]
    wallet: Option<PathBuf>,
    /// Name of the hotkey in the wallet.
    #[arg(long, value_name = "NAME", default_value = "default")]
    hotkey: String,
    /// The subnet in which the hotkey mines or validates.
    #[arg(long)]
    netuid: Option<u16>,
    /// Folder of a model: whether the subnet pays for it and it fits into memory.
    #[arg(long, value_name = "DIR")]
    model: Option<PathBuf>,
    /// Folder in which a program keeps its data: whether it can be written and has room.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Where the miner answers, instead of what its axon says, as http://127.0.0.1:9990.
    #[arg(long, value_name = "URL", requires = "netuid")]
    axon: Option<String>,
}

/// Looks at everything. Exits with 1 if anything does not work.
pub async fn run(args: DoctorArgs, output: Output) -> Result<()> {
    let mut report = Report::default();
    let shown = waiting("looking at the chain");
    let client = chain::look(args.chain.endpoints(), &mut report).await;
    drop(shown);
    let keys = args.wallet.as_deref().map(|wallet| {
        let _shown = waiting("opening the keys");
        keys::look(wallet, &args.hotkey, &mut report)
    });
    if let Some(client) = &client {
        let _shown = waiting("looking at the neuron");
        let subject = neuron::Subject {
            client,
            keys: keys.unwrap_or_default(),
            netuid: args.netuid.map(NetUid),
            axon: args.axon.as_deref(),
        };
        subject.look(args.model.as_deref(), &mut report).await;
    }
    machine::memory(args.model.as_deref(), &mut report);
    machine::disk(args.data.as_deref(), &mut report);
    output.show(|| say!("{report}"), || report.json());
    if report.healthy() {
        Ok(())
    } else {
        Err(failure::Said(failure::LOCAL).into())
    }
}
