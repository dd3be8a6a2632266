//! The calls of each pallet that [`Call`] does not list itself, as functions. Amounts are leaves; the sender is whoever signs.
//!
//! ```
//! use laurel_chain::{calls, AccountId};
//!
//! let (from, to) = (AccountId([1; 32]), AccountId([2; 32]));
//! let all = calls::staking::move_stake(&from, &to, None);
//! assert_eq!(all.name(), ("Staking", "move_stake"));
//! ```
pub mod children;
pub mod governance;
pub mod keys;
pub mod neurons;
pub mod prepaid;
pub mod proxies;
pub mod scoring;
pub mod staking;
pub mod subnets;

use crate::{Argument, Call, NamedCall};
