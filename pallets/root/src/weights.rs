//! What calls and hook cost.
use frame_support::weights::Weight;

/// Dispatch weights; the runtime holds the measured ones.
pub trait WeightInfo {
    /// Cost of `register_seat` with all seats taken, for a known hotkey.
    fn register_seat_replacing() -> Weight;
    /// Cost of `register_seat` for an unknown hotkey with its consent.
    fn register_seat_consenting() -> Weight;
    /// Cost of `leave_seat`.
    fn leave_seat() -> Weight;
    /// Cost of `set_root_weights` naming `w` subnets.
    fn set_root_weights(w: u32) -> Weight;
    /// Cost of finding that no split is due.
    fn split_not_due() -> Weight;
    /// Cost of computing the split of `s` seats over `n` subnets.
    fn recompute_split(s: u32, n: u32) -> Weight;
    /// Cost of moving a seat with full weights to another hotkey.
    fn on_hotkey_swapped() -> Weight;
    /// Cost of taking a subnet out of all seats' weights.
    fn remove_subnet() -> Weight;
}

/// No cost at all: for mocks, and for the runtime that the first measurement is made with.
impl WeightInfo for () {
    fn register_seat_replacing() -> Weight {
        Weight::zero()
    }
    fn register_seat_consenting() -> Weight {
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
    fn on_hotkey_swapped() -> Weight {
        Weight::zero()
    }
    fn remove_subnet() -> Weight {
        Weight::zero()
    }
}
