//! The roll of a subnet: who holds which uid, and how much stake-time each had when the epoch began.
//!
//! An epoch looks at every neuron. One value holds what it needs of all of them, so that it reads one value and not hundreds.
use crate::{Config, Pallet, Rolls};
use alloc::vec::Vec;
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
    /// Block at which the marks of all were last taken: the one in which the running epoch began, or an earlier one if the epoch
    /// before was skipped.
    pub marked_at: BlockNumber,
    /// Who holds each uid.
    pub hotkeys: Column<AccountId>,
    /// [`RegistrationId`] of each.
    pub registrations: Column<u64>,
    /// Block of the registration of each.
    pub registered_at: Column<BlockNumber>,
    /// Stake-time of each, in leaf-blocks, at `marked_at` or when it registered later.
    pub marks: Column<u128>,
}

impl<AccountId> Default for Roll<AccountId> {
    fn default() -> Self {
        Self {
            marked_at: 0,
            hotkeys: Column::new(),
            registrations: Column::new(),
            registered_at: Column::new(),
            marks: Column::new(),
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

    /// Enters the holder of a uid with its present stake-time. Uids are given in order, so it is in the roll or next to the last.
    fn enter(&mut self, neuron: NeuronId<AccountId>, mark: u128) {
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
        put(&mut self.hotkeys, at, neuron.hotkey);
        put(&mut self.registrations, at, neuron.registration.0);
        put(&mut self.registered_at, at, neuron.registered_at);
        put(&mut self.marks, at, mark);
    }
}

/// What a neuron had of stake since the marks were taken.
pub(crate) struct Backing {
    /// Average of the stake over the blocks since, by uid, in leaves.
    pub stakes: Vec<Balance>,
    /// The stake-time now, by uid: the marks of the next epoch.
    pub marks: Column<u128>,
}

impl<T: Config> Pallet<T> {
    /// The average stake of each neuron since the marks were taken. A neuron that registered since had none before.
    pub(crate) fn backing(netuid: NetUid, roll: &Roll<T::AccountId>, max_stake: Balance) -> Backing {
        let blocks = Self::now().saturating_sub(roll.marked_at);
        let times = T::Stake::stake_times_on(netuid, &roll.hotkeys);
        let stakes = times
            .iter()
            .zip(&roll.marks)
            .map(|(now, mark)| average(now.saturating_sub(*mark), blocks).min(max_stake))
            .collect();
        Backing {
            stakes,
            // As many as hotkeys, which are bounded alike.
            marks: Column::truncate_from(times),
        }
    }

    /// The stake of each neuron in this block, by uid: for rankings before the first epoch.
    pub(crate) fn present_stakes(netuid: NetUid, max_stake: Balance) -> Vec<Balance> {
        let roll = Rolls::<T>::get(netuid);
        let hotkeys = roll.hotkeys.iter();
        hotkeys
            .map(|hotkey| T::Stake::stake_on(netuid, hotkey).min(max_stake))
            .collect()
    }
}

/// `stake_time / blocks`, rounded down; zero in the block of the marks.
fn average(stake_time: u128, blocks: BlockNumber) -> Balance {
    // All stake over a usual epoch fits in 64 bits; Wasm divides wider numbers in software.
    match u64::try_from(stake_time) {
        Ok(stake_time) => stake_time.checked_div(blocks.into()).unwrap_or(0),
        Err(_) => {
            let average = stake_time.checked_div(blocks.into()).unwrap_or(0);
            Balance::try_from(average).unwrap_or(Balance::MAX)
        }
    }
}

impl<T: Config> OnNeuronRegistered for Pallet<T> {
    fn on_neuron_registered(netuid: NetUid, uid: Uid) {
        let Some(neuron) = T::Neurons::neuron(netuid, uid) else {
            return;
        };
        let mark = T::Stake::stake_time_on(netuid, &neuron.hotkey);
        Rolls::<T>::mutate(netuid, |roll| roll.enter(neuron, mark));
        // The caller's benchmark cannot know how long our roll is.
        frame_system::Pallet::<T>::register_extra_weight_unchecked(
            <T::WeightInfo as crate::WeightInfo>::on_neuron_registered(),
            DispatchClass::Normal,
        );
    }
}
