//! The `laurel_*` methods: what clients without SCALE read, answered from the runtime API `LaurelApi` as readable JSON. Each takes the
//! hash of the block to read as its last, optional parameter; without it, the best block is read.
use super::{
    deposit::{PrepaidTermsView, PrepaidView},
    error::Refusal,
    portion::{ChangesView, CommitsView, EmissionScheduleView, PageView, PortfolioView, RefusalView, TokenView},
    view::{
        Decimal, HotkeyView, List, Maybe, MetagraphView, NeuronView, RootView, SplitView, StakeView, SubnetView,
        SupplyView, UnstakeView,
    },
};
use crate::service::Client;
use jsonrpsee::{core::RpcResult, proc_macros::rpc};
use laurel_runtime::{AccountId, Hash, OpaqueBlock as Block};
use laurel_runtime_api::LaurelApi as _;
use laurel_types::{BlockNumber, NetUid, Uid, REFUSALS};
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

    /// `count` neurons of a subnet, at most 64, from `first` on.
    #[method(name = "metagraphPage", blocking)]
    fn metagraph_page(&self, netuid: NetUid, first: Uid, count: u16, at: Option<Hash>) -> RpcResult<PageView>;

    /// What changed in a subnet after block `since`.
    #[method(name = "metagraphChanges", blocking)]
    fn metagraph_changes(&self, netuid: NetUid, since: BlockNumber, at: Option<Hash>) -> RpcResult<ChangesView>;

    /// The neuron of a hotkey in a subnet.
    #[method(name = "neuron", blocking)]
    fn neuron(&self, netuid: NetUid, hotkey: AccountId, at: Option<Hash>) -> RpcResult<NeuronView>;

    /// What validators committed to and did not reveal yet, by uid.
    #[method(name = "pendingCommits", blocking)]
    fn pending_commits(&self, netuid: NetUid, at: Option<Hash>) -> RpcResult<List<CommitsView>>;

    /// The root network: seats, weights, split.
    #[method(name = "root", blocking)]
    fn root(&self, at: Option<Hash>) -> RpcResult<RootView>;

    /// The split as it would be if it were computed now.
    #[method(name = "nextSplit", blocking)]
    fn next_split(&self, at: Option<Hash>) -> RpcResult<List<SplitView>>;

    /// Everything one coldkey has, with the pools that it is in.
    #[method(name = "portfolio", blocking)]
    fn portfolio(&self, coldkey: AccountId, at: Option<Hash>) -> RpcResult<PortfolioView>;

    /// Every position of one coldkey.
    #[method(name = "stakeOf", blocking)]
    fn stake_of(&self, coldkey: AccountId, at: Option<Hash>) -> RpcResult<List<StakeView>>;

    /// One hotkey's pool and registrations.
    #[method(name = "hotkey", blocking)]
    fn hotkey(&self, hotkey: AccountId, at: Option<Hash>) -> RpcResult<HotkeyView>;

    /// What registering in this subnet costs in the next block, in leaves.
    #[method(name = "quoteRegister", blocking)]
    fn quote_register(&self, netuid: NetUid, at: Option<Hash>) -> RpcResult<Decimal>;

    /// The difficulty that work must meet to register in this subnet in the next block.
    #[method(name = "quoteWork", blocking)]
    fn quote_work(&self, netuid: NetUid, at: Option<Hash>) -> RpcResult<Decimal>;

    /// What creating a subnet locks in the next block, in leaves.
    #[method(name = "quoteCreateSubnet", blocking)]
    fn quote_create_subnet(&self, at: Option<Hash>) -> RpcResult<Decimal>;

    /// What removing `amount` leaves, or all for `null`, of a coldkey's stake on a hotkey does in the next block.
    #[method(name = "quoteUnstake", blocking)]
    fn quote_unstake(
        &self,
        coldkey: AccountId,
        hotkey: AccountId,
        amount: Option<Decimal>,
        at: Option<Hash>,
    ) -> RpcResult<UnstakeView>;

    /// What a payer holds for a gateway; `null` if there is no deposit.
    #[method(name = "prepaid", blocking)]
    fn prepaid(&self, gateway: AccountId, payer: AccountId, at: Option<Hash>) -> RpcResult<Maybe<PrepaidView>>;

    /// Everything that a payer holds for gateways, ascending by gateway.
    #[method(name = "prepaidBy", blocking)]
    fn prepaid_by(&self, payer: AccountId, at: Option<Hash>) -> RpcResult<List<PrepaidView>>;

    /// `count` deposits for a gateway, at most 256: the first ones for `null`, or those that come after the one of payer `after`. Read
    /// all pages of one block: the order is the same there.
    #[method(name = "prepaidFor", blocking)]
    fn prepaid_for(
        &self,
        gateway: AccountId,
        after: Option<AccountId>,
        count: u32,
        at: Option<Hash>,
    ) -> RpcResult<List<PrepaidView>>;

    /// On which terms deposits for gateways are taken and given back.
    #[method(name = "prepaidTerms", blocking)]
    fn prepaid_terms(&self, at: Option<Hash>) -> RpcResult<PrepaidTermsView>;

    /// Where every token is, in leaves.
    #[method(name = "supply", blocking)]
    fn supply(&self, at: Option<Hash>) -> RpcResult<SupplyView>;

    /// What blocks mint, now and later, in leaves.
    #[method(name = "emissionSchedule", blocking)]
    fn emission_schedule(&self, at: Option<Hash>) -> RpcResult<EmissionScheduleView>;

    /// How amounts, which all methods give in leaves, read as tokens.
    #[method(name = "token", blocking)]
    fn token(&self) -> RpcResult<TokenView>;

    /// What the codes mean with which the transaction pool refuses: `Custom error: code`.
    #[method(name = "refusals", blocking)]
    fn refusals(&self) -> RpcResult<List<RefusalView>>;
}

/// Answers the `laurel_*` methods from this node's chain.
pub struct Laurel {
    client: Arc<Client>,
}

/// The runtime's side of the client.
type Api = <Client as ProvideRuntimeApi<Block>>::Api;

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

    /// Asks the runtime of one block.
    fn ask<T>(&self, at: Option<Hash>, question: impl FnOnce(&Api, Hash) -> Result<T, ApiError>) -> Result<T, Refusal> {
        let at = self.block(at)?;
        question(&self.client.runtime_api(), at).map_err(|error| failed(error, at))
    }

    /// Refuses where the subnet does not exist.
    fn require_subnet(&self, netuid: NetUid, at: Option<Hash>) -> Result<(), Refusal> {
        let page = self.ask(at, |api, at| api.metagraph_page(at, netuid, Uid(0), 0))?;
        page.map(drop).ok_or(Refusal::SubnetNotFound(netuid))
    }

    /// Why there is no answer about a subnet: it does not exist, or something else.
    fn missing(&self, netuid: NetUid, at: Option<Hash>, otherwise: Refusal) -> Refusal {
        self.require_subnet(netuid, at).err().unwrap_or(otherwise)
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
        Ok(self.ask(at, |api, at| api.subnets(at))?.into())
    }

    fn metagraph(&self, netuid: NetUid, at: Option<Hash>) -> RpcResult<MetagraphView> {
        let metagraph = self.ask(at, |api, at| api.metagraph(at, netuid))?;
        Ok(metagraph.ok_or(Refusal::SubnetNotFound(netuid))?.into())
    }

    fn metagraph_page(&self, netuid: NetUid, first: Uid, count: u16, at: Option<Hash>) -> RpcResult<PageView> {
        let page = self.ask(at, |api, at| api.metagraph_page(at, netuid, first, count))?;
        Ok(page.ok_or(Refusal::SubnetNotFound(netuid))?.into())
    }

    fn metagraph_changes(&self, netuid: NetUid, since: BlockNumber, at: Option<Hash>) -> RpcResult<ChangesView> {
        let changes = self.ask(at, |api, at| api.metagraph_changes(at, netuid, since))?;
        Ok(changes.ok_or(Refusal::SubnetNotFound(netuid))?.into())
    }

    fn neuron(&self, netuid: NetUid, hotkey: AccountId, at: Option<Hash>) -> RpcResult<NeuronView> {
        let name = hotkey.to_string();
        match self.ask(at, |api, at| api.neuron(at, netuid, hotkey))? {
            Some(neuron) => Ok(neuron.into()),
            None => Err(self.missing(netuid, at, Refusal::NeuronNotFound(netuid, name)).into()),
        }
    }

    fn pending_commits(&self, netuid: NetUid, at: Option<Hash>) -> RpcResult<List<CommitsView>> {
        let commits = self.ask(at, |api, at| api.pending_commits(at, netuid))?;
        if commits.is_empty() {
            self.require_subnet(netuid, at)?;
        }
        Ok(commits.into())
    }

    fn root(&self, at: Option<Hash>) -> RpcResult<RootView> {
        Ok(self.ask(at, |api, at| api.root(at))?.into())
    }

    fn next_split(&self, at: Option<Hash>) -> RpcResult<List<SplitView>> {
        Ok(self.ask(at, |api, at| api.next_split(at))?.into())
    }

    fn portfolio(&self, coldkey: AccountId, at: Option<Hash>) -> RpcResult<PortfolioView> {
        Ok(self.ask(at, |api, at| api.portfolio(at, coldkey))?.into())
    }

    fn stake_of(&self, coldkey: AccountId, at: Option<Hash>) -> RpcResult<List<StakeView>> {
        Ok(self.ask(at, |api, at| api.stake_of(at, coldkey))?.into())
    }

    fn hotkey(&self, hotkey: AccountId, at: Option<Hash>) -> RpcResult<HotkeyView> {
        let name = hotkey.to_string();
        let info = self.ask(at, |api, at| api.hotkey(at, hotkey))?;
        Ok(info.ok_or(Refusal::HotkeyNotFound(name))?.into())
    }

    fn quote_register(&self, netuid: NetUid, at: Option<Hash>) -> RpcResult<Decimal> {
        match self.ask(at, |api, at| api.quote_register(at, netuid))? {
            Some(price) => Ok(price.into()),
            None => Err(self.missing(netuid, at, Refusal::RegistrationClosed(netuid)).into()),
        }
    }

    fn quote_work(&self, netuid: NetUid, at: Option<Hash>) -> RpcResult<Decimal> {
        match self.ask(at, |api, at| api.quote_work(at, netuid))? {
            Some(difficulty) => Ok(difficulty.into()),
            None => Err(self.missing(netuid, at, Refusal::WorkClosed(netuid)).into()),
        }
    }

    fn quote_create_subnet(&self, at: Option<Hash>) -> RpcResult<Decimal> {
        Ok(self.ask(at, |api, at| api.quote_create_subnet(at))?.into())
    }

    fn quote_unstake(
        &self,
        coldkey: AccountId,
        hotkey: AccountId,
        amount: Option<Decimal>,
        at: Option<Hash>,
    ) -> RpcResult<UnstakeView> {
        let amount = amount.map(|Decimal(leaves)| leaves);
        let quote = self.ask(at, |api, at| api.quote_unstake(at, coldkey, hotkey, amount))?;
        Ok(quote.ok_or(Refusal::NothingToUnstake)?.into())
    }

    fn prepaid(&self, gateway: AccountId, payer: AccountId, at: Option<Hash>) -> RpcResult<Maybe<PrepaidView>> {
        Ok(self.ask(at, |api, at| api.prepaid(at, gateway, payer))?.into())
    }

    fn prepaid_by(&self, payer: AccountId, at: Option<Hash>) -> RpcResult<List<PrepaidView>> {
        Ok(self.ask(at, |api, at| api.prepaid_by(at, payer))?.into())
    }

    fn prepaid_for(
        &self,
        gateway: AccountId,
        after: Option<AccountId>,
        count: u32,
        at: Option<Hash>,
    ) -> RpcResult<List<PrepaidView>> {
        Ok(self
            .ask(at, |api, at| api.prepaid_for(at, gateway, after, count))?
            .into())
    }

    fn prepaid_terms(&self, at: Option<Hash>) -> RpcResult<PrepaidTermsView> {
        Ok(self.ask(at, |api, at| api.prepaid_terms(at))?.into())
    }

    fn supply(&self, at: Option<Hash>) -> RpcResult<SupplyView> {
        Ok(self.ask(at, |api, at| api.supply(at))?.into())
    }

    fn emission_schedule(&self, at: Option<Hash>) -> RpcResult<EmissionScheduleView> {
        Ok(self.ask(at, |api, at| api.emission_schedule(at))?.into())
    }

    fn token(&self) -> RpcResult<TokenView> {
        Ok(TokenView::lrl())
    }

    fn refusals(&self) -> RpcResult<List<RefusalView>> {
        Ok(REFUSALS.to_vec().into())
    }
}
