//! `laurel subnet`.
mod new;
mod show;

use super::{hyperparameter, identity::IdentityArgs, metagraph, table, Who};
use crate::{
    failure,
    output::Output,
    quote::Quote,
    transaction::{Plan, SendArgs, Session},
};
use anyhow::Result;
use clap::{Args, Subcommand};
use laurel_chain::{calls, AccountId, Call, ChainClient, Key};
use laurel_types::Amount;
use laurel_types::{Hyperparameters, NetUid, Replacement, SubnetInfo};
use serde_json::{json, Value};

#[derive(Subcommand, Debug)]
pub enum SubnetCommand {
    /// List the subnets.
    List(metagraph::SubnetsArgs),
    /// Show one: its hyperparameters, models, owner, and what is announced for it.
    Show(show::ShowArgs),
    /// Write a new kind of work for a subnet: a crate with a validator and a miner.
    New(new::NewArgs),
    /// Create a subnet by locking tokens.
    Create(CreateArgs),
    /// Announce that the wallet's subnet ends, or call that off.
    #[command(subcommand)]
    Dissolve(DissolveCommand),
    /// List what can be tuned: type, unit, range, who may.
    Hyperparameters,
    /// Tune the wallet's subnet, from the next epoch on.
    Set(SetArgs),
    /// Say who is behind a subnet.
    #[command(subcommand)]
    Identity(IdentityCommand),
    /// Pass a subnet to another owner: one offers it, the other accepts.
    #[command(subcommand)]
    Owner(OwnerCommand),
    /// Choose which of the owner's neurons is never evicted.
    Protect(ProtectArgs),
}

#[derive(Subcommand, Debug)]
pub enum DissolveCommand {
    /// Announce it; it happens after the chain's delay.
    Announce(SubnetArgs),
    /// Call it off.
    Cancel(SubnetArgs),
}

#[derive(Subcommand, Debug)]
pub enum IdentityCommand {
    /// Say it, for a deposit.
    Set(SetIdentityArgs),
    /// Take it back, with the deposit.
    Clear(SubnetArgs),
}

#[derive(Subcommand, Debug)]
pub enum OwnerCommand {
    /// Offer the wallet's subnet.
    Offer(OfferArgs),
    /// Offer it no longer.
    Withdraw(SubnetArgs),
    /// Take over a subnet that was offered, with its lock.
    Accept(SubnetArgs),
}

/// A change of one subnet.
#[derive(Args, Debug)]
pub struct SubnetArgs {
    #[command(flatten)]
    send: SendArgs,
    /// The subnet.
    #[arg(long)]
    netuid: u16,
}

#[derive(Args, Debug)]
pub struct CreateArgs {
    #[command(flatten)]
    send: SendArgs,
    /// The most that may be locked, in LRL.
    #[arg(long)]
    max_lock: Amount,
}

#[derive(Args, Debug)]
pub struct SetArgs {
    #[command(flatten)]
    subnet: SubnetArgs,
    /// What to change, as name=value.
    #[arg(required = true)]
    changes: Vec<String>,
}

#[derive(Args, Debug)]
pub struct SetIdentityArgs {
    #[command(flatten)]
    subnet: SubnetArgs,
    #[command(flatten)]
    identity: IdentityArgs,
}

#[derive(Args, Debug)]
pub struct OfferArgs {
    #[command(flatten)]
    subnet: SubnetArgs,
    /// The new owner: an address, or a wallet's folder.
    #[arg(long)]
    to: Who,
}

#[derive(Args, Debug)]
pub struct ProtectArgs {
    #[command(flatten)]
    subnet: SubnetArgs,
    /// The neuron's hotkey, where it is not the wallet's own.
    #[arg(long)]
    hotkey_address: Option<AccountId>,
}

/// Runs one of them.
pub async fn run(command: SubnetCommand, output: Output) -> Result<()> {
    match command {
        SubnetCommand::List(args) => metagraph::subnets(args, output).await,
        SubnetCommand::Show(args) => show::show(args, output).await,
        SubnetCommand::New(args) => new::new(args, output),
        SubnetCommand::Create(args) => create(args, output).await,
        SubnetCommand::Dissolve(command) => dissolve(command, output).await,
        SubnetCommand::Hyperparameters => {
            describe(output);
            Ok(())
        }
        SubnetCommand::Set(args) => set(args, output).await,
        SubnetCommand::Identity(command) => identity(command, output).await,
        SubnetCommand::Owner(command) => owner(command, output).await,
        SubnetCommand::Protect(args) => {
            let session = args.subnet.send.open(output).await?;
            let (netuid, hotkey) = (NetUid(args.subnet.netuid), session.hotkey(args.hotkey_address)?);
            let quote = Quote::default().text("netuid", netuid).text("hotkey", hotkey);
            let call = calls::neurons::protect_neuron(netuid, &hotkey);
            let done = format!("{hotkey} will not be evicted from subnet {netuid}");
            session.run(Plan::new(call, done).quoting(quote)).await.map(drop)
        }
    }
}

/// One subnet, or that there is none.
pub(super) async fn find(client: &ChainClient, netuid: NetUid) -> Result<SubnetInfo<AccountId>> {
    let subnets = client.subnets(None).await?;
    subnets
        .into_iter()
        .find(|subnet| subnet.netuid == netuid)
        .ok_or_else(|| {
            failure::refused(
                "Subnets.SubnetDoesNotExist",
                format!("there is no subnet {netuid}: `laurel subnet list` lists them"),
            )
        })
}

async fn create(args: CreateArgs, output: Output) -> Result<()> {
    let session = args.send.open(output).await?;
    let lock = session.client.quote_create_subnet(None).await?;
    if lock > args.max_lock.0 {
        return Err(failure::refused(
            "Subnets.LockAboveMaximum",
            format!(
                "creating a subnet locks {} LRL now: wait, or raise --max-lock",
                Amount(lock)
            ),
        ));
    }
    let free = session.client.balance(&session.account()?, None).await?.free;
    let mut quote = Quote::default()
        .leaves("lock_now", lock)
        .leaves("lock_at_most", args.max_lock.0)
        .leaves("free_now", free);
    if let Some(replaced) = session.client.quote_replacement(None).await? {
        quote = quote_replacement(quote, &replaced);
    }
    let call = Call::CreateSubnet {
        max_lock: args.max_lock.0,
    };
    let Some(included) = session.run(Plan::new(call, "created a subnet").quoting(quote)).await? else {
        return Ok(());
    };
    let netuid = included
        .event("Subnets", "SubnetCreated")
        .and_then(|event| event.number("netuid"));
    if let Some(netuid) = netuid.filter(|_| !output.json) {
        say!("its netuid is {netuid}; `laurel model accept` says what it pays for");
    }
    Ok(())
}

/// Which subnet ends for the new one, why that one, and what becomes of its lock.
fn quote_replacement(quote: Quote, replaced: &Replacement<AccountId>) -> Quote {
    let percent = replaced.part as f64 / u64::MAX as f64 * 100.0;
    quote
        .text("replaces_netuid", replaced.netuid)
        .text("replaces_owner", replaced.owner)
        .text(
            "replaces_why",
            format!(
                "all places are taken; of the subnets past their immunity it has the smallest part of the emission, {percent:.2} %, since block {}",
                replaced.created_at
            ),
        )
        .leaves("replaces_lock_refunded", replaced.refunded)
        .leaves("replaces_lock_burned", replaced.burned)
}

async fn dissolve(command: DissolveCommand, output: Output) -> Result<()> {
    match command {
        DissolveCommand::Announce(args) => {
            let session = args.send.open(output).await?;
            let netuid = NetUid(args.netuid);
            let subnet = find(&session.client, netuid).await?;
            let settings = session.client.storage("Subnets", "Settings", &[], None).await?;
            let delay = settings.as_ref().and_then(|all| all["dissolution_delay"].as_u64());
            let quote = Quote::default()
                .text("netuid", netuid)
                .text("neurons_removed", subnet.neurons)
                .leaves("pot_to_reserve", subnet.pot)
                .text("after_blocks", delay.unwrap_or_default());
            let plan = Plan::new(
                calls::subnets::announce_dissolution(netuid),
                format!("subnet {netuid} will be dissolved; `laurel subnet dissolve cancel` calls it off"),
            );
            session.run(plan.quoting(quote)).await.map(drop)
        }
        DissolveCommand::Cancel(args) => {
            let session = args.send.open(output).await?;
            let netuid = NetUid(args.netuid);
            let mut quote = Quote::default().text("netuid", netuid);
            if let Some(at) = dissolved_at(&session.client, netuid).await? {
                quote = quote.text("dissolved_at", at);
            }
            let call = calls::subnets::cancel_dissolution(netuid);
            let done = format!("subnet {netuid} will not be dissolved");
            session.run(Plan::new(call, done).quoting(quote)).await.map(drop)
        }
    }
}

/// The block at which a subnet ends; none where that is not announced.
async fn dissolved_at(client: &ChainClient, netuid: NetUid) -> Result<Option<u64>> {
    let all = client.storage("Subnets", "Dissolutions", &[], None).await?;
    let all = all.as_ref().and_then(Value::as_array).into_iter().flatten();
    let ours = all.into_iter().find(|one| one["netuid"] == netuid.0);
    Ok(ours.and_then(|one| one["at"].as_u64()))
}

fn describe(output: Output) {
    let people = || {
        let mut table = table(["name", "type", "unit", "range", "set by"]);
        for row in Hyperparameters::DESCRIPTIONS {
            table.add_row([
                row.name,
                row.ty,
                row.unit,
                &hyperparameter::range(row),
                hyperparameter::setter(row),
            ]);
        }
        say!("{table}");
    };
    let programs = || {
        let rows = Hyperparameters::DESCRIPTIONS.iter().map(|row| {
            json!({
                "name": row.name,
                "type": row.ty,
                "unit": row.unit,
                "range": hyperparameter::range(row),
                "setter": hyperparameter::setter(row),
            })
        });
        rows.collect()
    };
    output.show(people, programs);
}

async fn set(args: SetArgs, output: Output) -> Result<()> {
    let changes = args
        .changes
        .iter()
        .map(|change| hyperparameter::parse(change))
        .collect::<Result<Vec<_>>>()?;
    let session = args.subnet.send.open(output).await?;
    let netuid = NetUid(args.subnet.netuid);
    let subnet = find(&session.client, netuid).await?;
    let keys = [Key::Number(args.subnet.netuid.into())];
    let pending = session.client.storage("Subnets", "PendingParams", &keys, None).await?;
    // What waits already counts: a change applies to it, not to what is in force.
    let pending = pending.as_ref().and_then(hyperparameter::from_values);
    let mut params = pending.unwrap_or(subnet.hyperparameters);
    let before = hyperparameter::values(&params);
    let mut quote = Quote::default()
        .text("netuid", netuid)
        .text("from_block", subnet.next_epoch_at);
    for change in &changes {
        params = params.with(*change).map_err(|out| {
            failure::usage(format!(
                "{out}, or does not go together with the subnet's other parameters"
            ))
        })?;
        let name = change.name();
        quote = quote.text(
            name,
            format!(
                "{} -> {}",
                show::plain(&before[name]),
                show::plain(&hyperparameter::values(&params)[name])
            ),
        );
    }
    let mut calls: Vec<Call> = changes
        .into_iter()
        .map(|change| Call::SetHyperparameter { netuid, change })
        .collect();
    let call = match calls.len() {
        1 => calls.remove(0),
        _ => Call::Batch(calls),
    };
    let done = format!("subnet {netuid} changes when its epoch ends");
    session.run(Plan::new(call, done).quoting(quote)).await.map(drop)
}

async fn identity(command: IdentityCommand, output: Output) -> Result<()> {
    match command {
        IdentityCommand::Set(args) => {
            let session = args.subnet.send.open(output).await?;
            let netuid = NetUid(args.subnet.netuid);
            let identity: calls::subnets::Identity = args.identity.into();
            let quote = Quote::default().text("netuid", netuid).text("name", &identity.name);
            let quote = quote.and(identity_deposit(&session, &identity).await?);
            let call = calls::subnets::set_subnet_identity(netuid, &identity);
            session
                .run(Plan::new(call, format!("subnet {netuid} is {}", identity.name)).quoting(quote))
                .await
                .map(drop)
        }
        IdentityCommand::Clear(args) => {
            let session = args.send.open(output).await?;
            let netuid = NetUid(args.netuid);
            let keys = [Key::Number(args.netuid.into())];
            let identity = session
                .client
                .storage("Subnets", "SubnetIdentities", &keys, None)
                .await?;
            let quote = deposit_back(Quote::default().text("netuid", netuid), identity);
            let call = calls::subnets::clear_subnet_identity(netuid);
            let done = format!("subnet {netuid} has no identity");
            session.run(Plan::new(call, done).quoting(quote)).await.map(drop)
        }
    }
}

/// The quote with the deposit that comes back of what the chain stores, if it stores something.
pub fn deposit_back(quote: Quote, stored: Option<Value>) -> Quote {
    match stored
        .as_ref()
        .and_then(|stored| stored["deposit"].as_str()?.parse().ok())
    {
        Some(deposit) => quote.leaves("deposit_returned", deposit),
        None => quote,
    }
}

/// What an identity's deposit is now.
pub async fn identity_deposit(session: &Session<'_>, identity: &calls::subnets::Identity) -> Result<Quote> {
    let settings = session.client.storage("Subnets", "Settings", &[], None).await?;
    let leaves = |name: &str| -> u64 {
        let text = settings.as_ref().and_then(|all| all[name].as_str());
        text.and_then(|digits| digits.parse().ok()).unwrap_or_default()
    };
    let texts = [
        &identity.name,
        &identity.url,
        &identity.repository,
        &identity.contact,
        &identity.image,
        &identity.description,
    ];
    let bytes: u64 = texts.iter().map(|text| text.len() as u64).sum();
    let deposit = leaves("identity_deposit").saturating_add(leaves("identity_byte_deposit").saturating_mul(bytes));
    Ok(Quote::default().leaves("deposit", deposit))
}

async fn owner(command: OwnerCommand, output: Output) -> Result<()> {
    match command {
        OwnerCommand::Offer(args) => {
            let session = args.subnet.send.open(output).await?;
            let (netuid, to) = (NetUid(args.subnet.netuid), args.to.account()?);
            let call = calls::subnets::offer_subnet(netuid, Some(&to));
            let done = format!("offered subnet {netuid} to {to}, who must accept");
            let quote = Quote::default().text("netuid", netuid).text("to", to);
            session.run(Plan::new(call, done).quoting(quote)).await.map(drop)
        }
        OwnerCommand::Withdraw(args) => {
            let session = args.send.open(output).await?;
            let netuid = NetUid(args.netuid);
            let keys = [Key::Number(args.netuid.into())];
            let offered = session.client.storage("Subnets", "Offers", &keys, None).await?;
            let mut quote = Quote::default().text("netuid", netuid);
            if let Some(to) = offered.as_ref().and_then(Value::as_str) {
                quote = quote.text("offered_to", to);
            }
            let call = calls::subnets::offer_subnet(netuid, None);
            let done = format!("subnet {netuid} is offered to nobody");
            session.run(Plan::new(call, done).quoting(quote)).await.map(drop)
        }
        OwnerCommand::Accept(args) => {
            let session = args.send.open(output).await?;
            let netuid = NetUid(args.netuid);
            let keys = [Key::Number(args.netuid.into())];
            let record = session.client.storage("Subnets", "Subnets", &keys, None).await?;
            let lock = record.as_ref().and_then(|record| record["lock"].as_str());
            let lock: u64 = lock.and_then(|digits| digits.parse().ok()).unwrap_or_default();
            let quote = Quote::default().text("netuid", netuid).leaves("lock", lock);
            let call = calls::subnets::accept_subnet(netuid);
            session
                .run(Plan::new(call, format!("subnet {netuid} is yours")).quoting(quote))
                .await
                .map(drop)
        }
    }
}
