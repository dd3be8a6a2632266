//! What a database read and write cost, measured by `scripts/bench.sh database`: do not edit.
//!
//! 2026-11-23, AMD EPYC, ParityDb with 1000000 accounts, no trie cache, files in memory; averages for values of 80 bytes, and for
//! blocks that change 10000 of them one after another.
use frame_support::{
    parameter_types,
    weights::{constants::WEIGHT_REF_TIME_PER_NANOS, RuntimeDbWeight},
};

parameter_types! {
    /// Picoseconds of reading a value, and of writing one.
    pub const DatabaseWeight: RuntimeDbWeight = RuntimeDbWeight {
        read: 8604 * WEIGHT_REF_TIME_PER_NANOS,
        write: 35320 * WEIGHT_REF_TIME_PER_NANOS,
    };
}
