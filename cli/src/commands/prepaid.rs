//! `laurel prepaid`.
use super::{table, ChainArgs, Who};
use crate::{
    failure,
    output::Output,
    quote::Quote,
    transaction::{Plan, SendArgs, Session},
};
use anyhow::Result;
use clap::{Args, Subcommand};
use laurel_chain::{calls, AccountId, ChainClient};
use laurel_daemon::wallet::Wallet;
use laurel_types::Amount;
use laurel_types::{Balance, Prepaid};
use serde_json::{json, Value};
use std::path::PathBuf;

#[derive(Subcommand, Debug)]
pub enum PrepaidCommand {
    /// Deposit tokens for a gateway, which draws what you use there.
    Deposit(DepositArgs),
    /// Announce that you take some of a deposit back; it is free after the chain's notice.
    Withdraw(WithdrawArgs),
    /// Take back what was announced and is free by now.
    TakeBack(GatewayArgs),
    /// Show the deposits of an account, or those for a gateway.
    #[command(visible_alias = "list")]
    Show(ShowArgs),
}

/// For which gateway.
#[derive(Args, Debug)]
pub struct GatewayArgs {
    #[command(flatten)]
    send: SendArgs,
    /// The gateway's hotkey: an address, or FOLDER#NAME for a wallet's.
    #[arg(long)]
    gateway: Who,
}

#[derive(Args, Debug)]
pub struct DepositArgs {
    #[command(flatten)]
    gateway: GatewayArgs,
    /// How much, in LRL.
    #[arg(long)]
    amount: Amount,
}

#[derive(Args, Debug)]
pub struct WithdrawArgs {
    #[command(flatten)]
    gateway: GatewayArgs,
    #[command(flatten)]
    part: PartArgs,
}

/// How much of a deposit.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub struct PartArgs {
    /// Exactly so much, in LRL.
    #[arg(long)]
    amount: Option<Amount>,
    /// All of it.
    #[arg(long)]
    all: bool,
    /// Nothing: what was announced stays where it is.
    #[arg(long)]
    cancel: bool,
}

impl PartArgs {
    /// Leaves of a deposit of so many.
    fn of(&self, deposit: Balance) -> Balance {
        match self.amount {
            Some(amount) => amount.0,
            None if self.all => deposit,
            None => 0,
        }
    }
}

#[derive(Args, Debug)]
pub struct ShowArgs {
    #[command(flatten)]
    chain: ChainArgs,
    #[command(flatten)]
    whose: WhoseArgs,
    /// Only the deposit for this gateway.
    #[arg(long, conflicts_with = "for_gateway")]
    gateway: Option<Who>,
}

/// Whose deposits: the first of them that is there.
#[derive(Args, Debug)]
pub struct WhoseArgs {
    /// All that anybody made for this gateway: its hotkey's address, or FOLDER#NAME for a wallet's …
    #[arg(long, value_name = "GATEWAY")]
    for_gateway: Option<Who>,
    /// … or those of this account …
    #[arg(long)]
    address: Option<AccountId>,
    /// … or of a wallet's coldkey.
    #[arg(long, env = "LAUREL_WALLET")]
    wallet: Option<PathBuf>,
}

/// Runs one of them.
pub async fn run(command: PrepaidCommand, output: Output) -> Result<()> {
    match command {
        PrepaidCommand::Deposit(args) => deposit(args, output).await,
        PrepaidCommand::Withdraw(args) => withdraw(args, output).await,
        PrepaidCommand::TakeBack(args) => take_back(args, output).await,
        PrepaidCommand::Show(args) => show(args, output).await,
    }
}

async fn deposit(args: DepositArgs, output: Output) -> Result<()> {
    let session = args.gateway.send.open(output).await?;
    let gateway = args.gateway.gateway.account()?;
    let info = session.client.hotkey(&gateway, None).await?;
    let info = info.ok_or_else(|| {
        failure::refused(
            "Prepaid.GatewayUnknown",
            format!("nobody registered {gateway}: ask the gateway for its hotkey"),
        )
    })?;
    let payer = session.account()?;
    let terms = session.client.prepaid_terms(None).await?;
    let before = session.client.prepaid(&gateway, &payer, None).await?;
    let free = session.client.balance(&payer, None).await?.free;
    let has = before.as_ref().map_or(0, |prepaid| prepaid.amount);
    let quote = Quote::default()
        .leaves("amount", args.amount.0)
        .leaves("held_then", has.saturating_add(args.amount.0))
        .leaves("record_deposit", before.map_or(terms.record_deposit, |_| 0))
        .text("gateway", gateway)
        .text("paid_to", info.coldkey)
        .text("notice_blocks", terms.notice)
        .leaves("free_now", free);
    let call = calls::prepaid::deposit(&gateway, args.amount.0);
    let done = format!("deposited {} LRL for {gateway}", args.amount);
    session.run(Plan::new(call, done).quoting(quote)).await.map(drop)
}

/// What the session's account holds for a gateway.
async fn held(session: &Session<'_>, gateway: &AccountId) -> Result<Prepaid<AccountId>> {
    let prepaid = session.client.prepaid(gateway, &session.account()?, None).await?;
    prepaid.ok_or_else(|| {
        failure::refused(
            "Prepaid.NoDeposit",
            format!("nothing is deposited for {gateway}: `laurel prepaid show` lists the deposits"),
        )
    })
}

async fn withdraw(args: WithdrawArgs, output: Output) -> Result<()> {
    let session = args.gateway.send.open(output).await?;
    let gateway = args.gateway.gateway.account()?;
    let prepaid = held(&session, &gateway).await?;
    let amount = args.part.of(prepaid.amount);
    let notice = session.client.prepaid_terms(None).await?.notice;
    let quote = Quote::default()
        .leaves("held_now", prepaid.amount)
        .leaves("announced_now", prepaid.announced)
        .leaves("announced_then", amount)
        .text("notice_blocks", notice)
        .text("gateway", gateway);
    let done = match amount {
        0 => format!("take nothing back from {gateway} after all"),
        _ => format!(
            "announced that {} LRL come back from {gateway}; `laurel prepaid take-back` takes them after the notice",
            Amount(amount)
        ),
    };
    let call = calls::prepaid::withdraw(&gateway, amount);
    session.run(Plan::new(call, done).quoting(quote)).await.map(drop)
}

async fn take_back(args: GatewayArgs, output: Output) -> Result<()> {
    let session = args.send.open(output).await?;
    let gateway = args.gateway.account()?;
    let prepaid = held(&session, &gateway).await?;
    let known = session.client.hotkey(&gateway, None).await?.is_some();
    let returned = returned(&prepaid, known);
    if returned == 0 && prepaid.amount > 0 {
        return Err(too_early(&prepaid));
    }
    let ends = returned == prepaid.amount;
    let quote = Quote::default()
        .leaves("returned", returned)
        .leaves("record_returned", if ends { prepaid.record_deposit } else { 0 })
        .leaves("held_then", prepaid.amount.saturating_sub(returned))
        .text("gateway", gateway);
    let done = format!("took {} LRL back from {gateway}", Amount(returned));
    let call = calls::prepaid::take_back(&gateway);
    session.run(Plan::new(call, done).quoting(quote)).await.map(drop)
}

/// What can be taken back now: all, where nobody knows the gateway any more.
fn returned(prepaid: &Prepaid<AccountId>, gateway_known: bool) -> Balance {
    if gateway_known {
        // What is out of the gateway's reach.
        prepaid.amount.saturating_sub(prepaid.drawable)
    } else {
        prepaid.amount
    }
}

/// Why nothing can be taken back yet.
fn too_early(prepaid: &Prepaid<AccountId>) -> anyhow::Error {
    match prepaid.free_at {
        Some(block) => failure::refused(
            "Prepaid.NoticeNotOver",
            format!(
                "{} LRL are free from block {block} on: take them back then",
                Amount(prepaid.announced)
            ),
        ),
        None => failure::refused(
            "Prepaid.NothingAnnounced",
            "nothing is announced to be taken back: `laurel prepaid withdraw` does that first",
        ),
    }
}

async fn show(args: ShowArgs, output: Output) -> Result<()> {
    let client = args.chain.connect().await?;
    let mut deposits = match (&args.whose.for_gateway, args.whose.address, &args.whose.wallet) {
        (Some(gateway), ..) => all_for(&client, &gateway.account()?).await?,
        (None, Some(payer), _) => client.prepaid_by(&payer, None).await?,
        (None, None, Some(wallet)) => {
            let payer = Wallet::open(wallet)?.coldkey_address()?.into();
            client.prepaid_by(&payer, None).await?
        }
        (None, None, None) => {
            return Err(failure::usage(
                "whose deposits? name --address, --wallet or --for-gateway",
            ));
        }
    };
    if let Some(gateway) = &args.gateway {
        let gateway = gateway.account()?;
        deposits.retain(|prepaid| prepaid.gateway == gateway);
    }
    output.show(
        || people(&deposits),
        || json!(deposits.iter().map(document).collect::<Vec<_>>()),
    );
    Ok(())
}

/// Every deposit for a gateway, at one block.
async fn all_for(client: &ChainClient, gateway: &AccountId) -> Result<Vec<Prepaid<AccountId>>> {
    let at = client.best_block().await?.hash;
    Ok(client.prepaid_for(gateway, at).await?)
}

fn people(deposits: &[Prepaid<AccountId>]) {
    let mut table = table([
        "gateway",
        "payer",
        "held LRL",
        "counts LRL",
        "announced LRL",
        "free at block",
    ]);
    for prepaid in deposits {
        table.add_row([
            prepaid.gateway.to_string(),
            prepaid.payer.to_string(),
            Amount(prepaid.amount).to_string(),
            Amount(prepaid.available).to_string(),
            Amount(prepaid.announced).to_string(),
            prepaid.free_at.map_or_else(|| "–".into(), |block| block.to_string()),
        ]);
    }
    say!("{table}");
    let sum = |of: fn(&Prepaid<AccountId>) -> Balance| deposits.iter().map(of).fold(0, Balance::saturating_add);
    say!(
        "{} LRL held for gateways, and {} LRL for the records",
        Amount(sum(|prepaid| prepaid.amount)),
        Amount(sum(|prepaid| prepaid.record_deposit))
    );
}

fn document(prepaid: &Prepaid<AccountId>) -> Value {
    json!({
        "gateway": prepaid.gateway,
        "payer": prepaid.payer,
        "amount": prepaid.amount.to_string(),
        "drawable": prepaid.drawable.to_string(),
        "available": prepaid.available.to_string(),
        "announced": prepaid.announced.to_string(),
        "free_at": prepaid.free_at,
        "record_deposit": prepaid.record_deposit.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepaid() -> Prepaid<AccountId> {
        Prepaid {
            gateway: AccountId([1; 32]),
            payer: AccountId([2; 32]),
            amount: 500,
            drawable: 500,
            available: 200,
            announced: 300,
            free_at: Some(77),
            record_deposit: 10,
        }
    }

    #[test]
    fn what_comes_back_is_what_the_gateway_cannot_draw() {
        let before = prepaid();
        assert_eq!(returned(&before, true), 0);
        let after = Prepaid {
            drawable: 200,
            ..prepaid()
        };
        assert_eq!(returned(&after, true), 300);
        assert_eq!(returned(&before, false), 500, "nobody is there to draw");
    }

    #[test]
    fn whoever_comes_too_early_is_told_when() {
        let error = too_early(&prepaid());
        let (json, code) = failure::describe(&error);
        assert_eq!(
            (json["error"]["name"].as_str(), code),
            (Some("Prepaid.NoticeNotOver"), 3)
        );
        assert!(json["error"]["message"].to_string().contains("block 77"), "{json}");
        let nothing = Prepaid {
            free_at: None,
            ..prepaid()
        };
        let (json, _) = failure::describe(&too_early(&nothing));
        assert_eq!(json["error"]["name"], "Prepaid.NothingAnnounced");
    }

    #[test]
    fn a_part_is_exact_all_or_nothing() {
        let part = |amount, all, cancel| PartArgs { amount, all, cancel }.of(500);
        assert_eq!(part(Some(Amount(7)), false, false), 7);
        assert_eq!(part(None, true, false), 500);
        assert_eq!(part(None, false, true), 0);
    }

    #[test]
    fn a_deposit_prints_as_it_is_documented() {
        assert_eq!(
            document(&prepaid()),
            json!({
                "gateway": prepaid().gateway,
                "payer": prepaid().payer,
                "amount": "500",
                "drawable": "500",
                "available": "200",
                "announced": "300",
                "free_at": 77,
                "record_deposit": "10",
            })
        );
    }
}
