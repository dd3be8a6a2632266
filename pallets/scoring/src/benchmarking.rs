//! What each call and hook costs at worst: full subnets, full rows, everybody bonded to everybody.
use super::*;
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{weights::Weight, BoundedVec};
use frame_system::RawOrigin;
use laurel_support::{
    Epochs, NeuronId, Neurons, OnHotkeySwapped, OnNeuronRegistered, OnNeuronReplaced, OnSubnetCreated, OnSubnetRemoved,
    Stake, Subnets,
};
use laurel_types::{
    Commit, CommitItem, EpochIndex, Hyperparameters, NetUid, RevealItem, Uid, WeightRow, LRL, MAX_SUBNETS, MAX_UIDS,
};
use sp_core::H256;

/// Entries of a full row: every neuron but the validator's own.
const FULL_ROW: u32 = MAX_UIDS - 1;

/// Where weights go: by commit and reveal, or directly.
fn params(commit_reveal: bool) -> Hyperparameters {
    let max_validators = MAX_UIDS as u16;
    Hyperparameters {
        commit_reveal,
        max_validators,
        min_allowed_weights: 1,
        ..Default::default()
    }
}

/// A subnet with `n` neurons, each with stake.
fn subnet<T: Config>(params: Hyperparameters, n: u32) -> NetUid {
    frame_system::Pallet::<T>::set_block_number(10u32.into());
    let netuid = T::Subnets::benchmark_create(&account("owner", 0, 0), params);
    // Pallets that make neurons and subnets for benchmarks need not tell anybody.
    Pallet::<T>::on_subnet_created(netuid);
    for uid in 0..n {
        let (hotkey, coldkey) = (account("hotkey", uid, 0), account("coldkey", uid, 0));
        let uid = T::Neurons::benchmark_register(netuid, &hotkey, &coldkey);
        Pallet::<T>::on_neuron_registered(netuid, uid);
        T::Stake::benchmark_stake(&hotkey, &coldkey, LRL * u64::from(uid.0 + 1));
    }
    frame_system::Pallet::<T>::set_block_number(1_000u32.into());
    netuid
}

/// Takes stock of everybody, as the step before the epoch does.
fn take_stock<T: Config>(netuid: NetUid) {
    <Pallet<T> as Epochs<T::AccountId>>::take_stock(netuid, Uid(0), T::Neurons::count(netuid));
}

/// Gives every neuron a permit and scores, as an epoch would.
fn give_permits<T: Config>(netuid: NetUid) {
    let neurons = T::Neurons::neurons(netuid);
    let all = alloc::vec![true; neurons.len()];
    Permits::<T>::insert(netuid, all.iter().collect::<UidSet>());
    let column = || BoundedVec::truncate_from(alloc::vec![200u16; neurons.len()]);
    Scores::<T>::insert(
        netuid,
        EpochScores {
            stake_weight: column(),
            trust: column(),
            consensus: column(),
            incentive: column(),
            dividends: column(),
            validator_trust: column(),
            active: all.iter().collect(),
        },
    );
    Pallet::<T>::put_emissions(netuid, &alloc::vec![LRL; neurons.len()]);
    for _ in 0..MEMORY {
        Pallet::<T>::remember_consensus(netuid, &alloc::vec![200; neurons.len()]);
    }
}

/// A row with `entries` entries, none about `uid`.
fn row_of(uid: Uid, entries: u32) -> WeightRow {
    let others = (0..MAX_UIDS as u16)
        .filter(|other| *other != uid.0)
        .take(entries as usize);
    WeightRow::new(others.map(|other| (Uid(other), 1_000 + other)).collect()).expect("ascending and positive")
}

fn neuron_of<T: Config>(netuid: NetUid, uid: u32) -> NeuronId<T::AccountId> {
    T::Neurons::neuron(netuid, Uid(uid as u16)).expect("was registered above")
}

fn commit_of<T: Config>(epoch: u64, hash: [u8; 32]) -> Commit {
    Commit {
        hash,
        epoch: EpochIndex(epoch),
        reveal_epoch: EpochIndex(epoch + 1),
        block: Pallet::<T>::now(),
    }
}

/// Stores the same commits for every neuron, and others for one of them.
fn put_commits<T: Config>(netuid: NetUid, commits: &[Commit], own: Option<(Uid, &[Commit])>) {
    let neurons = T::Neurons::neurons(netuid);
    for group in neurons.chunks(GROUP as usize) {
        let records = group.iter().map(|neuron| {
            let own = own.filter(|(uid, _)| *uid == neuron.uid).map(|(_, commits)| commits);
            CommitRecord {
                pending: BoundedVec::truncate_from(own.unwrap_or(commits).to_vec()),
                ..CommitRecord::new(neuron.uid, neuron.registration)
            }
        });
        let records = BoundedVec::truncate_from(records.collect());
        Commits::<T>::insert(netuid, uids::group_of(group[0].uid), records);
    }
}

/// Stores a row of so many entries for each of the first `validators` neurons.
fn put_rows<T: Config>(netuid: NetUid, validators: u32, entries: u32) {
    for uid in 0..validators {
        let neuron = neuron_of::<T>(netuid, uid);
        Pallet::<T>::put_row(netuid, &neuron, &row_of(neuron.uid, entries), 500);
    }
}

fn run_epoch_at<T: Config>(netuid: NetUid, epoch: u64) {
    Clock::<T>::insert(
        netuid,
        EpochClock {
            epoch: EpochIndex(epoch),
            started_at: 900,
        },
    );
}

/// Every validator of `validators` is bonded to every neuron.
fn put_full_bonds<T: Config>(netuid: NetUid, validators: u32) {
    let row: Vec<(u16, u16)> = (0..MAX_UIDS as u16).map(|uid| (uid, 60_000 + uid)).collect();
    let mut rows = alloc::vec![Vec::new(); MAX_UIDS as usize];
    for place in rows.iter_mut().take(validators as usize) {
        *place = row.clone();
    }
    Pallet::<T>::put_bonds(netuid, &rows);
}

/// A subnet with all that one can have.
fn full_subnet<T: Config>() -> NetUid {
    let netuid = subnet::<T>(params(true), MAX_UIDS);
    give_permits::<T>(netuid);
    run_epoch_at::<T>(netuid, 5);
    put_rows::<T>(netuid, MAX_UIDS, FULL_ROW);
    put_commits::<T>(netuid, &[commit_of::<T>(4, [0; 32]), commit_of::<T>(5, [0; 32])], None);
    put_full_bonds::<T>(netuid, MAX_UIDS);
    netuid
}

/// What a validator reveals of so many entries.
fn reveal_of(netuid: NetUid, uid: Uid, entries: u32) -> RevealItem {
    RevealItem {
        netuid,
        row: row_of(uid, entries),
        receipts_root: [1; 32],
        version_key: 0,
        salt: [2; 32],
    }
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn commit_weights() {
        let netuid = full_subnet::<T>();
        let neuron = neuron_of::<T>(netuid, FULL_ROW);
        let others = [commit_of::<T>(4, [0; 32]), commit_of::<T>(5, [0; 32])];
        put_commits::<T>(netuid, &others, Some((neuron.uid, &others[..1])));
        #[extrinsic_call]
        _(RawOrigin::Signed(neuron.hotkey), netuid, H256::repeat_byte(1));
        let record = Pallet::<T>::commits_of(netuid, neuron.uid).expect("has committed");
        assert_eq!(record.pending.len(), 2);
    }

    #[benchmark]
    fn reveal_weights(e: Linear<1, FULL_ROW>) {
        let netuid = full_subnet::<T>();
        let neuron = neuron_of::<T>(netuid, FULL_ROW);
        let item = reveal_of(netuid, neuron.uid, e);
        let hash = commit_hash(&item, neuron.registration);
        let others = [commit_of::<T>(4, [0; 32]), commit_of::<T>(5, [0; 32])];
        let own = [commit_of::<T>(4, hash), commit_of::<T>(5, hash)];
        put_commits::<T>(netuid, &others, Some((neuron.uid, &own[..])));
        #[extrinsic_call]
        _(
            RawOrigin::Signed(neuron.hotkey),
            netuid,
            item.row,
            item.receipts_root,
            item.version_key,
            item.salt,
        );
        assert_eq!(Pallet::<T>::last_update(netuid, neuron.uid), 1_000);
    }

    #[benchmark]
    fn set_weights(e: Linear<1, FULL_ROW>) {
        let netuid = subnet::<T>(params(false), MAX_UIDS);
        give_permits::<T>(netuid);
        put_rows::<T>(netuid, MAX_UIDS, FULL_ROW);
        let neuron = neuron_of::<T>(netuid, FULL_ROW);
        #[extrinsic_call]
        _(
            RawOrigin::Signed(neuron.hotkey),
            netuid,
            row_of(neuron.uid, e),
            [1; 32],
            0,
        );
        assert_eq!(Pallet::<T>::last_update(netuid, neuron.uid), 1_000);
    }

    /// All items but the last fail before they read much: what is left is what the batch itself costs.
    #[benchmark]
    fn batch(b: Linear<2, MAX_SUBNETS>) {
        let netuid = subnet::<T>(params(true), 4);
        give_permits::<T>(netuid);
        let neuron = neuron_of::<T>(netuid, 0);
        let hash = [1; 32];
        let unknown = CommitItem {
            netuid: NetUid(u16::MAX),
            hash,
        };
        let mut items = alloc::vec![unknown; b as usize - 1];
        items.push(CommitItem { netuid, hash });
        #[extrinsic_call]
        batch_commit_weights(RawOrigin::Signed(neuron.hotkey), BoundedVec::truncate_from(items));
        assert!(Pallet::<T>::commits_of(netuid, neuron.uid).is_some());
    }

    #[benchmark]
    fn take_stock(n: Linear<1, MAX_UIDS>) {
        let netuid = subnet::<T>(params(true), MAX_UIDS);
        #[block]
        {
            <Pallet<T> as Epochs<T::AccountId>>::take_stock(netuid, Uid(0), n as u16);
        }
        let last = Rolls::<T>::get(netuid).stakes.get(n as usize - 1).copied();
        assert!(last.is_some_and(|stake| stake > 0));
    }

    #[benchmark]
    fn epoch_neurons(n: Linear<1, MAX_UIDS>) {
        let netuid = subnet::<T>(params(true), n);
        give_permits::<T>(netuid);
        take_stock::<T>(netuid);
        run_epoch_at::<T>(netuid, 5);
        put_rows::<T>(netuid, n, 1.min(n - 1));
        put_commits::<T>(netuid, &[commit_of::<T>(4, [0; 32])], None);
        let shares;
        #[block]
        {
            shares = <Pallet<T> as Epochs<T::AccountId>>::run(netuid);
        }
        assert_eq!(shares.len(), n as usize);
        assert_eq!(RowCount::<T>::get(netuid), 0);
    }

    #[benchmark]
    fn epoch_rows(v: Linear<0, MAX_UIDS>) {
        let netuid = subnet::<T>(params(true), MAX_UIDS);
        give_permits::<T>(netuid);
        take_stock::<T>(netuid);
        run_epoch_at::<T>(netuid, 5);
        put_rows::<T>(netuid, v, FULL_ROW);
        put_commits::<T>(netuid, &[commit_of::<T>(5, [0; 32])], None);
        put_full_bonds::<T>(netuid, v);
        let shares;
        #[block]
        {
            shares = <Pallet<T> as Epochs<T::AccountId>>::run(netuid);
        }
        assert_eq!(shares.iter().any(|share| share.incentive > 0), v > 0);
        assert_eq!(RowCount::<T>::get(netuid), v);
    }

    #[benchmark]
    fn on_neuron_replaced() {
        let netuid = full_subnet::<T>();
        let uid = Uid(100);
        #[block]
        {
            Pallet::<T>::on_neuron_replaced(netuid, uid);
        }
        assert_eq!(RowCount::<T>::get(netuid), MAX_UIDS - 1);
        assert!(!Permits::<T>::get(netuid).contains(uid));
    }

    #[benchmark]
    fn on_neuron_registered() {
        let netuid = full_subnet::<T>();
        #[block]
        {
            Pallet::<T>::on_neuron_registered(netuid, Uid(FULL_ROW as u16));
        }
        assert_eq!(Rolls::<T>::get(netuid).len(), MAX_UIDS as usize);
    }

    #[benchmark]
    fn on_hotkey_swapped() {
        let (old, coldkey): (T::AccountId, T::AccountId) = (account("swapped", 0, 0), account("coldkey", 0, 0));
        let mut netuids = Vec::new();
        for _ in 0..MAX_SUBNETS {
            let netuid = subnet::<T>(params(true), 0);
            T::Neurons::benchmark_register(netuid, &old, &coldkey);
            // The others need not exist: only the length of the roll costs.
            Rolls::<T>::insert(
                netuid,
                Roll {
                    hotkeys: BoundedVec::truncate_from(alloc::vec![old.clone(); MAX_UIDS as usize]),
                    registrations: BoundedVec::truncate_from(alloc::vec![1; MAX_UIDS as usize]),
                    registered_at: BoundedVec::truncate_from(alloc::vec![1; MAX_UIDS as usize]),
                    since: BoundedVec::truncate_from(alloc::vec![1; MAX_UIDS as usize]),
                    marks: BoundedVec::truncate_from(alloc::vec![1; MAX_UIDS as usize]),
                    stakes: BoundedVec::truncate_from(alloc::vec![1; MAX_UIDS as usize]),
                },
            );
            netuids.push(netuid);
        }
        let new: T::AccountId = account("new", 0, 0);
        #[block]
        {
            let swapped = Pallet::<T>::on_hotkey_swapped(&old, &new);
            assert_eq!(swapped, Ok(()));
        }
        assert!(netuids
            .into_iter()
            .all(|netuid| Rolls::<T>::get(netuid).hotkeys.first() == Some(&new)));
    }

    #[benchmark]
    fn remove_subnet() {
        let netuid = full_subnet::<T>();
        let removed;
        #[block]
        {
            removed = <Pallet<T> as OnSubnetRemoved>::remove_step(netuid, Weight::MAX);
        }
        assert!(removed.1);
        assert!(!Rolls::<T>::contains_key(netuid));
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder::default().build(), crate::mock::Test);
}
