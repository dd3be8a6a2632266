//! What the runtime API `LaurelApi` answers, assembled from the pallets at the block that is asked.
use crate::{
    AccountId, Balance, Balances, BlockNumber, Children, Neurons, Rewards, Root, Runtime, Scoring, Staking, Subnets,
    System,
};
use alloc::vec::Vec;
use frame_support::traits::fungible;
use laurel_support::{Epochs, Hotkeys as _, NeuronId, Neurons as _, Stake as _, Subnets as _};
use laurel_types::{
    EmissionSchedule, HotkeyInfo, Metagraph, MetagraphChanges, MetagraphPage, NetUid, NeuronInfo, NeuronScores,
    Portfolio, Position, RegistrationId, RootInfo, StakeInfo, SubnetInfo, Supply, Uid, UnstakeQuote, ValidatorCommits,
    WeightRow,
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

/// Most neurons of one page.
pub const PAGE: u16 = 64;

/// Some neurons of a subnet.
pub fn metagraph_page(netuid: NetUid, first: Uid, count: u16) -> Option<MetagraphPage<AccountId>> {
    Subnets::params(netuid)?;
    let page = neurons(netuid)
        .into_iter()
        .skip(first.index())
        .take(count.min(PAGE).into());
    Some(MetagraphPage {
        block: System::block_number(),
        netuid,
        total: Neurons::count(netuid),
        neurons: page.collect(),
    })
}

/// What is new in a subnet.
pub fn metagraph_changes(netuid: NetUid, since: BlockNumber) -> Option<MetagraphChanges<AccountId>> {
    Subnets::params(netuid)?;
    let rescored = pallet_laurel_rewards::LastEpoch::<Runtime>::get(netuid).is_some_and(|epoch| epoch.block > since);
    let is_new = |neuron: &NeuronInfo<AccountId>| {
        let published = neuron.axon.as_ref().is_some_and(|axon| axon.published_at > since);
        rescored || published || neuron.registered_at > since || neuron.last_update > since
    };
    Some(MetagraphChanges {
        block: System::block_number(),
        since,
        netuid,
        total: Neurons::count(netuid),
        neurons: neurons(netuid).into_iter().filter(is_new).collect(),
    })
}

/// The neuron of a hotkey.
pub fn neuron(netuid: NetUid, hotkey: &AccountId) -> Option<NeuronInfo<AccountId>> {
    let uid = Neurons::uid_of(netuid, hotkey)?;
    neurons(netuid).into_iter().find(|neuron| neuron.uid == uid)
}

/// What is committed and not revealed.
pub fn pending_commits(netuid: NetUid) -> Vec<ValidatorCommits> {
    Scoring::pending_commits(netuid)
}

/// The split as of now.
pub fn next_split() -> Vec<(NetUid, u64)> {
    Root::next_split()
}

/// Everything a coldkey has.
pub fn portfolio(coldkey: &AccountId) -> Portfolio<AccountId> {
    let positions: Vec<_> = Staking::stake_of(coldkey)
        .into_iter()
        .filter_map(|stake| {
            let pool = hotkey(&stake.hotkey)?;
            Some(Position { stake, pool })
        })
        .collect();
    Portfolio {
        block: System::block_number(),
        free: <Balances as fungible::Inspect<AccountId>>::balance(coldkey),
        staked: positions
            .iter()
            .map(|position| position.stake.stake)
            .fold(0, Balance::saturating_add),
        positions,
    }
}

/// What blocks mint.
pub fn emission_schedule() -> EmissionSchedule {
    Rewards::emission_schedule()
}

/// The difficulty of the next block.
pub fn quote_work(netuid: NetUid) -> Option<u64> {
    Neurons::difficulty_quote_at(netuid, next_block())
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

/// What removing stake would do in the next block.
pub fn quote_unstake(coldkey: &AccountId, hotkey: &AccountId, amount: Option<Balance>) -> Option<UnstakeQuote> {
    Staking::quote_unstake(coldkey, hotkey, amount)
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
        // Also where registration is off at present.
        registration_price: Neurons::price_at(netuid, next_block(), &hyperparameters),
        last_epoch: pallet_laurel_rewards::LastEpoch::<Runtime>::get(netuid),
    })
}

fn emission_per_block(netuid: NetUid) -> Balance {
    pallet_laurel_rewards::LastDistribution::<Runtime>::get()
        .into_iter()
        .find_map(|(to, amount)| (to == netuid).then_some(amount))
        .unwrap_or(0)
}

fn neurons(netuid: NetUid) -> Vec<NeuronInfo<AccountId>> {
    let neurons = Neurons::neurons(netuid);
    // Before the first epoch gave permits, those with the most behind them may speak; scores alone would not show it.
    let permits = match Subnets::params(netuid) {
        Some(params) => {
            let backing =
                |neuron: &NeuronId<AccountId>| Children::stake_on(netuid, &neuron.hotkey).min(params.max_stake);
            let backing: Vec<Balance> = neurons.iter().map(backing).collect();
            Scoring::permits(netuid, &backing, &params)
        }
        None => Vec::new(),
    };
    let scores = Scoring::scores(netuid);
    let updates = Scoring::last_updates(netuid, Neurons::count(netuid));
    neurons
        .into_iter()
        .map(|neuron| NeuronInfo {
            scores: NeuronScores {
                permit: permits.get(neuron.uid.index()).copied().unwrap_or(false),
                ..scores.get(neuron.uid.index()).copied().unwrap_or_default()
            },
            uid: neuron.uid,
            // A registered hotkey has an owner; if it ever had none, it would own itself.
            coldkey: Staking::owner(&neuron.hotkey).unwrap_or_else(|| neuron.hotkey.clone()),
            registration: neuron.registration,
            registered_at: neuron.registered_at,
            stake: Staking::stake(&neuron.hotkey),
            axon: Neurons::live_axon(netuid, neuron.uid),
            last_update: updates.get(neuron.uid.index()).copied().unwrap_or(0),
            hotkey: neuron.hotkey,
        })
        .collect()
}
