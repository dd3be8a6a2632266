//! Yuma: one epoch of one subnet.
//!
//! The steps and their rounding are those of the classic chain, so that its published vectors hold to the bit. What
//! is different: the payout is exact (see [`EpochOutput::split_emission`]), permits can require stake, and no input panics.
use crate::{
    bonds::{alphas, moving_average},
    column_medians,
    fixed::normalise,
    is_topk, max_upscale,
    topk::top_staked,
    Fixed, LiquidAlpha, PermitRule, SparseMatrix,
};
use alloc::{vec, vec::Vec};

/// One neuron, as the epoch sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NeuronInput {
    /// Stake that counts for it in this subnet, in leaves.
    pub stake: u64,
    /// Block in which the content of its weights was fixed.
    pub last_update: u32,
    /// Block of its registration. Weights and bonds fixed at or before it are about its predecessor and do not count.
    pub registered_at: u32,
    /// Whether the previous epoch gave it a validator permit. Without one its weights do not count.
    pub permit: bool,
}

/// The subnet's parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochParams {
    /// Part of active stake, in 65535ths, that must support a weight for it to count.
    pub kappa: u16,
    /// A neuron whose last update is more than this many blocks ago is inactive.
    pub activity_cutoff: u32,
    /// Part of the old bonds kept, in millionths.
    pub bonds_moving_average: u32,
    /// How far what clipping takes off a weight also leaves the bond, in 65535ths: `(1 − p) · weight + p · clipped`. 65535
    /// is the classic rule; below it a validator that sees early what the majority does not yet loses less.
    pub bonds_penalty: u16,
    /// Permits given for the next epoch.
    pub max_validators: u16,
    /// Bounds `(low, high)` of liquid alpha, in 65535ths; none: bonds move by `bonds_moving_average`.
    pub liquid_alpha: Option<(u16, u16)>,
    /// Who gets the permits.
    pub permit_rule: PermitRule,
}

/// Everything that an epoch is computed from. The uid is the index into the three lists; rows that are missing are
/// empty, entries about uids that do not exist are ignored.
#[derive(Clone, Copy, Debug)]
pub struct EpochInput<'a> {
    /// The block of the epoch.
    pub now: u32,
    /// The subnet's parameters.
    pub params: EpochParams,
    /// The neurons, by uid.
    pub neurons: &'a [NeuronInput],
    /// For each uid what it said of others, as `(uid, weight)`. Only proportions within a row matter.
    pub weights: &'a [Vec<(u16, u16)>],
    /// For each uid its bonds after the previous epoch, as `(uid, bond)`.
    pub bonds: &'a [Vec<(u16, u16)>],
}

/// What an epoch says, by uid. Values of type `u16` are proportions in 65535ths, rounded down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpochOutput {
    /// Share of all stake.
    pub stake_weight: Vec<u16>,
    /// Part of the weight given to the neuron that survived clipping.
    pub trust: Vec<u16>,
    /// Score consensus: the largest weight that a kappa-majority of active stake supports.
    pub consensus: Vec<u16>,
    /// Share of the miners' pay.
    pub incentive: Vec<u16>,
    /// Share of the validators' pay.
    pub dividends: Vec<u16>,
    /// Part of the neuron's own weights that survived clipping.
    pub validator_trust: Vec<u16>,
    /// What is compared to choose whom a newcomer replaces: pay, the best neuron being 65535.
    pub pruning_scores: Vec<u16>,
    /// Whether the neuron set weights recently enough.
    pub active: Vec<bool>,
    /// Permits for the next epoch.
    pub permits: Vec<bool>,
    /// Bonds to keep for the next epoch, each row ascending by uid; the largest bond on a miner is 65535.
    pub bonds: Vec<Vec<(u16, u16)>>,
    /// [`Self::incentive`] in full precision, as parts for [`crate::apportion()`]. All zero without valid weights.
    pub incentive_share: Vec<u64>,
    /// [`Self::dividends`] in full precision, as parts for [`crate::apportion()`]. All zero without valid weights.
    pub dividend_share: Vec<u64>,
    /// Stake of active validators, or of everybody if there are none: whom [`Self::split_emission`] pays without weights.
    pub fallback_share: Vec<u64>,
}

/// The intermediate results of an epoch, for those who explain or check it. By uid, `1` is [`Fixed::ONE`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpochDetail {
    /// Share of all stake.
    pub stake: Vec<Fixed>,
    /// Share of the stake of active neurons with a permit.
    pub active_stake: Vec<Fixed>,
    /// Stake-weighted weights before clipping.
    pub preranks: Vec<Fixed>,
    /// Score consensus.
    pub consensus: Vec<Fixed>,
    /// Share of the stake-weighted weights after clipping.
    pub incentive: Vec<Fixed>,
    /// What clipping left of the prerank.
    pub trust: Vec<Fixed>,
    /// What clipping left of a validator's own weights.
    pub validator_trust: Vec<Fixed>,
    /// Share of the validators' pay.
    pub dividends: Vec<Fixed>,
    /// Bonds after the moving average, each column summing to one.
    pub bonds: SparseMatrix,
    /// The liquid alpha curve and each uid's alpha, where it applied.
    pub liquid: Option<(LiquidAlpha, Vec<Fixed>)>,
}

/// Runs one epoch.
pub fn epoch(input: &EpochInput) -> EpochOutput {
    epoch_in_detail(input).0
}

/// Runs one epoch and keeps its intermediate results.
pub fn epoch_in_detail(input: &EpochInput) -> (EpochOutput, EpochDetail) {
    let detail = EpochDetail::of(input);
    (detail.output(input), detail)
}

impl EpochInput<'_> {
    fn is_active(&self, neuron: &NeuronInput) -> bool {
        u64::from(neuron.last_update) + u64::from(self.params.activity_cutoff) >= u64::from(self.now)
    }

    /// Whether what `validator` said before its last update can be about the present holder of `miner`.
    fn is_about_present_neuron(&self, validator: usize, miner: usize) -> bool {
        match (self.neurons.get(validator), self.neurons.get(miner)) {
            (Some(validator), Some(miner)) => validator.last_update > miner.registered_at,
            _ => false,
        }
    }

    /// Row of each uid, empty where the list ends early.
    fn rows<'a>(&self, rows: &'a [Vec<(u16, u16)>]) -> impl Iterator<Item = &'a [(u16, u16)]> {
        let padding = core::iter::repeat(&[] as &[(u16, u16)]);
        rows.iter().map(Vec::as_slice).chain(padding).take(self.neurons.len())
    }

    /// Share of all stake, by uid.
    fn stake_shares(&self) -> Vec<Fixed> {
        let total: u128 = self.neurons.iter().map(|neuron| u128::from(neuron.stake)).sum();
        self.neurons
            .iter()
            .map(|neuron| Fixed::from_ratio(u128::from(neuron.stake), total))
            .collect()
    }

    /// Share of the stake that judges in this epoch: active, and with a permit from the previous one.
    fn active_stake(&self, stake: &[Fixed]) -> Vec<Fixed> {
        let judging = |neuron: &NeuronInput| neuron.permit && self.is_active(neuron);
        let mut active: Vec<Fixed> = stake
            .iter()
            .zip(self.neurons)
            .map(|(stake, neuron)| if judging(neuron) { *stake } else { Fixed::ZERO })
            .collect();
        normalise(&mut active);
        active
    }

    /// The weights that count, each row summing to one.
    fn valid_weights(&self) -> SparseMatrix {
        let rows = self.rows(self.weights).zip(self.neurons);
        let permitted = rows.map(|(row, neuron)| if neuron.permit { row } else { &[] });
        let mut weights = SparseMatrix::from_entries(permitted, self.neurons.len(), |validator, miner| {
            validator != miner && self.is_about_present_neuron(validator, miner)
        });
        weights.normalise_rows();
        weights
    }

    /// The previous epoch's bonds that still count, each column summing to one.
    fn past_bonds(&self) -> SparseMatrix {
        let mut bonds = SparseMatrix::from_entries(self.rows(self.bonds), self.neurons.len(), |validator, miner| {
            self.is_about_present_neuron(validator, miner)
        });
        bonds.normalise_columns();
        bonds
    }

    fn next_permits(&self, stake: &[Fixed]) -> Vec<bool> {
        let permits = usize::from(self.params.max_validators);
        match self.params.permit_rule {
            PermitRule::Classic => is_topk(stake, permits),
            PermitRule::PositiveStake => {
                let stakes: Vec<u64> = self.neurons.iter().map(|neuron| neuron.stake).collect();
                top_staked(&stakes, permits)
            }
        }
    }
}

impl EpochDetail {
    fn of(input: &EpochInput) -> Self {
        let stake = input.stake_shares();
        let active_stake = input.active_stake(&stake);

        let weights = input.valid_weights();
        let preranks = weights.weighted_column_sums(&active_stake);
        let consensus = column_medians(&weights, &active_stake, Fixed::from_proportion(input.params.kappa));
        let clipped = weights.clipped(&consensus, Fixed::ONE);
        let mut instant = weights.clipped(&consensus, Fixed::from_proportion(input.params.bonds_penalty));
        drop(weights);
        let validator_trust = clipped.row_sums();
        let mut incentive = clipped.weighted_column_sums(&active_stake);
        let trust = incentive
            .iter()
            .zip(&preranks)
            .map(|(rank, prerank)| *rank / *prerank)
            .collect();
        normalise(&mut incentive);

        instant.scale_rows(&active_stake);
        instant.normalise_columns();
        let curve = input
            .params
            .liquid_alpha
            .and_then(|bounds| LiquidAlpha::fit(&consensus, bounds));
        let alphas = alphas(
            stake.len(),
            &consensus,
            curve.as_ref(),
            input.params.bonds_moving_average,
        );
        let mut bonds = moving_average(&instant, &input.past_bonds(), &alphas);
        bonds.normalise_columns();
        let mut dividends = bonds.weighted_row_sums(&incentive);
        normalise(&mut dividends);

        let liquid = curve.map(|curve| (curve, alphas));
        Self {
            stake,
            active_stake,
            preranks,
            consensus,
            incentive,
            trust,
            validator_trust,
            dividends,
            bonds,
            liquid,
        }
    }

    fn output(&self, input: &EpochInput) -> EpochOutput {
        let permits = input.next_permits(&self.stake);
        let proportions = |values: &[Fixed]| values.iter().map(|value| value.to_proportion()).collect();
        let parts = |values: &[Fixed]| values.iter().map(|value| value.raw_part()).collect();
        EpochOutput {
            stake_weight: proportions(&self.stake),
            trust: proportions(&self.trust),
            consensus: proportions(&self.consensus),
            incentive: proportions(&self.incentive),
            dividends: proportions(&self.dividends),
            validator_trust: proportions(&self.validator_trust),
            pruning_scores: max_upscale(&self.combined_pay()),
            active: input.neurons.iter().map(|neuron| input.is_active(neuron)).collect(),
            bonds: self.next_bonds(input, &permits),
            permits,
            incentive_share: parts(&self.incentive),
            dividend_share: parts(&self.dividends),
            fallback_share: parts(self.fallback_pay()),
        }
    }

    /// Share of all pay, by uid.
    fn combined_pay(&self) -> Vec<Fixed> {
        let mut pay: Vec<Fixed> = self
            .incentive
            .iter()
            .zip(&self.dividends)
            .map(|(incentive, dividend)| *incentive + *dividend)
            .collect();
        normalise(&mut pay);
        if pay.iter().all(|share| *share == Fixed::ZERO) {
            return self.fallback_pay().to_vec();
        }
        pay
    }

    fn fallback_pay(&self) -> &[Fixed] {
        if self.active_stake.iter().any(|share| *share != Fixed::ZERO) {
            &self.active_stake
        } else {
            &self.stake
        }
    }

    /// Bonds to store. Who keeps or gets a permit has them replaced, who loses it has them cleared, and who never had one
    /// keeps what was there.
    fn next_bonds(&self, input: &EpochInput, permits: &[bool]) -> Vec<Vec<(u16, u16)>> {
        let mut upscaled = self.bonds.clone();
        upscaled.max_normalise_columns();
        let row = |(uid, (neuron, permit)): (usize, (&NeuronInput, &bool))| match (permit, neuron.permit) {
            // Columns come from `u16` uids.
            (true, _) => upscaled
                .row(uid)
                .map(|(miner, bond)| (miner as u16, bond.to_proportion()))
                .collect(),
            (false, true) => vec![],
            (false, false) => input.bonds.get(uid).cloned().unwrap_or_default(),
        };
        input.neurons.iter().zip(permits).enumerate().map(row).collect()
    }
}
