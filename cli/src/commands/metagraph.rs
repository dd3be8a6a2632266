//! `laurel subnet list`, `laurel metagraph`.
use super::{table, ChainArgs};
use crate::{failure, output::Output};
use anyhow::Result;
use clap::Args;
use laurel_chain::ChainError;
use laurel_types::Amount;
use laurel_types::NetUid;

#[derive(Args, Debug)]
pub struct SubnetsArgs {
    #[command(flatten)]
    chain: ChainArgs,
}

#[derive(Args, Debug)]
pub struct MetagraphArgs {
    #[command(flatten)]
    chain: ChainArgs,
    /// The subnet.
    #[arg(long)]
    netuid: u16,
}

fn share(part: u16) -> String {
    format!("{:.4}", f64::from(part) / f64::from(u16::MAX))
}

/// Lists the subnets.
pub async fn subnets(args: SubnetsArgs, output: Output) -> Result<()> {
    let client = args.chain.connect().await?;
    if output.json {
        say!("{:#}", client.rpc("laurel_subnets", &[]).await?);
        return Ok(());
    }
    let subnets = client.subnets(None).await?;
    let mut table = table([
        "netuid",
        "owner",
        "neurons",
        "tempo",
        "next epoch",
        "LRL/block",
        "pot LRL",
        "price LRL",
        "models",
    ]);
    for subnet in subnets {
        let kinds: Vec<_> = subnet
            .models
            .iter()
            .map(|model| format!("{:?}", model.kind).to_lowercase())
            .collect();
        table.add_row([
            subnet.netuid.to_string(),
            subnet.owner.to_string(),
            format!("{}/{}", subnet.neurons, subnet.hyperparameters.max_uids),
            subnet.hyperparameters.tempo.to_string(),
            subnet.next_epoch_at.to_string(),
            Amount(subnet.emission_per_block).to_string(),
            Amount(subnet.pot).to_string(),
            Amount(subnet.registration_price).to_string(),
            kinds.join(", "),
        ]);
    }
    say!("{table}");
    Ok(())
}

/// Shows one subnet.
pub async fn metagraph(args: MetagraphArgs, output: Output) -> Result<()> {
    let client = args.chain.connect().await?;
    let missing = || {
        failure::refused(
            "Subnets.SubnetDoesNotExist",
            format!("there is no subnet {}: `laurel subnet list` lists them", args.netuid),
        )
    };
    if output.json {
        match client.rpc("laurel_metagraph", &[args.netuid.into()]).await {
            Err(ChainError::Rpc { message, .. }) if message.starts_with("SubnetNotFound") => return Err(missing()),
            answer => say!("{:#}", answer?),
        }
        return Ok(());
    }
    let metagraph = client.metagraph(NetUid(args.netuid), None).await?.ok_or_else(missing)?;
    let mut table = table([
        "uid",
        "hotkey",
        "stake LRL",
        "permit",
        "consensus",
        "incentive",
        "dividends",
        "emission LRL",
        "axon",
    ]);
    for neuron in &metagraph.neurons {
        table.add_row([
            neuron.uid.to_string(),
            neuron.hotkey.to_string(),
            Amount(neuron.stake).to_string(),
            if neuron.scores.permit { "yes" } else { "" }.into(),
            share(neuron.scores.consensus),
            share(neuron.scores.incentive),
            share(neuron.scores.dividends),
            Amount(neuron.scores.emission).to_string(),
            neuron.axon.map_or_else(String::new, |axon| axon.address.to_string()),
        ]);
    }
    let subnet = &metagraph.subnet;
    say!(
        "subnet {} at block {}: epoch {}, the next at block {}",
        subnet.netuid,
        metagraph.block,
        subnet.epoch,
        subnet.next_epoch_at
    );
    say!("{table}");
    Ok(())
}
