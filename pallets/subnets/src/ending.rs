//! How a subnet ends: announced, delayed, at once for everybody, and then removed bit by bit.
//!
//! 1. The owner (or root) announces the dissolution. Until the delay is over either can call it off.
//! 2. Then, or when a new subnet takes its place, the subnet **ends**: from that moment there is no subnet of that number; nobody can register,
//!    weigh or be paid there, and its emission goes to the others. The owner gets the lock back, less what is burned of a young subnet's
//!    ([`SubnetSettings::burned_of`](crate::SubnetSettings::burned_of)): a subnet that exists only to hold its place costs something.
//! 3. What other pallets keep of it is **removed** in the following blocks, as far as each block's weight reaches: at most a twentieth of a
//!    full block, and whatever an idle one has left. A netuid is never given again, so nobody waits for that.
use crate::{
    AcceptedModels, Config, Cooldowns, Dissolutions, Error, Event, HoldReason, Netuids, Offers, Pallet, Params,
    PendingModels, PendingParams, Removals, Settings, SubnetIdentities, Subnets, WeightInfo,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
    ensure,
    storage::with_storage_layer,
    traits::{
        fungible::MutateHold,
        tokens::{Fortitude, Precision, Restriction},
        Get,
    },
    weights::{Weight, WeightMeter},
};
use laurel_support::OnSubnetRemoved;
use laurel_types::{Balance, BlockNumber, NetUid};
use scale_info::TypeInfo;
use sp_runtime::{DispatchError, DispatchResult, Perbill};

/// Part of a block that removal may take from transactions.
const REMOVAL_SHARE: Perbill = Perbill::from_percent(5);

/// More than there are things that can be tuned, so that one call removes every cool-down.
const MAX_COOLDOWNS: u32 = 64;

/// A dissolution that was announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Dissolution {
    /// Of which subnet.
    pub netuid: NetUid,
    /// First block in which it happens.
    pub at: BlockNumber,
}

/// Why a subnet ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Reason {
    /// Its owner or root dissolved it.
    Dissolved,
    /// It was the weakest when a new one needed its place.
    Replaced,
}

impl<T: Config> Pallet<T> {
    /// The block from which a subnet's announced dissolution happens; none if none is announced.
    pub fn dissolution_at(netuid: NetUid) -> Option<BlockNumber> {
        let announced = Dissolutions::<T>::get();
        announced
            .iter()
            .find_map(|dissolution| (dissolution.netuid == netuid).then_some(dissolution.at))
    }

    /// Whether `announce_dissolution` by somebody entitled to it would succeed; changes nothing.
    pub fn check_announce(netuid: NetUid) -> Result<(), Error<T>> {
        ensure!(Subnets::<T>::contains_key(netuid), Error::<T>::SubnetDoesNotExist);
        ensure!(
            Self::dissolution_at(netuid).is_none(),
            Error::<T>::DissolutionAnnouncedAlready
        );
        Ok(())
    }

    /// Announces a dissolution; see the call.
    pub(crate) fn announce(netuid: NetUid) -> DispatchResult {
        Self::check_announce(netuid)?;
        let at = Self::now().saturating_add(Settings::<T>::get().dissolution_delay);
        Dissolutions::<T>::try_mutate(|announced| {
            // After those of the same block, so that the first announced goes first.
            let position = announced.partition_point(|earlier| earlier.at <= at);
            announced.try_insert(position, Dissolution { netuid, at })
        })
        // One a subnet at most, and there is room for all.
        .map_err(|_| Error::<T>::TooManySubnets)?;
        Self::deposit_event(Event::DissolutionAnnounced { netuid, at });
        Ok(())
    }

    /// Calls a dissolution off; see the call.
    pub(crate) fn cancel(netuid: NetUid) -> DispatchResult {
        ensure!(
            Self::dissolution_at(netuid).is_some(),
            Error::<T>::NoDissolutionAnnounced
        );
        Self::forget_dissolution(netuid);
        Self::deposit_event(Event::DissolutionCancelled { netuid });
        Ok(())
    }

    fn forget_dissolution(netuid: NetUid) {
        Dissolutions::<T>::mutate(|announced| announced.retain(|dissolution| dissolution.netuid != netuid));
    }

    /// Ends a subnet: it is gone for everybody, its owner has the lock back, and the rest waits to be removed.
    pub(crate) fn end(netuid: NetUid, reason: Reason) -> DispatchResult {
        let subnet = Subnets::<T>::get(netuid).ok_or(Error::<T>::SubnetDoesNotExist)?;
        Removals::<T>::try_append(netuid).map_err(|()| Error::<T>::RemovalsUnderWay)?;
        let burned = Settings::<T>::get().burned_of(subnet.lock, subnet.age(Self::now()));
        let burned = Self::settle_lock(&subnet.owner, subnet.lock, burned)?;
        Self::release_subnet_identity(netuid, &subnet.owner)?;

        Netuids::<T>::mutate(|netuids| netuids.retain(|other| *other != netuid));
        Subnets::<T>::remove(netuid);
        Params::<T>::remove(netuid);
        PendingParams::<T>::remove(netuid);
        AcceptedModels::<T>::remove(netuid);
        PendingModels::<T>::remove(netuid);
        SubnetIdentities::<T>::remove(netuid);
        Offers::<T>::remove(netuid);
        Self::forget_dissolution(netuid);
        let _ = Cooldowns::<T>::clear_prefix(netuid, MAX_COOLDOWNS, None);
        Self::deposit_event(Event::SubnetEnded {
            netuid,
            owner: subnet.owner,
            refunded: subnet.lock.saturating_sub(burned),
            burned,
            reason,
        });
        Ok(())
    }

    /// Burns a part of a lock and releases the rest. Returns what was burned.
    fn settle_lock(owner: &T::AccountId, lock: Balance, burned: Balance) -> Result<Balance, DispatchError> {
        let reason = HoldReason::SubnetLock.into();
        if burned > 0 {
            let (burn_account, exactly) = (T::BurnAccount::get(), Precision::Exact);
            T::Currency::transfer_on_hold(
                &reason,
                owner,
                &burn_account,
                burned,
                exactly,
                Restriction::Free,
                Fortitude::Force,
            )?;
        }
        T::Currency::release(&reason, owner, lock.saturating_sub(burned), Precision::Exact)?;
        Ok(burned)
    }

    /// Ends the subnets whose time has come, as far as `meter` reaches.
    pub(crate) fn end_due(meter: &mut WeightMeter) {
        let now = Self::now();
        let due: alloc::vec::Vec<_> = Dissolutions::<T>::get()
            .into_iter()
            .take_while(|dissolution| dissolution.at <= now)
            .collect();
        for Dissolution { netuid, .. } in due {
            if meter.try_consume(T::WeightInfo::end_subnet()).is_err() {
                return;
            }
            if let Err(error) = with_storage_layer(|| Self::end(netuid, Reason::Dissolved)) {
                if error == Error::<T>::RemovalsUnderWay.into() {
                    return;
                }
                // Not tried again in every block; it can be announced again.
                Self::forget_dissolution(netuid);
                Self::deposit_event(Event::DissolutionFailed { netuid, error });
            }
        }
    }

    /// Removes what others keep of ended subnets, the first ended first, as far as `budget` reaches. Returns the weight used.
    pub(crate) fn remove_ended(budget: Weight) -> Weight {
        let overhead = T::WeightInfo::removal_step();
        let mut used = Weight::zero();
        while let Some(netuid) = Removals::<T>::get().first().copied() {
            let left = budget.saturating_sub(used).saturating_sub(overhead);
            if left.ref_time() == 0 {
                break;
            }
            let (step, done) = T::OnSubnetRemoved::remove_step(netuid, left);
            used = used.saturating_add(step).saturating_add(overhead);
            if !done {
                break;
            }
            Removals::<T>::mutate(|removals| removals.retain(|other| *other != netuid));
            Self::deposit_event(Event::SubnetRemoved { netuid });
        }
        used
    }

    /// What removal may take from a block, whatever else the block has to do.
    pub(crate) fn removal_budget() -> Weight {
        let block = T::BlockWeights::get().max_block;
        Weight::from_parts(
            REMOVAL_SHARE.mul_floor(block.ref_time()),
            REMOVAL_SHARE.mul_floor(block.proof_size()),
        )
    }
}
