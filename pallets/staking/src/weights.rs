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
}
