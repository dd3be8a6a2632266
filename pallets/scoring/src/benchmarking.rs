//! What each call and hook costs at worst: full groups and pages, full rows, validators bonded to everybody.
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
    MAX_VALIDATORS,
};
use sp_core::H256;

/// The dearest path through the mathematics, and where weights go: by commit and reveal, or directly.
fn params(commit_reveal: bool) -> Hyperparameters {
    Hyperparameters {
        commit_reveal,
        max_uids: MAX_UIDS as u16,
        max_validators: MAX_VALIDATORS as u16,
        min_allowed_weights: 1,
        liquid_alpha: Some((45_875, 58_982)),
        bonds_penalty: 32_767,
        ..Default::default()
    }
}

/// A subnet with `n` neurons, as an epoch finds it that has taken stock.
fn subnet<T: Config>(params: Hyperparameters, n: u32) -> NetUid {
    frame_system::Pallet::<T>::set_block_number(10u32.into());
    let netuid = T::Subnets::benchmark_create(&account("owner", 0, 0), params);
    // Pallets that make neurons and subnets for benchmarks need not tell anybody.
    Pallet::<T>::on_subnet_created(netuid);
    for uid in 0..n {
        T::Neurons::benchmark_register(netuid, &account("hotkey", uid, 0), &account("coldkey", uid, 0));
    }
    let neurons = T::Neurons::neurons(netuid);
    for (page, neurons) in (0..).zip(neurons.chunks(PAGE as usize)) {
        let stakes = neurons.iter().map(|neuron| LRL * u64::from(neuron.uid.0 + 1));
        Rolls::<T>::insert(
            netuid,
            page,
            Roll {
                hotkeys: BoundedVec::truncate_from(neurons.iter().map(|neuron| neuron.hotkey.clone()).collect()),
                registrations: BoundedVec::truncate_from(neurons.iter().map(|neuron| neuron.registration.0).collect()),
                registered_at: BoundedVec::truncate_from(neurons.iter().map(|neuron| neuron.registered_at).collect()),
                since: BoundedVec::truncate_from(alloc::vec![10; neurons.len()]),
                marks: BoundedVec::truncate_from(alloc::vec![0; neurons.len()]),
                stakes: BoundedVec::truncate_from(stakes.collect()),
            },
        );
    }
    frame_system::Pallet::<T>::set_block_number(1_000u32.into());
    netuid
}

/// Gives the most staked neurons permits, and everybody scores, as an epoch would.
fn give_permits<T: Config>(netuid: NetUid) {
    let members = Pallet::<T>::members(netuid);
    let permits = laurel_yuma::top_staked(&members.stakes, MAX_VALIDATORS as usize);
    Permits::<T>::insert(netuid, permits.iter().collect::<UidSet>());
    let column = || BoundedVec::truncate_from(alloc::vec![200u16; members.len()]);
    Scores::<T>::insert(
        netuid,
        EpochScores {
            stake_weight: column(),
            trust: column(),
            consensus: column(),
            incentive: column(),
            dividends: column(),
            validator_trust: column(),
            active: permits.iter().collect(),
        },
    );
    Pallet::<T>::put_emissions(netuid, &alloc::vec![LRL; members.len()]);
    let mut past = PastScores::new();
    for epoch in 0..MEMORY as u16 {
        // Somebody else is ahead in each, so that there is always a change to be measured.
        let consensus = (0..members.len() as u16).map(|uid| 200 + (uid + epoch) % 7);
        let _ = past.try_push(BoundedVec::truncate_from(consensus.collect()));
    }
    PastConsensus::<T>::insert(netuid, past);
}

/// A row with `entries` entries, none about `uid`, and with other weights than the next validator's.
fn row_of(uid: Uid, entries: u32) -> WeightRow {
    let others = (0..MAX_UIDS as u16)
        .filter(|other| *other != uid.0)
        .take(entries as usize);
    let weight = |other: u16| 1_000 + (u32::from(other) * 7 + u32::from(uid.0) * 13) as u16 % 1_009;
    WeightRow::new(others.map(|other| (Uid(other), weight(other))).collect()).expect("ascending and positive")
}

fn neuron_of<T: Config>(netuid: NetUid, uid: u32) -> NeuronId<T::AccountId> {
    T::Neurons::neuron(netuid, Uid(uid as u16)).expect("was registered above")
}

/// A commit of this epoch to reveal in the next.
fn commit_of(epoch: u64, hash: [u8; 32]) -> Commit {
    Commit {
        hash,
        epoch: EpochIndex(epoch),
        reveal_epoch: EpochIndex(epoch + 1),
        block: 1_000,
    }
}

/// Stores the same commits for every neuron, and others for one of them.
fn put_commits<T: Config>(netuid: NetUid, commits: &[Commit], own: Option<(Uid, &[Commit])>) {
    let neurons = T::Neurons::neurons(netuid);
    let mut tally = Tallies::<T>::get(netuid);
    tally.commits = Default::default();
    for group in neurons.chunks(GROUP as usize) {
        let records = group.iter().map(|neuron| {
            let own = own.filter(|(uid, _)| *uid == neuron.uid).map(|(_, commits)| commits);
            let pending = own.unwrap_or(commits).to_vec();
            CommitRecord {
                pending: BoundedVec::truncate_from(pending),
                missed: own.is_none().then_some(EpochIndex(1)),
                ..CommitRecord::new(neuron.uid, neuron.registration)
            }
        });
        let records: CommitGroup = BoundedVec::truncate_from(records.collect());
        tally.recount_commits(&[], &tally::reveal_epochs(&records));
        Commits::<T>::insert(netuid, uids::group_of(group[0].uid), records);
    }
    Tallies::<T>::insert(netuid, tally);
}

/// Stores a row of so many entries for each of these neurons.
fn put_rows<T: Config>(netuid: NetUid, validators: core::ops::Range<u32>, entries: u32) {
    let stored = |uid: u32| {
        let neuron = neuron_of::<T>(netuid, uid);
        StoredRow {
            uid: neuron.uid,
            registration: neuron.registration,
            fixed_at: 500,
            weights: PackedRow::scaled(&row_of(neuron.uid, entries)),
        }
    };
    let uids: Vec<u32> = validators.collect();
    let mut tally = Tally {
        commits: Tallies::<T>::get(netuid).commits,
        ..Default::default()
    };
    for group in uids.chunk_by(|left, right| left / GROUP == right / GROUP) {
        let rows: RowGroup = BoundedVec::truncate_from(group.iter().map(|uid| stored(*uid)).collect());
        let number = (group[0] / GROUP) as u16;
        rows.iter().for_each(|row| tally.speakers.insert(row.uid));
        Rows::<T>::insert(netuid, number, rows);
    }
    Tallies::<T>::insert(netuid, tally);
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

/// Each of these validators is bonded to every neuron.
fn put_full_bonds<T: Config>(netuid: NetUid, validators: core::ops::Range<u32>) {
    let columns = T::Neurons::count(netuid);
    let mut rows = alloc::vec![Vec::new(); columns.into()];
    for (uid, place) in (0u16..).zip(rows.iter_mut()) {
        if validators.contains(&uid.into()) {
            *place = (0..columns)
                .map(|miner| (miner, 30_000 + (miner ^ uid) % 1_021))
                .collect();
        }
    }
    Pallet::<T>::put_bonds(netuid, &rows);
}

/// A subnet of `n` neurons of whom the first group have commits and full rows, and everybody scores; all have commits.
fn full_subnet<T: Config>(commit_reveal: bool, n: u32) -> NetUid {
    let netuid = subnet::<T>(params(commit_reveal), n);
    give_permits::<T>(netuid);
    run_epoch_at::<T>(netuid, 5);
    put_rows::<T>(netuid, 0..n.min(GROUP), n - 1);
    put_commits::<T>(netuid, &pending(&[1, 2, 3, 4, 5]), None);
    netuid
}

/// Commits of these epochs.
fn pending(epochs: &[u64]) -> Vec<Commit> {
    epochs.iter().map(|epoch| commit_of(*epoch, [0; 32])).collect()
}

/// Takes the row of a neuron of the first group away, so that the next one is its first; and gives it a permit.
fn silence<T: Config>(netuid: NetUid, uid: Uid) {
    Pallet::<T>::remove_rows(netuid, uids::group_of(uid), &[uid]);
    Permits::<T>::mutate(netuid, |permits| permits.insert(uid));
}

/// What `commit_hash` is of.
fn reveal_of(netuid: NetUid, uid: Uid, entries: u32) -> RevealItem {
    RevealItem {
        netuid,
        row: row_of(uid, entries),
        receipts_root: [1; 32],
        version_key: 0,
        salt: [2; 32],
    }
}

/// An epoch of `n` neurons, `v` of whom, the most staked, gave weights to and hold bonds on all.
fn ready_epoch<T: Config>(params: Hyperparameters, n: u32, v: u32) -> NetUid {
    let netuid = subnet::<T>(params, n);
    give_permits::<T>(netuid);
    run_epoch_at::<T>(netuid, 5);
    put_rows::<T>(netuid, n - v..n, n - 1);
    put_commits::<T>(netuid, &pending(&[5]), None);
    put_full_bonds::<T>(netuid, n - v..n);
    netuid
}

fn run<T: Config>(netuid: NetUid) -> Vec<laurel_support::EpochShare<T::AccountId>> {
    <Pallet<T> as Epochs<T::AccountId>>::run(netuid)
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn commit_weights() {
        let netuid = full_subnet::<T>(true, PAGE);
        let neuron = neuron_of::<T>(netuid, GROUP - 1);
        put_commits::<T>(
            netuid,
            &pending(&[1, 2, 3, 4, 5]),
            Some((neuron.uid, &pending(&[1, 2, 3, 4]))),
        );
        // Nobody holds a permit: the stake is looked at.
        Permits::<T>::remove(netuid);
        T::Stake::benchmark_stake(&neuron.hotkey, &account("coldkey", GROUP - 1, 0), LRL);
        #[extrinsic_call]
        _(RawOrigin::Signed(neuron.hotkey), netuid, H256::repeat_byte(1));
        let record = Pallet::<T>::commits_of(netuid, neuron.uid).expect("has committed");
        assert_eq!(record.pending.len(), 5);
    }

    /// The validator's first row, in a group whose others have full ones.
    #[benchmark]
    fn reveal_weights(n: Linear<16, MAX_UIDS>) {
        let netuid = full_subnet::<T>(true, n);
        let neuron = neuron_of::<T>(netuid, GROUP - 1);
        silence::<T>(netuid, neuron.uid);
        let item = reveal_of(netuid, neuron.uid, n - 1);
        let hash = commit_hash(&item, neuron.registration);
        let mut own = pending(&[1, 2, 3]);
        own.push(commit_of(4, hash));
        own.push(commit_of(5, hash));
        put_commits::<T>(netuid, &pending(&[1, 2, 3, 4, 5]), Some((neuron.uid, &own)));
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

    /// As for `reveal_weights`.
    #[benchmark]
    fn set_weights(n: Linear<16, MAX_UIDS>) {
        let netuid = full_subnet::<T>(false, n);
        let neuron = neuron_of::<T>(netuid, GROUP - 1);
        silence::<T>(netuid, neuron.uid);
        Permits::<T>::remove(netuid);
        T::Stake::benchmark_stake(&neuron.hotkey, &account("coldkey", GROUP - 1, 0), LRL);
        #[extrinsic_call]
        _(
            RawOrigin::Signed(neuron.hotkey),
            netuid,
            row_of(neuron.uid, n - 1),
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
    fn take_stock(n: Linear<1, PAGE>) {
        let netuid = subnet::<T>(params(true), PAGE);
        for uid in 0..n {
            T::Stake::benchmark_stake(&account("hotkey", uid, 0), &account("coldkey", uid, 0), LRL);
        }
        frame_system::Pallet::<T>::set_block_number(2_000u32.into());
        #[block]
        {
            <Pallet<T> as Epochs<T::AccountId>>::take_stock(netuid, Uid(0), n as u16);
        }
        let roll = Rolls::<T>::get(netuid, 0);
        assert_eq!(roll.since.get(n as usize - 1), Some(&2_000));
    }

    #[benchmark]
    fn epoch_groups(g: Linear<1, { MAX_UIDS / GROUP }>) {
        let n = g * GROUP;
        let netuid = ready_epoch::<T>(params(true), n, 0);
        put_rows::<T>(netuid, 0..n, 1);
        // One of them judges all the others, so that there is a consensus on each, on which liquid alpha depends.
        let judge = neuron_of::<T>(netuid, n - 1);
        let mut permits = UidSet::default();
        permits.insert(judge.uid);
        Permits::<T>::insert(netuid, permits);
        Pallet::<T>::put_row(netuid, &judge, &row_of(judge.uid, n - 1), 500);
        let shares;
        #[block]
        {
            shares = run::<T>(netuid);
        }
        assert_eq!(shares.len(), n as usize);
        assert_eq!(Tallies::<T>::get(netuid).rows(), n.min(MAX_VALIDATORS));
    }

    #[benchmark]
    fn epoch_cells(c: Linear<0, { MAX_VALIDATORS * MAX_UIDS / 256 }>) {
        let v = (c * 256).div_ceil(MAX_UIDS);
        let netuid = ready_epoch::<T>(params(true), MAX_UIDS, v);
        let shares;
        #[block]
        {
            shares = run::<T>(netuid);
        }
        assert_eq!(shares.iter().any(|share| share.incentive > 0), v > 0);
        assert_eq!(Tallies::<T>::get(netuid).rows(), v);
    }

    /// One after the other in different groups, so that as many groups as possible are stored anew.
    #[benchmark]
    fn expire_commits(c: Linear<1, PAGE>) {
        let netuid = full_subnet::<T>(true, PAGE);
        put_rows::<T>(netuid, 0..PAGE, PAGE - 1);
        put_commits::<T>(netuid, &pending(&[5]), None);
        let groups = PAGE / GROUP;
        let due = pending(&[4]);
        for at in 0..c {
            let uid = Uid((at % groups * GROUP + at / groups) as u16);
            Commits::<T>::mutate(netuid, uids::group_of(uid), |records| {
                if let Some(record) = records.iter_mut().find(|record| record.uid == uid) {
                    record.pending = BoundedVec::truncate_from(due.clone());
                }
            });
        }
        Tallies::<T>::mutate(netuid, |tally| {
            let moved = c as usize;
            tally.recount_commits(&alloc::vec![EpochIndex(6); moved], &alloc::vec![EpochIndex(5); moved]);
        });
        #[block]
        {
            Pallet::<T>::expire_commits(netuid, PAGE as usize, EpochIndex(5), commit_reveal::Window::Enforced);
        }
        let tally = Tallies::<T>::get(netuid);
        assert_eq!((tally.rows(), tally.expiring(EpochIndex(6))), (PAGE - c, PAGE - c));
    }

    /// The reference point of `docs/performance-epoch.md`: what the others say of 256 neurons and 64 validators, measured at it.
    #[benchmark(extra)]
    fn epoch_256_64() {
        let plain = Hyperparameters {
            liquid_alpha: None,
            ..params(true)
        };
        let netuid = ready_epoch::<T>(plain, 256, 64);
        let shares;
        #[block]
        {
            shares = run::<T>(netuid);
        }
        assert!(shares.iter().any(|share| share.incentive > 0));
    }

    /// As `epoch_256_64`, with liquid alpha.
    #[benchmark(extra)]
    fn epoch_256_64_liquid() {
        let netuid = ready_epoch::<T>(params(true), 256, 64);
        let shares;
        #[block]
        {
            shares = run::<T>(netuid);
        }
        assert!(shares.iter().any(|share| share.incentive > 0));
    }

    /// As `epoch_256_64`, of 4096 neurons and 128 validators.
    #[benchmark(extra)]
    fn epoch_4096_128() {
        let plain = Hyperparameters {
            liquid_alpha: None,
            ..params(true)
        };
        let netuid = ready_epoch::<T>(plain, 4_096, 128);
        let shares;
        #[block]
        {
            shares = run::<T>(netuid);
        }
        assert!(shares.iter().any(|share| share.incentive > 0));
    }

    #[benchmark]
    fn on_neuron_replaced(n: Linear<16, MAX_UIDS>) {
        let netuid = full_subnet::<T>(true, n);
        let uid = Uid(7);
        Permits::<T>::mutate(netuid, |permits| permits.insert(uid));
        #[block]
        {
            Pallet::<T>::on_neuron_replaced(netuid, uid);
        }
        assert_eq!(Tallies::<T>::get(netuid).rows(), GROUP - 1);
        assert!(!Permits::<T>::get(netuid).contains(uid));
    }

    #[benchmark]
    fn on_neuron_registered() {
        let netuid = subnet::<T>(params(true), PAGE);
        let last = PAGE - 1;
        T::Stake::benchmark_stake(&account("hotkey", last, 0), &account("coldkey", last, 0), LRL);
        #[block]
        {
            Pallet::<T>::on_neuron_registered(netuid, Uid(PAGE as u16 - 1));
        }
        assert_eq!(Rolls::<T>::get(netuid, 0).len(), PAGE as usize);
    }

    /// The neurons have been told already and know only the new key, which costs a look more than the other way round.
    #[benchmark]
    fn on_hotkey_swapped() {
        let (old, new): (T::AccountId, T::AccountId) = (account("swapped", 0, 0), account("new", 0, 0));
        let mut netuids = Vec::new();
        for _ in 0..MAX_SUBNETS {
            let netuid = subnet::<T>(params(true), 0);
            T::Neurons::benchmark_register(netuid, &new, &account("coldkey", 0, 0));
            // The others need not exist: only the length of the page costs.
            let page = PAGE as usize;
            Rolls::<T>::insert(
                netuid,
                0,
                Roll {
                    hotkeys: BoundedVec::truncate_from(alloc::vec![old.clone(); page]),
                    registrations: BoundedVec::truncate_from(alloc::vec![1; page]),
                    registered_at: BoundedVec::truncate_from(alloc::vec![1; page]),
                    since: BoundedVec::truncate_from(alloc::vec![1; page]),
                    marks: BoundedVec::truncate_from(alloc::vec![1; page]),
                    stakes: BoundedVec::truncate_from(alloc::vec![1; page]),
                },
            );
            netuids.push(netuid);
        }
        #[block]
        {
            let swapped = Pallet::<T>::on_hotkey_swapped(&old, &new);
            assert_eq!(swapped, Ok(()));
        }
        assert!(netuids
            .into_iter()
            .all(|netuid| Rolls::<T>::get(netuid, 0).hotkeys.first() == Some(&new)));
    }

    #[benchmark]
    fn remove_page() {
        let netuid = full_subnet::<T>(true, PAGE);
        put_rows::<T>(netuid, 0..PAGE, PAGE - 1);
        let budget = T::WeightInfo::remove_page();
        let removed;
        #[block]
        {
            removed = Pallet::<T>::remove_pages(netuid, budget);
        }
        assert_eq!(removed, (budget, true));
        assert!(!Rolls::<T>::contains_key(netuid, 0));
    }

    #[benchmark]
    fn remove_subnet() {
        let netuid = full_subnet::<T>(true, MAX_UIDS);
        put_full_bonds::<T>(netuid, 0..MAX_VALIDATORS);
        let pages = Pallet::<T>::remove_pages(netuid, Weight::MAX);
        assert!(pages.1);
        let removed;
        #[block]
        {
            removed = <Pallet<T> as OnSubnetRemoved>::remove_step(netuid, Weight::MAX);
        }
        assert!(removed.1);
        assert!(!Clock::<T>::contains_key(netuid));
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder::default().build(), crate::mock::Test);
}
