//! The calls that clients send, encoded by the names in the chain's metadata.
use crate::{AccountId, ChainError};
use blake2::{digest::consts::U32, Blake2b, Digest};
use codec::{Compact, Encode};
use laurel_types::{
    AcceptedModel, AxonAddress, Balance, HotkeyConsent, Hyperparameter, ModelRoot, NetUid, Take, WeightRow,
};
use scale_info::{form::PortableForm, Type, TypeDef, TypeDefPrimitive};
use subxt::metadata::Metadata;

/// A call. Amounts are leaves; the sender is whoever signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// Sends balance, but never so much that the sender's account ends.
    Transfer {
        /// The receiver.
        dest: AccountId,
        /// How much.
        value: Balance,
    },
    /// Creates a subnet owned by the sender.
    CreateSubnet {
        /// The most that may be locked.
        max_lock: Balance,
    },
    /// Changes one hyperparameter from the next epoch on; the sender owns the subnet.
    SetHyperparameter {
        /// The subnet.
        netuid: NetUid,
        /// The parameter and its new value.
        change: Hyperparameter,
    },
    /// Replaces the list of models that the subnet pays for.
    SetModels {
        /// The subnet.
        netuid: NetUid,
        /// The whole new list.
        models: Vec<AcceptedModel>,
    },
    /// Registers a hotkey for the present price.
    BurnedRegister {
        /// The subnet.
        netuid: NetUid,
        /// The hotkey; a first registration binds it to the sender.
        hotkey: AccountId,
        /// The most that may be paid.
        max_price: Balance,
        /// The hotkey's signature that it wants to belong to the sender, see [`crate::consent()`]; not needed once it does.
        consent: Option<HotkeyConsent>,
    },
    /// Publishes or renews the sender's endpoint; the sender is the hotkey.
    PublishAxon {
        /// The subnet.
        netuid: NetUid,
        /// Where it serves.
        address: AxonAddress,
        /// Version of the wire protocol.
        protocol: u16,
        /// The model that it serves.
        model: ModelRoot,
    },
    /// Withdraws the sender's endpoint; the sender is the hotkey.
    WithdrawAxon {
        /// The subnet.
        netuid: NetUid,
    },
    /// Stakes on a hotkey.
    AddStake {
        /// Whom to back.
        hotkey: AccountId,
        /// How much.
        amount: Balance,
    },
    /// Takes stake back.
    RemoveStake {
        /// Whom to back less.
        hotkey: AccountId,
        /// How much.
        amount: Balance,
    },
    /// Takes all stake back.
    RemoveAllStake {
        /// Whom to back no more.
        hotkey: AccountId,
    },
    /// Changes the take of the sender's hotkey.
    SetTake {
        /// The hotkey.
        hotkey: AccountId,
        /// The new take.
        take: Take,
    },
    /// Takes a root seat for the sender's hotkey.
    RegisterSeat {
        /// The hotkey.
        hotkey: AccountId,
        /// As in [`Self::BurnedRegister`].
        consent: Option<HotkeyConsent>,
    },
    /// Gives the root seat up.
    LeaveSeat {
        /// The hotkey.
        hotkey: AccountId,
    },
    /// Sets a root seat's weights on subnets.
    SetRootWeights {
        /// The hotkey that holds the seat.
        hotkey: AccountId,
        /// Weights, ascending by netuid.
        weights: Vec<(NetUid, u16)>,
    },
    /// Commits to a weight row; the sender is the hotkey.
    CommitWeights {
        /// The subnet.
        netuid: NetUid,
        /// BLAKE2b-256 of [`laurel_types::commit_hash_preimage`].
        hash: [u8; 32],
    },
    /// Reveals the row committed in the epoch before; the sender is the hotkey.
    RevealWeights {
        /// The subnet.
        netuid: NetUid,
        /// The row.
        row: WeightRow,
        /// Merkle root of the receipts behind it.
        receipts_root: [u8; 32],
        /// Version of the validator's scoring.
        version_key: u64,
        /// What made the commit unguessable.
        salt: [u8; 32],
    },
    /// Sets a weight row directly, where commit-reveal is off; the sender is the hotkey.
    SetWeights {
        /// The subnet.
        netuid: NetUid,
        /// The row.
        row: WeightRow,
        /// Merkle root of the receipts behind it.
        receipts_root: [u8; 32],
        /// Version of the validator's scoring.
        version_key: u64,
    },
    /// Several calls, all or none.
    Batch(Vec<Call>),
    /// A call with root's rights; the sender is the sudo key.
    Sudo(Box<Call>),
    /// Any other call, by its names; [`crate::calls`] makes them.
    Named(NamedCall),
    /// A call that is encoded already, for others to wrap.
    Encoded(Vec<u8>),
}

/// A call by the names that the metadata gives to it and its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedCall {
    pallet: &'static str,
    name: &'static str,
    arguments: Vec<(&'static str, Argument)>,
}

impl NamedCall {
    /// A call without arguments.
    pub fn new(pallet: &'static str, name: &'static str) -> Self {
        Self {
            pallet,
            name,
            arguments: Vec::new(),
        }
    }

    /// The same with one more argument.
    pub fn with(mut self, name: &'static str, argument: Argument) -> Self {
        self.arguments.push((name, argument));
        self
    }
}

impl From<NamedCall> for Call {
    fn from(call: NamedCall) -> Self {
        Self::Named(call)
    }
}

/// One argument of a [`NamedCall`]; how it is written depends on the type that the metadata gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// An account, as an address where the pallet takes addresses.
    Account(AccountId),
    /// A number, as wide as the pallet takes it.
    Number(u64),
    /// What encodes the same on every chain of this kind.
    Scale(Vec<u8>),
    /// The unit variant of this name, of an enum or of an optional one.
    Variant(String),
    /// A call.
    Call(Box<Call>),
    /// A call as bytes with their length.
    CallBytes(Box<Call>),
    /// How many bytes a call has.
    CallLength(Box<Call>),
    /// A call as `frame_support::traits::Bounded`: itself if it is small, else the hash and length of its preimage.
    BoundedCall(Box<Call>),
}

/// The longest call that `frame_support::traits::Bounded` holds itself, in bytes.
const MAX_INLINE: usize = 128;

impl Argument {
    /// An account.
    pub fn account(account: &AccountId) -> Self {
        Self::Account(*account)
    }

    /// What encodes the same on every chain of this kind.
    pub fn scale(value: &impl Encode) -> Self {
        Self::Scale(value.encode())
    }
}

/// One argument; how it is written depends on the type that the metadata gives.
enum Arg<'a> {
    Account(&'a AccountId),
    Number(u64),
    Scale(Vec<u8>),
    Calls(&'a [Call]),
    Call(&'a Call),
    Given(&'a Argument),
}

impl Call {
    /// Pallet and call, as the metadata names them.
    pub fn name(&self) -> (&'static str, &'static str) {
        match self {
            Self::Transfer { .. } => ("Balances", "transfer_keep_alive"),
            Self::CreateSubnet { .. } => ("Subnets", "create_subnet"),
            Self::SetHyperparameter { .. } => ("Subnets", "set_hyperparameter"),
            Self::SetModels { .. } => ("Subnets", "set_models"),
            Self::BurnedRegister { .. } => ("Neurons", "burned_register"),
            Self::PublishAxon { .. } => ("Neurons", "publish_axon"),
            Self::WithdrawAxon { .. } => ("Neurons", "withdraw_axon"),
            Self::AddStake { .. } => ("Staking", "add_stake"),
            Self::RemoveStake { .. } => ("Staking", "remove_stake"),
            Self::RemoveAllStake { .. } => ("Staking", "remove_all_stake"),
            Self::SetTake { .. } => ("Staking", "set_take"),
            Self::RegisterSeat { .. } => ("Root", "register_seat"),
            Self::LeaveSeat { .. } => ("Root", "leave_seat"),
            Self::SetRootWeights { .. } => ("Root", "set_root_weights"),
            Self::CommitWeights { .. } => ("Scoring", "commit_weights"),
            Self::RevealWeights { .. } => ("Scoring", "reveal_weights"),
            Self::SetWeights { .. } => ("Scoring", "set_weights"),
            Self::Batch(_) => ("Utility", "batch_all"),
            Self::Sudo(_) => ("Sudo", "sudo"),
            Self::Named(call) => (call.pallet, call.name),
            Self::Encoded(_) => ("Encoded", "call"),
        }
    }

    fn args(&self) -> Vec<(&'static str, Arg<'_>)> {
        use Arg::{Account, Number};
        let scale = |value: &dyn ErasedEncode| Arg::Scale(value.scale());
        match self {
            Self::Transfer { dest, value } => vec![("dest", Account(dest)), ("value", Number(*value))],
            Self::CreateSubnet { max_lock } => vec![("max_lock", Number(*max_lock))],
            Self::SetHyperparameter { netuid, change } => vec![("netuid", scale(netuid)), ("change", scale(change))],
            Self::SetModels { netuid, models } => vec![("netuid", scale(netuid)), ("models", scale(models))],
            Self::BurnedRegister {
                netuid,
                hotkey,
                max_price,
                consent,
            } => {
                vec![
                    ("netuid", scale(netuid)),
                    ("hotkey", Account(hotkey)),
                    ("max_price", Number(*max_price)),
                    ("consent", scale(consent)),
                ]
            }
            Self::PublishAxon {
                netuid,
                address,
                protocol,
                model,
            } => vec![
                ("netuid", scale(netuid)),
                ("address", scale(address)),
                ("protocol", scale(protocol)),
                ("model", scale(model)),
            ],
            Self::WithdrawAxon { netuid } => vec![("netuid", scale(netuid))],
            Self::AddStake { hotkey, amount } | Self::RemoveStake { hotkey, amount } => {
                vec![("hotkey", Account(hotkey)), ("amount", Number(*amount))]
            }
            Self::RemoveAllStake { hotkey } | Self::LeaveSeat { hotkey } => vec![("hotkey", Account(hotkey))],
            Self::RegisterSeat { hotkey, consent } => vec![("hotkey", Account(hotkey)), ("consent", scale(consent))],
            Self::SetTake { hotkey, take } => vec![("hotkey", Account(hotkey)), ("take", scale(take))],
            Self::SetRootWeights { hotkey, weights } => {
                vec![("hotkey", Account(hotkey)), ("weights", scale(weights))]
            }
            Self::CommitWeights { netuid, hash } => vec![("netuid", scale(netuid)), ("hash", scale(hash))],
            Self::RevealWeights {
                netuid,
                row,
                receipts_root,
                version_key,
                salt,
            } => vec![
                ("netuid", scale(netuid)),
                ("row", scale(row)),
                ("receipts_root", scale(receipts_root)),
                ("version_key", Number(*version_key)),
                ("salt", scale(salt)),
            ],
            Self::SetWeights {
                netuid,
                row,
                receipts_root,
                version_key,
            } => vec![
                ("netuid", scale(netuid)),
                ("row", scale(row)),
                ("receipts_root", scale(receipts_root)),
                ("version_key", Number(*version_key)),
            ],
            Self::Batch(calls) => vec![("calls", Arg::Calls(calls))],
            Self::Sudo(call) => vec![("call", Arg::Call(call))],
            Self::Named(call) => {
                let given = call.arguments.iter();
                given.map(|(name, argument)| (*name, Arg::Given(argument))).collect()
            }
            Self::Encoded(_) => Vec::new(),
        }
    }

    /// The call as the runtime decodes it: pallet and call number, then the arguments in the metadata's order.
    ///
    /// # Errors
    /// [`ChainError::Incompatible`] when the chain has no such call or it takes other arguments.
    pub fn encode(&self, metadata: &Metadata) -> Result<Vec<u8>, ChainError> {
        if let Self::Encoded(bytes) = self {
            return Ok(bytes.clone());
        }
        let (pallet_name, call_name) = self.name();
        let label = format!("call {pallet_name}.{call_name}");
        let incompatible = |reason: String| ChainError::incompatible(&label, reason);
        let pallet = metadata
            .pallet_by_name(pallet_name)
            .ok_or_else(|| incompatible("there is no such pallet".into()))?;
        let call = pallet
            .call_variant_by_name(call_name)
            .ok_or_else(|| incompatible("there is no such call".into()))?;
        let mut args = self.args();
        if args.len() != call.fields.len() {
            return Err(incompatible(format!(
                "it takes {} arguments, not {}",
                call.fields.len(),
                args.len()
            )));
        }
        let mut out = vec![pallet.call_index(), call.index];
        for field in &call.fields {
            let name = field.name.as_deref().unwrap_or_default();
            let at = args
                .iter()
                .position(|(ours, _)| *ours == name)
                .ok_or_else(|| incompatible(format!("it takes an argument '{name}'")))?;
            encode_arg(&args.swap_remove(at).1, field.ty.id, metadata, &mut out).map_err(|e| match e {
                ChainError::Incompatible { reason, .. } => incompatible(format!("argument '{name}': {reason}")),
                other => other,
            })?;
        }
        Ok(out)
    }
}

/// Lets [`Call::args`] encode values of any type in one expression.
trait ErasedEncode {
    fn scale(&self) -> Vec<u8>;
}

impl<T: Encode> ErasedEncode for T {
    fn scale(&self) -> Vec<u8> {
        self.encode()
    }
}

fn encode_arg(arg: &Arg<'_>, type_id: u32, metadata: &Metadata, out: &mut Vec<u8>) -> Result<(), ChainError> {
    let ty = metadata
        .types()
        .resolve(type_id)
        .ok_or_else(|| ChainError::incompatible("", "its type is unknown"))?;
    match arg {
        Arg::Account(account) => {
            // `MultiAddress::Id` where the pallet looks addresses up, the bare id elsewhere.
            if ty.path.ident().as_deref() == Some("MultiAddress") {
                out.push(0);
            }
            account.encode_to(out);
        }
        Arg::Number(number) => encode_number(*number, ty, out)?,
        Arg::Scale(bytes) => out.extend(bytes),
        Arg::Call(call) => out.extend(call.encode(metadata)?),
        Arg::Calls(calls) => {
            // The length of a batch is bounded far below u32 by the block's length.
            Compact(calls.len() as u32).encode_to(out);
            for call in *calls {
                out.extend(call.encode(metadata)?);
            }
        }
        Arg::Given(argument) => encode_given(argument, type_id, ty, metadata, out)?,
    }
    Ok(())
}

fn encode_given(
    argument: &Argument,
    type_id: u32,
    ty: &Type<PortableForm>,
    metadata: &Metadata,
    out: &mut Vec<u8>,
) -> Result<(), ChainError> {
    match argument {
        Argument::Account(account) => encode_arg(&Arg::Account(account), type_id, metadata, out)?,
        Argument::Number(number) => encode_number(*number, ty, out)?,
        Argument::Scale(bytes) => out.extend(bytes),
        Argument::Variant(name) => encode_variant(name, ty, metadata, out)?,
        Argument::Call(call) => out.extend(call.encode(metadata)?),
        Argument::CallBytes(call) => call.encode(metadata)?.encode_to(out),
        Argument::CallLength(call) => encode_number(call.encode(metadata)?.len() as u64, ty, out)?,
        Argument::BoundedCall(call) => {
            let bytes = call.encode(metadata)?;
            // The variants of `Bounded`: legacy, inline, lookup.
            if bytes.len() <= MAX_INLINE {
                (1u8, bytes).encode_to(out);
            } else {
                // A call is bounded far below u32 by the block's length.
                (2u8, call_hash(&bytes), bytes.len() as u32).encode_to(out);
            }
        }
    }
    Ok(())
}

/// BLAKE2b-256 of an encoded call: names a council motion, a preimage, or what a proxy announces.
pub fn call_hash(call: &[u8]) -> [u8; 32] {
    Blake2b::<U32>::digest(call).into()
}

/// Writes the unit variant of this name.
fn encode_variant(
    name: &str,
    ty: &Type<PortableForm>,
    metadata: &Metadata,
    out: &mut Vec<u8>,
) -> Result<(), ChainError> {
    let TypeDef::Variant(variants) = &ty.type_def else {
        return Err(ChainError::incompatible("", "it is no enum"));
    };
    if ty.path.ident().as_deref() == Some("Option") {
        let inner = ty.type_params.first().and_then(|param| param.ty);
        let inner = inner.and_then(|id| metadata.types().resolve(id.id));
        let inner = inner.ok_or_else(|| ChainError::incompatible("", "its type is unknown"))?;
        out.push(1);
        return encode_variant(name, inner, metadata, out);
    }
    let known = || variants.variants.iter();
    let variant = known().find(|variant| variant.name == name && variant.fields.is_empty());
    let variant = variant.ok_or_else(|| {
        let names: Vec<_> = known().map(|variant| variant.name.as_str()).collect();
        ChainError::incompatible("", format!("'{name}' is none of {}", names.join(", ")))
    })?;
    out.push(variant.index);
    Ok(())
}

/// Writes a number as wide as the metadata says: `u16` to `u128`, or compact.
fn encode_number(number: u64, ty: &Type<PortableForm>, out: &mut Vec<u8>) -> Result<(), ChainError> {
    let too_large = |_| ChainError::incompatible("", format!("{number} is too large for it"));
    match &ty.type_def {
        TypeDef::Primitive(TypeDefPrimitive::U16) => u16::try_from(number).map_err(too_large)?.encode_to(out),
        TypeDef::Primitive(TypeDefPrimitive::U32) => u32::try_from(number).map_err(too_large)?.encode_to(out),
        TypeDef::Compact(_) => Compact(number).encode_to(out),
        TypeDef::Primitive(TypeDefPrimitive::U64) => number.encode_to(out),
        TypeDef::Primitive(TypeDefPrimitive::U128) => u128::from(number).encode_to(out),
        other => return Err(ChainError::incompatible("", format!("it is {other:?}, not a number"))),
    }
    Ok(())
}
