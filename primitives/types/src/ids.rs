//! Newtypes for the numbers that name things.
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode,
            DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<$inner> for $name {
            fn from(value: $inner) -> Self {
                Self(value)
            }
        }
    };
}

id! {
    /// Number of a subnet, from 1. Never reused while anything of its predecessor remains.
    NetUid(u16)
}
id! {
    /// Slot of a neuron in its subnet, from 0. A uid outlives its holder: see [`RegistrationId`].
    Uid(u16)
}
id! {
    /// Names one registration of one hotkey for ever; unlike a [`Uid`] it is never given twice.
    RegistrationId(u64)
}
id! {
    /// Number of epochs that a subnet has completed; the running epoch has this index.
    EpochIndex(u64)
}

impl Uid {
    /// The uid as an index into per-uid vectors.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl EpochIndex {
    /// The epoch after this one.
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}
