//! What the calls cost.
use frame_support::weights::Weight;

/// Dispatch weights; the runtime holds the measured ones.
pub trait WeightInfo {
    /// Cost of `deposit`.
    fn deposit() -> Weight;
    /// Cost of `withdraw`.
    fn withdraw() -> Weight;
    /// Cost of `take_back`.
    fn take_back() -> Weight;
    /// Cost of `draw` from `n` payers.
    fn draw(n: u32) -> Weight;
    /// Cost of `set_terms`.
    fn set_terms() -> Weight;
    /// Cost of the part of a hotkey swap that is done here.
    fn swap_hotkey() -> Weight;
    /// Cost of the part of a coldkey swap that is done here.
    fn swap_coldkey() -> Weight;
}

/// No cost at all: for mocks, and for the runtime that the first measurement is made with.
impl WeightInfo for () {
    fn deposit() -> Weight {
        Weight::zero()
    }
    fn withdraw() -> Weight {
        Weight::zero()
    }
    fn take_back() -> Weight {
        Weight::zero()
    }
    fn draw(_: u32) -> Weight {
        Weight::zero()
    }
    fn set_terms() -> Weight {
        Weight::zero()
    }
    fn swap_hotkey() -> Weight {
        Weight::zero()
    }
    fn swap_coldkey() -> Weight {
        Weight::zero()
    }
}
