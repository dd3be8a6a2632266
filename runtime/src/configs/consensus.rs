//! `pallet_timestamp`, `pallet_aura`, `pallet_grandpa`, `pallet_authorship`: who makes blocks, when, and what is final.
use crate::{AccountId, Aura, BlockTime, Runtime, RuntimeEvent};
use frame_support::traits::{ConstBool, ConstU32, ConstU64, FindAuthor, Get};
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_core::sr25519;
use sp_runtime::ConsensusEngineId;

/// Authorities that the chain can have.
const MAX_AUTHORITIES: u32 = 64;

/// Milliseconds of one slot, from genesis.
pub struct SlotDuration;

impl Get<u64> for SlotDuration {
    fn get() -> u64 {
        BlockTime::slot_duration()
    }
}

/// Half a slot: what the timestamp must grow by at least from block to block.
pub struct MinimumPeriod;

impl Get<u64> for MinimumPeriod {
    fn get() -> u64 {
        BlockTime::slot_duration() / 2
    }
}

impl pallet_timestamp::Config for Runtime {
    type Moment = u64;
    type OnTimestampSet = Aura;
    type MinimumPeriod = MinimumPeriod;
    type WeightInfo = crate::weights::pallet_timestamp::WeightInfo<Runtime>;
}

impl pallet_aura::Config for Runtime {
    type AuthorityId = AuraId;
    type DisabledValidators = ();
    type MaxAuthorities = ConstU32<MAX_AUTHORITIES>;
    type AllowMultipleBlocksPerSlot = ConstBool<false>;
    type SlotDuration = SlotDuration;
}

impl pallet_grandpa::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = ();
    type MaxAuthorities = ConstU32<MAX_AUTHORITIES>;
    type MaxNominators = ConstU32<0>;
    type MaxSetIdSessionEntries = ConstU64<0>;
    // Authorities are fixed by genesis and hold no deposit that an equivocation could cost them.
    type KeyOwnerProof = sp_core::Void;
    type EquivocationReportSystem = ();
}

/// The account of the authority whose slot it is: its Aura key.
pub struct AuthorityAccount;

impl FindAuthor<AccountId> for AuthorityAccount {
    fn find_author<'a, I>(digests: I) -> Option<AccountId>
    where
        I: 'a + IntoIterator<Item = (ConsensusEngineId, &'a [u8])>,
    {
        let index = Aura::find_author(digests)?;
        let authority = pallet_aura::Authorities::<Runtime>::get().get(index as usize)?.clone();
        Some(sr25519::Public::from(authority).into())
    }
}

impl pallet_authorship::Config for Runtime {
    type FindAuthor = AuthorityAccount;
    type EventHandler = ();
}
