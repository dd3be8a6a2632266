//! `laurel child`.
use super::{parse_take, percent, table, ChainArgs, Who};
use crate::{
    failure,
    output::Output,
    quote::Quote,
    transaction::{Plan, SendArgs},
};
use anyhow::Result;
use clap::{Args, Subcommand};
use laurel_chain::{calls, AccountId, Key};
use laurel_types::{NetUid, Proportion, Take, MAX_CHILDREN};
use serde_json::{json, Value};

#[derive(Subcommand, Debug)]
pub enum ChildCommand {
    /// Show to whom a hotkey lends its stake in a subnet, from whom it borrows, and what is proposed.
    Show(ShowArgs),
    /// Propose all children of the wallet's hotkey in a subnet; without one, take everything back.
    Set(SetArgs),
    /// Agree to be the child of a hotkey that proposed it.
    Accept(AcceptArgs),
    /// Cut the link between a parent and a child at once; either owner can.
    Revoke(RevokeArgs),
    /// Set what the hotkey's owner keeps of what its parents' stake earns through it.
    Take(TakeArgs),
}

#[derive(Args, Debug)]
pub struct ShowArgs {
    #[command(flatten)]
    chain: ChainArgs,
    /// The subnet.
    #[arg(long)]
    netuid: u16,
    /// The hotkey: an address, or FOLDER#NAME for a wallet's.
    #[arg(long)]
    hotkey: Who,
}

#[derive(Args, Debug)]
pub struct SetArgs {
    #[command(flatten)]
    send: SendArgs,
    /// The subnet.
    #[arg(long)]
    netuid: u16,
    /// Children as ADDRESS=PERCENT of the hotkey's own stake, like 5F…=12.5; together at most 100.
    #[arg(value_parser = parse_child)]
    children: Vec<(AccountId, Proportion)>,
}

#[derive(Args, Debug)]
pub struct AcceptArgs {
    #[command(flatten)]
    send: SendArgs,
    /// The subnet.
    #[arg(long)]
    netuid: u16,
    /// The hotkey that lends.
    #[arg(long)]
    parent: Who,
}

#[derive(Args, Debug)]
pub struct RevokeArgs {
    #[command(flatten)]
    send: SendArgs,
    /// The subnet.
    #[arg(long)]
    netuid: u16,
    /// The hotkey that lends.
    #[arg(long)]
    parent: Who,
    /// The hotkey that borrows.
    #[arg(long)]
    child: Who,
}

#[derive(Args, Debug)]
pub struct TakeArgs {
    #[command(flatten)]
    send: SendArgs,
    /// The subnet.
    #[arg(long)]
    netuid: u16,
    /// The new child take in percent, at most 18.
    #[arg(long, value_parser = parse_take)]
    take: Take,
}

/// Millionths of a percent in all of it.
const WHOLE: u128 = 100_000_000;

/// A percentage with at most six decimals, as parts of `u64::MAX`, rounded down.
fn parse_percent(text: &str) -> Result<Proportion, String> {
    let wrong = || format!("'{text}' is not a percentage above 0 and at most 100, like 12.5");
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = text
        .trim_end_matches('%')
        .split_once('.')
        .unwrap_or((text.trim_end_matches('%'), "0"));
    if !digits(whole) || !digits(fraction) || whole.len() > 3 || fraction.len() > 6 {
        return Err(wrong());
    }
    let parts: u128 = format!("{whole}{fraction:0<6}").parse().map_err(|_| wrong())?;
    if parts == 0 || parts > WHOLE {
        return Err(wrong());
    }
    // At most u64::MAX, since the parts are at most the whole.
    Ok(Proportion((parts * u128::from(u64::MAX) / WHOLE) as u64))
}

fn parse_child(text: &str) -> Result<(AccountId, Proportion), String> {
    let (account, percent) = text.split_once('=').ok_or("write ADDRESS=PERCENT, like 5F…=12.5")?;
    Ok((
        account.parse().map_err(|e: laurel_chain::NotAnAddress| e.to_string())?,
        parse_percent(percent)?,
    ))
}

/// A proportion in percent.
fn part(proportion: &Value) -> String {
    let parts: u64 = proportion
        .as_str()
        .and_then(|text| text.parse().ok())
        .unwrap_or_default();
    format!("{:.6} %", parts as f64 / u64::MAX as f64 * 100.0)
}

/// Runs one of them.
pub async fn run(command: ChildCommand, output: Output) -> Result<()> {
    match command {
        ChildCommand::Show(args) => show(args, output).await,
        ChildCommand::Set(args) => set(args, output).await,
        ChildCommand::Accept(args) => {
            let session = args.send.open(output).await?;
            let (hotkey, parent) = (session.hotkey(None)?, args.parent.account()?);
            let call = calls::children::accept_parent(&hotkey, NetUid(args.netuid), &parent);
            let done = format!("{hotkey} will be a child of {parent}");
            let plan = Plan::new(call, done).quoting(link(args.netuid, &parent, &hotkey));
            session.run(plan).await.map(drop)
        }
        ChildCommand::Revoke(args) => {
            let session = args.send.open(output).await?;
            let (parent, child) = (args.parent.account()?, args.child.account()?);
            let call = calls::children::revoke_link(NetUid(args.netuid), &parent, &child);
            let done = format!("{child} is no child of {parent} any more");
            let plan = Plan::new(call, done).quoting(link(args.netuid, &parent, &child));
            session.run(plan).await.map(drop)
        }
        ChildCommand::Take(args) => {
            let session = args.send.open(output).await?;
            let hotkey = session.hotkey(None)?;
            let call = calls::children::set_child_take(&hotkey, NetUid(args.netuid), args.take);
            let done = format!("the child take of {hotkey} is {}", percent(args.take));
            let quote = Quote::default()
                .text("netuid", args.netuid)
                .text("hotkey", hotkey)
                .text("take_then", percent(args.take));
            session.run(Plan::new(call, done).quoting(quote)).await.map(drop)
        }
    }
}

/// A link between two hotkeys in a subnet.
fn link(netuid: u16, parent: &AccountId, child: &AccountId) -> Quote {
    Quote::default()
        .text("netuid", netuid)
        .text("parent", parent)
        .text("child", child)
}

/// The children as the chain takes them, ascending by address.
fn ordered(mut children: Vec<(AccountId, Proportion)>) -> Result<Vec<(Proportion, AccountId)>> {
    if children.len() > MAX_CHILDREN as usize {
        return Err(failure::usage(format!("a hotkey has at most {MAX_CHILDREN} children")));
    }
    children.sort();
    if children.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        return Err(failure::usage("a child is named twice: name it once, with the sum"));
    }
    let total = children
        .iter()
        .try_fold(Proportion::ZERO, |sum, (_, proportion)| sum.checked_add(*proportion));
    if total.is_none() {
        return Err(failure::usage("the percentages sum to more than 100: lower them"));
    }
    Ok(children
        .into_iter()
        .map(|(child, proportion)| (proportion, child))
        .collect())
}

async fn set(args: SetArgs, output: Output) -> Result<()> {
    let children = ordered(args.children)?;
    let session = args.send.open(output).await?;
    let hotkey = session.hotkey(None)?;
    let settings = session.client.storage("Children", "Settings", &[], None).await?;
    let cooldown = settings.as_ref().and_then(|settings| settings["cooldown"].as_u64());
    let named = |(proportion, child): &(Proportion, AccountId)| {
        format!("{child}: {:.6} %", proportion.0 as f64 / u64::MAX as f64 * 100.0)
    };
    let named: Vec<String> = children.iter().map(named).collect();
    let mut quote = Quote::default()
        .text("netuid", args.netuid)
        .text("parent", hotkey)
        .text(
            "children",
            if named.is_empty() {
                "none".into()
            } else {
                named.join(", ")
            },
        );
    if let Some(blocks) = cooldown {
        quote = quote.text("waits_blocks", blocks);
    }
    let call = calls::children::set_children(&hotkey, NetUid(args.netuid), &children);
    let done = if children.is_empty() {
        format!("{hotkey} will take everything back in subnet {}", args.netuid)
    } else {
        format!(
            "proposed {} children of {hotkey} in subnet {}; those of other owners must accept",
            children.len(),
            args.netuid
        )
    };
    session.run(Plan::new(call, done).quoting(quote)).await.map(drop)
}

async fn show(args: ShowArgs, output: Output) -> Result<()> {
    let hotkey = args.hotkey.account()?;
    let client = args.chain.connect().await?;
    let at = Some(client.best_block().await?.hash);
    let keys = [Key::Number(args.netuid.into()), Key::Account(hotkey)];
    let kin = client.storage("Children", "Kin", &keys, at).await?;
    let pending = client.storage("Children", "Pending", &keys, at).await?;
    let list = |of: &Option<Value>, what: &str| -> Vec<Value> {
        let items = of.as_ref().and_then(|of| of[what].as_array());
        items.cloned().unwrap_or_default()
    };
    let (children, parents) = (list(&kin, "children"), list(&kin, "parents"));
    let proposed = list(&pending, "children");
    let people = || {
        let mut table = table(["role", "hotkey", "part"]);
        for child in &children {
            table.add_row([
                "child",
                child["child"].as_str().unwrap_or_default(),
                &part(&child["proportion"]),
            ]);
        }
        for parent in &parents {
            table.add_row([
                "parent",
                parent["parent"].as_str().unwrap_or_default(),
                &part(&parent["proportion"]),
            ]);
        }
        for child in &proposed {
            let accepted = if child["accepted"] == true {
                "accepted"
            } else {
                "proposed"
            };
            table.add_row([accepted, &format!("uid {}", child["uid"]), &part(&child["proportion"])]);
        }
        say!("{table}");
        if let Some(pending) = &pending {
            say!(
                "what is proposed is linked by the first epoch that ends at or after block {}",
                pending["due"]
            );
        }
    };
    let programs = || {
        json!({
            "hotkey": hotkey,
            "netuid": args.netuid,
            "children": children,
            "parents": parents.iter().map(|parent| json!({
                "parent": parent["parent"],
                "proportion": parent["proportion"],
            })).collect::<Vec<_>>(),
            "take": kin.as_ref().map(|kin| &kin["take"]["take"]),
            "pending": pending,
        })
    };
    output.show(people, programs);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_becomes_an_exact_part() {
        assert_eq!(parse_percent("100"), Ok(Proportion::ALL));
        assert_eq!(parse_percent("50%"), Ok(Proportion(u64::MAX / 2)));
        assert_eq!(parse_percent("12.5"), Ok(Proportion(u64::MAX / 8)));
        for wrong in ["0", "100.000001", "-1", "1.1234567", "", "x", "1000"] {
            assert!(parse_percent(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn children_are_few_different_and_get_no_more_than_everything() {
        let child = |byte: u8, percent: &str| (AccountId([byte; 32]), parse_percent(percent).unwrap());
        let two = ordered(vec![child(9, "50"), child(1, "50")]).unwrap();
        assert_eq!(two[0].1, AccountId([1; 32]));
        assert!(ordered(vec![child(1, "1"), child(1, "2")]).is_err());
        assert!(ordered(vec![child(1, "60"), child(2, "60")]).is_err());
        assert!(ordered((0..6).map(|byte| child(byte, "1")).collect()).is_err());
    }
}
