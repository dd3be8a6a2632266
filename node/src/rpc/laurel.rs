//! The `laurel_*` methods: what clients without SCALE read, answered from the runtime API `LaurelApi` as readable JSON. Each takes the
//! hash of the block to read as its last, optional parameter; without it, the best block is read.
use super::{
    error::Refusal,
    view::{Decimal, HotkeyView, List, MetagraphView, RootView, StakeView, SubnetView, SupplyView},
};
use crate::service::Client;
use jsonrpsee::{core::RpcResult, proc_macros::rpc};
use laurel_runtime::{AccountId, Hash};
use laurel_runtime_api::LaurelApi as _;
use laurel_types::NetUid;
use sp_api::{ApiError, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;
use std::sync::Arc;

/// Reads of subnets, neurons, stake, root and supply.
#[rpc(client, server, namespace = "laurel")]
pub trait LaurelRpc {
    /// All subnets, ascending by netuid.
    #[method(name = "subnets", blocking)]
    fn subnets(&self, at: Option<Hash>) -> RpcResult<List<SubnetView>>;

    /// One subnet with all of its neurons, at one block.
    #[method(name = "metagraph", blocking)]
    fn metagraph(&self, netuid: NetUid, at: Option<Hash>) -> RpcResult<MetagraphView>;

    /// The root network: seats, weights, split.
    #[method(name = "root", blocking)]
    fn root(&self, at: Option<Hash>) -> RpcResult<RootView>;

    /// Every position of one coldkey.
    #[method(name = "stakeOf", blocking)]
    fn stake_of(&self, coldkey: AccountId, at: Option<Hash>) -> RpcResult<List<StakeView>>;

    /// One hotkey's pool and registrations.
    #[method(name = "hotkey", blocking)]
    fn hotkey(&self, hotkey: AccountId, at: Option<Hash>) -> RpcResult<HotkeyView>;

    /// What registering in this subnet costs in the next block, in leaves.
    #[method(name = "quoteRegister", blocking)]
    fn quote_register(&self, netuid: NetUid, at: Option<Hash>) -> RpcResult<Decimal>;

    /// What creating a subnet locks in the next block, in leaves.
    #[method(name = "quoteCreateSubnet", blocking)]
    fn quote_create_subnet(&self, at: Option<Hash>) -> RpcResult<Decimal>;

    /// Where every token is, in leaves.
    #[method(name = "supply", blocking)]
    fn supply(&self, at: Option<Hash>) -> RpcResult<SupplyView>;
}

/// Answers the `laurel_*` methods from this node's chain.
pub struct Laurel {
    client: Arc<Client>,
}

impl Laurel {
    /// Reads from `client`.
    pub fn new(client: Arc<Client>) -> Self {
        Self { client }
    }

    /// The block to read.
    fn block(&self, at: Option<Hash>) -> Result<Hash, Refusal> {
        let Some(hash) = at else {
            return Ok(self.client.info().best_hash);
        };
        match self.client.header(hash) {
            Ok(Some(_)) => Ok(hash),
            Ok(None) => Err(Refusal::BlockNotFound(hash)),
            Err(error) => Err(Refusal::RuntimeCallFailed(error.to_string())),
        }
    }

    fn exists(&self, netuid: NetUid, at: Hash) -> Result<bool, Refusal> {
        let subnets = self
            .client
            .runtime_api()
            .subnets(at)
            .map_err(|error| failed(error, at))?;
        Ok(subnets.iter().any(|subnet| subnet.netuid == netuid))
    }
}

/// The call failed: mostly because the state of an old block was pruned.
fn failed(error: ApiError, at: Hash) -> Refusal {
    match error {
        ApiError::UnknownBlock(_) | ApiError::StateBackendIsNotTrie => Refusal::BlockNotFound(at),
        other => Refusal::RuntimeCallFailed(other.to_string()),
    }
}

impl LaurelRpcServer for Laurel {
    fn subnets(&self, at: Option<Hash>) -> RpcResult<List<SubnetView>> {
        let at = self.block(at)?;
        Ok(self
            .client
            .runtime_api()
            .subnets(at)
            .map_err(|error| failed(error, at))?
            .into())
    }

    fn metagraph(&self, netuid: NetUid, at: Option<Hash>) -> RpcResult<MetagraphView> {
        let at = self.block(at)?;
        let metagraph = self
            .client
            .runtime_api()
            .metagraph(at, netuid)
            .map_err(|error| failed(error, at))?;
        Ok(metagraph.ok_or(Refusal::SubnetNotFound(netuid))?.into())
    }

    fn root(&self, at: Option<Hash>) -> RpcResult<RootView> {
        let at = self.block(at)?;
        Ok(self
            .client
            .runtime_api()
            .root(at)
            .map_err(|error| failed(error, at))?
            .into())
    }

    fn stake_of(&self, coldkey: AccountId, at: Option<Hash>) -> RpcResult<List<StakeView>> {
        let at = self.block(at)?;
        Ok(self
            .client
            .runtime_api()
            .stake_of(at, coldkey)
            .map_err(|error| failed(error, at))?
            .into())
    }

    fn hotkey(&self, hotkey: AccountId, at: Option<Hash>) -> RpcResult<HotkeyView> {
        let at = self.block(at)?;
        let name = hotkey.to_string();
        let info = self
            .client
            .runtime_api()
            .hotkey(at, hotkey)
            .map_err(|error| failed(error, at))?;
        Ok(info.ok_or(Refusal::HotkeyNotFound(name))?.into())
    }

    fn quote_register(&self, netuid: NetUid, at: Option<Hash>) -> RpcResult<Decimal> {
        let at = self.block(at)?;
        match self
            .client
            .runtime_api()
            .quote_register(at, netuid)
            .map_err(|error| failed(error, at))?
        {
            Some(price) => Ok(price.into()),
            None if self.exists(netuid, at)? => Err(Refusal::RegistrationClosed(netuid).into()),
            None => Err(Refusal::SubnetNotFound(netuid).into()),
        }
    }

    fn quote_create_subnet(&self, at: Option<Hash>) -> RpcResult<Decimal> {
        let at = self.block(at)?;
        Ok(self
            .client
            .runtime_api()
            .quote_create_subnet(at)
            .map_err(|error| failed(error, at))?
            .into())
    }

    fn supply(&self, at: Option<Hash>) -> RpcResult<SupplyView> {
        let at = self.block(at)?;
        Ok(self
            .client
            .runtime_api()
            .supply(at)
            .map_err(|error| failed(error, at))?
            .into())
    }
}
