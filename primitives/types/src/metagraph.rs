//! What clients read: whole subnets, neurons, stake, root, supply.
use crate::{
    AcceptedModel, Axon, Balance, BlockNumber, EpochIndex, Hyperparameters, NetUid, RegistrationId, SignedBalance,
    Take, Uid,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// What the last epoch said of one neuron. Proportions are 65535ths, emission is leaves.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo, Serialize, Deserialize,
)]
pub struct NeuronScores {
    /// Share of active stake used.
    pub stake_weight: u16,
    /// Part of the weight given to the neuron that survived clipping.
    pub trust: u16,
    /// Score consensus: the weight that a kappa-majority of stake supports.
    pub consensus: u16,
    /// Share of the miners' part.
    pub incentive: u16,
    /// Share of the validators' part.
    pub dividends: u16,
    /// As a validator: part of its weight that survived clipping.
    pub validator_trust: u16,
    /// What the epoch paid for this neuron (incentive and dividends), in leaves.
    pub emission: Balance,
    /// Whether the neuron holds a validator permit in the running epoch.
    pub permit: bool,
    /// Whether its weights were fresh enough to count.
    pub active: bool,
}

/// What one epoch paid, in leaves: `owner + miners + validators + carried == pot`.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    Serialize,
    Deserialize,
)]
pub struct EpochSummary {
    /// Which epoch.
    pub epoch: EpochIndex,
    /// Block in which it ran.
    pub block: BlockNumber,
    /// What the subnet's pot held.
    pub pot: Balance,
    /// To the subnet's owner.
    pub owner: Balance,
    /// To miners, by incentive.
    pub miners: Balance,
    /// To validators and those who back them, by dividends.
    pub validators: Balance,
    /// Left in the pot, because there was nobody to pay.
    pub carried: Balance,
}

/// One neuron.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct NeuronInfo<AccountId> {
    /// Its slot.
    pub uid: Uid,
    /// The key that signs its work.
    pub hotkey: AccountId,
    /// The key that owns the hotkey.
    pub coldkey: AccountId,
    /// Names this registration for ever.
    pub registration: RegistrationId,
    /// Block of the registration.
    pub registered_at: BlockNumber,
    /// All stake on the hotkey, in leaves.
    pub stake: Balance,
    /// Where it serves, if it published and the record has not expired.
    pub axon: Option<Axon>,
    /// Block in which the content of its weights was fixed.
    pub last_update: BlockNumber,
    /// What the last epoch said of it.
    pub scores: NeuronScores,
}

/// One subnet.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct SubnetInfo<AccountId> {
    /// Its number.
    pub netuid: NetUid,
    /// Who owns it.
    pub owner: AccountId,
    /// Parameters in force.
    pub hyperparameters: Hyperparameters,
    /// Models it pays for.
    pub models: Vec<AcceptedModel>,
    /// Neurons registered.
    pub neurons: u16,
    /// The running epoch.
    pub epoch: EpochIndex,
    /// Block in which the running epoch began.
    pub epoch_started_at: BlockNumber,
    /// Block at which the next epoch is due.
    pub next_epoch_at: BlockNumber,
    /// Emission collected for the next epoch, in leaves.
    pub pot: Balance,
    /// What the last block's emission gave to the subnet, in leaves.
    pub emission_per_block: Balance,
    /// Price of registering in the next block, in leaves.
    pub registration_price: Balance,
    /// What the last epoch paid.
    pub last_epoch: Option<EpochSummary>,
}

/// A subnet with its neurons in uid order, all read at one block.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct Metagraph<AccountId> {
    /// The block that was read.
    pub block: BlockNumber,
    /// The subnet.
    pub subnet: SubnetInfo<AccountId>,
    /// Its neurons, by uid.
    pub neurons: Vec<NeuronInfo<AccountId>>,
}

/// One seat of the root network.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct RootSeat<AccountId> {
    /// Who holds it.
    pub hotkey: AccountId,
    /// Stake behind it, in leaves.
    pub stake: Balance,
    /// Its weights on subnets, ascending by netuid.
    pub weights: Vec<(NetUid, u16)>,
    /// Block of its last weights.
    pub last_update: BlockNumber,
}

/// The root network.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct RootInfo<AccountId> {
    /// Seats taken.
    pub seats: Vec<RootSeat<AccountId>>,
    /// Split in force: parts of `u64::MAX` of each block's emission, ascending by netuid.
    pub split: Vec<(NetUid, u64)>,
    /// Block at which the split is next recomputed.
    pub next_split_at: BlockNumber,
}

/// One position: what a coldkey has on one hotkey.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct StakeInfo<AccountId> {
    /// The hotkey staked on.
    pub hotkey: AccountId,
    /// Whose stake.
    pub coldkey: AccountId,
    /// What it is worth, in leaves: what was staked, and its part of the pay that has been released.
    pub stake: Balance,
    /// Its part of the pay that is still being released, in leaves. It is given up by leaving before; the last one in a pool
    /// receives it at once.
    pub unreleased: Balance,
    /// What was put in less what was taken out since the position began, in leaves: below zero where more came out than went in.
    pub principal: SignedBalance,
    /// What it has earned since it began, in leaves: what it is worth less its principal. Below zero by what rounding to whole shares
    /// cost, until more is paid.
    pub earned: SignedBalance,
}

/// What removing stake would do in the next block, in leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct UnstakeQuote {
    /// What comes back to the coldkey's balance; more than asked for when the rest would be under the minimum.
    pub returned: Balance,
    /// What the position is worth afterwards.
    pub remaining: Balance,
    /// What is given up of the pay that is still being released.
    pub forfeited: Balance,
}

/// The subnet that would end if another one were created in the next block, because all places are taken. Amounts are leaves.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct Replacement<AccountId> {
    /// The subnet.
    pub netuid: NetUid,
    /// Its owner.
    pub owner: AccountId,
    /// Block of its creation.
    pub created_at: BlockNumber,
    /// Its part of the emission, of `u64::MAX`; of all subnets past their immunity none has less.
    pub part: u64,
    /// What of its lock would come back to the owner.
    pub refunded: Balance,
    /// What of its lock would be burned.
    pub burned: Balance,
}

/// A hotkey's pool.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct HotkeyInfo<AccountId> {
    /// The hotkey.
    pub hotkey: AccountId,
    /// Its owner.
    pub coldkey: AccountId,
    /// Its take.
    pub take: Take,
    /// All stake on it, in leaves, without pay that is still being released.
    pub stake: Balance,
    /// Pay that is still being released to all its stakers, in leaves.
    pub unreleased: Balance,
    /// How much of that is released with each block, in leaves; with the last block what is left over, too.
    pub released_per_block: Balance,
    /// Block with which all of it is released; 0 if there is nothing to release.
    pub stream_ends_at: BlockNumber,
    /// Subnets in which it holds a uid.
    pub registrations: Vec<(NetUid, Uid)>,
}

/// Where every token is, in leaves. `issuance == genesis + minted`; `circulating == issuance - burned`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct Supply {
    /// All tokens in existence; the sum of all accounts.
    pub issuance: Balance,
    /// Issuance at genesis.
    pub genesis: Balance,
    /// Minted since genesis.
    pub minted: Balance,
    /// In the burn account, from which nothing can leave: registration prices, locks kept, fees without an author.
    pub burned: Balance,
    /// In the staking pot.
    pub staked: Balance,
    /// In the subnets' pots and the unallocated reserve.
    pub pending: Balance,
    /// Locked for subnets.
    pub locked: Balance,
    /// What the next block mints.
    pub block_emission: Balance,
}
