//! One file a behaviour.
mod earnings;
mod hotkeys;
mod nominations;
mod payouts;
mod pools;
mod reading;
mod sequences;
mod staking;
mod streams;
mod swaps;
mod time;
mod transfers;
