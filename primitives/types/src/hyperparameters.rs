//! What a subnet's owner can tune, with the range of each.
use crate::{Balance, LRL, MAX_UIDS};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Declares the parameters once: the struct, the change a setter takes, the range check.
macro_rules! hyperparameters {
    ($( $(#[$doc:meta])* $field:ident / $variant:ident : $ty:ty = $default:expr, $valid:expr; )*) => {
        /// The hyperparameters of one subnet, as in force during one epoch.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
            Serialize, Deserialize,
        )]
        pub struct Hyperparameters {
            $( $(#[$doc])* pub $field: $ty, )*
        }

        /// A change of one hyperparameter.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
            Serialize, Deserialize,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum Hyperparameter {
            $( $(#[$doc])* $variant($ty), )*
        }

        impl Default for Hyperparameters {
            fn default() -> Self {
                Self { $( $field: $default, )* }
            }
        }

        impl Hyperparameters {
            /// These parameters with one changed. Fails when the value, or the set that results, is out of range.
            pub fn with(mut self, change: Hyperparameter) -> Result<Self, OutOfRange> {
                match change {
                    $( Hyperparameter::$variant(value) => {
                        let valid: fn(&$ty) -> bool = $valid;
                        if !valid(&value) {
                            return Err(OutOfRange(stringify!($field)));
                        }
                        self.$field = value;
                    } )*
                }
                self.check()?;
                Ok(self)
            }

            /// Checks every range and every rule between parameters.
            pub fn check(&self) -> Result<(), OutOfRange> {
                $( {
                    let valid: fn(&$ty) -> bool = $valid;
                    if !valid(&self.$field) {
                        return Err(OutOfRange(stringify!($field)));
                    }
                } )*
                if self.min_burn > self.max_burn {
                    return Err(OutOfRange("min_burn"));
                }
                if self.max_validators > self.max_uids {
                    return Err(OutOfRange("max_validators"));
                }
                if self.min_allowed_weights >= self.max_uids {
                    return Err(OutOfRange("min_allowed_weights"));
                }
                Ok(())
            }
        }

        impl Hyperparameter {
            /// Position of the parameter in [`Hyperparameters`]; keys its cool-down.
            pub fn index(&self) -> u8 {
                let mut index = 0;
                $(
                    if matches!(self, Self::$variant(_)) {
                        return index;
                    }
                    index += 1;
                )*
                index
            }

            /// The field's name, as documents and clients write it.
            pub fn name(&self) -> &'static str {
                match self { $( Self::$variant(_) => stringify!($field), )* }
            }
        }
    };
}

hyperparameters! {
    /// Blocks of one epoch. Range 5 to 7200.
    tempo / Tempo: u16 = 360, |v| (5..=7_200).contains(v);
    /// Part of active stake, in 65535ths, that must support a weight for it to count. Range 0.2 to 0.9.
    kappa / Kappa: u16 = 32_767, |v| (13_107..=58_982).contains(v);
    /// Blocks for which a new neuron cannot be evicted while another can. Range 0 to 50400.
    immunity_period / ImmunityPeriod: u32 = 5_000, |v| *v <= 50_400;
    /// Fewest entries of a weight row. Range 1 to 255.
    min_allowed_weights / MinAllowedWeights: u16 = 1, |v| (1..MAX_UIDS as u16).contains(v);
    /// Largest share of one entry in its row, in 65535ths. Range 0.01 to 1.
    max_weight_limit / MaxWeightLimit: u16 = u16::MAX, |v| *v >= 655;
    /// Neurons of the subnet. Range 4 to 256.
    max_uids / MaxUids: u16 = MAX_UIDS as u16, |v| (4..=MAX_UIDS as u16).contains(v);
    /// Permits given each epoch. Range 1 to 256.
    max_validators / MaxValidators: u16 = 64, |v| (1..=MAX_UIDS as u16).contains(v);
    /// Lowest version key that a weight row must carry; 0 admits any.
    weights_version / WeightsVersion: u64 = 0, |_| true;
    /// Blocks between two direct weight rows of one validator. Range 0 to 7200.
    weights_rate_limit / WeightsRateLimit: u32 = 100, |v| *v <= 7_200;
    /// Blocks after which a validator that set no weights counts as inactive. Range 10 to 50400.
    activity_cutoff / ActivityCutoff: u32 = 5_000, |v| (10..=50_400).contains(v);
    /// Part of the old bonds kept each epoch, in millionths. Range 0 to 0.999999.
    bonds_moving_average / BondsMovingAverage: u32 = 900_000, |v| *v < 1_000_000;
    /// Liquid alpha's bounds `(low, high)` in 65535ths; none: the plain moving average. 0 < low ≤ high, high ≥ 0.8.
    liquid_alpha / LiquidAlpha: Option<(u16, u16)> = None,
        |v| v.is_none_or(|(low, high)| low > 0 && low < 52_428 && high >= 52_428);
    /// Whether weights are committed in one epoch and revealed in the next; off: set directly.
    commit_reveal / CommitReveal: bool = true, |_| true;
    /// Whether new neurons can register; also whether the subnet takes part in emission.
    registration_allowed / RegistrationAllowed: bool = true, |_| true;
    /// Lowest registration price, in leaves. At least 1.
    min_burn / MinBurn: Balance = LRL / 1_000, |v| *v >= 1;
    /// Highest registration price, in leaves. At most 10000 LRL.
    max_burn / MaxBurn: Balance = 100 * LRL, |v| (1..=10_000 * LRL).contains(v);
    /// Blocks between two adjustments of the registration price. Range 1 to 50400.
    adjustment_interval / AdjustmentInterval: u16 = 360, |v| (1..=50_400).contains(v);
    /// Part of the old price kept at an adjustment, in u64::MAX-ths.
    adjustment_alpha / AdjustmentAlpha: u64 = 0, |_| true;
    /// Registrations an interval at which the price stays. Range 1 to 256.
    target_registrations / TargetRegistrations: u16 = 1, |v| (1..=MAX_UIDS as u16).contains(v);
    /// Registrations that one block admits. Range 1 to 256.
    max_registrations_per_block / MaxRegistrationsPerBlock: u16 = 1, |v| (1..=MAX_UIDS as u16).contains(v);
    /// Blocks for which an axon record counts unless renewed. Range 10 to 50400.
    axon_lifetime / AxonLifetime: u32 = 1_200, |v| (10..=50_400).contains(v);
}

/// The named parameter is outside its range, or in conflict with another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfRange(pub &'static str);

impl core::fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "hyperparameter {} is out of range", self.0)
    }
}

#[cfg(feature = "std")]
impl std::error::Error for OutOfRange {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_in_range() {
        Hyperparameters::default().check().unwrap();
    }

    #[test]
    fn a_change_out_of_range_or_in_conflict_names_the_parameter() {
        let p = Hyperparameters::default();
        assert_eq!(p.with(Hyperparameter::Tempo(0)), Err(OutOfRange("tempo")));
        assert_eq!(
            p.with(Hyperparameter::MinBurn(p.max_burn + 1)),
            Err(OutOfRange("min_burn"))
        );
        assert_eq!(p.with(Hyperparameter::MaxUids(32)), Err(OutOfRange("max_validators")));
        assert_eq!(p.with(Hyperparameter::Tempo(99)).unwrap().tempo, 99);
    }
}
