//! Who may do what root may do: on chains for one machine a key, in production council, seat owners and time together; and safe mode.
use crate::{
    call_filter, AccountId, Balance, Balances, BlockNumber, BlockTime, Council, OriginCaller, Preimage, Root, Runtime,
    RuntimeCall, RuntimeEvent, RuntimeHoldReason, RuntimeOrigin, Scheduler, Staking, System,
};
use alloc::vec::Vec;
use frame_support::{
    parameter_types,
    traits::{
        fungible::HoldConsideration, ConstU32, EitherOf, EitherOfDiverse, EqualPrivilegeOnly, Get, LinearStoragePrice,
    },
    weights::Weight,
};
use frame_system::{EnsureRoot, EnsureRootWithSuccess, EnsureWithSuccess};
use laurel_support::Hotkeys as _;
use laurel_types::LRL;
use sp_runtime::Perbill;

/// Members that the council can have.
pub const MAX_COUNCIL: u32 = 15;

/// What stored state costs its owner as long as it stays, in leaves: by item and by byte.
pub const fn deposit(items: u32, bytes: u32) -> Balance {
    items as Balance * (LRL / 50) + bytes as Balance * (LRL / 1_000)
}

impl pallet_sudo::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type WeightInfo = crate::weights::pallet_sudo::WeightInfo<Runtime>;
}

impl pallet_utility::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type PalletsOrigin = OriginCaller;
    type WeightInfo = crate::weights::pallet_utility::WeightInfo<Runtime>;
}

/// More than half of the council as it is when the motion is closed.
pub type CouncilMajority = pallet_collective::EnsureProportionMoreThan<AccountId, CouncilInstance, 1, 2>;
/// Two thirds of it.
pub type CouncilTwoThirds = pallet_collective::EnsureProportionAtLeast<AccountId, CouncilInstance, 2, 3>;
/// The only collective of the runtime.
pub type CouncilInstance = pallet_collective::Instance1;

/// Half of what a block may compute: the heaviest call that a motion can carry.
pub struct MaxMotionWeight;

impl Get<Weight> for MaxMotionWeight {
    fn get() -> Weight {
        Perbill::from_percent(50) * BlockTime::compute_budget()
    }
}

impl pallet_collective::Config<CouncilInstance> for Runtime {
    type RuntimeOrigin = RuntimeOrigin;
    type Proposal = RuntimeCall;
    type RuntimeEvent = RuntimeEvent;
    // Five days of blocks of 12 s; a motion that is decided can be closed before.
    type MotionDuration = ConstU32<36_000>;
    type MaxProposals = ConstU32<32>;
    type MaxMembers = ConstU32<MAX_COUNCIL>;
    type DefaultVote = pallet_collective::PrimeDefaultVote;
    type WeightInfo = crate::weights::pallet_collective::WeightInfo<Runtime>;
    // Members come and go through `CouncilMembership`, which tells the collective.
    type SetMembersOrigin = EnsureRoot<AccountId>;
    type MaxProposalWeight = MaxMotionWeight;
    type DisapproveOrigin = EnsureRoot<AccountId>;
    type KillOrigin = EnsureRoot<AccountId>;
    type Consideration = ();
}

impl pallet_membership::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type AddOrigin = EnsureRoot<AccountId>;
    type RemoveOrigin = EnsureRoot<AccountId>;
    type SwapOrigin = EnsureRoot<AccountId>;
    type ResetOrigin = EnsureRoot<AccountId>;
    type PrimeOrigin = EnsureRoot<AccountId>;
    type MembershipInitialized = Council;
    type MembershipChanged = Council;
    type MaxMembers = ConstU32<MAX_COUNCIL>;
    type WeightInfo = crate::weights::pallet_membership::WeightInfo<Runtime>;
}

/// What scheduled calls may take of a block: 80 %.
pub struct MaxScheduledWeight;

impl Get<Weight> for MaxScheduledWeight {
    fn get() -> Weight {
        Perbill::from_percent(80) * BlockTime::compute_budget()
    }
}

impl pallet_scheduler::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeOrigin = RuntimeOrigin;
    type PalletsOrigin = OriginCaller;
    type RuntimeCall = RuntimeCall;
    type MaximumWeight = MaxScheduledWeight;
    type ScheduleOrigin = EnsureRoot<AccountId>;
    type OriginPrivilegeCmp = EqualPrivilegeOnly;
    type MaxScheduledPerBlock = ConstU32<50>;
    type WeightInfo = crate::weights::pallet_scheduler::WeightInfo<Runtime>;
    type Preimages = Preimage;
    type BlockNumberProvider = System;
}

parameter_types! {
    pub const PreimageBaseDeposit: Balance = deposit(2, 64);
    /// A runtime of 400 kB then asks for a deposit of 4 LRL.
    pub const PreimageByteDeposit: Balance = LRL / 100_000;
    pub const PreimageHold: RuntimeHoldReason =
        RuntimeHoldReason::Preimage(pallet_preimage::HoldReason::Preimage);
}

impl pallet_preimage::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = crate::weights::pallet_preimage::WeightInfo<Runtime>;
    type Currency = Balances;
    type ManagerOrigin = EnsureRoot<AccountId>;
    type Consideration = HoldConsideration<
        AccountId,
        Balances,
        PreimageHold,
        LinearStoragePrice<PreimageBaseDeposit, PreimageByteDeposit, Balance>,
    >;
}

/// The owners of root seats, by the stake that counts for the split too.
pub struct SeatOwners;

impl pallet_laurel_governance::Seats<AccountId> for SeatOwners {
    fn seats() -> Vec<(AccountId, Balance)> {
        let seats = Root::root_info().seats;
        seats
            .into_iter()
            .filter_map(|seat| Some((Staking::owner(&seat.hotkey)?, seat.stake)))
            .collect()
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_take(owner: &AccountId, stake: Balance) {
        use codec::Encode;
        use laurel_support::Stake as _;
        let hotkey = AccountId::new(sp_io::hashing::blake2_256(&(b"seat", owner).encode()));
        Staking::benchmark_bind(&hotkey, owner);
        Staking::benchmark_stake(&hotkey, owner, stake);
        pallet_laurel_root::Seats::<Runtime>::insert(&hotkey, pallet_laurel_root::Seat::new(System::block_number()));
    }
}

impl pallet_laurel_governance::Config for Runtime {
    type RuntimeCall = RuntimeCall;
    type PalletsOrigin = OriginCaller;
    type Scheduler = Scheduler;
    type Preimages = Preimage;
    type Seats = SeatOwners;
    type ProposeOrigin = CouncilMajority;
    type CancelOrigin = CouncilMajority;
    type MaxOpen = ConstU32<16>;
    type WeightInfo = crate::weights::pallet_laurel_governance::WeightInfo<Runtime>;
}

/// Blocks for which safe mode is entered or extended: half a day of blocks of 12 s. It then ends by itself.
pub const SAFE_MODE_BLOCKS: BlockNumber = 3_600;

parameter_types! {
    pub const SafeModeDuration: BlockNumber = SAFE_MODE_BLOCKS;
    /// Nobody can buy it.
    pub const NoDeposit: Option<Balance> = None;
    pub const NeverReleased: Option<BlockNumber> = None;
}

/// Two thirds of the council, or root, stop the chain's ordinary business at once; they cannot choose for how long.
pub type SafeModeOrigin = EitherOf<
    EnsureRootWithSuccess<AccountId, SafeModeDuration>,
    EnsureWithSuccess<CouncilTwoThirds, AccountId, SafeModeDuration>,
>;

impl pallet_safe_mode::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type WhitelistedCalls = call_filter::GoesOnInSafeMode;
    type EnterDuration = SafeModeDuration;
    type ExtendDuration = SafeModeDuration;
    type EnterDepositAmount = NoDeposit;
    type ExtendDepositAmount = NoDeposit;
    type ForceEnterOrigin = SafeModeOrigin;
    type ForceExtendOrigin = SafeModeOrigin;
    type ForceExitOrigin = EitherOfDiverse<EnsureRoot<AccountId>, CouncilMajority>;
    type ForceDepositOrigin = EnsureRoot<AccountId>;
    type Notify = ();
    type ReleaseDelay = NeverReleased;
    type WeightInfo = crate::weights::pallet_safe_mode::WeightInfo<Runtime>;
}
