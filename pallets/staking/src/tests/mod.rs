//! One file a behaviour.
mod hotkeys;
mod payouts;
mod pools;
mod reading;
mod sequences;
mod staking;
