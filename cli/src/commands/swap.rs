//! `laurel swap`.
use super::{subnet::deposit_back, ChainArgs, OwnerArgs, Who};
use crate::{
    failure,
    output::Output,
    quote::Quote,
    saved,
    transaction::{Plan, SendArgs},
};
use anyhow::Result;
use blake2::{digest::consts::U32, Blake2b, Digest};
use clap::{Args, Subcommand};
use laurel_chain::{calls, AccountId, Key};
use laurel_types::coldkey_swap_preimage;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};
use std::path::PathBuf;

#[derive(Subcommand, Debug)]
pub enum SwapCommand {
    /// Replace the wallet's hotkey by another one of the same wallet; everything kept under it moves.
    Hotkey(HotkeyArgs),
    /// Pass everything of the wallet's coldkey to another one: announced, delayed, cancellable.
    #[command(subcommand)]
    Coldkey(ColdkeyCommand),
}

#[derive(Subcommand, Debug)]
pub enum ColdkeyCommand {
    /// Announce it. The new coldkey stays secret until then; what is needed to execute the swap is written to a file.
    Announce(AnnounceArgs),
    /// Call it off.
    Cancel(CancelArgs),
    /// Execute it, once the delay is over; by any wallet, which pays the fee.
    Execute(ExecuteArgs),
    /// Show what is announced.
    Status(StatusArgs),
}

#[derive(Args, Debug)]
pub struct HotkeyArgs {
    #[command(flatten)]
    send: SendArgs,
    /// Name of the new hotkey in the wallet; `laurel wallet add-hotkey` makes one.
    #[arg(long)]
    new_hotkey: String,
    /// The old hotkey's address, where its key is not in the wallet any more.
    #[arg(long)]
    hotkey_address: Option<AccountId>,
}

#[derive(Args, Debug)]
pub struct AnnounceArgs {
    #[command(flatten)]
    send: SendArgs,
    /// The new coldkey, which nobody has used on the chain: an address, or a wallet's folder.
    #[arg(long)]
    to: Who,
    /// Where to write what executing needs; it must not exist.
    #[arg(long, value_name = "FILE")]
    save: PathBuf,
}

#[derive(Args, Debug)]
pub struct CancelArgs {
    #[command(flatten)]
    send: SendArgs,
}

#[derive(Args, Debug)]
pub struct ExecuteArgs {
    #[command(flatten)]
    send: SendArgs,
    /// What announcing wrote.
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
}

#[derive(Args, Debug)]
pub struct StatusArgs {
    #[command(flatten)]
    chain: ChainArgs,
    #[command(flatten)]
    owner: OwnerArgs,
}

/// What executing a swap needs, as it is saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedSwap {
    coldkey: AccountId,
    new_coldkey: AccountId,
    #[serde(with = "saved::hex32")]
    salt: [u8; 32],
}

impl SavedSwap {
    fn digest(&self) -> [u8; 32] {
        Blake2b::<U32>::digest(coldkey_swap_preimage(&self.coldkey, &self.new_coldkey, &self.salt)).into()
    }
}

/// Runs one of them.
pub async fn run(command: SwapCommand, output: Output) -> Result<()> {
    match command {
        SwapCommand::Hotkey(args) => hotkey(args, output).await,
        SwapCommand::Coldkey(ColdkeyCommand::Announce(args)) => announce(args, output).await,
        SwapCommand::Coldkey(ColdkeyCommand::Cancel(args)) => {
            let session = args.send.open(output).await?;
            let keys = [Key::Account(session.account()?)];
            let announced = session.client.storage("Keys", "ColdkeySwaps", &keys, None).await?;
            let quote = deposit_back(Quote::default(), announced);
            let plan = Plan::new(calls::keys::cancel_coldkey_swap(), "the swap is called off");
            session.run(plan.quoting(quote)).await.map(drop)
        }
        SwapCommand::Coldkey(ColdkeyCommand::Execute(args)) => {
            let swap: SavedSwap = saved::read(&args.from)?;
            let session = args.send.open(output).await?;
            let call = calls::keys::swap_coldkey(&swap.coldkey, &swap.new_coldkey, swap.salt);
            let quote = Quote::default().text("from", swap.coldkey).text("to", swap.new_coldkey);
            let done = format!("{} has everything that {} had", swap.new_coldkey, swap.coldkey);
            session.run(Plan::new(call, done).quoting(quote)).await.map(drop)
        }
        SwapCommand::Coldkey(ColdkeyCommand::Status(args)) => status(args, output).await,
    }
}

/// An amount in the settings of the pallet.
fn leaves(settings: &Option<Value>, name: &str) -> u64 {
    let digits = settings.as_ref().and_then(|all| all[name].as_str());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or_default()
}

async fn hotkey(args: HotkeyArgs, output: Output) -> Result<()> {
    let session = args.send.open(output).await?;
    let old = session.hotkey(args.hotkey_address)?;
    let new: AccountId = session.wallet.hotkey_address(&args.new_hotkey)?.into();
    let settings = session.client.storage("Keys", "Settings", &[], None).await?;
    let quote = Quote::default()
        .leaves("burned", leaves(&settings, "hotkey_swap_cost"))
        .text("from", old)
        .text("to", new);
    let consent = session.consent_of(&args.new_hotkey).await?;
    let call = calls::keys::swap_hotkey(&old, &new, consent);
    let done = format!("{new} has taken the place of {old}");
    session.run(Plan::new(call, done).quoting(quote)).await.map(drop)
}

async fn announce(args: AnnounceArgs, output: Output) -> Result<()> {
    let session = args.send.open(output).await?;
    let swap = SavedSwap {
        coldkey: session.account()?,
        new_coldkey: args.to.account()?,
        salt: rand::random(),
    };
    if swap.coldkey == swap.new_coldkey {
        return Err(failure::usage("the new coldkey is the old one: name another one"));
    }
    let settings = session.client.storage("Keys", "Settings", &[], None).await?;
    let blocks = |name: &str| settings.as_ref().and_then(|all| all[name].as_u64()).unwrap_or_default();
    let quote = Quote::default()
        .leaves("held", leaves(&settings, "coldkey_swap_cost"))
        .text("delay_blocks", blocks("coldkey_swap_delay"))
        .text("window_blocks", blocks("coldkey_swap_window"))
        .text("to", swap.new_coldkey);
    let call = calls::keys::announce_coldkey_swap(swap.digest());
    let done = format!(
        "announced; execute it with `laurel swap coldkey execute --from {}`",
        args.save.display()
    );
    // Before the announcement: without the salt nobody could execute it.
    let plan = Plan::new(call, done).quoting(quote).saving(args.save, &swap)?;
    session.run(plan).await.map(drop)
}

async fn status(args: StatusArgs, output: Output) -> Result<()> {
    let coldkey = args.owner.account()?;
    let client = args.chain.connect().await?;
    let now = client.best_block().await?;
    let keys = [Key::Account(coldkey)];
    let announced = client.storage("Keys", "ColdkeySwaps", &keys, Some(now.hash)).await?;
    output.show(
        || match &announced {
            None => say!("{coldkey} has announced no swap"),
            Some(swap) => say!(
                "announced; executable from block {} until before block {}, now {}; digest {}",
                swap["executable_at"],
                swap["expires_at"],
                now.number,
                swap["digest"].as_str().unwrap_or_default()
            ),
        },
        || json!({ "coldkey": coldkey, "block": now.number, "announced": announced }),
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_saved_executes_what_was_announced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("swap.json");
        let swap = SavedSwap {
            coldkey: AccountId([1; 32]),
            new_coldkey: AccountId([2; 32]),
            salt: [3; 32],
        };
        saved::write(&path, &swap).unwrap();
        let read: SavedSwap = saved::read(&path).unwrap();
        assert_eq!(read.digest(), swap.digest());
        let other = SavedSwap { salt: [4; 32], ..swap };
        assert_ne!(other.digest(), read.digest());
        assert!(saved::write(&path, &other).is_err(), "a saved swap is never replaced");
    }
}
