//! A runtime with the ledger and this pallet; the other neighbours are tables in memory.
use crate::{self as pallet_laurel_rewards, CreditOf, ToBurn, WeightInfo};
use frame_support::{
    derive_impl,
    pallet_prelude::{Twox64Concat, ValueQuery},
    parameter_types,
    traits::{
        fungible::{Balanced, Mutate},
        ConstU64, Imbalance, OnInitialize, OnPoll,
    },
    weights::{Weight, WeightMeter},
    PalletId,
};
use laurel_support::{
    Due, EpochShare, Epochs, Family, NeuronId, Neurons, OnEpoch, Parents, Payout, Placed, Split, Subnets,
};
use laurel_types::{
    AcceptedModel, Balance, BlockNumber, EpochIndex, EpochSummary, Hyperparameters, NetUid, RegistrationId, Uid, LRL,
};
use sp_runtime::BuildStorage;
use std::collections::BTreeMap;

/// Sixteen bytes, so that the derived accounts differ.
pub type AccountId = u128;
type Block = frame_system::mocking::MockBlock<Test>;

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
    pub type Balances = pallet_balances::Pallet<Test>;
    #[runtime::pallet_index(2)]
    pub type Rewards = pallet_laurel_rewards::Pallet<Test>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountId = AccountId;
    type Lookup = sp_runtime::traits::IdentityLookup<AccountId>;
    type AccountData = pallet_balances::AccountData<Balance>;
}

/// Large enough that carried units and dust are below it.
pub const DEPOSIT: Balance = 500;

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type ExistentialDeposit = ConstU64<DEPOSIT>;
    type DustRemoval = ToBurn<Test>;
    type FreezeIdentifier = ();
    type MaxFreezes = frame_support::traits::ConstU32<1>;
}

parameter_types! {
    pub const RewardsId: PalletId = PalletId(*b"lrl/rwds");
    pub const Staked: Balance = 11;
    pub const Locked: Balance = 22;
    /// The subnets.
    pub static Nets: BTreeMap<NetUid, Net> = BTreeMap::new();
    /// The root split.
    pub static RootSplit: Vec<(NetUid, u64)> = Vec::new();
    /// Which epochs ended, as told to others.
    pub static Told: Vec<(NetUid, EpochIndex)> = Vec::new();
    /// What was recorded for the uids of each subnet.
    pub static Recorded: BTreeMap<NetUid, Vec<Balance>> = BTreeMap::new();
    /// Hotkeys that staking does not know.
    pub static Unknown: Vec<AccountId> = Vec::new();
    /// Weight of scoring one epoch.
    pub static EpochWeight: Weight = Weight::from_parts(1_000, 0);
    /// Weight of reading the stake of one neuron.
    pub static StockWeight: Weight = Weight::zero();
    /// Weight of paying one line.
    pub static LineWeight: Weight = Weight::zero();
    /// Who lends to a hotkey.
    pub static Lenders: BTreeMap<AccountId, Vec<AccountId>> = BTreeMap::new();
    /// Over how many blocks the last payout was to flow.
    pub static Streamed: Option<BlockNumber> = None;
}

/// One subnet of the tables.
#[derive(Clone, Debug)]
pub struct Net {
    pub params: Hyperparameters,
    pub owner: AccountId,
    /// Incentive and dividends of each neuron.
    pub shares: Vec<(u64, u64)>,
}

/// The running epoch of each subnet and the block in which it began: in storage, so that it rolls back with a failed epoch.
#[frame_support::storage_alias]
pub type Clock = StorageMap<MockScoring, Twox64Concat, NetUid, (EpochIndex, BlockNumber), ValueQuery>;

/// Which epochs ran, and in which block.
#[frame_support::storage_alias]
pub type Ran = StorageValue<MockScoring, Vec<(NetUid, EpochIndex, BlockNumber)>, ValueQuery>;

/// Whose stake was read: from which uid on, and of how many.
#[frame_support::storage_alias]
pub type Stocked = StorageValue<MockScoring, Vec<(NetUid, Uid, u16)>, ValueQuery>;

/// Which epochs were skipped.
#[frame_support::storage_alias]
pub type Skipped = StorageValue<MockScoring, Vec<(NetUid, EpochIndex)>, ValueQuery>;

/// The neighbours: subnets, neurons, scoring, root and staking.
pub struct World;

impl World {
    fn with<R>(netuid: NetUid, read: impl FnOnce(&Net) -> R) -> Option<R> {
        Nets::get().get(&netuid).map(read)
    }

    pub fn change(netuid: NetUid, change: impl FnOnce(&mut Net)) {
        Nets::mutate(|nets| change(nets.get_mut(&netuid).unwrap()));
    }

    /// Begins the next epoch and returns the one that ended.
    fn end_epoch(netuid: NetUid) -> EpochIndex {
        let now = System::block_number() as BlockNumber;
        Clock::mutate(netuid, |(epoch, started_at)| {
            let ended = *epoch;
            (*epoch, *started_at) = (ended.next(), now);
            ended
        })
    }
}

/// The hotkey of a neuron: its account receives what the neuron is paid.
pub fn hotkey(netuid: u16, uid: u16) -> AccountId {
    10_000 * AccountId::from(netuid) + AccountId::from(uid)
}

/// The owner of a subnet.
pub fn owner(netuid: u16) -> AccountId {
    1_000 + AccountId::from(netuid)
}

impl Subnets<AccountId> for World {
    fn netuids() -> Vec<NetUid> {
        Nets::get().keys().copied().collect()
    }
    fn params(netuid: NetUid) -> Option<Hyperparameters> {
        Self::with(netuid, |net| net.params)
    }
    fn owner(netuid: NetUid) -> Option<AccountId> {
        Self::with(netuid, |net| net.owner)
    }
    fn models(_: NetUid) -> Vec<AcceptedModel> {
        Vec::new()
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_create(_: &AccountId, params: Hyperparameters) -> NetUid {
        let netuid = NetUid(Nets::get().len() as u16 + 1);
        let net = Net {
            params,
            owner: owner(netuid.0),
            shares: Vec::new(),
        };
        Nets::mutate(|nets| nets.insert(netuid, net));
        netuid
    }
}

impl Neurons<AccountId> for World {
    fn count(netuid: NetUid) -> u16 {
        Self::with(netuid, |net| net.shares.len() as u16).unwrap_or_default()
    }
    fn neuron(netuid: NetUid, uid: Uid) -> Option<NeuronId<AccountId>> {
        Self::neurons(netuid).get(uid.index()).cloned()
    }
    fn uid_of(netuid: NetUid, wanted: &AccountId) -> Option<Uid> {
        Self::neurons(netuid)
            .into_iter()
            .find(|neuron| neuron.hotkey == *wanted)
            .map(|neuron| neuron.uid)
    }
    fn neurons(netuid: NetUid) -> Vec<NeuronId<AccountId>> {
        let neuron = |uid| NeuronId {
            uid: Uid(uid),
            hotkey: hotkey(netuid.0, uid),
            registration: RegistrationId(uid.into()),
            registered_at: 0,
        };
        (0..<Self as Neurons<_>>::count(netuid)).map(neuron).collect()
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_register(netuid: NetUid, _: &AccountId, _: &AccountId) -> Uid {
        let uid = <Self as Neurons<_>>::count(netuid);
        Self::change(netuid, |net| net.shares.push((1, 1)));
        Uid(uid)
    }
}

impl Epochs<AccountId> for World {
    fn current(netuid: NetUid) -> EpochIndex {
        Clock::get(netuid).0
    }
    fn started_at(netuid: NetUid) -> BlockNumber {
        Clock::get(netuid).1
    }
    fn due_at(netuid: NetUid) -> BlockNumber {
        Self::with(netuid, |net| Clock::get(netuid).1 + BlockNumber::from(net.params.tempo)).unwrap_or(BlockNumber::MAX)
    }
    fn take_stock(netuid: NetUid, first: Uid, count: u16) {
        Stocked::append((netuid, first, count));
    }
    fn stock_weight(_: NetUid, count: u32) -> Weight {
        StockWeight::get().saturating_mul(count.into())
    }
    fn weight(_: NetUid) -> Weight {
        EpochWeight::get()
    }
    fn run(netuid: NetUid) -> Vec<EpochShare<AccountId>> {
        let ended = Self::end_epoch(netuid);
        Ran::append((netuid, ended, System::block_number() as BlockNumber));
        let shares = Self::with(netuid, |net| net.shares.clone()).unwrap_or_default();
        let share = |(uid, (incentive, dividends))| EpochShare {
            uid: Uid(uid),
            hotkey: hotkey(netuid.0, uid),
            incentive,
            dividends,
        };
        (0..).zip(shares).map(share).collect()
    }
    fn skip(netuid: NetUid) {
        Skipped::append((netuid, Self::end_epoch(netuid)));
    }
    fn record_emission(netuid: NetUid, emission: &[Balance]) {
        Recorded::mutate(|all| all.insert(netuid, emission.to_vec()));
    }
}

impl Split for World {
    fn split() -> Vec<(NetUid, u64)> {
        RootSplit::get()
    }
}

impl OnEpoch for World {
    fn on_epoch(netuid: NetUid, ended: EpochIndex) {
        Told::mutate(|told| told.push((netuid, ended)));
    }
}

/// Each due goes to the hotkey's account; the take is a tenth.
impl Payout<AccountId, CreditOf<Test>> for World {
    fn pay(
        dues: &[Due<AccountId>],
        stream_blocks: BlockNumber,
        mut credit: CreditOf<Test>,
    ) -> (Vec<Option<Placed>>, CreditOf<Test>) {
        Streamed::set(Some(stream_blocks));
        let pay = |due: &Due<AccountId>| {
            if Unknown::get().contains(&due.hotkey) {
                return None;
            }
            let part = credit.extract(due.owner + due.dividends);
            assert_eq!(part.peek(), due.owner + due.dividends, "the credit holds the dues");
            Balances::resolve(&due.hotkey, part).expect("the tests' hotkeys have accounts");
            let take = due.dividends / 10;
            let shares = (due.owner + take).into();
            Some(Placed { take, shares })
        };
        (dues.iter().map(pay).collect(), credit)
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_payee(hotkey: &AccountId, _: &AccountId, _: &AccountId) {
        open_account(*hotkey);
    }
}

/// Half of what a hotkey earns is its parents', in equal parts, of which it keeps a fifth.
impl Parents<AccountId> for World {
    fn divide(netuid: NetUid, earned: &[(AccountId, Balance)]) -> Vec<(usize, Family<AccountId>)> {
        let lenders = Lenders::get();
        let family = |(place, (hotkey, amount)): (usize, &(AccountId, Balance))| {
            let parents = lenders.get(hotkey).filter(|_| *amount > 0)?;
            let part = amount / 2 / parents.len() as Balance;
            let take = part / 5 * parents.len() as Balance;
            let own = amount - part * parents.len() as Balance;
            let parents = parents.iter().map(|parent| (*parent, part - part / 5)).collect();
            Some((place, Family { own, take, parents }))
        };
        let ended = EpochIndex(Self::current(netuid).0 - 1);
        assert!(
            !Told::get().contains(&(netuid, ended)),
            "links change when others are told"
        );
        earned.iter().enumerate().filter_map(family).collect()
    }
    fn count(_: NetUid) -> u32 {
        Lenders::get().values().map(|parents| parents.len() as u32).sum()
    }
    fn weight(_: NetUid, _: u32) -> Weight {
        Weight::zero()
    }
}

/// Hooks that cost little.
pub struct LightWeights;

impl WeightInfo for LightWeights {
    fn on_initialize(s: u32) -> Weight {
        Weight::from_parts(u64::from(s), 0)
    }
    fn on_poll() -> Weight {
        Weight::from_parts(10, 0)
    }
    fn draw_bill(_: u32) -> Weight {
        Weight::zero()
    }
    fn pay(n: u32) -> Weight {
        LineWeight::get().saturating_mul(n.into())
    }
    fn remove_subnet() -> Weight {
        Weight::from_parts(40, 0)
    }
    fn swap_hotkey() -> Weight {
        Weight::from_parts(5, 0)
    }
}

impl pallet_laurel_rewards::Config for Test {
    type Currency = Balances;
    type PalletId = RewardsId;
    type Subnets = World;
    type Neurons = World;
    type Epochs = World;
    type Split = World;
    type Parents = World;
    type Payout = World;
    type OnEpoch = World;
    type Staked = Staked;
    type Locked = Locked;
    type WeightInfo = LightWeights;
}

/// Blocks of an epoch in the tests' subnets.
pub const TEMPO: u16 = 5;
/// Balance of account 1 at genesis.
pub const ENDOWMENT: Balance = 1_000 * LRL;

/// A chain at block 0 with some subnets, numbered from 1, that share emission by the given parts.
#[derive(Default)]
pub struct ExtBuilder {
    nets: Vec<Net>,
    split: Vec<u64>,
}

impl ExtBuilder {
    /// Adds a subnet with this part of the split and these incentives and dividends. Its owner and neurons have accounts.
    pub fn subnet(mut self, part: u64, shares: &[(u64, u64)]) -> Self {
        let netuid = self.nets.len() as u16 + 1;
        let params = Hyperparameters {
            tempo: TEMPO,
            ..Default::default()
        };
        let shares = shares.to_vec();
        self.nets.push(Net {
            params,
            owner: owner(netuid),
            shares,
        });
        self.split.push(part);
        self
    }

    pub fn build(self) -> sp_io::TestExternalities {
        let mut balances = vec![(1, ENDOWMENT)];
        for (netuid, net) in (1..).zip(&self.nets) {
            balances.push((owner(netuid), DEPOSIT));
            balances.extend((0..net.shares.len() as u16).map(|uid| (hotkey(netuid, uid), DEPOSIT)));
        }
        RootSplit::set((1..).map(NetUid).zip(self.split).collect());
        Nets::set((1..).map(NetUid).zip(self.nets).collect());
        Told::set(Vec::new());
        Recorded::set(BTreeMap::new());
        Unknown::set(Vec::new());
        EpochWeight::set(Weight::from_parts(1_000, 0));
        StockWeight::set(Weight::zero());
        LineWeight::set(Weight::zero());
        Lenders::set(BTreeMap::new());
        Streamed::set(None);
        let config = RuntimeGenesisConfig {
            balances: pallet_balances::GenesisConfig {
                balances,
                ..Default::default()
            },
            ..Default::default()
        };
        sp_io::TestExternalities::new(config.build_storage().unwrap())
    }

    pub fn build_and_execute(self, test: impl FnOnce()) {
        self.build().execute_with(|| {
            test();
            check();
        });
    }
}

/// The pallet's equations, and that the ledger's accounts sum to the issuance.
pub fn check() {
    Rewards::do_try_state().unwrap();
    let accounts: Balance = frame_system::Account::<Test>::iter_values()
        .map(|a| a.data.free + a.data.reserved)
        .sum();
    assert_eq!(accounts, Balances::total_issuance());
}

/// One block, in which `on_poll` may use `limit`.
pub fn block_with(limit: Weight) {
    let now = System::block_number() + 1;
    System::set_block_number(now);
    System::reset_events();
    Rewards::on_initialize(now);
    Rewards::on_poll(now, &mut WeightMeter::with_limit(limit));
    check();
}

/// One block with all the weight that anybody wants.
pub fn block() {
    block_with(Weight::MAX);
}

pub fn blocks(count: u32) {
    for _ in 0..count {
        block();
    }
}

pub fn last_epoch(netuid: u16) -> EpochSummary {
    crate::LastEpoch::<Test>::get(NetUid(netuid)).unwrap()
}

/// Gives an account the deposit, as if it had been there at genesis.
pub fn open_account(account: AccountId) {
    Balances::mint_into(&account, DEPOSIT).expect("there is room for it");
    crate::Genesis::<Test>::mutate(|genesis| *genesis += DEPOSIT);
}

/// What an account has beyond the deposit that the tests gave it.
pub fn earned(account: AccountId) -> Balance {
    Balances::free_balance(account) - DEPOSIT
}
