//! What must hold of the storage at any time.
use crate::{
    tally::reveal_epochs, uids::pages, Bonds, Clock, Commits, Config, Emissions, Pallet, PastConsensus, Permits, Rolls,
    Rows, Scores, Tallies, Tally,
};
use frame_support::ensure;
use laurel_support::{Neurons, Subnets};
use laurel_types::{NetUid, RegistrationId, Uid};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
    /// Checks every equation that the crate's documentation lists.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        for netuid in T::Subnets::netuids() {
            ensure!(Clock::<T>::contains_key(netuid), "a subnet has no clock");
            Self::ensure_roll(netuid)?;
        }
        Self::ensure_rows()?;
        Self::ensure_commits()?;
        Self::ensure_bonds()?;
        for (netuid, scores) in Scores::<T>::iter().filter(|entry| Self::is_whole(entry.0)) {
            ensure!(
                scores.len() <= T::Neurons::count(netuid).into(),
                "there are scores without a neuron"
            );
        }
        for (netuid, emissions) in Emissions::<T>::iter().filter(|entry| Self::is_whole(entry.0)) {
            ensure!(
                emissions.len() <= T::Neurons::count(netuid).into(),
                "there is an emission without a neuron"
            );
        }
        for (netuid, past) in PastConsensus::<T>::iter().filter(|entry| Self::is_whole(entry.0)) {
            let count = T::Neurons::count(netuid).into();
            ensure!(
                past.iter().all(|column| column.len() <= count),
                "there is a consensus on nobody"
            );
        }
        for (netuid, permits) in Permits::<T>::iter().filter(|entry| Self::is_whole(entry.0)) {
            let last = permits.last();
            ensure!(last.is_some(), "no permits are stored as a value");
            ensure!(
                last.is_none_or(|uid| uid.0 < T::Neurons::count(netuid)),
                "nobody holds a permit"
            );
        }
        let mut left = Clock::<T>::iter_keys().chain(Rolls::<T>::iter_keys().map(|(netuid, _)| netuid));
        ensure!(
            left.all(|netuid| T::Subnets::exists(netuid) || T::Subnets::is_ending(netuid)),
            "something is left of a subnet that is gone"
        );
        Ok(())
    }

    /// Whether what is kept of the subnet must be complete: of one that is being removed, parts are missing.
    fn is_whole(netuid: NetUid) -> bool {
        !T::Subnets::is_ending(netuid)
    }

    fn ensure_roll(netuid: NetUid) -> Result<(), TryRuntimeError> {
        let (members, neurons) = (Self::members(netuid), T::Neurons::neurons(netuid));
        ensure!(
            members.len() == neurons.len(),
            "the roll has not as many entries as neurons"
        );
        for (page, roll) in Rolls::<T>::iter_prefix(netuid) {
            ensure!(
                pages(neurons.len()).contains(&page),
                "there is a page of the roll without neurons"
            );
            ensure!(
                roll.since.iter().all(|since| *since <= Self::now()),
                "a window begins in the future"
            );
            let columns = [
                roll.registrations.len(),
                roll.registered_at.len(),
                roll.since.len(),
                roll.marks.len(),
                roll.stakes.len(),
            ];
            ensure!(
                columns.iter().all(|len| *len == roll.len()),
                "the roll's columns differ in length"
            );
        }
        for (uid, neuron) in neurons.iter().enumerate() {
            ensure!(
                members.hotkeys.get(uid) == Some(&neuron.hotkey)
                    && members.holds(neuron.uid, neuron.registration)
                    && members.registered_at.get(uid) == Some(&neuron.registered_at),
                "the roll names another neuron"
            );
        }
        Ok(())
    }

    fn ensure_rows() -> Result<(), TryRuntimeError> {
        let mut rows = 0;
        for (netuid, group, stored) in Rows::<T>::iter().filter(|entry| Self::is_whole(entry.0)) {
            ensure!(!stored.is_empty(), "no rows are stored as a value");
            let count = T::Neurons::count(netuid);
            let mut last = None;
            for row in stored {
                ensure!(
                    last < Some(row.uid) && crate::uids::group_of(row.uid) == group,
                    "a row is out of place"
                );
                last = Some(row.uid);
                rows += 1;
                Self::ensure_holder(netuid, row.uid, row.registration)?;
                ensure!(row.fixed_at <= Self::now(), "a row comes from the future");
                let entries: alloc::vec::Vec<(u16, u16)> = row.weights.entries().collect();
                ensure!(
                    entries.iter().all(|entry| entry.0 != row.uid.0 && entry.0 < count),
                    "a row names a wrong uid"
                );
                ensure!(
                    entries.windows(2).all(|pair| pair[0].0 < pair[1].0),
                    "a row is not ascending"
                );
                let largest = entries.iter().map(|entry| entry.1).max();
                ensure!(
                    largest.is_none_or(|w| w == u16::MAX),
                    "a row is not scaled to its largest weight"
                );
            }
        }
        let mut counted = 0;
        for (netuid, tally) in Tallies::<T>::iter().filter(|entry| Self::is_whole(entry.0)) {
            let mut expected = Tally::default();
            for row in Rows::<T>::iter_prefix_values(netuid).flatten() {
                expected.speakers.insert(row.uid);
            }
            ensure!(
                tally.speakers.iter().eq(expected.speakers.iter()),
                "rows are miscounted"
            );
            counted += tally.rows();
            for records in Commits::<T>::iter_prefix_values(netuid) {
                expected.recount_commits(&[], &reveal_epochs(&records));
            }
            let mut commits = tally.commits.into_inner();
            commits.sort();
            expected.commits.sort();
            ensure!(commits == expected.commits.into_inner(), "commits are miscounted");
        }
        ensure!(counted == rows, "there are rows that nobody counted");
        Ok(())
    }

    fn ensure_commits() -> Result<(), TryRuntimeError> {
        for (netuid, group, records) in Commits::<T>::iter().filter(|entry| Self::is_whole(entry.0)) {
            ensure!(!records.is_empty(), "no commits are stored as a value");
            let running = Self::clock(netuid).epoch;
            let mut last_uid = None;
            for record in records {
                ensure!(
                    last_uid < Some(record.uid) && crate::uids::group_of(record.uid) == group,
                    "a commit is out of place"
                );
                last_uid = Some(record.uid);
                ensure!(!record.is_empty(), "a record of commits says nothing");
                Self::ensure_holder(netuid, record.uid, record.registration)?;
                ensure!(record.missed < Some(running), "a reveal was missed before its time");
                let mut last = None;
                for commit in record.pending {
                    ensure!(
                        commit.epoch <= running && commit.reveal_epoch >= running && commit.epoch < commit.reveal_epoch,
                        "a commit is out of time"
                    );
                    ensure!(last < Some(commit.epoch), "there are two commits of one epoch");
                    last = Some(commit.epoch);
                }
            }
        }
        Ok(())
    }

    fn ensure_bonds() -> Result<(), TryRuntimeError> {
        for (netuid, table) in Bonds::<T>::iter().filter(|entry| Self::is_whole(entry.0)) {
            let count = T::Neurons::count(netuid);
            ensure!(table.fixed_at <= Self::now(), "bonds come from the future");
            ensure!(table.columns <= count, "there are bonds on nobody");
            ensure!(!table.validators.is_empty(), "no bonds are stored as a table");
            ensure!(
                table.validators.windows(2).all(|pair| pair[0] < pair[1])
                    && table.validators.iter().all(|uid| *uid < table.columns),
                "validators with bonds are not in order"
            );
            ensure!(
                table.values.len() == table.validators.len() * usize::from(table.columns),
                "the table of bonds is torn"
            );
        }
        Ok(())
    }

    fn ensure_holder(netuid: NetUid, uid: Uid, registration: RegistrationId) -> Result<(), TryRuntimeError> {
        let holder = T::Neurons::neuron(netuid, uid).map(|neuron| neuron.registration);
        ensure!(holder == Some(registration), "a predecessor's row or commit is left");
        Ok(())
    }
}
