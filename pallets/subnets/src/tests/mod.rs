//! One file a behaviour.
mod creation;
mod invariants;
mod models;
mod parameters;
