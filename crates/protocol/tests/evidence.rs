//! Receipts and Merkle proofs: what holds, what does not, and that no input makes them panic.
use laurel_protocol::{
    merkle_proof, merkle_root, output_hash_embeddings, output_hash_text, proof_hash, Envelope, Hotkey, Receipt,
    ReceiptError, Recipient, SignedReceipt, Target, Work,
};
use laurel_types::{ModelRoot, NetUid};
use proptest::prelude::*;
use subxt_signer::sr25519::dev;

const MODEL: ModelRoot = ModelRoot([5; 32]);

fn envelope() -> Envelope {
    let recipient = Recipient {
        genesis: [9; 32],
        netuid: NetUid(3),
        hotkey: Hotkey::of(&dev::alice()),
    };
    let target = Target {
        method: "POST",
        path: "/v1/completions",
    };
    Envelope::new(&recipient, target, b"{}", Hotkey::of(&dev::bob()), 1_000)
}

fn work() -> Work {
    Work {
        model: MODEL,
        output_hash: output_hash_text(&[1, 2, 3]),
        proof_hash: Some(proof_hash(b"a proof")),
        prompt_tokens: 4,
        completion_tokens: 3,
        received_ms: 10,
        completed_ms: 20,
    }
}

#[test]
fn a_receipt_proves_who_answered_what_with_which_model() {
    let envelope = envelope();
    let receipt = SignedReceipt::from_text(&Receipt::new(&envelope, &work()).sign(&dev::alice()).to_text()).unwrap();
    let output = output_hash_text(&[1, 2, 3]);
    let proof = Some(proof_hash(b"a proof"));
    let checked = receipt.check(&envelope, MODEL, output, proof).unwrap();
    assert_eq!(checked.completion_tokens, 3);

    assert_eq!(
        receipt.check(&envelope, ModelRoot([6; 32]), output, proof),
        Err(ReceiptError::Model)
    );
    assert_eq!(
        receipt.check(&envelope, MODEL, output_hash_text(&[1, 2]), proof),
        Err(ReceiptError::Output)
    );
    for other in [None, Some(proof_hash(b"another proof"))] {
        assert_eq!(receipt.check(&envelope, MODEL, output, other), Err(ReceiptError::Proof));
    }
    assert_eq!(
        receipt.check(&self::envelope(), MODEL, output, proof),
        Err(ReceiptError::Request),
        "another nonce"
    );
    let by_another = Receipt::new(&envelope, &work()).sign(&dev::bob());
    assert_eq!(
        by_another.check(&envelope, MODEL, output, proof),
        Err(ReceiptError::Signature)
    );
    let backwards = Receipt::new(
        &envelope,
        &Work {
            completed_ms: 9,
            ..work()
        },
    )
    .sign(&dev::alice());
    assert_eq!(
        backwards.check(&envelope, MODEL, output, proof),
        Err(ReceiptError::Times)
    );
}

#[test]
fn output_hashes_tell_answers_apart() {
    assert_ne!(output_hash_text(&[]), output_hash_text(&[0]));
    assert_ne!(
        output_hash_embeddings(&[vec![1.0, 2.0]]),
        output_hash_embeddings(&[vec![1.0], vec![2.0]])
    );
    assert_ne!(
        output_hash_embeddings(&[vec![0.0]]),
        output_hash_embeddings(&[vec![-0.0]])
    );
}

#[test]
fn the_root_of_known_leaves_is_fixed() {
    // Worked out by hand from the definition: H(1 ‖ H(1 ‖ H(0a) ‖ H(0b)) ‖ H(0c)).
    use laurel_protocol::blake2b_256 as h;
    let (a, b, c) = (h(&[&[0], b"a"]), h(&[&[0], b"b"]), h(&[&[0], b"c"]));
    let root = h(&[&[1], &h(&[&[1], &a, &b]), &c]);
    assert_eq!(merkle_root(&["a", "b", "c"]), root);
    assert_eq!(merkle_root::<&str>(&[]), [0; 32]);
    assert_eq!(merkle_root(&["a"]), a);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_flipped_bit_of_a_receipt_is_noticed(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        use codec::{DecodeAll, Encode};
        let envelope = envelope();
        let mut bytes = Receipt::new(&envelope, &work()).sign(&dev::alice()).encode();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(changed) = SignedReceipt::decode_all(&mut bytes.as_slice()) {
            prop_assert!(changed.verify(&envelope.receiver).is_err());
        }
    }

    #[test]
    fn garbage_is_not_a_receipt(text in ".{0,600}", bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(SignedReceipt::from_text(&text).is_err());
        if let Ok(receipt) = SignedReceipt::from_text(&hex::encode(&bytes)) {
            prop_assert!(receipt.verify(&Hotkey::of(&dev::alice())).is_err());
        }
    }

    #[test]
    fn each_leaf_has_a_proof_that_holds_for_it_alone(
        leaves in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20), 1..70),
        at in any::<prop::sample::Index>(),
        other in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        let root = merkle_root(&leaves);
        let at = at.index(leaves.len());
        let proof = merkle_proof(&leaves, at).unwrap();
        prop_assert!(proof.holds(&root, &leaves[at]));
        prop_assert_eq!(proof.holds(&root, &other), other == leaves[at]);
        prop_assert!(!proof.holds(&[1; 32], &leaves[at]));
        prop_assert!(merkle_proof(&leaves, leaves.len()).is_none());
        let mut longer = proof.clone();
        longer.siblings.push([0; 32]);
        prop_assert!(!longer.holds(&root, &leaves[at]));
    }

    #[test]
    fn a_root_changes_with_every_leaf(leaves in prop::collection::vec(any::<u64>(), 1..40), at in any::<prop::sample::Index>()) {
        let bytes = |list: &[u64]| list.iter().map(|x| x.to_le_bytes()).collect::<Vec<_>>();
        let mut changed = leaves.clone();
        changed[at.index(leaves.len())] ^= 1;
        prop_assert_ne!(merkle_root(&bytes(&leaves)), merkle_root(&bytes(&changed)));
    }
}
