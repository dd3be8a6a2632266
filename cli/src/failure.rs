//! What a failed command says, and the code with which it exits.
use laurel_chain::ChainError;
use laurel_daemon::{one_line, wallet::WalletError};
use laurel_models::ModelError;
use serde_json::{json, Value};
use std::fmt;

/// Exit code of a failure on this machine.
pub const LOCAL: u8 = 1;
/// Exit code of arguments that cannot be, as the parser's own.
pub const USAGE: u8 = 2;
/// Exit code of what the chain refused, or would refuse.
pub const REFUSED: u8 = 3;
/// Exit code where the chain gave no answer.
pub const UNREACHED: u8 = 4;
/// Exit code where something comes out otherwise than it is written.
pub const DIFFERS: u8 = 5;

/// What each exit code means.
#[cfg(test)]
pub const EXIT_CODES: [(u8, &str); 6] = [
    (0, "done; for a dry run: the chain would take it"),
    (LOCAL, "a failure on this machine: wallet, file, or the question was answered with no; `doctor`: something does not work"),
    (USAGE, "arguments that cannot be"),
    (REFUSED, "the chain refuses, or would refuse: nothing changed; a failure in a block costs its fee"),
    (UNREACHED, "the chain was not reached, or gave no answer in time; what was sent may still be included"),
    (DIFFERS, "`explain --bundle`, `model manifest --check`: something comes out otherwise than it is written"),
];

/// The names that this program gives itself, with their exit codes and what to do.
#[cfg(test)]
pub const NAMES: [(&str, u8, &str); 28] = [
    ("BatchIncomplete", REFUSED, "the transaction is in a block, but some of its items failed, which the message names with their reasons: mend those and send them again"),
    ("DashboardMissing", LOCAL, "the dashboard's files are not there: build them with scripts/build.sh, or name their folder with --files"),
    ("Deadline", UNREACHED, "the chain did not answer in time: try again, or check the node; what was sent may still be included"),
    ("Declined", LOCAL, "the question was answered with no: nothing was signed"),
    ("Disconnected", UNREACHED, "the connection broke during a request that cannot be repeated: try again"),
    ("Expired", REFUSED, "a signed transaction can no longer be included, and is in no block: export and sign it again"),
    ("ForeignChallenge", REFUSED, "the gateway asks to sign something else than what was asked of it, or is another than the named one: nothing was signed; check its address, and ask its operator"),
    ("Gateway", REFUSED, "the gateway refused: its message has the code, what is wrong and what to do, as below"),
    ("Incompatible", REFUSED, "the chain's runtime has another shape than this program knows: use the release that fits it"),
    ("InvalidUrl", USAGE, "the endpoint is no WebSocket URL: write ws://host:port or wss://host"),
    ("Local", LOCAL, "something on this machine: the message says what, and what to do; wallets and models have names of their own, below"),
    ("Lost", UNREACHED, "the transaction left the pool before a block took it: send it again"),
    ("MetadataUnchecked", LOCAL, "the chain does not check the metadata by which the call was read: compare its hash with one from a machine that you trust, and give it with --metadata-hash"),
    ("NoGateway", REFUSED, "what answers at the address is no gateway, or one of another release: correct --gateway"),
    ("NonceAhead", REFUSED, "an earlier transaction of the account is missing: submit that one first"),
    ("NonceUsed", REFUSED, "another transaction of the account used the nonce: export and sign it again"),
    ("Rpc", REFUSED, "the node refused a request; where it says by which name, that follows, as `Rpc.SubnetNotFound`: the message says what to do"),
    ("Undecided", UNREACHED, "it is not known yet what becomes of the transaction: `laurel submit` with the file that the message names goes on waiting for it, and never sends it twice"),
    ("Unkept", LOCAL, "what is sent is written down in the wallet before, and could not be: nothing was sent; make room on the disk, or give the wallet's folder to this user"),
    ("UnknownBlock", REFUSED, "the node does not have the block or its state any more: ask for a newer one, or an archive node"),
    ("Unreachable", UNREACHED, "no endpoint answers: start the node, or correct --chain; where the command is one of `laurel gateway`, the same of --gateway"),
    ("UpgradeRefused", REFUSED, "the transaction is in, but the runtime was refused: its spec_version must be above the chain's"),
    ("Usage", USAGE, "the arguments cannot be: the message says which; `--help` behind a verb lists them"),
    ("WrongChain", UNREACHED, "the endpoint serves a chain with another genesis: correct --chain"),
    ("WrongFile", LOCAL, "the file is not what this command takes: `--export` writes what `laurel sign` takes, which writes what `laurel submit` takes"),
    ("WrongMetadata", LOCAL, "the metadata in the file is not the one that you know, so that the call may be another than is shown: do not sign it"),
    ("WrongSignature", LOCAL, "the address did not sign this message: compare message, signature and address with what its signer sent"),
    ("WrongWallet", LOCAL, "no key of the wallet has the address that is to sign: name the wallet that has"),
];

/// Everything is said: only the exit code is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said(pub u8);

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit code {}", self.0)
    }
}

impl std::error::Error for Said {}

/// Something that this program finds out before the chain does, with a name and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The name, for programs.
    pub name: &'static str,
    /// What is wrong and what to do.
    pub remedy: String,
    /// The exit code.
    pub code: u8,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.remedy)
    }
}

impl std::error::Error for Refusal {}

/// The arguments do not go together.
pub fn usage(remedy: impl Into<String>) -> anyhow::Error {
    Refusal {
        name: "Usage",
        remedy: remedy.into(),
        code: USAGE,
    }
    .into()
}

/// Something on this machine is not as it should be.
pub fn local(name: &'static str, remedy: impl Into<String>) -> anyhow::Error {
    Refusal {
        name,
        remedy: remedy.into(),
        code: LOCAL,
    }
    .into()
}

/// The chain would refuse it.
pub fn refused(name: &'static str, remedy: impl Into<String>) -> anyhow::Error {
    Refusal {
        name,
        remedy: remedy.into(),
        code: REFUSED,
    }
    .into()
}

/// The name of an error, and the exit code.
fn classify(error: &anyhow::Error) -> (String, u8) {
    if let Some(refusal) = error.downcast_ref::<Refusal>() {
        return (refusal.name.into(), refusal.code);
    }
    if let Some(error) = error.downcast_ref::<WalletError>() {
        return (format!("Wallet.{}", variant(error)), LOCAL);
    }
    if let Some(error) = error.downcast_ref::<ModelError>() {
        return (format!("Model.{}", variant(error)), LOCAL);
    }
    match error.downcast_ref::<ChainError>() {
        None => ("Local".into(), LOCAL),
        Some(ChainError::Dispatch(failure)) => (format!("{}.{}", failure.pallet, failure.name), REFUSED),
        Some(ChainError::Refused(refusal)) => match &refusal.pallet {
            Some(pallet) => (format!("{pallet}.{}", refusal.name), REFUSED),
            None => (format!("Pool.{}", refusal.name), REFUSED),
        },
        Some(ChainError::InvalidUrl(_)) => ("InvalidUrl".into(), USAGE),
        Some(ChainError::Unreachable { .. }) => ("Unreachable".into(), UNREACHED),
        Some(ChainError::WrongChain { .. }) => ("WrongChain".into(), UNREACHED),
        Some(ChainError::Disconnected { .. }) => ("Disconnected".into(), UNREACHED),
        Some(ChainError::Deadline { .. }) => ("Deadline".into(), UNREACHED),
        Some(ChainError::Undecided { .. }) => ("Undecided".into(), UNREACHED),
        Some(ChainError::Expired { .. }) => ("Expired".into(), REFUSED),
        Some(ChainError::NonceUsed { .. }) => ("NonceUsed".into(), REFUSED),
        Some(ChainError::NonceAhead { .. }) => ("NonceAhead".into(), REFUSED),
        Some(ChainError::Unkept(_)) => ("Unkept".into(), LOCAL),
        Some(ChainError::Lost(_)) => ("Lost".into(), UNREACHED),
        Some(ChainError::Rpc { message, .. }) => (rpc_name(message), REFUSED),
        Some(ChainError::Incompatible { .. }) => ("Incompatible".into(), REFUSED),
        Some(ChainError::UnknownBlock(_)) => ("UnknownBlock".into(), REFUSED),
        Some(_) => ("Chain".into(), REFUSED),
    }
}

/// The name of an error's variant.
fn variant(error: &impl fmt::Debug) -> String {
    let text = format!("{error:?}");
    text.chars().take_while(char::is_ascii_alphanumeric).collect()
}

/// `Rpc`, and behind it the name by which the node refuses where it has one, as `SubnetNotFound: there is no …`.
fn rpc_name(message: &str) -> String {
    let is_name = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_uppercase()) && text.bytes().all(|b| b.is_ascii_alphabetic())
    };
    match message.split_once(": ") {
        Some((name, _)) if is_name(name) => format!("Rpc.{name}"),
        _ => "Rpc".into(),
    }
}

/// The failure as `--json` prints it, and the exit code.
pub fn describe(error: &anyhow::Error) -> (Value, u8) {
    let (name, code) = classify(error);
    let message = one_line(error);
    (
        json!({ "error": { "name": name, "message": message, "code": code } }),
        code,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;
    use laurel_chain::{DispatchFailure, PoolRefusal};
    use laurel_types::Refusal;
    use std::{fs, path::Path};

    fn described(error: anyhow::Error) -> (String, String, u8) {
        let (json, code) = describe(&error);
        let text = |key: &str| json["error"][key].as_str().unwrap().to_owned();
        (text("name"), text("message"), code)
    }

    #[test]
    fn what_the_pool_foresees_and_what_fails_in_a_block_have_one_name() {
        let (name, remedy) = ("NotEnoughStake".to_owned(), "ask for less".to_owned());
        let pool = ChainError::Refused(PoolRefusal {
            pallet: Some("Staking".into()),
            name: name.clone(),
            remedy: remedy.clone(),
            transient: false,
        });
        let block = ChainError::Dispatch(DispatchFailure {
            pallet: "Staking".into(),
            name,
            remedy,
        });
        for error in [pool, block] {
            let (name, message, code) = described(Err::<(), _>(error).context("Staking.remove_stake").unwrap_err());
            assert_eq!((name.as_str(), code), ("Staking.NotEnoughStake", REFUSED));
            assert!(message.contains("ask for less"), "{message}");
        }
    }

    /// The names of what this program refuses itself, in its source.
    fn names_in(folder: &Path, names: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                names_in(&path, names);
                continue;
            }
            let source = fs::read_to_string(&path).unwrap();
            for sign in ["refused(", "local(", "name:"] {
                let calls = source.split(sign).skip(1);
                let named = calls.filter_map(|call| call.trim_start().strip_prefix('"')?.split('"').next());
                names.extend(
                    named
                        .filter(|name| rpc_name(&format!("{}: ", name.replace('.', ""))) != "Rpc")
                        .map(str::to_owned),
                );
            }
        }
    }

    #[test]
    fn what_is_foreseen_here_has_the_name_that_the_chain_would_give_it() {
        let mut names = Vec::new();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        names_in(&source.join("commands"), &mut names);
        names.push("Declined".into());
        let of_pallets: Vec<_> = names.iter().filter_map(|name| name.split_once('.')).collect();
        assert!(of_pallets.len() > 10, "{names:?}");
        for (pallet, name) in of_pallets {
            assert!(Refusal::named(pallet, name).is_some(), "no pallet has {pallet}.{name}");
        }
        for name in names.iter().filter(|name| !name.contains('.')) {
            assert!(
                NAMES.iter().any(|(known, ..)| known == name),
                "say in NAMES what {name} means"
            );
        }
    }

    #[test]
    fn a_refusal_of_the_node_keeps_its_name() {
        assert_eq!(rpc_name("SubnetNotFound: there is no subnet 9"), "Rpc.SubnetNotFound");
        for other in ["Method not found", "cannot: do that", "Internal error: broken"] {
            assert_eq!(rpc_name(other), "Rpc", "{other}");
        }
    }

    #[test]
    fn each_kind_of_failure_has_its_exit_code() {
        let gone = ChainError::Unreachable {
            urls: "ws://nowhere".into(),
            reason: "refused".into(),
        };
        assert_eq!(described(gone.into()).2, UNREACHED);
        assert_eq!(described(usage("name one")).2, USAGE);
        assert_eq!(described(refused("PriceAboveMaximum", "raise it")).2, REFUSED);
        assert_eq!(described(anyhow::anyhow!("no such file")).2, LOCAL);
        let wallet = WalletError::NoWallet { path: "w".into() };
        let (name, message, code) = described(anyhow::Error::new(wallet).context("signing"));
        assert_eq!((name.as_str(), code), ("Wallet.NoWallet", LOCAL), "{message}");
    }
}
