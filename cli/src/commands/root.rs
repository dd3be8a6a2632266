//! `laurel root`.
use super::{table, ChainArgs};
use crate::{
    failure,
    output::Output,
    quote::Quote,
    transaction::{Plan, SendArgs},
};
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use laurel_chain::Call;
use laurel_types::Amount;
use laurel_types::{NetUid, MAX_ROOT_SEATS};
use serde_json::{json, Value};

#[derive(Subcommand, Debug)]
pub enum RootCommand {
    /// Show the seats with their weights.
    #[command(visible_alias = "show")]
    Seats(ShowArgs),
    /// Show each subnet's part of emission: now, and as the next split would be.
    Split(ShowArgs),
    /// Take a seat for the wallet's hotkey.
    Register(SeatArgs),
    /// Give the seat up.
    Leave(SeatArgs),
    /// Set the seat's weights on subnets; they lapse unless they are renewed.
    #[command(visible_alias = "set-weights")]
    Weights(WeightsArgs),
}

#[derive(Args, Debug)]
pub struct ShowArgs {
    #[command(flatten)]
    chain: ChainArgs,
}

#[derive(Args, Debug)]
pub struct SeatArgs {
    #[command(flatten)]
    send: SendArgs,
}

#[derive(Args, Debug)]
pub struct WeightsArgs {
    #[command(flatten)]
    send: SendArgs,
    /// Weights as netuid=weight; only their proportions count.
    #[arg(required = true, value_parser = parse_weight)]
    weights: Vec<(NetUid, u16)>,
}

fn parse_weight(text: &str) -> Result<(NetUid, u16)> {
    let (netuid, weight) = text.split_once('=').context("write netuid=weight, like 1=70")?;
    let weight: u16 = weight.parse()?;
    anyhow::ensure!(weight > 0, "a weight of zero says nothing: leave the subnet out");
    Ok((NetUid(netuid.parse()?), weight))
}

/// Runs one of them.
pub async fn run(command: RootCommand, output: Output) -> Result<()> {
    match command {
        RootCommand::Seats(args) => seats(args, output).await,
        RootCommand::Split(args) => split(args, output).await,
        RootCommand::Register(args) => register(args, output).await,
        RootCommand::Leave(args) => {
            let session = args.send.open(output).await?;
            let hotkey = session.hotkey(None)?;
            let stake = session.client.hotkey(&hotkey, None).await?.map_or(0, |info| info.stake);
            let quote = Quote::default().text("hotkey", hotkey).leaves("stake", stake);
            let plan = Plan::new(Call::LeaveSeat { hotkey }, format!("{hotkey} gave its seat up"));
            session.run(plan.quoting(quote)).await.map(drop)
        }
        RootCommand::Weights(args) => weights(args, output).await,
    }
}

async fn register(args: SeatArgs, output: Output) -> Result<()> {
    let session = args.send.open(output).await?;
    let hotkey = session.hotkey(None)?;
    let seats = session.client.root(None).await?.seats;
    let stake = session.client.hotkey(&hotkey, None).await?.map_or(0, |info| info.stake);
    let mut quote = Quote::default()
        .text("hotkey", hotkey)
        .text("seats_taken", format!("{} of {MAX_ROOT_SEATS}", seats.len()))
        .leaves("stake", stake);
    if seats.len() >= MAX_ROOT_SEATS as usize {
        let least = seats.iter().map(|seat| seat.stake).min().unwrap_or_default();
        quote = quote.leaves("stake_of_weakest", least);
        if stake <= least {
            return Err(failure::refused(
                "Root.StakeTooLowForSeat",
                format!(
                    "all seats are taken: more than {} LRL must back the hotkey",
                    Amount(least)
                ),
            ));
        }
    }
    let call = Call::RegisterSeat {
        hotkey,
        consent: session.consent().await?,
    };
    let done = format!("{hotkey} holds a root seat");
    session.run(Plan::new(call, done).quoting(quote)).await.map(drop)
}

async fn weights(args: WeightsArgs, output: Output) -> Result<()> {
    let mut weights = args.weights;
    weights.sort();
    if weights.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        return Err(failure::usage("a subnet is named twice: name it once"));
    }
    let session = args.send.open(output).await?;
    let hotkey = session.hotkey(None)?;
    let total: u32 = weights.iter().map(|(_, weight)| u32::from(*weight)).sum();
    let share = |(netuid, weight): &(NetUid, u16)| {
        let percent = f64::from(*weight) / f64::from(total) * 100.0;
        format!("{netuid}: {percent:.2} %")
    };
    let shares: Vec<String> = weights.iter().map(share).collect();
    let quote = Quote::default()
        .text("hotkey", hotkey)
        .text("weights", shares.join(", "));
    let call = Call::SetRootWeights { hotkey, weights };
    session
        .run(Plan::new(call, "root weights set").quoting(quote))
        .await
        .map(drop)
}

async fn seats(args: ShowArgs, output: Output) -> Result<()> {
    let client = args.chain.connect().await?;
    if output.json {
        say!("{:#}", client.rpc("laurel_root", &[]).await?);
        return Ok(());
    }
    let root = client.root(None).await?;
    let mut table = table(["seat", "stake LRL", "weights", "set at block"]);
    for seat in &root.seats {
        let weights: Vec<_> = seat
            .weights
            .iter()
            .map(|(netuid, weight)| format!("{netuid}={weight}"))
            .collect();
        table.add_row([
            seat.hotkey.to_string(),
            Amount(seat.stake).to_string(),
            weights.join(" "),
            seat.last_update.to_string(),
        ]);
    }
    say!("{table}");
    for (netuid, part) in &root.split {
        say!("subnet {netuid}: {} of emission", share(*part));
    }
    say!("the split is next computed at block {}", root.next_split_at);
    Ok(())
}

/// A part of `u64::MAX` in percent.
fn share(part: u64) -> String {
    format!("{:.4} %", part as f64 / u64::MAX as f64 * 100.0)
}

async fn split(args: ShowArgs, output: Output) -> Result<()> {
    let client = args.chain.connect().await?;
    let at = client.best_block().await?.hash;
    let root = client.root(Some(at)).await?;
    let next = client.next_split(Some(at)).await?;
    let mut netuids: Vec<NetUid> = root.split.iter().chain(&next).map(|(netuid, _)| *netuid).collect();
    netuids.sort();
    netuids.dedup();
    let part = |of: &[(NetUid, u64)], netuid: NetUid| -> u64 {
        of.iter()
            .find(|(other, _)| *other == netuid)
            .map_or(0, |(_, part)| *part)
    };
    let people = || {
        let mut table = table(["subnet", "now", "next"]);
        for netuid in &netuids {
            let (now, then) = (part(&root.split, *netuid), part(&next, *netuid));
            table.add_row([netuid.to_string(), share(now), share(then)]);
        }
        say!("{table}");
        say!("the split is next computed at block {}", root.next_split_at);
    };
    let programs = || {
        let rows = netuids.iter().map(|netuid| {
            json!({
                "netuid": netuid,
                "part": part(&root.split, *netuid).to_string(),
                "next_part": part(&next, *netuid).to_string(),
            })
        });
        json!({ "next_split_at": root.next_split_at, "subnets": rows.collect::<Vec<Value>>() })
    };
    output.show(people, programs);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_weight_is_a_subnet_and_a_positive_number() {
        assert_eq!(parse_weight("1=70").unwrap(), (NetUid(1), 70));
        for wrong in ["1", "1=0", "1=65536", "x=1", "-1=1"] {
            assert!(parse_weight(wrong).is_err(), "{wrong}");
        }
    }
}
