//! `laurel subnets`, `laurel metagraph`.
use super::ChainArgs;
use crate::amount::Amount;
use anyhow::{Context, Result};
use clap::Args;
use comfy_table::{presets::UTF8_HORIZONTAL_ONLY, Table};
use laurel_types::NetUid;

#[derive(Args)]
pub struct SubnetsArgs {
    #[command(flatten)]
    chain: ChainArgs,
    /// Print JSON; amounts are leaves.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub struct MetagraphArgs {
    #[command(flatten)]
    chain: ChainArgs,
    /// The subnet.
    #[arg(long)]
    netuid: u16,
    /// Print JSON; amounts are leaves.
    #[arg(long)]
    json: bool,
}

fn share(part: u16) -> String {
    format!("{:.4}", f64::from(part) / f64::from(u16::MAX))
}

/// Lists the subnets.
pub async fn subnets(args: SubnetsArgs) -> Result<()> {
    let subnets = args.chain.connect().await?.subnets(None).await?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&subnets)?);
        return Ok(());
    }
    let mut table = Table::new();
    table.load_preset(UTF8_HORIZONTAL_ONLY).set_header([
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
    println!("{table}");
    Ok(())
}

/// Shows one subnet.
pub async fn metagraph(args: MetagraphArgs) -> Result<()> {
    let client = args.chain.connect().await?;
    let metagraph = client
        .metagraph(NetUid(args.netuid), None)
        .await?
        .with_context(|| format!("there is no subnet {}: `laurel subnets` lists them", args.netuid))?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&metagraph)?);
        return Ok(());
    }
    let mut table = Table::new();
    table.load_preset(UTF8_HORIZONTAL_ONLY).set_header([
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
    println!(
        "subnet {} at block {}: epoch {}, the next at block {}",
        subnet.netuid, metagraph.block, subnet.epoch, subnet.next_epoch_at
    );
    println!("{table}");
    Ok(())
}
