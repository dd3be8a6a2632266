//! What validators said: permits, commit and reveal, weights, bonds, the epoch.
#![cfg_attr(not(feature = "std"), no_std)]
