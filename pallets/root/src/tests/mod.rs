//! One file a behaviour.
mod reading;
mod seats;
mod split;
mod weights;
