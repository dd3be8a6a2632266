//! What calls and hooks cost.
use frame_support::weights::Weight;

/// Dispatch weights; the runtime holds the measured ones.
pub trait WeightInfo {
    /// Cost of `set_children` with `c` children.
    fn set_children(c: u32) -> Weight;
    /// Cost of `accept_parent`.
    fn accept_parent() -> Weight;
    /// Cost of `revoke_link`.
    fn revoke_link() -> Weight;
    /// Cost of `set_child_take`.
    fn set_child_take() -> Weight;
    /// Cost of linking `s` due sets at the end of an epoch.
    fn link_due(s: u32) -> Weight;
    /// Cost of reading the stake-time of a hotkey with `p` parents, beyond its own.
    fn read_stake(p: u32) -> Weight;
    /// Cost of dividing the dividends of a hotkey with `p` parents.
    fn divide(p: u32) -> Weight;
    /// Cost of cutting a replaced neuron's links to `p` parents.
    fn on_neuron_replaced(p: u32) -> Weight;
    /// Cost of removing `i` records of a subnet that is gone.
    fn remove_links(i: u32) -> Weight;
    /// Cost of moving a hotkey's links in `s` subnets to another hotkey.
    fn swap_links(s: u32) -> Weight;
}

/// No cost at all: for mocks, and for the runtime that the first measurement is made with.
impl WeightInfo for () {
    fn set_children(_c: u32) -> Weight {
        Weight::zero()
    }
    fn accept_parent() -> Weight {
        Weight::zero()
    }
    fn revoke_link() -> Weight {
        Weight::zero()
    }
    fn set_child_take() -> Weight {
        Weight::zero()
    }
    fn link_due(_s: u32) -> Weight {
        Weight::zero()
    }
    fn read_stake(_p: u32) -> Weight {
        Weight::zero()
    }
    fn divide(_p: u32) -> Weight {
        Weight::zero()
    }
    fn on_neuron_replaced(_p: u32) -> Weight {
        Weight::zero()
    }
    fn remove_links(_i: u32) -> Weight {
        Weight::zero()
    }
    fn swap_links(_s: u32) -> Weight {
        Weight::zero()
    }
}
