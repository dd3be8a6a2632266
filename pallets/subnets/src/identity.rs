//! Who is behind a subnet or a coldkey, in their own words, for a deposit that comes back.
use crate::{Config, Error, Event, HoldReason, Identities, Pallet, Settings, SubnetIdentities, Subnets};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
    ensure,
    traits::{
        fungible::{InspectHold, MutateHold},
        tokens::Precision,
        ConstU32,
    },
    BoundedVec,
};
use laurel_types::{Balance, NetUid};
use scale_info::TypeInfo;
use sp_runtime::DispatchResult;

/// UTF-8 of at most `N` bytes.
pub type Text<const N: u32> = BoundedVec<u8, ConstU32<N>>;

/// What somebody says of itself. Nobody checks it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Identity {
    /// What to call it; not empty.
    pub name: Text<64>,
    /// A page about it.
    pub url: Text<256>,
    /// Where its source code is.
    pub repository: Text<256>,
    /// How to reach whoever answers for it.
    pub contact: Text<256>,
    /// Address of a picture.
    pub image: Text<256>,
    /// What it does.
    pub description: Text<1024>,
}

impl Identity {
    fn texts(&self) -> [&[u8]; 6] {
        [
            &self.name,
            &self.url,
            &self.repository,
            &self.contact,
            &self.image,
            &self.description,
        ]
    }

    /// Whether there is a name, and everything is UTF-8.
    pub fn is_valid(&self) -> bool {
        !self.name.is_empty() && self.texts().into_iter().all(|text| core::str::from_utf8(text).is_ok())
    }

    /// Bytes of all texts.
    pub fn bytes(&self) -> u32 {
        // At most 2112.
        self.texts().into_iter().map(|text| text.len() as u32).sum()
    }
}

/// An identity with what is held for it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Identified {
    /// What was said.
    pub identity: Identity,
    /// What is held, in leaves: from the coldkey, or from the subnet's owner.
    pub deposit: Balance,
}

impl<T: Config> Pallet<T> {
    /// What an identity's deposit is now, in leaves.
    pub fn identity_deposit(identity: &Identity) -> Balance {
        let settings = Settings::<T>::get();
        let bytes = settings.identity_byte_deposit.saturating_mul(identity.bytes().into());
        settings.identity_deposit.saturating_add(bytes)
    }

    /// Whether `who` can give this identity in place of one with deposit `before`; changes nothing. Returns the new deposit.
    pub fn check_identity(who: &T::AccountId, identity: &Identity, before: Balance) -> Result<Balance, Error<T>> {
        ensure!(identity.is_valid(), Error::<T>::IdentityWithoutName);
        let deposit = Self::identity_deposit(identity);
        let more = deposit.saturating_sub(before);
        let affordable = more == 0 || T::Currency::can_hold(&HoldReason::Identity.into(), who, more);
        ensure!(affordable, Error::<T>::BalanceBelowDeposit);
        Ok(deposit)
    }

    /// Holds or releases so that `after` is held for what `before` was held for.
    fn adjust_deposit(who: &T::AccountId, before: Balance, after: Balance) -> DispatchResult {
        let reason = HoldReason::Identity.into();
        if after > before {
            T::Currency::hold(&reason, who, after - before)?;
        } else if before > after {
            T::Currency::release(&reason, who, before - after, Precision::Exact)?;
        }
        Ok(())
    }

    /// Stores the identity of a coldkey; see the call.
    pub(crate) fn identify(who: T::AccountId, identity: Identity) -> DispatchResult {
        let before = Identities::<T>::get(&who).map_or(0, |known| known.deposit);
        let deposit = Self::check_identity(&who, &identity, before)?;
        Self::adjust_deposit(&who, before, deposit)?;
        Identities::<T>::insert(&who, Identified { identity, deposit });
        Self::deposit_event(Event::IdentitySet { who, deposit });
        Ok(())
    }

    /// Removes the identity of a coldkey; see the call.
    pub(crate) fn forget_identity(who: T::AccountId) -> DispatchResult {
        let known = Identities::<T>::get(&who).ok_or(Error::<T>::NoIdentity)?;
        Self::adjust_deposit(&who, known.deposit, 0)?;
        Identities::<T>::remove(&who);
        Self::deposit_event(Event::IdentityCleared { who });
        Ok(())
    }

    /// Stores the identity of a subnet; see the call.
    pub(crate) fn identify_subnet(signer: T::AccountId, netuid: NetUid, identity: Identity) -> DispatchResult {
        let owner = Subnets::<T>::get(netuid).ok_or(Error::<T>::SubnetDoesNotExist)?.owner;
        ensure!(signer == owner, Error::<T>::NotSubnetOwner);
        let before = SubnetIdentities::<T>::get(netuid).map_or(0, |known| known.deposit);
        let deposit = Self::check_identity(&owner, &identity, before)?;
        Self::adjust_deposit(&owner, before, deposit)?;
        SubnetIdentities::<T>::insert(netuid, Identified { identity, deposit });
        Self::deposit_event(Event::SubnetIdentitySet { netuid, deposit });
        Ok(())
    }

    /// Removes the identity of a subnet; see the call.
    pub(crate) fn forget_subnet_identity(netuid: NetUid) -> DispatchResult {
        let owner = Subnets::<T>::get(netuid).ok_or(Error::<T>::SubnetDoesNotExist)?.owner;
        ensure!(SubnetIdentities::<T>::contains_key(netuid), Error::<T>::NoIdentity);
        Self::release_subnet_identity(netuid, &owner)?;
        Self::deposit_event(Event::SubnetIdentityCleared { netuid });
        Ok(())
    }

    /// Removes the identity of a subnet, if it has one, and gives its deposit back.
    pub(crate) fn release_subnet_identity(netuid: NetUid, owner: &T::AccountId) -> DispatchResult {
        match SubnetIdentities::<T>::take(netuid) {
            Some(known) => Self::adjust_deposit(owner, known.deposit, 0),
            None => Ok(()),
        }
    }
}
