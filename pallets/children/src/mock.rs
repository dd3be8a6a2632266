//! A runtime with the ledger and this pallet; subnets, neurons, epochs and staking are tables in storage.
use crate::{self as pallet_laurel_children, ChildSettings, Children, PendingSet};
use frame_support::{
    derive_impl,
    pallet_prelude::{Blake2_128Concat, Twox64Concat, ValueQuery},
    weights::Weight,
};
use laurel_support::{
    EpochShare, Epochs, Hotkeys, NeuronId, Neurons, OnEpoch, OnNeuronReplaced, Parents, Stake, Subnets,
};
use laurel_types::{
    AcceptedModel, Balance, BlockNumber, EpochIndex, HotkeyConsent, Hyperparameters, NetUid, Proportion,
    RegistrationId, Take, Uid,
};
use sp_runtime::{BuildStorage, DispatchError, DispatchResult};

pub type AccountId = u64;
type Block = frame_system::mocking::MockBlockU32<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Balances: pallet_balances,
        Kindred: pallet_laurel_children,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
}

impl pallet_laurel_children::Config for Test {
    type Staking = World;
    type Hotkeys = World;
    type Subnets = World;
    type Neurons = World;
    type Epochs = World;
    type WeightInfo = ();
}

/// The subnet of most tests.
pub const NETUID: NetUid = NetUid(1);
/// Blocks for which a set waits here.
pub const COOLDOWN: BlockNumber = 20;
/// Least stake of a parent here.
pub const MIN_STAKE: Balance = 1_000;
/// Blocks between two raises of a child take here.
pub const TAKE_INTERVAL: BlockNumber = 50;
/// Blocks of an epoch here.
pub const TEMPO: BlockNumber = 10;
/// Half of a parent's stake, less a trifle.
pub const HALF: Proportion = Proportion(u64::MAX / 2);

/// Who owns a hotkey: coldkeys are what is left of a hotkey's number by a thousand, so 7 owns 1007, 2007 and so on.
pub fn owner_of(hotkey: AccountId) -> AccountId {
    hotkey % 1_000
}

/// What a hotkey has, since when, and its stake-time until then.
#[frame_support::storage_alias]
pub type Stakes = StorageMap<World, Blake2_128Concat, AccountId, (Balance, BlockNumber, u128), ValueQuery>;
/// Dividends that a hotkey was paid.
#[frame_support::storage_alias]
pub type Dividends = StorageMap<World, Blake2_128Concat, AccountId, Balance, ValueQuery>;
/// Child take that a hotkey's owner was paid.
#[frame_support::storage_alias]
pub type Takes = StorageMap<World, Blake2_128Concat, AccountId, Balance, ValueQuery>;
/// Hotkey and registration of each uid.
#[frame_support::storage_alias]
pub type Uids = StorageMap<World, Twox64Concat, NetUid, Vec<(AccountId, RegistrationId)>, ValueQuery>;
/// The next registration.
#[frame_support::storage_alias]
pub type NextRegistration = StorageValue<World, u64, ValueQuery>;
/// The subnets.
#[frame_support::storage_alias]
pub type Nets = StorageValue<World, Vec<NetUid>, ValueQuery>;
/// The running epoch and the block in which it began.
#[frame_support::storage_alias]
pub type Clock = StorageMap<World, Twox64Concat, NetUid, (u64, BlockNumber), ValueQuery>;

/// The neighbours.
pub struct World;

impl Subnets<AccountId> for World {
    fn netuids() -> Vec<NetUid> {
        Nets::get()
    }
    fn params(netuid: NetUid) -> Option<Hyperparameters> {
        Nets::get().contains(&netuid).then(Hyperparameters::default)
    }
    fn owner(_: NetUid) -> Option<AccountId> {
        None
    }
    fn models(_: NetUid) -> Vec<AcceptedModel> {
        Vec::new()
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_create(_: &AccountId, _: Hyperparameters) -> NetUid {
        let netuid = NetUid(Nets::get().len() as u16 + 1);
        Nets::append(netuid);
        netuid
    }
}

impl Neurons<AccountId> for World {
    fn count(netuid: NetUid) -> u16 {
        Uids::get(netuid).len() as u16
    }
    fn neuron(netuid: NetUid, uid: Uid) -> Option<NeuronId<AccountId>> {
        let (hotkey, registration) = *Uids::get(netuid).get(uid.index())?;
        Some(NeuronId {
            uid,
            hotkey,
            registration,
            registered_at: 0,
        })
    }
    fn uid_of(netuid: NetUid, hotkey: &AccountId) -> Option<Uid> {
        let uids = Uids::get(netuid);
        uids.iter()
            .position(|(held, _)| held == hotkey)
            .map(|uid| Uid(uid as u16))
    }
    fn neurons(netuid: NetUid) -> Vec<NeuronId<AccountId>> {
        (0..Self::count(netuid))
            .filter_map(|uid| Self::neuron(netuid, Uid(uid)))
            .collect()
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_register(netuid: NetUid, hotkey: &AccountId, _: &AccountId) -> Uid {
        register(netuid, *hotkey)
    }
}

#[cfg(feature = "runtime-benchmarks")]
#[frame_support::storage_alias]
pub type Bound = StorageMap<World, Blake2_128Concat, AccountId, AccountId, frame_support::pallet_prelude::OptionQuery>;

impl Hotkeys<AccountId> for World {
    fn owner(hotkey: &AccountId) -> Option<AccountId> {
        #[cfg(feature = "runtime-benchmarks")]
        if let Some(owner) = Bound::get(hotkey) {
            return Some(owner);
        }
        Some(owner_of(*hotkey))
    }
    fn check_bind(_: &AccountId, _: &AccountId, _: Option<&HotkeyConsent>) -> DispatchResult {
        Err(DispatchError::Unavailable)
    }
    fn bind(_: &AccountId, _: &AccountId, _: Option<&HotkeyConsent>) -> DispatchResult {
        Err(DispatchError::Unavailable)
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_bind(hotkey: &AccountId, coldkey: &AccountId) {
        Bound::insert(hotkey, coldkey);
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_consent(index: u32, _: &AccountId) -> (AccountId, HotkeyConsent) {
        (index.into(), HotkeyConsent([0; 64]))
    }
}

impl Epochs<AccountId> for World {
    fn current(netuid: NetUid) -> EpochIndex {
        EpochIndex(Clock::get(netuid).0)
    }
    fn started_at(netuid: NetUid) -> BlockNumber {
        Clock::get(netuid).1
    }
    fn due_at(netuid: NetUid) -> BlockNumber {
        Clock::get(netuid).1 + TEMPO
    }
    fn take_stock(_: NetUid, _: Uid, _: u16) {}
    fn stock_weight(_: NetUid, _: u32) -> Weight {
        Weight::zero()
    }
    fn weight(_: NetUid) -> Weight {
        Weight::zero()
    }
    fn run(netuid: NetUid) -> Vec<EpochShare<AccountId>> {
        Clock::mutate(netuid, |(epoch, began)| {
            (*epoch, *began) = (*epoch + 1, System::block_number())
        });
        Vec::new()
    }
    fn record_emission(_: NetUid, _: &[Balance]) {}
}

impl Stake<AccountId> for World {
    fn stake(hotkey: &AccountId) -> Balance {
        Stakes::get(hotkey).0
    }
    fn stake_time_on(_: NetUid, hotkey: &AccountId) -> u128 {
        let (stake, since, time) = Stakes::get(hotkey);
        time + u128::from(stake) * u128::from(System::block_number() - since)
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_stake(hotkey: &AccountId, coldkey: &AccountId, amount: Balance) {
        Self::benchmark_bind(hotkey, coldkey);
        set_stake(*hotkey, World::stake(hotkey) + amount);
    }
}

/// Sets what is staked on a hotkey from now on.
pub fn set_stake(hotkey: AccountId, stake: Balance) {
    let time = World::stake_time_on(NETUID, &hotkey);
    Stakes::insert(hotkey, (stake, System::block_number(), time));
}

/// Gives a hotkey the next uid.
pub fn register(netuid: NetUid, hotkey: AccountId) -> Uid {
    let registration = NextRegistration::mutate(|next| {
        *next += 1;
        RegistrationId(*next)
    });
    Uids::append(netuid, (hotkey, registration));
    World::uid_of(netuid, &hotkey).expect("it was just given")
}

/// Gives a neuron's uid to another hotkey.
pub fn evict(netuid: NetUid, hotkey: AccountId, newcomer: AccountId) {
    let uid = World::uid_of(netuid, &hotkey).expect("it is registered");
    Kindred::on_neuron_replaced(netuid, uid);
    let registration = NextRegistration::mutate(|next| {
        *next += 1;
        RegistrationId(*next)
    });
    Uids::mutate(netuid, |uids| uids[uid.index()] = (newcomer, registration));
}

/// Ends the running epoch in this block, without pay.
pub fn end_epoch(netuid: NetUid) {
    end_epoch_paying(netuid, &[]);
}

/// Ends the running epoch in this block and pays dividends, as they are divided.
pub fn end_epoch_paying(netuid: NetUid, earned: &[(AccountId, Balance)]) {
    let ended = World::current(netuid);
    World::run(netuid);
    let families = Kindred::divide(netuid, earned);
    let alone = (0..)
        .zip(earned)
        .filter(|(place, _)| families.iter().all(|(of, _)| of != place));
    for (_, (hotkey, amount)) in alone {
        Dividends::mutate(hotkey, |paid| *paid += amount);
    }
    for (place, family) in &families {
        let child = earned[*place].0;
        Dividends::mutate(child, |paid| *paid += family.own);
        Takes::mutate(child, |paid| *paid += family.take);
        for (parent, amount) in &family.parents {
            assert!(*amount > 0, "who gets nothing is left out");
            Dividends::mutate(parent, |paid| *paid += amount);
        }
    }
    Kindred::on_epoch(netuid, ended);
}

pub fn skip_blocks(blocks: BlockNumber) {
    System::set_block_number(System::block_number() + blocks);
}

pub fn children(of: &[(Proportion, AccountId)]) -> Children<Test> {
    Children::<Test>::try_from(of.to_vec()).expect("no more than five")
}

/// Proposes children, by the parent's owner.
pub fn propose(parent: AccountId, of: &[(Proportion, AccountId)]) -> DispatchResult {
    Kindred::set_children(RuntimeOrigin::signed(owner_of(parent)), parent, NETUID, children(of))
}

/// Accepts a parent, by the child's owner.
pub fn accept(child: AccountId, parent: AccountId) -> DispatchResult {
    Kindred::accept_parent(RuntimeOrigin::signed(owner_of(child)), child, NETUID, parent)
}

/// Proposes, accepts and links.
pub fn link(parent: AccountId, of: &[(Proportion, AccountId)]) {
    propose(parent, of).expect("the children can be proposed");
    for (_, child) in of {
        // Those of the same owner, or linked already, need not accept.
        let _ = accept(*child, parent);
    }
    skip_blocks(COOLDOWN);
    end_epoch(NETUID);
}

pub fn pending(parent: AccountId) -> Option<PendingSet> {
    crate::Pending::<Test>::get(NETUID, parent)
}

pub fn stake_on(hotkey: AccountId) -> Balance {
    Kindred::stake_on(NETUID, &hotkey)
}

pub fn stake_time(hotkey: AccountId) -> u128 {
    Kindred::stake_time_on(NETUID, &hotkey)
}

pub fn dividends(hotkey: AccountId) -> Balance {
    Dividends::get(hotkey)
}

/// From whom a hotkey borrows now, and how much.
pub fn parents(hotkey: AccountId) -> Vec<(Proportion, AccountId)> {
    let kinship = crate::Kin::<Test>::get(NETUID, hotkey);
    let live = kinship.iter().flat_map(|kinship| kinship.live_parents());
    live.map(|link| (link.proportion, link.parent)).collect()
}

/// What the owner of a hotkey keeps of its parents' parts in the running epoch.
pub fn child_take(hotkey: AccountId) -> Take {
    let running = World::current(NETUID);
    crate::Kin::<Test>::get(NETUID, hotkey).map_or(Take(0), |kinship| kinship.take.in_force(running))
}

pub fn set_take(child: AccountId, take: u16) -> DispatchResult {
    Kindred::set_child_take(RuntimeOrigin::signed(owner_of(child)), child, NETUID, Take(take))
}

pub fn revoke(who: AccountId, parent: AccountId, child: AccountId) -> DispatchResult {
    Kindred::revoke_link(RuntimeOrigin::signed(who), NETUID, parent, child)
}

pub fn events() -> Vec<crate::Event<Test>> {
    let ours = |record: frame_system::EventRecord<RuntimeEvent, _>| match record.event {
        RuntimeEvent::Kindred(event) => Some(event),
        _ => None,
    };
    System::events().into_iter().filter_map(ours).collect()
}

/// A chain at block 1 with one subnet, where nobody is registered and nothing is staked.
pub fn build() -> sp_io::TestExternalities {
    let genesis = RuntimeGenesisConfig {
        kindred: pallet_laurel_children::GenesisConfig {
            settings: ChildSettings {
                cooldown: COOLDOWN,
                min_parent_stake: MIN_STAKE,
                take_increase_interval: TAKE_INTERVAL,
            },
            ..Default::default()
        },
        ..Default::default()
    };
    let mut ext = sp_io::TestExternalities::new(genesis.build_storage().expect("the genesis of the mock builds"));
    ext.execute_with(|| {
        System::set_block_number(1);
        Nets::put(vec![NETUID]);
    });
    ext
}

/// Runs a test on such a chain and checks every equation of `try_state` after it.
pub fn execute<R>(test: impl FnOnce() -> R) -> R {
    build().execute_with(|| {
        let result = test();
        Kindred::do_try_state().expect("the state is sound");
        result
    })
}

/// Hotkeys 1001 (owner 1), 1002 (owner 2) and so on: registered, with these stakes.
pub fn populate(stakes: &[Balance]) -> Vec<AccountId> {
    (1..)
        .zip(stakes)
        .map(|(n, stake)| {
            let hotkey = 1_000 + n;
            register(NETUID, hotkey);
            set_stake(hotkey, *stake);
            hotkey
        })
        .collect()
}
