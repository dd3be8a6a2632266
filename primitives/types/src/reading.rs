//! Parts of the metagraph, for clients that do not want the whole; and everything a coldkey has staked.
use crate::{Balance, BlockNumber, HotkeyInfo, NetUid, NeuronInfo, SignedBalance, StakeInfo};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Neurons of one subnet with neighbouring uids, all read at one block.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct MetagraphPage<AccountId> {
    /// The block that was read.
    pub block: BlockNumber,
    /// The subnet.
    pub netuid: NetUid,
    /// Neurons in the subnet; the page is the last one when it reaches this uid.
    pub total: u16,
    /// The neurons, by uid.
    pub neurons: Vec<NeuronInfo<AccountId>>,
}

/// What is new in one subnet since a block, read at a later one.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct MetagraphChanges<AccountId> {
    /// The block that was read.
    pub block: BlockNumber,
    /// The block since which something changed, itself left out.
    pub since: BlockNumber,
    /// The subnet.
    pub netuid: NetUid,
    /// Neurons in the subnet. Uids from here on are gone.
    pub total: u16,
    /// Neurons that registered or set weights since, or whose axon was published, withdrawn or expired, by uid; all of them if an epoch
    /// ended since. Stake is not followed, as it changes with every block, nor are swaps of keys: the next epoch shows them.
    pub neurons: Vec<NeuronInfo<AccountId>>,
}

/// Everything a coldkey has staked, with the pools that it is in.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct Portfolio<AccountId> {
    /// The block that was read.
    pub block: BlockNumber,
    /// What is free in the coldkey's own account, in leaves.
    pub free: Balance,
    /// What all positions are worth, in leaves, without pay that is still being released.
    pub staked: Balance,
    /// What all positions that there are have earned, in leaves.
    pub earned: SignedBalance,
    /// Each position with its pool, by hotkey.
    pub positions: Vec<Position<AccountId>>,
}

/// One position with its pool.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct Position<AccountId> {
    /// What the coldkey has in the pool.
    pub stake: StakeInfo<AccountId>,
    /// The pool.
    pub pool: HotkeyInfo<AccountId>,
}
