//! The canonical sampler, version 1: which token follows from logits, sampling parameters and a key, with integers from
//! the logits on. `docs/sampler.md` specifies it to the bit.
mod fixed;

use crate::EngineError;
use blake2::digest::consts::U16;
use blake2::{Blake2b, Digest};
use fixed::{exp_neg, gumbel, gumbel_bound};
use serde::{Deserialize, Serialize};

/// The version that this module implements; part of a model's manifest.
pub const SAMPLER_VERSION: u32 = 1;

/// Logits are read in this fraction of a nat.
pub const UNITS_PER_NAT: i64 = 1 << 16;

/// Highest temperature, in thousandths.
pub const MAX_TEMPERATURE_MILLI: u32 = 10_000;

/// Logits beyond this many units are cut off; no trained model comes near it.
const MAX_LOGIT: f64 = (1u64 << 31) as f64;

/// How a token is chosen. All in whole numbers, so that two parties cannot round differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SamplingParams {
    /// Temperature in thousandths; 0 always takes the likeliest token.
    pub temperature_milli: u32,
    /// Only this many likeliest tokens can be chosen; 0 for all.
    pub top_k: u32,
    /// Only the likeliest tokens that together have this probability, in thousandths, can be chosen; 1000 for all.
    pub top_p_milli: u32,
}

impl Default for SamplingParams {
    /// Temperature 1, nothing cut off.
    fn default() -> Self {
        Self {
            temperature_milli: 1000,
            top_k: 0,
            top_p_milli: 1000,
        }
    }
}

impl SamplingParams {
    /// Always the likeliest token.
    pub const GREEDY: Self = Self {
        temperature_milli: 0,
        top_k: 0,
        top_p_milli: 1000,
    };

    /// Checks the ranges.
    pub fn validate(&self) -> Result<(), EngineError> {
        if self.temperature_milli > MAX_TEMPERATURE_MILLI {
            return Err(EngineError::BadRequest("temperature is over 10: lower it".into()));
        }
        if self.top_p_milli == 0 || self.top_p_milli > 1000 {
            return Err(EngineError::BadRequest("top_p must be over 0 and at most 1".into()));
        }
        Ok(())
    }
}

/// What makes the draws of one request its own; derived from the request's nonce and the two hotkeys.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SamplerKey(pub [u8; 32]);

impl std::fmt::Debug for SamplerKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A key says which draws come next; it has no place in a log.
        formatter.write_str("SamplerKey(..)")
    }
}

/// A claimed token beside the one that the sampler picks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TokenCheck {
    /// The token of the answer.
    pub claimed: u32,
    /// The token that the canonical sampler picks from the checker's own logits.
    pub expected: u32,
    /// Score of `expected` less score of `claimed`, in nats: by how much the logits of an honest model would have to differ. 0 if
    /// they are the same token, infinite if `claimed` could not be chosen at all.
    pub margin: f32,
}

/// Picks the token at `position` (0 for the first token of the answer).
pub fn sample(logits: &[f32], params: &SamplingParams, key: &SamplerKey, position: usize) -> Result<u32, EngineError> {
    let candidates = Candidates::new(logits, params)?;
    Ok(candidates.best(&Draws::new(key, position), params).0)
}

/// Compares a claimed token with the one that the sampler picks.
pub fn check_token(
    logits: &[f32],
    params: &SamplingParams,
    key: &SamplerKey,
    position: usize,
    claimed: u32,
) -> Result<TokenCheck, EngineError> {
    let candidates = Candidates::new(logits, params)?;
    let draws = Draws::new(key, position);
    let (expected, best) = candidates.best(&draws, params);
    let margin = match candidates.logit(claimed) {
        Some(logit) => {
            let score = logit + draws.noise(claimed, params);
            ((best - score) as f64 / UNITS_PER_NAT as f64) as f32
        }
        None => f32::INFINITY,
    };
    Ok(TokenCheck {
        claimed,
        expected,
        margin,
    })
}

/// The tokens that can be chosen, with their logits in units.
enum Candidates {
    /// Every token, by id.
    All(Vec<i64>),
    /// Some, as (logit, id).
    Some(Vec<(i64, u32)>),
}

impl Candidates {
    fn new(logits: &[f32], params: &SamplingParams) -> Result<Self, EngineError> {
        params.validate()?;
        let mut units = Vec::with_capacity(logits.len());
        for logit in logits {
            if !logit.is_finite() {
                return Err(EngineError::Compute(
                    "the model answered a logit that is not a number".into(),
                ));
            }
            // Exact: a f32 times a power of two is a f64 without rounding; `round` takes halves away from zero.
            units.push(
                (f64::from(*logit) * UNITS_PER_NAT as f64)
                    .round()
                    .clamp(-MAX_LOGIT, MAX_LOGIT) as i64,
            );
        }
        if units.is_empty() {
            return Err(EngineError::Compute("the model answered no logits".into()));
        }
        let all_k = params.top_k == 0 || params.top_k as usize >= units.len();
        if params.temperature_milli == 0 || (all_k && params.top_p_milli == 1000) {
            return Ok(Self::All(units));
        }
        let mut ranked: Vec<(i64, u32)> = units.into_iter().zip(0..).collect();
        let order = |a: &(i64, u32), b: &(i64, u32)| b.0.cmp(&a.0).then(a.1.cmp(&b.1));
        if !all_k {
            ranked.select_nth_unstable_by(params.top_k as usize - 1, order);
            ranked.truncate(params.top_k as usize);
        }
        if params.top_p_milli < 1000 {
            ranked.sort_unstable_by(order);
            ranked.truncate(nucleus(&ranked, params));
        }
        Ok(Self::Some(ranked))
    }

    /// The token of the highest score, the lowest id among equals, and that score.
    fn best(&self, draws: &Draws, params: &SamplingParams) -> (u32, i64) {
        let mut best: Option<(i64, u32)> = None;
        let mut offer = |logit: i64, id: u32| {
            // Nearly every token of a large vocabulary is out of reach, and the bound says so for less.
            if best.is_some_and(|(score, _)| logit + draws.noise_bound(id, params) < score) {
                return;
            }
            let score = logit + draws.noise(id, params);
            if best.is_none_or(|(highest, holder)| score > highest || score == highest && id < holder) {
                best = Some((score, id));
            }
        };
        match self {
            Self::All(units) => units.iter().zip(0..).for_each(|(logit, id)| offer(*logit, id)),
            Self::Some(ranked) => ranked.iter().for_each(|(logit, id)| offer(*logit, *id)),
        }
        let (score, id) = best.unwrap_or((0, 0));
        (id, score)
    }

    fn logit(&self, id: u32) -> Option<i64> {
        match self {
            Self::All(units) => units.get(id as usize).copied(),
            Self::Some(ranked) => ranked
                .iter()
                .find(|(_, candidate)| *candidate == id)
                .map(|(logit, _)| *logit),
        }
    }
}

/// How many of the ranked tokens it takes to hold `top_p` of their probability; at least one.
fn nucleus(ranked: &[(i64, u32)], params: &SamplingParams) -> usize {
    let highest = ranked[0].0;
    let weight = |logit: i64| {
        let below = (highest - logit) as u64 * 1000 / u64::from(params.temperature_milli);
        u128::from(exp_neg(below))
    };
    let total: u128 = ranked.iter().map(|(logit, _)| weight(*logit)).sum();
    let mut held = 0;
    for (index, (logit, _)) in ranked.iter().enumerate() {
        held += weight(*logit);
        if held * 1000 >= total * u128::from(params.top_p_milli) {
            return index + 1;
        }
    }
    ranked.len()
}

/// The draws of one position: 64 bits for each token id.
struct Draws {
    first: u64,
    second: u64,
}

impl Draws {
    fn new(key: &SamplerKey, position: usize) -> Self {
        let mut hash = Blake2b::<U16>::new();
        hash.update(b"laurel/sampler/1");
        hash.update(key.0);
        hash.update((position as u64).to_le_bytes());
        let bits = u128::from_le_bytes(hash.finalize().into());
        Self {
            first: bits as u64,
            second: (bits >> 64) as u64,
        }
    }

    fn bits(&self, id: u32) -> u64 {
        let counter = (u64::from(id) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        mix(mix(self.first.wrapping_add(counter)) ^ self.second)
    }

    /// Temperature times a Gumbel draw, in units of the logits, rounded down.
    fn noise(&self, id: u32, params: &SamplingParams) -> i64 {
        if params.temperature_milli == 0 {
            return 0;
        }
        (gumbel(self.bits(id)) * i64::from(params.temperature_milli)).div_euclid(1000)
    }

    fn noise_bound(&self, id: u32, params: &SamplingParams) -> i64 {
        if params.temperature_milli == 0 {
            return 0;
        }
        (gumbel_bound(self.bits(id)) * i64::from(params.temperature_milli)).div_euclid(1000)
    }
}

/// The finaliser of SplitMix64.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests;
