//! What the calls and hooks of this pallet cost. The runtime holds the generated implementation.
use frame_support::weights::Weight;

/// Dispatch weight of each call, and of what the hooks do.
pub trait WeightInfo {
    /// Creating a subnet in the place of another one, with all who are told of it.
    fn create_subnet() -> Weight;
    /// Changing one hyperparameter.
    fn set_hyperparameter() -> Weight;
    /// Replacing the list of models by one of `m` models.
    fn set_models(m: u32) -> Weight;
    /// Announcing a dissolution.
    fn announce_dissolution() -> Weight;
    /// Calling a dissolution off.
    fn cancel_dissolution() -> Weight;
    /// Offering a subnet, or withdrawing the offer.
    fn offer_subnet() -> Weight;
    /// Taking over a subnet that has an identity.
    fn accept_subnet() -> Weight;
    /// Replacing a subnet's identity by one of `b` bytes.
    fn set_subnet_identity(b: u32) -> Weight;
    /// Removing the longest identity of a subnet.
    fn clear_subnet_identity() -> Weight;
    /// Replacing a coldkey's identity by one of `b` bytes.
    fn set_identity(b: u32) -> Weight;
    /// Removing the longest identity of a coldkey.
    fn clear_identity() -> Weight;
    /// Replacing the settings.
    fn set_settings() -> Weight;
    /// Looking whether a subnet ends or is being removed.
    fn on_poll() -> Weight;
    /// Ending a subnet that has something of everything.
    fn end_subnet() -> Weight;
    /// What removing a bit of a subnet costs beside what others do for it.
    fn removal_step() -> Weight;
    /// Moving a coldkey that owns every subnet.
    fn on_coldkey_swapped() -> Weight;
}

/// Nothing costs anything: for unit tests, and for the build whose benchmarks generate the real weights.
impl WeightInfo for () {
    fn create_subnet() -> Weight {
        Weight::zero()
    }

    fn set_hyperparameter() -> Weight {
        Weight::zero()
    }

    fn set_models(_: u32) -> Weight {
        Weight::zero()
    }

    fn announce_dissolution() -> Weight {
        Weight::zero()
    }

    fn cancel_dissolution() -> Weight {
        Weight::zero()
    }

    fn offer_subnet() -> Weight {
        Weight::zero()
    }

    fn accept_subnet() -> Weight {
        Weight::zero()
    }

    fn set_subnet_identity(_: u32) -> Weight {
        Weight::zero()
    }

    fn clear_subnet_identity() -> Weight {
        Weight::zero()
    }

    fn set_identity(_: u32) -> Weight {
        Weight::zero()
    }

    fn clear_identity() -> Weight {
        Weight::zero()
    }

    fn set_settings() -> Weight {
        Weight::zero()
    }

    fn on_poll() -> Weight {
        Weight::zero()
    }

    fn end_subnet() -> Weight {
        Weight::zero()
    }

    fn removal_step() -> Weight {
        Weight::zero()
    }

    fn on_coldkey_swapped() -> Weight {
        Weight::zero()
    }
}
