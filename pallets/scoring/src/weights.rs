//! What calls and hooks cost; the runtime holds the measured values.
use frame_support::weights::Weight;

/// Dispatch weights of this pallet, one function a benchmark.
pub trait WeightInfo {
    /// `commit_weights`.
    fn commit_weights() -> Weight;
    /// `reveal_weights` of a row with `e` entries.
    fn reveal_weights(e: u32) -> Weight;
    /// `set_weights` of a row with `e` entries.
    fn set_weights(e: u32) -> Weight;
    /// Reading the average stake of `n` neurons.
    fn take_stock(n: u32) -> Weight;
    /// An epoch over `n` neurons, each with a short row that expires.
    fn epoch_neurons(n: u32) -> Weight;
    /// An epoch over a full subnet, with `v` full rows and bonds.
    fn epoch_rows(v: u32) -> Weight;
    /// A batch of `b` items that all fail, without what the items themselves cost.
    fn batch(b: u32) -> Weight;
    /// Forgetting a neuron of a full subnet.
    fn on_neuron_replaced() -> Weight;
    /// Entering a neuron into the roll of a full subnet.
    fn on_neuron_registered() -> Weight;
    /// Renaming a hotkey that is in every subnet, all of them full.
    fn on_hotkey_swapped() -> Weight;
    /// Removing everything of a full subnet.
    fn remove_subnet() -> Weight;
}

/// Nothing costs anything: for tests of pallets that do not look at weights.
impl WeightInfo for () {
    fn commit_weights() -> Weight {
        Weight::zero()
    }
    fn reveal_weights(_: u32) -> Weight {
        Weight::zero()
    }
    fn set_weights(_: u32) -> Weight {
        Weight::zero()
    }
    fn take_stock(_: u32) -> Weight {
        Weight::zero()
    }
    fn epoch_neurons(_: u32) -> Weight {
        Weight::zero()
    }
    fn epoch_rows(_: u32) -> Weight {
        Weight::zero()
    }
    fn batch(_: u32) -> Weight {
        Weight::zero()
    }
    fn on_neuron_replaced() -> Weight {
        Weight::zero()
    }
    fn on_neuron_registered() -> Weight {
        Weight::zero()
    }
    fn on_hotkey_swapped() -> Weight {
        Weight::zero()
    }
    fn remove_subnet() -> Weight {
        Weight::zero()
    }
}
