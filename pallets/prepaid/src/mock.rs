//! A runtime with the ledger and this pallet; who owns which hotkey is a table in storage.
use crate as pallet_laurel_prepaid;
use crate::HoldReason;
use frame_support::{
    assert_ok, derive_impl,
    pallet_prelude::{Blake2_128Concat, OptionQuery},
    parameter_types,
    traits::fungible::InspectHold,
};
use laurel_support::Hotkeys;
use laurel_types::{Balance, BlockNumber, HotkeyConsent, Prepaid, PrepaidTerms};
use sp_runtime::{BuildStorage, DispatchError, DispatchResult};

pub type AccountId = u64;
type Block = frame_system::mocking::MockBlockU32<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Balances: pallet_balances,
        PrepaidPallet: pallet_laurel_prepaid,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountData = pallet_balances::AccountData<Balance>;
}

pub const EXISTENTIAL_DEPOSIT: Balance = 10;

parameter_types! {
    pub const ExistentialDeposit: Balance = EXISTENTIAL_DEPOSIT;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type ExistentialDeposit = ExistentialDeposit;
}

impl pallet_laurel_prepaid::Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Hotkeys = Owners;
    type WeightInfo = ();
}

/// Owns [`GATEWAY`] and [`OTHER_GATEWAY`], and has [`ENDOWMENT`] as the payers have.
pub const OWNER: AccountId = 1;
pub const ALICE: AccountId = 2;
pub const BOB: AccountId = 3;
/// Has nothing.
pub const NEW: AccountId = 4;
pub const GATEWAY: AccountId = 100;
pub const OTHER_GATEWAY: AccountId = 101;
pub const NEW_GATEWAY: AccountId = 102;
pub const ENDOWMENT: Balance = 1_000_000;

pub const MINIMUM: Balance = 100;
pub const RECORD: Balance = 40;
pub const NOTICE: BlockNumber = 20;

/// Owner of each known hotkey.
#[frame_support::storage_alias]
pub type Known = StorageMap<Owners, Blake2_128Concat, AccountId, AccountId, OptionQuery>;

pub struct Owners;

impl Hotkeys<AccountId> for Owners {
    fn owner(hotkey: &AccountId) -> Option<AccountId> {
        Known::get(hotkey)
    }
    fn check_bind(_: &AccountId, _: &AccountId, _: Option<&HotkeyConsent>) -> DispatchResult {
        Err(DispatchError::Unavailable)
    }
    fn bind(_: &AccountId, _: &AccountId, _: Option<&HotkeyConsent>) -> DispatchResult {
        Err(DispatchError::Unavailable)
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_bind(hotkey: &AccountId, coldkey: &AccountId) {
        Known::insert(hotkey, coldkey);
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_consent(index: u32, _: &AccountId) -> (AccountId, HotkeyConsent) {
        (AccountId::from(index), HotkeyConsent([0; 64]))
    }
}

pub fn terms() -> PrepaidTerms {
    PrepaidTerms {
        min_deposit: MINIMUM,
        record_deposit: RECORD,
        notice: NOTICE,
    }
}

pub fn build() -> sp_io::TestExternalities {
    let storage = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig {
            balances: [OWNER, ALICE, BOB].map(|who| (who, ENDOWMENT)).to_vec(),
            ..Default::default()
        },
        prepaid_pallet: pallet_laurel_prepaid::GenesisConfig {
            terms: terms(),
            ..Default::default()
        },
        ..Default::default()
    }
    .build_storage()
    .expect("the genesis of the mock builds");
    let mut ext = sp_io::TestExternalities::new(storage);
    ext.execute_with(|| {
        System::set_block_number(1);
        Known::insert(GATEWAY, OWNER);
        Known::insert(OTHER_GATEWAY, OWNER);
    });
    ext
}

/// Runs a test, after which nothing was made or lost and every equation of `try_state` is true.
pub fn execute(test: impl FnOnce()) {
    build().execute_with(|| {
        let issuance = Balances::total_issuance();
        test();
        assert_eq!(Balances::total_issuance(), issuance, "issuance changed");
        PrepaidPallet::do_try_state().expect("the state is sound");
    });
}

pub fn signed(who: AccountId) -> RuntimeOrigin {
    RuntimeOrigin::signed(who)
}

pub fn deposit(payer: AccountId, amount: Balance) {
    assert_ok!(PrepaidPallet::deposit(signed(payer), GATEWAY, amount));
}

pub fn withdraw(payer: AccountId, amount: Balance) {
    assert_ok!(PrepaidPallet::withdraw(signed(payer), GATEWAY, amount));
}

pub fn draw(items: &[(AccountId, Balance)]) -> DispatchResult {
    let items = items.to_vec().try_into().expect("tests draw from few");
    PrepaidPallet::draw(signed(GATEWAY), items)
}

/// What is held of an account: for gateways, and for records.
pub fn held(who: AccountId) -> (Balance, Balance) {
    let of = |reason: HoldReason| Balances::balance_on_hold(&reason.into(), &who);
    (of(HoldReason::Deposit), of(HoldReason::Record))
}

pub fn prepaid(payer: AccountId) -> Prepaid<AccountId> {
    PrepaidPallet::prepaid(&GATEWAY, &payer).expect("there is a deposit")
}

/// Goes on to block `number`.
pub fn run_to(number: BlockNumber) {
    assert!(number >= System::block_number(), "time runs forward");
    System::set_block_number(number);
}

pub fn events() -> Vec<crate::Event<Test>> {
    let records = System::events().into_iter();
    let ours = records.filter_map(|record| match record.event {
        RuntimeEvent::PrepaidPallet(event) => Some(event),
        _ => None,
    });
    ours.collect()
}
