//! Typed reads of the runtime's records. Each takes a block; none means the best block now.
use crate::{runtime::decode_all, AccountId, BlockHash, ChainClient, ChainError};
use blake2::{digest::consts::U16, Blake2b, Digest};
use codec::{Decode, Encode};
use laurel_types::{
    Balance, HotkeyInfo, Metagraph, NetUid, Portfolio, Prepaid, PrepaidTerms, RegistrationId, Replacement, RootInfo,
    StakeInfo, SubnetInfo, Supply, UnstakeQuote, ValidatorCommits, WeightRow,
};
use serde::{Deserialize, Serialize};

/// Storage prefix of `System.Account`: the well-known digests of the two names.
const ACCOUNT_PREFIX: [u8; 32] = [
    0x26, 0xaa, 0x39, 0x4e, 0xea, 0x56, 0x30, 0xe0, 0x7c, 0x48, 0xae, 0x0c, 0x95, 0x58, 0xce, 0xf7, 0xb9, 0x9d, 0x88,
    0x0e, 0xc6, 0x81, 0x79, 0x9c, 0x0c, 0xf3, 0x0e, 0x88, 0x86, 0x37, 0x1d, 0xa9,
];
/// Accounts read in one request.
const ACCOUNTS_PAGE: u32 = 500;
/// Deposits read in one request: as many as the runtime gives.
const PREPAID_PAGE: u32 = 256;

/// What an account has, in leaves. All of it is `free + reserved`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountBalance {
    /// Can pay, unless frozen.
    pub free: Balance,
    /// On hold, as a subnet's lock.
    pub reserved: Balance,
    /// Part of `free` that cannot be sent.
    pub frozen: Balance,
}

/// `frame_system::AccountInfo` with this chain's `AccountData`.
#[derive(Decode)]
struct AccountRecord {
    _nonce: u32,
    _consumers: u32,
    _providers: u32,
    _sufficients: u32,
    free: Balance,
    reserved: Balance,
    frozen: Balance,
    _flags: u128,
}

impl AccountRecord {
    fn balance(bytes: &[u8]) -> Result<AccountBalance, ChainError> {
        let record: Self = decode_all("an account", bytes)?;
        Ok(AccountBalance {
            free: record.free,
            reserved: record.reserved,
            frozen: record.frozen,
        })
    }
}

impl ChainClient {
    /// All subnets, ascending by netuid.
    pub async fn subnets(&self, at: Option<BlockHash>) -> Result<Vec<SubnetInfo<AccountId>>, ChainError> {
        self.state_call("LaurelApi_subnets", Vec::new(), at).await
    }

    /// One subnet with all of its neurons; none if it does not exist.
    pub async fn metagraph(
        &self,
        netuid: NetUid,
        at: Option<BlockHash>,
    ) -> Result<Option<Metagraph<AccountId>>, ChainError> {
        self.state_call("LaurelApi_metagraph", netuid.encode(), at).await
    }

    /// The revealed weight rows of a subnet, ascending by registration.
    pub async fn weights(
        &self,
        netuid: NetUid,
        at: Option<BlockHash>,
    ) -> Result<Vec<(RegistrationId, WeightRow)>, ChainError> {
        self.state_call("LaurelApi_weights", netuid.encode(), at).await
    }

    /// The root network: seats, weights, split.
    pub async fn root(&self, at: Option<BlockHash>) -> Result<RootInfo<AccountId>, ChainError> {
        self.state_call("LaurelApi_root", Vec::new(), at).await
    }

    /// The split as it would be if it were computed now: parts of `u64::MAX`, ascending by netuid.
    pub async fn next_split(&self, at: Option<BlockHash>) -> Result<Vec<(NetUid, u64)>, ChainError> {
        self.state_call("LaurelApi_next_split", Vec::new(), at).await
    }

    /// What validators of a subnet have committed to and not yet revealed.
    pub async fn pending_commits(
        &self,
        netuid: NetUid,
        at: Option<BlockHash>,
    ) -> Result<Vec<ValidatorCommits>, ChainError> {
        self.state_call("LaurelApi_pending_commits", netuid.encode(), at).await
    }

    /// Everything one coldkey has staked, with the pools that it is in.
    pub async fn portfolio(
        &self,
        coldkey: &AccountId,
        at: Option<BlockHash>,
    ) -> Result<Portfolio<AccountId>, ChainError> {
        self.state_call("LaurelApi_portfolio", coldkey.encode(), at).await
    }

    /// Every position of one coldkey.
    pub async fn stake_of(
        &self,
        coldkey: &AccountId,
        at: Option<BlockHash>,
    ) -> Result<Vec<StakeInfo<AccountId>>, ChainError> {
        self.state_call("LaurelApi_stake_of", coldkey.encode(), at).await
    }

    /// One hotkey's pool and registrations; none if the hotkey is unknown.
    pub async fn hotkey(
        &self,
        hotkey: &AccountId,
        at: Option<BlockHash>,
    ) -> Result<Option<HotkeyInfo<AccountId>>, ChainError> {
        self.state_call("LaurelApi_hotkey", hotkey.encode(), at).await
    }

    /// What registering would cost in the next block; none if it cannot be done.
    pub async fn quote_register(&self, netuid: NetUid, at: Option<BlockHash>) -> Result<Option<Balance>, ChainError> {
        self.state_call("LaurelApi_quote_register", netuid.encode(), at).await
    }

    /// Expected tries that registering in the subnet by work would take in the block after; none if it takes no work.
    pub async fn quote_work(&self, netuid: NetUid, at: Option<BlockHash>) -> Result<Option<u64>, ChainError> {
        self.state_call("LaurelApi_quote_work", netuid.encode(), at).await
    }

    /// What creating a subnet would lock in the next block.
    pub async fn quote_create_subnet(&self, at: Option<BlockHash>) -> Result<Balance, ChainError> {
        self.state_call("LaurelApi_quote_create_subnet", Vec::new(), at).await
    }

    /// The subnet that creating one in the next block would end; none while there is room, and none where no subnet may end.
    pub async fn quote_replacement(&self, at: Option<BlockHash>) -> Result<Option<Replacement<AccountId>>, ChainError> {
        self.state_call("LaurelApi_quote_replacement", Vec::new(), at).await
    }

    /// What removing `amount` leaves, or all where there is none, of a coldkey's stake on a hotkey would do in the next block; none
    /// if it cannot be removed.
    pub async fn quote_unstake(
        &self,
        coldkey: &AccountId,
        hotkey: &AccountId,
        amount: Option<Balance>,
        at: Option<BlockHash>,
    ) -> Result<Option<UnstakeQuote>, ChainError> {
        let arguments = (coldkey, hotkey, amount).encode();
        self.state_call("LaurelApi_quote_unstake", arguments, at).await
    }

    /// What a payer holds for a gateway; none if there is no deposit.
    pub async fn prepaid(
        &self,
        gateway: &AccountId,
        payer: &AccountId,
        at: Option<BlockHash>,
    ) -> Result<Option<Prepaid<AccountId>>, ChainError> {
        self.state_call("LaurelApi_prepaid", (gateway, payer).encode(), at)
            .await
    }

    /// Everything that a payer holds for gateways, ascending by gateway.
    pub async fn prepaid_by(
        &self,
        payer: &AccountId,
        at: Option<BlockHash>,
    ) -> Result<Vec<Prepaid<AccountId>>, ChainError> {
        self.state_call("LaurelApi_prepaid_by", payer.encode(), at).await
    }

    /// Every deposit for a gateway at one block, in no particular order; read page by page.
    pub async fn prepaid_for(&self, gateway: &AccountId, at: BlockHash) -> Result<Vec<Prepaid<AccountId>>, ChainError> {
        let mut all: Vec<Prepaid<AccountId>> = Vec::new();
        loop {
            let after = all.last().map(|last| last.payer);
            let arguments = (gateway, after, PREPAID_PAGE).encode();
            let page: Vec<Prepaid<AccountId>> = self.state_call("LaurelApi_prepaid_for", arguments, Some(at)).await?;
            let is_last = page.len() < PREPAID_PAGE as usize;
            all.extend(page);
            if is_last {
                return Ok(all);
            }
        }
    }

    /// On which terms deposits for gateways are taken and given back.
    pub async fn prepaid_terms(&self, at: Option<BlockHash>) -> Result<PrepaidTerms, ChainError> {
        self.state_call("LaurelApi_prepaid_terms", Vec::new(), at).await
    }

    /// Where every token is.
    pub async fn supply(&self, at: Option<BlockHash>) -> Result<Supply, ChainError> {
        self.state_call("LaurelApi_supply", Vec::new(), at).await
    }

    /// What an account has; zeros if it does not exist.
    pub async fn balance(&self, account: &AccountId, at: Option<BlockHash>) -> Result<AccountBalance, ChainError> {
        let mut key = ACCOUNT_PREFIX.to_vec();
        key.extend(Blake2b::<U16>::digest(account.0));
        key.extend(account.0);
        let key = &key;
        let bytes = self
            .request("a balance", |rpc| async move {
                rpc.state_get_storage(key, at.map(Into::into)).await
            })
            .await?;
        bytes.map_or_else(|| Ok(AccountBalance::default()), |bytes| AccountRecord::balance(&bytes))
    }

    /// Every account of the chain with what it has; read page by page at one block.
    pub async fn accounts(&self, at: BlockHash) -> Result<Vec<(AccountId, AccountBalance)>, ChainError> {
        let mut accounts = Vec::new();
        let mut last: Option<Vec<u8>> = None;
        loop {
            let start = last.as_deref();
            let keys = self
                .request("the accounts", |rpc| async move {
                    rpc.state_get_keys_paged(&ACCOUNT_PREFIX, ACCOUNTS_PAGE, start, Some(at.into()))
                        .await
                })
                .await?;
            let Some(newest) = keys.last() else { return Ok(accounts) };
            let wanted = &keys;
            let sets = self
                .request("the accounts", |rpc| async move {
                    rpc.state_query_storage_at(wanted.iter().map(Vec::as_slice), Some(at.into()))
                        .await
                })
                .await?;
            for (key, value) in sets.into_iter().flat_map(|set| set.changes) {
                // The key ends in the account id: the hasher concatenates it.
                let id = key
                    .0
                    .last_chunk::<32>()
                    .ok_or_else(|| ChainError::incompatible("an account", "short key"))?;
                let bytes = value.ok_or_else(|| ChainError::incompatible("an account", "no value"))?;
                accounts.push((AccountId(*id), AccountRecord::balance(&bytes.0)?));
            }
            last = Some(newest.clone());
        }
    }
}
