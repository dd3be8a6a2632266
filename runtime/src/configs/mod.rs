//! How each pallet is tuned and whom it knows; one file a pallet, FRAME's small ones together by subject.
mod balances;
mod children;
mod consensus;
mod fees;
mod governance;
mod keys;
mod neurons;
mod prepaid;
mod proxies;
mod rewards;
mod root;
mod scoring;
mod staking;
mod subnets;
mod system;

pub use balances::EXISTENTIAL_DEPOSIT;
pub use fees::{LengthToFee, WeightToFee};
pub use governance::{CouncilInstance, MAX_COUNCIL, SAFE_MODE_BLOCKS};
pub use system::{BlockLength, BlockWeights};
