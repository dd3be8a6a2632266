//! What a subnet is: creation, owner, lock, hyperparameters, accepted models.
#![cfg_attr(not(feature = "std"), no_std)]
