//! Yuma: one epoch of one subnet.
//!
//! The steps are those of the classic chain, and so is the rounding of everything but bonds and what they earn, which are rounded
//! fewer times. Its published vectors hold, in everything that is stored to the unit. What is different: the payout is exact (see [`EpochOutput::split_emission`]), permits can require stake, and no input panics.
//!
//! Everything between the rows and the results is computed a few columns at a time; see [`crate::tiles`] and [`crate::column`].
use crate::{
    column::{Columns, Rules, Voter},
    fixed::normalise,
    is_topk,
    ledger::{Account, Ledger},
    max_upscale,
    proportion::{Whole, ONE},
    tiles::{AsEntries, Entries, Row, Rows},
    topk::top_staked,
    Fixed, LiquidAlpha, PermitRule,
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
/// empty. Entries about uids that do not exist are ignored, and so are those whose uid is not above the one before.
#[derive(Clone, Copy, Debug)]
pub struct EpochInput<'a, R = Vec<(u16, u16)>> {
    /// The block of the epoch.
    pub now: u32,
    /// The subnet's parameters.
    pub params: EpochParams,
    /// The neurons, by uid.
    pub neurons: &'a [NeuronInput],
    /// For each uid what it said of others, as `(uid, weight)`, strictly ascending by uid. Only proportions within a row matter.
    pub weights: &'a [R],
    /// For each uid its bonds after the previous epoch, as `(uid, bond)`, strictly ascending by uid.
    pub bonds: &'a [R],
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
    /// Bonds after the moving average as `(uid, bond)`, all bonds on a miner summing to one.
    pub bonds: Vec<Vec<(u16, Fixed)>>,
    /// The liquid alpha curve and each uid's alpha, where it applied.
    pub liquid: Option<(LiquidAlpha, Vec<Fixed>)>,
}

/// Runs one epoch.
pub fn epoch<R: AsEntries>(input: &EpochInput<R>) -> EpochOutput {
    Results::of(input, false).output(input)
}

/// Runs one epoch and keeps its intermediate results.
pub fn epoch_in_detail<R: AsEntries>(input: &EpochInput<R>) -> (EpochOutput, EpochDetail) {
    let results = Results::of(input, true);
    let detail = results.detail();
    (results.output(input), detail)
}

impl<R: AsEntries> EpochInput<'_, R> {
    fn is_active(&self, neuron: &NeuronInput) -> bool {
        u64::from(neuron.last_update) + u64::from(self.params.activity_cutoff) >= u64::from(self.now)
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

    /// The rows that count, and their authors: weights of those with a permit, bonds of everybody.
    fn rows(&self) -> (Rows<'_>, Vec<usize>) {
        let newest = self.neurons.iter().map(|neuron| neuron.registered_at).max();
        let newest = newest.unwrap_or_default();
        let speaks = |(uid, neuron): (usize, &NeuronInput)| {
            let is_empty = |rows: &[R]| rows.get(uid).is_none_or(|row| row.entries().is_empty());
            (neuron.permit && !is_empty(self.weights)) || !is_empty(self.bonds)
        };
        let count = self.neurons.iter().enumerate().filter(|entry| speaks(*entry)).count();
        let (mut rows, mut authors) = (Rows::with_capacity(count), Vec::with_capacity(count));
        // Uids have 16 bits, so there are no more rows than that either.
        for (uid, neuron) in self.neurons.iter().enumerate().take(1 << 16) {
            let weights = self.weights.get(uid).filter(|_| neuron.permit);
            let weights = weights.map_or(Entries::Pairs(&[]), R::entries);
            let bonds = self.bonds.get(uid).map_or(Entries::Pairs(&[]), R::entries);
            if !speaks((uid, neuron)) {
                continue;
            }
            let fixed_at = neuron.last_update;
            rows.weights.push(Row::weights(weights, uid as u32, fixed_at, newest));
            rows.bonds.push(Row::bonds(bonds, fixed_at, newest));
            authors.push(uid);
        }
        (rows, authors)
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

    /// How fast bonds move where liquid alpha does not say it.
    fn plain_alpha(&self) -> Fixed {
        let kept = Fixed::from_ratio(u128::from(self.params.bonds_moving_average), 1_000_000);
        (Fixed::ONE - kept).max(Fixed::ZERO)
    }
}

/// Results in full precision, by uid; bonds by the rows of `authors`.
struct Results {
    stake: Vec<Fixed>,
    active_stake: Vec<Fixed>,
    preranks: Vec<Fixed>,
    consensus: Vec<Fixed>,
    incentive: Vec<Fixed>,
    trust: Vec<Fixed>,
    validator_trust: Vec<Fixed>,
    dividends: Vec<Fixed>,
    authors: Vec<usize>,
    ledger: Ledger,
    liquid: Option<(LiquidAlpha, Vec<Fixed>)>,
}

impl Results {
    fn of<R: AsEntries>(input: &EpochInput<R>, in_detail: bool) -> Self {
        let stake = input.stake_shares();
        let active_stake = input.active_stake(&stake);
        let n = stake.len();
        let (rows, authors) = input.rows();
        let (rules, voters) = electorate(input, &active_stake, &rows, &authors);
        let liquid = input
            .params
            .liquid_alpha
            .and_then(|bounds| liquid_alphas(input, &rows, rules, &voters, bounds));
        let plain = input.plain_alpha();

        let mut ledger = Ledger::new(rows.room(n), in_detail);
        let mut preranks = vec![Fixed::ZERO; n];
        let (mut consensus, mut incentive, mut trust) = (preranks.clone(), preranks.clone(), preranks.clone());
        let columns = Columns::new(rules, &voters, input.neurons, &rows);
        let alpha = |column: usize| {
            let alpha = liquid.as_ref().and_then(|(_, alphas)| alphas.get(column));
            alpha.copied().unwrap_or(plain).raw_part().min(ONE)
        };
        columns.settle_all(rows, &mut ledger, alpha, |column, outcome| {
            for (values, value) in [
                (&mut preranks, outcome.prerank),
                (&mut consensus, outcome.consensus),
                (&mut incentive, outcome.rank),
            ] {
                put(values, column, Fixed::from_raw(value as i64));
            }
            let part = Fixed::from_raw(outcome.rank as i64) / Fixed::from_raw(outcome.prerank as i64);
            put(&mut trust, column, part);
        });
        normalise(&mut incentive);

        let mut validator_trust = vec![Fixed::ZERO; n];
        let mut dividends = vec![Fixed::ZERO; n];
        for (uid, (kept, earned)) in authors.iter().zip(ledger.accounts.iter().map(Account::shares)) {
            put(&mut validator_trust, *uid, kept);
            put(&mut dividends, *uid, earned);
        }
        normalise(&mut dividends);
        Self {
            stake,
            active_stake,
            preranks,
            consensus,
            incentive,
            trust,
            validator_trust,
            dividends,
            authors,
            ledger,
            liquid,
        }
    }

    fn output<R: AsEntries>(self, input: &EpochInput<R>) -> EpochOutput {
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
            incentive_share: parts(&self.incentive),
            dividend_share: parts(&self.dividends),
            fallback_share: parts(self.fallback_pay()),
            bonds: self.next_bonds(input, &permits),
            permits,
        }
    }

    fn detail(&self) -> EpochDetail {
        let mut bonds = vec![vec![]; self.stake.len()];
        for (uid, exact) in self.authors.iter().zip(self.ledger.exact.iter().flatten()) {
            if let Some(bonds) = bonds.get_mut(*uid) {
                bonds.clone_from(exact);
            }
        }
        EpochDetail {
            stake: self.stake.clone(),
            active_stake: self.active_stake.clone(),
            preranks: self.preranks.clone(),
            consensus: self.consensus.clone(),
            incentive: self.incentive.clone(),
            trust: self.trust.clone(),
            validator_trust: self.validator_trust.clone(),
            dividends: self.dividends.clone(),
            bonds,
            liquid: self.liquid.clone(),
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

    /// Bonds to store. Who keeps or gets a permit has them replaced, who has none has none. By the classic rule, who had none
    /// before either keeps what was there.
    fn next_bonds<R: AsEntries>(self, input: &EpochInput<R>, permits: &[bool]) -> Vec<Vec<(u16, u16)>> {
        let mut next: Vec<Vec<(u16, u16)>> = vec![vec![]; self.stake.len()];
        for (uid, account) in self.authors.iter().zip(self.ledger.accounts) {
            let (Some(neuron), Some(permit), Some(next)) =
                (input.neurons.get(*uid), permits.get(*uid), next.get_mut(*uid))
            else {
                continue;
            };
            *next = match (permit, neuron.permit) {
                (true, _) => account.bonds,
                (false, false) if input.params.permit_rule == PermitRule::Classic => {
                    input.bonds.get(*uid).map_or(vec![], |row| row.entries().pairs())
                }
                (false, _) => vec![],
            };
        }
        next
    }
}

fn put(values: &mut [Fixed], index: usize, value: Fixed) {
    if let Some(place) = values.get_mut(index) {
        *place = value;
    }
}

/// Who counts, and how much, for each row.
fn electorate<R: AsEntries>(
    input: &EpochInput<R>,
    active_stake: &[Fixed],
    rows: &Rows,
    authors: &[usize],
) -> (Rules, Vec<Voter>) {
    let mut shares = active_stake.to_vec();
    normalise(&mut shares);
    // Below one, so that it has 32 bits and products fit: of a sole judge's stake one unit is left out.
    let of = |values: &[Fixed], uid: usize| {
        let share = values.get(uid).copied().unwrap_or_default().raw_part();
        u32::try_from(share).unwrap_or(u32::MAX)
    };
    let total: u64 = (0..shares.len()).map(|uid| u64::from(of(&shares, uid))).sum();
    let voter = |(row, uid): (&Row, &usize)| Voter {
        said: Whole::new(row.sum(input.neurons)),
        stake: of(active_stake, *uid),
        share: of(&shares, *uid),
    };
    let voters = rows.weights.iter().zip(authors).map(voter).collect();
    let rules = Rules {
        total,
        minority: Fixed::from_raw(total as i64) - Fixed::from_proportion(input.params.kappa),
        relief: (Fixed::ONE - Fixed::from_proportion(input.params.bonds_penalty)).raw_part(),
    };
    (rules, voters)
}

/// The liquid alpha curve and each column's alpha. It is fitted to the score consensus of all columns, so these are heard once
/// for it alone.
fn liquid_alphas<R: AsEntries>(
    input: &EpochInput<R>,
    rows: &Rows,
    rules: Rules,
    voters: &[Voter],
    bounds: (u16, u16),
) -> Option<(LiquidAlpha, Vec<Fixed>)> {
    let rows = rows.weights_only();
    let columns = Columns::new(rules, voters, input.neurons, &rows);
    let mut consensus = vec![Fixed::ZERO; input.neurons.len()];
    columns.hear_all(rows, |column, outcome| {
        put(&mut consensus, column, Fixed::from_raw(outcome.consensus as i64));
    });
    let curve = LiquidAlpha::fit(&consensus, bounds)?;
    let alphas = consensus.iter().map(|value| curve.alpha(*value)).collect();
    Some((curve, alphas))
}
