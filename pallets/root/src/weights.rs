//! What calls and hook cost.
use frame_support::weights::Weight;

/// Dispatch weights; the runtime holds the measured ones.
pub trait WeightInfo {
    /// Cost of `register_seat` with all seats taken.
    fn register_seat() -> Weight;
    /// Cost of `leave_seat`.
    fn leave_seat() -> Weight;
    /// Cost of `set_root_weights` naming `w` subnets.
    fn set_root_weights(w: u32) -> Weight;
    /// Cost of finding that no split is due.
    fn split_not_due() -> Weight;
    /// Cost of computing the split of `s` seats over `n` subnets.
    fn recompute_split(s: u32, n: u32) -> Weight;
}

/// No cost at all: for mocks, and for the runtime that the first measurement is made with.
impl WeightInfo for () {
    fn register_seat() -> Weight {
        Weight::zero()
    }
    fn leave_seat() -> Weight {
        Weight::zero()
    }
    fn set_root_weights(_w: u32) -> Weight {
        Weight::zero()
    }
    fn split_not_due() -> Weight {
        Weight::zero()
    }
    fn recompute_split(_s: u32, _n: u32) -> Weight {
        Weight::zero()
    }
}
