//! Events of a block, decoded by the chain's metadata.
use crate::{error::DispatchFailure, runtime::Runtime, AccountId, BlockHash, ChainClient, ChainError};
use std::fmt;
use subxt::{
    config::SubstrateConfig,
    events::{Events, Phase},
    ext::scale_value::{Composite, Primitive, Value, ValueDef},
    metadata::Metadata,
};

/// Storage key of `System.Events`: the well-known digests of the two names.
const EVENTS_KEY: [u8; 32] = [
    0x26, 0xaa, 0x39, 0x4e, 0xea, 0x56, 0x30, 0xe0, 0x7c, 0x48, 0xae, 0x0c, 0x95, 0x58, 0xce, 0xf7, 0x80, 0xd4, 0x1e,
    0x5e, 0x16, 0x05, 0x67, 0x65, 0xbc, 0x84, 0x61, 0x85, 0x10, 0x72, 0xc9, 0xd7,
];

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Name of the pallet in the runtime.
    pub pallet: String,
    /// Name of the event.
    pub name: String,
    /// Index of the extrinsic that caused it; none for events of hooks.
    pub extrinsic: Option<u32>,
    fields: Composite<()>,
    bytes: Vec<u8>,
}

impl Event {
    /// Whether it is this event of this pallet.
    pub fn is(&self, pallet: &str, name: &str) -> bool {
        self.pallet == pallet && self.name == name
    }

    /// A number, or a newtype of one such as a netuid or an amount; none if there is no such field.
    pub fn number(&self, field: &str) -> Option<u128> {
        match &inner(self.field(field)?).value {
            ValueDef::Primitive(Primitive::U128(number)) => Some(*number),
            _ => None,
        }
    }

    /// An account; none if there is no such field.
    pub fn account(&self, field: &str) -> Option<AccountId> {
        // An account is a composite of one composite of 32 numbers.
        let bytes = match &inner(self.field(field)?).value {
            ValueDef::Composite(parts) => parts
                .values()
                .map(|part| match part.value {
                    ValueDef::Primitive(Primitive::U128(byte)) => u8::try_from(byte).ok(),
                    _ => None,
                })
                .collect::<Option<Vec<u8>>>()?,
            _ => return None,
        };
        bytes.try_into().ok().map(AccountId)
    }

    fn field(&self, name: &str) -> Option<&Value<()>> {
        match &self.fields {
            Composite::Named(fields) => fields.iter().find(|(n, _)| n == name).map(|(_, value)| value),
            Composite::Unnamed(_) => None,
        }
    }
}

/// What a chain of one-field structs holds.
fn inner(value: &Value<()>) -> &Value<()> {
    match &value.value {
        ValueDef::Composite(parts) if parts.len() == 1 => parts.values().next().map_or(value, inner),
        _ => value,
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}.{} {}",
            self.pallet,
            self.name,
            Value {
                value: ValueDef::Composite(self.fields.clone()),
                context: ()
            }
        )
    }
}

impl ChainClient {
    /// All events of a block, in order.
    pub async fn events(&self, at: BlockHash) -> Result<Vec<Event>, ChainError> {
        let runtime = self.runtime().await?;
        let bytes = self
            .request("the events", |rpc| async move {
                rpc.state_get_storage(&EVENTS_KEY, Some(at.into())).await
            })
            .await?;
        runtime.decode_events(bytes.unwrap_or_default())
    }
}

impl Runtime {
    fn decode_events(&self, bytes: Vec<u8>) -> Result<Vec<Event>, ChainError> {
        let events: Events<SubstrateConfig> = self.offline.events().from_bytes(bytes);
        let incompatible = |e: subxt::error::EventsError| ChainError::incompatible("an event", e);
        events
            .iter()
            .map(|event| {
                let event = event.map_err(incompatible)?;
                Ok(Event {
                    pallet: event.pallet_name().into(),
                    name: event.event_name().into(),
                    extrinsic: match event.phase() {
                        Phase::ApplyExtrinsic(index) => Some(index),
                        Phase::Initialization | Phase::Finalization => None,
                    },
                    fields: event
                        .decode_fields_unchecked_as::<Composite<()>>()
                        .map_err(incompatible)?,
                    bytes: event.field_bytes().to_vec(),
                })
            })
            .collect()
    }

    /// Why the extrinsic that caused these events failed; none if it succeeded.
    pub(crate) fn failure(&self, events: &[Event]) -> Option<DispatchFailure> {
        events
            .iter()
            .find_map(|event| match (event.pallet.as_str(), event.name.as_str()) {
                ("System", "ExtrinsicFailed") => Some(dispatch_failure(&event.bytes, &self.metadata)),
                // A call with root's rights fails inside an extrinsic that succeeds.
                ("Sudo", "Sudid") => match event.bytes.split_first() {
                    Some((1, error)) => Some(dispatch_failure(error, &self.metadata)),
                    _ => None,
                },
                _ => None,
            })
    }
}

/// Names a SCALE-encoded `sp_runtime::DispatchError` by the metadata.
fn dispatch_failure(bytes: &[u8], metadata: &Metadata) -> DispatchFailure {
    if let [3, pallet, error, ..] = *bytes {
        if let Some(pallet) = metadata.pallet_by_error_index(pallet) {
            if let Some(variant) = pallet.error_variant_by_index(error) {
                let docs: Vec<&str> = variant.docs.iter().map(|line| line.trim()).collect();
                return DispatchFailure {
                    pallet: pallet.name().into(),
                    name: variant.name.clone(),
                    remedy: docs.join(" "),
                };
            }
        }
    }
    let (name, remedy) = match *bytes {
        [1, ..] => ("CannotLookup", "an address in the call is unknown"),
        [2, ..] => (
            "BadOrigin",
            "this account may not make this call: sign with the right key",
        ),
        [4, ..] => ("ConsumerRemaining", "the account is still in use"),
        [5, ..] => (
            "NoProviders",
            "the receiving account does not exist: send it some LRL first",
        ),
        [6, ..] => ("TooManyConsumers", "the account is in use by too many things"),
        [7, 0, ..] => ("FundsUnavailable", "the account has not enough free LRL"),
        [7, 1, ..] | [7, 8, ..] => (
            "NotExpendable",
            "this would end the account: leave the existential deposit",
        ),
        [7, 2, ..] => (
            "BelowMinimum",
            "the receiver would have less than the existential deposit: send more",
        ),
        [7, 5, ..] => ("Frozen", "the funds are held or frozen"),
        [7, ..] => ("Token", "the funds cannot be moved"),
        [8, ..] => ("Arithmetic", "a number is out of range"),
        [9, ..] => ("Transactional", "too many nested calls: use fewer"),
        [10, ..] => ("Exhausted", "the block is full: try again"),
        [11, ..] => ("Corruption", "the chain's state is damaged: report this"),
        [12, ..] => ("Unavailable", "something needed is not available now: try again"),
        [13, ..] => ("RootNotAllowed", "root cannot make this call"),
        _ => ("Other", "the runtime gives no reason"),
    };
    DispatchFailure {
        pallet: "Dispatch".into(),
        name: name.into(),
        remedy: remedy.into(),
    }
}
