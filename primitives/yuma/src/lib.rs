//! The mathematics of Laurel: score consensus, bonds, root split, emission, prices.
#![cfg_attr(not(feature = "std"), no_std)]
