//! A chain of balances and neurons, with subnets, hotkeys and scores that the tests decide.
use crate::{self as pallet_laurel_neurons, Pallet};
use frame_support::{derive_impl, dispatch::DispatchResult, ensure, parameter_types, traits::ConstU64};
use laurel_support::{EvictionScore, Hotkeys, NeuronId, OnNeuronRegistered, OnNeuronReplaced, OnSubnetCreated, Tenure};
use laurel_types::{
    AcceptedModel, Balance, BlockNumber, HotkeyConsent, Hyperparameters, ModelKind, ModelRoot, NetUid, TokenizerRoot,
    Uid,
};
use sp_runtime::{traits::Convert, transaction_validity::InvalidTransaction, BuildStorage, DispatchError, ModuleError};
use std::collections::BTreeMap;

/// The coldkey that owns the subnet.
pub const OWNER: u64 = 1;
/// A coldkey with [`FUNDS`].
pub const ALICE: u64 = 2;
/// Another one.
pub const BOB: u64 = 3;
/// What every coldkey owns at genesis.
pub const FUNDS: Balance = 1_000_000;
/// Where prices go.
pub const BURN: u64 = 999;
/// What the burn account needs to exist.
pub const DEPOSIT: Balance = 10;
/// The subnet that [`ExtBuilder`] makes.
pub const NET: NetUid = NetUid(1);
/// The model that it accepts.
pub const MODEL: ModelRoot = ModelRoot([7; 32]);
/// Blocks between two publications of the same axon.
pub const RENEWAL: BlockNumber = 20;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Balances: pallet_balances,
        Neurons: pallet_laurel_neurons,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = frame_system::mocking::MockBlockU32<Test>;
    type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type ExistentialDeposit = ConstU64<DEPOSIT>;
}

impl crate::Config for Test {
    type Currency = Balances;
    type BurnAccount = ConstU64<BURN>;
    type Subnets = SomeSubnets;
    type Hotkeys = SomeHotkeys;
    type EvictionScore = SomeScores;
    type OnNeuronReplaced = Witness;
    type OnNeuronRegistered = Witness;
    type PoolRefusal = ByErrorIndex;
    type WeightInfo = SomeWeights;
}

/// Refuses with the number of the pallet's error, or 255.
pub struct ByErrorIndex;

impl Convert<DispatchError, InvalidTransaction> for ByErrorIndex {
    fn convert(error: DispatchError) -> InvalidTransaction {
        match error {
            DispatchError::Module(ModuleError { error, .. }) => InvalidTransaction::Custom(error[0]),
            _ => InvalidTransaction::Custom(255),
        }
    }
}

/// A hotkey's consent to whatever it is asked.
pub const CONSENT: HotkeyConsent = HotkeyConsent([1; 64]);
/// What nobody signed.
pub const FORGED: HotkeyConsent = HotkeyConsent([2; 64]);

/// A subnet as the tests want it.
#[derive(Clone, Debug)]
pub struct SomeSubnet {
    pub owner: u64,
    pub params: Hyperparameters,
    pub models: Vec<AcceptedModel>,
}

parameter_types! {
    pub static TheSubnets: BTreeMap<NetUid, SomeSubnet> = BTreeMap::new();
    /// Coldkey of each hotkey.
    pub static TheHotkeys: BTreeMap<u64, u64> = BTreeMap::new();
    /// Scores of uids that earned any.
    pub static TheScores: BTreeMap<Uid, u16> = BTreeMap::new();
    /// Uids that changed hands, with the hotkey that still held each when others were told.
    pub static Told: Vec<(NetUid, Uid, Option<u64>)> = Vec::new();
    /// Uids that got a holder, with the hotkey that held each when others were told.
    pub static Welcomed: Vec<(NetUid, Uid, Option<u64>)> = Vec::new();
    /// Subnets that are being removed.
    pub static Ending: Vec<NetUid> = Vec::new();
}

pub struct SomeSubnets;

impl laurel_support::Subnets<u64> for SomeSubnets {
    fn netuids() -> Vec<NetUid> {
        TheSubnets::get().into_keys().collect()
    }

    fn params(netuid: NetUid) -> Option<Hyperparameters> {
        TheSubnets::get().get(&netuid).map(|subnet| subnet.params)
    }

    fn owner(netuid: NetUid) -> Option<u64> {
        TheSubnets::get().get(&netuid).map(|subnet| subnet.owner)
    }

    fn models(netuid: NetUid) -> Vec<AcceptedModel> {
        TheSubnets::get()
            .remove(&netuid)
            .map(|subnet| subnet.models)
            .unwrap_or_default()
    }

    fn is_ending(netuid: NetUid) -> bool {
        Ending::get().contains(&netuid)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_create(owner: &u64, params: Hyperparameters) -> NetUid {
        let netuid = NetUid(TheSubnets::get().len() as u16 + 1);
        add_subnet(netuid, *owner, params);
        netuid
    }
}

pub struct SomeHotkeys;

impl Hotkeys<u64> for SomeHotkeys {
    fn owner(hotkey: &u64) -> Option<u64> {
        TheHotkeys::get().get(hotkey).copied()
    }

    fn check_bind(hotkey: &u64, coldkey: &u64, consent: Option<&HotkeyConsent>) -> DispatchResult {
        match Self::owner(hotkey) {
            Some(owner) => ensure!(owner == *coldkey, DispatchError::Other("another's hotkey")),
            None => ensure!(consent == Some(&CONSENT), DispatchError::Other("no consent")),
        }
        Ok(())
    }

    fn bind(hotkey: &u64, coldkey: &u64, consent: Option<&HotkeyConsent>) -> DispatchResult {
        Self::check_bind(hotkey, coldkey, consent)?;
        TheHotkeys::mutate(|owners| owners.insert(*hotkey, *coldkey));
        Ok(())
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_bind(hotkey: &u64, coldkey: &u64) {
        TheHotkeys::mutate(|owners| owners.insert(*hotkey, *coldkey));
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_consent(index: u32, _: &u64) -> (u64, HotkeyConsent) {
        (u64::MAX - u64::from(index), CONSENT)
    }
}

pub struct SomeScores;

impl EvictionScore for SomeScores {
    fn tenures(netuid: NetUid) -> Vec<Tenure> {
        let scores = TheScores::get();
        let tenure = |neuron: NeuronId<u64>| Tenure {
            score: scores.get(&neuron.uid).copied().unwrap_or(0),
            registered_at: neuron.registered_at,
        };
        let neurons = <Neurons as laurel_support::Neurons<u64>>::neurons(netuid);
        neurons.into_iter().map(tenure).collect()
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_score(_: NetUid) {}
}

/// Remembers what it was told, and forgets the score as the real one does.
pub struct Witness;

impl OnNeuronReplaced for Witness {
    fn on_neuron_replaced(netuid: NetUid, uid: Uid) {
        let holder = <Neurons as laurel_support::Neurons<u64>>::neuron(netuid, uid).map(|neuron| neuron.hotkey);
        Told::mutate(|told| told.push((netuid, uid, holder)));
        TheScores::mutate(|scores| scores.remove(&uid));
    }
}

impl OnNeuronRegistered for Witness {
    fn on_neuron_registered(netuid: NetUid, uid: Uid) {
        let holder = <Neurons as laurel_support::Neurons<u64>>::neuron(netuid, uid).map(|neuron| neuron.hotkey);
        Welcomed::mutate(|told| told.push((netuid, uid, holder)));
    }
}

/// Weights by which a test can tell one benchmark from another.
pub struct SomeWeights;

impl crate::WeightInfo for SomeWeights {
    fn burned_register_append() -> frame_support::weights::Weight {
        frame_support::weights::Weight::from_parts(1_000, 0)
    }

    fn burned_register_evict(n: u32) -> frame_support::weights::Weight {
        frame_support::weights::Weight::from_parts(10_000 + u64::from(n), 0)
    }

    fn pow_register_append() -> frame_support::weights::Weight {
        frame_support::weights::Weight::from_parts(2_000, 0)
    }

    fn pow_register_evict(n: u32) -> frame_support::weights::Weight {
        frame_support::weights::Weight::from_parts(20_000 + u64::from(n), 0)
    }

    fn authorize_pow_register() -> frame_support::weights::Weight {
        frame_support::weights::Weight::from_parts(500, 0)
    }

    fn protect_neuron() -> frame_support::weights::Weight {
        frame_support::weights::Weight::from_parts(30, 0)
    }

    fn on_hotkey_swapped() -> frame_support::weights::Weight {
        frame_support::weights::Weight::from_parts(40, 0)
    }

    fn remove_neurons(n: u32) -> frame_support::weights::Weight {
        frame_support::weights::Weight::from_parts(100 + 10 * u64::from(n), 0)
    }

    fn publish_axon() -> frame_support::weights::Weight {
        frame_support::weights::Weight::from_parts(10, 0)
    }

    fn withdraw_axon() -> frame_support::weights::Weight {
        frame_support::weights::Weight::from_parts(20, 0)
    }
}

/// A chain at block 1 with three rich coldkeys and subnet [`NET`] of [`OWNER`].
pub struct ExtBuilder {
    params: Hyperparameters,
    loopback: bool,
}

impl Default for ExtBuilder {
    fn default() -> Self {
        Self {
            params: Hyperparameters {
                min_burn: 100,
                max_burn: 10_000,
                max_uids: 8,
                max_validators: 4,
                immunity_period: 10,
                demand_half_life: 10,
                demand_growth: 2_000,
                min_difficulty: 1_000,
                axon_lifetime: 100,
                axon_interval: RENEWAL,
                ..Hyperparameters::default()
            },
            loopback: false,
        }
    }
}

impl ExtBuilder {
    pub fn tuned(mut self, tune: impl FnOnce(&mut Hyperparameters)) -> Self {
        tune(&mut self.params);
        self.params.check().expect("the test's parameters are in range");
        self
    }

    pub fn with_loopback(mut self) -> Self {
        self.loopback = true;
        self
    }

    pub fn build(self) -> sp_io::TestExternalities {
        let genesis = RuntimeGenesisConfig {
            balances: pallet_balances::GenesisConfig {
                balances: vec![(OWNER, FUNDS), (ALICE, FUNDS), (BOB, FUNDS), (BURN, DEPOSIT)],
                ..Default::default()
            },
            neurons: crate::GenesisConfig {
                allow_loopback: self.loopback,
                _config: Default::default(),
            },
            ..Default::default()
        };
        let mut ext = sp_io::TestExternalities::new(genesis.build_storage().expect("the genesis is in order"));
        ext.execute_with(|| {
            System::set_block_number(1);
            TheSubnets::set(BTreeMap::new());
            TheHotkeys::set(BTreeMap::new());
            TheScores::set(BTreeMap::new());
            Told::set(Vec::new());
            Welcomed::set(Vec::new());
            Ending::set(Vec::new());
            add_subnet(NET, OWNER, self.params);
        });
        ext
    }

    pub fn build_and_execute(self, test: impl FnOnce()) {
        self.build().execute_with(|| {
            test();
            Pallet::<Test>::do_try_state().expect("all invariants hold");
        });
    }
}

/// A subnet that accepts [`MODEL`] and seven others.
pub fn add_subnet(netuid: NetUid, owner: u64, params: Hyperparameters) {
    let roots = (0..7).map(|root| ModelRoot([root; 32])).chain([MODEL]);
    let models = roots
        .map(|root| AcceptedModel {
            root,
            kind: ModelKind::Embedding,
            context: 256,
            tokenizer: TokenizerRoot([3; 32]),
            sampler: 0,
        })
        .collect();
    TheSubnets::mutate(|subnets| subnets.insert(netuid, SomeSubnet { owner, params, models }));
    Neurons::on_subnet_created(netuid);
}

/// Changes the subnet as if an epoch had ended.
pub fn tune(tune: impl FnOnce(&mut Hyperparameters)) {
    TheSubnets::mutate(|subnets| tune(&mut subnets.get_mut(&NET).expect("the subnet exists").params));
}

pub fn skip_blocks(blocks: BlockNumber) {
    System::set_block_number(System::block_number() + blocks);
}

/// What registering costs in this block.
pub fn quote(netuid: NetUid) -> Option<Balance> {
    Neurons::quote_at(netuid, System::block_number())
}

/// Registers at whatever it costs.
pub fn register(coldkey: u64, hotkey: u64) -> Uid {
    Neurons::burned_register(RuntimeOrigin::signed(coldkey), NET, hotkey, Balance::MAX, Some(CONSENT))
        .expect("registers");
    <Neurons as laurel_support::Neurons<u64>>::uid_of(NET, &hotkey).expect("is registered")
}

/// Registers hotkeys 100, 101 and so on, of [`ALICE`], until the subnet is full, one a block.
pub fn fill_subnet() {
    let params = TheSubnets::get()[&NET].params;
    for uid in crate::Count::<Test>::get(NET)..params.max_uids {
        register(ALICE, 100 + u64::from(uid));
        skip_blocks(1);
    }
}
