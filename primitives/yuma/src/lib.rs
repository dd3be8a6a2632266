//! The mathematics of Laurel: score consensus, bonds, root split, emission, prices.
//!
//! Validators say how good each miner is; [`epoch()`] turns what they said into pay. A weight counts only as far as
//! validators holding a `kappa`-majority of stake support it, miners earn by the stake-weighted sum of what is left,
//! and validators earn by their bonds: a moving average of what they said, so that being right early pays.
//! [`root_split`] does the simpler thing between subnets.
//!
//! Nothing here reads storage or the clock: every function maps inputs to outputs. There are no floating-point numbers, so every
//! machine gets the same bits; and no function panics, whatever its input, because the callers are the chain's hooks.
//! What is divided between many ([`apportion()`]) sums exactly to what was there.
//!
//! ```
//! use laurel_yuma::{apportion, epoch, EpochInput, EpochParams, NeuronInput, PermitRule};
//!
//! // Neuron 0 validates with all stake; it gives miner 1 three times the weight of miner 2.
//! let neuron = |stake, permit| NeuronInput { stake, last_update: 5, registered_at: 1, permit };
//! let output = epoch(&EpochInput {
//!     now: 10,
//!     params: EpochParams {
//!         kappa: 32_767,
//!         activity_cutoff: 100,
//!         bonds_moving_average: 900_000,
//!         bonds_penalty: u16::MAX,
//!         max_validators: 1,
//!         liquid_alpha: None,
//!         permit_rule: PermitRule::PositiveStake,
//!     },
//!     neurons: &[neuron(1_000, true), neuron(0, false), neuron(0, false)],
//!     weights: &[vec![(1, 65_535), (2, 21_845)], vec![], vec![]],
//!     bonds: &[vec![], vec![], vec![]],
//! });
//! assert_eq!(apportion(4_000, &output.incentive_share), [0, 3_000, 1_000]);
//! assert_eq!(output.permits, [true, false, false]);
//! ```
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod apportion;
mod bonds;
mod column;
mod demand;
mod emission;
mod epoch;
mod fixed;
mod freshness;
mod ledger;
mod lock;
mod median;
mod payout;
mod price;
mod proportion;
mod root;
mod standing;
mod tiles;
mod topk;
mod transcendental;
mod upscale;

pub use apportion::apportion;
pub use bonds::{logistic, quantile, LiquidAlpha};
pub use demand::{halved, raised};
pub use emission::{block_emission, halving_threshold, halvings, HALVINGS, INITIAL_EMISSION};
pub use epoch::{epoch, epoch_in_detail, EpochDetail, EpochInput, EpochOutput, EpochParams, NeuronInput};
pub use fixed::Fixed;
pub use freshness::{Change, TOLERANCE, WHOLE};
pub use lock::lock_cost;
pub use median::{weighted_median, Vote};
pub use price::{adjust_price, PriceRule};
pub use root::{root_split, RootInput};
pub use standing::Standing;
pub use tiles::{AsEntries, Entries};
pub use topk::{is_topk, top_staked, PermitRule};
pub use transcendental::{exp, ln, log2};
pub use upscale::{max_upscale, max_upscale_u16, within_max_weight};
