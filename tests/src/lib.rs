//! Whole-network tests.
pub mod local_network;
