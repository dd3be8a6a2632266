//! One file a behaviour.
mod lifecycle;
mod reading;
mod seats;
mod split;
mod weights;
