//! What the calls of this pallet cost. The runtime holds the generated implementation.
use frame_support::weights::Weight;

/// Dispatch weight of each call, and of what other pallets ask for.
pub trait WeightInfo {
    /// Registering for the price while the subnet has room.
    fn burned_register_append() -> Weight;
    /// Registering for the price in a full subnet of `n` neurons, one of which goes.
    fn burned_register_evict(n: u32) -> Weight;
    /// Registering for work while the subnet has room.
    fn pow_register_append() -> Weight;
    /// Registering for work in a full subnet of `n` neurons, one of which goes.
    fn pow_register_evict(n: u32) -> Weight;
    /// Checking a registration by work before it is dispatched.
    fn authorize_pow_register() -> Weight;
    /// Publishing or renewing an axon.
    fn publish_axon() -> Weight;
    /// Withdrawing an axon.
    fn withdraw_axon() -> Weight;
    /// Choosing the neuron that stays.
    fn protect_neuron() -> Weight;
    /// Moving a hotkey that is registered in every subnet.
    fn on_hotkey_swapped() -> Weight;
    /// Removing `n` neurons of a subnet that ended, and what it keeps once.
    fn remove_neurons(n: u32) -> Weight;
}

/// Nothing costs anything: for unit tests, and for the build whose benchmarks generate the real weights.
impl WeightInfo for () {
    fn burned_register_append() -> Weight {
        Weight::zero()
    }

    fn burned_register_evict(_: u32) -> Weight {
        Weight::zero()
    }

    fn pow_register_append() -> Weight {
        Weight::zero()
    }

    fn pow_register_evict(_: u32) -> Weight {
        Weight::zero()
    }

    fn authorize_pow_register() -> Weight {
        Weight::zero()
    }

    fn publish_axon() -> Weight {
        Weight::zero()
    }

    fn withdraw_axon() -> Weight {
        Weight::zero()
    }

    fn protect_neuron() -> Weight {
        Weight::zero()
    }

    fn on_hotkey_swapped() -> Weight {
        Weight::zero()
    }

    fn remove_neurons(_: u32) -> Weight {
        Weight::zero()
    }
}
