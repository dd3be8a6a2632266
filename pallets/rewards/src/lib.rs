//! What is minted and who is paid.
#![cfg_attr(not(feature = "std"), no_std)]
