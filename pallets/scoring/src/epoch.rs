//! The epoch: from rows, stake and bonds to scores, permits and shares.
use crate::{commit_reveal::Window, Commits, Config, Event, Pallet, RowCount, Rows, Scores, StoredRow, WeightInfo};
use alloc::vec::Vec;
use frame_support::{traits::DefensiveTruncateFrom, weights::Weight, BoundedVec};
use laurel_support::{EpochShare, Epochs, EvictionScore, NeuronId, Neurons, OnNeuronReplaced, Stake, Subnets};
use laurel_types::{Balance, BlockNumber, EpochIndex, Hyperparameters, NetUid, NeuronScores, Uid};
use laurel_yuma::{EpochInput, EpochOutput, EpochParams, NeuronInput, PermitRule};

/// Everything that the mathematics reads, one entry a neuron in uid order.
struct Electorate<AccountId> {
    neurons: Vec<NeuronId<AccountId>>,
    inputs: Vec<NeuronInput>,
    weights: Vec<Vec<(u16, u16)>>,
}

impl<T: Config> Pallet<T> {
    /// What the last epoch said of each neuron, by uid.
    pub fn scores(netuid: NetUid) -> Vec<NeuronScores> {
        Scores::<T>::get(netuid).into_inner()
    }

    /// Gathers the neurons with their stake, permits and rows.
    fn electorate(netuid: NetUid, params: &Hyperparameters) -> Electorate<T::AccountId> {
        let neurons = T::Neurons::neurons(netuid);
        let rows = Self::rows_by_uid(netuid, &neurons);
        let stakes: Vec<Balance> = neurons.iter().map(|neuron| T::Stake::stake(&neuron.hotkey)).collect();
        let permits = Self::permits(netuid, &stakes, params);
        let inputs =
            neurons
                .iter()
                .zip(&rows)
                .zip(stakes.iter().zip(permits))
                .map(|((neuron, row), (&stake, permit))| {
                    NeuronInput {
                        stake,
                        // Without a row: 0, which is older than every registration, so that bonds lapse with the row.
                        last_update: row.as_ref().map_or(0, |row| row.fixed_at),
                        registered_at: neuron.registered_at,
                        // Who says nothing is no part of the stake that a majority is taken of. (In the chain's first
                        // `activity_cutoff` blocks a `last_update` of 0 would still pass for active.)
                        permit: permit && row.is_some(),
                    }
                });
        let inputs = inputs.collect();
        let weights = rows
            .into_iter()
            .map(|row| {
                row.map_or_else(Vec::new, |row| {
                    row.row.entries().iter().map(|&(uid, w)| (uid.0, w)).collect()
                })
            })
            .collect();
        Electorate {
            neurons,
            inputs,
            weights,
        }
    }

    /// The row of each neuron, by uid.
    fn rows_by_uid(netuid: NetUid, neurons: &[NeuronId<T::AccountId>]) -> Vec<Option<StoredRow>> {
        let mut rows = alloc::vec![None; neurons.len()];
        for (uid, row) in Rows::<T>::iter_prefix(netuid) {
            // A row of an earlier holder was removed with it; should one be left, it has no voice.
            let own = neurons
                .get(uid.index())
                .is_some_and(|neuron| neuron.registration == row.registration);
            if own {
                rows[uid.index()] = Some(row);
            }
        }
        rows
    }

    /// Replaces the subnet's scores by those of an epoch.
    fn put_scores(netuid: NetUid, electorate: &Electorate<T::AccountId>, output: &EpochOutput) {
        let scores: Vec<NeuronScores> = (0..electorate.neurons.len())
            .map(|i| NeuronScores {
                stake_weight: output.stake_weight[i],
                trust: output.trust[i],
                consensus: output.consensus[i],
                incentive: output.incentive[i],
                dividends: output.dividends[i],
                validator_trust: output.validator_trust[i],
                emission: 0,
                permit: output.permits[i],
                active: output.active[i] && !electorate.weights[i].is_empty(),
            })
            .collect();
        Scores::<T>::insert(netuid, BoundedVec::defensive_truncate_from(scores));
    }

    /// Ends what can be revealed in the epoch that ends.
    fn close_window(netuid: NetUid, ended: EpochIndex, params: &Hyperparameters) {
        let window = if params.commit_reveal {
            Window::Enforced
        } else {
            Window::Suspended
        };
        Self::expire_commits(netuid, ended, window);
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

    fn weight(netuid: NetUid) -> Weight {
        // Two measurements, because the cost grows with neurons, and with rows times neurons: the second is taken with
        // full rows, so their sum is an upper bound.
        let rows = T::WeightInfo::epoch_rows(RowCount::<T>::get(netuid));
        T::WeightInfo::epoch_neurons(T::Neurons::count(netuid).into())
            .saturating_add(rows.saturating_sub(T::WeightInfo::epoch_rows(0)))
    }

    fn run(netuid: NetUid) -> Vec<EpochShare<T::AccountId>> {
        let Some(params) = T::Subnets::params(netuid) else {
            return Vec::new();
        };
        Self::close_window(netuid, Self::current(netuid), &params);
        let electorate = Self::electorate(netuid, &params);
        let bonds = Self::bond_rows(netuid, electorate.neurons.len());
        let output = laurel_yuma::epoch(&EpochInput {
            now: Self::now(),
            params: epoch_params(&params),
            neurons: &electorate.inputs,
            weights: &electorate.weights,
            bonds: &bonds,
        });
        Self::put_scores(netuid, &electorate, &output);
        Self::put_bonds(netuid, &output.bonds);
        Self::begin_next_epoch(netuid);
        let shares = output.incentive_share.iter().zip(&output.dividend_share);
        electorate
            .neurons
            .into_iter()
            .zip(shares)
            .map(|(neuron, (&incentive, &dividends))| EpochShare {
                uid: neuron.uid,
                hotkey: neuron.hotkey,
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
        Scores::<T>::mutate(netuid, |scores| {
            for (score, paid) in scores.iter_mut().zip(emission) {
                score.emission = *paid;
            }
        });
    }
}

/// The part of the hyperparameters that the mathematics reads.
fn epoch_params(params: &Hyperparameters) -> EpochParams {
    EpochParams {
        kappa: params.kappa,
        activity_cutoff: params.activity_cutoff,
        bonds_moving_average: params.bonds_moving_average,
        bonds_penalty: params.bonds_penalty,
        max_validators: params.max_validators,
        liquid_alpha: params.liquid_alpha,
        permit_rule: PermitRule::PositiveStake,
    }
}

impl<T: Config> EvictionScore for Pallet<T> {
    fn score(netuid: NetUid, uid: Uid) -> u16 {
        Scores::<T>::get(netuid).get(uid.index()).map_or(0, worth)
    }

    fn scores(netuid: NetUid, count: u16) -> Vec<u16> {
        let scores = Scores::<T>::get(netuid);
        (0..usize::from(count))
            .map(|uid| scores.get(uid).map_or(0, worth))
            .collect()
    }
}

/// How much a neuron would be missed: as the better of miner and validator.
fn worth(scores: &NeuronScores) -> u16 {
    scores.incentive.max(scores.dividends)
}

impl<T: Config> OnNeuronReplaced for Pallet<T> {
    fn on_neuron_replaced(netuid: NetUid, uid: Uid) {
        Self::remove_row(netuid, uid);
        Commits::<T>::remove(netuid, uid);
        Scores::<T>::mutate(netuid, |scores| {
            if let Some(scores) = scores.get_mut(uid.index()) {
                *scores = NeuronScores::default();
            }
        });
        // What others' rows say of the uid stays: their stamp is not after the newcomer's registration, and
        // the epoch ignores it. Bonds carry no stamp.
        Self::clear_bonds(netuid, uid);
        // The caller's benchmark cannot know how full our storage is.
        frame_system::Pallet::<T>::register_extra_weight_unchecked(
            T::WeightInfo::on_neuron_replaced(),
            frame_support::dispatch::DispatchClass::Normal,
        );
    }
}
