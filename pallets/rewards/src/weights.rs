//! What the hooks cost; the runtime holds the measured values.
use frame_support::weights::Weight;

/// Dispatch weights of this pallet, one function a benchmark.
pub trait WeightInfo {
    /// Minting, dividing between `s` subnets, and enqueuing all of them.
    fn on_initialize(s: u32) -> Weight;
    /// Looking at the queue for the next step.
    fn on_poll() -> Weight;
    /// Drawing a bill with `n` lines, beside scoring.
    fn draw_bill(n: u32) -> Weight;
    /// Paying `n` lines of a bill.
    fn pay(n: u32) -> Weight;
    /// Closing the pot of a subnet that ends, and dropping its bill.
    fn remove_subnet() -> Weight;
    /// Naming a hotkey anew in a bill.
    fn swap_hotkey() -> Weight;
}

/// Nothing costs anything: for tests of pallets that do not look at weights.
impl WeightInfo for () {
    fn on_initialize(_: u32) -> Weight {
        Weight::zero()
    }
    fn on_poll() -> Weight {
        Weight::zero()
    }
    fn draw_bill(_: u32) -> Weight {
        Weight::zero()
    }
    fn pay(_: u32) -> Weight {
        Weight::zero()
    }
    fn remove_subnet() -> Weight {
        Weight::zero()
    }
    fn swap_hotkey() -> Weight {
        Weight::zero()
    }
}
