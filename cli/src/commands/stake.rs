//! `laurel stake`.
use super::{table, ChainArgs, OwnerArgs, Who};
use crate::{
    failure,
    output::Output,
    quote::Quote,
    transaction::{Plan, SendArgs, Session},
};
use anyhow::Result;
use clap::{Args, Subcommand};
use laurel_chain::{calls, AccountId, Call};
use laurel_types::Balance;
use laurel_types::{Amount, Difference};
use serde_json::{json, Value};

#[derive(Subcommand, Debug)]
pub enum StakeCommand {
    /// Stake on a hotkey: the wallet's own, or any other by its address.
    Add(AddArgs),
    /// Take stake back: exactly so much, a percentage, or all of it.
    Remove(RemoveArgs),
    /// Move stake to another hotkey in one step.
    Move(MoveArgs),
    /// Give stake to another coldkey; it stays on its hotkey.
    Transfer(TransferArgs),
    /// Show every position of a coldkey, and the pools.
    #[command(visible_alias = "list")]
    Show(ShowArgs),
}

/// On which hotkey.
#[derive(Args, Debug)]
pub struct TargetArgs {
    #[command(flatten)]
    send: SendArgs,
    /// The hotkey's address, where it is not the wallet's own.
    #[arg(long)]
    hotkey_address: Option<AccountId>,
}

/// How much of a position.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub struct PartArgs {
    /// Exactly so much, in LRL.
    #[arg(long)]
    amount: Option<Amount>,
    /// So many percent of what is there.
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=100))]
    percent: Option<u8>,
    /// All of it.
    #[arg(long)]
    all: bool,
}

impl PartArgs {
    /// Leaves of a position worth `value`; none: all of it, whatever it is worth by then.
    fn of(&self, value: Balance) -> Option<Balance> {
        match (self.amount, self.percent) {
            (Some(amount), _) => Some(amount.0),
            (None, Some(100)) | (None, None) => None,
            // The product fits in 128 bits, the quotient is below the value.
            (None, Some(percent)) => Some((u128::from(value) * u128::from(percent) / 100) as Balance),
        }
    }
}

#[derive(Args, Debug)]
pub struct AddArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// How much, in LRL.
    #[arg(long)]
    amount: Amount,
}

#[derive(Args, Debug)]
pub struct RemoveArgs {
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    part: PartArgs,
}

#[derive(Args, Debug)]
pub struct MoveArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// The other hotkey: an address, or FOLDER#NAME for a wallet's.
    #[arg(long)]
    to: Who,
    #[command(flatten)]
    part: PartArgs,
}

#[derive(Args, Debug)]
pub struct TransferArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// The other coldkey: an address, or a wallet's folder.
    #[arg(long)]
    to: Who,
    #[command(flatten)]
    part: PartArgs,
}

#[derive(Args, Debug)]
pub struct ShowArgs {
    #[command(flatten)]
    chain: ChainArgs,
    #[command(flatten)]
    owner: OwnerArgs,
}

/// Runs one of them.
pub async fn run(command: StakeCommand, output: Output) -> Result<()> {
    match command {
        StakeCommand::Add(args) => add(args, output).await,
        StakeCommand::Remove(args) => remove(args, output).await,
        StakeCommand::Move(args) => {
            let session = args.target.send.open(output).await?;
            let (from, to) = (session.hotkey(args.target.hotkey_address)?, args.to.account()?);
            let (position, amount) = part(&session, &from, &args.part).await?;
            let quote = position.text("to", to);
            let plan = Plan::new(
                calls::staking::move_stake(&from, &to, amount),
                format!("moved stake from {from} to {to}"),
            );
            session.run(plan.quoting(quote)).await.map(drop)
        }
        StakeCommand::Transfer(args) => {
            let session = args.target.send.open(output).await?;
            let (hotkey, to) = (session.hotkey(args.target.hotkey_address)?, args.to.account()?);
            let (position, amount) = part(&session, &hotkey, &args.part).await?;
            let quote = position.text("to", to);
            let plan = Plan::new(
                calls::staking::transfer_stake(&hotkey, &to, amount),
                format!("gave stake on {hotkey} to {to}"),
            );
            session.run(plan.quoting(quote)).await.map(drop)
        }
        StakeCommand::Show(args) => show(args, output).await,
    }
}

/// The position on a hotkey as a quote, and how much of it is meant.
async fn part(session: &Session<'_>, hotkey: &AccountId, part: &PartArgs) -> Result<(Quote, Option<Balance>)> {
    let positions = session.client.stake_of(&session.account()?, None).await?;
    let position = positions.into_iter().find(|position| position.hotkey == *hotkey);
    let position = position.ok_or_else(|| {
        failure::refused(
            "Staking.NotEnoughStake",
            format!("nothing is staked on {hotkey}: `laurel stake show` lists the positions"),
        )
    })?;
    let amount = part.of(position.stake);
    let quote = Quote::default()
        .leaves("position", position.stake)
        .leaves("amount", amount.unwrap_or(position.stake))
        .text("from", hotkey);
    Ok((quote, amount))
}

async fn add(args: AddArgs, output: Output) -> Result<()> {
    let session = args.target.send.open(output).await?;
    let hotkey = session.hotkey(args.target.hotkey_address)?;
    let pool = session.client.hotkey(&hotkey, None).await?;
    let pool = pool.ok_or_else(|| {
        failure::refused(
            "Staking.HotkeyUnknown",
            format!("nobody registered {hotkey}: it must join a subnet or the root network first"),
        )
    })?;
    let free = session.client.balance(&session.account()?, None).await?.free;
    let quote = Quote::default()
        .leaves("amount", args.amount.0)
        .text("on", hotkey)
        .text("take", super::percent(pool.take))
        .leaves("pool_now", pool.stake)
        .leaves("free_now", free);
    let call = Call::AddStake {
        hotkey,
        amount: args.amount.0,
    };
    let plan = Plan::new(call, format!("staked {} LRL on {hotkey}", args.amount));
    session.run(plan.quoting(quote)).await.map(drop)
}

async fn remove(args: RemoveArgs, output: Output) -> Result<()> {
    let session = args.target.send.open(output).await?;
    let hotkey = session.hotkey(args.target.hotkey_address)?;
    let (_, amount) = part(&session, &hotkey, &args.part).await?;
    let coldkey = session.account()?;
    let unstake = session.client.quote_unstake(&coldkey, &hotkey, amount, None).await?;
    let unstake = unstake.ok_or_else(|| {
        failure::refused(
            "Staking.NotEnoughStake",
            "so much cannot be removed: `laurel stake show` says what is there",
        )
    })?;
    let quote = Quote::default()
        .leaves("returned", unstake.returned)
        .leaves("remaining", unstake.remaining)
        .leaves("given_up", unstake.forfeited)
        .text("from", hotkey);
    let call = match amount {
        Some(amount) => Call::RemoveStake { hotkey, amount },
        None => Call::RemoveAllStake { hotkey },
    };
    let done = format!("took {} LRL back from {hotkey}", Amount(unstake.returned));
    session.run(Plan::new(call, done).quoting(quote)).await.map(drop)
}

async fn show(args: ShowArgs, output: Output) -> Result<()> {
    let coldkey = args.owner.account()?;
    let client = args.chain.connect().await?;
    let portfolio = client.portfolio(&coldkey, None).await?;
    let people = || {
        let mut table = table([
            "hotkey",
            "stake LRL",
            "earned LRL",
            "on its way LRL",
            "pool LRL",
            "take",
        ]);
        for position in &portfolio.positions {
            table.add_row([
                position.pool.hotkey.to_string(),
                Amount(position.stake.stake).to_string(),
                Difference(position.stake.earned).to_string(),
                Amount(position.stake.unreleased).to_string(),
                Amount(position.pool.stake).to_string(),
                super::percent(position.pool.take),
            ]);
        }
        say!("{table}");
        say!(
            "{} LRL staked, {} LRL earned with these positions, {} LRL free, at block {}",
            Amount(portfolio.staked),
            Difference(portfolio.earned),
            Amount(portfolio.free),
            portfolio.block
        );
    };
    let programs = || {
        let positions = portfolio.positions.iter().map(|position| {
            json!({
                "hotkey": position.pool.hotkey,
                "stake": position.stake.stake.to_string(),
                "principal": position.stake.principal.to_string(),
                "earned": position.stake.earned.to_string(),
                "unreleased": position.stake.unreleased.to_string(),
                "pool": {
                    "owner": position.pool.coldkey,
                    "take": position.pool.take.0,
                    "stake": position.pool.stake.to_string(),
                    "unreleased": position.pool.unreleased.to_string(),
                    "stream_ends_at": position.pool.stream_ends_at,
                },
            })
        });
        json!({
            "coldkey": coldkey,
            "block": portfolio.block,
            "free": portfolio.free.to_string(),
            "staked": portfolio.staked.to_string(),
            "earned": portfolio.earned.to_string(),
            "positions": positions.collect::<Vec<Value>>(),
        })
    };
    output.show(people, programs);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_exact_a_percentage_or_everything() {
        let part = |amount, percent, all| PartArgs { amount, percent, all };
        assert_eq!(part(Some(Amount(7)), None, false).of(100), Some(7));
        assert_eq!(part(None, Some(50), false).of(u64::MAX), Some(u64::MAX / 2));
        assert_eq!(part(None, Some(100), false).of(9), None);
        assert_eq!(part(None, None, true).of(9), None);
    }
}
