//! A runtime with the ledger and this pallet; those who keep something under keys are tables in storage.
use crate::{self as pallet_laurel_keys, HoldReason, SwapSettings};
use frame_support::{
    derive_impl,
    pallet_prelude::{Blake2_128Concat, OptionQuery, ValueQuery},
    parameter_types,
    traits::fungible::{Inspect, InspectHold, MutateHold},
    weights::Weight,
};
use laurel_support::{Hotkeys, OnColdkeySwapped, OnHotkeySwapped};
use laurel_types::{coldkey_swap_preimage, Balance, BlockNumber, HotkeyConsent};
use sp_core::H256;
use sp_runtime::{BuildStorage, DispatchError, DispatchResult};

pub type AccountId = u64;
type Block = frame_system::mocking::MockBlockU32<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Balances: pallet_balances,
        Utility: pallet_utility,
        Keys: pallet_laurel_keys,
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
    pub const BurnAccount: AccountId = BURN;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type ExistentialDeposit = ExistentialDeposit;
}

impl pallet_utility::Config for Test {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type PalletsOrigin = OriginCaller;
    type WeightInfo = ();
}

impl pallet_laurel_keys::Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type BurnAccount = BurnAccount;
    type Hotkeys = Register;
    type OnHotkeySwapped = (Register, Fragile);
    type OnColdkeySwapped = (Register, Fragile);
    type WeightInfo = ();
}

/// Owns [`HOTKEY`], and has [`ENDOWMENT`].
pub const OLD: AccountId = 1;
/// Has nothing.
pub const NEW: AccountId = 2;
/// Has [`ENDOWMENT`].
pub const OTHER: AccountId = 3;
pub const HOTKEY: AccountId = 100;
pub const NEW_HOTKEY: AccountId = 200;
pub const BURN: AccountId = 999;
pub const ENDOWMENT: Balance = 1_000_000;
pub const SALT: [u8; 32] = [5; 32];

pub const HOTKEY_COST: Balance = 100;
pub const INTERVAL: BlockNumber = 50;
pub const COLDKEY_COST: Balance = 1_000;
pub const DELAY: BlockNumber = 20;
pub const WINDOW: BlockNumber = 30;

/// Owner of each known hotkey.
#[frame_support::storage_alias]
pub type Owners = StorageMap<Register, Blake2_128Concat, AccountId, AccountId, OptionQuery>;
/// Something else kept under hotkeys and coldkeys.
#[frame_support::storage_alias]
pub type Kept = StorageMap<Fragile, Blake2_128Concat, AccountId, u32, ValueQuery>;
/// Whether moving it fails.
#[frame_support::storage_alias]
pub type Broken = StorageValue<Fragile, bool, ValueQuery>;

/// Who owns hotkeys. A consent is good if its first byte is the hotkey's number and its second the coldkey's.
pub struct Register;

pub fn consent(hotkey: AccountId, coldkey: AccountId) -> Option<HotkeyConsent> {
    let mut bytes = [0; 64];
    (bytes[0], bytes[1]) = (hotkey as u8, coldkey as u8);
    Some(HotkeyConsent(bytes))
}

impl Hotkeys<AccountId> for Register {
    fn owner(hotkey: &AccountId) -> Option<AccountId> {
        Owners::get(hotkey)
    }
    fn check_bind(hotkey: &AccountId, coldkey: &AccountId, given: Option<&HotkeyConsent>) -> DispatchResult {
        match given == consent(*hotkey, *coldkey).as_ref() {
            true => Ok(()),
            false => Err(DispatchError::Other("no consent")),
        }
    }
    fn bind(_: &AccountId, _: &AccountId, _: Option<&HotkeyConsent>) -> DispatchResult {
        Err(DispatchError::Unavailable)
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_bind(hotkey: &AccountId, coldkey: &AccountId) {
        Owners::insert(hotkey, coldkey);
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_consent(index: u32, coldkey: &AccountId) -> (AccountId, HotkeyConsent) {
        let hotkey = 50 + AccountId::from(index);
        (hotkey, consent(hotkey, *coldkey).expect("there is always one; qed"))
    }
}

impl OnHotkeySwapped<AccountId> for Register {
    fn in_use(new: &AccountId) -> bool {
        Owners::contains_key(new)
    }
    fn on_hotkey_swapped(old: &AccountId, new: &AccountId) -> DispatchResult {
        Owners::swap(old, new);
        Ok(())
    }
    fn swap_weight() -> Weight {
        Weight::from_parts(7, 0)
    }
}

impl OnColdkeySwapped<AccountId> for Register {
    fn in_use(new: &AccountId) -> bool {
        Owners::iter_values().any(|owner| owner == *new)
    }
    fn on_coldkey_swapped(old: &AccountId, new: &AccountId) -> DispatchResult {
        let owned: Vec<_> = Owners::iter().filter(|(_, owner)| owner == old).collect();
        owned.into_iter().for_each(|(hotkey, _)| Owners::insert(hotkey, new));
        Ok(())
    }
    fn swap_weight() -> Weight {
        Weight::from_parts(7, 0)
    }
}

/// Comes last, and fails where a test says so.
pub struct Fragile;

impl Fragile {
    fn keep(old: &AccountId, new: &AccountId) -> DispatchResult {
        Kept::insert(new, Kept::take(old));
        match Broken::get() {
            true => Err(DispatchError::Other("broken")),
            false => Ok(()),
        }
    }
}

impl OnHotkeySwapped<AccountId> for Fragile {
    fn in_use(new: &AccountId) -> bool {
        Kept::contains_key(new)
    }
    fn on_hotkey_swapped(old: &AccountId, new: &AccountId) -> DispatchResult {
        Self::keep(old, new)
    }
    fn swap_weight() -> Weight {
        Weight::from_parts(5, 0)
    }
}

impl OnColdkeySwapped<AccountId> for Fragile {
    fn in_use(new: &AccountId) -> bool {
        Kept::contains_key(new)
    }
    /// Also moves what is held, as pallets with locks do. The reason does not matter here.
    fn on_coldkey_swapped(old: &AccountId, new: &AccountId) -> DispatchResult {
        let reason = RuntimeHoldReason::from(HoldReason::ColdkeySwap);
        let held = Balances::balance_on_hold(&reason, old);
        if held > 0 {
            use frame_support::traits::tokens::{Fortitude, Precision, Restriction};
            let (exact, hold) = (Precision::Exact, Restriction::OnHold);
            Balances::transfer_on_hold(&reason, old, new, held, exact, hold, Fortitude::Polite)?;
        }
        Self::keep(old, new)
    }
    fn swap_weight() -> Weight {
        Weight::from_parts(5, 0)
    }
}

pub fn settings() -> SwapSettings {
    SwapSettings {
        hotkey_swap_cost: HOTKEY_COST,
        hotkey_swap_interval: INTERVAL,
        coldkey_swap_cost: COLDKEY_COST,
        coldkey_swap_delay: DELAY,
        coldkey_swap_window: WINDOW,
    }
}

pub fn build() -> sp_io::TestExternalities {
    let genesis = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig {
            balances: vec![(OLD, ENDOWMENT), (OTHER, ENDOWMENT), (BURN, EXISTENTIAL_DEPOSIT)],
            ..Default::default()
        },
        keys: pallet_laurel_keys::GenesisConfig {
            settings: settings(),
            ..Default::default()
        },
        ..Default::default()
    };
    let mut ext = sp_io::TestExternalities::new(genesis.build_storage().expect("the genesis of the mock builds"));
    ext.execute_with(|| {
        System::set_block_number(1);
        Owners::insert(HOTKEY, OLD);
        Kept::insert(HOTKEY, 11);
        Kept::insert(OLD, 22);
    });
    ext
}

/// Runs a test; after it issuance is what it was, and every equation of `try_state` is true.
pub fn execute(test: impl FnOnce()) {
    build().execute_with(|| {
        let issuance = Balances::total_issuance();
        test();
        assert_eq!(Balances::total_issuance(), issuance, "issuance changed");
        Keys::do_try_state().expect("the state is sound");
    });
}

pub fn skip_blocks(blocks: BlockNumber) {
    System::set_block_number(System::block_number() + blocks);
}

pub fn digest(old: AccountId, new: AccountId) -> H256 {
    H256(sp_io::hashing::blake2_256(&coldkey_swap_preimage(&old, &new, &SALT)))
}

pub fn announce(old: AccountId, new: AccountId) -> DispatchResult {
    Keys::announce_coldkey_swap(RuntimeOrigin::signed(old), digest(old, new))
}

/// Executes a swap as somebody who has nothing to do with it.
pub fn execute_swap(old: AccountId, new: AccountId) -> DispatchResult {
    Keys::swap_coldkey(RuntimeOrigin::signed(OTHER), old, new, SALT)
}

pub fn held(who: AccountId) -> Balance {
    Balances::balance_on_hold(&HoldReason::ColdkeySwap.into(), &who)
}

pub fn hold(who: AccountId, amount: Balance) {
    Balances::hold(&HoldReason::ColdkeySwap.into(), &who, amount).expect("the balance suffices");
}

pub fn free(who: AccountId) -> Balance {
    Balances::balance(&who)
}

pub fn swap_hotkey(coldkey: AccountId, old: AccountId, new: AccountId) -> DispatchResult {
    Keys::swap_hotkey(RuntimeOrigin::signed(coldkey), old, new, consent(new, coldkey))
}
