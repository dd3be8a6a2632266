//! One file a behaviour.
mod axons;
mod eviction;
mod invariants;
mod price;
mod registration;
mod removal;
mod swap;
mod work;
