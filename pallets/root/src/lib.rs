//! The root network: seats, root weights, the split between subnets.
#![cfg_attr(not(feature = "std"), no_std)]
