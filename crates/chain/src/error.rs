//! What can go wrong between a client and the chain, each in one line with a remedy.
use crate::{AccountId, SignedTransaction};
use laurel_types::{BlockNumber, Refusal};
use std::time::Duration;
use subxt::{ext::jsonrpsee::core::client::Error as WsError, rpcs::Error as RpcError};

/// Why a read or a transaction did not succeed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// The endpoint is not a WebSocket URL.
    #[error("'{0}' is not a WebSocket URL: write ws://host:port or wss://host")]
    InvalidUrl(String),
    /// No endpoint answered in time.
    #[error("no chain answers at {urls} ({reason}): start the node or correct --chain")]
    Unreachable {
        /// What was tried.
        urls: String,
        /// Why the last attempt failed.
        reason: String,
    },
    /// The endpoint serves a chain with another genesis.
    #[error("{url} is another chain: genesis {found}, expected {expected}: correct --chain, or start afresh")]
    WrongChain {
        /// The endpoint.
        url: String,
        /// Genesis of the chain there.
        found: crate::BlockHash,
        /// Genesis wanted.
        expected: crate::BlockHash,
    },
    /// The connection broke during the request.
    #[error("the connection to the chain broke during {what} ({reason}): try again")]
    Disconnected {
        /// The request.
        what: String,
        /// As the transport says it.
        reason: String,
    },
    /// No answer in time.
    #[error("the chain did not answer {what} within {} s: try again, or check the node", after.as_secs())]
    Deadline {
        /// The request.
        what: String,
        /// How long it was waited for.
        after: Duration,
    },
    /// A transaction was handed over and is in no block yet. It may still be included.
    #[error(
        "no block held the transaction {what} ({}) within {} s, but up to block {} one still can: do not send the like of it before you know",
        .transaction.hash(), after.as_secs(), .transaction.last_block
    )]
    Undecided {
        /// The call.
        what: String,
        /// How long it was waited for.
        after: Duration,
        /// What was handed over last; offering the same again is safe.
        transaction: SignedTransaction,
    },
    /// A signed transaction can no longer be included, and is in no block.
    #[error("the transaction could be included up to block {last_block}, and the chain is at block {head}: export and sign it again")]
    Expired {
        /// The last block that could hold it.
        last_block: BlockNumber,
        /// The chain's.
        head: BlockNumber,
    },
    /// Another transaction has the nonce of a signed one, which is in no block.
    #[error("the account {account} has used nonce {nonce} for another transaction: export and sign this one again")]
    NonceUsed {
        /// Who signed.
        account: AccountId,
        /// With which nonce.
        nonce: u64,
    },
    /// Transactions that come before a signed one are missing.
    #[error("the transaction has nonce {nonce}, but the next of the account {account} is {next}: send those before it first, or export and sign it again")]
    NonceAhead {
        /// Who signed.
        account: AccountId,
        /// With which nonce.
        nonce: u64,
        /// The one that the chain would take.
        next: u64,
    },
    /// The node answered with an error.
    #[error("the node refused {what}: {message}")]
    Rpc {
        /// The request.
        what: String,
        /// As the node says it.
        message: String,
    },
    /// The answer or the metadata has not the expected shape.
    #[error(
        "{what} of this chain does not fit this program ({reason}): use the release that fits the chain's runtime"
    )]
    Incompatible {
        /// The read, call or record.
        what: String,
        /// What does not fit.
        reason: String,
    },
    /// The block is not known to the node.
    #[error("the node does not know block {0}: it may be pruned or not yet imported")]
    UnknownBlock(String),
    /// The pool did not take the transaction: nothing was changed or paid.
    #[error("transaction refused: {0}")]
    Refused(PoolRefusal),
    /// The transaction had to be written down before it was sent, and could not be.
    #[error(
        "the transaction could not be written down ({0}), so it was not sent: make room, or let this user write there"
    )]
    Unkept(String),
    /// No block can hold the transaction any more.
    #[error("the transaction was {0} before a block took it: send it again")]
    Lost(&'static str),
    /// The transaction is in a block and failed there: the fee was paid, nothing else changed.
    #[error("{0}")]
    Dispatch(DispatchFailure),
}

/// A named refusal of the transaction pool.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{name}: {remedy}", pallet.as_ref().map(|pallet| format!("{pallet}.")).unwrap_or_default())]
pub struct PoolRefusal {
    /// The pallet whose error the call would meet in a block; none where the transaction itself is at fault.
    pub pallet: Option<String>,
    /// The name, as `Payment` or `Stale`, or that of the pallet's error.
    pub name: String,
    /// What to do about it.
    pub remedy: String,
    /// Whether sending again can succeed without any other change.
    pub transient: bool,
}

/// A named failure of a dispatched call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{pallet}.{name}: {remedy}")]
pub struct DispatchFailure {
    /// The pallet that refused, or `Runtime` for the runtime itself.
    pub pallet: String,
    /// The error's name.
    pub name: String,
    /// What is wrong and what to do.
    pub remedy: String,
}

/// JSON-RPC's code for a method that the server does not have.
const NO_SUCH_METHOD: i32 = -32_601;

impl ChainError {
    /// Whether the same request can succeed later without any other change.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Deadline { .. } | Self::Undecided { .. } | Self::Lost(_) => true,
            Self::Refused(refusal) => refusal.transient,
            _ => self.is_connection(),
        }
    }

    /// Whether the chain could not be reached, as opposed to having answered.
    pub fn is_connection(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Disconnected { .. })
    }

    /// The name of the pallet error behind a failed call, whether it failed in a block or the pool foresaw it.
    pub fn dispatch_name(&self) -> Option<&str> {
        match self {
            Self::Dispatch(failure) => Some(&failure.name),
            Self::Refused(refusal) => refusal.pallet.as_ref().map(|_| refusal.name.as_str()),
            _ => None,
        }
    }

    pub(crate) fn incompatible(what: impl Into<String>, reason: impl ToString) -> Self {
        Self::Incompatible {
            what: what.into(),
            reason: reason.to_string(),
        }
    }

    pub(crate) fn from_rpc(what: &str, error: RpcError, deadline: Duration) -> Self {
        match error {
            RpcError::User(e) => {
                let data = e.data.map(|d| unquote(d.get())).unwrap_or_default();
                let message = if data.is_empty() {
                    e.message
                } else {
                    format!("{}: {data}", e.message)
                };
                if (1010..=1018).contains(&e.code) {
                    return Self::Refused(PoolRefusal::new(e.code, &data));
                }
                if e.code == NO_SUCH_METHOD {
                    return Self::incompatible(what, "the node has no such method");
                }
                if message.contains("UnknownBlock") || message.contains("State already discarded") {
                    return Self::UnknownBlock(message);
                }
                Self::Rpc {
                    what: what.into(),
                    message,
                }
            }
            RpcError::Client(e) => match e.downcast_ref::<WsError>() {
                Some(WsError::RequestTimeout) => Self::Deadline {
                    what: what.into(),
                    after: deadline,
                },
                _ => Self::Disconnected {
                    what: what.into(),
                    reason: one_line(&*e),
                },
            },
            RpcError::DisconnectedWillReconnect(reason) => Self::Disconnected {
                what: what.into(),
                reason,
            },
            RpcError::InsecureUrl(url) => Self::InvalidUrl(url),
            other => Self::incompatible(what, other),
        }
    }
}

/// The innermost cause, which for a transport error is the one that a person understands.
pub(crate) fn one_line(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string().lines().next().unwrap_or("unknown").to_string()
}

/// A JSON string without its quotes; other JSON as it is.
fn unquote(json: &str) -> String {
    json.strip_prefix('"')
        .and_then(|s| s.strip_suffix('"'))
        .unwrap_or(json)
        .replace("\\\"", "\"")
}

/// What the runtime says of a transaction that it cannot take: a sign of it, its name, what to do, and whether sending it again can succeed.
const KNOWN: [(&str, &str, &str, bool); 12] = [
    (
        "Inability to pay",
        "Payment",
        "the account cannot pay the fee: send it some LRL",
        false,
    ),
    ("outdated", "Stale", "the nonce was used meanwhile: send it again", true),
    (
        "valid in the future",
        "Future",
        "an earlier transaction of this account is missing",
        true,
    ),
    (
        "bad signature",
        "BadProof",
        "the signature does not fit this chain: check key and --chain",
        false,
    ),
    (
        "ancient birth block",
        "AncientBirthBlock",
        "it expired before it was sent: send it again",
        true,
    ),
    (
        "exhaust",
        "ExhaustsResources",
        "the block is full or the call too large: try again later",
        true,
    ),
    (
        "call is not expected",
        "Call",
        "this call cannot be sent as a transaction",
        false,
    ),
    (
        "disabled",
        "CallDisabled",
        "this call is switched off on this chain",
        false,
    ),
    (
        "signing address",
        "BadSigner",
        "this account may not sign it: sign with the key that the call is for",
        false,
    ),
    (
        "mandatory",
        "Mandatory",
        "only the author of a block makes this call: leave it to the node",
        false,
    ),
    (
        "implicit data",
        "IndeterminateImplicit",
        "what the signature covers cannot be worked out: use the release that fits the chain's runtime",
        false,
    ),
    (
        "authorize any origin",
        "UnknownOrigin",
        "nobody signed it, and it does not stand for itself: sign it",
        false,
    ),
];

impl PoolRefusal {
    /// Every refusal of the transaction itself that has a name, for documents.
    pub fn known() -> Vec<Self> {
        let codes = [1011, 1012, 1013, 1014, 1016, 1018];
        let pool = codes.into_iter().map(|code| Self::new(code, "the node says why"));
        let validity = KNOWN.iter().map(|(sign, ..)| Self::invalid(sign));
        pool.chain(validity).chain([Self::unlisted("N")]).collect()
    }

    /// The runtime refuses with a number that has no name here.
    fn unlisted(code: &str) -> Self {
        Self {
            pallet: None,
            name: "Unlisted".into(),
            remedy: format!("the runtime refuses it as number {code}, which this release has no name for: use the release that fits the chain"),
            transient: false,
        }
    }

    /// From the node's JSON-RPC error: 1010 is a validity error explained by `data`, the others are the pool's own.
    pub(crate) fn new(code: i32, data: &str) -> Self {
        let (name, remedy, transient): (&str, String, bool) = match code {
            1010 => return Self::invalid(data),
            1011 => (
                "UnknownValidity",
                "the node cannot judge it yet: try again when it is in sync".into(),
                true,
            ),
            1012 => (
                "TemporarilyBanned",
                "the same transaction was refused a moment ago: try again later".into(),
                true,
            ),
            1013 => (
                "AlreadyImported",
                "the same transaction is already waiting".into(),
                false,
            ),
            1014 => (
                "PriorityTooLow",
                "another transaction with this nonce is waiting: wait for it".into(),
                true,
            ),
            1016 => (
                "ImmediatelyDropped",
                "the pool is full: try again, or add a tip".into(),
                true,
            ),
            _ => ("Unactionable", format!("the pool cannot place it ({data})"), false),
        };
        Self {
            pallet: None,
            name: name.into(),
            remedy,
            transient,
        }
    }

    fn invalid(data: &str) -> Self {
        if let Some(refusal) = Refusal::of_message(data) {
            return Self {
                pallet: Some(refusal.pallet.into()),
                name: refusal.name.into(),
                remedy: refusal.remedy.into(),
                transient: false,
            };
        }
        if let Some((_, code)) = data.rsplit_once("Custom error: ") {
            return Self::unlisted(code.trim());
        }
        for (sign, name, remedy, transient) in KNOWN {
            if data.contains(sign) {
                return Self {
                    pallet: None,
                    name: name.into(),
                    remedy: remedy.into(),
                    transient,
                };
            }
        }
        Self {
            pallet: None,
            name: "Invalid".into(),
            remedy: format!("the chain says: {data}"),
            transient: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_refusal_has_a_name_and_says_whether_to_try_again() {
        let payment = PoolRefusal::new(1010, "Inability to pay some fees (e.g. account balance too low)");
        assert_eq!((payment.name.as_str(), payment.transient), ("Payment", false));
        let stale = PoolRefusal::new(1010, "Transaction is outdated");
        assert_eq!((stale.name.as_str(), stale.transient), ("Stale", true));
        assert!(ChainError::Refused(stale).is_retryable());
        assert!(!ChainError::Refused(payment).is_retryable());
    }

    #[test]
    fn what_the_pool_foresees_reads_as_if_it_had_failed_in_a_block() {
        let code = Refusal::named("Staking", "NotEnoughStake").unwrap().code;
        let refusal = PoolRefusal::new(1010, &format!("Custom error: {code}"));
        assert!(refusal.to_string().starts_with("Staking.NotEnoughStake: "), "{refusal}");
        let error = ChainError::Refused(refusal);
        assert_eq!(error.dispatch_name(), Some("NotEnoughStake"));
        assert!(!error.is_retryable());
        let stale = ChainError::Refused(PoolRefusal::new(1010, "Transaction is outdated"));
        assert_eq!(stale.dispatch_name(), None);
        let unlisted = PoolRefusal::new(1010, "Invalid Transaction: Custom error: 0");
        assert_eq!(
            unlisted.name, "Unlisted",
            "a number never stands for itself: {unlisted}"
        );
        let known = PoolRefusal::known();
        assert!(
            known
                .iter()
                .all(|refusal| !["Invalid", ""].contains(&refusal.name.as_str())),
            "{known:?}"
        );
    }

    #[test]
    fn only_a_chain_that_was_not_reached_counts_as_a_connection_error() {
        let broken = ChainError::Disconnected {
            what: "a read".into(),
            reason: "reset".into(),
        };
        assert!(broken.is_connection() && broken.is_retryable());
        let late = ChainError::Deadline {
            what: "a read".into(),
            after: Duration::from_secs(3),
        };
        assert!(!late.is_connection() && late.is_retryable());
    }
}
