//! Registration by proof of work, for who has no tokens yet.
//!
//! The call needs no signer and pays no fee: the work pays for it, and the hotkey's consent says whose it becomes.
//! `laurel_types::work_preimage` has the formula of the seal. It names chain, subnet, a past block and both keys; the block must be 1 to
//! [`POW_BLOCKS`] before the one that includes the registration, so nothing can be computed in advance: the hash of the current
//! block is not known to anybody. A seal counts once: those that are young enough to count are kept, so that a neuron that is
//! evicted at once does not come back by the same work.
use crate::{price::Kind, Config, Error, Event, Pallet, SpentSeals, Uids, WeightInfo};
use alloc::vec;
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{
    ensure,
    pallet_prelude::{TransactionSource, TransactionValidityWithRefund, ValidTransaction},
    traits::ConstU32,
    weights::Weight,
    Blake2_256, BoundedVec, StorageHasher,
};
use laurel_support::{Hotkeys, Subnets};
use laurel_types::{
    meets_difficulty, seal_preimage, work_preimage, BlockNumber, HotkeyConsent, Hyperparameters, NetUid, Work,
    POW_BLOCKS,
};
use scale_info::TypeInfo;
use sp_runtime::{traits::Convert, transaction_validity::TransactionValidityError, DispatchError};

/// Seals of one subnet that are remembered; while so many are young enough to count, no further work is taken there.
pub const MAX_SPENT_SEALS: u32 = 64;

/// A seal by which somebody registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct SpentSeal {
    /// The block to which it is bound.
    pub block: BlockNumber,
    /// The seal.
    pub seal: [u8; 32],
}

/// The seals of one subnet that could be used again.
pub type Spent = BoundedVec<SpentSeal, ConstU32<MAX_SPENT_SEALS>>;

/// Whether work bound to `block` counts in block `now`.
pub fn is_recent(block: BlockNumber, now: BlockNumber) -> bool {
    block < now && now - block <= POW_BLOCKS
}

impl<T: Config> Pallet<T> {
    /// The seal of a solution; none if the chain no longer knows the block.
    pub fn seal(netuid: NetUid, hotkey: &T::AccountId, coldkey: &T::AccountId, work: &Work) -> Option<[u8; 32]> {
        let hash_of = |block: BlockNumber| -> Option<[u8; 32]> {
            let hash =
                frame_system::Pallet::<T>::block_hash(frame_system::pallet_prelude::BlockNumberFor::<T>::from(block));
            (hash != Default::default()).then(|| hash.as_ref().try_into().ok())?
        };
        let (genesis, hash) = (hash_of(0).unwrap_or_default(), hash_of(work.block)?);
        let digest = Blake2_256::hash(&work_preimage(&genesis, netuid, (work.block, &hash), hotkey, coldkey));
        Some(Blake2_256::hash(&seal_preimage(work.nonce, &digest)))
    }

    /// Whether `pow_register` would succeed, apart from there being somebody to evict; changes nothing. Returns the
    /// parameters in force and the seal.
    pub fn check_pow_register(
        netuid: NetUid,
        hotkey: &T::AccountId,
        coldkey: &T::AccountId,
        work: &Work,
        consent: &HotkeyConsent,
    ) -> Result<(Hyperparameters, [u8; 32]), DispatchError> {
        let now = Self::now();
        let params = T::Subnets::params(netuid).ok_or(Error::<T>::SubnetDoesNotExist)?;
        ensure!(params.pow_allowed, Error::<T>::WorkOff);
        ensure!(!Uids::<T>::contains_key(hotkey, netuid), Error::<T>::AlreadyRegistered);
        ensure!(is_recent(work.block, now), Error::<T>::WorkBlockOutOfRange);
        let seal = Self::seal(netuid, hotkey, coldkey, work).ok_or(Error::<T>::WorkBlockOutOfRange)?;
        let difficulty = Self::difficulty_at(netuid, now, &params);
        ensure!(meets_difficulty(&seal, difficulty), Error::<T>::WorkBelowDifficulty);
        let spent = SpentSeals::<T>::get(netuid);
        let mut young = spent.iter().filter(|spent| is_recent(spent.block, now));
        ensure!(young.clone().all(|spent| spent.seal != seal), Error::<T>::WorkSpent);
        ensure!(
            young.nth(MAX_SPENT_SEALS as usize - 1).is_none(),
            Error::<T>::TooMuchWork
        );
        // Last, because it costs most.
        T::Hotkeys::check_bind(hotkey, coldkey, Some(consent))?;
        Ok((params, seal))
    }

    /// What the pool does with a registration by work: the same checks as the call's.
    pub(crate) fn authorize_pow_register(
        _source: TransactionSource,
        netuid: &NetUid,
        hotkey: &T::AccountId,
        coldkey: &T::AccountId,
        work: &Work,
        consent: &HotkeyConsent,
    ) -> TransactionValidityWithRefund {
        Self::check_pow_register(*netuid, hotkey, coldkey, work, consent)
            .map_err(|error| TransactionValidityError::Invalid(T::PoolRefusal::convert(error)))?;
        let age = Self::now().saturating_sub(work.block);
        let validity = ValidTransaction {
            // Below whoever pays: work has no fee to outbid anybody with.
            priority: 0,
            requires: vec![],
            provides: vec![(b"laurel/pow", netuid, hotkey).encode()],
            longevity: POW_BLOCKS.saturating_sub(age).max(1).into(),
            propagate: true,
        };
        Ok((validity, Weight::zero()))
    }

    /// Registers `hotkey` for its work; see the call. Returns the weight used.
    pub(crate) fn register_for_work(
        netuid: NetUid,
        hotkey: T::AccountId,
        coldkey: T::AccountId,
        work: Work,
        consent: HotkeyConsent,
    ) -> Result<Weight, DispatchError> {
        let (params, seal) = Self::check_pow_register(netuid, &hotkey, &coldkey, &work, &consent)?;
        let now = Self::now();
        let difficulty = Self::difficulty_at(netuid, now, &params);
        let slot = Self::slot_for_newcomer(netuid, &params, now)?;
        T::Hotkeys::bind(&hotkey, &coldkey, Some(&consent))?;
        SpentSeals::<T>::try_mutate(netuid, |spent| {
            spent.retain(|spent| is_recent(spent.block, now));
            spent.try_push(SpentSeal {
                block: work.block,
                seal,
            })
        })
        .map_err(|_| Error::<T>::TooMuchWork)?;
        Self::raise(netuid, Kind::Work, &params);
        Self::deposit_event(Event::WorkAccepted {
            netuid,
            hotkey: hotkey.clone(),
            seal,
            difficulty,
        });
        let evicted = Self::admit(netuid, slot, hotkey, coldkey, 0);
        Ok(match evicted {
            None => T::WeightInfo::pow_register_append(),
            Some(among) => T::WeightInfo::pow_register_evict(among.into()),
        })
    }
}
