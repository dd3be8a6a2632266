//! Who backs whom: pools, shares, take.
#![cfg_attr(not(feature = "std"), no_std)]
