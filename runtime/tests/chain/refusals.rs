//! Calls that a network as [`found_network`](crate::network::found_network) leaves it refuses, each for another reason; and the table that names
//! the reasons.
use crate::{
    blocks::genesis_of,
    network::{consent, MODEL, SUBNET},
};
use frame_metadata::{RuntimeMetadata, RuntimeMetadataPrefixed};
use laurel_runtime::{Runtime, RuntimeCall};
use laurel_types::{AxonAddress, Hyperparameter, NetUid, Refusal, Take, Uid, WeightRow, LRL, REFUSALS};
use sp_core::H256;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve, Ferdie};

/// A call that is refused.
pub struct Rule {
    /// Who makes it.
    pub signer: Sr25519Keyring,
    /// The call.
    pub call: RuntimeCall,
    /// Pallet and name of the error.
    pub error: (&'static str, &'static str),
}

fn rule(signer: Sr25519Keyring, call: impl Into<RuntimeCall>, pallet: &'static str, name: &'static str) -> Rule {
    Rule {
        signer,
        call: call.into(),
        error: (pallet, name),
    }
}

/// Calls about registration, axons and weights.
fn neurons() -> Vec<Rule> {
    use pallet_laurel_neurons::Call as Neurons;
    use pallet_laurel_scoring::Call as Scoring;
    let register = |netuid, hotkey: Sr25519Keyring, coldkey, max_price| Neurons::burned_register {
        netuid,
        hotkey: hotkey.to_account_id(),
        max_price,
        consent: consent(hotkey, coldkey),
    };
    let axon = |address, model| Neurons::publish_axon {
        netuid: SUBNET,
        address,
        protocol: 1,
        model,
    };
    let local = AxonAddress::V4([127, 0, 0, 1], 8_091);
    let commit = Scoring::commit_weights {
        netuid: SUBNET,
        hash: H256::repeat_byte(1),
    };
    let reveal = Scoring::reveal_weights {
        netuid: SUBNET,
        row: WeightRow::new(vec![(Uid(1), 1)]).unwrap(),
        receipts_root: [0; 32],
        version_key: 0,
        salt: [0; 32],
    };
    let set = Scoring::set_weights {
        netuid: SUBNET,
        row: WeightRow::new(vec![(Uid(1), 1)]).unwrap(),
        receipts_root: [0; 32],
        version_key: 0,
    };
    vec![
        rule(Eve, register(NetUid(9), Eve, Eve, LRL), "Neurons", "SubnetDoesNotExist"),
        rule(Bob, register(SUBNET, Bob, Bob, LRL), "Neurons", "AlreadyRegistered"),
        rule(Eve, register(SUBNET, Eve, Eve, 1), "Neurons", "PriceAboveMaximum"),
        rule(Ferdie, axon(local, MODEL), "Neurons", "NotRegistered"),
        rule(
            Charlie,
            axon(AxonAddress::V4([0, 0, 0, 0], 1), MODEL),
            "Neurons",
            "AddressNotDialable",
        ),
        rule(
            Charlie,
            axon(local, laurel_types::ModelRoot([2; 32])),
            "Neurons",
            "ModelNotAccepted",
        ),
        rule(Charlie, Neurons::withdraw_axon { netuid: SUBNET }, "Neurons", "NoAxon"),
        rule(Eve, commit.clone(), "Scoring", "NotRegistered"),
        rule(Dave, commit, "Scoring", "NoValidatorPermit"),
        rule(Bob, reveal, "Scoring", "NoCommit"),
        rule(Bob, set, "Scoring", "CommitRevealEnabled"),
    ]
}

/// Calls about stake, subnets and the root network.
fn stakes() -> Vec<Rule> {
    use pallet_laurel_root::Call as Root;
    use pallet_laurel_staking::Call as Staking;
    use pallet_laurel_subnets::Call as Subnets;
    let bob = Bob.to_account_id();
    let add = |hotkey: Sr25519Keyring, amount| Staking::add_stake {
        hotkey: hotkey.to_account_id(),
        amount,
    };
    let remove = |amount| Staking::remove_stake {
        hotkey: Bob.to_account_id(),
        amount,
    };
    let take = |take| Staking::set_take {
        hotkey: Bob.to_account_id(),
        take,
    };
    let tune = Subnets::set_hyperparameter {
        netuid: SUBNET,
        change: Hyperparameter::Tempo(20),
    };
    let vote = |weights: Vec<(NetUid, u16)>| Root::set_root_weights {
        hotkey: Bob.to_account_id(),
        weights: weights.try_into().unwrap(),
    };
    vec![
        rule(Eve, add(Ferdie, LRL), "Staking", "HotkeyUnknown"),
        rule(Eve, add(Bob, 1), "Staking", "BelowMinimumStake"),
        rule(Ferdie, remove(LRL), "Staking", "NotEnoughStake"),
        rule(Eve, remove(0), "Staking", "AmountZero"),
        rule(Eve, take(Take(0)), "Staking", "NotHotkeyOwner"),
        rule(Bob, take(Take(u16::MAX)), "Staking", "TakeTooHigh"),
        rule(
            Eve,
            Subnets::create_subnet { max_lock: 1 },
            "Subnets",
            "LockAboveMaximum",
        ),
        rule(Eve, tune, "Subnets", "NotSubnetOwner"),
        rule(Bob, vote(vec![]), "Root", "NoWeights"),
        rule(Bob, vote(vec![(NetUid(9), 1)]), "Root", "SubnetUnknown"),
        rule(Eve, vote(vec![(SUBNET, 1)]), "Root", "NotHotkeyOwner"),
        rule(
            Ferdie,
            Root::leave_seat {
                hotkey: Ferdie.to_account_id(),
            },
            "Root",
            "NotSeated",
        ),
        rule(Alice, Root::leave_seat { hotkey: bob }, "Root", "NotHotkeyOwner"),
    ]
}

/// Calls about deposits for gateways.
fn deposits() -> Vec<Rule> {
    use pallet_laurel_prepaid::Call as Prepaid;
    let gateway = |key: Sr25519Keyring| key.to_account_id();
    let deposit = |key, amount| Prepaid::deposit {
        gateway: gateway(key),
        amount,
    };
    let draw = |items: Vec<_>| Prepaid::draw {
        items: items.try_into().unwrap(),
    };
    vec![
        rule(Eve, deposit(Ferdie, LRL), "Prepaid", "GatewayUnknown"),
        rule(Eve, deposit(Bob, 1), "Prepaid", "BelowMinimumDeposit"),
        rule(Eve, deposit(Bob, u64::MAX), "Prepaid", "NotEnoughBalance"),
        rule(
            Eve,
            Prepaid::take_back { gateway: gateway(Bob) },
            "Prepaid",
            "NoDeposit",
        ),
        rule(Bob, draw(vec![(Eve.to_account_id(), 1)]), "Prepaid", "NoDeposit"),
        rule(Bob, draw(vec![]), "Prepaid", "EmptyBatch"),
        rule(
            Ferdie,
            draw(vec![(Eve.to_account_id(), 1)]),
            "Prepaid",
            "GatewayUnknown",
        ),
    ]
}

/// Calls of FRAME's pallets and of governance.
fn others() -> Vec<Rule> {
    let transfer = pallet_balances::Call::transfer_keep_alive {
        dest: Eve.to_account_id().into(),
        value: 2_000_000 * LRL,
    };
    let burn = pallet_balances::Call::burn {
        value: LRL,
        keep_alive: true,
    };
    let vote = pallet_laurel_governance::Call::vote {
        index: 7,
        vote: pallet_laurel_governance::Vote::Aye,
    };
    let set_storage = frame_system::Call::set_storage { items: vec![] };
    vec![
        rule(Ferdie, transfer, "Runtime", "Token"),
        rule(Ferdie, burn, "System", "CallFiltered"),
        rule(Ferdie, vote, "Governance", "UnknownProposal"),
        rule(Ferdie, set_storage, "Runtime", "BadOrigin"),
    ]
}

/// All rules.
pub fn rules() -> Vec<Rule> {
    [neurons(), stakes(), deposits(), others()]
        .into_iter()
        .flatten()
        .collect()
}

/// Every error in the runtime's metadata: pallet, name, documentation.
fn errors() -> Vec<(String, String, String)> {
    let RuntimeMetadataPrefixed(_, RuntimeMetadata::V14(metadata)) = Runtime::metadata() else {
        panic!("the runtime's plain metadata is of version 14");
    };
    let mut errors = Vec::new();
    for pallet in &metadata.pallets {
        let Some(error) = &pallet.error else { continue };
        let scale_info::TypeDef::Variant(variants) = &metadata.types.resolve(error.ty.id).unwrap().type_def else {
            panic!("errors are variants");
        };
        for variant in &variants.variants {
            errors.push((
                pallet.name.clone(),
                variant.name.clone(),
                variant.docs.join(" ").trim().into(),
            ));
        }
    }
    errors
}

#[test]
fn every_error_of_the_runtime_has_a_number_and_every_number_an_error() {
    genesis_of("development", |_| {}).execute_with(|| {
        let errors = errors();
        assert!(errors.len() > 150, "{}", errors.len());
        for (pallet, name, docs) in &errors {
            let refusal = Refusal::named(pallet, name)
                .unwrap_or_else(|| panic!("{pallet}.{name} has no number: run scripts/refusal-table.py"));
            if refusal.code < 160 {
                assert_eq!(refusal.remedy, docs, "{pallet}.{name}: run scripts/refusal-table.py");
            }
            assert!(refusal.remedy.len() > 10, "{pallet}.{name} says nothing");
        }
        for refusal in REFUSALS.iter().filter(|refusal| refusal.pallet != "Runtime") {
            assert!(
                errors
                    .iter()
                    .any(|(pallet, name, _)| (pallet.as_str(), name.as_str()) == (refusal.pallet, refusal.name)),
                "{}.{} is no error any more",
                refusal.pallet,
                refusal.name
            );
        }
    });
}
