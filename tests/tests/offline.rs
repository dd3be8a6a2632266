//! What a machine without network shows and signs is what the runtime decodes.
use codec::{Compact, Decode, DecodeAll, Encode};
use laurel_chain::{calls, AccountId, Block, BlockHash, Call, ChainError, Described, Keypair, UnsignedTransaction};
use laurel_runtime::{Runtime, RuntimeCall, SignedPayload, UncheckedExtrinsic, VERSION};
use laurel_types::LRL;
use sp_core::{sr25519, Pair};
use sp_runtime::{generic::Preamble, MultiAddress, MultiSignature};
use subxt::metadata::Metadata;

const TO: AccountId = AccountId([2; 32]);

fn key() -> Keypair {
    Keypair::from_uri(&"//Alice".parse().unwrap()).unwrap()
}

/// A call as `--export` would write it on a chain that does, or does not, know the hash of its metadata.
fn unsigned(call: &Call, checks_metadata: bool) -> UnsignedTransaction {
    // Constants are read from storage, which may be empty.
    let metadata = sp_io::TestExternalities::new_empty()
        .execute_with(|| Runtime::metadata_at_version(15).unwrap())
        .to_vec();
    UnsignedTransaction {
        account: AccountId::from(&key()),
        call: call.encode(&Metadata::decode_from(&metadata).unwrap()).unwrap(),
        nonce: 7,
        tip: 3,
        genesis: BlockHash([8; 32]),
        birth: Block {
            number: 1_000,
            hash: BlockHash([9; 32]),
        },
        lifetime: 1_024,
        spec_version: VERSION.spec_version,
        transaction_version: VERSION.transaction_version,
        checks_metadata,
        metadata,
    }
}

fn transfer(leaves: u64) -> Call {
    Call::Transfer {
        dest: TO,
        value: leaves,
    }
}

#[test]
fn the_runtime_takes_what_was_signed_for_what_was_shown() {
    for checks_metadata in [false, true] {
        let unsigned = unsigned(&transfer(5 * LRL), checks_metadata);
        let opened = unsigned.open().unwrap();
        let signed = opened.sign(&key()).unwrap();
        assert_eq!((signed.birth, signed.last_block), (1_000, 2_023));
        let mut bytes = signed.bytes.as_slice();
        let length = Compact::<u32>::decode(&mut bytes).unwrap().0 as usize;
        assert_eq!(length, bytes.len());
        let extrinsic = UncheckedExtrinsic::decode_all(&mut signed.bytes.as_slice()).unwrap();
        assert_eq!(
            extrinsic.function,
            RuntimeCall::decode_all(&mut unsigned.call.as_slice()).unwrap()
        );
        let Preamble::Signed(MultiAddress::Id(signer), MultiSignature::Sr25519(signature), extension) =
            extrinsic.preamble
        else {
            panic!("it is signed by an sr25519 key");
        };
        let hash = checks_metadata.then_some(opened.metadata_hash);
        let (genesis, birth) = (unsigned.genesis.0.into(), unsigned.birth.hash.0.into());
        let versions = (VERSION.spec_version, VERSION.transaction_version);
        let implicit = ((), (), versions.0, versions.1, genesis, birth, (), (), (), hash, ());
        assert_eq!(extension.5 .0, sp_runtime::generic::Era::mortal(1_024, 1_000));
        assert_eq!(extension.6 .0, 7);
        let payload = SignedPayload::from_raw(extrinsic.function, extension, implicit);
        let public = sr25519::Public::from_raw(signer.into());
        assert!(payload.using_encoded(|bytes| sr25519::Pair::verify(&signature, bytes, &public)));
    }
}

#[test]
fn every_amount_and_address_is_shown_however_deep_it_is() {
    let inner = Call::Batch(vec![transfer(LRL), Call::RemoveAllStake { hotkey: TO }]);
    let call = calls::proxies::proxy(&AccountId([4; 32]), inner);
    let unsigned = unsigned(&call, true);
    let shown = unsigned.open().unwrap().describe();
    let text = |depth, name: &str, text: String| Described::Text(depth, name.into(), text);
    for line in [
        Described::Call(0, "Proxy.proxy".into()),
        text(0, "real", AccountId([4; 32]).to_string()),
        Described::Call(1, "Utility.batch_all".into()),
        Described::Call(2, "Balances.transfer_keep_alive".into()),
        text(2, "dest", TO.to_string()),
        Described::Amount(2, "value".into(), LRL.into()),
        Described::Call(2, "Staking.remove_all_stake".into()),
        text(2, "hotkey", TO.to_string()),
    ] {
        assert!(shown.contains(&line), "{line:?} is not in {shown:?}");
    }
}

#[test]
fn metadata_that_shows_another_call_has_another_hash() {
    let honest = unsigned(&transfer(LRL), true);
    let mut lying = honest.clone();
    // A name that is as long: what is shown changes, and nothing else.
    let name = b"transfer_keep_alive";
    let at = lying
        .metadata
        .windows(name.len())
        .position(|window| window == name)
        .unwrap();
    lying.metadata[at..at + name.len()].copy_from_slice(b"transfer_keep_alife");
    let (honest, lie) = (honest.open().unwrap(), lying.open().unwrap());
    assert_eq!(
        honest.describe()[0],
        Described::Call(0, "Balances.transfer_keep_alive".into())
    );
    assert_ne!(lie.describe()[0], honest.describe()[0]);
    assert_ne!(lie.metadata_hash, honest.metadata_hash);
}

#[test]
fn a_file_that_does_not_fit_together_is_not_signed() {
    let good = unsigned(&transfer(LRL), true);
    let mut other_version = good.clone();
    other_version.spec_version += 1;
    let mut no_era = good.clone();
    no_era.lifetime = 1_000;
    let mut longer_call = good.clone();
    longer_call.call.push(0);
    let mut no_call = good.clone();
    no_call.call[0] = 0xfe;
    let mut cut = good.clone();
    cut.metadata.truncate(1_000);
    for wrong in [other_version, no_era, longer_call, no_call, cut] {
        let Err(error) = wrong.open() else {
            panic!("it was opened");
        };
        assert!(matches!(error, ChainError::Incompatible { .. }), "{error}");
    }
}
