//! From a call to the extrinsic that a node takes.
use crate::{runtime::Runtime, Block, Call, ChainError, Keypair};
use laurel_types::{Balance, BlockNumber};
use subxt::{
    config::{substrate::SubstrateExtrinsicParamsBuilder, SubstrateConfig},
    ext::scale_encode::{self, EncodeAsFields, FieldIter, TypeResolver},
    tx::Payload,
    utils::{AccountId32, MultiSignature},
};

/// Blocks for which a transaction can be included, beginning with the one after its birth.
pub(crate) const LIFETIME: BlockNumber = 64;

/// The signed extrinsic, as the node takes it.
pub(crate) fn sign(
    runtime: &Runtime,
    key: &Keypair,
    call: &Call,
    nonce: u64,
    tip: Balance,
    birth: Block,
) -> Result<Vec<u8>, ChainError> {
    let payload = Encoded::new(runtime, call)?;
    let params = SubstrateExtrinsicParamsBuilder::<SubstrateConfig>::new()
        .nonce(nonce)
        .tip(tip.into())
        .mortal_from_unchecked(LIFETIME.into(), birth.number.into(), birth.hash.into())
        .build();
    let incompatible = |e: subxt::error::ExtrinsicError| ChainError::incompatible("the transaction format", e);
    let mut transaction = runtime
        .offline
        .tx()
        .create_signable_offline(&payload, params)
        .map_err(incompatible)?;
    Ok(transaction.sign(key).map_err(incompatible)?.into_encoded())
}

/// The extrinsic of a call that authorizes itself: a general one with the chain's extensions, and nobody's signature.
pub(crate) fn authorized(runtime: &Runtime, call: &Call, birth: Block) -> Result<Vec<u8>, ChainError> {
    let payload = Encoded::new(runtime, call)?;
    let params = SubstrateExtrinsicParamsBuilder::<SubstrateConfig>::new()
        .mortal_from_unchecked(LIFETIME.into(), birth.number.into(), birth.hash.into())
        .build();
    let incompatible = |e: subxt::error::ExtrinsicError| ChainError::incompatible("the transaction format", e);
    let mut transaction = runtime
        .offline
        .tx()
        .create_v5_signable_offline(&payload, params)
        .map_err(incompatible)?;
    // The chain has no extension that carries a signature, so that none is written.
    let nobody = (AccountId32([0; 32]), MultiSignature::Sr25519([0; 64]));
    let transaction = transaction
        .sign_with_account_and_signature(&nobody.0, &nobody.1)
        .map_err(incompatible)?;
    Ok(transaction.into_encoded())
}

/// A call whose arguments are encoded already.
struct Encoded {
    pallet: &'static str,
    name: &'static str,
    args: Args,
}

impl Encoded {
    fn new(runtime: &Runtime, call: &Call) -> Result<Self, ChainError> {
        let (pallet, name) = call.name();
        // The library writes the two call numbers itself.
        let args = call.encode(&runtime.metadata)?.split_off(2);
        Ok(Self {
            pallet,
            name,
            args: Args(args),
        })
    }
}

struct Args(Vec<u8>);

impl EncodeAsFields for Args {
    fn encode_as_fields_to<R: TypeResolver>(
        &self,
        _: &mut dyn FieldIter<'_, R::TypeId>,
        _: &R,
        out: &mut Vec<u8>,
    ) -> Result<(), scale_encode::Error> {
        out.extend(&self.0);
        Ok(())
    }
}

impl Payload for Encoded {
    type CallData = Args;

    fn pallet_name(&self) -> &str {
        self.pallet
    }

    fn call_name(&self) -> &str {
        self.name
    }

    fn call_data(&self) -> &Args {
        &self.args
    }
}
