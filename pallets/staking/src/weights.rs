//! What the calls cost.
use frame_support::weights::Weight;

/// Dispatch weights; the runtime holds the measured ones.
pub trait WeightInfo {
    /// Cost of `add_stake`.
    fn add_stake() -> Weight;
    /// Cost of `remove_stake`.
    fn remove_stake() -> Weight;
    /// Cost of `remove_all_stake`.
    fn remove_all_stake() -> Weight;
    /// Cost of `set_take`.
    fn set_take() -> Weight;
    /// Cost of `move_stake`.
    fn move_stake() -> Weight;
    /// Cost of `transfer_stake`.
    fn transfer_stake() -> Weight;
    /// Cost of `clear_nomination`.
    fn clear_nomination() -> Weight;
    /// Cost of `set_settings`.
    fn set_settings() -> Weight;
    /// Cost of the part of a hotkey swap that is done here.
    fn swap_hotkey() -> Weight;
    /// Cost of the part of a coldkey swap that is done here.
    fn swap_coldkey() -> Weight;
}

/// No cost at all: for mocks, and for the runtime that the first measurement is made with.
impl WeightInfo for () {
    fn add_stake() -> Weight {
        Weight::zero()
    }
    fn remove_stake() -> Weight {
        Weight::zero()
    }
    fn remove_all_stake() -> Weight {
        Weight::zero()
    }
    fn set_take() -> Weight {
        Weight::zero()
    }
    fn move_stake() -> Weight {
        Weight::zero()
    }
    fn transfer_stake() -> Weight {
        Weight::zero()
    }
    fn clear_nomination() -> Weight {
        Weight::zero()
    }
    fn set_settings() -> Weight {
        Weight::zero()
    }
    fn swap_hotkey() -> Weight {
        Weight::zero()
    }
    fn swap_coldkey() -> Weight {
        Weight::zero()
    }
}
