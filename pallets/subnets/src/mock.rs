//! A chain of nothing but balances and subnets.
use crate::{self as pallet_laurel_subnets, Identity, Models, NextNetUid, Pallet, SubnetSettings, Text};
use frame_support::{
    derive_impl, parameter_types,
    traits::{ConstU64, Hooks},
    weights::{Weight, WeightMeter},
    BoundedVec,
};
use laurel_support::{EpochShare, Epochs, OnEpoch, OnSubnetCreated, OnSubnetRemoved, Split};
use laurel_types::{
    AcceptedModel, Balance, BlockNumber, EpochIndex, Hyperparameters, ModelKind, ModelRoot, NetUid, TokenizerRoot, Uid,
};
use sp_runtime::BuildStorage;
use std::collections::BTreeMap;

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
/// Blocks for which a new subnet cannot be replaced here.
pub const IMMUNITY: BlockNumber = 30;
/// Blocks after which a lock is refunded whole here.
pub const VESTING: BlockNumber = 200;
/// Blocks between announcement and dissolution here.
pub const DELAY: BlockNumber = 40;
/// Last blocks of an epoch that admit no change here.
pub const FREEZE: BlockNumber = 3;
/// Deposit for an identity, and for a byte of it, here.
pub const IDENTITY_DEPOSIT: (Balance, Balance) = (500, 10);
/// Where the burned part of locks goes.
pub const BURN: u64 = 999;
/// What removing one thing of an ended subnet costs here.
pub const REMOVE_ONE: Weight = Weight::from_parts(10, 10);

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
    type BurnAccount = ConstU64<BURN>;
    type Epochs = SomeEpochs;
    type Split = SomeSplit;
    type OnSubnetCreated = Witness;
    type OnSubnetRemoved = Witness;
    type WeightInfo = ();
}

parameter_types! {
    /// Subnets of whose creation others were told, with the parameters that they could read then.
    pub static Told: Vec<(NetUid, Option<Hyperparameters>)> = Vec::new();
    /// Things that somebody else keeps of each subnet.
    pub static Kept: BTreeMap<NetUid, u64> = BTreeMap::new();
    /// Index of the running epoch of every subnet.
    pub static Epoch: u64 = 0;
    /// Block in which the running epoch of every subnet ends.
    pub static DueAt: BlockNumber = BlockNumber::MAX;
    /// Parts of the emission.
    pub static TheSplit: Vec<(NetUid, u64)> = Vec::new();
}

pub struct SomeSplit;

impl Split for SomeSplit {
    fn split() -> Vec<(NetUid, u64)> {
        TheSplit::get()
    }
}

pub struct SomeEpochs;

impl Epochs<u64> for SomeEpochs {
    fn current(_: NetUid) -> EpochIndex {
        EpochIndex(Epoch::get())
    }

    fn started_at(_: NetUid) -> BlockNumber {
        0
    }

    fn due_at(_: NetUid) -> BlockNumber {
        DueAt::get()
    }

    fn take_stock(_: NetUid, _: Uid, _: u16) {}

    fn stock_weight(_: NetUid, _: u32) -> Weight {
        Weight::zero()
    }

    fn weight(_: NetUid) -> Weight {
        Weight::zero()
    }

    fn run(_: NetUid) -> Vec<EpochShare<u64>> {
        Vec::new()
    }

    fn record_emission(_: NetUid, _: &[Balance]) {}
}

/// Remembers what it was told.
pub struct Witness;

impl OnSubnetCreated for Witness {
    fn on_subnet_created(netuid: NetUid) {
        let params = <Subnets as laurel_support::Subnets<u64>>::params(netuid);
        Told::mutate(|told| told.push((netuid, params)));
    }
}

impl OnSubnetRemoved for Witness {
    fn remove_step(netuid: NetUid, budget: Weight) -> (Weight, bool) {
        Kept::mutate(|kept| {
            let left = kept.get(&netuid).copied().unwrap_or(0);
            let now = budget.checked_div_per_component(&REMOVE_ONE).unwrap_or(0).min(left);
            kept.insert(netuid, left - now);
            if left == now {
                kept.remove(&netuid);
            }
            (REMOVE_ONE.saturating_mul(now), left == now)
        })
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
                max_subnets: laurel_types::MAX_SUBNETS,
                immunity_period: IMMUNITY,
                min_lock: MIN_LOCK,
                lock_reduction_interval: REDUCTION,
                create_rate_limit: RATE_LIMIT,
                lock_vesting: VESTING,
                early_end_burn: 50,
                dissolution_delay: DELAY,
                parameter_cooldown: COOLDOWN,
                freeze_window: FREEZE,
                identity_deposit: IDENTITY_DEPOSIT.0,
                identity_byte_deposit: IDENTITY_DEPOSIT.1,
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

    pub fn max_subnets(mut self, max_subnets: u32) -> Self {
        self.settings.max_subnets = max_subnets;
        self
    }

    pub fn default_params(mut self, params: Hyperparameters) -> Self {
        self.settings.default_params = params;
        self
    }

    pub fn build(self) -> sp_io::TestExternalities {
        let genesis = RuntimeGenesisConfig {
            balances: pallet_balances::GenesisConfig {
                balances: vec![(ALICE, FUNDS), (BOB, FUNDS), (BURN, 1)],
                ..Default::default()
            },
            subnets: crate::GenesisConfig {
                settings: self.settings,
                _config: Default::default(),
            },
            ..Default::default()
        };
        let mut ext = sp_io::TestExternalities::new(genesis.build_storage().expect("the genesis is in order"));
        ext.execute_with(|| {
            System::set_block_number(1);
            Kept::set(BTreeMap::new());
            Epoch::set(0);
            DueAt::set(BlockNumber::MAX);
            TheSplit::set(Vec::new());
        });
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

/// Ends the running epoch of the subnet.
pub fn end_epoch(netuid: NetUid) {
    let ended = Epoch::get();
    Epoch::set(ended + 1);
    Subnets::on_epoch(netuid, EpochIndex(ended));
}

/// Begins the next block and polls with this weight.
pub fn next_block(weight: Weight) {
    System::set_block_number(System::block_number() + 1);
    let mut meter = WeightMeter::with_limit(weight);
    <Subnets as Hooks<BlockNumber>>::on_poll(System::block_number(), &mut meter);
}

/// What creating a subnet in this block locks.
pub fn lock_cost() -> Balance {
    Subnets::lock_cost_at(System::block_number())
}

pub fn skip_blocks(blocks: BlockNumber) {
    System::set_block_number(System::block_number() + blocks);
}

pub fn model(root: u8) -> AcceptedModel {
    AcceptedModel {
        root: ModelRoot([root; 32]),
        kind: ModelKind::Text,
        context: 256,
        tokenizer: TokenizerRoot([9; 32]),
        sampler: 1,
    }
}

pub fn models(roots: &[u8]) -> Models {
    BoundedVec::truncate_from(roots.iter().copied().map(model).collect())
}

/// An identity of so many bytes, and one for its name.
pub fn identity(bytes: usize) -> Identity {
    Identity {
        name: Text::truncate_from(vec![b'n']),
        description: Text::truncate_from(vec![b'd'; bytes]),
        ..Identity::default()
    }
}
