//! What payers and gateways can rely on.
mod drawing;
mod invariants;
mod paying;
mod reading;
mod sequences;
mod swaps;
