//! `laurel proxy`.
use super::{table, ChainArgs, OwnerArgs, Who};
use crate::{
    failure,
    output::Output,
    quote::Quote,
    transaction::{bytes32, from_hex, hex, Plan, SendArgs, Session},
};
use anyhow::Result;
use clap::{
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
    Args, Subcommand,
};
use laurel_chain::{call_hash, calls, AccountId, Call, Key};
use laurel_types::Amount;
use laurel_types::ProxyType;
use serde_json::{json, Value};

#[derive(Subcommand, Debug)]
pub enum ProxyCommand {
    /// Let another account act for the wallet's coldkey, in what the type admits. It acts with --proxy-for.
    Add(ProxyArgs),
    /// Take that back.
    Remove(ProxyArgs),
    /// List who may act for an account, and what is announced.
    List(ListArgs),
    /// Announce a call, as a proxy with a delay must.
    Announce(AnnounceArgs),
    /// Take an announcement back.
    Withdraw(HashArgs),
    /// Strike what a proxy of the wallet's coldkey announced.
    Reject(RejectArgs),
    /// Make an announced call whose delay is over.
    Execute(ExecuteArgs),
}

/// The types of proxies by their names, as `small-transfer`.
fn proxy_types() -> impl TypedValueParser<Value = ProxyType> {
    let possible = |kind: &ProxyType| PossibleValue::new(kebab(*kind)).help(kind.admits());
    let parser = PossibleValuesParser::new(ProxyType::ALL.iter().map(possible));
    parser.try_map(|text| {
        let named = ProxyType::ALL.iter().copied().find(|kind| kebab(*kind) == text);
        named.ok_or("no such type of proxy")
    })
}

/// `SmallTransfer` as `small-transfer`.
fn kebab(kind: ProxyType) -> String {
    let mut text = String::new();
    for letter in kind.name().chars() {
        if letter.is_ascii_uppercase() && !text.is_empty() {
            text.push('-');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

#[derive(Args, Debug)]
pub struct ProxyArgs {
    #[command(flatten)]
    send: SendArgs,
    /// The account that acts: an address, or a wallet's folder.
    #[arg(long)]
    delegate: Who,
    /// What it may do.
    #[arg(long = "type", value_parser = proxy_types())]
    kind: ProxyType,
    /// Blocks between its announcement of a call and the call; 0: it need not announce.
    #[arg(long, default_value_t = 0)]
    delay: u32,
}

#[derive(Args, Debug)]
pub struct ListArgs {
    #[command(flatten)]
    chain: ChainArgs,
    #[command(flatten)]
    owner: OwnerArgs,
}

#[derive(Args, Debug)]
pub struct AnnounceArgs {
    #[command(flatten)]
    send: SendArgs,
    /// The account to act for: an address, or a wallet's folder.
    #[arg(long)]
    real: Who,
    /// The call, as `--print-call` of its command prints it.
    #[arg(long, value_name = "HEX")]
    call: String,
}

#[derive(Args, Debug)]
pub struct HashArgs {
    #[command(flatten)]
    send: SendArgs,
    /// The account that was to be acted for.
    #[arg(long)]
    real: Who,
    /// Hash of the call.
    #[arg(long, value_name = "HEX")]
    hash: String,
}

#[derive(Args, Debug)]
pub struct RejectArgs {
    #[command(flatten)]
    send: SendArgs,
    /// The proxy.
    #[arg(long)]
    delegate: Who,
    /// Hash of the call.
    #[arg(long, value_name = "HEX")]
    hash: String,
}

#[derive(Args, Debug)]
pub struct ExecuteArgs {
    #[command(flatten)]
    send: SendArgs,
    /// The account to act for.
    #[arg(long)]
    real: Who,
    /// The proxy that announced, where it is not the wallet's coldkey.
    #[arg(long)]
    delegate: Option<Who>,
    /// The call, as it was announced.
    #[arg(long, value_name = "HEX")]
    call: String,
}

/// Runs one of them.
pub async fn run(command: ProxyCommand, output: Output) -> Result<()> {
    match command {
        ProxyCommand::Add(args) => {
            let (delegate, kind) = (args.delegate.account()?, args.kind);
            let session = args.send.open(output).await?;
            let quote = Quote::default()
                .text("delegate", delegate)
                .text("type", kind)
                .text("delay_blocks", args.delay)
                .leaves("deposit", Deposit::proxies(&session).await?.of_one_more());
            let call = calls::proxies::add_proxy(&delegate, kind, args.delay);
            let done = format!("{delegate} may act for the account: {kind}");
            session.run(Plan::new(call, done).quoting(quote)).await.map(drop)
        }
        ProxyCommand::Remove(args) => {
            let (delegate, kind) = (args.delegate.account()?, args.kind);
            let session = args.send.open(output).await?;
            let quote = Quote::default()
                .text("delegate", delegate)
                .text("type", kind)
                .text("delay_blocks", args.delay)
                .leaves("deposit_returned", Deposit::proxies(&session).await?.of_the_last());
            let call = calls::proxies::remove_proxy(&delegate, kind, args.delay);
            let done = format!("{delegate} may not act for the account any more: {kind}");
            session.run(Plan::new(call, done).quoting(quote)).await.map(drop)
        }
        ProxyCommand::List(args) => list(args, output).await,
        ProxyCommand::Announce(args) => {
            let bytes = from_hex(&args.call)?;
            let hash = call_hash(&bytes);
            let real = args.real.account()?;
            let session = args.send.open(output).await?;
            let says = session.client.read_call(&bytes).await?;
            let quote = Quote::default()
                .text("says", says)
                .text("hash", hex(&hash))
                .text("for", real)
                .leaves("deposit", Deposit::announcements(&session).await?.of_one_more());
            let call = calls::proxies::announce(&real, hash);
            session
                .run(Plan::new(call, format!("announced {}", hex(&hash))).quoting(quote))
                .await
                .map(drop)
        }
        ProxyCommand::Withdraw(args) => {
            let (real, hash) = (args.real.account()?, bytes32(&args.hash)?);
            let session = args.send.open(output).await?;
            let quote = Quote::default().text("for", real).text("hash", hex(&hash));
            let call = calls::proxies::remove_announcement(&real, hash);
            let plan = Plan::new(call, "the announcement is withdrawn");
            session.run(plan.quoting(quote)).await.map(drop)
        }
        ProxyCommand::Reject(args) => {
            let (delegate, hash) = (args.delegate.account()?, bytes32(&args.hash)?);
            let session = args.send.open(output).await?;
            let quote = Quote::default().text("delegate", delegate).text("hash", hex(&hash));
            let call = calls::proxies::reject_announcement(&delegate, hash);
            let plan = Plan::new(call, "the announcement is struck");
            session.run(plan.quoting(quote)).await.map(drop)
        }
        ProxyCommand::Execute(args) => {
            let bytes = from_hex(&args.call)?;
            let real = args.real.account()?;
            if args.send.proxy_for.is_some() {
                return Err(failure::usage("name the account with --real, not --proxy-for"));
            }
            let session = args.send.open(output).await?;
            let delegate = match &args.delegate {
                Some(delegate) => delegate.account()?,
                None => session.account()?,
            };
            let quote = Quote::default()
                .text("says", session.client.read_call(&bytes).await?)
                .text("for", real);
            let call = calls::proxies::proxy_announced(&delegate, &real, Call::Encoded(bytes));
            session
                .run(Plan::new(call, format!("the call was made for {real}")).quoting(quote))
                .await
                .map(drop)
        }
    }
}

/// What is held from an account for a list: something for the list, and something for each entry.
struct Deposit {
    base: u64,
    each: u64,
    entries: u64,
    held: u64,
}

impl Deposit {
    /// For the proxies of the session's account.
    async fn proxies(session: &Session<'_>) -> Result<Self> {
        Self::read(session, "Proxies", session.account()?, "ProxyDeposit").await
    }

    /// For what the wallet's own coldkey announced.
    async fn announcements(session: &Session<'_>) -> Result<Self> {
        let proxy = session.wallet.coldkey_address()?.into();
        Self::read(session, "Announcements", proxy, "AnnouncementDeposit").await
    }

    async fn read(session: &Session<'_>, entry: &str, of: AccountId, constant: &str) -> Result<Self> {
        let stored = session
            .client
            .storage("Proxy", entry, &[Key::Account(of)], None)
            .await?;
        let base = session.client.constant("Proxy", &format!("{constant}Base")).await?;
        let each = session.client.constant("Proxy", &format!("{constant}Factor")).await?;
        let leaves = |value: &Value| {
            value
                .as_str()
                .and_then(|digits| digits.parse().ok())
                .unwrap_or_default()
        };
        let stored = stored.unwrap_or_default();
        Ok(Self {
            base: leaves(&base),
            each: leaves(&each),
            entries: stored[0].as_array().map_or(0, |list| list.len() as u64),
            held: leaves(&stored[1]),
        })
    }

    /// Leaves that a list of so many entries wants.
    fn of(&self, entries: u64) -> u64 {
        match entries {
            0 => 0,
            _ => self.base.saturating_add(self.each.saturating_mul(entries)),
        }
    }

    /// Leaves held beside what is held already, once there is one more entry.
    fn of_one_more(&self) -> u64 {
        self.of(self.entries.saturating_add(1)).saturating_sub(self.held)
    }

    /// Leaves that come back once there is one entry less.
    fn of_the_last(&self) -> u64 {
        self.held.saturating_sub(self.of(self.entries.saturating_sub(1)))
    }
}

async fn list(args: ListArgs, output: Output) -> Result<()> {
    let account = args.owner.account()?;
    let client = args.chain.connect().await?;
    let keys = [Key::Account(account)];
    // Both values are a list and the deposit held for it.
    let split = |value: Option<Value>| -> (Value, Value) {
        let value = value.unwrap_or_else(|| json!([[], "0"]));
        (value[0].clone(), value[1].clone())
    };
    let (proxies, deposit) = split(client.storage("Proxy", "Proxies", &keys, None).await?);
    let (announcements, _) = split(client.storage("Proxy", "Announcements", &keys, None).await?);
    let people = || {
        let mut table = table(["delegate", "type", "delay"]);
        for proxy in proxies.as_array().into_iter().flatten() {
            let text = |name: &str| proxy[name].as_str().unwrap_or_default().to_owned();
            table.add_row([text("delegate"), text("proxy_type"), proxy["delay"].to_string()]);
        }
        say!("{table}");
        let held = deposit
            .as_str()
            .and_then(|digits| digits.parse().ok())
            .unwrap_or_default();
        say!("{} LRL held for them", Amount(held));
        for announced in announcements.as_array().into_iter().flatten() {
            say!(
                "{account} announced {} for {} at block {}",
                announced["call_hash"].as_str().unwrap_or_default(),
                announced["real"].as_str().unwrap_or_default(),
                announced["height"]
            );
        }
    };
    let programs = || {
        json!({
            "account": account,
            "proxies": proxies,
            "deposit": deposit,
            "announcements": announcements,
        })
    };
    output.show(people, programs);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deposit_grows_and_shrinks_with_its_list() {
        let deposit = |entries, held| Deposit {
            base: 10,
            each: 3,
            entries,
            held,
        };
        assert_eq!((deposit(0, 0).of_one_more(), deposit(1, 13).of_one_more()), (13, 3));
        assert_eq!((deposit(1, 13).of_the_last(), deposit(2, 16).of_the_last()), (13, 3));
    }

    #[test]
    fn every_type_of_proxy_has_a_name_of_its_own_on_the_command_line() {
        let names: std::collections::BTreeSet<String> = ProxyType::ALL.iter().map(|kind| kebab(*kind)).collect();
        assert_eq!(names.len(), ProxyType::ALL.len());
        assert!(names.contains("small-transfer") && names.contains("any"));
    }
}
