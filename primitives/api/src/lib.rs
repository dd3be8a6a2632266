//! Versioned runtime APIs by which clients read the network.
//!
//! Every answer is read at one block. Amounts are leaves; see `laurel_types` for the records.
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]
// The macro below repeats the bound of the trait on what it makes for each function.
#![allow(clippy::multiple_bound_locations)]

extern crate alloc;

use alloc::vec::Vec;
use laurel_types::{
    Balance, BlockNumber, EmissionSchedule, HotkeyInfo, Metagraph, MetagraphChanges, MetagraphPage, NetUid, NeuronInfo,
    Portfolio, Prepaid, PrepaidTerms, RegistrationId, Replacement, RootInfo, StakeInfo, SubnetInfo, Supply, Uid,
    UnstakeQuote, ValidatorCommits, WeightRow,
};

sp_api::decl_runtime_apis! {
    /// Reads of subnets, neurons, stake, root and supply.
    #[api_version(4)]
    pub trait LaurelApi<AccountId: codec::Codec> {
        /// All subnets, ascending by netuid.
        fn subnets() -> Vec<SubnetInfo<AccountId>>;
        /// One subnet with all of its neurons; none if it does not exist.
        fn metagraph(netuid: NetUid) -> Option<Metagraph<AccountId>>;
        /// `count` neurons of a subnet, at most 64, from `first` on; none if the subnet does not exist.
        fn metagraph_page(netuid: NetUid, first: Uid, count: u16) -> Option<MetagraphPage<AccountId>>;
        /// What changed in a subnet after block `since`; none if the subnet does not exist.
        fn metagraph_changes(netuid: NetUid, since: BlockNumber) -> Option<MetagraphChanges<AccountId>>;
        /// The neuron of a hotkey; none if it holds no uid in the subnet.
        fn neuron(netuid: NetUid, hotkey: AccountId) -> Option<NeuronInfo<AccountId>>;
        /// What the validators of a subnet committed to and did not reveal yet, by uid.
        fn pending_commits(netuid: NetUid) -> Vec<ValidatorCommits>;
        /// The revealed weight row of each validator of a subnet, ascending by registration.
        fn weights(netuid: NetUid) -> Vec<(RegistrationId, WeightRow)>;
        /// The root network: seats, weights, split.
        fn root() -> RootInfo<AccountId>;
        /// The split as it would be if it were computed now: parts of `u64::MAX`, ascending by netuid.
        fn next_split() -> Vec<(NetUid, u64)>;
        /// Everything one coldkey has, with the pools that it is in.
        fn portfolio(coldkey: AccountId) -> Portfolio<AccountId>;
        /// Every position of one coldkey.
        fn stake_of(coldkey: AccountId) -> Vec<StakeInfo<AccountId>>;
        /// One hotkey's pool and registrations; none if the hotkey is unknown.
        fn hotkey(hotkey: AccountId) -> Option<HotkeyInfo<AccountId>>;
        /// What registering in this subnet would cost in the next block; none if it cannot be done.
        fn quote_register(netuid: NetUid) -> Option<Balance>;
        /// The difficulty that work must meet to register in this subnet in the next block; none if work is not taken.
        fn quote_work(netuid: NetUid) -> Option<u64>;
        /// What creating a subnet would lock in the next block.
        fn quote_create_subnet() -> Balance;
        /// The subnet that creating one in the next block would end; none while there is room, and none where no subnet may end.
        fn quote_replacement() -> Option<Replacement<AccountId>>;
        /// What removing `amount` leaves, or all where there is none, of a coldkey's stake on a hotkey would do in the next
        /// block; none if it cannot be removed.
        fn quote_unstake(coldkey: AccountId, hotkey: AccountId, amount: Option<Balance>) -> Option<UnstakeQuote>;
        /// What a payer holds for a gateway; none if there is no deposit.
        fn prepaid(gateway: AccountId, payer: AccountId) -> Option<Prepaid<AccountId>>;
        /// Everything that a payer holds for gateways, ascending by gateway.
        fn prepaid_by(payer: AccountId) -> Vec<Prepaid<AccountId>>;
        /// `count` deposits for a gateway, at most 256, in an order that is the same within a block: the first ones, or those that come after
        /// the one of payer `after`.
        fn prepaid_for(gateway: AccountId, after: Option<AccountId>, count: u32) -> Vec<Prepaid<AccountId>>;
        /// On which terms deposits for gateways are taken and given back.
        fn prepaid_terms() -> PrepaidTerms;
        /// Where every token is.
        fn supply() -> Supply;
        /// What blocks mint, now and later.
        fn emission_schedule() -> EmissionSchedule;
    }
}
