//! `laurel submit`: sends a transaction that was signed elsewhere, or whose outcome was not known, and waits for it.
use super::{connect_to, ChainArgs};
use crate::{
    carried,
    output::Output,
    quote::Quote,
    sent::Sent,
    transaction::{all_items_done, receipt, wait_seconds},
};
use anyhow::Result;
use clap::Args;
use laurel_chain::{SubmitOptions, Wait};
use std::{path::PathBuf, time::Duration};

#[derive(Args, Debug)]
pub struct SubmitArgs {
    #[command(flatten)]
    chain: ChainArgs,
    /// The file that `laurel sign` wrote, or one of the wallet's folder `undecided`. It can be sent again without harm: no chain takes a
    /// transaction twice.
    #[arg(long, value_name = "FILE")]
    transaction: PathBuf,
    /// How long to wait for it, in seconds.
    #[arg(long, value_name = "SECONDS", default_value = "90", value_parser = wait_seconds)]
    deadline: Duration,
}

/// Sends it, waits until it is finalized, and says so.
pub async fn run(args: SubmitArgs, output: Output) -> Result<()> {
    let (genesis, call, transaction) = carried::read_signed(&args.transaction)?;
    let client = connect_to(args.chain.endpoints(), Some(genesis)).await?;
    let options = SubmitOptions {
        wait: Wait::Finalized,
        deadline: args.deadline,
        ..SubmitOptions::default()
    };
    let sent = Sent::again(&args.transaction, genesis, &call);
    let submitted = client.submit_signed(&transaction, options, &sent).await;
    let included = submitted.map_err(|error| sent.failed(error))?;
    all_items_done(&included)?;
    output.show(
        || say!("{call} is in block {}", included.block.number),
        || receipt(&call, &Quote::default(), &included),
    );
    Ok(())
}
