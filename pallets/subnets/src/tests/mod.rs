//! One file a behaviour.
mod creation;
mod ending;
mod identity;
mod invariants;
mod models;
mod ownership;
mod parameters;
mod replacement;
