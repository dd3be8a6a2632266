//! What calls and hooks cost; the runtime holds the measured values.
use frame_support::weights::Weight;

/// Dispatch weights of this pallet, one function a benchmark.
pub trait WeightInfo {
    /// `commit_weights`.
    fn commit_weights() -> Weight;
    /// `reveal_weights` of a full row in a subnet of `n` neurons.
    fn reveal_weights(n: u32) -> Weight;
    /// `set_weights` of a full row in a subnet of `n` neurons.
    fn set_weights(n: u32) -> Weight;
    /// Reading the average stake of `n` neurons of one page.
    fn take_stock(n: u32) -> Weight;
    /// An epoch over `g` groups of neurons, each neuron with a short row.
    fn epoch_groups(g: u32) -> Weight;
    /// An epoch over a full subnet, whose validators gave weights to and hold bonds on `c` times 256 neurons.
    fn epoch_cells(c: u32) -> Weight;
    /// Ending `c` commits that were not revealed, in a subnet of 256 neurons with full rows.
    fn expire_commits(c: u32) -> Weight;
    /// A batch of `b` items that all fail, without what the items themselves cost.
    fn batch(b: u32) -> Weight;
    /// Forgetting a neuron of a subnet of `n`.
    fn on_neuron_replaced(n: u32) -> Weight;
    /// Entering a neuron into a full page of the roll.
    fn on_neuron_registered() -> Weight;
    /// Renaming a hotkey that is in every subnet, all of them full.
    fn on_hotkey_swapped() -> Weight;
    /// Removing a page of neurons with all that they said.
    fn remove_page() -> Weight;
    /// Removing what is kept once a subnet, of a full one.
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
    fn epoch_groups(_: u32) -> Weight {
        Weight::zero()
    }
    fn epoch_cells(_: u32) -> Weight {
        Weight::zero()
    }
    fn expire_commits(_: u32) -> Weight {
        Weight::zero()
    }
    fn batch(_: u32) -> Weight {
        Weight::zero()
    }
    fn on_neuron_replaced(_: u32) -> Weight {
        Weight::zero()
    }
    fn on_neuron_registered() -> Weight {
        Weight::zero()
    }
    fn on_hotkey_swapped() -> Weight {
        Weight::zero()
    }
    fn remove_page() -> Weight {
        Weight::zero()
    }
    fn remove_subnet() -> Weight {
        Weight::zero()
    }
}
