//! The numbers under which deposits are kept, so that a swap of a key moves one entry, however many deposits there are.
//!
//! Gateways and payers have numbers of different types, so that neither is looked up in place of the other. A number is given with the first
//! deposit, forgotten with the last, and never given twice.
use crate::{GatewayIds, Gateways, NextGatewayId, NextPayerId, PayerIds, Payers};
use codec::{Decode, DecodeWithMemTracking, Encode, EncodeLike, FullCodec, MaxEncodedLen};
use core::marker::PhantomData;
use frame_support::storage::{StorageMap, StorageValue};
use scale_info::TypeInfo;

/// A number of one kind.
pub trait Number: Copy + FullCodec + EncodeLike {
    /// The one after it.
    fn next(self) -> Self;
}

macro_rules! numbers {
    ($( $(#[$doc:meta])* $name:ident )*) => { $(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
        )]
        pub struct $name(pub u64);

        impl Number for $name {
            fn next(self) -> Self {
                // 2⁶⁴ numbers do not run out.
                Self(self.0.saturating_add(1))
            }
        }
    )* };
}

numbers! {
    /// Names a gateway for as long as there is a deposit for it, through swaps of its hotkey.
    GatewayId
    /// Names a payer for as long as it has a deposit, through swaps of its coldkey.
    PayerId
}

/// Whose a number is at present.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Party<AccountId> {
    /// The gateway's hotkey, or the payer.
    pub account: AccountId,
    /// Deposits under the number; it goes when there are none.
    pub deposits: u32,
}

/// Accounts and their numbers of one kind.
pub(crate) struct Register<A, Id, Ids, Parties, Next>(PhantomData<(A, Id, Ids, Parties, Next)>);

/// The gateways of a chain.
pub(crate) type GatewayRegister<T> =
    Register<<T as frame_system::Config>::AccountId, GatewayId, GatewayIds<T>, Gateways<T>, NextGatewayId<T>>;

/// The payers of a chain.
pub(crate) type PayerRegister<T> =
    Register<<T as frame_system::Config>::AccountId, PayerId, PayerIds<T>, Payers<T>, NextPayerId<T>>;

impl<A, Id, Ids, Parties, Next> Register<A, Id, Ids, Parties, Next>
where
    A: FullCodec + EncodeLike + Clone,
    Id: Number,
    Ids: StorageMap<A, Id, Query = Option<Id>>,
    Parties: StorageMap<Id, Party<A>, Query = Option<Party<A>>>,
    Next: StorageValue<Id, Query = Id>,
{
    /// The number of an account that has a deposit.
    pub fn id(account: &A) -> Option<Id> {
        Ids::get(account)
    }

    /// The account with this number.
    pub fn account(id: Id) -> Option<A> {
        Parties::get(id).map(|party| party.account)
    }

    /// The number of an account, given now if it has none, under which there is one more deposit from now on.
    pub fn begin(account: &A) -> Id {
        let id = Ids::get(account).unwrap_or_else(|| {
            let id = Next::get();
            Next::put(id.next());
            Ids::insert(account, id);
            id
        });
        let mut party = Parties::get(id).unwrap_or_else(|| Party {
            account: account.clone(),
            deposits: 0,
        });
        // Each holds a record deposit: 2³² of them are not affordable.
        party.deposits = party.deposits.saturating_add(1);
        Parties::insert(id, party);
        id
    }

    /// There is one deposit less under the number.
    pub fn end(id: Id) {
        let Some(mut party) = Parties::get(id) else { return };
        party.deposits = party.deposits.saturating_sub(1);
        if party.deposits == 0 {
            Ids::remove(&party.account);
            Parties::remove(id);
        } else {
            Parties::insert(id, party);
        }
    }

    /// Whatever is kept under the number of `old` is `new`'s from now on.
    pub fn rename(old: &A, new: &A) {
        let Some(id) = Ids::take(old) else { return };
        Ids::insert(new, id);
        if let Some(party) = Parties::get(id) {
            let account = new.clone();
            Parties::insert(id, Party { account, ..party });
        }
    }
}
