//! Whole-network tests.
pub mod development_node;
pub mod local_network;
