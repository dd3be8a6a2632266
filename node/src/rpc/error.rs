//! Why a `laurel_*` method has no answer. Each refusal has a name, first in the message and as `data.name`.
use jsonrpsee::types::{ErrorObject, ErrorObjectOwned};
use laurel_runtime::Hash;
use laurel_types::NetUid;
use serde_json::json;

/// Code of the first refusal; the others follow.
const FIRST_CODE: i32 = 7_001;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The node does not have the block, or not its state any more.
    BlockNotFound(Hash),
    /// There is no such subnet.
    SubnetNotFound(NetUid),
    /// Nobody registered the hotkey.
    HotkeyNotFound(String),
    /// The subnet exists, but takes no registration in the next block.
    RegistrationClosed(NetUid),
    /// The runtime call failed.
    RuntimeCallFailed(String),
    /// The hotkey holds no uid in the subnet.
    NeuronNotFound(NetUid, String),
    /// The subnet exists, but takes no registration by work.
    WorkClosed(NetUid),
    /// The coldkey has not that much stake on the hotkey, or it cannot be paid out.
    NothingToUnstake,
}

impl Refusal {
    /// Its name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::BlockNotFound(_) => "BlockNotFound",
            Self::SubnetNotFound(_) => "SubnetNotFound",
            Self::HotkeyNotFound(_) => "HotkeyNotFound",
            Self::RegistrationClosed(_) => "RegistrationClosed",
            Self::RuntimeCallFailed(_) => "RuntimeCallFailed",
            Self::NeuronNotFound(..) => "NeuronNotFound",
            Self::WorkClosed(_) => "WorkClosed",
            Self::NothingToUnstake => "NothingToUnstake",
        }
    }

    /// Its JSON-RPC error code.
    pub fn code(&self) -> i32 {
        FIRST_CODE
            + match self {
                Self::BlockNotFound(_) => 0,
                Self::SubnetNotFound(_) => 1,
                Self::HotkeyNotFound(_) => 2,
                Self::RegistrationClosed(_) => 3,
                Self::RuntimeCallFailed(_) => 4,
                Self::NeuronNotFound(..) => 5,
                Self::WorkClosed(_) => 6,
                Self::NothingToUnstake => 7,
            }
    }

    fn explanation(&self) -> String {
        match self {
            Self::BlockNotFound(hash) => {
                format!("this node has no state of block {hash:?}: ask for a newer block, or an archive node")
            }
            Self::SubnetNotFound(netuid) => {
                format!("there is no subnet {netuid}: laurel_subnets lists those there are")
            }
            Self::HotkeyNotFound(hotkey) => {
                format!("the chain does not know the hotkey {hotkey}: it joins by registering in a subnet or as a root seat")
            }
            Self::RegistrationClosed(netuid) => {
                format!("subnet {netuid} takes no registration in the next block: its owner switched them off")
            }
            Self::NeuronNotFound(netuid, hotkey) => {
                format!("{hotkey} holds no uid in subnet {netuid}: laurel_hotkey lists where it does")
            }
            Self::WorkClosed(netuid) => {
                format!("subnet {netuid} takes no registration by work: ask laurel_quoteRegister for the price")
            }
            Self::NothingToUnstake => {
                "the coldkey has less stake on this hotkey, or what would be left is too little: laurel_portfolio shows what \
                 there is"
                    .into()
            }
            Self::RuntimeCallFailed(cause) => format!("the runtime gave no answer: {cause}"),
        }
    }
}

impl From<Refusal> for ErrorObjectOwned {
    fn from(refusal: Refusal) -> Self {
        let message = format!("{}: {}", refusal.name(), refusal.explanation());
        ErrorObject::owned(refusal.code(), message, Some(json!({ "name": refusal.name() })))
    }
}
