//! Swapping keys, on a chain where everything that can be kept under a key is kept under it: nothing may stay behind.
//!
//! The scans look at raw storage, so they see what no pallet tells of; and the runtime's metadata says which storages name accounts at all,
//! so that a new one is noticed even where no test fills it.
use crate::{
    blocks::{check_books, genesis_of, run_to},
    network::{consent, MODEL, SUBNET},
};
use frame_metadata::{v14::StorageEntryType, RuntimeMetadata, RuntimeMetadataPrefixed};
use frame_support::{dispatch::DispatchResult, storage::storage_prefix, traits::fungible::InspectHold};
use laurel_runtime::{
    laurel_api, AccountId, Balances, Children, Neurons, Prepaid, Rewards, Root, Runtime, RuntimeCall,
    RuntimeHoldReason, RuntimeOrigin, Scoring, Staking, System,
};
use laurel_support::{Hotkeys as _, Neurons as _, OnHotkeySwapped, Stake as _};
use laurel_types::{
    coldkey_swap_preimage, AcceptedModel, AxonAddress, EpochSummary, ModelKind, Proportion, Take, TokenizerRoot, Uid,
    LRL,
};
use pallet_laurel_rewards::{Bill, BillPages, Line, Page, Progress, Role, Stage};
use sp_core::H256;
use sp_keyring::Sr25519Keyring::{self, Charlie, Dave, Eve, Ferdie, One, Two};
use sp_runtime::traits::Dispatchable;
use std::collections::BTreeSet;

/// The coldkey of these tests: it owns the subnet and [`HOTKEY`]. It is no authority and no council member, whose keys others keep.
const OWNER: Sr25519Keyring = Eve;
/// Its hotkey: an account that nothing else is known of.
const HOTKEY: Sr25519Keyring = One;
/// An unused key.
const UNUSED: Sr25519Keyring = Two;

const SALT: [u8; 32] = [3; 32];
const HALF: Proportion = Proportion(u64::MAX / 2);

/// Storages in which something is kept under a hotkey: the populated state has an entry in each.
const OF_HOTKEYS: &[&str] = &[
    "Staking.Hotkeys",
    "Staking.PoolHotkeys",
    "Neurons.Neurons",
    "Neurons.Protected",
    "Neurons.Uids",
    "Scoring.Rolls",
    "Root.Seats",
    "Root.RootWeights",
    "Children.Kin",
    "Children.Pending",
    "Children.Queue",
    "Rewards.BillPages",
    "Prepaid.GatewayIds",
    "Prepaid.Gateways",
];

/// Storages that name accounts, but never hotkeys.
const OF_COLDKEYS: &[&str] = &[
    "Governance.Proposals",
    "Keys.ColdkeySwaps",
    "Keys.LastHotkeySwap",
    "Prepaid.PayerIds",
    "Prepaid.Payers",
    "Staking.ColdkeyIds",
    "Staking.ColdkeyRecords",
    "Subnets.Identities",
    "Subnets.Offers",
    "Subnets.Subnets",
];

fn id(key: Sr25519Keyring) -> AccountId {
    key.to_account_id()
}

fn attempt(signer: Sr25519Keyring, call: impl Into<RuntimeCall>) -> DispatchResult {
    let result = call.into().dispatch(RuntimeOrigin::signed(id(signer)));
    result.map(|_| ()).map_err(|failed| failed.error)
}

fn act(signer: Sr25519Keyring, call: impl Into<RuntimeCall>) {
    attempt(signer, call).expect("the call succeeds");
}

fn add_stake(signer: Sr25519Keyring, hotkey: Sr25519Keyring, amount: u64) {
    let hotkey = id(hotkey);
    act(signer, pallet_laurel_staking::Call::add_stake { hotkey, amount });
}

/// Holds something for a gateway.
fn deposit(payer: Sr25519Keyring, gateway: Sr25519Keyring) {
    let (gateway, amount) = (id(gateway), LRL);
    act(payer, pallet_laurel_prepaid::Call::deposit { gateway, amount });
}

fn set_children(coldkey: Sr25519Keyring, hotkey: Sr25519Keyring, child: Sr25519Keyring) {
    let children = vec![(HALF, id(child))].try_into().unwrap();
    let (hotkey, netuid) = (id(hotkey), SUBNET);
    act(
        coldkey,
        pallet_laurel_children::Call::set_children {
            hotkey,
            netuid,
            children,
        },
    );
}

fn accept_parent(coldkey: Sr25519Keyring, hotkey: Sr25519Keyring, parent: Sr25519Keyring) {
    let (hotkey, netuid, parent) = (id(hotkey), SUBNET, id(parent));
    act(
        coldkey,
        pallet_laurel_children::Call::accept_parent { hotkey, netuid, parent },
    );
}

/// The subnet with its neurons and their stake.
fn found() {
    act(
        OWNER,
        pallet_laurel_subnets::Call::create_subnet { max_lock: 100 * LRL },
    );
    let model = AcceptedModel {
        root: MODEL,
        kind: ModelKind::Embedding,
        context: 512,
        tokenizer: TokenizerRoot([1; 32]),
        sampler: 0,
    };
    let models = vec![model].try_into().unwrap();
    act(
        OWNER,
        pallet_laurel_subnets::Call::set_models { netuid: SUBNET, models },
    );
    for (coldkey, hotkey) in [(OWNER, HOTKEY), (Dave, Dave), (Ferdie, Ferdie)] {
        act(
            coldkey,
            pallet_laurel_neurons::Call::burned_register {
                netuid: SUBNET,
                hotkey: id(hotkey),
                max_price: LRL,
                consent: consent(hotkey, coldkey),
            },
        );
    }
    add_stake(OWNER, HOTKEY, 1_000 * LRL);
    add_stake(Ferdie, Ferdie, 500 * LRL);
    add_stake(Charlie, HOTKEY, 100 * LRL);
    add_stake(OWNER, Ferdie, 10 * LRL);
    deposit(Charlie, HOTKEY);
    deposit(OWNER, Ferdie);
}

/// Uses the hotkey for everything that a hotkey can be used for.
fn use_hotkey() {
    let (hotkey, netuid) = (id(HOTKEY), SUBNET);
    act(
        OWNER,
        pallet_laurel_staking::Call::set_take {
            hotkey: hotkey.clone(),
            take: Take(5_000),
        },
    );
    act(
        OWNER,
        pallet_laurel_neurons::Call::protect_neuron {
            netuid,
            hotkey: hotkey.clone(),
        },
    );
    act(
        OWNER,
        pallet_laurel_root::Call::register_seat {
            hotkey: hotkey.clone(),
            consent: None,
        },
    );
    act(
        OWNER,
        pallet_laurel_root::Call::set_root_weights {
            hotkey: hotkey.clone(),
            weights: vec![(SUBNET, 1)].try_into().unwrap(),
        },
    );
    act(
        HOTKEY,
        pallet_laurel_neurons::Call::publish_axon {
            netuid,
            address: AxonAddress::V4([127, 0, 0, 1], 8_091),
            protocol: 1,
            model: MODEL,
        },
    );
    act(
        HOTKEY,
        pallet_laurel_scoring::Call::commit_weights {
            netuid,
            hash: H256::repeat_byte(9),
        },
    );
    act(
        OWNER,
        pallet_laurel_children::Call::set_child_take {
            hotkey,
            netuid,
            take: Take(700),
        },
    );
}

/// A hotkey's links, and its child take.
fn kinship(hotkey: &AccountId) -> Option<pallet_laurel_children::KinshipOf<Runtime>> {
    pallet_laurel_children::Kin::<Runtime>::get(SUBNET, hotkey)
}

/// A state in which the hotkey is named wherever a hotkey can be named: it has a parent, a child and a set that waits.
fn populate() {
    run_to(1);
    found();
    use_hotkey();
    set_children(Ferdie, Ferdie, HOTKEY);
    accept_parent(OWNER, HOTKEY, Ferdie);
    set_children(OWNER, HOTKEY, Dave);
    accept_parent(Dave, Dave, HOTKEY);
    run_to(40);
    assert_eq!(
        kinship(&id(HOTKEY)).map_or(0, |kinship| kinship.live_parents().count()),
        1
    );
    assert_eq!(Children::children_of(SUBNET, &id(HOTKEY)).len(), 1);
    set_children(OWNER, HOTKEY, Dave);
    owe();
    check_books();
}

/// An epoch of the subnet was scored, and waits for a block with room to pay the hotkey, as neuron and as parent.
fn owe() {
    let line = |role| Line {
        hotkey: id(HOTKEY),
        uid: Uid(0),
        role,
        incentive: 0,
        dividends: 1_000,
        child_take: 0,
    };
    let pot = Rewards::pot(SUBNET);
    assert!(pot > 2_000, "the pot can pay the bill");
    BillPages::<Runtime>::insert(
        0,
        Page::<Runtime>::truncate_from([Role::Neuron, Role::Parent].map(line).to_vec()),
    );
    Progress::<Runtime>::put(Stage::Pay(Bill {
        netuid: SUBNET,
        summary: EpochSummary {
            block: System::block_number(),
            pot,
            carried: pot,
            ..Default::default()
        },
        stream_blocks: 10,
        left: 2_000,
        lines: 2,
        next: 0,
        pages: 1,
    }));
    let waiting: Vec<_> = pallet_laurel_rewards::Queue::<Runtime>::get()
        .into_iter()
        .filter(|netuid| *netuid != SUBNET)
        .collect();
    let queue = [SUBNET].into_iter().chain(waiting).collect::<Vec<_>>();
    pallet_laurel_rewards::Queue::<Runtime>::put(frame_support::BoundedVec::truncate_from(queue));
}

/// Every raw storage entry.
fn raw() -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut entries = Vec::new();
    let mut key = Vec::new();
    while let Some(next) = sp_io::storage::next_key(&key) {
        let value = sp_io::storage::get(&next).unwrap_or_default().to_vec();
        entries.push((next.clone(), value));
        key = next;
    }
    entries
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// A storage of the runtime: pallet, name, and whether its keys or values hold accounts.
struct Storage {
    name: String,
    pallet_index: u8,
    prefix: Vec<u8>,
    accounts: bool,
}

fn storages() -> Vec<Storage> {
    let RuntimeMetadataPrefixed(_, RuntimeMetadata::V14(metadata)) = Runtime::metadata() else {
        panic!("the runtime's plain metadata is of version 14");
    };
    let mut storages = Vec::new();
    for pallet in &metadata.pallets {
        let Some(storage) = &pallet.storage else { continue };
        for entry in &storage.entries {
            let ids = match &entry.ty {
                StorageEntryType::Plain(value) => vec![value.id],
                StorageEntryType::Map { key, value, .. } => vec![key.id, value.id],
            };
            storages.push(Storage {
                name: format!("{}.{}", pallet.name, entry.name),
                pallet_index: pallet.index,
                prefix: storage_prefix(storage.prefix.as_bytes(), entry.name.as_bytes()).to_vec(),
                accounts: ids
                    .iter()
                    .any(|id| names_accounts(&metadata.types, *id, &mut BTreeSet::new())),
            });
        }
    }
    storages
}

/// Whether a type holds an account anywhere in it.
fn names_accounts(types: &scale_info::PortableRegistry, id: u32, seen: &mut BTreeSet<u32>) -> bool {
    use scale_info::TypeDef;
    if !seen.insert(id) {
        return false;
    }
    let ty = types
        .resolve(id)
        .expect("every type of the metadata is in its registry");
    if ty.path.segments.last().is_some_and(|name| name == "AccountId32") {
        return true;
    }
    let parts: Vec<u32> = match &ty.type_def {
        TypeDef::Composite(composite) => composite.fields.iter().map(|field| field.ty.id).collect(),
        TypeDef::Variant(variants) => {
            let fields = variants.variants.iter().flat_map(|variant| &variant.fields);
            fields.map(|field| field.ty.id).collect()
        }
        TypeDef::Sequence(sequence) => vec![sequence.type_param.id],
        TypeDef::Array(array) => vec![array.type_param.id],
        TypeDef::Tuple(tuple) => tuple.fields.iter().map(|field| field.id).collect(),
        TypeDef::Compact(compact) => vec![compact.type_param.id],
        TypeDef::Primitive(_) | TypeDef::BitSequence(_) => Vec::new(),
    };
    parts.into_iter().any(|part| names_accounts(types, part, seen))
}

/// Names of the storages in which an account is named, the log of this block's events aside.
fn where_named(account: &AccountId) -> BTreeSet<String> {
    let storages = storages();
    let named = raw().into_iter().filter(|(key, value)| {
        let part: &[u8] = account.as_ref();
        contains(key, part) || contains(value, part)
    });
    named
        .map(|(key, _)| {
            let storage = storages.iter().find(|storage| key.starts_with(&storage.prefix));
            storage.map_or_else(|| format!("{key:?}"), |storage| storage.name.clone())
        })
        .filter(|name| name != "System.Events")
        .collect()
}

fn swap_hotkey() -> DispatchResult {
    attempt(
        OWNER,
        pallet_laurel_keys::Call::swap_hotkey {
            hotkey: id(HOTKEY),
            new_hotkey: id(UNUSED),
            consent: consent(UNUSED, OWNER),
        },
    )
}

#[test]
fn every_storage_that_names_accounts_is_known_to_name_hotkeys_or_not() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        let known: BTreeSet<&str> = OF_HOTKEYS.iter().chain(OF_COLDKEYS).copied().collect();
        let ours = storages()
            .into_iter()
            .filter(|storage| storage.pallet_index >= 17 && storage.accounts);
        let found: Vec<String> = ours.map(|storage| storage.name).collect();
        let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
        assert_eq!(
            found, known,
            "a new storage names accounts: if they can be hotkeys, move them in a swap and fill it in `populate`"
        );
    });
}

#[test]
fn a_hotkey_swap_leaves_nothing_of_the_old_key_anywhere() {
    // Weakness 48. Fails where a pallet is taken out of `OnHotkeySwapped`, and where a new storage is forgotten.
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        populate();
        let before = where_named(&id(HOTKEY));
        let expected: BTreeSet<String> = OF_HOTKEYS.iter().map(|name| name.to_string()).collect();
        assert_eq!(before, expected, "the state is fully populated");

        swap_hotkey().expect("the hotkey is swapped");

        assert_eq!(
            where_named(&id(HOTKEY)),
            BTreeSet::new(),
            "something stayed under the old key"
        );
        assert_eq!(where_named(&id(UNUSED)), expected);
        check_books();
        run_to(60);
    });
}

#[test]
fn the_scan_notices_a_pallet_that_does_not_move_its_own() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        populate();
        type AllButRoot = (Staking, Neurons, Scoring, Children, Rewards, Prepaid);
        <AllButRoot as OnHotkeySwapped<AccountId>>::on_hotkey_swapped(&id(HOTKEY), &id(UNUSED)).unwrap();
        let left = ["Root.RootWeights", "Root.Seats"].map(String::from);
        assert_eq!(where_named(&id(HOTKEY)), BTreeSet::from(left));
    });
}

#[test]
fn a_swapped_hotkey_goes_on_as_if_nothing_had_happened() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        populate();
        let (old, new) = (id(HOTKEY), id(UNUSED));
        let uid = Neurons::uid_of(SUBNET, &old).unwrap();
        let registration = Neurons::neuron(SUBNET, uid).unwrap().registration;
        let held = |hotkey: &AccountId| {
            (
                Staking::stake(hotkey),
                Children::stake_on(SUBNET, hotkey),
                Children::stake_time_on(SUBNET, hotkey),
                kinship(hotkey),
                Staking::position_value(&id(Charlie), hotkey),
                Prepaid::prepaid(hotkey, &id(Charlie)).map(|prepaid| prepaid.drawable),
            )
        };
        let before = held(&old);
        let take = laurel_api::hotkey(&old).unwrap().take;
        let axon = Neurons::live_axon(SUBNET, uid).expect("it serves");
        let seats = Root::root_info().seats.len();

        swap_hotkey().expect("the hotkey is swapped");

        assert_eq!(held(&new), before);
        assert_eq!(laurel_api::hotkey(&new).unwrap().take, take);
        assert_eq!(laurel_api::hotkey(&old), None);
        let neuron = Neurons::neuron(SUBNET, uid).unwrap();
        assert_eq!((neuron.hotkey, neuron.registration), (new.clone(), registration));
        assert_eq!(Neurons::live_axon(SUBNET, uid), Some(axon));
        let root = Root::root_info();
        assert_eq!(root.seats.len(), seats);
        let seat = root
            .seats
            .iter()
            .find(|seat| seat.hotkey == new)
            .expect("it kept its seat");
        assert_eq!(seat.weights.len(), 1);
        // The commit was the old key's; the new one is the same neuron and cannot commit again.
        let again = pallet_laurel_scoring::Call::commit_weights {
            netuid: SUBNET,
            hash: H256::repeat_byte(1),
        };
        assert!(attempt(HOTKEY, again).is_err(), "the old key is nobody");
        run_to(80);
        check_books();
    });
}

#[test]
fn a_key_that_anybody_ever_used_takes_nobodys_place() {
    // Weakness 48: the owner of a known key was overwritten.
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        populate();
        for used in [Dave, Ferdie] {
            let call = pallet_laurel_keys::Call::swap_hotkey {
                hotkey: id(HOTKEY),
                new_hotkey: id(used),
                consent: consent(used, OWNER),
            };
            let refused = attempt(OWNER, call).unwrap_err();
            assert_eq!(refused, pallet_laurel_keys::Error::<Runtime>::NewHotkeyInUse.into());
        }
        let without = pallet_laurel_keys::Call::swap_hotkey {
            hotkey: id(HOTKEY),
            new_hotkey: id(UNUSED),
            consent: consent(UNUSED, Ferdie),
        };
        assert!(
            attempt(OWNER, without).is_err(),
            "the new key consented to belong to another coldkey"
        );
        assert_eq!(Staking::owner(&id(HOTKEY)), Some(id(OWNER)));
    });
}

#[test]
fn a_coldkey_swap_moves_hotkeys_stake_subnets_locks_and_balance() {
    // Weakness 49, and 40 for swaps: there is no lock, all checks are made when the swap is executed.
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        populate();
        let (old, new) = (id(OWNER), id(UNUSED));
        let lock = RuntimeHoldReason::Subnets(pallet_laurel_subnets::HoldReason::SubnetLock);
        let (locked, free) = (Balances::balance_on_hold(&lock, &old), Balances::free_balance(&old));
        let staked: u64 = laurel_api::stake_of(&old).iter().map(|position| position.stake).sum();
        assert!(locked > 0 && staked > 0);
        let digest = H256(sp_io::hashing::blake2_256(&coldkey_swap_preimage(&old, &new, &SALT)));
        act(OWNER, pallet_laurel_keys::Call::announce_coldkey_swap { digest });
        let announcement = pallet_laurel_keys::ColdkeySwaps::<Runtime>::get(&old).unwrap();
        let swap = || pallet_laurel_keys::Call::swap_coldkey {
            coldkey: old.clone(),
            new_coldkey: new.clone(),
            salt: SALT,
        };
        let early = attempt(Charlie, swap()).unwrap_err();
        assert_eq!(early, pallet_laurel_keys::Error::<Runtime>::SwapTooEarly.into());
        run_to(announcement.executable_at);
        let position = |who: &AccountId| laurel_api::stake_of(who).iter().map(|p| p.stake).sum::<u64>();
        let (staked, free_now) = (position(&old), Balances::free_balance(&old));
        let prepaid = |who: &AccountId| laurel_api::prepaid(&id(Ferdie), who).map(|prepaid| prepaid.amount);
        let earned = laurel_api::portfolio(&old).earned;
        assert!(earned > 0, "the owner was paid");
        assert!(
            free_now >= free - announcement.deposit,
            "nothing but the owner's part was added"
        );

        act(Charlie, swap());

        assert_eq!(position(&new), staked);
        assert_eq!(laurel_api::portfolio(&new).earned, earned);
        assert_eq!((prepaid(&old), prepaid(&new)), (None, Some(LRL)));
        assert_eq!(Balances::balance_on_hold(&lock, &new), locked);
        assert_eq!(Balances::free_balance(&new), free_now);
        assert_eq!(Staking::owner(&id(HOTKEY)), Some(new.clone()));
        assert_eq!(laurel_api::subnets()[0].owner, new);
        assert_eq!(
            where_named(&old),
            BTreeSet::new(),
            "something stayed under the old coldkey"
        );
        check_books();
        let next = announcement.executable_at + 40;
        run_to(next);
        assert!(
            Balances::free_balance(&new) >= free_now,
            "the owner's part goes to the new coldkey"
        );
    });
}

#[test]
fn a_swap_can_be_cancelled_until_it_is_executed_and_expires_by_itself() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        populate();
        let free = Balances::free_balance(id(OWNER));
        let announce = || pallet_laurel_keys::Call::announce_coldkey_swap {
            digest: H256::repeat_byte(1),
        };
        act(OWNER, announce());
        assert!(Balances::free_balance(id(OWNER)) < free);
        act(OWNER, pallet_laurel_keys::Call::cancel_coldkey_swap {});
        assert_eq!(Balances::free_balance(id(OWNER)), free);
        act(OWNER, announce());
        // While it is announced the account does what it did before.
        add_stake(OWNER, HOTKEY, LRL);
        let expires_at = pallet_laurel_keys::ColdkeySwaps::<Runtime>::get(id(OWNER))
            .unwrap()
            .expires_at;
        System::set_block_number(expires_at);
        act(
            Charlie,
            pallet_laurel_keys::Call::clear_expired_swap { coldkey: id(OWNER) },
        );
        assert_eq!(Balances::free_balance(id(OWNER)), free - LRL);
    });
}
