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
    Balance, HotkeyInfo, Metagraph, NetUid, RegistrationId, RootInfo, StakeInfo, SubnetInfo, Supply, WeightRow,
};

sp_api::decl_runtime_apis! {
    /// Reads of subnets, neurons, stake, root and supply.
    #[api_version(1)]
    pub trait LaurelApi<AccountId: codec::Codec> {
        /// All subnets, ascending by netuid.
        fn subnets() -> Vec<SubnetInfo<AccountId>>;
        /// One subnet with all of its neurons; none if it does not exist.
        fn metagraph(netuid: NetUid) -> Option<Metagraph<AccountId>>;
        /// The revealed weight row of each validator of a subnet, ascending by registration.
        fn weights(netuid: NetUid) -> Vec<(RegistrationId, WeightRow)>;
        /// The root network: seats, weights, split.
        fn root() -> RootInfo<AccountId>;
        /// Every position of one coldkey.
        fn stake_of(coldkey: AccountId) -> Vec<StakeInfo<AccountId>>;
        /// One hotkey's pool and registrations; none if the hotkey is unknown.
        fn hotkey(hotkey: AccountId) -> Option<HotkeyInfo<AccountId>>;
        /// What registering in this subnet would cost in the next block; none if it cannot be done.
        fn quote_register(netuid: NetUid) -> Option<Balance>;
        /// What creating a subnet would lock in the next block.
        fn quote_create_subnet() -> Balance;
        /// Where every token is.
        fn supply() -> Supply;
    }
}
