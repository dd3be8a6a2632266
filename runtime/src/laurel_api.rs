//! What the runtime API `LaurelApi` answers, assembled from the pallets at the block that is asked.
use crate::{
    AccountId, Balance, Balances, BlockNumber, Neurons, Rewards, Root, Runtime, Scoring, Staking, Subnets, System,
};
use alloc::vec::Vec;
use frame_support::traits::fungible;
use laurel_support::{Epochs, Hotkeys as _, Neurons as _, Stake as _, Subnets as _};
use laurel_types::{
    EmissionSchedule, HotkeyInfo, Metagraph, MetagraphChanges, MetagraphPage, NetUid, NeuronInfo, NeuronScores,
    Portfolio, Position, Prepaid, PrepaidTerms, RegistrationId, Replacement, RootInfo, SignedBalance, StakeInfo,
    SubnetInfo, Supply, Uid, UnstakeQuote, ValidatorCommits, WeightRow,
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
        neurons: neurons(netuid, uids(netuid)),
    })
}

/// Most neurons of one page.
pub const PAGE: u16 = 64;

/// Some neurons of a subnet.
pub fn metagraph_page(netuid: NetUid, first: Uid, count: u16) -> Option<MetagraphPage<AccountId>> {
    Subnets::params(netuid)?;
    let total = Neurons::count(netuid);
    let end = first.0.saturating_add(count.min(PAGE)).min(total);
    Some(MetagraphPage {
        block: System::block_number(),
        netuid,
        total,
        neurons: neurons(netuid, (first.0..end).map(Uid)),
    })
}

/// What is new in a subnet.
pub fn metagraph_changes(netuid: NetUid, since: BlockNumber) -> Option<MetagraphChanges<AccountId>> {
    Subnets::params(netuid)?;
    let now = System::block_number();
    let is_new = |block: BlockNumber| block > since && block <= now;
    let rescored = pallet_laurel_rewards::LastEpoch::<Runtime>::get(netuid).is_some_and(|epoch| is_new(epoch.block));
    let updates = Scoring::last_updates(netuid, Neurons::count(netuid));
    let changed = |uid: &Uid| {
        let registered = || Neurons::neuron(netuid, *uid).is_some_and(|neuron| is_new(neuron.registered_at));
        // Published, expired or withdrawn.
        let axon = || pallet_laurel_neurons::Axons::<Runtime>::get(netuid, uid);
        let moved = || axon().is_some_and(|axon| is_new(axon.published_at) || is_new(axon.expires_at));
        rescored || updates.get(uid.index()).copied().is_some_and(is_new) || registered() || moved()
    };
    Some(MetagraphChanges {
        block: now,
        since,
        netuid,
        total: Neurons::count(netuid),
        neurons: neurons(netuid, uids(netuid).filter(changed)),
    })
}

/// The neuron of a hotkey.
pub fn neuron(netuid: NetUid, hotkey: &AccountId) -> Option<NeuronInfo<AccountId>> {
    // Of a subnet that ended, uids are kept until their turn to be removed comes.
    Subnets::params(netuid)?;
    let uid = Neurons::uid_of(netuid, hotkey)?;
    neurons(netuid, [uid].into_iter()).pop()
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
        earned: positions
            .iter()
            .map(|position| position.stake.earned)
            .fold(0, SignedBalance::saturating_add),
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

/// The subnet that creating one in the next block would end.
pub fn quote_replacement() -> Option<Replacement<AccountId>> {
    Subnets::replacement_at(next_block())
}

/// What removing stake would do in the next block.
pub fn quote_unstake(coldkey: &AccountId, hotkey: &AccountId, amount: Option<Balance>) -> Option<UnstakeQuote> {
    Staking::quote_unstake(coldkey, hotkey, amount)
}

/// What a payer holds for a gateway.
pub fn prepaid(gateway: &AccountId, payer: &AccountId) -> Option<Prepaid<AccountId>> {
    crate::Prepaid::prepaid(gateway, payer).map(counted_on)
}

/// Everything that a payer holds for gateways.
pub fn prepaid_by(payer: &AccountId) -> Vec<Prepaid<AccountId>> {
    let deposits = crate::Prepaid::prepaid_by(payer);
    deposits.into_iter().map(counted_on).collect()
}

/// Most deposits of one page.
pub const DEPOSITS: u32 = 256;

/// Some of the deposits for a gateway.
pub fn prepaid_for(gateway: &AccountId, after: Option<&AccountId>, count: u32) -> Vec<Prepaid<AccountId>> {
    let deposits = crate::Prepaid::prepaid_for(gateway, after, count.min(DEPOSITS));
    deposits.into_iter().map(counted_on).collect()
}

/// A gateway can count on nothing of a payer whose coldkey can be swapped within a notice: what this one still owes would then have to be drawn
/// from another account, which the announcement does not name.
fn counted_on(prepaid: Prepaid<AccountId>) -> Prepaid<AccountId> {
    let now = System::block_number();
    let may_leave = pallet_laurel_keys::ColdkeySwaps::<Runtime>::get(&prepaid.payer)
        .is_some_and(|swap| swap.executable_at <= now.saturating_add(prepaid_terms().notice) && now < swap.expires_at);
    let available = if may_leave { 0 } else { prepaid.available };
    Prepaid { available, ..prepaid }
}

/// On which terms deposits are taken and given back.
pub fn prepaid_terms() -> PrepaidTerms {
    pallet_laurel_prepaid::Terms::<Runtime>::get()
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

/// All uids of a subnet.
fn uids(netuid: NetUid) -> impl Iterator<Item = Uid> {
    (0..Neurons::count(netuid)).map(Uid)
}

/// The neurons with these uids. What is kept of all neurons at once is read once, the rest only of these.
fn neurons(netuid: NetUid, uids: impl Iterator<Item = Uid>) -> Vec<NeuronInfo<AccountId>> {
    // Before the first epoch gave permits, scores alone would not show who may speak.
    let may_speak = Scoring::may_speak(netuid);
    let scores = Scoring::scores(netuid);
    let updates = Scoring::last_updates(netuid, Neurons::count(netuid));
    uids.filter_map(|uid| Neurons::neuron(netuid, uid))
        .map(|neuron| NeuronInfo {
            scores: NeuronScores {
                permit: may_speak(&neuron),
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
