//! A subnet whose miners change, most of its validators honest, one a copier.
use laurel_yuma::{epoch, Change, EpochInput, EpochParams, NeuronInput, PermitRule};

const MINERS: usize = 48;
const HONEST: usize = 8;
/// The copier's uid; honest validators come before it, miners after.
const COPIER: usize = HONEST;
const VALIDATORS: usize = HONEST + 1;
const NEURONS: usize = VALIDATORS + MINERS;
/// Epochs that are not counted, in which bonds and the copier's memory fill.
const WARM_UP: usize = 40;
const EPOCHS: usize = 240;

/// What differs between runs.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// By how many epochs the copied rows are older than the honest ones that count beside them.
    pub lag: usize,
    /// By how many epochs the consensus is older with which the present one is compared.
    pub compared: usize,
    /// Part of the miners that become as good or bad as a new one, each epoch.
    pub change: f64,
    /// Deviation of what an honest validator measures, as a part of what is there.
    pub noise: f64,
    /// What missing a change of the consensus costs, in 65535ths.
    pub staleness_penalty: u16,
    /// Liquid alpha's bounds.
    pub liquid_alpha: Option<(u16, u16)>,
}

/// Numbers that look random, the same in every run.
struct Dice(u64);

impl Dice {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

type Row = Vec<(u16, u16)>;

/// Scales what was measured so that the best miner has 65535.
fn row(measured: &[f64]) -> Row {
    let best = measured.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let scaled = measured.iter().map(|value| (value / best * 65_535.0).round() as u16);
    (VALIDATORS as u16..).zip(scaled).collect()
}

/// The mean of the rows, each as parts of its sum: the best guess of what the next consensus will be.
fn mean(rows: &[Row]) -> Row {
    let mut means = vec![0.0; MINERS];
    for row in rows {
        let sum: f64 = row.iter().map(|(_, weight)| f64::from(*weight)).sum();
        for (mean, (_, weight)) in means.iter_mut().zip(row) {
            *mean += f64::from(*weight) / sum;
        }
    }
    row(&means)
}

/// The copier's dividends as a part of the mean of the honest ones', over all epochs that count.
pub fn copiers_part(setting: Setting) -> f64 {
    let mut dice = Dice(7);
    let mut quality: Vec<f64> = (0..MINERS).map(|_| dice.uniform()).collect();
    let neurons: Vec<NeuronInput> = (0..NEURONS)
        .map(|uid| NeuronInput {
            stake: u64::from(uid < VALIDATORS) * 1_000_000_000_000,
            last_update: 2,
            registered_at: 1,
            permit: uid < VALIDATORS,
        })
        .collect();
    let mut honest: Vec<Vec<Row>> = Vec::new();
    let mut bonds: Vec<Row> = vec![vec![]; NEURONS];
    let mut consensus: Vec<Vec<u16>> = Vec::new();
    let (mut copier, mut others) = (0.0, 0.0);
    for number in 0..EPOCHS {
        for quality in &mut quality {
            if dice.uniform() < setting.change {
                *quality = dice.uniform();
            }
        }
        let mut measure = || -> Row {
            let measured: Vec<f64> = quality
                .iter()
                .map(|quality| (quality * (1.0 + setting.noise * dice.normal())).max(0.0))
                .collect();
            row(&measured)
        };
        honest.push((0..HONEST).map(|_| measure()).collect());
        let mut weights = honest[number].clone();
        weights.push(mean(&honest[number.saturating_sub(setting.lag)]));
        let output = epoch(&EpochInput {
            now: 3,
            params: EpochParams {
                kappa: 32_767,
                activity_cutoff: 10,
                bonds_moving_average: 900_000,
                bonds_penalty: u16::MAX,
                max_validators: VALIDATORS as u16,
                liquid_alpha: setting.liquid_alpha,
                permit_rule: PermitRule::PositiveStake,
            },
            neurons: &neurons,
            weights: &weights,
            bonds: &bonds,
        });
        let before = number
            .checked_sub(setting.compared)
            .and_then(|earlier| consensus.get(earlier));
        let change = before.and_then(|before| Change::between(before, &output.consensus));
        let change = change.filter(|_| setting.staleness_penalty > 0);
        let factor = |uid: usize| match &change {
            Some(change) => {
                let seen = change.seen_by(weights[uid].iter().copied());
                change.dividend_factor(seen, setting.staleness_penalty) as f64
            }
            None => 1.0,
        };
        let kept: Vec<f64> = (0..VALIDATORS)
            .map(|uid| output.dividend_share[uid] as f64 * factor(uid))
            .collect();
        let whole: f64 = kept.iter().sum();
        if number >= WARM_UP {
            copier += kept[COPIER] / whole;
            others += kept[..HONEST].iter().sum::<f64>() / whole / HONEST as f64;
        }
        consensus.push(output.consensus);
        bonds = output.bonds;
    }
    copier / others
}
