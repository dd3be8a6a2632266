//! What each call and hook costs at worst: full subnets, full rows, everybody bonded to everybody.
use super::*;
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::BoundedVec;
use frame_system::RawOrigin;
use laurel_support::{Epochs, NeuronId, Neurons, OnNeuronReplaced, OnSubnetCreated, Stake, Subnets};
use laurel_types::{EpochIndex, Hyperparameters, NetUid, NeuronScores, Uid, WeightRow, LRL, MAX_UIDS};
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
    Pallet::<T>::on_subnet_created(netuid);
    for uid in 0..n {
        let (hotkey, coldkey) = (account("hotkey", uid, 0), account("coldkey", uid, 0));
        T::Neurons::benchmark_register(netuid, &hotkey, &coldkey);
        T::Stake::benchmark_stake(&hotkey, &coldkey, LRL * u64::from(uid + 1));
    }
    frame_system::Pallet::<T>::set_block_number(1_000u32.into());
    netuid
}

/// Gives every neuron a permit, as an epoch would.
fn give_permits<T: Config>(netuid: NetUid) {
    let scores = T::Neurons::neurons(netuid).into_iter().map(|_| NeuronScores {
        permit: true,
        ..Default::default()
    });
    Scores::<T>::insert(netuid, BoundedVec::truncate_from(scores.collect::<Vec<_>>()));
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

fn commit_of<T: Config>(neuron: &NeuronId<T::AccountId>, epoch: u64, hash: H256) -> Commit {
    Commit {
        hash,
        epoch: EpochIndex(epoch),
        block: Pallet::<T>::now(),
        registration: neuron.registration,
    }
}

/// Stores commits of the given epochs.
fn put_commits<T: Config>(netuid: NetUid, neuron: &NeuronId<T::AccountId>, commits: &[Commit]) {
    let mut pending = PendingCommits::default();
    for commit in commits {
        pending.push(*commit).expect("two at most");
    }
    Commits::<T>::insert(netuid, neuron.uid, pending);
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
    Pallet::<T>::put_bonds(netuid, &alloc::vec![row; validators as usize]);
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn commit_weights() {
        let netuid = subnet::<T>(params(true), MAX_UIDS);
        give_permits::<T>(netuid);
        run_epoch_at::<T>(netuid, 5);
        let neuron = neuron_of::<T>(netuid, FULL_ROW);
        put_commits::<T>(netuid, &neuron, &[commit_of::<T>(&neuron, 4, H256::zero())]);
        #[extrinsic_call]
        _(RawOrigin::Signed(neuron.hotkey), netuid, H256::repeat_byte(1));
        assert_eq!(Commits::<T>::get(netuid, neuron.uid).iter().count(), 2);
    }

    #[benchmark]
    fn reveal_weights(e: Linear<1, FULL_ROW>) {
        let netuid = subnet::<T>(params(true), MAX_UIDS);
        run_epoch_at::<T>(netuid, 5);
        let neuron = neuron_of::<T>(netuid, FULL_ROW);
        let reveal = Reveal {
            row: row_of(neuron.uid, e),
            receipts_root: [1; 32],
            version_key: 0,
            salt: [2; 32],
        };
        let hash = reveal.hash(netuid, neuron.registration);
        let commits = [commit_of::<T>(&neuron, 4, hash), commit_of::<T>(&neuron, 5, hash)];
        put_commits::<T>(netuid, &neuron, &commits);
        let Reveal {
            row,
            receipts_root,
            version_key,
            salt,
        } = reveal;
        #[extrinsic_call]
        _(
            RawOrigin::Signed(neuron.hotkey),
            netuid,
            row,
            receipts_root,
            version_key,
            salt,
        );
        assert!(Rows::<T>::contains_key(netuid, neuron.uid));
    }

    #[benchmark]
    fn set_weights(e: Linear<1, FULL_ROW>) {
        let netuid = subnet::<T>(params(false), MAX_UIDS);
        give_permits::<T>(netuid);
        let neuron = neuron_of::<T>(netuid, FULL_ROW);
        Pallet::<T>::put_row(netuid, &neuron, &row_of(neuron.uid, FULL_ROW), 10);
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

    #[benchmark]
    fn provisional_permit(n: Linear<1, MAX_UIDS>) {
        let params = params(true);
        let netuid = subnet::<T>(params, n);
        let permit;
        #[block]
        {
            permit = Pallet::<T>::ensure_permit(netuid, Uid(0), &params);
        }
        assert_eq!(permit, Ok(PermitSource::Provisional { neurons: n as u16 }));
    }

    #[benchmark]
    fn epoch_neurons(n: Linear<1, MAX_UIDS>) {
        let netuid = subnet::<T>(params(true), n);
        give_permits::<T>(netuid);
        run_epoch_at::<T>(netuid, 5);
        for uid in 0..n {
            let neuron = neuron_of::<T>(netuid, uid);
            Pallet::<T>::put_row(netuid, &neuron, &row_of(neuron.uid, 1), 500);
            put_commits::<T>(netuid, &neuron, &[commit_of::<T>(&neuron, 4, H256::zero())]);
        }
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
        run_epoch_at::<T>(netuid, 5);
        for uid in 0..v {
            let neuron = neuron_of::<T>(netuid, uid);
            Pallet::<T>::put_row(netuid, &neuron, &row_of(neuron.uid, FULL_ROW), 500);
            put_commits::<T>(netuid, &neuron, &[commit_of::<T>(&neuron, 5, H256::zero())]);
        }
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
        let netuid = subnet::<T>(params(true), MAX_UIDS);
        give_permits::<T>(netuid);
        run_epoch_at::<T>(netuid, 5);
        let neuron = neuron_of::<T>(netuid, 100);
        Pallet::<T>::put_row(netuid, &neuron, &row_of(neuron.uid, FULL_ROW), 500);
        put_commits::<T>(netuid, &neuron, &[commit_of::<T>(&neuron, 4, H256::zero())]);
        put_full_bonds::<T>(netuid, MAX_UIDS);
        #[block]
        {
            Pallet::<T>::on_neuron_replaced(netuid, neuron.uid);
        }
        assert!(Pallet::<T>::bonds(netuid)
            .iter()
            .all(|(_, row)| row.iter().all(|bond| bond.0 != neuron.uid)));
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder::default().build(), crate::mock::Test);
}
