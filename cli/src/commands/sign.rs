//! `laurel sign`: signs what was exported elsewhere; needs no network and believes nothing that the file says of itself.
use crate::{
    carried, failure,
    output::Output,
    password,
    transaction::{bytes32, confirm, hex},
};
use anyhow::Result;
use clap::Args;
use laurel_chain::{AccountId, Described, OpenTransaction, UnsignedTransaction};
use laurel_daemon::wallet::{Key, PasswordArgs, Wallet};
use laurel_types::Amount;
use serde_json::{json, Value};
use std::path::PathBuf;

#[derive(Args, Debug)]
pub struct SignArgs {
    /// The file that a command wrote with --export.
    #[arg(long, value_name = "FILE")]
    transaction: PathBuf,
    /// Folder of the wallet with the key.
    #[arg(long, value_name = "DIR", env = "LAUREL_WALLET")]
    wallet: PathBuf,
    #[command(flatten)]
    password: PasswordArgs,
    /// The signed transaction, for `laurel submit`; the file must not be there yet.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The hash of the chain's metadata as you know it from elsewhere: needed where the chain does not check it.
    #[arg(long, value_name = "0xHASH")]
    metadata_hash: Option<String>,
    /// Sign without asking.
    #[arg(long, short)]
    yes: bool,
}

/// Shows what is signed, asks, signs.
pub fn run(args: &SignArgs, output: Output) -> Result<()> {
    let (unsigned, description) = carried::read_unsigned(&args.transaction)?;
    let opened = unsigned.open()?;
    let wallet = Wallet::open(&args.wallet)?;
    let names = wallet.hotkeys()?;
    let key = key_of(&wallet, &names, unsigned.account)?;
    if !output.json {
        show(&unsigned, &opened, key, &description);
    }
    check_metadata(args.metadata_hash.as_deref(), &unsigned, &opened)?;
    confirm(args.yes, "sign it?")?;
    let pair = password::unlock(&wallet.file(key)?, &args.password)?;
    let signed = opened.sign(&pair)?;
    let call = name_of(&opened);
    carried::write_signed(&args.out, unsigned.genesis, &call, &signed)?;
    let people = || {
        say!(
            "signed: `laurel submit --transaction {}` sends it, up to block {}",
            args.out.display(),
            signed.last_block
        )
    };
    let programs = || {
        json!({
            "call": call,
            "call_decoded": opened.call,
            "account": unsigned.account,
            "nonce": unsigned.nonce,
            "last_block": signed.last_block,
            "metadata_hash": hex(&opened.metadata_hash),
            "hash": signed.hash(),
            "file": args.out,
        })
    };
    output.show(people, programs);
    Ok(())
}

/// The key of the wallet that is to sign.
fn key_of<'a>(wallet: &Wallet, hotkeys: &'a [String], account: AccountId) -> Result<Key<'a>> {
    let keys = hotkeys.iter().map(|name| Key::Hotkey(name));
    for key in std::iter::once(Key::Coldkey).chain(keys) {
        if wallet
            .file(key)
            .is_ok_and(|file| AccountId::from(file.public_key()) == account)
        {
            return Ok(key);
        }
    }
    Err(failure::local(
        "WrongWallet",
        format!(
            "no key in {} has the address {account}, which is to sign: name the wallet that has",
            wallet.path().display()
        ),
    ))
}

/// That the metadata by which the call was read is the chain's: either the chain checks it, or whoever signs did.
fn check_metadata(given: Option<&str>, unsigned: &UnsignedTransaction, opened: &OpenTransaction<'_>) -> Result<()> {
    match given {
        Some(given) if bytes32(given)? != opened.metadata_hash => Err(failure::local(
            "WrongMetadata",
            format!(
                "the metadata in the file has the hash {}: it is not the one that you know, so that the call may be another than is shown; do not sign it",
                hex(&opened.metadata_hash)
            ),
        )),
        None if !unsigned.checks_metadata => Err(failure::local(
            "MetadataUnchecked",
            format!(
                "this chain does not check its metadata, by which the call was read: export something on a machine that you trust, compare the hash that it shows with {}, and repeat with --metadata-hash and that hash",
                hex(&opened.metadata_hash)
            ),
        )),
        _ => Ok(()),
    }
}

/// Everything that the signature binds to, and apart from it what the file says.
fn show(unsigned: &UnsignedTransaction, opened: &OpenTransaction<'_>, key: Key<'_>, description: &Value) {
    for line in opened.describe() {
        match line {
            Described::Call(depth, name) => say!("{:1$}{name}", "", 2 * depth),
            Described::Amount(depth, name, leaves) => {
                let amount = u64::try_from(leaves).map(|leaves| Amount(leaves).to_string());
                let amount = amount.map_or_else(|_| format!("{leaves} leaves"), |amount| format!("{amount} LRL"));
                say!("{:1$}{name:<12} {amount}", "", 2 * depth + 2);
            }
            Described::Text(depth, name, text) => say!("{:1$}{name:<12} {text}", "", 2 * depth + 2),
        }
    }
    let (birth, last) = (unsigned.birth.number, unsigned.last_block());
    say!("signed by      {} ({key})", unsigned.account);
    say!("nonce          {}", unsigned.nonce);
    say!("tip            {} LRL", Amount(unsigned.tip));
    say!("blocks         {birth} to {last}");
    say!("chain          {}", unsigned.genesis);
    let checked = if unsigned.checks_metadata {
        "the chain refuses the signature if this is not its own"
    } else {
        "the chain does not check it"
    };
    say!("metadata       {}: {checked}", hex(&opened.metadata_hash));
    say!("not checked, the file says of itself: {description}");
}

fn name_of(opened: &OpenTransaction<'_>) -> String {
    match opened.describe().into_iter().next() {
        Some(Described::Call(_, name)) => name,
        _ => "a call".into(),
    }
}
