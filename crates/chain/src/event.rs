//! Events of a block, decoded by the chain's metadata.
use crate::{error::DispatchFailure, record, runtime::Runtime, AccountId, BlockHash, ChainClient, ChainError};
use laurel_types::Refusal;
use serde_json::{json, Value};
use std::fmt;
use subxt::{
    config::SubstrateConfig,
    events::{Events, Phase},
    metadata::Metadata,
};

/// Storage key of `System.Events`: the well-known digests of the two names.
const EVENTS_KEY: [u8; 32] = [
    0x26, 0xaa, 0x39, 0x4e, 0xea, 0x56, 0x30, 0xe0, 0x7c, 0x48, 0xae, 0x0c, 0x95, 0x58, 0xce, 0xf7, 0x80, 0xd4, 0x1e,
    0x5e, 0x16, 0x05, 0x67, 0x65, 0xbc, 0x84, 0x61, 0x85, 0x10, 0x72, 0xc9, 0xd7,
];

/// Whose error it is where it is no pallet's, as the pool calls it.
const RUNTIME: &str = "Runtime";

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Name of the pallet in the runtime.
    pub pallet: String,
    /// Name of the event.
    pub name: String,
    /// Index of the extrinsic that caused it; none for events of hooks.
    pub extrinsic: Option<u32>,
    fields: Value,
    bytes: Vec<u8>,
}

impl Event {
    /// Whether it is this event of this pallet.
    pub fn is(&self, pallet: &str, name: &str) -> bool {
        self.pallet == pallet && self.name == name
    }

    /// An event of a hook with these fields, as [`ChainClient::events`] would answer it: for what is to be shown without a chain.
    pub fn of_hook(pallet: &str, name: &str, fields: Value) -> Self {
        Self {
            pallet: pallet.into(),
            name: name.into(),
            extrinsic: None,
            fields,
            bytes: Vec::new(),
        }
    }

    /// A number, or a newtype of one such as a netuid or an amount; none if there is no such field. The field of a record is named behind
    /// a dot, as `summary.block`.
    pub fn number(&self, field: &str) -> Option<u128> {
        let mut names = field.split('.');
        match names.try_fold(&self.fields, |record, name| record.get(name))? {
            Value::Number(number) => number.as_u64().map(u128::from),
            Value::String(digits) => digits.parse().ok(),
            _ => None,
        }
    }

    /// An account; none if there is no such field.
    pub fn account(&self, field: &str) -> Option<AccountId> {
        self.fields.get(field)?.as_str()?.parse().ok()
    }

    /// Pallet and name of the error that a field carries, with what to do about it; none if there is no such field.
    pub fn failure(&self, field: &str) -> Option<DispatchFailure> {
        let error = self.fields.get(field)?;
        let text = |of: &Value, key: &str| of.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        Some(match error.get("Module") {
            Some(module) => DispatchFailure {
                pallet: text(module, "pallet"),
                name: text(module, "name"),
                remedy: text(module, "remedy"),
            },
            None => {
                // A unit variant is its name, any other one an object with one field of its name.
                let variant = || error.as_object()?.keys().next().cloned();
                let name = error.as_str().map(str::to_owned).or_else(variant).unwrap_or_default();
                let remedy =
                    Refusal::named(RUNTIME, &name).map_or("the runtime itself refuses it", |known| known.remedy);
                DispatchFailure {
                    pallet: RUNTIME.into(),
                    remedy: remedy.into(),
                    name,
                }
            }
        })
    }

    /// Its fields as JSON: an object by name, or an array where they have none. Integers wider than 32 bits are decimal strings,
    /// accounts are ss58 addresses, bytes hexadecimal, a pallet's error its pallet, name and remedy.
    pub fn fields(&self) -> &Value {
        &self.fields
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} {}", self.pallet, self.name, self.fields)
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
                let (pallet, name, bytes) = (event.pallet_name(), event.event_name(), event.field_bytes());
                Ok(Event {
                    fields: self.event_fields(pallet, name, bytes)?,
                    pallet: pallet.into(),
                    name: name.into(),
                    extrinsic: match event.phase() {
                        Phase::ApplyExtrinsic(index) => Some(index),
                        Phase::Initialization | Phase::Finalization => None,
                    },
                    bytes: bytes.to_vec(),
                })
            })
            .collect()
    }

    fn event_fields(&self, pallet: &str, name: &str, mut bytes: &[u8]) -> Result<Value, ChainError> {
        let variant = self
            .metadata
            .pallet_by_name(pallet)
            .and_then(|pallet| pallet.event_variants()?.iter().find(|variant| variant.name == name))
            .ok_or_else(|| ChainError::incompatible("an event", format!("{pallet}.{name} is unknown")))?;
        let mut fields = record::read_fields(self.metadata.types(), &variant.fields, &mut bytes)?;
        name_errors(&mut fields, &|pallet, error| {
            module_failure(pallet, error, &self.metadata)
        });
        Ok(fields)
    }

    /// Why the extrinsic that caused these events failed; none if it succeeded.
    pub(crate) fn failure(&self, events: &[Event]) -> Option<DispatchFailure> {
        events
            .iter()
            .find_map(|event| match (event.pallet.as_str(), event.name.as_str()) {
                ("System", "ExtrinsicFailed") => Some(dispatch_failure(&event.bytes, &self.metadata)),
                // A call with somebody else's rights fails inside an extrinsic that succeeds.
                ("Sudo", "Sudid") | ("Proxy", "ProxyExecuted") => self.inner_failure(&event.bytes),
                // The hash of the motion comes first.
                ("Council", "Executed" | "MemberExecuted") => self.inner_failure(event.bytes.get(32..)?),
                _ => None,
            })
    }
}

impl Runtime {
    /// The failure in a SCALE-encoded `DispatchResult`; none if it is a success.
    fn inner_failure(&self, result: &[u8]) -> Option<DispatchFailure> {
        match result.split_first() {
            Some((1, error)) => Some(dispatch_failure(error, &self.metadata)),
            _ => None,
        }
    }
}

/// Name and remedy of a pallet's error, by the numbers that a block gives: the same that the pool gives for it, or what the chain's metadata
/// says of an error that this program does not know. None if the chain has no such error.
pub fn module_failure(pallet: u8, error: u8, metadata: &Metadata) -> Option<DispatchFailure> {
    let pallet = metadata.pallet_by_error_index(pallet)?;
    let variant = pallet.error_variant_by_index(error)?;
    let docs = || {
        let lines: Vec<&str> = variant.docs.iter().map(|line| line.trim()).collect();
        lines.join(" ")
    };
    Some(DispatchFailure {
        pallet: pallet.name().into(),
        name: variant.name.clone(),
        remedy: Refusal::named(pallet.name(), &variant.name).map_or_else(docs, |known| known.remedy.into()),
    })
}

/// Puts pallet, name and remedy in the place of the numbers of a pallet's error, wherever an event carries one.
fn name_errors(value: &mut Value, named: &impl Fn(u8, u8) -> Option<DispatchFailure>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match (name.as_str(), module_error(field)) {
                    ("Module", Some((pallet, error))) => {
                        if let Some(failure) = named(pallet, error) {
                            *field =
                                json!({ "pallet": failure.pallet, "name": failure.name, "remedy": failure.remedy });
                        }
                    }
                    _ => name_errors(field, named),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| name_errors(item, named)),
        _ => {}
    }
}

/// The numbers of pallet and error, if this is `sp_runtime::ModuleError`.
fn module_error(value: &Value) -> Option<(u8, u8)> {
    let pallet = value.get("index")?.as_u64()?.try_into().ok()?;
    // The first of four bytes, `0x` before them.
    let error = value.get("error")?.as_str()?.get(2..4)?;
    Some((pallet, u8::from_str_radix(error, 16).ok()?))
}

/// Names a SCALE-encoded `sp_runtime::DispatchError` by the metadata.
fn dispatch_failure(bytes: &[u8], metadata: &Metadata) -> DispatchFailure {
    if let [3, pallet, error, ..] = *bytes {
        if let Some(failure) = module_failure(pallet, error, metadata) {
            return failure;
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
        [7, 0, ..] => ("Token", "the account has not enough free LRL"),
        [7, 1, ..] | [7, 8, ..] => ("Token", "this would end the account: leave the existential deposit"),
        [7, 2, ..] => (
            "Token",
            "the receiver would have less than the existential deposit: send more",
        ),
        [7, 5, ..] => ("Token", "the funds are held or frozen"),
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
        pallet: RUNTIME.into(),
        name: name.into(),
        remedy: remedy.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(mut fields: Value) -> Event {
        let named = |pallet, error| {
            (pallet == 23 && error == 5).then(|| DispatchFailure {
                pallet: "Scoring".into(),
                name: "NoCommit".into(),
                remedy: "commit first".into(),
            })
        };
        name_errors(&mut fields, &named);
        Event {
            pallet: "Scoring".into(),
            name: "BatchItemFailed".into(),
            extrinsic: Some(1),
            fields,
            bytes: Vec::new(),
        }
    }

    #[test]
    fn an_error_in_an_event_is_named_wherever_it_is() {
        let numbers = json!({ "Module": { "index": 23, "error": "0x05000000" } });
        let direct = event(json!({ "index": 0, "netuid": 1, "error": numbers.clone() }));
        assert_eq!(
            direct.failure("error").unwrap().to_string(),
            "Scoring.NoCommit: commit first"
        );
        assert_eq!(direct.failure("reason"), None);
        let nested = event(json!({ "result": { "Err": numbers } }));
        assert_eq!(nested.fields()["result"]["Err"]["Module"]["name"], "NoCommit");
    }

    #[test]
    fn an_error_without_a_name_keeps_its_numbers_and_one_of_no_pallet_its_text() {
        let numbers = json!({ "Module": { "index": 99, "error": "0x05000000" } });
        assert_eq!(event(json!({ "error": numbers.clone() })).fields()["error"], numbers);
        let failure = event(json!({ "error": "BadOrigin" })).failure("error").unwrap();
        assert_eq!(
            (failure.pallet.as_str(), failure.name.as_str()),
            ("Runtime", "BadOrigin")
        );
        let token = event(json!({ "error": { "Token": "FundsUnavailable" } }));
        assert_eq!(token.failure("error").unwrap().name, "Token");
    }
}
