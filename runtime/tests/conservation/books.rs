//! What must hold of storage at any time, read from storage alone.
use crate::cast::name;
use codec::Encode;
use frame_support::{StorageHasher, Twox64Concat};
use laurel_runtime::{laurel_api, AccountId, Children, Neurons, Runtime, RuntimeEvent, Scoring, Staking, Subnets};
use laurel_support::{Neurons as _, Stake as _, Subnets as _};
use laurel_types::{NetUid, RegistrationId, Uid};
use std::collections::{BTreeMap, BTreeSet};

/// What is cheap: the shares of positions are those of the pools.
pub fn check() {
    use pallet_laurel_staking::{Hotkeys, Positions};
    let mut shares = BTreeMap::new();
    for (_, pool, held) in Positions::<Runtime>::iter() {
        assert!(held.shares > 0, "a position without shares is stored");
        *shares.entry(pool).or_insert(0) += held.shares;
    }
    for (hotkey, known) in Hotkeys::<Runtime>::iter() {
        let pool = known.pool;
        let held = shares.remove(&known.pool_id).unwrap_or(0);
        assert_eq!(
            held + known.owned.shares,
            pool.shares(),
            "the positions on {} have not the shares of its pool",
            name(&hotkey)
        );
        assert_eq!(
            pool.shares() == 0,
            pool.total() == 0,
            "the pool of {} has leaves or shares alone",
            name(&hotkey)
        );
    }
    assert!(shares.is_empty(), "there is a position without a pool");
}

/// Everything.
pub fn check_all() {
    check_coldkeys();
    for netuid in Subnets::netuids() {
        check_neurons(netuid);
        check_links(netuid);
    }
    check_subnets();
    check_seats();
    check_nothing_is_left();
}

/// Every coldkey that owns a hotkey or has a position is known once, with their number; no other is.
fn check_coldkeys() {
    use pallet_laurel_staking::{ColdkeyIds, ColdkeyRecords, Hotkeys, PoolHotkeys, Positions};
    let mut references = BTreeMap::new();
    for (hotkey, known) in Hotkeys::<Runtime>::iter() {
        *references.entry(known.owner).or_insert(0) += 1;
        assert_eq!(
            PoolHotkeys::<Runtime>::get(known.pool_id),
            Some(hotkey),
            "a pool's number is of another hotkey"
        );
    }
    assert_eq!(
        PoolHotkeys::<Runtime>::iter_keys().count(),
        Hotkeys::<Runtime>::iter_keys().count()
    );
    for (coldkey, _, _) in Positions::<Runtime>::iter() {
        *references.entry(coldkey).or_insert(0) += 1;
    }
    let known: BTreeMap<_, _> = ColdkeyRecords::<Runtime>::iter()
        .map(|(number, known)| (number, known.references))
        .collect();
    assert_eq!(known, references, "a coldkey's hotkeys and positions are miscounted");
    for (number, known) in ColdkeyRecords::<Runtime>::iter() {
        assert_eq!(ColdkeyIds::<Runtime>::get(&known.account), Some(number));
    }
    assert_eq!(
        ColdkeyIds::<Runtime>::iter_keys().count(),
        known.len(),
        "an account has a number that is gone"
    );
}

/// Uids without gaps, each found by its hotkey; and nothing is said by or of somebody who is not there.
fn check_neurons(netuid: NetUid) {
    let neurons = Neurons::neurons(netuid);
    assert_eq!(neurons.len(), usize::from(Neurons::count(netuid)), "{netuid} has gaps");
    for (place, neuron) in neurons.iter().enumerate() {
        assert_eq!(usize::from(neuron.uid.0), place);
        assert_eq!(
            Neurons::uid_of(netuid, &neuron.hotkey),
            Some(neuron.uid),
            "a uid is not found by its hotkey"
        );
    }
    let hotkeys = pallet_laurel_neurons::Uids::<Runtime>::iter()
        .filter(|(_, to, _)| *to == netuid)
        .count();
    assert_eq!(
        hotkeys,
        neurons.len(),
        "a hotkey without a uid is registered in {netuid}"
    );
    let places = pallet_laurel_neurons::Neurons::<Runtime>::iter_prefix(netuid).count();
    assert_eq!(places, neurons.len(), "there are neurons beyond the last of {netuid}");
    for uid in pallet_laurel_neurons::Axons::<Runtime>::iter_key_prefix(netuid) {
        assert!(
            usize::from(uid.0) < neurons.len(),
            "there is an axon without a neuron in {netuid}"
        );
    }
    let present: BTreeSet<RegistrationId> = neurons.iter().map(|neuron| neuron.registration).collect();
    for (registration, row) in Scoring::weights(netuid) {
        assert!(
            present.contains(&registration),
            "there are weights of somebody who left {netuid}"
        );
        let named = |(uid, _): &(Uid, u16)| usize::from(uid.0) < neurons.len();
        assert!(
            row.entries().iter().all(named),
            "there are weights on nobody in {netuid}"
        );
    }
    for commits in laurel_api::pending_commits(netuid) {
        assert!(
            present.contains(&commits.registration),
            "there are commits of somebody who left {netuid}"
        );
    }
    let metagraph = laurel_api::metagraph(netuid).expect("the subnet is there");
    assert_eq!(metagraph.neurons.len(), neurons.len());
}

/// Lending makes and loses no stake, and parents and children name each other.
fn check_links(netuid: NetUid) {
    let (mut own, mut backing, mut links) = (0u128, 0u128, 0);
    let (mut lent, mut borrowed) = (BTreeSet::new(), BTreeSet::new());
    for (hotkey, kin) in pallet_laurel_children::Kin::<Runtime>::iter_prefix(netuid) {
        own += u128::from(Staking::stake(&hotkey));
        backing += u128::from(Children::stake_on(netuid, &hotkey));
        lent.extend(
            kin.children
                .iter()
                .map(|link| (hotkey.clone(), link.child.clone(), link.proportion)),
        );
        links += kin.parents.len();
        let live = kin.parents.iter().filter(|link| link.is_live());
        borrowed.extend(live.map(|link| (link.parent.clone(), hotkey.clone(), link.proportion)));
    }
    assert_eq!(own, backing, "lending made or lost stake in {netuid}");
    assert_eq!(lent, borrowed, "a parent and its child disagree in {netuid}");
    let counted = pallet_laurel_children::LinkCount::<Runtime>::get(netuid);
    // Those that were cut count until the epoch ends, which pays for the time before.
    assert_eq!(counted as usize, links, "links are miscounted in {netuid}");
    for (_, child, _) in &lent {
        assert!(
            Neurons::uid_of(netuid, child).is_some(),
            "{} borrows without a uid",
            name(child)
        );
    }
}

/// Every subnet has an owner and parameters, and no other number has.
fn check_subnets() {
    use pallet_laurel_subnets::{Dissolutions, Netuids, NextNetUid, Params, Subnets};
    let netuids = Netuids::<Runtime>::get();
    assert!(
        netuids.windows(2).all(|pair| pair[0] < pair[1])
            && netuids.iter().all(|netuid| *netuid < NextNetUid::<Runtime>::get())
    );
    let there: BTreeSet<NetUid> = netuids.into_iter().collect();
    assert_eq!(Subnets::<Runtime>::iter_keys().collect::<BTreeSet<_>>(), there);
    assert_eq!(Params::<Runtime>::iter_keys().collect::<BTreeSet<_>>(), there);
    assert!(
        Params::<Runtime>::iter_values().all(|params| params.check().is_ok()),
        "parameters are out of range"
    );
    assert!(Dissolutions::<Runtime>::get()
        .iter()
        .all(|announced| there.contains(&announced.netuid)));
    for netuid in pallet_laurel_rewards::Queue::<Runtime>::get() {
        let waits = there.contains(&netuid) || laurel_runtime::Subnets::is_ending(netuid);
        assert!(waits, "an epoch of a subnet that is gone is due");
    }
}

/// Seats are of known hotkeys, and speak of subnets that there are.
fn check_seats() {
    use pallet_laurel_root::{RootWeights, Seats};
    let seats: BTreeSet<AccountId> = Seats::<Runtime>::iter_keys().collect();
    assert_eq!(seats.len() as u32, Seats::<Runtime>::count());
    assert!(
        seats
            .iter()
            .all(pallet_laurel_staking::Hotkeys::<Runtime>::contains_key),
        "a seat's hotkey is unknown"
    );
    for (hotkey, row) in RootWeights::<Runtime>::iter() {
        assert!(seats.contains(&hotkey), "there are weights without a seat");
        for (netuid, _) in row.entries() {
            assert!(
                Subnets::exists(*netuid) || Subnets::is_ending(*netuid),
                "root weights on {netuid} are left"
            );
        }
    }
}

/// No key of any pallet names a subnet that was removed: maps by netuid hash it in this one way. That its pot went to the reserve the ledger knows.
fn check_nothing_is_left() {
    let named = |netuid: NetUid| (netuid, netuid.using_encoded(Twox64Concat::hash));
    let given = (1..pallet_laurel_subnets::NextNetUid::<Runtime>::get().0).map(NetUid);
    let (there, removed): (Vec<_>, Vec<_>) = given
        .map(named)
        .partition(|(netuid, _)| Subnets::exists(*netuid) || Subnets::is_ending(*netuid));
    if removed.is_empty() {
        return;
    }
    let mut key = Vec::new();
    while let Some(next) = sp_io::storage::next_key(&key) {
        // Behind the names of pallet and item. What is of a subnet that is there may go on with a uid of that number, which is hashed alike.
        let body = next.get(32..).unwrap_or_default();
        if !there.iter().any(|(_, named)| body.starts_with(named)) {
            for (netuid, named) in &removed {
                let found = body.windows(named.len()).any(|part| part == named);
                assert!(!found, "something of {netuid} is left under {next:02x?}");
            }
        }
        key = next;
    }
}

/// What must hold right after something happened.
pub fn check_event(event: &RuntimeEvent) {
    if let RuntimeEvent::Neurons(pallet_laurel_neurons::Event::NeuronEvicted {
        netuid, uid, hotkey, ..
    }) = event
    {
        check_evicted(*netuid, *uid, hotkey);
    }
}

/// Whoever holds the uid next begins with nothing, and nobody lends to whoever left.
fn check_evicted(netuid: NetUid, uid: Uid, hotkey: &AccountId) {
    assert_eq!(
        Neurons::uid_of(netuid, hotkey),
        None,
        "{} was evicted and is there",
        name(hotkey)
    );
    let metagraph = laurel_api::metagraph(netuid).expect("the subnet is there");
    let heir = metagraph
        .neurons
        .iter()
        .find(|neuron| neuron.uid == uid)
        .expect("somebody took the place");
    assert_eq!(heir.axon, None, "an axon was inherited in {netuid}");
    // Not what the metagraph shows: where the last permit went with the predecessor, whoever has stake may speak.
    let scores = Scoring::scores(netuid).into_iter().nth(uid.index()).unwrap_or_default();
    assert_eq!(scores, Default::default(), "scores were inherited in {netuid}");
    let present = Neurons::neuron(netuid, uid)
        .expect("somebody took the place")
        .registration;
    let weights = Scoring::weights(netuid);
    assert!(
        weights.iter().all(|(registration, _)| *registration != present),
        "weights were inherited in {netuid}"
    );
    let commits = laurel_api::pending_commits(netuid);
    assert!(
        commits.iter().all(|commits| commits.uid != uid),
        "commits were inherited in {netuid}"
    );
    let kin = pallet_laurel_children::Kin::<Runtime>::get(netuid, hotkey);
    let borrows = kin.is_some_and(|kin| kin.parents.iter().any(|link| link.is_live()));
    assert!(!borrows, "{} left {netuid} and borrows stake there", name(hotkey));
}
