//! One file a behaviour.
mod mint;
mod payout;
mod pots;
mod queue;
mod removal;
mod steps;
