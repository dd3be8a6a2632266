//! The runtime that the chain runs now: its metadata and versions, read again after an upgrade.
use crate::{ChainClient, ChainError};
use codec::{Decode, Encode};
use std::sync::Arc;
use subxt::{
    client::{OfflineClient, OfflineClientAtBlock},
    config::{
        substrate::{SpecVersionForRange, SubstrateConfigBuilder},
        SubstrateConfig,
    },
    metadata::{ArcMetadata, Metadata},
};

/// The newest metadata format that this client reads.
const NEWEST_METADATA: u32 = 16;

/// One version of the chain's runtime.
pub(crate) struct Runtime {
    spec_version: u32,
    transaction_version: u32,
    pub(crate) metadata: ArcMetadata,
    /// Builds transactions and decodes events without asking the node.
    pub(crate) offline: OfflineClientAtBlock<SubstrateConfig>,
}

impl ChainClient {
    /// The runtime in force; one small request unless it was upgraded.
    pub(crate) async fn runtime(&self) -> Result<Arc<Runtime>, ChainError> {
        let version = self
            .request("the runtime version", |rpc| async move {
                rpc.state_get_runtime_version(None).await
            })
            .await?;
        let mut current = self.inner.runtime.lock().await;
        if let Some(runtime) = current.as_ref() {
            if (runtime.spec_version, runtime.transaction_version)
                == (version.spec_version, version.transaction_version)
            {
                return Ok(runtime.clone());
            }
            tracing::info!(spec_version = version.spec_version, "the chain upgraded its runtime");
        }
        let runtime = self.load(version.spec_version, version.transaction_version).await?;
        *current = Some(runtime.clone());
        Ok(runtime)
    }

    async fn load(&self, spec_version: u32, transaction_version: u32) -> Result<Arc<Runtime>, ChainError> {
        let versions: Vec<u32> = self.state_call("Metadata_metadata_versions", Vec::new(), None).await?;
        let format = versions
            .into_iter()
            .filter(|v| *v <= NEWEST_METADATA)
            .max()
            .ok_or_else(|| ChainError::incompatible("metadata", "no known format"))?;
        let bytes: Option<Vec<u8>> = self
            .state_call("Metadata_metadata_at_version", format.encode(), None)
            .await?;
        let bytes = bytes.ok_or_else(|| ChainError::incompatible("metadata", "the format is listed but absent"))?;
        let metadata = Metadata::decode_from(&bytes)
            .map_err(|e| ChainError::incompatible("metadata", e))?
            .arc();
        let config = SubstrateConfigBuilder::new()
            .set_genesis_hash(self.genesis_hash().into())
            .set_metadata_for_spec_versions([(spec_version, metadata.clone())])
            .set_spec_version_for_block_ranges([SpecVersionForRange {
                block_range: 0..u64::MAX,
                spec_version,
                transaction_version,
            }])
            .build();
        let offline = OfflineClient::new_with_config(config)
            .at_block(0u64)
            .map_err(|e| ChainError::incompatible("metadata", e))?;
        Ok(Arc::new(Runtime {
            spec_version,
            transaction_version,
            metadata,
            offline,
        }))
    }

    /// Calls a runtime API at a block (none: the best) and decodes the whole answer.
    pub(crate) async fn state_call<T: Decode>(
        &self,
        method: &str,
        args: Vec<u8>,
        at: Option<crate::BlockHash>,
    ) -> Result<T, ChainError> {
        let args = &args;
        let answer = self
            .request(method, |rpc| async move {
                rpc.state_call(method, Some(args), at.map(Into::into)).await
            })
            .await?;
        decode_all(method, &answer)
    }
}

/// Decodes `bytes` and refuses a remainder, which would mean that the record grew.
pub(crate) fn decode_all<T: Decode>(what: &str, bytes: &[u8]) -> Result<T, ChainError> {
    let mut input = bytes;
    let value = T::decode(&mut input).map_err(|e| ChainError::incompatible(what, e))?;
    if input.is_empty() {
        Ok(value)
    } else {
        Err(ChainError::incompatible(
            what,
            format!("{} bytes too many", input.len()),
        ))
    }
}
