//! A runtime with the root network, over subnets, neurons, stake and owners that tests set as they like.
use crate as pallet_laurel_root;
use crate::{BySubnet, RootWeights, Settings};
use frame_support::{derive_impl, dispatch::DispatchResult, parameter_types, traits::Hooks, weights::Weight};
use laurel_types::{AcceptedModel, Balance, BlockNumber, HotkeyConsent, Hyperparameters, NetUid, Uid};
use sp_runtime::BuildStorage;
use std::collections::BTreeMap;

pub type AccountId = u64;
type Block = frame_system::mocking::MockBlockU32<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Root: pallet_laurel_root,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
}

impl pallet_laurel_root::Config for Test {
    type Subnets = Network;
    type Neurons = Network;
    type Hotkeys = Network;
    type Stake = Network;
    type WeightInfo = Costs;
}

pub const TEMPO: BlockNumber = 10;
pub const LIFETIME: u16 = 3;
pub const RATE_LIMIT: BlockNumber = 5;
/// Owns the hotkeys that tests seat.
pub const COLDKEY: AccountId = 1;
pub const STRANGER: AccountId = 2;

parameter_types! {
    /// Neurons and whether registration is allowed, by subnet.
    pub storage SubnetTable: BTreeMap<u16, (u16, bool)> = BTreeMap::new();
    pub storage StakeTable: BTreeMap<AccountId, Balance> = BTreeMap::new();
    pub storage OwnerTable: BTreeMap<AccountId, AccountId> = BTreeMap::new();
}

/// The other pallets, as tables.
pub struct Network;

impl laurel_support::Subnets<AccountId> for Network {
    fn netuids() -> Vec<NetUid> {
        SubnetTable::get().into_keys().map(NetUid).collect()
    }
    fn params(netuid: NetUid) -> Option<Hyperparameters> {
        let (_, registration_allowed) = *SubnetTable::get().get(&netuid.0)?;
        Some(Hyperparameters {
            registration_allowed,
            ..Default::default()
        })
    }
    fn owner(netuid: NetUid) -> Option<AccountId> {
        Self::exists(netuid).then_some(COLDKEY)
    }
    fn models(_netuid: NetUid) -> Vec<AcceptedModel> {
        Vec::new()
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_create(_owner: &AccountId, params: Hyperparameters) -> NetUid {
        let netuid = SubnetTable::get().len() as u16 + 1;
        set_subnet(netuid, 0, params.registration_allowed);
        NetUid(netuid)
    }
}

impl laurel_support::Neurons<AccountId> for Network {
    fn count(netuid: NetUid) -> u16 {
        SubnetTable::get().get(&netuid.0).map_or(0, |(neurons, _)| *neurons)
    }
    fn neuron(_netuid: NetUid, _uid: Uid) -> Option<laurel_support::NeuronId<AccountId>> {
        None
    }
    fn uid_of(_netuid: NetUid, _hotkey: &AccountId) -> Option<Uid> {
        None
    }
    fn neurons(_netuid: NetUid) -> Vec<laurel_support::NeuronId<AccountId>> {
        Vec::new()
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_register(netuid: NetUid, _hotkey: &AccountId, _coldkey: &AccountId) -> Uid {
        let (neurons, allowed) = SubnetTable::get()[&netuid.0];
        set_subnet(netuid.0, neurons + 1, allowed);
        Uid(neurons)
    }
}

impl laurel_support::Hotkeys<AccountId> for Network {
    fn owner(hotkey: &AccountId) -> Option<AccountId> {
        OwnerTable::get().get(hotkey).copied()
    }
    fn check_bind(hotkey: &AccountId, coldkey: &AccountId, consent: Option<&HotkeyConsent>) -> DispatchResult {
        match Self::owner(hotkey) {
            Some(owner) if owner == *coldkey => Ok(()),
            Some(_) => Err("owned by another".into()),
            None if consent == Some(&consent_to(*coldkey)) => Ok(()),
            None => Err("no consent".into()),
        }
    }
    fn bind(hotkey: &AccountId, coldkey: &AccountId, consent: Option<&HotkeyConsent>) -> DispatchResult {
        Self::check_bind(hotkey, coldkey, consent)?;
        let mut owners = OwnerTable::get();
        owners.insert(*hotkey, *coldkey);
        OwnerTable::set(&owners);
        Ok(())
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_bind(hotkey: &AccountId, coldkey: &AccountId) {
        let mut owners = OwnerTable::get();
        owners.insert(*hotkey, *coldkey);
        OwnerTable::set(&owners);
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_consent(index: u32, coldkey: &AccountId) -> (AccountId, HotkeyConsent) {
        (AccountId::MAX - AccountId::from(index), consent_to(*coldkey))
    }
}

impl laurel_support::Stake<AccountId> for Network {
    fn stake(hotkey: &AccountId) -> Balance {
        StakeTable::get().get(hotkey).copied().unwrap_or(0)
    }
    /// As if it had always been there.
    fn stake_time_on(_: NetUid, hotkey: &AccountId) -> u128 {
        u128::from(Self::stake(hotkey)) * u128::from(System::block_number())
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_stake(hotkey: &AccountId, _coldkey: &AccountId, amount: Balance) {
        set_stake(*hotkey, Self::stake(hotkey) + amount);
    }
}

/// Costs that tell the two ways through the hook, and their sizes, apart.
pub struct Costs;

impl crate::WeightInfo for Costs {
    fn register_seat_replacing() -> Weight {
        Weight::zero()
    }
    fn register_seat_consenting() -> Weight {
        Weight::zero()
    }
    fn leave_seat() -> Weight {
        Weight::zero()
    }
    fn set_root_weights(w: u32) -> Weight {
        Weight::from_parts(u64::from(w), 0)
    }
    fn split_not_due() -> Weight {
        Weight::from_parts(7, 0)
    }
    fn recompute_split(s: u32, n: u32) -> Weight {
        Weight::from_parts(1_000 + 100 * u64::from(s) + u64::from(n), 0)
    }
    fn on_hotkey_swapped() -> Weight {
        Weight::from_parts(20, 0)
    }
    fn remove_subnet() -> Weight {
        Weight::from_parts(300, 0)
    }
}

/// A chain with three subnets, 1 to 3, that can pay.
pub struct ExtBuilder {
    settings: Settings,
}

impl Default for ExtBuilder {
    fn default() -> Self {
        let settings = Settings {
            tempo: TEMPO,
            weights_lifetime: LIFETIME,
            weights_rate_limit: RATE_LIMIT,
            ..Default::default()
        };
        Self { settings }
    }
}

impl ExtBuilder {
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    pub fn tempo(mut self, tempo: BlockNumber) -> Self {
        self.settings.tempo = tempo;
        self
    }

    pub fn build(self) -> sp_io::TestExternalities {
        let storage = RuntimeGenesisConfig {
            root: pallet_laurel_root::GenesisConfig {
                settings: self.settings,
                ..Default::default()
            },
            ..Default::default()
        }
        .build_storage()
        .expect("the genesis of the mock builds");
        let mut ext = sp_io::TestExternalities::new(storage);
        ext.execute_with(|| System::set_block_number(1));
        ext
    }

    /// Runs a test over three subnets that can pay, and checks the invariants.
    pub fn build_and_execute(self, test: impl FnOnce()) {
        self.build().execute_with(|| {
            for netuid in 1..=3 {
                set_subnet(netuid, 4, true);
            }
            test();
            Root::do_try_state().expect("the state is sound");
        });
    }
}

pub fn set_subnet(netuid: u16, neurons: u16, registration_allowed: bool) {
    let mut subnets = SubnetTable::get();
    subnets.insert(netuid, (neurons, registration_allowed));
    SubnetTable::set(&subnets);
}

pub fn set_stake(hotkey: AccountId, stake: Balance) {
    let mut stakes = StakeTable::get();
    stakes.insert(hotkey, stake);
    StakeTable::set(&stakes);
}

/// What any hotkey of the mock signs to belong to a coldkey.
pub fn consent_to(coldkey: AccountId) -> HotkeyConsent {
    HotkeyConsent([coldkey as u8; 64])
}

/// Seats a hotkey of [`COLDKEY`] with stake.
pub fn seat(hotkey: AccountId, stake: Balance) {
    set_stake(hotkey, stake);
    Root::register_seat(RuntimeOrigin::signed(COLDKEY), hotkey, Some(consent_to(COLDKEY))).expect("the seat is free");
}

/// Takes a subnet out of the network, as the subnets pallet does before others clean up.
pub fn end_subnet(netuid: u16) {
    let mut subnets = SubnetTable::get();
    subnets.remove(&netuid);
    SubnetTable::set(&subnets);
}

pub fn row(weights: &[(u16, u16)]) -> BySubnet<u16> {
    BySubnet::truncate_from(
        weights
            .iter()
            .map(|(netuid, weight)| (NetUid(*netuid), *weight))
            .collect(),
    )
}

pub fn vote(hotkey: AccountId, weights: &[(u16, u16)]) {
    Root::set_root_weights(RuntimeOrigin::signed(COLDKEY), hotkey, row(weights)).expect("the weights are set");
}

pub fn stored_row(hotkey: AccountId) -> Option<Vec<(u16, u16)>> {
    let row = RootWeights::<Test>::get(hotkey)?;
    Some(
        row.entries()
            .iter()
            .map(|(netuid, weight)| (netuid.0, *weight))
            .collect(),
    )
}

/// Makes blocks up to `block`, that one included. Returns what its hook said that it costs.
pub fn run_to_block(block: BlockNumber) -> Weight {
    let mut cost = Weight::zero();
    while System::block_number() < block {
        let next = System::block_number() + 1;
        System::set_block_number(next);
        cost = Root::on_initialize(next);
    }
    cost
}

pub fn last_event() -> RuntimeEvent {
    System::events().pop().expect("an event was deposited").event
}
