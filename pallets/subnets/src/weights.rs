//! What the calls of this pallet cost. The runtime holds the generated implementation.
use frame_support::weights::Weight;

/// Dispatch weight of each call.
pub trait WeightInfo {
    /// Creating a subnet, with all who are told of it.
    fn create_subnet() -> Weight;
    /// Changing one hyperparameter.
    fn set_hyperparameter() -> Weight;
    /// Replacing the list of models by one of `m` models.
    fn set_models(m: u32) -> Weight;
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
}
