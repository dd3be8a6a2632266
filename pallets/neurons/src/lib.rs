//! Who holds a uid: registration, price, immunity, eviction, axons.
#![cfg_attr(not(feature = "std"), no_std)]
