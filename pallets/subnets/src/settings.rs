//! What a chain decides for all of its subnets: at genesis, and later by root.
use crate::{Config, Error, Event, Pallet, Settings};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use laurel_types::{Balance, BlockNumber, Hyperparameters, LRL, MAX_SUBNETS};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_runtime::DispatchResult;

/// How a chain creates, tunes and ends subnets.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize,
)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct SubnetSettings {
    /// Parameters with which a subnet begins.
    pub default_params: Hyperparameters,
    /// Subnets that exist at one time; a further one takes the place of the weakest. Range 1 to `MAX_SUBNETS`. Lowered below their
    /// number, none ends for it, but each creation still replaces one.
    pub max_subnets: u32,
    /// Blocks for which a new subnet cannot be replaced.
    pub immunity_period: BlockNumber,
    /// Lowest lock, in leaves.
    pub min_lock: Balance,
    /// Blocks in which the lock falls by the amount of the last one. At least 1.
    pub lock_reduction_interval: BlockNumber,
    /// Blocks between two creations.
    pub create_rate_limit: BlockNumber,
    /// Blocks of existence after which a subnet's whole lock is refunded.
    pub lock_vesting: BlockNumber,
    /// Part of the lock, in percent, that is burned where a subnet ends in the block of its creation; it falls linearly to nothing
    /// over `lock_vesting`. Range 0 to 100.
    pub early_end_burn: u8,
    /// Blocks between the announcement of a dissolution and the dissolution.
    pub dissolution_delay: BlockNumber,
    /// Blocks for which a parameter rests after its owner changed it.
    pub parameter_cooldown: BlockNumber,
    /// Last blocks of an epoch in which an owner can change nothing; at most a quarter of the epoch counts.
    pub freeze_window: BlockNumber,
    /// Deposit for an identity of no bytes, in leaves.
    pub identity_deposit: Balance,
    /// Deposit for each byte of an identity, in leaves.
    pub identity_byte_deposit: Balance,
}

impl SubnetSettings {
    /// Whether subnets can be created under these settings; the error names the field.
    pub fn check(&self) -> Result<(), &'static str> {
        self.default_params.check().map_err(|out_of_range| out_of_range.0)?;
        if !(1..=MAX_SUBNETS).contains(&self.max_subnets) {
            return Err("max_subnets is out of range");
        }
        if self.lock_reduction_interval == 0 {
            return Err("lock_reduction_interval must be at least 1");
        }
        if self.early_end_burn > 100 {
            return Err("early_end_burn is more than 100 percent");
        }
        Ok(())
    }

    /// What is burned of a lock when its subnet ends at this age; the rest is refunded. Rounded up.
    pub fn burned_of(&self, lock: Balance, age: BlockNumber) -> Balance {
        let left = u128::from(self.lock_vesting.saturating_sub(age));
        // 64 bits, 7 and 32: no overflow.
        let parts = u128::from(lock) * u128::from(self.early_end_burn) * left;
        let burned = parts.div_ceil(100 * u128::from(self.lock_vesting).max(1));
        // At most the lock, so it fits.
        burned.min(u128::from(lock)) as Balance
    }
}

impl Default for SubnetSettings {
    /// For blocks of 12 s: locks fall over two weeks and vest over six, one creation and one change of a parameter a day, a week of
    /// immunity, five days of warning.
    fn default() -> Self {
        Self {
            default_params: Hyperparameters::default(),
            max_subnets: MAX_SUBNETS,
            immunity_period: 50_400,
            min_lock: 1_000 * LRL,
            lock_reduction_interval: 100_800,
            create_rate_limit: 7_200,
            lock_vesting: 302_400,
            early_end_burn: 50,
            dissolution_delay: 36_000,
            parameter_cooldown: 7_200,
            freeze_window: 20,
            identity_deposit: LRL / 10,
            identity_byte_deposit: LRL / 1_000,
        }
    }
}

impl<T: Config> Pallet<T> {
    /// Replaces the settings; see the call.
    pub(crate) fn replace_settings(settings: SubnetSettings) -> DispatchResult {
        settings.check().map_err(|_| Error::<T>::SettingsOutOfRange)?;
        Settings::<T>::put(&settings);
        Self::deposit_event(Event::SettingsChanged { settings });
        Ok(())
    }
}
