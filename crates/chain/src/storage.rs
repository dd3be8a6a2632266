//! Reads of storage that no runtime API answers, as JSON by the types of the chain's metadata, and the node's own methods.
use crate::{record, runtime::Runtime, AccountId, BlockHash, ChainClient, ChainError};
use serde_json::Value;
use subxt::{
    ext::{frame_decode::storage::StorageHasher, scale_value},
    metadata::PalletMetadata,
    rpcs::{client::RpcParams, RpcClient},
};
use tokio::time::timeout;

/// Keys read in one request.
const PAGE: u32 = 500;

/// One part of a storage key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A number, or a newtype of one such as a netuid.
    Number(u64),
    /// An account.
    Account(AccountId),
    /// 32 bytes.
    Hash([u8; 32]),
}

impl From<Key> for scale_value::Value {
    fn from(key: Key) -> Self {
        match key {
            Key::Number(number) => Self::u128(number.into()),
            Key::Account(AccountId(bytes)) | Key::Hash(bytes) => Self::from_bytes(bytes),
        }
    }
}

impl ChainClient {
    /// One value of a pallet's storage, by its name and keys, as JSON: integers wider than 32 bits are decimal strings, accounts are ss58
    /// addresses, bytes hexadecimal. None where nothing is stored and there is no default.
    ///
    /// # Errors
    /// [`ChainError::Incompatible`] if the chain has no such storage or the keys do not fit.
    pub async fn storage(
        &self,
        pallet: &str,
        entry: &str,
        keys: &[Key],
        at: Option<BlockHash>,
    ) -> Result<Option<Value>, ChainError> {
        let bytes = self.storage_bytes(pallet, entry, keys, at).await?;
        self.runtime().await?.storage_value(pallet, entry, bytes)
    }

    /// The same as it is stored, in SCALE; none where nothing is.
    pub async fn storage_bytes(
        &self,
        pallet: &str,
        entry: &str,
        keys: &[Key],
        at: Option<BlockHash>,
    ) -> Result<Option<Vec<u8>>, ChainError> {
        let key = &self.runtime().await?.storage_key(pallet, entry, keys)?;
        self.request("storage", |rpc| async move {
            rpc.state_get_storage(key, at.map(Into::into)).await
        })
        .await
    }

    /// Every value of a map under the first of its keys, each with the keys that follow, as JSON, in no particular order. Read page by page,
    /// at one block if one is given. Empty for a pallet that the chain does not have.
    pub async fn storage_map(
        &self,
        pallet: &str,
        entry: &str,
        first: &[Key],
        at: Option<BlockHash>,
    ) -> Result<Vec<(Vec<Value>, Value)>, ChainError> {
        let runtime = self.runtime().await?;
        let prefix = &runtime.storage_prefix(pallet, entry, first)?;
        let mut found = Vec::new();
        let mut last: Option<Vec<u8>> = None;
        loop {
            let start = last.as_deref();
            let keys = self
                .request("storage", |rpc| async move {
                    rpc.state_get_keys_paged(prefix, PAGE, start, at.map(Into::into)).await
                })
                .await?;
            let Some(newest) = keys.last() else { return Ok(found) };
            for key in &keys {
                let bytes = self
                    .request("storage", |rpc| async move {
                        rpc.state_get_storage(key, at.map(Into::into)).await
                    })
                    .await?;
                let rest = key.get(prefix.len()..).unwrap_or_default();
                let parts = runtime.key_parts(pallet, entry, first.len(), rest)?;
                // Gone between the two requests, where no block is given.
                if let Some(value) = bytes
                    .map(|bytes| runtime.decode_storage(pallet, entry, &bytes))
                    .transpose()?
                {
                    found.push((parts, value));
                }
            }
            last = Some(newest.clone());
        }
    }

    /// Whether the chain's runtime has a pallet of this name.
    pub async fn has_pallet(&self, pallet: &str) -> Result<bool, ChainError> {
        Ok(self.runtime().await?.metadata.pallet_by_name(pallet).is_some())
    }

    /// Asks the node by one of its own methods that change nothing, such as `laurel_subnets`.
    pub async fn rpc(&self, method: &str, params: &[Value]) -> Result<Value, ChainError> {
        let mut list = RpcParams::new();
        for param in params {
            list.push(param).map_err(|e| ChainError::incompatible(method, e))?;
        }
        let limit = self.inner.options.request_deadline;
        let client = RpcClient::new(self.connection().await?.socket.clone());
        match timeout(limit, client.request(method, list)).await {
            Ok(result) => result.map_err(|e| ChainError::from_rpc(method, e, limit)),
            Err(_) => Err(ChainError::Deadline {
                what: method.into(),
                after: limit,
            }),
        }
    }
}

impl Runtime {
    fn storage_pallet(&self, pallet: &str) -> Result<PalletMetadata<'_>, ChainError> {
        self.metadata
            .pallet_by_name(pallet)
            .ok_or_else(|| ChainError::incompatible(format!("the pallet {pallet}"), "there is none"))
    }

    fn storage_key(&self, pallet: &str, entry: &str, keys: &[Key]) -> Result<Vec<u8>, ChainError> {
        let values: Vec<scale_value::Value> = keys.iter().map(|key| (*key).into()).collect();
        let storage = self.offline.storage();
        let fails = |e| ChainError::incompatible(format!("storage {pallet}.{entry}"), e);
        storage
            .entry((pallet, entry))
            .map_err(fails)?
            .fetch_key(values)
            .map_err(fails)
    }

    fn storage_prefix(&self, pallet: &str, entry: &str, first: &[Key]) -> Result<Vec<u8>, ChainError> {
        let values: Vec<scale_value::Value> = first.iter().map(|key| (*key).into()).collect();
        let storage = self.offline.storage();
        let fails = |e| ChainError::incompatible(format!("storage {pallet}.{entry}"), e);
        storage
            .entry((pallet, entry))
            .map_err(fails)?
            .iter_key(values)
            .map_err(fails)
    }

    /// The value, or the default of the entry where none is stored.
    fn storage_value(&self, pallet: &str, entry: &str, bytes: Option<Vec<u8>>) -> Result<Option<Value>, ChainError> {
        let default = || {
            let storage = self.metadata.pallet_by_name(pallet)?.storage()?;
            storage.entry_by_name(entry)?.default_value().map(<[u8]>::to_vec)
        };
        let bytes = bytes.or_else(default);
        bytes
            .map(|bytes| self.decode_storage(pallet, entry, &bytes))
            .transpose()
    }

    fn decode_storage(&self, pallet: &str, entry: &str, bytes: &[u8]) -> Result<Value, ChainError> {
        let ty = self
            .storage_pallet(pallet)?
            .storage()
            .and_then(|storage| storage.entry_by_name(entry))
            .map(|entry| entry.value_ty())
            .ok_or_else(|| ChainError::incompatible(format!("storage {pallet}.{entry}"), "there is none"))?;
        record::read(self.metadata.types(), ty, &mut &*bytes)
    }

    /// The keys that follow the first `skip`, whose hashers keep the key itself.
    fn key_parts(&self, pallet: &str, entry: &str, skip: usize, mut rest: &[u8]) -> Result<Vec<Value>, ChainError> {
        let label = || format!("storage {pallet}.{entry}");
        let storage = self.storage_pallet(pallet)?.storage();
        let entry_of = storage.and_then(|storage| storage.entry_by_name(entry));
        let entry_of = entry_of.ok_or_else(|| ChainError::incompatible(label(), "there is none"))?;
        let mut parts = Vec::new();
        for key in entry_of.keys().skip(skip) {
            let hash = match key.hasher {
                StorageHasher::Blake2_128Concat => 16,
                StorageHasher::Twox64Concat => 8,
                StorageHasher::Identity => 0,
                _ => return Err(ChainError::incompatible(label(), "its keys are hashes")),
            };
            rest = rest
                .get(hash..)
                .ok_or_else(|| ChainError::incompatible(label(), "a key is short"))?;
            parts.push(record::read(self.metadata.types(), key.key_id, &mut rest)?);
        }
        Ok(parts)
    }
}
