//! Subnets of a given size to run an epoch on. The first uids validate, all others mine.
use alloc::{vec, vec::Vec};
use laurel_yuma::{EpochInput, EpochParams, NeuronInput, PermitRule};

/// A subnet in the middle of its life: everybody has bonds already.
pub struct Graph {
    pub neurons: Vec<NeuronInput>,
    pub weights: Vec<Vec<(u16, u16)>>,
    pub bonds: Vec<Vec<(u16, u16)>>,
}

/// Deterministic numbers that look random; the epoch needs variety, not quality.
fn scatter(a: u32, b: u32) -> u64 {
    let mixed = (u64::from(a) << 32 | u64::from(b)).wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl Graph {
    /// `validators` of `neurons` uids say something of `percent` of all others each, and hold bonds on the same.
    pub fn new(neurons: u32, validators: u32, percent: u32) -> Self {
        let neuron = |uid: u32| NeuronInput {
            stake: u64::from(uid < validators) * (1_000_000_000_000 + scatter(uid, u32::MAX) % 1_000_000_000_000),
            last_update: 50,
            registered_at: 1,
            permit: uid < validators,
        };
        let row = |uid: u32, seed: u32| -> Vec<(u16, u16)> {
            if uid >= validators {
                return vec![];
            }
            (0..neurons)
                .filter(|column| *column != uid && scatter(uid, *column) % 100 < u64::from(percent))
                .map(|column| (column as u16, scatter(uid ^ seed, column) as u16 | 1))
                .collect()
        };
        Self {
            neurons: (0..neurons).map(neuron).collect(),
            weights: (0..neurons).map(|uid| row(uid, 0x5_0000)).collect(),
            bonds: (0..neurons).map(|uid| row(uid, 0xb_0000)).collect(),
        }
    }

    /// What the epoch of this subnet is computed from.
    pub fn input(&self, liquid_alpha: Option<(u16, u16)>) -> EpochInput<'_> {
        EpochInput {
            now: 100,
            params: EpochParams {
                kappa: 32_767,
                activity_cutoff: 5_000,
                bonds_moving_average: 900_000,
                bonds_penalty: u16::MAX,
                max_validators: self.neurons.iter().filter(|neuron| neuron.permit).count() as u16,
                liquid_alpha,
                permit_rule: PermitRule::PositiveStake,
            },
            neurons: &self.neurons,
            weights: &self.weights,
            bonds: &self.bonds,
        }
    }
}
