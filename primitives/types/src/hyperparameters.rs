//! What a subnet's owner can tune, with the range of each.
use crate::{Balance, LRL, MAX_UIDS, MAX_VALIDATORS};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Who may change a parameter, under the conditions that the subnets pallet sets (cool-down, freeze window).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Setter {
    /// The subnet's owner, and root.
    Owner,
    /// Root alone: the parameter decides how much work the subnet makes for the whole chain, how much stake counts in it, or how fast
    /// the cost of joining follows demand.
    Root,
}

/// What is admissible for one parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// From the first to the second, both included.
    Between(u64, u64),
    /// Any value of its type.
    Any,
    /// What the parameter's documentation says.
    Documented,
}

/// One parameter, as tables and forms show it. Every change waits for the end of the running epoch and is told by the events
/// `HyperparameterSet` and `HyperparametersApplied`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Description {
    /// The field of [`Hyperparameters`].
    pub name: &'static str,
    /// Its type, as Rust writes it.
    pub ty: &'static str,
    /// What one of it is.
    pub unit: &'static str,
    /// What is admissible, apart from rules between parameters.
    pub range: Range,
    /// Who may change it.
    pub setter: Setter,
}

/// Liquid alpha's bounds as the classic protocol has them.
fn are_alphas(bounds: &Option<(u16, u16)>) -> bool {
    bounds.is_none_or(|(low, high)| low > 0 && low < 52_428 && high >= 52_428)
}

macro_rules! is_valid {
    ($value:expr, [$low:expr, $high:expr]) => {
        ((($low) as u64)..=(($high) as u64)).contains(&u64::from($value))
    };
    ($value:expr, any) => {{
        let _ = $value;
        true
    }};
    ($value:expr, ($check:path)) => {
        $check(&$value)
    };
}

macro_rules! range {
    ([$low:expr, $high:expr]) => {
        Range::Between(($low) as u64, ($high) as u64)
    };
    (any) => {
        Range::Any
    };
    (($check:path)) => {
        Range::Documented
    };
}

/// Declares the parameters once: the struct, the change a setter takes, the range check, the table.
macro_rules! hyperparameters {
    ($( $(#[$doc:meta])* $field:ident / $variant:ident : $ty:ty = $default:expr, $valid:tt, $setter:ident, $unit:literal; )*) => {
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
            /// All parameters, in the order of their [`Hyperparameter::index`].
            pub const DESCRIPTIONS: &'static [Description] = &[ $( Description {
                name: stringify!($field),
                ty: stringify!($ty),
                unit: $unit,
                range: range!($valid),
                setter: Setter::$setter,
            }, )* ];

            /// These parameters with one changed. Fails when the value, or the set that results, is out of range.
            pub fn with(mut self, change: Hyperparameter) -> Result<Self, OutOfRange> {
                match change {
                    $( Hyperparameter::$variant(value) => self.$field = value, )*
                }
                self.check()?;
                Ok(self)
            }

            /// Checks every range and every rule between parameters.
            pub fn check(&self) -> Result<(), OutOfRange> {
                $(
                    if !is_valid!(self.$field, $valid) {
                        return Err(OutOfRange(stringify!($field)));
                    }
                )*
                self.check_rules()
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

            /// Who may make this change.
            pub fn setter(&self) -> Setter {
                match self { $( Self::$variant(_) => Setter::$setter, )* }
            }
        }
    };
}

impl Hyperparameters {
    /// The rules between parameters.
    fn check_rules(&self) -> Result<(), OutOfRange> {
        if self.min_burn > self.max_burn {
            return Err(OutOfRange("min_burn"));
        }
        if self.min_difficulty > self.max_difficulty {
            return Err(OutOfRange("min_difficulty"));
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

hyperparameters! {
    /// Blocks of one epoch.
    tempo / Tempo: u16 = 360, [5, 7_200], Root, "blocks";
    /// Part of active stake that must support a weight for it to count.
    kappa / Kappa: u16 = 32_767, [13_107, 58_982], Owner, "65535ths";
    /// Blocks for which a new neuron cannot be evicted while another can.
    immunity_period / ImmunityPeriod: u32 = 5_000, [0, 50_400], Owner, "blocks";
    /// Fewest entries of a weight row; less than `max_uids`.
    min_allowed_weights / MinAllowedWeights: u16 = 1, [1, MAX_UIDS - 1], Owner, "entries";
    /// Largest share of one entry in its row.
    max_weight_limit / MaxWeightLimit: u16 = u16::MAX, [655, u16::MAX], Owner, "65535ths";
    /// Neurons of the subnet. Lowered below their number, newcomers replace and nobody else leaves.
    max_uids / MaxUids: u16 = 256, [4, MAX_UIDS], Root, "neurons";
    /// Permits given each epoch; at most `max_uids`.
    max_validators / MaxValidators: u16 = 64, [1, MAX_VALIDATORS], Root, "neurons";
    /// Lowest version key that a weight row must carry; 0 admits any.
    weights_version / WeightsVersion: u64 = 0, any, Owner, "version";
    /// Blocks between two direct weight rows of one validator.
    weights_rate_limit / WeightsRateLimit: u32 = 100, [0, 7_200], Owner, "blocks";
    /// Blocks after which a validator that set no weights counts as inactive.
    activity_cutoff / ActivityCutoff: u32 = 5_000, [10, 50_400], Owner, "blocks";
    /// Part of the old bonds kept each epoch; less than all.
    bonds_moving_average / BondsMovingAverage: u32 = 900_000, [0, 999_999], Owner, "millionths";
    /// How much a bond counts clipped weights: 65535 only those, as the classic protocol; 0 only unclipped ones.
    bonds_penalty / BondsPenalty: u16 = u16::MAX, [0, u16::MAX], Owner, "65535ths";
    /// How far an epoch's dividends shrink for weights that only repeat an earlier score consensus; 0: not at all.
    staleness_penalty / StalenessPenalty: u16 = u16::MAX, [0, u16::MAX], Owner, "65535ths";
    /// Liquid alpha's bounds `(low, high)`; none: the plain moving average. 0 < low < 52428 (0.8) <= high.
    liquid_alpha / LiquidAlpha: Option<(u16, u16)> = None, (are_alphas), Owner, "65535ths";
    /// Whether weights are committed in one epoch and revealed in a later one; off: set directly.
    commit_reveal / CommitReveal: bool = true, any, Owner, "switch";
    /// Epochs between commit and reveal.
    reveal_period / RevealPeriod: u16 = 1, [1, 4], Owner, "epochs";
    /// Stake of one hotkey that counts in the subnet; what is above it earns nothing there.
    max_stake / MaxStake: Balance = Balance::MAX, [1, Balance::MAX], Root, "leaves";
    /// Whether new neurons can register for the price; also whether the subnet takes part in emission.
    registration_allowed / RegistrationAllowed: bool = true, any, Owner, "switch";
    /// Lowest registration price.
    min_burn / MinBurn: Balance = LRL / 1_000, [1, MAX_BURN], Owner, "leaves";
    /// Highest registration price; not below `min_burn`. At this price registering is a matter of coming first.
    max_burn / MaxBurn: Balance = 1_000 * LRL, [1, MAX_BURN], Owner, "leaves";
    /// Whether new neurons can register by proof of work.
    pow_allowed / PowAllowed: bool = false, any, Owner, "switch";
    /// Lowest difficulty of proof of work.
    min_difficulty / MinDifficulty: u64 = 10_000_000, [1_000, u64::MAX], Owner, "expected tries";
    /// Highest difficulty of proof of work; not below `min_difficulty`.
    max_difficulty / MaxDifficulty: u64 = u64::MAX / 4, [1_000, u64::MAX], Owner, "expected tries";
    /// Blocks in which price and difficulty fall by half while nobody registers.
    demand_half_life / DemandHalfLife: u32 = 360, [1, 50_400], Root, "blocks";
    /// What a registration multiplies the price (or, by proof of work, the difficulty) by.
    demand_growth / DemandGrowth: u16 = 1_250, [1_010, 10_000], Root, "thousandths";
    /// Blocks for which an axon record counts unless renewed.
    axon_lifetime / AxonLifetime: u32 = 1_200, [10, 50_400], Owner, "blocks";
    /// Blocks between two publications of the same axon, and between free changes of one; at most half its lifetime counts.
    axon_interval / AxonInterval: u32 = 50, [1, 7_200], Owner, "blocks";
    /// Whether every text answer commits to the activations that it was read from; a miner that cannot refuses to start.
    activation_proofs / ActivationProofs: bool = false, any, Owner, "switch";
}

/// The range of registration prices ends here, in leaves.
pub const MAX_BURN: Balance = 10_000 * LRL;

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
        assert_eq!(
            p.with(Hyperparameter::MaxDifficulty(p.min_difficulty - 1)),
            Err(OutOfRange("min_difficulty"))
        );
    }

    #[test]
    fn the_table_has_every_parameter_in_the_order_of_its_index() {
        let json = serde_json::to_value(Hyperparameters::default()).unwrap();
        let table = Hyperparameters::DESCRIPTIONS;
        assert_eq!(json.as_object().unwrap().len(), table.len());
        for change in [
            Hyperparameter::Tempo(5),
            Hyperparameter::PowAllowed(true),
            Hyperparameter::AxonInterval(1),
            Hyperparameter::ActivationProofs(true),
        ] {
            let row = &table[usize::from(change.index())];
            assert_eq!((row.name, row.setter), (change.name(), change.setter()));
        }
        assert!(table
            .iter()
            .all(|row| !row.unit.is_empty() && json.get(row.name).is_some()));
        assert_eq!(table[0].range, Range::Between(5, 7_200));
    }

    #[test]
    fn every_parameter_is_documented_with_unit_range_and_setter() {
        let page = include_str!("../../../docs/subnets.md");
        for row in Hyperparameters::DESCRIPTIONS {
            let range = match row.range {
                Range::Between(low, high) => format!("{low} to {high}"),
                Range::Any => "any".into(),
                Range::Documented => "see there".into(),
            };
            let begins = format!("| `{}` | `{}` | {} | {range} |", row.name, row.ty, row.unit);
            let setter = format!("| {} |", if row.setter == Setter::Root { "root" } else { "owner" });
            let documented = page
                .lines()
                .any(|line| line.starts_with(&begins) && line.contains(&setter));
            assert!(
                documented,
                "docs/subnets.md has no row that begins with {begins} and says {setter}"
            );
        }
    }
}
