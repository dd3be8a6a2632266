//! How a subnet comes into being, and what its owner locks for it.
use crate::{
    ending::Reason, AcceptedModels, Config, Error, Event, HoldReason, LastLock, Netuids, NextNetUid, Pallet, Params,
    Removals, Settings, Subnets,
};
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{
    ensure,
    traits::fungible::{InspectHold, MutateHold},
};
use laurel_support::{OnSubnetCreated, Split};
use laurel_types::{Balance, BlockNumber, Hyperparameters, NetUid, Replacement};
use laurel_yuma::Standing;
use scale_info::TypeInfo;
use sp_runtime::{DispatchResult, SaturatedConversion};

/// One subnet.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Subnet<AccountId> {
    /// Who owns it.
    pub owner: AccountId,
    /// Block of its creation.
    pub created_at: BlockNumber,
    /// What is held from the owner for it, in leaves.
    pub lock: Balance,
}

impl<AccountId> Subnet<AccountId> {
    /// Blocks since its creation.
    pub fn age(&self, now: BlockNumber) -> BlockNumber {
        now.saturating_sub(self.created_at)
    }
}

/// What the creation of a subnet locked, and when; the price of the next one follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Lock {
    /// Leaves held.
    pub cost: Balance,
    /// Block of the creation.
    pub block: BlockNumber,
}

/// What a creation would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Creation {
    /// What it locks, in leaves.
    pub cost: Balance,
    /// The subnet that ends for it, where the chain is full.
    pub replaces: Option<NetUid>,
}

impl<T: Config> Pallet<T> {
    /// What creating a subnet in `block` would lock if no other one is created before, in leaves.
    pub fn lock_cost_at(block: BlockNumber) -> Balance {
        let settings = Settings::<T>::get();
        let last = LastLock::<T>::get();
        let first = last.is_none();
        let last = last.unwrap_or(Lock {
            cost: settings.min_lock,
            block,
        });
        let elapsed = block.saturating_sub(last.block);
        laurel_yuma::lock_cost(
            last.cost,
            elapsed,
            settings.lock_reduction_interval,
            settings.min_lock,
            first,
        )
    }

    /// All that is locked for subnets, in leaves.
    pub fn locked() -> Balance {
        let locks = Netuids::<T>::get()
            .into_iter()
            .filter_map(Subnets::<T>::get)
            .map(|subnet| subnet.lock);
        // Each lock is part of the issuance, which fits.
        locks.fold(0, Balance::saturating_add)
    }

    /// The subnet that ends when the next one is created; none while there is room. Fails when there is neither room nor a
    /// subnet that may end.
    ///
    /// Of those past their immunity it is the one with the smallest part of the emission; among equals the one created first, then
    /// the one with the lowest netuid.
    pub fn next_replaced() -> Result<Option<NetUid>, Error<T>> {
        Self::replaced_at(Self::now())
    }

    /// [`Self::next_replaced`] for a creation in `block`.
    fn replaced_at(block: BlockNumber) -> Result<Option<NetUid>, Error<T>> {
        let settings = Settings::<T>::get();
        let netuids = Netuids::<T>::get();
        if (netuids.len() as u32) < settings.max_subnets {
            return Ok(None);
        }
        let removals = Removals::<T>::decode_len().unwrap_or(0) as u32;
        ensure!(removals < laurel_types::MAX_SUBNETS, Error::<T>::RemovalsUnderWay);
        let split = T::Split::split();
        let share = |netuid: NetUid| split.iter().find_map(|(to, part)| (*to == netuid).then_some(*part));
        netuids
            .into_iter()
            .filter_map(|netuid| Some((netuid, Subnets::<T>::get(netuid)?)))
            .filter(|(_, subnet)| subnet.age(block) >= settings.immunity_period)
            .min_by_key(|(netuid, subnet)| Standing {
                immune: false,
                worth: share(*netuid).unwrap_or(0),
                since: subnet.created_at,
                id: netuid.0,
            })
            .map(|(netuid, _)| Some(netuid))
            .ok_or(Error::<T>::AllSubnetsImmune)
    }

    /// The subnet that a creation in `block` would end, and what becomes of its lock; none where [`Self::next_replaced`] names none.
    pub fn replacement_at(block: BlockNumber) -> Option<Replacement<T::AccountId>> {
        let netuid = Self::replaced_at(block).ok()??;
        let subnet = Subnets::<T>::get(netuid)?;
        let burned = Settings::<T>::get().burned_of(subnet.lock, subnet.age(block));
        let part = T::Split::split()
            .into_iter()
            .find_map(|(to, part)| (to == netuid).then_some(part));
        Some(Replacement {
            netuid,
            owner: subnet.owner,
            created_at: subnet.created_at,
            part: part.unwrap_or(0),
            refunded: subnet.lock.saturating_sub(burned),
            burned,
        })
    }

    /// Whether `create_subnet` would succeed, and what it would do; changes nothing.
    pub fn check_create(owner: &T::AccountId, max_lock: Balance) -> Result<Creation, Error<T>> {
        let now = Self::now();
        if let Some(last) = LastLock::<T>::get() {
            let since = now.saturating_sub(last.block);
            ensure!(
                since >= Settings::<T>::get().create_rate_limit,
                Error::<T>::SubnetCreatedTooRecently
            );
        }
        let cost = Self::lock_cost_at(now);
        ensure!(cost <= max_lock, Error::<T>::LockAboveMaximum);
        ensure!(
            T::Currency::can_hold(&HoldReason::SubnetLock.into(), owner, cost),
            Error::<T>::BalanceBelowLock
        );
        ensure!(NextNetUid::<T>::get().0 < u16::MAX, Error::<T>::NetUidsExhausted);
        let replaces = Self::next_replaced()?;
        Ok(Creation { cost, replaces })
    }

    /// Creates a subnet for `owner`; see the call.
    pub(crate) fn create(owner: T::AccountId, max_lock: Balance) -> DispatchResult {
        let Creation { cost, replaces } = Self::check_create(&owner, max_lock)?;
        let now = Self::now();
        if let Some(weakest) = replaces {
            // Its netuid is not given again, so the newcomer need not wait until everything kept of it is removed.
            Self::end(weakest, Reason::Replaced)?;
        }
        let netuid = Self::insert(
            Subnet {
                owner: owner.clone(),
                created_at: now,
                lock: cost,
            },
            Settings::<T>::get().default_params,
        )?;
        T::Currency::hold(&HoldReason::SubnetLock.into(), &owner, cost)?;
        LastLock::<T>::put(Lock { cost, block: now });
        T::OnSubnetCreated::on_subnet_created(netuid);
        Self::deposit_event(Event::SubnetCreated {
            netuid,
            owner,
            lock: cost,
        });
        Ok(())
    }

    /// Gives the subnet its netuid and stores it.
    pub(crate) fn insert(subnet: Subnet<T::AccountId>, params: Hyperparameters) -> Result<NetUid, Error<T>> {
        let netuid = NextNetUid::<T>::get();
        let next = netuid
            .0
            .checked_add(1)
            .map(NetUid)
            .ok_or(Error::<T>::NetUidsExhausted)?;
        // Netuids ascend, so the newest belongs at the end.
        Netuids::<T>::try_mutate(|netuids| netuids.try_push(netuid)).map_err(|_| Error::<T>::TooManySubnets)?;
        NextNetUid::<T>::put(next);
        Subnets::<T>::insert(netuid, subnet);
        Params::<T>::insert(netuid, params);
        Ok(netuid)
    }

    /// Whether the owner has named the models that the subnet pays for.
    pub fn has_models(netuid: NetUid) -> bool {
        AcceptedModels::<T>::contains_key(netuid)
    }

    /// The current block.
    pub(crate) fn now() -> BlockNumber {
        // The runtime counts blocks in 32 bits, so nothing saturates.
        frame_system::Pallet::<T>::block_number().saturated_into()
    }
}
