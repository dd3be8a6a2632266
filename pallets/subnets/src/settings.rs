//! What a chain fixes at genesis, so that one runtime serves development and production.
use codec::{Decode, Encode, MaxEncodedLen};
use laurel_types::{Balance, BlockNumber, Hyperparameters, LRL};
use scale_info::TypeInfo;

/// How a chain creates and tunes subnets.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct SubnetSettings {
    /// Parameters with which a subnet begins.
    pub default_params: Hyperparameters,
    /// Lowest lock, in leaves.
    pub min_lock: Balance,
    /// Blocks in which the lock falls by the amount of the last one. At least 1.
    pub lock_reduction_interval: BlockNumber,
    /// Blocks between two creations.
    pub create_rate_limit: BlockNumber,
    /// Blocks for which a parameter rests after its owner changed it.
    pub parameter_cooldown: BlockNumber,
}

impl SubnetSettings {
    /// Whether subnets can be created under these settings; the error names the field.
    pub fn check(&self) -> Result<(), &'static str> {
        self.default_params.check().map_err(|out_of_range| out_of_range.0)?;
        if self.lock_reduction_interval == 0 {
            return Err("lock_reduction_interval must be at least 1");
        }
        Ok(())
    }
}

impl Default for SubnetSettings {
    /// For blocks of 12 s: locks fall over two weeks, one creation and one change of a parameter a day.
    fn default() -> Self {
        Self {
            default_params: Hyperparameters::default(),
            min_lock: 1_000 * LRL,
            lock_reduction_interval: 100_800,
            create_rate_limit: 7_200,
            parameter_cooldown: 7_200,
        }
    }
}
