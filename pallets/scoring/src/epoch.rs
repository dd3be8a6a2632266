//! The epoch: from rows, stake and bonds to scores, permits and shares.
use crate::{
    commit_reveal::Window, Config, EpochScores, Event, Pallet, Roll, Rolls, RowCount, Scores, StoredRow, UidSet,
    WeightInfo,
};
use alloc::vec::Vec;
use frame_support::{weights::Weight, BoundedVec};
use laurel_support::{EpochShare, Epochs, Neurons, Stake, Subnets};
use laurel_types::{Balance, BlockNumber, EpochIndex, Hyperparameters, NetUid, Uid};
use laurel_yuma::{Change, EpochInput, EpochOutput, EpochParams, NeuronInput, PermitRule};

/// Everything that the mathematics reads, one entry a neuron in uid order.
struct Electorate<AccountId> {
    roll: Roll<AccountId>,
    inputs: Vec<NeuronInput>,
    rows: Vec<Option<StoredRow>>,
}

impl<AccountId: Clone> Electorate<AccountId> {
    /// The row of each neuron, empty where there is none.
    fn weights(&self) -> Vec<Vec<(u16, u16)>> {
        let entries = |row: &Option<StoredRow>| row.as_ref().map(|row| row.weights.entries().collect());
        self.rows.iter().map(|row| entries(row).unwrap_or_default()).collect()
    }

    /// What a validator says of neurons that were there when its row was fixed.
    fn valid_entries<'a>(&'a self, row: &'a StoredRow) -> impl Iterator<Item = (u16, u16)> + Clone + 'a {
        let entries = row.weights.entries();
        entries.filter(move |(uid, _)| self.roll.was_there(*uid, row.fixed_at))
    }
}

impl<T: Config> Pallet<T> {
    /// Gathers the neurons with their stake, permits and rows.
    fn electorate(netuid: NetUid, params: &Hyperparameters) -> Electorate<T::AccountId> {
        let roll = Rolls::<T>::get(netuid);
        let rows = Self::rows_by_uid(netuid, &roll);
        let stakes = Self::stakes(&roll, params.max_stake);
        let permits = Self::judges(netuid, &stakes, params);
        let neurons = stakes.iter().zip(&roll.registered_at);
        let inputs = neurons
            .zip(&rows)
            .zip(permits)
            .map(|(((&stake, &registered_at), row), permit)| NeuronInput {
                stake,
                // Without a row: 0, which is older than every registration, so that bonds lapse with the row.
                last_update: row.as_ref().map_or(0, |row| row.fixed_at),
                registered_at,
                // Who says nothing is no part of the stake that a majority is taken of. (In the chain's first
                // `activity_cutoff` blocks a `last_update` of 0 would still pass for active.)
                permit: permit && row.is_some(),
            });
        let inputs = inputs.collect();
        Electorate { roll, inputs, rows }
    }

    /// The row of each neuron, by uid.
    fn rows_by_uid(netuid: NetUid, roll: &Roll<T::AccountId>) -> Vec<Option<StoredRow>> {
        let mut rows = alloc::vec![None; roll.len()];
        for row in Self::rows(netuid, roll.len()) {
            // A row of an earlier holder was removed with it; should one be left, it has no voice.
            let own = roll.holds(row.uid, row.registration);
            if let Some(place) = rows.get_mut(row.uid.index()).filter(|_| own) {
                *place = Some(row);
            }
        }
        rows
    }

    /// Replaces the subnet's scores and permits by those of an epoch.
    fn put_scores(netuid: NetUid, electorate: &Electorate<T::AccountId>, output: EpochOutput, dividends: &[u64]) {
        let speaks = electorate.rows.iter().map(Option::is_some);
        let active: Vec<bool> = output
            .active
            .iter()
            .zip(speaks)
            .map(|(active, speaks)| *active && speaks)
            .collect();
        // All lists have one entry a neuron, and the roll has at most `MAX_UIDS`.
        let column = BoundedVec::truncate_from;
        Scores::<T>::insert(
            netuid,
            EpochScores {
                stake_weight: column(output.stake_weight),
                trust: column(output.trust),
                consensus: column(output.consensus),
                incentive: column(output.incentive),
                dividends: column(proportions(dividends)),
                validator_trust: column(output.validator_trust),
                active: active.iter().collect(),
            },
        );
        Self::put_permits(netuid, output.permits.iter().collect::<UidSet>());
    }

    /// Each neuron's part of the dividends: what its bonds earn, less what it loses where its row only repeats what the
    /// score consensus was when the latest weights that it could copy were fixed.
    fn dividends(
        netuid: NetUid,
        electorate: &Electorate<T::AccountId>,
        output: &EpochOutput,
        params: &Hyperparameters,
    ) -> Vec<u64> {
        let earned = output.dividend_share.clone();
        if params.staleness_penalty == 0 {
            return earned;
        }
        let hidden = if params.commit_reveal { params.reveal_period } else { 1 };
        let Some(change) = Change::between(&Self::consensus_before(netuid, hidden), &output.consensus) else {
            return earned;
        };
        let keeps = |row: &Option<StoredRow>| {
            let seen = row
                .as_ref()
                .map_or(0, |row| change.seen_by(electorate.valid_entries(row)));
            change.dividend_factor(seen, params.staleness_penalty)
        };
        let parts = earned.iter().zip(&electorate.rows);
        // Shares have 33 bits and factors 17.
        parts
            .map(|(part, row)| if *part == 0 { 0 } else { part.saturating_mul(keeps(row)) })
            .collect()
    }

    /// Ends what can be revealed in the epoch that ends.
    fn close_window(netuid: NetUid, ended: EpochIndex, params: &Hyperparameters) {
        let window = if params.commit_reveal {
            Window::Enforced
        } else {
            Window::Suspended
        };
        Self::expire_commits(netuid, T::Neurons::count(netuid).into(), ended, window);
    }
}

impl<T: Config> Epochs<T::AccountId> for Pallet<T> {
    fn current(netuid: NetUid) -> EpochIndex {
        Self::clock(netuid).epoch
    }

    fn started_at(netuid: NetUid) -> BlockNumber {
        Self::clock(netuid).started_at
    }

    fn due_at(netuid: NetUid) -> BlockNumber {
        Self::epoch_due_at(netuid)
    }

    fn take_stock(netuid: NetUid, first: Uid, count: u16) {
        Self::stock(netuid, first, count);
    }

    fn stock_weight(netuid: NetUid, count: u32) -> Weight {
        T::WeightInfo::take_stock(count).saturating_add(T::Stake::reading_weight(netuid, count))
    }

    fn weight(netuid: NetUid) -> Weight {
        // Two measurements, because the cost grows with neurons, and with rows times neurons: the second is taken with
        // full rows, so their sum is an upper bound.
        let rows = T::WeightInfo::epoch_rows(RowCount::<T>::get(netuid));
        let neurons = T::Neurons::count(netuid).into();
        T::WeightInfo::epoch_neurons(neurons).saturating_add(rows.saturating_sub(T::WeightInfo::epoch_rows(0)))
    }

    fn run(netuid: NetUid) -> Vec<EpochShare<T::AccountId>> {
        let Some(params) = T::Subnets::params(netuid) else {
            return Vec::new();
        };
        Self::close_window(netuid, Self::current(netuid), &params);
        let electorate = Self::electorate(netuid, &params);
        let output = laurel_yuma::epoch(&EpochInput {
            now: Self::now(),
            params: epoch_params(&params),
            neurons: &electorate.inputs,
            weights: &electorate.weights(),
            bonds: &Self::bond_rows(netuid, &electorate.roll),
        });
        Self::put_bonds(netuid, &output.bonds);
        let dividends = Self::dividends(netuid, &electorate, &output, &params);
        Self::remember_consensus(netuid, &output.consensus);
        let incentives = output.incentive_share.clone();
        Self::put_scores(netuid, &electorate, output, &dividends);
        Self::begin_next_epoch(netuid);
        let hotkeys = (0..).zip(electorate.roll.hotkeys);
        hotkeys
            .zip(incentives.into_iter().zip(dividends))
            .map(|((uid, hotkey), (incentive, dividends))| EpochShare {
                uid: Uid(uid),
                hotkey,
                incentive,
                dividends,
            })
            .collect()
    }

    fn skip(netuid: NetUid) {
        let Some(params) = T::Subnets::params(netuid) else {
            return;
        };
        let ended = Self::current(netuid);
        Self::close_window(netuid, ended, &params);
        Self::begin_next_epoch(netuid);
        Self::deposit_event(Event::EpochSkipped { netuid, epoch: ended });
    }

    fn record_emission(netuid: NetUid, emission: &[Balance]) {
        Self::put_emissions(netuid, emission);
    }
}

/// The part of the hyperparameters that the mathematics reads.
fn epoch_params(params: &Hyperparameters) -> EpochParams {
    EpochParams {
        kappa: params.kappa,
        activity_cutoff: activity_cutoff(params),
        bonds_moving_average: params.bonds_moving_average,
        bonds_penalty: params.bonds_penalty,
        max_validators: params.max_validators,
        liquid_alpha: params.liquid_alpha,
        permit_rule: PermitRule::PositiveStake,
    }
}

/// The subnet's `activity_cutoff`, but never so short that a row is old before it can count: a commit made when an epoch begins is
/// revealed `reveal_period` epochs later and counts at that epoch's end, which may be late by up to another one.
fn activity_cutoff(params: &Hyperparameters) -> BlockNumber {
    let epochs = match params.commit_reveal {
        true => u32::from(params.reveal_period).saturating_add(2),
        false => 2,
    };
    params.activity_cutoff.max(epochs.saturating_mul(params.tempo.into()))
}

/// Parts as 65535ths of their sum, rounded down; zeros where all are.
fn proportions(parts: &[u64]) -> Vec<u16> {
    let whole: u128 = parts.iter().copied().map(u128::from).sum();
    let proportion = |part: &u64| {
        if *part == 0 {
            return 0;
        }
        // A part is at most the whole.
        let proportion = (u128::from(*part) * u128::from(u16::MAX)).checked_div(whole);
        proportion.map_or(0, |proportion| proportion as u16)
    };
    parts.iter().map(proportion).collect()
}
