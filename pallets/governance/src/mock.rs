//! A chain with a scheduler, preimages and nothing else to govern.
use crate as pallet_laurel_governance;
use crate::{Error, Event, Settings};
use frame_support::{
    derive_impl, parameter_types,
    traits::{ConstU32, EqualPrivilegeOnly, Hooks},
    weights::Weight,
};
use frame_system::{EnsureRoot, EnsureSignedBy};
use laurel_types::Balance;
use sp_runtime::{BuildStorage, DispatchError};
use std::cell::RefCell;

pub type AccountId = u64;

/// Stands for a majority of the council.
pub const COUNCIL: AccountId = 100;
pub const VOTING_PERIOD: u32 = 10;
pub const ENACTMENT_DELAY: u32 = 5;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Balances: pallet_balances,
        Scheduler: pallet_scheduler,
        Preimage: pallet_preimage,
        Governance: pallet_laurel_governance,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = frame_system::mocking::MockBlockU32<Test>;
    type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type Balance = Balance;
    type AccountStore = System;
    type ExistentialDeposit = frame_support::traits::ConstU64<1>;
}

parameter_types! {
    pub MaximumSchedulerWeight: Weight = Weight::from_parts(1_000_000_000_000, u64::MAX);
}

impl pallet_scheduler::Config for Test {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeOrigin = RuntimeOrigin;
    type PalletsOrigin = OriginCaller;
    type RuntimeCall = RuntimeCall;
    type MaximumWeight = MaximumSchedulerWeight;
    type ScheduleOrigin = EnsureRoot<AccountId>;
    type OriginPrivilegeCmp = EqualPrivilegeOnly;
    type MaxScheduledPerBlock = ConstU32<50>;
    type WeightInfo = ();
    type Preimages = Preimage;
    type BlockNumberProvider = System;
}

impl pallet_preimage::Config for Test {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = ();
    type Currency = Balances;
    type ManagerOrigin = EnsureRoot<AccountId>;
    type Consideration = ();
}

thread_local! {
    static SEATS: RefCell<Vec<(AccountId, Balance)>> = const { RefCell::new(Vec::new()) };
}

/// The seats that a test set.
pub struct TestSeats;

impl TestSeats {
    pub fn set(seats: &[(AccountId, Balance)]) {
        SEATS.with_borrow_mut(|stored| *stored = seats.to_vec());
    }
}

impl crate::Seats<AccountId> for TestSeats {
    fn seats() -> Vec<(AccountId, Balance)> {
        SEATS.with_borrow(Clone::clone)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_take(owner: &AccountId, stake: Balance) {
        SEATS.with_borrow_mut(|stored| stored.push((*owner, stake)));
    }
}

impl crate::Config for Test {
    type RuntimeCall = RuntimeCall;
    type PalletsOrigin = OriginCaller;
    type Scheduler = Scheduler;
    type Preimages = Preimage;
    type Seats = TestSeats;
    type ProposeOrigin = EnsureSignedBy<frame_support::traits::IsInVec<CouncilOnly>, AccountId>;
    type CancelOrigin = EnsureSignedBy<frame_support::traits::IsInVec<CouncilOnly>, AccountId>;
    type MaxOpen = ConstU32<4>;
    type WeightInfo = ();
}

/// The one account that stands for the council.
pub struct CouncilOnly;

impl frame_support::traits::Get<Vec<AccountId>> for CouncilOnly {
    fn get() -> Vec<AccountId> {
        vec![COUNCIL]
    }
}

/// A chain at block 1 without seats.
pub fn empty_chain() -> sp_io::TestExternalities {
    TestSeats::set(&[]);
    let genesis = RuntimeGenesisConfig {
        governance: crate::GenesisConfig {
            settings: Settings {
                voting_period: VOTING_PERIOD,
                enactment_delay: ENACTMENT_DELAY,
            },
            ..Default::default()
        },
        ..Default::default()
    };
    let mut chain = sp_io::TestExternalities::new(genesis.build_storage().unwrap());
    chain.execute_with(|| System::set_block_number(1));
    chain
}

/// Runs a test on a chain with these seats and checks the invariants after it.
pub fn with_seats(seats: &[(AccountId, Balance)], test: impl FnOnce()) {
    let mut chain = empty_chain();
    TestSeats::set(seats);
    chain.execute_with(|| {
        test();
        Governance::do_try_state().unwrap();
    });
}

/// Makes empty blocks until `number`.
pub fn run_to(number: u32) {
    while System::block_number() < number {
        let next = System::block_number() + 1;
        System::set_block_number(next);
        Scheduler::on_initialize(next);
        Governance::do_try_state().unwrap();
    }
}

/// The events of governance, oldest first.
pub fn events() -> Vec<Event<Test>> {
    System::events()
        .into_iter()
        .filter_map(|record| match record.event {
            RuntimeEvent::Governance(event) => Some(event),
            _ => None,
        })
        .collect()
}

/// The refusal as a call returns it.
pub fn refused(error: Error<Test>) -> Result<(), DispatchError> {
    Err(error.into())
}
