//! The account id as clients write it: an ss58 address of this network.
use codec::{Decode, Encode};
use laurel_types::SS58_PREFIX;
use serde::{de, Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};
use subxt::utils::AccountId32;
use subxt_signer::sr25519::{Keypair, PublicKey};

/// A public key that names an account. Written and parsed as an ss58 address with prefix 42.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct AccountId(pub [u8; 32]);

/// The text is not an address of this network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnAddress {
    /// Not ss58, or the check sum does not fit.
    #[error("'{0}' is not an ss58 address: copy it whole, it begins with a 5 and has 48 letters and digits")]
    Malformed(String),
    /// A valid address of another network.
    #[error("'{0}' is an address of another network: use the form with prefix {SS58_PREFIX}")]
    OtherNetwork(String),
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        AccountId32(self.0).fmt(f)
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for AccountId {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        let account = AccountId32::from_str(text).map_err(|_| NotAnAddress::Malformed(text.into()))?;
        // The decoder accepts any prefix; writing the key again shows whether it was ours.
        if account.to_string() != text {
            return Err(NotAnAddress::OtherNetwork(text.into()));
        }
        Ok(Self(account.0))
    }
}

impl Serialize for AccountId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for AccountId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl From<[u8; 32]> for AccountId {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl From<AccountId> for [u8; 32] {
    fn from(account: AccountId) -> Self {
        account.0
    }
}

impl From<PublicKey> for AccountId {
    fn from(key: PublicKey) -> Self {
        Self(key.0)
    }
}

impl From<&Keypair> for AccountId {
    fn from(key: &Keypair) -> Self {
        key.public_key().into()
    }
}

impl AsRef<[u8]> for AccountId {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";

    #[test]
    fn the_development_key_has_its_well_known_address() {
        let alice = AccountId::from(&subxt_signer::sr25519::dev::alice());
        assert_eq!(alice.to_string(), ALICE);
        assert_eq!(ALICE.parse(), Ok(alice));
    }

    #[test]
    fn a_misspelt_address_and_one_of_another_network_are_told_apart() {
        let misspelt = ALICE.replace("Grw", "Grx");
        assert_eq!(misspelt.parse::<AccountId>(), Err(NotAnAddress::Malformed(misspelt)));
        // The same key in the form of prefix 0.
        let polkadot = "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5";
        assert_eq!(
            polkadot.parse::<AccountId>(),
            Err(NotAnAddress::OtherNetwork(polkadot.into()))
        );
    }
}
