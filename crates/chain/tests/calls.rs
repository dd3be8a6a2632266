//! Calls are written in the order, and as wide, as the chain's metadata says.
use codec::{Compact, Encode};
use laurel_chain::{AccountId, Call, ChainError};
use laurel_types::{HotkeyConsent, NetUid, Uid, WeightRow};
use scale_info::{meta_type, TypeInfo};
use subxt::{
    ext::frame_metadata::v16::{
        CustomMetadata, EnumDeprecationInfo, ExtrinsicMetadata, ItemDeprecationInfo, OuterEnums, PalletCallMetadata,
        PalletMetadata, RuntimeMetadataV16,
    },
    metadata::Metadata,
};

/// The parameters stand in another order than in our enum, and the price is compact.
#[allow(dead_code, non_camel_case_types)]
#[derive(TypeInfo)]
enum NeuronsCall {
    withdraw_axon {
        netuid: NetUid,
    },
    burned_register {
        #[codec(compact)]
        max_price: u64,
        hotkey: [u8; 32],
        consent: Option<HotkeyConsent>,
        netuid: NetUid,
    },
}

#[allow(dead_code, non_camel_case_types)]
#[derive(TypeInfo)]
enum ScoringCall {
    reveal_weights {
        netuid: NetUid,
        row: WeightRow,
        receipts_root: [u8; 32],
        version_key: u64,
        salt: [u8; 32],
    },
    set_weights {
        netuid: NetUid,
        row: WeightRow,
        version_key: u64,
    },
}

#[allow(dead_code, non_camel_case_types)]
#[derive(TypeInfo)]
enum UtilityCall {
    batch_all { calls: Vec<u8> },
}

#[allow(dead_code, non_camel_case_types)]
#[derive(TypeInfo)]
enum BalancesCall {
    transfer_keep_alive {
        dest: MultiAddress,
        #[codec(compact)]
        value: u64,
    },
}

/// Stands for the runtime's type of that name.
#[allow(dead_code)]
#[derive(TypeInfo)]
enum MultiAddress {
    Id([u8; 32]),
}

fn pallet<C: TypeInfo + 'static>(name: &'static str, index: u8) -> PalletMetadata {
    PalletMetadata {
        name,
        storage: None,
        calls: Some(PalletCallMetadata {
            ty: meta_type::<C>(),
            deprecation_info: EnumDeprecationInfo::nothing_deprecated(),
        }),
        event: None,
        constants: Vec::new(),
        error: None,
        associated_types: Vec::new(),
        view_functions: Vec::new(),
        index,
        docs: Vec::new(),
        deprecation_info: ItemDeprecationInfo::NotDeprecated,
    }
}

fn metadata() -> Metadata {
    RuntimeMetadataV16::new(
        vec![
            pallet::<NeuronsCall>("Neurons", 12),
            pallet::<ScoringCall>("Scoring", 14),
            pallet::<UtilityCall>("Utility", 8),
            pallet::<BalancesCall>("Balances", 6),
        ],
        ExtrinsicMetadata {
            versions: vec![4],
            address_ty: meta_type::<MultiAddress>(),
            call_ty: meta_type::<NeuronsCall>(),
            signature_ty: meta_type::<u8>(),
            transaction_extensions_by_version: [(0, Vec::new())].into(),
            transaction_extensions: Vec::new(),
        },
        Vec::new(),
        OuterEnums {
            call_enum_ty: meta_type::<NeuronsCall>(),
            event_enum_ty: meta_type::<()>(),
            error_enum_ty: meta_type::<()>(),
        },
        CustomMetadata {
            map: Default::default(),
        },
    )
    .try_into()
    .unwrap()
}

const HOTKEY: AccountId = AccountId([9; 32]);

#[test]
fn arguments_follow_the_metadata_in_order_and_width() {
    let call = Call::BurnedRegister {
        netuid: NetUid(3),
        hotkey: HOTKEY,
        max_price: 1_000_000,
        consent: Some(HotkeyConsent([5; 64])),
    };
    let expected = (12u8, 1u8, Compact(1_000_000u64), [9u8; 32], 1u8, [5u8; 64], 3u16).encode();
    assert_eq!(call.encode(&metadata()).unwrap(), expected);
}

#[test]
fn an_account_is_an_address_where_the_pallet_takes_addresses() {
    let call = Call::Transfer { dest: HOTKEY, value: 5 };
    assert_eq!(
        call.encode(&metadata()).unwrap(),
        (6u8, 0u8, 0u8, [9u8; 32], Compact(5u64)).encode()
    );
}

#[test]
fn a_batch_holds_whole_calls() {
    let withdraw = |netuid| Call::WithdrawAxon { netuid: NetUid(netuid) };
    let batch = Call::Batch(vec![withdraw(1), withdraw(2)]);
    let expected = (8u8, 0u8, Compact(2u32), (12u8, 0u8, 1u16), (12u8, 0u8, 2u16)).encode();
    assert_eq!(batch.encode(&metadata()).unwrap(), expected);
}

#[test]
fn a_reveal_carries_what_was_committed() {
    let row = WeightRow::new(vec![(Uid(1), 7), (Uid(4), 9)]).unwrap();
    let call = Call::RevealWeights {
        netuid: NetUid(2),
        row: row.clone(),
        receipts_root: [1; 32],
        version_key: 6,
        salt: [2; 32],
    };
    let expected = (14u8, 0u8, 2u16, row, [1u8; 32], 6u64, [2u8; 32]).encode();
    assert_eq!(call.encode(&metadata()).unwrap(), expected);
}

#[test]
fn a_chain_that_takes_other_arguments_or_has_no_such_call_is_refused_by_name() {
    let row = WeightRow::new(vec![(Uid(1), 7)]).unwrap();
    let direct = Call::SetWeights {
        netuid: NetUid(2),
        row,
        receipts_root: [0; 32],
        version_key: 1,
    };
    let absent = Call::RegisterSeat {
        hotkey: HOTKEY,
        consent: None,
    };
    for (call, name) in [(direct, "Scoring.set_weights"), (absent, "Root.register_seat")] {
        match call.encode(&metadata()) {
            Err(ChainError::Incompatible { what, .. }) => assert!(what.contains(name), "{what}"),
            other => panic!("{other:?}"),
        }
    }
}
