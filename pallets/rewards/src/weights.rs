//! What the hooks cost; the runtime holds the measured values.
use frame_support::weights::Weight;

/// Dispatch weights of this pallet, one function a benchmark.
pub trait WeightInfo {
    /// Minting, dividing between `s` subnets, and enqueuing all of them.
    fn on_initialize(s: u32) -> Weight;
    /// Looking at the queue.
    fn on_poll() -> Weight;
    /// Paying a pot to `n` neurons, each as miner and as validator.
    fn payout(n: u32) -> Weight;
    /// Closing the pot of a subnet that ends.
    fn remove_subnet() -> Weight;
}

/// Nothing costs anything: for tests of pallets that do not look at weights.
impl WeightInfo for () {
    fn on_initialize(_: u32) -> Weight {
        Weight::zero()
    }
    fn on_poll() -> Weight {
        Weight::zero()
    }
    fn payout(_: u32) -> Weight {
        Weight::zero()
    }
    fn remove_subnet() -> Weight {
        Weight::zero()
    }
}
