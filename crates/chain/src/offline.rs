//! Transactions that are prepared here, signed on a machine without network, and sent from here again.
//!
//! The file that travels carries the chain's metadata, so that whoever signs reads the call itself and need not believe what is said about it. Metadata that lies makes
//! another call of the same bytes; therefore its hash is signed along, where the chain's runtime knows its own ([`UnsignedTransaction::checks_metadata`]), and must
//! otherwise be compared by whoever signs.
use crate::{
    follow::Transaction,
    read_call,
    submit::{Statuses, Trail},
    AccountId, Block, BlockHash, Call, ChainClient, ChainError, Included, Keypair, SubmitOptions, Watcher,
};
use blake2::{digest::consts::U32, Blake2b, Digest};
use codec::{Compact, Decode, Encode};
use frame_metadata::{RuntimeMetadata, RuntimeMetadataPrefixed};
use laurel_types::{Balance, BlockNumber, SS58_PREFIX};
use merkleized_metadata::{generate_metadata_digest, ExtraInfo};
use scale_info::TypeDef;
use serde_json::Value;
use subxt::{metadata::Metadata, utils::Era};
use tokio::time::{timeout_at, Instant};

/// Most blocks for which a transaction can be included: the chain knows no older block's hash.
pub const MAX_LIFETIME: u64 = 4096;

/// The metadata format that metadata hashes are made of.
const HASHED_METADATA: u32 = 15;
/// How the chain writes amounts; part of the metadata's hash.
const TOKEN: (&str, u8) = ("LRL", 9);
/// A payload that is longer is hashed before it is signed.
const LONGEST_PAYLOAD: usize = 256;

/// A call with all that a signature binds to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsignedTransaction {
    /// Who is to sign.
    pub account: AccountId,
    /// The call, as the chain decodes it.
    pub call: Vec<u8>,
    /// How many transactions of the account come before.
    pub nonce: u64,
    /// For the author, beside the fee, in leaves.
    pub tip: Balance,
    /// Block 0.
    pub genesis: BlockHash,
    /// The block from which it can be included.
    pub birth: Block,
    /// For how many blocks: a power of two.
    pub lifetime: u64,
    /// Version of the runtime.
    pub spec_version: u32,
    /// Version of the transactions' encoding.
    pub transaction_version: u32,
    /// Whether the chain refuses a signature over other metadata than its own.
    pub checks_metadata: bool,
    /// The runtime's metadata.
    pub metadata: Vec<u8>,
}

/// A transaction that can be offered to any node of its chain, as often as one likes: no chain takes it twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedTransaction {
    /// Who signed it; none where the call authorizes itself.
    pub account: Option<AccountId>,
    /// How many transactions of the account come before.
    pub nonce: u64,
    /// The block from which it can be included.
    pub birth: BlockNumber,
    /// The last block that can hold it.
    pub last_block: BlockNumber,
    /// The extrinsic.
    pub bytes: Vec<u8>,
}

impl SignedTransaction {
    /// BLAKE2b-256 of the extrinsic, by which nodes name it.
    pub fn hash(&self) -> BlockHash {
        BlockHash(Blake2b::<U32>::digest(&self.bytes).into())
    }
}

/// One line of what a call says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Described {
    /// A call, `Pallet.name`, so deep inside others.
    Call(usize, String),
    /// An amount of a call that is so deep, in leaves.
    Amount(usize, String, u128),
    /// Any other argument.
    Text(usize, String, String),
}

/// An unsigned transaction whose metadata was read.
pub struct OpenTransaction<'a> {
    unsigned: &'a UnsignedTransaction,
    metadata: Metadata,
    /// The metadata's hash, as the chain would compute it.
    pub metadata_hash: [u8; 32],
    /// What the call says, see [`read_call`].
    pub call: Value,
}

/// Name, version and transaction version of a runtime, from its metadata.
struct Version {
    name: String,
    spec_version: u32,
    transaction_version: u32,
}

impl UnsignedTransaction {
    /// The last block that can hold it.
    pub fn last_block(&self) -> BlockNumber {
        let lifetime = BlockNumber::try_from(self.lifetime).unwrap_or(BlockNumber::MAX);
        self.birth.number.saturating_add(lifetime.saturating_sub(1))
    }

    /// Reads metadata and call.
    ///
    /// # Errors
    /// [`ChainError::Incompatible`] if the one cannot be read or is of another runtime, or the other is no call of it.
    pub fn open(&self) -> Result<OpenTransaction<'_>, ChainError> {
        let wrong = |reason: String| ChainError::incompatible("the metadata in the file", reason);
        let prefixed =
            RuntimeMetadataPrefixed::decode(&mut self.metadata.as_slice()).map_err(|e| wrong(e.to_string()))?;
        let metadata = Metadata::decode_from(&self.metadata).map_err(|e| wrong(e.to_string()))?;
        let version = Version::of(&metadata)?;
        if (version.spec_version, version.transaction_version) != (self.spec_version, self.transaction_version) {
            return Err(wrong("it is of another version than the transaction".into()));
        }
        if !self.lifetime.is_power_of_two() || !(4..=MAX_LIFETIME).contains(&self.lifetime) {
            return Err(ChainError::incompatible(
                "the transaction",
                "no chain knows such an era",
            ));
        }
        Ok(OpenTransaction {
            call: read_call(&metadata, &self.call)?,
            metadata_hash: hash_of(&prefixed.1, &version).map_err(wrong)?,
            unsigned: self,
            metadata,
        })
    }
}

impl Version {
    /// `sp_version::RuntimeVersion`, as the constant `System.Version` holds it.
    fn of(metadata: &Metadata) -> Result<Self, ChainError> {
        let missing = || ChainError::incompatible("the metadata", "it does not say which runtime it is of");
        let system = metadata.pallet_by_name("System").ok_or_else(missing)?;
        let constant = system.constant_by_name("Version").ok_or_else(missing)?;
        type Fields = (String, String, u32, u32, u32, Vec<([u8; 8], u32)>, u32);
        let (name, _, _, spec_version, _, _, transaction_version) =
            Fields::decode(&mut constant.value()).map_err(|_| missing())?;
        Ok(Self {
            name,
            spec_version,
            transaction_version,
        })
    }
}

fn hash_of(metadata: &RuntimeMetadata, version: &Version) -> Result<[u8; 32], String> {
    let (symbol, decimals) = TOKEN;
    let extra = ExtraInfo {
        spec_version: version.spec_version,
        spec_name: version.name.clone(),
        base58_prefix: SS58_PREFIX,
        decimals,
        token_symbol: symbol.into(),
    };
    Ok(generate_metadata_digest(metadata, extra)?.hash())
}

impl OpenTransaction<'_> {
    /// What the call says, a line an argument; amounts are told from other numbers by the names of their types.
    pub fn describe(&self) -> Vec<Described> {
        let mut lines = Vec::new();
        self.describe_call(&self.call, 0, &mut lines);
        lines
    }

    fn describe_call(&self, call: &Value, depth: usize, lines: &mut Vec<Described>) {
        let Some((pallet, inner)) = only_entry(call) else {
            return;
        };
        // A call without arguments is its name.
        let (name, arguments) = match (inner, only_entry(inner)) {
            (Value::String(name), _) => (name, &Value::Null),
            (_, Some(named)) => named,
            _ => return,
        };
        lines.push(Described::Call(depth, format!("{pallet}.{name}")));
        let found = self.metadata.pallet_by_name(pallet);
        let Some(variant) = found.as_ref().and_then(|pallet| pallet.call_variant_by_name(name)) else {
            return;
        };
        for field in &variant.fields {
            let label = field.name.clone().unwrap_or_default();
            let value = arguments.get(&label).unwrap_or(arguments);
            if self.is_call(field.ty.id) {
                lines.push(Described::Text(depth, label, String::new()));
                let calls = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
                calls.iter().for_each(|call| self.describe_call(call, depth + 1, lines));
                continue;
            }
            let is_amount = field.type_name.as_ref().is_some_and(|name| name.contains("Balance"));
            let amount = value.as_str().filter(|_| is_amount).and_then(|text| text.parse().ok());
            lines.push(match amount {
                Some(amount) => Described::Amount(depth, label, amount),
                None => Described::Text(depth, label, plainly(value)),
            });
        }
    }

    /// Whether a type is a call, or a list of calls.
    fn is_call(&self, ty: u32) -> bool {
        let call = self.metadata.outer_enums().call_enum_ty();
        let item = match self.metadata.types().resolve(ty).map(|ty| &ty.type_def) {
            Some(TypeDef::Sequence(sequence)) => sequence.type_param.id,
            _ => ty,
        };
        item == call
    }

    /// Signs it. Where the chain checks its metadata, the signature is worth nothing if the metadata in the file is not the chain's.
    pub fn sign(&self, key: &Keypair) -> Result<SignedTransaction, ChainError> {
        let unsigned = self.unsigned;
        let (extra, implicit) = self.extensions()?;
        let mut payload = [&unsigned.call[..], &extra, &implicit].concat();
        if payload.len() > LONGEST_PAYLOAD {
            payload = Blake2b::<U32>::digest(&payload).to_vec();
        }
        let signature = key.sign(&payload);
        // Version 4, signed; then who, an address of the kind `Id`, and a signature of the kind sr25519.
        let mut body = vec![0x84, 0];
        body.extend(key.public_key().0);
        body.push(1);
        body.extend(signature.0);
        body.extend(extra);
        body.extend(&unsigned.call);
        Ok(SignedTransaction {
            account: Some(AccountId::from(key)),
            nonce: unsigned.nonce,
            birth: unsigned.birth.number,
            last_block: unsigned.last_block(),
            bytes: body.encode(),
        })
    }

    /// What the transaction carries beside the call, and what is only signed.
    fn extensions(&self) -> Result<(Vec<u8>, Vec<u8>), ChainError> {
        let unsigned = self.unsigned;
        let (mut extra, mut implicit) = (Vec::new(), Vec::new());
        let wrong = |reason: String| ChainError::incompatible("the transaction format", reason);
        let known = self.metadata.extrinsic().transaction_extensions_by_version(0);
        for extension in known.ok_or_else(|| wrong("it has no version 0".into()))? {
            match extension.identifier() {
                "CheckSpecVersion" => unsigned.spec_version.encode_to(&mut implicit),
                "CheckTxVersion" => unsigned.transaction_version.encode_to(&mut implicit),
                "CheckGenesis" => implicit.extend(unsigned.genesis.0),
                "CheckMortality" => {
                    Era::mortal(unsigned.lifetime, unsigned.birth.number.into()).encode_to(&mut extra);
                    implicit.extend(unsigned.birth.hash.0);
                }
                "CheckNonce" => Compact(unsigned.nonce).encode_to(&mut extra),
                "ChargeTransactionPayment" => Compact(unsigned.tip).encode_to(&mut extra),
                "CheckMetadataHash" => {
                    extra.push(unsigned.checks_metadata.into());
                    unsigned
                        .checks_metadata
                        .then_some(self.metadata_hash)
                        .encode_to(&mut implicit);
                }
                _ if self.is_empty(extension.extra_ty()) && self.is_empty(extension.additional_ty()) => {}
                other => return Err(wrong(format!("it wants {other}, which this program does not know"))),
            }
        }
        Ok((extra, implicit))
    }

    /// Whether values of a type take no bytes.
    fn is_empty(&self, ty: u32) -> bool {
        match self.metadata.types().resolve(ty).map(|ty| &ty.type_def) {
            Some(TypeDef::Tuple(tuple)) => tuple.fields.iter().all(|field| self.is_empty(field.id)),
            Some(TypeDef::Composite(composite)) => composite.fields.iter().all(|field| self.is_empty(field.ty.id)),
            Some(TypeDef::Array(array)) => array.len == 0,
            _ => false,
        }
    }
}

/// The one entry of an object that has one.
fn only_entry(value: &Value) -> Option<(&String, &Value)> {
    let object = value.as_object().filter(|object| object.len() == 1)?;
    object.iter().next()
}

/// A value without quotes, and an address without saying that it is one.
fn plainly(value: &Value) -> String {
    match (value, only_entry(value)) {
        (Value::String(text), _) => text.clone(),
        (_, Some((kind, Value::String(address)))) if kind == "Id" => address.clone(),
        _ => value.to_string(),
    }
}

impl ChainClient {
    /// A call for `account` to sign elsewhere, valid for at least so many blocks from the last finalized one.
    pub async fn prepare(
        &self,
        account: AccountId,
        call: &Call,
        tip: Balance,
        lifetime: u64,
    ) -> Result<UnsignedTransaction, ChainError> {
        let metadata: Option<Vec<u8>> = self
            .state_call("Metadata_metadata_at_version", HASHED_METADATA.encode(), None)
            .await?;
        let metadata = metadata.ok_or_else(|| ChainError::incompatible("metadata", "there is none of version 15"))?;
        let version =
            Version::of(&Metadata::decode_from(&metadata).map_err(|e| ChainError::incompatible("metadata", e))?)?;
        let mut unsigned = UnsignedTransaction {
            account,
            call: self.encode_call(call).await?,
            nonce: self.next_nonce(account).await?,
            tip,
            genesis: self.genesis_hash(),
            birth: self.finalized_block().await?,
            lifetime: lifetime.clamp(4, MAX_LIFETIME).next_power_of_two(),
            spec_version: version.spec_version,
            transaction_version: version.transaction_version,
            checks_metadata: true,
            metadata,
        };
        unsigned.checks_metadata = self.knows_metadata_hash(&unsigned).await?;
        Ok(unsigned)
    }

    /// Whether the runtime knows the hash of its metadata: one that does not cannot even judge a signature over it.
    async fn knows_metadata_hash(&self, unsigned: &UnsignedTransaction) -> Result<bool, ChainError> {
        let nobody = Keypair::from_secret_key([1; 32]).map_err(|e| ChainError::incompatible("a key", e))?;
        let probe = unsigned.open()?.sign(&nobody)?;
        match self.validate(probe.bytes, self.best_block().await?).await {
            Err(ChainError::Refused(refusal)) => Ok(refusal.name != "UnknownValidity"),
            Err(error) => Err(error),
            Ok(()) => Ok(true),
        }
    }

    /// Offers a signed transaction and waits until it is included. Doing so again is safe, also after it was included.
    ///
    /// # Errors
    /// [`ChainError::Expired`], [`ChainError::NonceUsed`] and [`ChainError::NonceAhead`] where it cannot be included; else as [`Self::submit`].
    /// The watcher is not asked to write down what is written down already.
    pub async fn submit_signed(
        &self,
        signed: &SignedTransaction,
        options: SubmitOptions,
        watcher: &dyn Watcher,
    ) -> Result<Included, ChainError> {
        let deadline = Instant::now() + options.deadline;
        let late = |_| {
            Err(ChainError::Undecided {
                what: "in the file".into(),
                after: options.deadline,
                transaction: signed.clone(),
            })
        };
        timeout_at(deadline, self.settle_signed(signed, options, Trail::new(watcher)))
            .await
            .unwrap_or_else(late)
    }

    async fn settle_signed(
        &self,
        signed: &SignedTransaction,
        options: SubmitOptions,
        mut trail: Trail<'_>,
    ) -> Result<Included, ChainError> {
        let runtime = self.runtime().await?;
        let lifetime = u64::from(signed.last_block.saturating_sub(signed.birth)) + 1;
        let mut transaction = Transaction::new(signed.bytes.clone(), runtime, signed.birth, lifetime);
        if let Some(account) = signed.account {
            transaction = transaction.of(account, signed.nonce);
            let next = self.next_nonce(account).await?;
            if next < signed.nonce {
                let nonce = signed.nonce;
                return Err(ChainError::NonceAhead { account, nonce, next });
            }
        }
        let statuses = self.offer_signed(&transaction).await?;
        let concluded = match self.outcome(&transaction, statuses, options.wait, &trail).await {
            Err(ChainError::Lost(_)) => Err(self.why_lost(signed).await?),
            concluded => concluded,
        };
        trail.conclude(concluded)
    }

    /// Hands it over, unless its time is up; without statuses where only the blocks can tell what became of it.
    async fn offer_signed(&self, transaction: &Transaction) -> Result<Option<Statuses>, ChainError> {
        // A node takes the signature of one that is out of date for a wrong one.
        if self.best_block().await?.number >= transaction.last_block {
            return Ok(None);
        }
        match self.hand_over(transaction).await {
            Ok(statuses) => Ok(Some(statuses)),
            Err(ChainError::Refused(refusal)) if MAY_BE_INCLUDED.contains(&refusal.name.as_str()) => Ok(None),
            Err(error) if error.is_connection() || matches!(error, ChainError::Deadline { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn why_lost(&self, signed: &SignedTransaction) -> Result<ChainError, ChainError> {
        let head = self.finalized_block().await?;
        let nonce = signed.nonce;
        if let Some(account) = signed.account {
            if self.nonce_at(account, head.hash).await? > nonce {
                return Ok(ChainError::NonceUsed { account, nonce });
            }
        }
        Ok(ChainError::Expired {
            last_block: signed.last_block,
            head: head.number,
        })
    }
}

/// What a pool says of a transaction that it, or a block, has already.
const MAY_BE_INCLUDED: [&str; 4] = ["Stale", "AlreadyImported", "TemporarilyBanned", "PriorityTooLow"];
