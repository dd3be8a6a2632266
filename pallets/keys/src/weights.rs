//! What the calls cost.
use frame_support::weights::Weight;

/// Dispatch weights; the runtime holds the measured ones.
pub trait WeightInfo {
    /// Cost of `swap_hotkey`, without what others move.
    fn swap_hotkey() -> Weight;
    /// Cost of `announce_coldkey_swap`.
    fn announce_coldkey_swap() -> Weight;
    /// Cost of `cancel_coldkey_swap`.
    fn cancel_coldkey_swap() -> Weight;
    /// Cost of `swap_coldkey`, without what others move.
    fn swap_coldkey() -> Weight;
    /// Cost of `clear_expired_swap`.
    fn clear_expired_swap() -> Weight;
}

/// No cost at all: for mocks, and for the runtime that the first measurement is made with.
impl WeightInfo for () {
    fn swap_hotkey() -> Weight {
        Weight::zero()
    }
    fn announce_coldkey_swap() -> Weight {
        Weight::zero()
    }
    fn cancel_coldkey_swap() -> Weight {
        Weight::zero()
    }
    fn swap_coldkey() -> Weight {
        Weight::zero()
    }
    fn clear_expired_swap() -> Weight {
        Weight::zero()
    }
}
