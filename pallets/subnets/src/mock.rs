//! A chain of nothing but balances and subnets.
use crate::{self as pallet_laurel_subnets, Models, NextNetUid, Pallet, SubnetSettings};
use frame_support::{derive_impl, parameter_types, BoundedVec};
use laurel_support::{OnEpoch, OnSubnetCreated};
use laurel_types::{AcceptedModel, Balance, BlockNumber, EpochIndex, Hyperparameters, ModelKind, ModelRoot, NetUid};
use sp_runtime::BuildStorage;

/// Who creates subnets here; has [`FUNDS`].
pub const ALICE: u64 = 1;
/// Another one.
pub const BOB: u64 = 2;
/// What each of them owns at genesis.
pub const FUNDS: Balance = 1_000_000;
/// The lowest lock here.
pub const MIN_LOCK: Balance = 1_000;
/// Blocks between two creations here.
pub const RATE_LIMIT: BlockNumber = 5;
/// Blocks that a parameter rests here.
pub const COOLDOWN: BlockNumber = 20;
/// Blocks in which a lock falls by itself here.
pub const REDUCTION: BlockNumber = 100;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Balances: pallet_balances,
        Subnets: pallet_laurel_subnets,
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
}

impl crate::Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type OnSubnetCreated = Witness;
    type WeightInfo = ();
}

parameter_types! {
    /// Subnets of whose creation others were told, with the parameters that they could read then.
    pub static Told: Vec<(NetUid, Option<Hyperparameters>)> = Vec::new();
}

/// Remembers what it was told.
pub struct Witness;

impl OnSubnetCreated for Witness {
    fn on_subnet_created(netuid: NetUid) {
        let params = <Subnets as laurel_support::Subnets<u64>>::params(netuid);
        Told::mutate(|told| told.push((netuid, params)));
    }
}

/// A chain at block 1 with [`ALICE`] and [`BOB`].
pub struct ExtBuilder {
    settings: SubnetSettings,
}

impl Default for ExtBuilder {
    fn default() -> Self {
        Self {
            settings: SubnetSettings {
                default_params: Hyperparameters {
                    tempo: 15,
                    ..Hyperparameters::default()
                },
                min_lock: MIN_LOCK,
                lock_reduction_interval: REDUCTION,
                create_rate_limit: RATE_LIMIT,
                parameter_cooldown: COOLDOWN,
            },
        }
    }
}

impl ExtBuilder {
    pub fn without_rate_limit(mut self) -> Self {
        self.settings.create_rate_limit = 0;
        self
    }

    pub fn min_lock(mut self, min_lock: Balance) -> Self {
        self.settings.min_lock = min_lock;
        self
    }

    pub fn default_params(mut self, params: Hyperparameters) -> Self {
        self.settings.default_params = params;
        self
    }

    pub fn build(self) -> sp_io::TestExternalities {
        let SubnetSettings {
            default_params,
            min_lock,
            lock_reduction_interval,
            create_rate_limit,
            parameter_cooldown,
        } = self.settings;
        let genesis = RuntimeGenesisConfig {
            balances: pallet_balances::GenesisConfig {
                balances: vec![(ALICE, FUNDS), (BOB, FUNDS)],
                ..Default::default()
            },
            subnets: crate::GenesisConfig {
                default_params,
                min_lock,
                lock_reduction_interval,
                create_rate_limit,
                parameter_cooldown,
                _config: Default::default(),
            },
            ..Default::default()
        };
        let mut ext = sp_io::TestExternalities::new(genesis.build_storage().expect("the genesis is in order"));
        ext.execute_with(|| System::set_block_number(1));
        ext
    }

    pub fn build_and_execute(self, test: impl FnOnce()) {
        Told::set(Vec::new());
        self.build().execute_with(|| {
            test();
            Pallet::<Test>::do_try_state().expect("all invariants hold");
        });
    }
}

/// Creates a subnet at whatever it costs.
pub fn create_subnet(owner: u64) -> NetUid {
    let netuid = NextNetUid::<Test>::get();
    Subnets::create_subnet(RuntimeOrigin::signed(owner), Balance::MAX).expect("the subnet can be created");
    netuid
}

/// Ends an epoch of the subnet.
pub fn end_epoch(netuid: NetUid) {
    Subnets::on_epoch(netuid, EpochIndex(0));
}

pub fn skip_blocks(blocks: BlockNumber) {
    System::set_block_number(System::block_number() + blocks);
}

pub fn model(root: u8) -> AcceptedModel {
    AcceptedModel {
        root: ModelRoot([root; 32]),
        kind: ModelKind::Text,
        context: 256,
    }
}

pub fn models(roots: &[u8]) -> Models {
    BoundedVec::truncate_from(roots.iter().copied().map(model).collect())
}
