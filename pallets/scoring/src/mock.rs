//! A runtime with this pallet and nothing else; its neighbours are tables in memory.
use crate::{self as pallet_laurel_scoring, commit_hash, WeightInfo};
use frame_support::{derive_impl, parameter_types, weights::Weight};
use laurel_support::{
    EpochShare, Epochs, NeuronId, Neurons, OnNeuronRegistered, OnNeuronReplaced, OnSubnetCreated, Stake, Subnets,
};
use laurel_types::{
    AcceptedModel, Balance, BlockNumber, EpochIndex, Hyperparameters, NetUid, NeuronScores, RegistrationId, RevealItem,
    Uid, WeightRow,
};
use sp_core::H256;
use sp_runtime::BuildStorage;
use std::collections::BTreeMap;

pub type AccountId = u64;

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask,
        RuntimeViewFunction
    )]
    pub struct Test;

    #[runtime::pallet_index(0)]
    pub type System = frame_system::Pallet<Test>;
    #[runtime::pallet_index(1)]
    pub type Scoring = pallet_laurel_scoring::Pallet<Test>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = frame_system::mocking::MockBlock<Test>;
}

impl pallet_laurel_scoring::Config for Test {
    type Subnets = World;
    type Neurons = World;
    type Stake = World;
    type WeightInfo = CountedWeights;
}

parameter_types! {
    /// Parameters of each subnet.
    pub static Params: BTreeMap<NetUid, Hyperparameters> = BTreeMap::new();
    /// Holders of each subnet's uids.
    pub static Holders: BTreeMap<NetUid, Vec<NeuronId<AccountId>>> = BTreeMap::new();
    /// Stake on each hotkey since a block, and its stake-time until then.
    pub static Stakes: BTreeMap<AccountId, (Balance, BlockNumber, u128)> = BTreeMap::new();
    /// What backs a hotkey instead of its stake, because it lends or borrows.
    pub static Backings: BTreeMap<AccountId, Balance> = BTreeMap::new();
    /// The next registration.
    pub static Registrations: u64 = 0;
}

/// The neighbours: subnets, neurons and staking.
pub struct World;

impl World {
    pub fn create(params: Hyperparameters) -> NetUid {
        let netuid = NetUid(Params::get().len() as u16 + 1);
        Params::mutate(|all| all.insert(netuid, params));
        Holders::mutate(|all| all.insert(netuid, Vec::new()));
        Scoring::on_subnet_created(netuid);
        netuid
    }

    pub fn change(netuid: NetUid, change: impl FnOnce(&mut Hyperparameters)) {
        Params::mutate(|all| change(all.get_mut(&netuid).unwrap()));
    }

    fn identity(uid: Uid, hotkey: AccountId) -> NeuronId<AccountId> {
        let registration = Registrations::mutate(|next| {
            *next += 1;
            RegistrationId(*next)
        });
        NeuronId {
            uid,
            hotkey,
            registration,
            registered_at: System::block_number() as BlockNumber,
        }
    }

    pub fn register(netuid: NetUid, hotkey: AccountId) -> Uid {
        let uid = Uid(Self::count(netuid));
        let neuron = Self::identity(uid, hotkey);
        Holders::mutate(|all| all.get_mut(&netuid).unwrap().push(neuron));
        Scoring::on_neuron_registered(netuid, uid);
        uid
    }

    pub fn replace(netuid: NetUid, uid: Uid, hotkey: AccountId) {
        Scoring::on_neuron_replaced(netuid, uid);
        let neuron = Self::identity(uid, hotkey);
        Holders::mutate(|all| all.get_mut(&netuid).unwrap()[uid.index()] = neuron);
        Scoring::on_neuron_registered(netuid, uid);
    }

    pub fn set_stake(hotkey: AccountId, stake: Balance) {
        let now = System::block_number() as BlockNumber;
        let stake_time = Self::stake_time_on(NET, &hotkey);
        Stakes::mutate(|all| all.insert(hotkey, (stake, now, stake_time)));
    }

    /// Moves a hotkey's neurons and stake to another one, as their pallets do.
    pub fn rename(old: AccountId, new: AccountId) {
        Holders::mutate(|all| {
            for neuron in all.values_mut().flatten().filter(|neuron| neuron.hotkey == old) {
                neuron.hotkey = new;
            }
        });
        Stakes::mutate(|all| {
            if let Some(stake) = all.remove(&old) {
                all.insert(new, stake);
            }
        });
    }

    /// Takes the subnet out of the world, as the subnets pallet does before others clean up.
    pub fn remove(netuid: NetUid) {
        Params::mutate(|all| all.remove(&netuid));
        Holders::mutate(|all| all.remove(&netuid));
    }
}

impl Subnets<AccountId> for World {
    fn netuids() -> Vec<NetUid> {
        Params::get().keys().copied().collect()
    }
    fn params(netuid: NetUid) -> Option<Hyperparameters> {
        Params::get().get(&netuid).copied()
    }
    fn owner(_: NetUid) -> Option<AccountId> {
        None
    }
    fn models(_: NetUid) -> Vec<AcceptedModel> {
        Vec::new()
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_create(_: &AccountId, params: Hyperparameters) -> NetUid {
        Self::create(params)
    }
}

impl Neurons<AccountId> for World {
    fn count(netuid: NetUid) -> u16 {
        Self::neurons(netuid).len() as u16
    }
    fn neuron(netuid: NetUid, uid: Uid) -> Option<NeuronId<AccountId>> {
        Self::neurons(netuid).get(uid.index()).cloned()
    }
    fn uid_of(netuid: NetUid, hotkey: &AccountId) -> Option<Uid> {
        Self::neurons(netuid)
            .iter()
            .find(|neuron| neuron.hotkey == *hotkey)
            .map(|neuron| neuron.uid)
    }
    fn neurons(netuid: NetUid) -> Vec<NeuronId<AccountId>> {
        Holders::get().get(&netuid).cloned().unwrap_or_default()
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_register(netuid: NetUid, hotkey: &AccountId, _: &AccountId) -> Uid {
        Self::register(netuid, *hotkey)
    }
}

impl Stake<AccountId> for World {
    fn stake(hotkey: &AccountId) -> Balance {
        Stakes::get().get(hotkey).map_or(0, |entry| entry.0)
    }
    fn stake_on(_: NetUid, hotkey: &AccountId) -> Balance {
        Backings::get()
            .get(hotkey)
            .copied()
            .unwrap_or_else(|| Self::stake(hotkey))
    }
    fn reading_weight(_: NetUid, hotkeys: u32) -> Weight {
        Weight::from_parts(0, u64::from(hotkeys))
    }
    fn stake_time_on(_: NetUid, hotkey: &AccountId) -> u128 {
        let (stake, since, before) = Stakes::get().get(hotkey).copied().unwrap_or_default();
        before + u128::from(stake) * u128::from(System::block_number() - u64::from(since))
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_stake(hotkey: &AccountId, _: &AccountId, amount: Balance) {
        Self::set_stake(*hotkey, amount);
    }
}

/// Weights that say what they were asked for.
pub struct CountedWeights;

impl WeightInfo for CountedWeights {
    fn commit_weights() -> Weight {
        Weight::from_parts(1_000, 0)
    }
    fn reveal_weights(n: u32) -> Weight {
        Weight::from_parts(2_000 + u64::from(n), 0)
    }
    fn set_weights(n: u32) -> Weight {
        Weight::from_parts(3_000 + u64::from(n), 0)
    }
    fn take_stock(n: u32) -> Weight {
        Weight::from_parts(5 + 1_000_000 * u64::from(n), 0)
    }
    fn epoch_groups(g: u32) -> Weight {
        Weight::from_parts(100 + u64::from(g), 0)
    }
    fn epoch_cells(c: u32) -> Weight {
        Weight::from_parts(10_000 + 1_000 * u64::from(c), 0)
    }
    fn expire_commits(c: u32) -> Weight {
        Weight::from_parts(10 * u64::from(c), 0)
    }
    fn batch(b: u32) -> Weight {
        Weight::from_parts(100_000 * u64::from(b), 0)
    }
    fn on_neuron_replaced(_: u32) -> Weight {
        Weight::from_parts(77, 0)
    }
    fn on_neuron_registered() -> Weight {
        Weight::from_parts(55, 0)
    }
    fn on_hotkey_swapped() -> Weight {
        Weight::from_parts(33, 0)
    }
    fn remove_page() -> Weight {
        Weight::from_parts(300, 0)
    }
    fn remove_subnet() -> Weight {
        Weight::from_parts(500, 0)
    }
}

/// The subnet that [`ExtBuilder`] makes.
pub const NET: NetUid = NetUid(1);
/// Blocks of an epoch there.
pub const TEMPO: u16 = 10;

/// One subnet at block 1, whose neuron of uid `i` is hotkey `100 + i`.
pub struct ExtBuilder {
    params: Hyperparameters,
    stakes: Vec<Balance>,
}

impl Default for ExtBuilder {
    fn default() -> Self {
        let params = Hyperparameters {
            tempo: TEMPO,
            activity_cutoff: 50,
            ..Default::default()
        };
        // Two validators, then two miners.
        Self {
            params,
            stakes: vec![600, 400, 0, 0],
        }
    }
}

impl ExtBuilder {
    pub fn params(mut self, change: impl FnOnce(&mut Hyperparameters)) -> Self {
        change(&mut self.params);
        self
    }

    pub fn stakes(mut self, stakes: &[Balance]) -> Self {
        self.stakes = stakes.to_vec();
        self
    }

    pub fn build(self) -> sp_io::TestExternalities {
        Params::set(BTreeMap::new());
        Holders::set(BTreeMap::new());
        Stakes::set(BTreeMap::new());
        Backings::set(BTreeMap::new());
        Registrations::set(0);
        let storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
        let mut ext = sp_io::TestExternalities::new(storage);
        ext.execute_with(|| {
            System::set_block_number(1);
            let netuid = World::create(self.params);
            assert_eq!(netuid, NET);
            for (uid, stake) in self.stakes.into_iter().enumerate() {
                World::register(NET, hotkey(uid as u16));
                World::set_stake(hotkey(uid as u16), stake);
            }
            System::set_block_number(2);
        });
        ext
    }

    pub fn build_and_execute(self, test: impl FnOnce()) {
        self.build().execute_with(|| {
            test();
            Scoring::do_try_state().unwrap();
        });
    }
}

/// The first holder of a uid.
pub fn hotkey(uid: u16) -> AccountId {
    100 + AccountId::from(uid)
}

pub fn signed(hotkey: AccountId) -> RuntimeOrigin {
    RuntimeOrigin::signed(hotkey)
}

pub fn row(entries: &[(u16, u16)]) -> WeightRow {
    WeightRow::new(entries.iter().map(|&(uid, weight)| (Uid(uid), weight)).collect()).unwrap()
}

/// What a validator reveals in most tests.
pub fn reveal_of(entries: &[(u16, u16)]) -> RevealItem {
    RevealItem {
        netuid: NET,
        row: row(entries),
        receipts_root: [7; 32],
        version_key: 0,
        salt: [9; 32],
    }
}

/// The hash that `uid`'s present holder commits to.
pub fn hash_of(uid: u16, item: &RevealItem) -> H256 {
    commit_hash(item, World::neuron(item.netuid, Uid(uid)).unwrap().registration).into()
}

pub fn commit(uid: u16, item: &RevealItem) -> frame_support::dispatch::DispatchResultWithPostInfo {
    let signer = World::neuron(NET, Uid(uid)).unwrap().hotkey;
    Scoring::commit_weights(signed(signer), NET, hash_of(uid, item))
}

pub fn reveal(uid: u16, item: &RevealItem) -> frame_support::dispatch::DispatchResultWithPostInfo {
    let signer = World::neuron(NET, Uid(uid)).unwrap().hotkey;
    let item = item.clone();
    Scoring::reveal_weights(
        signed(signer),
        item.netuid,
        item.row,
        item.receipts_root,
        item.version_key,
        item.salt,
    )
}

/// Whether the present holder of a uid may speak.
pub fn may_speak(uid: u16) -> bool {
    let neuron = World::neuron(NET, Uid(uid)).unwrap();
    Scoring::may_speak(NET)(&neuron)
}

/// The weights of a uid as stored.
pub fn stored_row(uid: u16) -> Option<WeightRow> {
    Scoring::row(NET, Uid(uid)).map(|row| row.weights.to_row())
}

/// The epochs of a uid's pending commits.
pub fn pending(uid: u16) -> Vec<u64> {
    let record = Scoring::commits_of(NET, Uid(uid)).into_iter();
    record
        .flat_map(|record| record.pending)
        .map(|commit| commit.epoch.0)
        .collect()
}

/// Goes to the block at which the running epoch is due and ends it.
pub fn end_epoch() -> Vec<EpochShare<AccountId>> {
    System::set_block_number(<Scoring as Epochs<AccountId>>::due_at(NET).into());
    <Scoring as Epochs<AccountId>>::take_stock(NET, Uid(0), World::count(NET));
    let shares = <Scoring as Epochs<AccountId>>::run(NET);
    Scoring::do_try_state().unwrap();
    System::set_block_number(System::block_number() + 1);
    shares
}

/// Commits now, ends the epoch, reveals.
pub fn commit_then_reveal(rows: &[(u16, &[(u16, u16)])]) -> Vec<EpochShare<AccountId>> {
    for (uid, entries) in rows {
        commit(*uid, &reveal_of(entries)).unwrap();
    }
    let shares = end_epoch();
    for (uid, entries) in rows {
        reveal(*uid, &reveal_of(entries)).unwrap();
    }
    shares
}

pub fn epoch() -> EpochIndex {
    <Scoring as Epochs<AccountId>>::current(NET)
}

pub fn scores(uid: u16) -> NeuronScores {
    Scoring::scores(NET)[usize::from(uid)]
}

pub fn incentives(shares: &[EpochShare<AccountId>]) -> Vec<u64> {
    shares.iter().map(|share| share.incentive).collect()
}

pub fn dividends(shares: &[EpochShare<AccountId>]) -> Vec<u64> {
    shares.iter().map(|share| share.dividends).collect()
}
