//! A hotkey's consent to belong to a coldkey, as calls that make a hotkey known carry it.
use crate::{AccountId, BlockHash, Keypair};
use laurel_types::{consent_preimage, HotkeyConsent};

/// The consent of `hotkey` to belong to `coldkey` on the chain with this genesis block.
///
/// ```
/// use laurel_chain::{consent, AccountId, BlockHash};
/// use subxt_signer::sr25519::{dev, verify, Signature};
///
/// let coldkey = AccountId::from(&dev::alice());
/// let consent = consent(BlockHash([1; 32]), &dev::bob(), &coldkey);
/// let message = laurel_types::consent_preimage(&[1u8; 32], &AccountId::from(&dev::bob()), &coldkey);
/// assert!(verify(&Signature(consent.0), message, &dev::bob().public_key()));
/// ```
pub fn consent(genesis: BlockHash, hotkey: &Keypair, coldkey: &AccountId) -> HotkeyConsent {
    let message = consent_preimage(&genesis.0, &AccountId::from(hotkey), coldkey);
    HotkeyConsent(hotkey.sign(&message).0)
}
