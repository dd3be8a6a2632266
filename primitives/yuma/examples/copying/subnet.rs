//! A subnet whose miners change, most of its validators honest, one that does something else.
use laurel_yuma::{epoch, Change, EpochInput, EpochParams, NeuronInput, PermitRule};

const MINERS: usize = 48;
const HONEST: usize = 8;
/// The uid of the one that does something else; honest validators come before it, miners after.
const OTHER: usize = HONEST;
const VALIDATORS: usize = HONEST + 1;
const NEURONS: usize = VALIDATORS + MINERS;
/// Epochs that are not counted, in which bonds and memories fill.
const WARM_UP: usize = 40;
const EPOCHS: usize = 240;

/// What the other validator does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Conduct {
    /// Says the mean of what the honest ones said when the latest rows that it can know were fixed.
    Copies,
    /// The mean of what they said an epoch before that.
    CopiesOlder,
    /// [`Self::Copies`], each weight moved by noise with this deviation.
    CopiesWithNoise(f64),
    /// Half [`Self::Copies`], half its own measurement.
    Mixes,
    /// The same of every miner.
    CallsAllEqual,
    /// [`Self::Copies`], drawn halfway towards the same of every miner.
    CopiesTowardsEqual,
    /// Measures like the honest ones, with so many times their noise.
    Measures(f64),
    /// Measures in every second epoch only and lets its row stand in between.
    MeasuresEverySecondEpoch,
}

/// What differs between runs.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// By how many epochs what can be copied is older than the rows that count beside it.
    pub hidden: usize,
    /// Part of the miners that become as good or bad as a new one, each epoch.
    pub change: f64,
    /// Whether they are new ones: of those nobody said anything before.
    pub newcomers: bool,
    /// Deviation of what an honest validator measures, as a part of what is there.
    pub noise: f64,
    /// What missing a change of the consensus costs, in 65535ths.
    pub staleness_penalty: u16,
    /// What the other validator does.
    pub conduct: Conduct,
}

impl Setting {
    /// By how many epochs the consensus is older with which the present one is compared: as old as what can be copied, and with the one
    /// before where nothing is hidden.
    fn compared(&self) -> usize {
        self.hidden.max(1)
    }
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
fn mean(rows: &[Row]) -> Vec<f64> {
    let mut means = vec![0.0; MINERS];
    for row in rows {
        for (mean, part) in means.iter_mut().zip(parts(row)) {
            *mean += part / rows.len() as f64;
        }
    }
    means
}

/// Weights as parts of their sum.
fn parts(row: &Row) -> impl Iterator<Item = f64> + '_ {
    let sum: f64 = row.iter().map(|(_, weight)| f64::from(*weight)).sum();
    row.iter().map(move |(_, weight)| f64::from(*weight) / sum)
}

/// The miners, and what was said of them.
struct Subnet {
    dice: Dice,
    quality: Vec<f64>,
    /// In which epoch each miner came.
    since: Vec<usize>,
    /// Rows of the honest validators, by epoch.
    honest: Vec<Vec<Row>>,
    /// Rows of the other validator, by epoch.
    other: Vec<Row>,
}

impl Subnet {
    fn found() -> Self {
        let mut dice = Dice(7);
        let quality = (0..MINERS).map(|_| dice.uniform()).collect();
        Self {
            dice,
            quality,
            since: vec![0; MINERS],
            honest: Vec::new(),
            other: Vec::new(),
        }
    }

    fn measure(&mut self, noise: f64) -> Row {
        let dice = &mut self.dice;
        let measured = self
            .quality
            .iter()
            .map(|quality| quality * (1.0 + noise * dice.normal()));
        row(&measured.map(|value| value.max(0.0)).collect::<Vec<_>>())
    }

    /// Miners change, and the validators say what they say of it.
    fn live_an_epoch(&mut self, setting: &Setting) {
        let now = self.honest.len();
        for (quality, since) in self.quality.iter_mut().zip(&mut self.since) {
            if self.dice.uniform() < setting.change {
                (*quality, *since) = (self.dice.uniform(), now);
            }
        }
        let rows = (0..HONEST).map(|_| self.measure(setting.noise)).collect();
        self.honest.push(rows);
        let own = self.measure(match setting.conduct {
            Conduct::Measures(times) => times * setting.noise,
            _ => setting.noise,
        });
        let said = self.other_says(now, own, setting);
        self.other.push(said);
    }

    fn other_says(&mut self, now: usize, own: Row, setting: &Setting) -> Row {
        let copied = |back: usize| mean(&self.honest[now.saturating_sub(back)]);
        let towards = |to: &[f64], part: f64| -> Row {
            let pairs = copied(setting.hidden).into_iter().zip(to);
            row(&pairs
                .map(|(copied, to)| copied * (1.0 - part) + to * part)
                .collect::<Vec<_>>())
        };
        let equal = [1.0 / MINERS as f64; MINERS];
        match setting.conduct {
            Conduct::Copies => row(&copied(setting.hidden)),
            Conduct::CopiesOlder => row(&copied(setting.hidden + 1)),
            Conduct::CopiesWithNoise(noise) => {
                let copied = copied(setting.hidden);
                let dice = &mut self.dice;
                let moved = copied
                    .iter()
                    .map(|weight| weight * (1.0 + noise * dice.normal()).max(0.0));
                row(&moved.collect::<Vec<_>>())
            }
            Conduct::Mixes => towards(&parts(&own).collect::<Vec<_>>(), 0.5),
            Conduct::CallsAllEqual => row(&equal),
            Conduct::CopiesTowardsEqual => towards(&equal, 0.5),
            Conduct::MeasuresEverySecondEpoch if now % 2 == 1 => self.other[now - 1].clone(),
            Conduct::Measures(_) | Conduct::MeasuresEverySecondEpoch => own,
        }
    }

    /// What the score consensus said so many epochs ago, of who was there.
    fn known(&self, consensus: &[u16], now: usize, setting: &Setting) -> Vec<u16> {
        let mut known = consensus.to_vec();
        for (value, since) in known[VALIDATORS..].iter_mut().zip(&self.since) {
            if setting.newcomers && since + setting.compared() > now {
                *value = 0;
            }
        }
        known
    }
}

/// The other validator's dividends as a part of the mean of the honest ones', over all epochs that count.
pub fn others_part(setting: Setting) -> f64 {
    let mut subnet = Subnet::found();
    let neurons: Vec<NeuronInput> = (0..NEURONS)
        .map(|uid| NeuronInput {
            stake: u64::from(uid < VALIDATORS) * 1_000_000_000_000,
            last_update: 2,
            registered_at: 1,
            permit: uid < VALIDATORS,
        })
        .collect();
    let mut bonds: Vec<Row> = vec![vec![]; NEURONS];
    let mut consensus: Vec<Vec<u16>> = Vec::new();
    let (mut other, mut honest) = (0.0, 0.0);
    for number in 0..EPOCHS {
        subnet.live_an_epoch(&setting);
        let mut weights = subnet.honest[number].clone();
        weights.push(subnet.other[number].clone());
        let output = epoch(&EpochInput {
            now: 3,
            params: EpochParams {
                kappa: 32_767,
                activity_cutoff: 10,
                bonds_moving_average: 900_000,
                bonds_penalty: u16::MAX,
                max_validators: VALIDATORS as u16,
                liquid_alpha: None,
                permit_rule: PermitRule::PositiveStake,
            },
            neurons: &neurons,
            weights: &weights,
            bonds: &bonds,
        });
        let before = number
            .checked_sub(setting.compared())
            .and_then(|then| consensus.get(then));
        let change = before.and_then(|then| Change::between(&subnet.known(then, number, &setting), &output.consensus));
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
            other += kept[OTHER] / whole;
            honest += kept[..HONEST].iter().sum::<f64>() / whole / HONEST as f64;
        }
        consensus.push(output.consensus);
        bonds = output.bonds;
    }
    other / honest
}
