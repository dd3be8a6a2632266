//! Hotkeys that are swapped while they wait for their pay.
use crate::{BillPages, Config, Pallet, Progress, Stage, WeightInfo};
use frame_support::{dispatch::DispatchResult, weights::Weight};
use laurel_support::OnHotkeySwapped;

impl<T: Config> Pallet<T> {
    /// Pages that are still to be paid. Between most blocks there are none.
    fn pages_left() -> core::ops::Range<u32> {
        match Progress::<T>::get() {
            Stage::Pay(bill) => bill.next..bill.pages,
            Stage::Stock(_) => 0..0,
        }
    }
}

impl<T: Config> OnHotkeySwapped<T::AccountId> for Pallet<T> {
    fn in_use(new: &T::AccountId) -> bool {
        Self::pages_left().any(|index| BillPages::<T>::get(index).iter().any(|line| line.hotkey == *new))
    }

    fn on_hotkey_swapped(old: &T::AccountId, new: &T::AccountId) -> DispatchResult {
        for index in Self::pages_left() {
            let mut page = BillPages::<T>::get(index);
            let mut named = false;
            for line in page.iter_mut().filter(|line| line.hotkey == *old) {
                line.hotkey = new.clone();
                named = true;
            }
            if named {
                BillPages::<T>::insert(index, page);
            }
        }
        Ok(())
    }

    fn swap_weight() -> Weight {
        T::WeightInfo::swap_hotkey()
    }
}
