//! The epoch: from rows, stake and bonds to scores, permits and shares.
use crate::{
    commit_reveal::Window,
    scores::consensus_before,
    uids::{groups, PAGE},
    BondTable, Config, EpochScores, Event, Members, PackedRow, Pallet, PastConsensus, Permits, Proportions, Rows,
    Scores, StoredRow, Tallies, UidSet, WeightInfo,
};
use alloc::vec::Vec;
use frame_support::{weights::Weight, BoundedVec};
use laurel_support::{EpochShare, Epochs, Neurons, Stake, Subnets};
use laurel_types::{Balance, BlockNumber, EpochIndex, Hyperparameters, NetUid, Uid};
use laurel_yuma::{Change, Entries, EpochInput, EpochOutput, EpochParams, NeuronInput, PermitRule};

/// Everything that the mathematics reads, one entry a neuron in uid order.
struct Electorate<AccountId> {
    members: Members<AccountId>,
    inputs: Vec<NeuronInput>,
    rows: Vec<Option<StoredRow>>,
    bonds: BondTable,
}

impl<AccountId> Electorate<AccountId> {
    /// The row of each neuron, empty where there is none.
    fn weights(&self) -> Vec<Entries<'_>> {
        fn entries(row: &Option<StoredRow>) -> Entries<'_> {
            row.as_ref()
                .map_or(NOTHING, |row| Entries::Packed(row.weights.packed()))
        }
        self.rows.iter().map(entries).collect()
    }

    /// The bonds of each neuron, empty where there are none.
    fn bonds(&self) -> Vec<Entries<'_>> {
        let mut all = alloc::vec![NOTHING; self.members.len()];
        for (validator, row) in self.bonds.rows() {
            if let Some(place) = all.get_mut(usize::from(validator)) {
                *place = Entries::Dense(row);
            }
        }
        all
    }

    /// What a validator says of neurons that were there when its row was fixed.
    fn valid_entries<'a>(&'a self, row: &'a StoredRow) -> impl Iterator<Item = (u16, u16)> + 'a {
        let newest = self.members.registered_at.iter().max();
        let all_were = newest.is_none_or(|newest| *newest < row.fixed_at);
        let entries = row.weights.entries();
        entries.filter(move |(uid, _)| all_were || self.members.was_there(*uid, row.fixed_at))
    }
}

/// The entries of who said nothing.
const NOTHING: Entries<'static> = Entries::Packed(&[]);

impl<T: Config> Pallet<T> {
    /// Gathers the neurons with their stake, permits, rows and bonds.
    fn electorate(netuid: NetUid, params: &Hyperparameters) -> Electorate<T::AccountId> {
        let members = Self::members(netuid);
        let counted = members.stakes.iter().map(|stake| (*stake).min(params.max_stake));
        let stakes: Vec<Balance> = counted.collect();
        let judges = Self::judges(netuid, &stakes, params);
        let rows = Self::rows_by_uid(netuid, &members, &judges);
        let neurons = stakes.iter().zip(&members.registered_at);
        let inputs = neurons.zip(&rows).zip(judges);
        let inputs = inputs.map(|(((&stake, &registered_at), row), judges)| NeuronInput {
            stake,
            // Without a row: 0, which is older than every registration, so that bonds lapse with the row.
            last_update: row.as_ref().map_or(0, |row| row.fixed_at),
            registered_at,
            // Who says nothing is no part of the stake that a majority is taken of. (In the chain's first
            // `activity_cutoff` blocks a `last_update` of 0 would still pass for active.)
            permit: judges && row.is_some(),
        });
        Electorate {
            inputs: inputs.collect(),
            bonds: Self::present_bonds(netuid, &members),
            rows,
            members,
        }
    }

    /// The row of each neuron, by uid; of those who do not judge only that there is one.
    fn rows_by_uid(netuid: NetUid, members: &Members<T::AccountId>, judges: &[bool]) -> Vec<Option<StoredRow>> {
        let mut rows = alloc::vec![None; members.len()];
        for mut row in Tallies::<T>::get(netuid)
            .speakers
            .groups()
            .into_iter()
            .flat_map(|group| Rows::<T>::get(netuid, group))
        {
            let at = row.uid.index();
            if judges.get(at) != Some(&true) {
                // There can be as many of them as neurons, and all their entries need not fit into memory.
                row.weights = PackedRow::default();
            }
            // A row of an earlier holder was removed with it; should one be left, it has no voice.
            let own = members.holds(row.uid, row.registration);
            if let Some(place) = rows.get_mut(at).filter(|_| own) {
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
        past: &[Proportions],
        electorate: &Electorate<T::AccountId>,
        output: &EpochOutput,
        params: &Hyperparameters,
    ) -> Vec<u64> {
        let earned = output.dividend_share.clone();
        if params.staleness_penalty == 0 {
            return earned;
        }
        let hidden = if params.commit_reveal { params.reveal_period } else { 1 };
        let Some(change) = Change::between(consensus_before(past, hidden), &output.consensus) else {
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
        // A range that does not begin with a page touches one page more than its length says.
        T::WeightInfo::take_stock(PAGE)
            .saturating_mul((count / PAGE).into())
            .saturating_add(T::WeightInfo::take_stock(count % PAGE))
            .saturating_add(T::WeightInfo::take_stock(0))
            .saturating_add(T::Stake::reading_weight(netuid, count))
    }

    fn weight(netuid: NetUid) -> Weight {
        // Three measurements, because the cost grows with neurons, with rows times neurons, and with rows that go because nobody revealed
        // or for want of a permit: the second is taken with full rows, the third with rows of 256 entries, so their sum is an upper bound.
        let (tally, neurons) = (Tallies::<T>::get(netuid), u32::from(T::Neurons::count(netuid)));
        let cells = tally.rows().saturating_mul(neurons).div_ceil(256);
        let voiceless = Self::voiceless(netuid, &Permits::<T>::get(netuid)).len() as u32;
        let expiry = match tally.expiring(Self::current(netuid)).saturating_add(voiceless) {
            0 => Weight::zero(),
            rows => T::WeightInfo::expire_commits(rows).saturating_mul(neurons.div_ceil(256).into()),
        };
        T::WeightInfo::epoch_groups(groups(neurons as usize).len() as u32)
            .saturating_add(T::WeightInfo::epoch_cells(cells).saturating_sub(T::WeightInfo::epoch_cells(0)))
            .saturating_add(expiry)
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
            bonds: &electorate.bonds(),
        });
        Self::put_bonds(netuid, &output.bonds);
        let past = PastConsensus::<T>::get(netuid);
        let dividends = Self::dividends(&past, &electorate, &output, &params);
        Self::remember_consensus(netuid, past, &output.consensus);
        let incentives = output.incentive_share.clone();
        let spoke = Permits::<T>::get(netuid);
        Self::put_scores(netuid, &electorate, output, &dividends);
        Self::drop_voiceless_rows(netuid, &spoke);
        Self::begin_next_epoch(netuid);
        let hotkeys = (0..).zip(electorate.members.hotkeys);
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
