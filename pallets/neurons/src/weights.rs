//! What the calls of this pallet cost. The runtime holds the generated implementation.
use frame_support::weights::Weight;

/// Dispatch weight of each call.
pub trait WeightInfo {
    /// Registering while the subnet has room.
    fn burned_register_append() -> Weight;
    /// Registering in a full subnet of `n` neurons, one of which goes.
    fn burned_register_evict(n: u32) -> Weight;
    /// Publishing or renewing an axon.
    fn publish_axon() -> Weight;
    /// Withdrawing an axon.
    fn withdraw_axon() -> Weight;
}

/// Nothing costs anything: for unit tests, and for the build whose benchmarks generate the real weights.
impl WeightInfo for () {
    fn burned_register_append() -> Weight {
        Weight::zero()
    }

    fn burned_register_evict(_: u32) -> Weight {
        Weight::zero()
    }

    fn publish_axon() -> Weight {
        Weight::zero()
    }

    fn withdraw_axon() -> Weight {
        Weight::zero()
    }
}
