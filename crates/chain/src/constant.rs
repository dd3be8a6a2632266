//! Constants of the chain's pallets.
use crate::{record, ChainClient, ChainError};
use serde_json::Value;

impl ChainClient {
    /// A constant of a pallet, such as `Proxy.ProxyDepositBase`, as JSON in the form of [`ChainClient::storage`].
    ///
    /// # Errors
    /// [`ChainError::Incompatible`] if the chain has no such constant.
    pub async fn constant(&self, pallet: &str, name: &str) -> Result<Value, ChainError> {
        let runtime = self.runtime().await?;
        let found = runtime.metadata.pallet_by_name(pallet);
        let constant = found
            .and_then(|pallet| pallet.constant_by_name(name))
            .ok_or_else(|| ChainError::incompatible(format!("the constant {pallet}.{name}"), "there is none"))?;
        record::read(runtime.metadata.types(), constant.ty(), &mut constant.value())
    }
}
