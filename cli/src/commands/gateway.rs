//! `laurel gateway`: keys of a gateway, for its operator and for the owners of coldkeys.
mod challenge;
mod site;

use super::table;
use crate::{failure, output::Output};
use anyhow::Result;
use challenge::by_owner;
use clap::{Args, Subcommand};
use laurel_chain::AccountId;
use laurel_daemon::wallet::PasswordArgs;
use laurel_types::Amount;
use laurel_validator::gateway::accounts::{
    is_name, Action, Clock, KeyId, KeyRecord, Limits, NewKey, Records, SystemClock,
};
use serde_json::{json, Value};
use site::Site;
use std::path::{Path, PathBuf};

#[derive(Subcommand, Debug)]
pub enum GatewayCommand {
    /// Make, list, limit and revoke API keys.
    Key(KeyArgs),
    /// Get an API key from a gateway, for the wallet's coldkey, which stakes on its hotkey or has a deposit for it.
    Login(LoginArgs),
    /// Show what an API key has used, what is left to it, and what limits it.
    Usage(UsageArgs),
    /// Show on which terms a gateway serves: its hotkey, prices, free quota and limits.
    Terms(TermsArgs),
}

#[derive(Args, Debug)]
pub struct KeyArgs {
    #[command(subcommand)]
    what: KeyCommand,
}

#[derive(Subcommand, Debug)]
enum KeyCommand {
    /// Make a key and show it, once.
    Create(CreateArgs),
    /// List keys, without the keys themselves.
    List(ListArgs),
    /// Make a key good for nothing.
    Revoke(RevokeArgs),
    /// Set what a key is kept to.
    Limit(LimitArgs),
}

/// As the operator of a gateway, or as the owner of a coldkey.
#[derive(Args, Debug)]
struct WhereArgs {
    /// As the operator: data folder of the validator whose gateway it is, which may be running.
    #[arg(long, value_name = "DIR", required_unless_present = "gateway")]
    data: Option<PathBuf>,
    #[command(flatten)]
    owner: OwnerArgs,
}

#[derive(Args, Debug)]
struct OwnerArgs {
    /// As an owner: address of the gateway, such as https://host.
    #[arg(long, value_name = "URL", conflicts_with = "data")]
    gateway: Option<String>,
    #[command(flatten)]
    signing: SigningArgs,
}

#[derive(Args, Debug)]
struct SigningArgs {
    /// Folder of the wallet whose coldkey signs.
    #[arg(long, value_name = "DIR", env = "LAUREL_WALLET")]
    wallet: Option<PathBuf>,
    #[command(flatten)]
    password: PasswordArgs,
    /// Sign only for the gateway of this hotkey.
    #[arg(long, value_name = "ADDRESS")]
    gateway_hotkey: Option<AccountId>,
    /// Sign without asking.
    #[arg(long, short)]
    yes: bool,
}

#[derive(Args, Debug)]
struct NewArgs {
    /// What to call it: letters, digits, '.', '-' and '_'.
    #[arg(long, default_value = "", value_parser = parse_name)]
    name: String,
    /// What to keep it to: NAME=NUMBER or NAME=none with commas between; names are requests_per_minute, tokens_per_minute, concurrency,
    /// monthly_tokens and monthly_budget, which is in LRL.
    #[arg(long, default_value = "")]
    limits: Limits,
}

#[derive(Args, Debug)]
struct CreateArgs {
    #[command(flatten)]
    at: WhereArgs,
    #[command(flatten)]
    new: NewArgs,
    /// As the operator: the coldkey that it belongs to, whose free quota and deposit pay; nobody pays for a key without one.
    #[arg(long, value_name = "ADDRESS", requires = "data")]
    coldkey: Option<AccountId>,
}

#[derive(Args, Debug)]
struct ListArgs {
    #[command(flatten)]
    at: WhereArgs,
}

#[derive(Args, Debug)]
struct RevokeArgs {
    /// Number of the key.
    id: u64,
    #[command(flatten)]
    at: WhereArgs,
}

#[derive(Args, Debug)]
struct LimitArgs {
    /// Number of the key.
    id: u64,
    /// The limits, as `--limits` of `create` takes them; those that are not named are as the gateway's flags say.
    #[arg(default_value = "")]
    limits: Limits,
    #[command(flatten)]
    at: WhereArgs,
}

#[derive(Args, Debug)]
pub struct LoginArgs {
    /// Address of the gateway, such as https://host.
    #[arg(long, value_name = "URL")]
    gateway: String,
    #[command(flatten)]
    signing: SigningArgs,
    #[command(flatten)]
    new: NewArgs,
}

#[derive(Args, Debug)]
pub struct UsageArgs {
    /// Address of the gateway.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8800")]
    gateway: String,
    /// File that holds the API key; without one it is in the environment as LAUREL_API_KEY.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct TermsArgs {
    /// Address of the gateway.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8800")]
    gateway: String,
}

fn parse_name(text: &str) -> Result<String, String> {
    match text.is_empty() || is_name(text) {
        true => Ok(text.into()),
        false => Err("use up to 64 letters, digits, '.', '-' and '_'".into()),
    }
}

/// Runs one of them.
pub async fn run(command: GatewayCommand, output: Output) -> Result<()> {
    match command {
        GatewayCommand::Key(args) => keys(args.what, output).await,
        GatewayCommand::Login(LoginArgs { gateway, signing, new }) => {
            let NewArgs { name, limits } = new;
            let answer = by_owner(&gateway, &signing, Action::Create { name, limits }).await?;
            output.show(|| created(&answer, Some(&gateway)), || answer.clone());
            Ok(())
        }
        GatewayCommand::Usage(args) => {
            let site = Site::new(&args.gateway)?;
            let usage = site.usage(&api_key(args.key_file.as_deref())?).await?;
            output.show(|| used(&usage), || usage.clone());
            Ok(())
        }
        GatewayCommand::Terms(args) => {
            let terms = Site::new(&args.gateway)?.terms().await?;
            output.show(|| on_terms(&terms), || terms.clone());
            Ok(())
        }
    }
}

/// Each verb, by the operator in the file or by an owner at the gateway; both answer alike.
async fn keys(command: KeyCommand, output: Output) -> Result<()> {
    match command {
        KeyCommand::Create(CreateArgs { at, new, coldkey }) => {
            let NewArgs { name, limits } = new;
            let answer = match &at.data {
                Some(data) => create(data, name, limits, coldkey)?,
                None => at.owner(Action::Create { name, limits }).await?,
            };
            output.show(|| created(&answer, at.owner.gateway.as_deref()), || answer.clone());
        }
        KeyCommand::List(ListArgs { at }) => {
            let answer = match &at.data {
                Some(data) => {
                    json!({ "keys": Records::of_operator(data)?.keys(None)?.iter().map(record).collect::<Vec<_>>() })
                }
                None => at.owner(Action::List).await?,
            };
            output.show(|| listed(&answer["keys"]), || answer.clone());
        }
        KeyCommand::Revoke(RevokeArgs { id, at }) => {
            let answer = match &at.data {
                Some(data) => change(data, KeyId(id), |records, id| {
                    records.revoke(id, SystemClock.now()).map(drop)
                })?,
                None => at.owner(Action::Revoke(KeyId(id))).await?,
            };
            output.show(|| say!("key {id} is revoked"), || answer.clone());
        }
        KeyCommand::Limit(LimitArgs { id, limits, at }) => {
            let answer = match &at.data {
                Some(data) => change(data, KeyId(id), |records, id| records.allow(id, &limits))?,
                None => at.owner(Action::Limit(KeyId(id), limits)).await?,
            };
            output.show(|| listed(&json!([answer["key"]])), || answer.clone());
        }
    }
    Ok(())
}

fn create(data: &Path, name: String, limits: Limits, coldkey: Option<AccountId>) -> Result<Value> {
    let new = NewKey {
        name,
        coldkey,
        allowed: limits,
        created: SystemClock.now(),
        ..NewKey::default()
    };
    let (secret, key) = Records::of_operator(data)?.create_key(&new)?;
    Ok(json!({ "secret": secret.expose(), "key": record(&key) }))
}

/// Changes a key that there is, and shows it.
fn change<E>(data: &Path, id: KeyId, act: impl FnOnce(&Records, KeyId) -> Result<(), E>) -> Result<Value>
where
    E: std::error::Error + Send + Sync + 'static,
{
    let records = Records::of_operator(data)?;
    let missing = || {
        failure::usage(format!(
            "this gateway has no key {id}: look with `laurel gateway key list`"
        ))
    };
    records.key(id)?.ok_or_else(missing)?;
    act(&records, id)?;
    Ok(json!({ "key": record(&records.key(id)?.ok_or_else(missing)?) }))
}

/// As the gateway shows it, but that defaults of its flags are not known here.
fn record(key: &KeyRecord) -> Value {
    key.json(&Limits::default())
}

impl WhereArgs {
    async fn owner(&self, action: Action) -> Result<Value> {
        let gateway = self.owner.gateway.as_deref();
        let gateway = gateway.ok_or_else(|| failure::usage("where? name --data, or --gateway and --wallet"))?;
        by_owner(gateway, &self.owner.signing, action).await
    }
}

/// The key, from a file or the environment: never from the command line, which others can read.
fn api_key(file: Option<&Path>) -> Result<String> {
    let text = match file {
        Some(file) => std::fs::read_to_string(file)
            .map_err(|error| failure::usage(format!("cannot read {}: {error}", file.display())))?,
        None => std::env::var("LAUREL_API_KEY")
            .map_err(|_| failure::usage("which key? name its file with --key-file, or set LAUREL_API_KEY"))?,
    };
    Ok(text.trim().to_owned())
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => "–".into(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// An amount of leaves in LRL.
fn lrl(value: &Value) -> String {
    let leaves = value.as_str().and_then(|digits| digits.parse().ok());
    leaves.map_or_else(|| "–".into(), |leaves| format!("{} LRL", Amount(leaves)))
}

fn limits(value: &Value) -> String {
    let Some(limits) = value.as_object() else {
        return "–".into();
    };
    let shown = limits.iter().map(|(name, limit)| match name.as_str() {
        "monthly_budget" => format!("{name}={}", lrl(limit)),
        _ => format!("{name}={limit}"),
    });
    shown.collect::<Vec<_>>().join("\n")
}

fn created(answer: &Value, gateway: Option<&str>) {
    say!("{}", text(&answer["secret"]));
    let base = gateway.map(|url| format!(" with base URL {}/v1", url.trim_end_matches('/')));
    eprintln!(
        "key {}: keep it now, it is not shown again; it is the API key of any client of the OpenAI API{}",
        answer["key"]["id"],
        base.unwrap_or_default()
    );
}

fn listed(keys: &Value) {
    let mut rows = table(["key", "begins", "name", "coldkey", "limits", ""]);
    for key in keys.as_array().into_iter().flatten() {
        let state = if key["revoked_ms"].is_null() { "" } else { "revoked" };
        rows.add_row([
            text(&key["id"]),
            text(&key["start"]),
            text(&key["name"]),
            text(&key["coldkey"]),
            limits(&key["limits"]),
            state.into(),
        ]);
    }
    say!("{rows}");
}

fn used(usage: &Value) {
    let mut rows = table(["", "requests", "tokens", "free", "paid", "spent"]);
    for period in ["today", "month"] {
        let of = &usage[period];
        rows.add_row([
            period.to_owned(),
            text(&of["requests"]),
            text(&of["tokens"]),
            text(&of["free_tokens"]),
            text(&of["paid_tokens"]),
            lrl(&of["spent"]),
        ]);
    }
    say!("{rows}");
    let account = &usage["account"];
    if !account.is_null() {
        let free = &account["free"];
        say!(
            "free tokens   {} now, {} a day",
            text(&free["left"]),
            text(&free["per_day"])
        );
        say!(
            "deposit       {}, of which {} can be spent",
            lrl(&account["deposit"]),
            lrl(&account["spendable"])
        );
        say!("owed          {}", lrl(&account["owed"]));
    }
    say!("limits        {}", limits(&usage["key"]["limits"]).replace('\n', ", "));
}

fn on_terms(terms: &Value) {
    say!("hotkey        {}", text(&terms["hotkey"]));
    say!("keys          {}", text(&terms["keys"]));
    say!(
        "free tokens   {} a day, shared by who stakes on the hotkey",
        text(&terms["free_tokens_per_day"])
    );
    match &terms["prices"] {
        Value::Null => say!("prices        none: nothing can be paid for"),
        prices => say!(
            "prices        {} for a million tokens read, {} written",
            lrl(&prices["input_per_million"]),
            lrl(&prices["output_per_million"])
        ),
    }
    say!("limits        {}", limits(&terms["limits"]).replace('\n', ", "));
}

#[cfg(test)]
mod tests {
    use super::*;
    use laurel_validator::gateway::accounts::UnixMs;

    #[test]
    fn an_operator_makes_lists_limits_and_revokes_keys_in_the_data_folder() {
        let folder = tempfile::tempdir().unwrap();
        let limits: Limits = "concurrency=2,monthly_tokens=none".parse().unwrap();
        let made = create(folder.path(), "ci".into(), limits, None).unwrap();
        let secret = made["secret"].as_str().unwrap();
        assert!(secret.starts_with("lrl_") && secret.starts_with(made["key"]["start"].as_str().unwrap()));
        let records = Records::of_operator(folder.path()).unwrap();
        let limited = change(folder.path(), KeyId(1), |records, id| {
            records.allow(id, &"concurrency=9".parse().unwrap())
        });
        assert_eq!(limited.unwrap()["key"]["limits"], json!({ "concurrency": 9 }));
        change(folder.path(), KeyId(1), |records, id| {
            records.revoke(id, UnixMs(7)).map(drop)
        })
        .unwrap();
        assert_eq!(record(&records.keys(None).unwrap()[0])["revoked_ms"], 7);
        let missing = change(folder.path(), KeyId(2), |records, id| records.allow(id, &limits)).unwrap_err();
        assert!(missing.to_string().contains("no key 2"), "{missing}");
        assert!(create(&folder.path().join("nowhere"), String::new(), limits, None).is_err());
    }
}
