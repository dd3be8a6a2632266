//! What the last epoch said of each neuron.
use crate::{Config, Emissions, Pallet, PastConsensus, Permits, Scores, UidSet};
use alloc::vec::Vec;
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
#[cfg(feature = "runtime-benchmarks")]
use laurel_support::Neurons;
use laurel_support::{EvictionScore, Tenure};
use laurel_types::{Balance, BlockNumber, NetUid, NeuronScores, Uid, MAX_UIDS};
use scale_info::TypeInfo;

/// Epochs whose score consensus is remembered: the longest `reveal_period`.
pub const MEMORY: u32 = 4;

/// A proportion in 65535ths for each uid.
pub type Proportions = BoundedVec<u16, ConstU32<MAX_UIDS>>;

/// The score consensus of the last epochs, the latest first.
pub type PastScores = BoundedVec<Proportions, ConstU32<MEMORY>>;

/// The scores of all neurons that the epoch saw, by uid; columns, so that they are read and written at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct EpochScores {
    /// See [`NeuronScores::stake_weight`].
    pub stake_weight: Proportions,
    /// See [`NeuronScores::trust`].
    pub trust: Proportions,
    /// See [`NeuronScores::consensus`].
    pub consensus: Proportions,
    /// See [`NeuronScores::incentive`].
    pub incentive: Proportions,
    /// See [`NeuronScores::dividends`].
    pub dividends: Proportions,
    /// See [`NeuronScores::validator_trust`].
    pub validator_trust: Proportions,
    /// See [`NeuronScores::active`].
    pub active: UidSet,
}

impl EpochScores {
    /// Neurons that the epoch saw.
    pub fn len(&self) -> usize {
        self.incentive.len()
    }

    /// Whether there was no epoch yet, or nobody in it.
    pub fn is_empty(&self) -> bool {
        self.incentive.is_empty()
    }

    /// How much a neuron would be missed: as the better of miner and validator.
    pub(crate) fn worth(&self, uid: usize) -> u16 {
        let of = |column: &Proportions| column.get(uid).copied().unwrap_or(0);
        of(&self.incentive).max(of(&self.dividends))
    }

    /// Forgets what was said of a uid.
    fn clear(&mut self, uid: Uid) {
        let columns = [
            &mut self.stake_weight,
            &mut self.trust,
            &mut self.consensus,
            &mut self.incentive,
            &mut self.dividends,
            &mut self.validator_trust,
        ];
        for column in columns {
            if let Some(value) = column.get_mut(uid.index()) {
                *value = 0;
            }
        }
        self.active.remove(uid);
    }
}

impl<T: Config> Pallet<T> {
    /// What the last epoch said of each neuron, by uid. Neurons that registered since may be missing at the end.
    pub fn scores(netuid: NetUid) -> Vec<NeuronScores> {
        let (scores, permits) = (Scores::<T>::get(netuid), Permits::<T>::get(netuid));
        let emissions = Emissions::<T>::get(netuid);
        let of = |column: &Proportions, uid: usize| column.get(uid).copied().unwrap_or(0);
        (0..scores.len())
            .map(|uid| NeuronScores {
                stake_weight: of(&scores.stake_weight, uid),
                trust: of(&scores.trust, uid),
                consensus: of(&scores.consensus, uid),
                incentive: of(&scores.incentive, uid),
                dividends: of(&scores.dividends, uid),
                validator_trust: of(&scores.validator_trust, uid),
                emission: emissions.get(uid).copied().unwrap_or(0),
                permit: permits.contains(Uid(uid as u16)),
                active: scores.active.contains(Uid(uid as u16)),
            })
            .collect()
    }

    /// Forgets what the last epoch said of a uid, and the permit that it gave.
    pub(crate) fn clear_scores(netuid: NetUid, uid: Uid) {
        Scores::<T>::mutate_exists(netuid, |scores| {
            if let Some(scores) = scores {
                scores.clear(uid);
            }
        });
        PastConsensus::<T>::mutate_exists(netuid, |past| {
            for column in past.iter_mut().flatten() {
                if let Some(value) = column.get_mut(uid.index()) {
                    *value = 0;
                }
            }
        });
        Emissions::<T>::mutate_exists(netuid, |emissions| {
            if let Some(emission) = emissions.as_mut().and_then(|all| all.get_mut(uid.index())) {
                *emission = 0;
            }
        });
        let mut permits = Permits::<T>::get(netuid);
        if permits.contains(uid) {
            permits.remove(uid);
            Self::put_permits(netuid, permits);
        }
    }

    /// Remembers the score consensus of the epoch that ends beside that of the ones before.
    pub(crate) fn remember_consensus(netuid: NetUid, mut past: PastScores, consensus: &[u16]) {
        past.truncate(MEMORY as usize - 1);
        // There is room for one now.
        let _ = past.try_insert(0, Proportions::truncate_from(consensus.to_vec()));
        PastConsensus::<T>::insert(netuid, past);
    }

    /// Records who may speak.
    pub(crate) fn put_permits(netuid: NetUid, permits: UidSet) {
        if permits.is_empty() {
            Permits::<T>::remove(netuid);
        } else {
            Permits::<T>::insert(netuid, permits);
        }
    }

    /// Records what each uid was paid.
    pub(crate) fn put_emissions(netuid: NetUid, emission: &[Balance]) {
        Emissions::<T>::insert(netuid, BoundedVec::truncate_from(emission.to_vec()));
    }
}

/// Of what is remembered, the score consensus so many epochs before the running one, or the oldest there is; empty before the first.
pub(crate) fn consensus_before(past: &[Proportions], epochs: u16) -> &[u16] {
    let at = usize::from(epochs).min(past.len()).saturating_sub(1);
    past.get(at).map_or(&[], |consensus| consensus)
}

impl<T: Config> EvictionScore for Pallet<T> {
    fn tenures(netuid: NetUid) -> Vec<Tenure> {
        let (scores, members) = (Scores::<T>::get(netuid), Self::members(netuid));
        let tenure = |(uid, registered_at): (usize, &BlockNumber)| Tenure {
            score: scores.worth(uid),
            registered_at: *registered_at,
        };
        members.registered_at.iter().enumerate().map(tenure).collect()
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_score(netuid: NetUid) {
        let column = Proportions::truncate_from(alloc::vec![1; T::Neurons::count(netuid).into()]);
        let scores = EpochScores {
            stake_weight: column.clone(),
            trust: column.clone(),
            consensus: column.clone(),
            incentive: column.clone(),
            dividends: column.clone(),
            validator_trust: column,
            active: UidSet::default(),
        };
        Scores::<T>::insert(netuid, scores);
    }
}
