//! The public key that signs a neuron's work, and its address.
use crate::digest::Hash;
use blake2::{Blake2b512, Digest};
use codec::{Decode, Encode};
use laurel_types::SS58_PREFIX;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};
use subxt_signer::sr25519::{self, Keypair, PublicKey, Signature};

/// Longest base58 text of one prefix byte, 32 bytes of key and two of checksum.
const MAX_ADDRESS_CHARS: usize = 50;

/// An sr25519 public key, written as an ss58 address with the chain's prefix.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct Hotkey(pub [u8; 32]);

/// The text is not an address of this chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// Not base58, or not of the length of an address.
    #[error("not an ss58 address")]
    NotAnAddress,
    /// An address of a chain with another prefix.
    #[error("an address with another prefix than {SS58_PREFIX}")]
    OtherPrefix,
    /// A character is wrong or missing.
    #[error("an ss58 address with a wrong checksum")]
    Checksum,
}

impl Hotkey {
    /// The public half of `keypair`.
    pub fn of(keypair: &Keypair) -> Self {
        Self(keypair.public_key().0)
    }

    /// Whether this key made `signature` over `message`.
    pub fn has_signed(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        sr25519::verify(&Signature(*signature), message, &PublicKey(self.0))
    }
}

fn checksum(prefix_and_key: &[u8]) -> [u8; 2] {
    let digest = Blake2b512::new()
        .chain_update(b"SS58PRE")
        .chain_update(prefix_and_key)
        .finalize();
    [digest[0], digest[1]]
}

impl fmt::Display for Hotkey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The prefix is below 64, so it takes one byte.
        let mut bytes = vec![SS58_PREFIX as u8];
        bytes.extend(self.0);
        bytes.extend(checksum(&bytes));
        f.write_str(&bs58::encode(bytes).into_string())
    }
}

impl fmt::Debug for Hotkey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hotkey({self})")
    }
}

impl FromStr for Hotkey {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        // Decoding base58 takes time quadratic in the length.
        if text.len() > MAX_ADDRESS_CHARS {
            return Err(BadAddress::NotAnAddress);
        }
        let bytes = bs58::decode(text).into_vec().map_err(|_| BadAddress::NotAnAddress)?;
        let bytes: [u8; 35] = bytes.try_into().map_err(|_| BadAddress::NotAnAddress)?;
        let (body, sum) = bytes.split_at(33);
        if sum != checksum(body) {
            return Err(BadAddress::Checksum);
        }
        if u16::from(body[0]) != SS58_PREFIX {
            return Err(BadAddress::OtherPrefix);
        }
        let mut key = Hash::default();
        key.copy_from_slice(&body[1..]);
        Ok(Self(key))
    }
}

impl From<[u8; 32]> for Hotkey {
    fn from(key: [u8; 32]) -> Self {
        Self(key)
    }
}

impl Serialize for Hotkey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hotkey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use subxt_signer::sr25519::dev;

    #[test]
    fn an_address_is_the_one_that_every_substrate_wallet_shows() {
        let alice = Hotkey::of(&dev::alice());
        assert_eq!(alice.to_string(), "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY");
        assert_eq!("5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY".parse(), Ok(alice));
    }

    #[test]
    fn a_wrong_address_says_what_is_wrong() {
        // Alice on Polkadot, prefix 0.
        let other = "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5";
        assert_eq!(other.parse::<Hotkey>(), Err(BadAddress::OtherPrefix));
        let typo = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQZ";
        assert_eq!(typo.parse::<Hotkey>(), Err(BadAddress::Checksum));
        assert_eq!("".parse::<Hotkey>(), Err(BadAddress::NotAnAddress));
        assert_eq!("1".repeat(100_000).parse::<Hotkey>(), Err(BadAddress::NotAnAddress));
    }
}
