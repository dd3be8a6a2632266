//! A runtime with balances and staking only.
use crate as pallet_laurel_staking;
use crate::{CreditOf, Hotkeys, Settings, VerifyConsent};
use frame_support::{
    derive_impl, parameter_types,
    traits::{fungible::Balanced, Imbalance},
    PalletId,
};
use laurel_support::{Due, Hotkeys as _, Payout, Placed};
use laurel_types::{consent_preimage, Balance, BlockNumber, HotkeyConsent, NetUid, Take};
use sp_core::{sr25519, Pair};
use sp_runtime::BuildStorage;

pub type AccountId = u64;
type Block = frame_system::mocking::MockBlockU32<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Balances: pallet_balances,
        Staking: pallet_laurel_staking,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountData = pallet_balances::AccountData<Balance>;
}

pub const EXISTENTIAL_DEPOSIT: Balance = 10;
pub const MIN_STAKE: Balance = 1_000;
/// The least that a nominator has on a hotkey; by default as much as anybody may add.
pub const MIN_NOMINATION: Balance = MIN_STAKE;
pub const RAISE_INTERVAL: u32 = 100;
pub const LOWER_INTERVAL: u32 = 20;
/// What each account of [`OWNER`], [`ALICE`] and [`BOB`] has at genesis.
pub const ENDOWMENT: Balance = 1_000_000_000;

parameter_types! {
    pub const ExistentialDeposit: Balance = EXISTENTIAL_DEPOSIT;
    pub const StakingPalletId: PalletId = PalletId(*b"lrl/stak");
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type ExistentialDeposit = ExistentialDeposit;
}

impl pallet_laurel_staking::Config for Test {
    type Currency = Balances;
    type PalletId = StakingPalletId;
    type Consent = Seeded;
    type WeightInfo = ();
}

/// Accounts are numbers, and each number is the seed of the key that it signs with.
pub struct Seeded;

pub fn key_of(account: AccountId) -> sr25519::Pair {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&account.to_le_bytes());
    sr25519::Pair::from_seed(&seed)
}

impl VerifyConsent<AccountId> for Seeded {
    fn verify(message: &[u8], consent: &HotkeyConsent, hotkey: &AccountId) -> bool {
        sr25519::Pair::verify(
            &sr25519::Signature::from_raw(consent.0),
            message,
            &key_of(*hotkey).public(),
        )
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_hotkey(index: u32) -> AccountId {
        10_000 + AccountId::from(index)
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_sign(index: u32, message: &[u8]) -> HotkeyConsent {
        HotkeyConsent(key_of(Self::benchmark_hotkey(index)).sign(message).0)
    }
}

/// What a hotkey signs to belong to a coldkey here.
pub fn consent(hotkey: AccountId, coldkey: AccountId) -> HotkeyConsent {
    let message = consent_preimage(&System::block_hash(0), &hotkey, &coldkey);
    HotkeyConsent(key_of(hotkey).sign(&message).0)
}

/// Makes a hotkey known, with its consent.
pub fn bind(hotkey: AccountId, coldkey: AccountId) {
    Staking::bind(&hotkey, &coldkey, Some(&consent(hotkey, coldkey))).expect("the hotkey is free and consents");
}

/// Owns [`HOTKEY`].
pub const OWNER: AccountId = 1;
pub const ALICE: AccountId = 2;
pub const BOB: AccountId = 3;
pub const HOTKEY: AccountId = 100;
pub const OTHER_HOTKEY: AccountId = 101;
pub const UNKNOWN_HOTKEY: AccountId = 199;
/// The subnet that pays.
pub const NETUID: NetUid = NetUid(1);
/// Blocks over which it pays dividends.
pub const STREAM: BlockNumber = 10;

/// A chain where [`OWNER`] owns [`HOTKEY`] and [`OTHER_HOTKEY`].
pub struct ExtBuilder {
    settings: Settings,
}

impl Default for ExtBuilder {
    fn default() -> Self {
        Self {
            settings: Settings {
                min_stake: MIN_STAKE,
                min_nomination: MIN_NOMINATION,
                take_increase_interval: RAISE_INTERVAL,
                take_decrease_interval: LOWER_INTERVAL,
                ..Settings::default()
            },
        }
    }
}

impl ExtBuilder {
    pub fn min_stake(mut self, min_stake: Balance) -> Self {
        self.settings.min_stake = min_stake;
        self
    }

    pub fn min_nomination(mut self, min_nomination: Balance) -> Self {
        self.settings.min_nomination = min_nomination;
        self
    }

    pub fn build(self) -> sp_io::TestExternalities {
        let balances = [OWNER, ALICE, BOB].map(|who| (who, ENDOWMENT)).to_vec();
        let storage = RuntimeGenesisConfig {
            balances: pallet_balances::GenesisConfig {
                balances,
                ..Default::default()
            },
            staking: pallet_laurel_staking::GenesisConfig {
                settings: self.settings,
                ..Default::default()
            },
            ..Default::default()
        }
        .build_storage()
        .expect("the genesis of the mock builds");
        let mut ext = sp_io::TestExternalities::new(storage);
        ext.execute_with(|| {
            System::set_block_number(1);
            bind(HOTKEY, OWNER);
            bind(OTHER_HOTKEY, OWNER);
        });
        ext
    }

    /// Runs a test and checks what must hold after each: staking makes and destroys no leaf beyond what `test` says
    /// that it minted, the pot holds exactly the pools, and every equation of `try_state` is true.
    pub fn build_and_execute(self, test: impl FnOnce() -> Minted) {
        self.build().execute_with(|| {
            let issuance = Balances::total_issuance();
            let Minted(minted) = test();
            assert_eq!(Balances::total_issuance(), issuance + minted, "issuance changed");
            let pools: Balance = Hotkeys::<Test>::iter_values().map(|record| record.pool.total()).sum();
            assert_eq!(Staking::total_staked(), pools, "the pot is not the sum of the pools");
            Staking::do_try_state().expect("the state is sound");
        });
    }
}

/// Leaves that a test issued to pay out.
#[must_use]
pub struct Minted(pub Balance);

/// The usual test: nothing issued.
pub const NOTHING_MINTED: Minted = Minted(0);

pub fn credit(amount: Balance) -> CreditOf<Test> {
    Balances::issue(amount)
}

pub fn due(hotkey: AccountId, owner: Balance, dividends: Balance) -> Due<AccountId> {
    Due {
        hotkey,
        owner,
        dividends,
    }
}

/// Pays one due out of a credit of just as much. Returns how it was placed and what came back.
pub fn pay(due: Due<AccountId>, stream_blocks: BlockNumber) -> (Option<Placed>, Balance) {
    let (placed, rest) = Staking::pay(
        core::slice::from_ref(&due),
        stream_blocks,
        credit(due.owner + due.dividends),
    );
    (placed[0], rest.peek())
}

pub fn pay_incentive(hotkey: AccountId, amount: Balance) -> Placed {
    pay(due(hotkey, amount, 0), STREAM).0.expect("the incentive is placed")
}

pub fn pay_dividends(hotkey: AccountId, amount: Balance) -> Placed {
    pay(due(hotkey, 0, amount), STREAM).0.expect("the dividends are placed")
}

pub fn add(coldkey: AccountId, amount: Balance) {
    Staking::add_stake(RuntimeOrigin::signed(coldkey), HOTKEY, amount).expect("the stake is added");
}

pub fn set_take(take: u16) {
    Staking::set_take(RuntimeOrigin::signed(OWNER), HOTKEY, Take(take)).expect("the take is set");
}

pub fn value(coldkey: AccountId) -> Balance {
    Staking::position_value(&coldkey, &HOTKEY)
}

pub fn shares(coldkey: AccountId) -> u128 {
    Staking::position(&coldkey, &HOTKEY)
}

/// Goes on until the end of block `number`.
pub fn run_to(number: BlockNumber) {
    assert!(number >= System::block_number(), "time runs forward");
    System::set_block_number(number);
}

/// Lets everything that is on its way arrive.
pub fn release_all() {
    run_to(System::block_number() + STREAM);
}

/// Pays dividends to [`HOTKEY`] and lets them arrive.
pub fn pay_and_release(amount: Balance) {
    pay_dividends(HOTKEY, amount);
    release_all();
}

pub fn last_event() -> RuntimeEvent {
    System::events().pop().expect("an event was deposited").event
}
