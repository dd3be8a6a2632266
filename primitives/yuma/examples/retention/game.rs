//! A game of two teams: honest validators against a cabal, one epoch.
use laurel_yuma::{epoch, EpochInput, EpochParams, NeuronInput, PermitRule};

const NEURONS: usize = 512;
const VALIDATORS: usize = 64;
/// Deviation of the validators' stakes, as a part of their mean.
const STAKE_NOISE: f64 = 0.3;

/// What is the same for both teams.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Deviation of what validators of one team say of a miner, as a part of the mean.
    pub noise: f64,
    /// Bonds penalty.
    pub penalty: f64,
    /// Majority.
    pub kappa: f64,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            noise: 0.4,
            penalty: 1.0,
            kappa: 0.5,
        }
    }
}

/// Numbers of a normal distribution, the same in every run.
struct Normal(u64);

impl Normal {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// One number around one, not below zero.
    fn around_one(&mut self, deviation: f64) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        (1.0 + deviation * radius * (std::f64::consts::TAU * self.uniform()).cos()).max(0.0)
    }

    /// So many numbers around one, made to sum to `sum`.
    fn shares(&mut self, count: usize, deviation: f64, sum: f64) -> Vec<f64> {
        let values: Vec<f64> = (0..count).map(|_| self.around_one(deviation)).collect();
        let total: f64 = values.iter().sum();
        values.into_iter().map(|value| value / total * sum).collect()
    }
}

/// A team's uids: its validators and its servers.
#[derive(Clone, Debug)]
struct Team {
    validators: std::ops::Range<usize>,
    servers: std::ops::Range<usize>,
}

/// The teams with their stakes, and how each validator spreads what it gives a team over the team's servers.
pub struct Game {
    stake: f64,
    rules: Rules,
    honest: Team,
    neurons: Vec<NeuronInput>,
    /// For each validator one part a server; those of each team sum to one.
    spread: Vec<Vec<f64>>,
}

impl Game {
    /// Honest validators, servers and stake are `stake` of all.
    pub fn new(stake: f64, rules: Rules) -> Self {
        let part = |count: usize| ((count as f64 * stake).round() as usize).clamp(1, count - 1);
        let honest = Team {
            validators: 0..part(VALIDATORS),
            servers: VALIDATORS..VALIDATORS + part(NEURONS - VALIDATORS),
        };
        let (validators, servers) = (honest.validators.len(), honest.servers.len());
        let mut normal = Normal(0);
        let mut stakes = normal.shares(validators, STAKE_NOISE, stake);
        stakes.extend(normal.shares(VALIDATORS - validators, STAKE_NOISE, 1.0 - stake));
        let neurons = (0..NEURONS).map(|uid| NeuronInput {
            stake: stakes.get(uid).map_or(0, |stake| (stake * 21e15) as u64),
            last_update: 2,
            registered_at: 1,
            permit: uid < VALIDATORS,
        });
        let neurons = neurons.collect();
        let row = |_| {
            let mut row = normal.shares(servers, rules.noise, 1.0);
            row.extend(normal.shares(NEURONS - VALIDATORS - servers, rules.noise, 1.0));
            row
        };
        Self {
            spread: (0..VALIDATORS).map(row).collect(),
            stake,
            rules,
            honest,
            neurons,
        }
    }

    /// What the honest team is paid, as a part of all, when it gives `utility` of its weight to itself, and the cabal `claim`.
    pub fn emission(&self, utility: f64, claim: f64) -> f64 {
        let row = |(uid, spread): (usize, &Vec<f64>)| -> Vec<(u16, u16)> {
            let is_honest = |uid: usize| self.honest.validators.contains(&uid) || self.honest.servers.contains(&uid);
            let own = if is_honest(uid) { utility } else { claim };
            let values: Vec<f64> = (VALIDATORS..)
                .zip(spread)
                .map(|(server, part)| {
                    part * if is_honest(server) == is_honest(uid) {
                        own
                    } else {
                        1.0 - own
                    }
                })
                .collect();
            let largest = values.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
            (VALIDATORS as u16..)
                .zip(values.iter().map(|value| (value / largest * 65_535.0).round() as u16))
                .collect()
        };
        let mut weights: Vec<Vec<(u16, u16)>> = self.spread.iter().enumerate().map(row).collect();
        weights.resize(NEURONS, vec![]);
        let proportion = |part: f64| (part * 65_535.0).round() as u16;
        let output = epoch(&EpochInput {
            now: 3,
            params: EpochParams {
                kappa: proportion(self.rules.kappa),
                activity_cutoff: 10,
                bonds_moving_average: 900_000,
                bonds_penalty: proportion(self.rules.penalty),
                max_validators: VALIDATORS as u16,
                liquid_alpha: None,
                permit_rule: PermitRule::PositiveStake,
            },
            neurons: &self.neurons,
            weights: &weights,
            bonds: &[],
        });
        let sum = |shares: &[u64]| shares.iter().map(|share| *share as f64).sum::<f64>();
        let paid = |team: &Team| {
            sum(&output.dividend_share[team.validators.clone()]) + sum(&output.incentive_share[team.servers.clone()])
        };
        let all = sum(&output.dividend_share) + sum(&output.incentive_share);
        // Where nobody supports anything, stake decides.
        if all == 0.0 {
            self.stake
        } else {
            paid(&self.honest) / all
        }
    }

    /// The least utility with which the honest team is paid its part of the stake when the cabal claims `claim`; more than
    /// one where none is enough.
    pub fn needed_against(&self, claim: f64) -> f64 {
        if self.emission(1.0, claim) < self.stake {
            return 1.01;
        }
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..8 {
            let middle = (low + high) / 2.0;
            if self.emission(middle, claim) < self.stake {
                low = middle;
            } else {
                high = middle;
            }
        }
        high
    }

    /// [`Self::needed_against`] each claim, from nothing to everything.
    pub fn line(&self, steps: usize) -> Vec<(f64, f64)> {
        let claims = (0..=steps).map(|step| step as f64 / steps as f64);
        claims.map(|claim| (claim, self.needed_against(claim))).collect()
    }

    /// The least utility that suffices against every claim.
    pub fn needed(&self, steps: usize) -> f64 {
        self.line(steps)
            .into_iter()
            .map(|(_, needed)| needed)
            .fold(0.0, f64::max)
    }
}
