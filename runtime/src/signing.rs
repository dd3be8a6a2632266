//! Transactions as a native client signs them: for tests and measurements, so that what a transaction carries stands beside the type that
//! says it ([`TxExtension`]). Wallets read it from the metadata instead.
use crate::{AccountId, Address, Balance, Hash, Nonce, RuntimeCall, Signature, SignedPayload};
use crate::{TxExtension, UncheckedExtrinsic};
use codec::Encode;
use sp_core::{sr25519, Pair};
use sp_runtime::generic::Era;

/// What of a chain a signature binds to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainFacts {
    /// Hash of the first block.
    pub genesis: Hash,
    /// Version of the runtime.
    pub spec_version: u32,
    /// Version of the transactions' encoding.
    pub transaction_version: u32,
}

/// What a transaction carries besides its call and signature: an immortal one with a `tip` in leaves.
pub fn extension(nonce: Nonce, tip: Balance) -> TxExtension {
    (
        frame_system::AuthorizeCall::new(),
        frame_system::CheckNonZeroSender::new(),
        frame_system::CheckSpecVersion::new(),
        frame_system::CheckTxVersion::new(),
        frame_system::CheckGenesis::new(),
        frame_system::CheckMortality::from(Era::Immortal),
        frame_system::CheckNonce::from(nonce),
        frame_system::CheckWeight::new(),
        pallet_transaction_payment::ChargeTransactionPayment::from(tip),
        frame_metadata_hash_extension::CheckMetadataHash::new(false),
        frame_system::WeightReclaim::new(),
    )
}

/// A transaction that `signer` signs for the chain.
pub fn signed(
    chain: &ChainFacts,
    signer: &sr25519::Pair,
    nonce: Nonce,
    tip: Balance,
    call: RuntimeCall,
) -> UncheckedExtrinsic {
    let implicit = (
        (),
        (),
        chain.spec_version,
        chain.transaction_version,
        chain.genesis,
        chain.genesis,
        (),
        (),
        (),
        None,
        (),
    );
    seal(signer, SignedPayload::from_raw(call, extension(nonce, tip), implicit))
}

/// Signs a payload.
pub fn seal(signer: &sr25519::Pair, payload: SignedPayload) -> UncheckedExtrinsic {
    let signature = Signature::Sr25519(payload.using_encoded(|bytes| signer.sign(bytes)));
    let (call, extension, _) = payload.deconstruct();
    let account = AccountId::from(signer.public());
    UncheckedExtrinsic::new_signed(call, Address::Id(account), signature, extension)
}

/// A transaction that nobody signs.
pub fn unsigned(call: RuntimeCall) -> UncheckedExtrinsic {
    UncheckedExtrinsic::new_transaction(call, extension(0, 0))
}
