//! The roll of a subnet: who holds which uid, and how much stake-time each had when the epoch began.
//!
//! An epoch looks at every neuron. What it needs of them is kept in pages of [`PAGE`] neurons each, so that it reads a few values and not
//! thousands, and whoever comes or goes changes one page.
use crate::{
    stock::average,
    uids::{pages, place_of, PAGE},
    Config, Pallet, Rolls,
};
use alloc::vec::Vec;
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{dispatch::DispatchClass, traits::ConstU32, BoundedVec};
use laurel_support::{NeuronId, Neurons, OnNeuronRegistered, Stake};
use laurel_types::{Balance, BlockNumber, NetUid, RegistrationId, Uid};
use scale_info::TypeInfo;

/// One entry for each uid of a page.
type Column<V> = BoundedVec<V, ConstU32<PAGE>>;

/// A page of the roll: columns of one entry a uid, so that they are read and written at once.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Roll<AccountId> {
    /// Who holds each uid.
    pub hotkeys: Column<AccountId>,
    /// [`RegistrationId`] of each.
    pub registrations: Column<u64>,
    /// Block of the registration of each.
    pub registered_at: Column<BlockNumber>,
    /// Block in which each one's window began: that of its last stock-taking, or of the one before it came.
    pub since: Column<BlockNumber>,
    /// Stake-time of each, in leaf-blocks, at `since` or when it registered later.
    pub marks: Column<u128>,
    /// Average stake of each over the window before, in leaves: what the next score is made of.
    pub stakes: Column<Balance>,
}

impl<AccountId> Default for Roll<AccountId> {
    fn default() -> Self {
        Self {
            hotkeys: Column::new(),
            registrations: Column::new(),
            registered_at: Column::new(),
            since: Column::new(),
            marks: Column::new(),
            stakes: Column::new(),
        }
    }
}

impl<AccountId: Clone> Roll<AccountId> {
    /// Neurons on the page.
    pub fn len(&self) -> usize {
        self.hotkeys.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.hotkeys.is_empty()
    }

    /// Enters the holder of a uid with its present stake-time. Uids are given in order, so it is on the page or next to the last. It
    /// shares the window of its predecessor; who has none, that of the first on the page, or one from `began` on if it is the first.
    fn enter(&mut self, at: usize, neuron: NeuronId<AccountId>, mark: u128, began: BlockNumber) {
        fn put<V>(column: &mut Column<V>, at: usize, value: V) {
            match column.get_mut(at) {
                Some(held) => *held = value,
                // Uids have no gaps and are below the bound.
                None => {
                    let _ = column.try_push(value);
                }
            }
        }
        let since = self.since.get(at).or(self.since.first()).copied().unwrap_or(began);
        put(&mut self.hotkeys, at, neuron.hotkey);
        put(&mut self.registrations, at, neuron.registration.0);
        put(&mut self.registered_at, at, neuron.registered_at);
        put(&mut self.since, at, since);
        put(&mut self.marks, at, mark);
        put(&mut self.stakes, at, 0);
    }

    /// Closes the window of a neuron whose stake-time is `time` at block `now`, and opens the next.
    pub(crate) fn weigh(&mut self, at: usize, time: u128, now: BlockNumber) {
        let (since, mark) = (self.since.get_mut(at), self.marks.get_mut(at));
        if let (Some(since), Some(mark), Some(stake)) = (since, mark, self.stakes.get_mut(at)) {
            let blocks = now.saturating_sub(*since);
            if let Some(average) = average(time.saturating_sub(*mark), blocks) {
                (*stake, *since, *mark) = (average, now, time);
            }
        }
    }
}

/// Everybody in a subnet, by uid: what the epoch needs of all pages.
#[derive(Clone, Debug)]
pub struct Members<AccountId> {
    /// Who holds each uid.
    pub hotkeys: Vec<AccountId>,
    /// [`RegistrationId`] of each.
    pub registrations: Vec<u64>,
    /// Block of the registration of each.
    pub registered_at: Vec<BlockNumber>,
    /// Average stake of each when stock was taken last, in leaves.
    pub stakes: Vec<Balance>,
}

impl<AccountId> Members<AccountId> {
    /// Neurons in the subnet.
    pub fn len(&self) -> usize {
        self.hotkeys.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.hotkeys.is_empty()
    }

    /// Whether `registration` holds `uid`.
    pub fn holds(&self, uid: Uid, registration: RegistrationId) -> bool {
        self.registrations.get(uid.index()) == Some(&registration.0)
    }

    /// Whether something said at block `fixed_at` can be about the present holder of the uid: it was there before.
    pub fn was_there(&self, uid: u16, fixed_at: BlockNumber) -> bool {
        self.registered_at
            .get(usize::from(uid))
            .is_some_and(|registered_at| *registered_at < fixed_at)
    }
}

impl<T: Config> Pallet<T> {
    /// Everybody in a subnet.
    pub fn members(netuid: NetUid) -> Members<T::AccountId> {
        let mut all = Members {
            hotkeys: Vec::new(),
            registrations: Vec::new(),
            registered_at: Vec::new(),
            stakes: Vec::new(),
        };
        for page in pages(T::Neurons::count(netuid).into()) {
            let page = Rolls::<T>::get(netuid, page);
            all.hotkeys.append(&mut page.hotkeys.into_inner());
            all.registrations.append(&mut page.registrations.into_inner());
            all.registered_at.append(&mut page.registered_at.into_inner());
            all.stakes.append(&mut page.stakes.into_inner());
        }
        all
    }
}

impl<T: Config> OnNeuronRegistered for Pallet<T> {
    fn on_neuron_registered(netuid: NetUid, uid: Uid) {
        let Some(neuron) = T::Neurons::neuron(netuid, uid) else {
            return;
        };
        let mark = T::Stake::stake_time_on(netuid, &neuron.hotkey);
        let began = Self::clock(netuid).started_at;
        let (page, at) = place_of(uid);
        Rolls::<T>::mutate(netuid, page, |roll| roll.enter(at, neuron, mark, began));
        // The caller's benchmark cannot know how full our page is.
        frame_system::Pallet::<T>::register_extra_weight_unchecked(
            <T::WeightInfo as crate::WeightInfo>::on_neuron_registered(),
            DispatchClass::Normal,
        );
    }
}
