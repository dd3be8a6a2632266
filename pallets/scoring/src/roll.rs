//! The roll of a subnet: who holds which uid, and how much stake-time each had when the epoch began.
//!
//! An epoch looks at every neuron. One value holds what it needs of all of them, so that it reads one value and not hundreds.
use crate::{stock::average, Config, Pallet, Rolls};
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{dispatch::DispatchClass, traits::ConstU32, BoundedVec};
use laurel_support::{NeuronId, Neurons, OnNeuronRegistered, Stake};
use laurel_types::{Balance, BlockNumber, NetUid, RegistrationId, Uid, MAX_UIDS};
use scale_info::TypeInfo;

/// One entry for each uid.
type Column<V> = BoundedVec<V, ConstU32<MAX_UIDS>>;

/// Everybody in a subnet; columns of one entry a uid, so that they are read and written at once.
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

    /// Enters the holder of a uid with its present stake-time. Uids are given in order, so it is in the roll or next to the last. It
    /// shares the window of its predecessor; who has none, that of the first neuron, or one from `began` on if it is the first.
    fn enter(&mut self, neuron: NeuronId<AccountId>, mark: u128, began: BlockNumber) {
        fn put<V>(column: &mut Column<V>, at: usize, value: V) {
            match column.get_mut(at) {
                Some(held) => *held = value,
                // Uids have no gaps and are below the bound.
                None => {
                    let _ = column.try_push(value);
                }
            }
        }
        let at = neuron.uid.index();
        let since = self.since.get(at).or(self.since.first()).copied().unwrap_or(began);
        put(&mut self.hotkeys, at, neuron.hotkey);
        put(&mut self.registrations, at, neuron.registration.0);
        put(&mut self.registered_at, at, neuron.registered_at);
        put(&mut self.since, at, since);
        put(&mut self.marks, at, mark);
        put(&mut self.stakes, at, 0);
    }

    /// Closes the window of a neuron whose stake-time is `time` at block `now`, and opens the next.
    pub(crate) fn weigh(&mut self, uid: usize, time: u128, now: BlockNumber) {
        let (since, mark) = (self.since.get_mut(uid), self.marks.get_mut(uid));
        if let (Some(since), Some(mark), Some(stake)) = (since, mark, self.stakes.get_mut(uid)) {
            let blocks = now.saturating_sub(*since);
            if let Some(average) = average(time.saturating_sub(*mark), blocks) {
                (*stake, *since, *mark) = (average, now, time);
            }
        }
    }
}

impl<T: Config> OnNeuronRegistered for Pallet<T> {
    fn on_neuron_registered(netuid: NetUid, uid: Uid) {
        let Some(neuron) = T::Neurons::neuron(netuid, uid) else {
            return;
        };
        let mark = T::Stake::stake_time_on(netuid, &neuron.hotkey);
        let began = Self::clock(netuid).started_at;
        Rolls::<T>::mutate(netuid, |roll| roll.enter(neuron, mark, began));
        // The caller's benchmark cannot know how long our roll is.
        frame_system::Pallet::<T>::register_extra_weight_unchecked(
            <T::WeightInfo as crate::WeightInfo>::on_neuron_registered(),
            DispatchClass::Normal,
        );
    }
}
