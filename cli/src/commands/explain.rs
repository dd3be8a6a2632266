//! `laurel explain`.
use anyhow::Result;
use clap::Args;
use laurel_types::{NetUid, Uid};
use std::path::PathBuf;

#[derive(Args, Debug)]
pub struct ExplainArgs {
    /// The subnet.
    #[arg(long)]
    netuid: u16,
    /// The neuron's uid.
    #[arg(long)]
    uid: u16,
    /// Data folder of the validator whose receipts to read.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// How many of the last epochs to show.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    epochs: u32,
}

/// Shows why a neuron scored as it did.
pub fn run(args: ExplainArgs) -> Result<()> {
    print!(
        "{}",
        laurel_validator::explain(NetUid(args.netuid), Uid(args.uid), &args.data, args.epochs)?
    );
    Ok(())
}
