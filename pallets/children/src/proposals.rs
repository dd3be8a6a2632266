//! Choosing children: a parent proposes, each child's owner accepts, and after a cool-down an epoch links them.
//!
//! A set of children is proposed as a whole and replaces what was there. It waits for the cool-down and takes effect when the next
//! epoch ends. Children of the same owner need not be asked, nor
//! those to which the parent lends already; the owners of all others accept with `accept_parent`. Who has not accepted by then, has left
//! its uid or has as many parents as it can have, is left out, and that part stays with the parent.
//!
//! A set that is proposed while another one of the hotkey waits takes its stead as if the first had never been: it waits for a whole
//! cool-down, at the end of the queue. Only who agreed to the parent already, and was not struck out since, need not be asked again.
//!
//! Sets wait in a queue in the order of their proposal, which is also the order in which they are due, because the cool-down is the
//! same for all. An epoch links at most [`SETS_AN_EPOCH`] of them; the rest comes with the next. A hotkey has one place at most, however
//! often it replaces its set, so nobody makes the others wait longer by it.
use crate::{Children, Config, Error, Event, Kin, Pallet, Pending, Queue, Settings, Waiting, WeightInfo};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{dispatch::DispatchResult, ensure, traits::ConstU32, weights::Weight, BoundedVec};
use laurel_support::{NeuronId, Neurons, OnEpoch, Stake};
use laurel_types::{BlockNumber, EpochIndex, NetUid, Proportion, RegistrationId, Uid, MAX_CHILDREN};
use scale_info::TypeInfo;

/// Proposed sets that the end of one epoch links at most.
pub const SETS_AN_EPOCH: u32 = 16;

/// A place in a subnet's queue: a number, the greatest digit first, so that keys are in the order of the places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Place([u8; 8]);

impl Place {
    /// The place behind this one. One set a nanosecond would last for five centuries.
    fn next(self) -> Self {
        Self(u64::from_be_bytes(self.0).saturating_add(1).to_be_bytes())
    }
}

/// One child of a proposed set. It is named by its registration, so that a proposal survives a swap of its hotkey and does not
/// survive its eviction.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Proposal {
    /// The child's uid.
    pub uid: Uid,
    /// Its registration.
    pub registration: RegistrationId,
    /// How much of the parent's own stake it gets.
    pub proportion: Proportion,
    /// Whether its owner has agreed.
    pub accepted: bool,
}

/// A set of children that waits for its time.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct PendingSet {
    /// The children, all that there will be.
    pub children: BoundedVec<Proposal, ConstU32<MAX_CHILDREN>>,
    /// The first epoch that ends at or after this block links them.
    pub due: BlockNumber,
    /// Place in the subnet's queue.
    pub place: Place,
}

impl PendingSet {
    /// Whether the holder of a registration agreed to this parent.
    fn agreed(&self, registration: RegistrationId) -> bool {
        let mut agreed = self.children.iter().filter(|proposal| proposal.accepted);
        agreed.any(|proposal| proposal.registration == registration)
    }
}

/// Why a proposed child was not linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum NotLinked {
    /// Its owner did not accept in time.
    NotAccepted,
    /// It lost its uid.
    NotRegistered,
    /// It has as many parents as it can have.
    TooManyParents,
}

impl<T: Config> Pallet<T> {
    /// What `set_children` would propose where the set `waiting` waits, or why it is refused.
    pub(crate) fn check_set_children(
        coldkey: &T::AccountId,
        hotkey: &T::AccountId,
        netuid: NetUid,
        children: &Children<T>,
        waiting: Option<&PendingSet>,
    ) -> Result<BoundedVec<Proposal, ConstU32<MAX_CHILDREN>>, Error<T>> {
        Self::ensure_subnet(netuid)?;
        Self::ensure_owner(coldkey, hotkey)?;
        let kinship = Kin::<T>::get(netuid, hotkey);
        let lends = kinship.as_ref().is_some_and(|kinship| !kinship.children.is_empty());
        ensure!(
            lends || waiting.is_some() || !children.is_empty(),
            Error::<T>::NoChildren
        );
        let min_stake = Settings::<T>::get().min_parent_stake;
        ensure!(
            children.is_empty() || T::Staking::stake(hotkey) >= min_stake,
            Error::<T>::ParentStakeTooLow
        );
        let mut sum = Proportion::ZERO;
        let mut proposals = Vec::with_capacity(children.len());
        for (index, (proportion, child)) in children.iter().enumerate() {
            ensure!(child != hotkey, Error::<T>::OwnChild);
            ensure!(*proportion > Proportion::ZERO, Error::<T>::ZeroProportion);
            let distinct = !children.iter().take(index).any(|(_, other)| other == child);
            ensure!(distinct, Error::<T>::ChildNamedTwice);
            sum = sum.checked_add(*proportion).ok_or(Error::<T>::MoreThanAll)?;
            let NeuronId { uid, registration, .. } =
                Self::neuron_of(netuid, child).ok_or(Error::<T>::ChildNotRegistered)?;
            let linked = kinship.as_ref().is_some_and(|kinship| kinship.lent_to(child).is_some());
            let agreed = linked || waiting.is_some_and(|set| set.agreed(registration));
            proposals.push(Proposal {
                uid,
                registration,
                proportion: *proportion,
                accepted: agreed || Self::ensure_owner(coldkey, child).is_ok(),
            });
        }
        // As many as there are children, which are bounded alike.
        Ok(BoundedVec::truncate_from(proposals))
    }

    pub(crate) fn do_set_children(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        netuid: NetUid,
        children: Children<T>,
    ) -> DispatchResult {
        let waiting = Pending::<T>::get(netuid, &hotkey);
        let proposals = Self::check_set_children(&coldkey, &hotkey, netuid, &children, waiting.as_ref())?;
        let due = Self::now().saturating_add(Settings::<T>::get().cooldown);
        let place = Waiting::<T>::mutate(netuid, |(sets, next)| {
            let place = *next;
            *next = place.next();
            if waiting.is_none() {
                *sets = sets.saturating_add(1);
            }
            place
        });
        if let Some(PendingSet { place, due, .. }) = waiting {
            Queue::<T>::remove(netuid, place);
            let hotkey = hotkey.clone();
            Self::deposit_event(Event::ChildrenWithdrawn { netuid, hotkey, due });
        }
        let set = PendingSet {
            children: proposals,
            due,
            place,
        };
        Queue::<T>::insert(netuid, place, &hotkey);
        Pending::<T>::insert(netuid, &hotkey, set);
        Self::deposit_event(Event::ChildrenProposed {
            netuid,
            hotkey,
            children,
            due,
        });
        Ok(())
    }

    /// The pending set that `accept_parent` would change, and where; or why it is refused.
    pub(crate) fn check_accept_parent(
        coldkey: &T::AccountId,
        hotkey: &T::AccountId,
        netuid: NetUid,
        parent: &T::AccountId,
    ) -> Result<(PendingSet, usize), Error<T>> {
        Self::ensure_subnet(netuid)?;
        Self::ensure_owner(coldkey, hotkey)?;
        let neuron = Self::neuron_of(netuid, hotkey).ok_or(Error::<T>::ChildNotRegistered)?;
        let set = Pending::<T>::get(netuid, parent).ok_or(Error::<T>::NotProposed)?;
        let open = |proposal: &Proposal| proposal.registration == neuron.registration && !proposal.accepted;
        let index = set.children.iter().position(open).ok_or(Error::<T>::NotProposed)?;
        Ok((set, index))
    }

    pub(crate) fn do_accept_parent(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        netuid: NetUid,
        parent: T::AccountId,
    ) -> DispatchResult {
        let (mut set, index) = Self::check_accept_parent(&coldkey, &hotkey, netuid, &parent)?;
        if let Some(proposal) = set.children.get_mut(index) {
            proposal.accepted = true;
        }
        Pending::<T>::insert(netuid, &parent, set);
        Self::deposit_event(Event::ParentAccepted {
            netuid,
            child: hotkey,
            parent,
        });
        Ok(())
    }

    /// Whether the caller owns one of the two hotkeys and there is something to cut.
    pub(crate) fn check_revoke(
        coldkey: &T::AccountId,
        netuid: NetUid,
        parent: &T::AccountId,
        child: &T::AccountId,
    ) -> Result<(), Error<T>> {
        Self::ensure_subnet(netuid)?;
        let owns = |hotkey| Self::ensure_owner(coldkey, hotkey).is_ok();
        ensure!(owns(parent) || owns(child), Error::<T>::NotHotkeyOwner);
        let linked = Kin::<T>::get(netuid, parent).is_some_and(|kinship| kinship.lent_to(child).is_some());
        ensure!(
            linked || Self::is_proposed(netuid, parent, child),
            Error::<T>::NotLinked
        );
        Ok(())
    }

    pub(crate) fn do_revoke(
        coldkey: T::AccountId,
        netuid: NetUid,
        parent: T::AccountId,
        child: T::AccountId,
    ) -> DispatchResult {
        Self::check_revoke(&coldkey, netuid, &parent, &child)?;
        if let Some(neuron) = Self::neuron_of(netuid, &child) {
            Pending::<T>::mutate_exists(netuid, &parent, |set| {
                if let Some(set) = set {
                    set.children
                        .retain(|proposal| proposal.registration != neuron.registration);
                }
            });
        }
        Self::unlink(netuid, &parent, &child);
        Self::deposit_event(Event::LinkRevoked { netuid, parent, child });
        Ok(())
    }

    fn is_proposed(netuid: NetUid, parent: &T::AccountId, child: &T::AccountId) -> bool {
        let (Some(set), Some(neuron)) = (Pending::<T>::get(netuid, parent), Self::neuron_of(netuid, child)) else {
            return false;
        };
        let mut registrations = set.children.iter().map(|proposal| proposal.registration);
        registrations.any(|registration| registration == neuron.registration)
    }

    pub(crate) fn neuron_of(netuid: NetUid, hotkey: &T::AccountId) -> Option<NeuronId<T::AccountId>> {
        T::Neurons::uid_of(netuid, hotkey).and_then(|uid| T::Neurons::neuron(netuid, uid))
    }

    /// Links the sets at the front of the queue whose time has come.
    fn link_due(netuid: NetUid) {
        let now = Self::now();
        let front = Queue::<T>::iter_prefix(netuid).take(SETS_AN_EPOCH as usize);
        let due: Vec<_> = front
            .map(|(place, parent)| (place, Pending::<T>::get(netuid, &parent), parent))
            .take_while(|(_, set, _)| set.as_ref().is_none_or(|set| set.due <= now))
            .collect();
        let linked = due.len() as u32; // at most `SETS_AN_EPOCH`
        for (place, set, parent) in due {
            Queue::<T>::remove(netuid, place);
            Pending::<T>::remove(netuid, &parent);
            if let Some(set) = set {
                Self::link_set(netuid, parent, set);
            }
        }
        if linked > 0 {
            Waiting::<T>::mutate_exists(netuid, |slot| {
                let (sets, next) = slot.unwrap_or_default();
                *slot = Some((sets.saturating_sub(linked), next)).filter(|(sets, _)| *sets > 0);
            });
        }
    }

    /// Replaces a hotkey's children by those of a set that can be linked.
    fn link_set(netuid: NetUid, parent: T::AccountId, set: PendingSet) {
        let present = Self::children_of(netuid, &parent);
        let named: Vec<_> = set
            .children
            .iter()
            .map(|proposal| (proposal, Self::proposed(netuid, proposal)))
            .collect();
        for (_, child) in &present {
            if !named.iter().any(|(_, hotkey)| hotkey.as_ref() == Some(child)) {
                Self::unlink(netuid, &parent, child);
            }
        }
        // Who gets less than before comes first, so that at no time more than all is lent.
        let grows = |(proposal, hotkey): &&(&Proposal, Option<T::AccountId>)| {
            let had = present.iter().find(|(_, child)| hotkey.as_ref() == Some(child));
            proposal.proportion > had.map_or(Proportion::ZERO, |(proportion, _)| *proportion)
        };
        let (growing, shrinking): (Vec<_>, Vec<_>) = named.iter().partition(grows);
        for (proposal, hotkey) in shrinking.into_iter().chain(growing) {
            if let Err(reason) = Self::link_one(netuid, &parent, proposal, hotkey.as_ref()) {
                Self::deposit_event(Event::ChildNotLinked {
                    netuid,
                    hotkey: parent.clone(),
                    uid: proposal.uid,
                    reason,
                });
            }
        }
        let children = Children::<T>::truncate_from(Self::children_of(netuid, &parent));
        Self::deposit_event(Event::ChildrenSet {
            netuid,
            hotkey: parent,
            children,
        });
    }

    /// Who holds the registration that a proposal names.
    fn proposed(netuid: NetUid, proposal: &Proposal) -> Option<T::AccountId> {
        T::Neurons::neuron(netuid, proposal.uid)
            .filter(|neuron| neuron.registration == proposal.registration)
            .map(|neuron| neuron.hotkey)
    }

    fn link_one(
        netuid: NetUid,
        parent: &T::AccountId,
        proposal: &Proposal,
        child: Option<&T::AccountId>,
    ) -> Result<(), NotLinked> {
        let child = child.ok_or(NotLinked::NotRegistered)?;
        if !proposal.accepted {
            return Err(NotLinked::NotAccepted);
        }
        // The set was checked as a whole, and what is lent shrinks before it grows: only the child can be full.
        Self::link(netuid, parent, child, proposal.proportion).map_err(|_| NotLinked::TooManyParents)
    }
}

impl<T: Config> OnEpoch for Pallet<T> {
    fn on_epoch(netuid: NetUid, _ended: EpochIndex) {
        Self::link_due(netuid);
    }

    fn weight(netuid: NetUid) -> Weight {
        // Those at the front whose time has come are no more than those that wait.
        let (sets, _) = Waiting::<T>::get(netuid);
        T::WeightInfo::link_due(sets.min(SETS_AN_EPOCH))
    }
}
