//! What the calls cost.
use frame_support::weights::Weight;

/// Dispatch weights; the runtime holds the measured ones.
pub trait WeightInfo {
    /// Cost of `open` with every root seat owned by somebody else.
    fn open() -> Weight;
    /// Cost of `vote`.
    fn vote() -> Weight;
    /// Cost of `close` where the proposal is approved.
    fn close() -> Weight;
    /// Cost of `cancel`, the dearer of its two cases.
    fn cancel() -> Weight;
}

/// No cost at all: for mocks, and for the runtime that the first measurement is made with.
impl WeightInfo for () {
    fn open() -> Weight {
        Weight::zero()
    }
    fn vote() -> Weight {
        Weight::zero()
    }
    fn close() -> Weight {
        Weight::zero()
    }
    fn cancel() -> Weight {
        Weight::zero()
    }
}
