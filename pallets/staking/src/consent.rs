//! How a hotkey's consent is checked.
use laurel_types::HotkeyConsent;
use sp_core::sr25519;
use sp_runtime::AccountId32;

/// Whether a signature is a hotkey's.
pub trait VerifyConsent<AccountId> {
    /// Whether `consent` is `hotkey`'s signature over `message`.
    fn verify(message: &[u8], consent: &HotkeyConsent, hotkey: &AccountId) -> bool;
    /// A hotkey that can sign in benchmarks, another one for each `index`.
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_hotkey(index: u32) -> AccountId;
    /// The signature of the hotkey with this `index` over `message`.
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_sign(index: u32, message: &[u8]) -> HotkeyConsent;
}

/// Accounts are sr25519 public keys, as hotkeys have to be.
pub struct Sr25519;

impl VerifyConsent<AccountId32> for Sr25519 {
    fn verify(message: &[u8], consent: &HotkeyConsent, hotkey: &AccountId32) -> bool {
        let public = sr25519::Public::from_raw(*AsRef::<[u8; 32]>::as_ref(hotkey));
        sp_io::crypto::sr25519_verify(&sr25519::Signature::from_raw(consent.0), message, &public)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_hotkey(index: u32) -> AccountId32 {
        benchmark_key(index).0.into()
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_sign(index: u32, message: &[u8]) -> HotkeyConsent {
        let signature = sp_io::crypto::sr25519_sign(BENCHMARK_KEYS, &benchmark_key(index), message)
            .expect("the benchmarks' keystore has the key that was just made");
        HotkeyConsent(signature.0)
    }
}

#[cfg(feature = "runtime-benchmarks")]
const BENCHMARK_KEYS: sp_core::crypto::KeyTypeId = sp_core::crypto::KeyTypeId(*b"bnch");

/// A key in the keystore that benchmarks run with.
#[cfg(feature = "runtime-benchmarks")]
fn benchmark_key(index: u32) -> sr25519::Public {
    let seed = alloc::format!("//laurel-benchmark-{index}");
    sp_io::crypto::sr25519_generate(BENCHMARK_KEYS, Some(seed.into_bytes()))
}
