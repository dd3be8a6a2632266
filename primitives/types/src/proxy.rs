//! What an account can let another one do in its name: the types of proxies, as chain and clients name them.
use crate::{Balance, LRL};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;

/// The most that one transfer by a [`ProxyType::SmallTransfer`] proxy can move, in leaves.
pub const SMALL_TRANSFER: Balance = LRL / 2;

/// Declares the types once: the enum, the list, the names, what each admits.
macro_rules! proxy_types {
    ($( #[doc = $doc:literal] $( #[$attribute:ident] )? $name:ident, )*) => {
        /// What an account lets another one do in its name.
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking,
            MaxEncodedLen, TypeInfo,
        )]
        pub enum ProxyType {
            $( #[doc = $doc] $( #[$attribute] )? $name, )*
        }

        impl ProxyType {
            /// All of them.
            pub const ALL: &'static [Self] = &[ $( Self::$name, )* ];

            /// The variant's name, as the chain's metadata has it.
            pub const fn name(self) -> &'static str {
                match self { $( Self::$name => stringify!($name), )* }
            }

            /// What it admits, in a sentence.
            pub const fn admits(self) -> &'static str {
                match self { $( Self::$name => $doc.trim_ascii(), )* }
            }
        }
    };
}

proxy_types! {
    /// Everything, what comes later included.
    #[default]
    Any,
    /// Owning subnets: hyperparameters, models, identity. Neither creating nor dissolving them.
    Owner,
    /// Registering hotkeys in subnets and for root seats.
    Registration,
    /// Adding, removing and moving stake of the account's own; setting takes. Never to another coldkey.
    Staking,
    /// Children of the account's hotkeys and their takes.
    ChildKeys,
    /// Weights of root seats.
    RootWeights,
    /// Weights and axons of the account, which is a hotkey then.
    Weights,
    /// Transfers of any amount, and deposits for gateways, which can draw them.
    Transfer,
    /// Transfers of at most half an LRL each.
    SmallTransfer,
    /// Council motions, votes on proposals, preimages.
    Governance,
}

impl fmt::Display for ProxyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
