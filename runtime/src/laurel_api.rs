//! What the runtime API `LaurelApi` answers, assembled from the pallets at the block that is asked.
use crate::{AccountId, Balance, BlockNumber, Neurons, Rewards, Root, Runtime, Scoring, Staking, Subnets, System};
use alloc::vec::Vec;
use laurel_support::{Epochs, Hotkeys as _, Neurons as _, Stake as _, Subnets as _};
use laurel_types::{
    HotkeyInfo, Hyperparameters, Metagraph, NetUid, NeuronInfo, NeuronScores, RegistrationId, RootInfo, StakeInfo,
    SubnetInfo, Supply, WeightRow,
};

/// All subnets, ascending by netuid.
pub fn subnets() -> Vec<SubnetInfo<AccountId>> {
    Subnets::netuids().into_iter().filter_map(subnet).collect()
}

/// One subnet with its neurons.
pub fn metagraph(netuid: NetUid) -> Option<Metagraph<AccountId>> {
    Some(Metagraph {
        block: System::block_number(),
        subnet: subnet(netuid)?,
        neurons: neurons(netuid),
    })
}

/// The revealed row of each validator.
pub fn weights(netuid: NetUid) -> Vec<(RegistrationId, WeightRow)> {
    Scoring::weights(netuid)
}

/// The root network.
pub fn root() -> RootInfo<AccountId> {
    Root::root_info()
}

/// Every position of a coldkey.
pub fn stake_of(coldkey: &AccountId) -> Vec<StakeInfo<AccountId>> {
    Staking::stake_of(coldkey)
}

/// A hotkey's pool and registrations.
pub fn hotkey(hotkey: &AccountId) -> Option<HotkeyInfo<AccountId>> {
    Staking::hotkey_info(hotkey, Neurons::registrations(hotkey))
}

/// What registering would cost in the next block.
pub fn quote_register(netuid: NetUid) -> Option<Balance> {
    Neurons::quote_at(netuid, next_block())
}

/// What creating a subnet would lock in the next block.
pub fn quote_create_subnet() -> Balance {
    Subnets::lock_cost_at(next_block())
}

/// Where every token is.
pub fn supply() -> Supply {
    Rewards::supply()
}

fn next_block() -> BlockNumber {
    System::block_number().saturating_add(1)
}

fn subnet(netuid: NetUid) -> Option<SubnetInfo<AccountId>> {
    let hyperparameters = Subnets::params(netuid)?;
    Some(SubnetInfo {
        netuid,
        owner: Subnets::owner(netuid)?,
        hyperparameters,
        models: Subnets::models(netuid),
        neurons: Neurons::count(netuid),
        epoch: Scoring::current(netuid),
        epoch_started_at: Scoring::started_at(netuid),
        next_epoch_at: Scoring::due_at(netuid),
        pot: Rewards::pot(netuid),
        emission_per_block: emission_per_block(netuid),
        registration_price: registration_price(netuid, &hyperparameters),
        last_epoch: pallet_laurel_rewards::LastEpoch::<Runtime>::get(netuid),
    })
}

fn emission_per_block(netuid: NetUid) -> Balance {
    pallet_laurel_rewards::LastDistribution::<Runtime>::get()
        .into_iter()
        .find_map(|(to, amount)| (to == netuid).then_some(amount))
        .unwrap_or(0)
}

/// The price in the next block, also where registration is off at present.
fn registration_price(netuid: NetUid, params: &Hyperparameters) -> Balance {
    pallet_laurel_neurons::Pricing::<Runtime>::get(netuid)
        .map_or(params.min_burn, |price| price.at(next_block(), params).price)
}

fn neurons(netuid: NetUid) -> Vec<NeuronInfo<AccountId>> {
    let neurons = Neurons::neurons(netuid);
    let stakes: Vec<Balance> = neurons.iter().map(|neuron| Staking::stake(&neuron.hotkey)).collect();
    // Before the first epoch gave permits, those with the most stake may speak; scores alone would not show it.
    let permits = match Subnets::params(netuid) {
        Some(params) => Scoring::permits(netuid, &stakes, &params),
        None => Vec::new(),
    };
    let scores = Scoring::scores(netuid);
    neurons
        .into_iter()
        .zip(stakes)
        .map(|(neuron, stake)| NeuronInfo {
            scores: NeuronScores {
                permit: permits.get(neuron.uid.index()).copied().unwrap_or(false),
                ..scores.get(neuron.uid.index()).copied().unwrap_or_default()
            },
            uid: neuron.uid,
            // A registered hotkey has an owner; if it ever had none, it would own itself.
            coldkey: Staking::owner(&neuron.hotkey).unwrap_or_else(|| neuron.hotkey.clone()),
            registration: neuron.registration,
            registered_at: neuron.registered_at,
            stake,
            axon: Neurons::live_axon(netuid, neuron.uid),
            last_update: Scoring::last_update(netuid, neuron.uid),
            hotkey: neuron.hotkey,
        })
        .collect()
}
