//! How often a miner's answers are checked, and why cheating does not pay however seldom that is.
//!
//! Each registration has a rate: the probability that an answer of it is checked. A newcomer's is 1. Each answer that was checked and
//! found clean lowers it, down to a floor that is never 0; doubt raises it; who owes answers for having cheated is checked always.
//!
//! Whether an answer is checked is drawn when answer and signed receipt are there, from a secret of the epoch and the digests of both:
//! the miner cannot know it when it commits itself, and the validator, by showing the secret afterwards, that it did not choose.
use crate::{statistic::Deviation, Rating, Score, Verdict};
use codec::{Decode, Encode};
use laurel_protocol::{blake2b_256, Hash};
use laurel_types::EpochIndex;

/// The lowest rate, unless said otherwise.
pub const DEFAULT_FLOOR: Score = Score(100_000);
/// What a proven cheat costs, in answers, unless said otherwise.
pub const DEFAULT_PROBATION: u32 = 80;
/// How many checks of cheated answers prove it, unless said otherwise: of cheats that only a whole window shows, one in as many answers as
/// fill it. That is 300 tokens in answers of 40 (docs/verification.md).
pub const DEFAULT_DETECTION: Score = Score(130_000);
/// What a cheated answer saves, unless said otherwise: no answer costs more to make than is paid for it.
pub const DEFAULT_GAIN: Score = Score::ONE;

/// What is left of the rate after a clean answer.
const AFTER_CLEAN: Score = Score(900_000);
/// How far towards 1 the rate goes after an answer in which tokens differ, each within what is allowed.
const WITHIN_MARGIN: Score = Score(125_000);
/// From where on the nearness of the last checked answers to what is refused is doubt, and as much doubt as it is near.
const NEAR: Score = Score(500_000);
/// How far towards 1 it goes after an answer that is late, unreadable or not there: an accident, or somebody who hides something.
const AFTER_FAULT: Score = Score(250_000);

const EPOCH_DOMAIN: &[u8; 14] = b"laurel/draws/1";
const LOT_DOMAIN: &[u8; 12] = b"laurel/lot/1";

/// By how much cheating pays, and how surely a check sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Odds {
    /// Probability that the check of a cheated answer proves it (`d`).
    pub detection: Score,
    /// What a cheated answer saves, as a part of an answer's pay (`g`).
    pub gain: Score,
}

/// The rules of checking that a rating depends on; receipts carry them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Policy {
    /// The lowest rate (`p`).
    floor: Score,
    /// Checked, correct answers without pay that a proven cheat costs (`L`).
    probation: u32,
}

/// With these settings a miner would earn more by cheating.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "cheating would pay: of an answer that saves {gain} of its pay, {floor} are checked and {detection} of those seen through, and being \
     caught costs {probation} answers; start with {remedy}",
    gain = .odds.gain.exact(), floor = .floor.exact(), detection = .odds.detection.exact(), remedy = self.remedy()
)]
pub struct CheatingPays {
    /// The lowest rate asked for.
    pub floor: Score,
    /// The probation asked for.
    pub probation: u32,
    /// The odds given.
    pub odds: Odds,
}

impl CheatingPays {
    /// The lowest rate that would do with this probation; none if even checking everything would not.
    pub fn least_rate(&self) -> Option<Score> {
        // p·d·L ≥ (1 − p·d)·g, solved for p: g / (d·(L + g)), rounded up.
        let (d, g) = (u128::from(self.odds.detection.0), u128::from(self.odds.gain.0));
        let divisor = d * (u128::from(self.probation) * ONE + g);
        let least = (divisor > 0).then(|| (g * ONE * ONE).div_ceil(divisor))?;
        u32::try_from(least).ok().map(Score).filter(|rate| *rate <= Score::ONE)
    }

    /// The shortest probation that would do at this rate; none if nothing is ever caught.
    pub fn least_probation(&self) -> Option<u32> {
        // Solved for L: (1 − p·d)·g / (p·d), rounded up.
        let caught = u128::from(self.floor.0) * u128::from(self.odds.detection.0);
        let missed = (ONE * ONE - caught) * u128::from(self.odds.gain.0);
        let least = (caught > 0).then(|| missed.div_ceil(caught * ONE))?;
        u32::try_from(least).ok()
    }

    fn remedy(&self) -> String {
        let rate = self
            .least_rate()
            .map(|rate| format!("--check-rate {} or more", rate.exact()));
        let probation = self
            .least_probation()
            .map(|answers| format!("--probation {answers} or more"));
        match [rate, probation].into_iter().flatten().collect::<Vec<_>>() {
            ways if ways.is_empty() => "a --check-rate and a --detection above 0".into(),
            ways => ways.join(", or with "),
        }
    }
}

/// One, in millionths.
const ONE: u128 = Score::ONE.0 as u128;

/// What an answer says about how closely to look at the next ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Nothing: it was not checked, or nobody was there.
    None,
    /// It was checked, and nothing at all is odd.
    Clean,
    /// This much doubt.
    Doubt(Score),
}

impl Sign {
    /// What a verdict says; where there was a check, its deviation and how [near](crate::statistic::Window::nearness) the last ones are to
    /// what is refused.
    pub fn of(verdict: Verdict, deviation: Option<&Deviation>, nearness: Score) -> Self {
        match verdict {
            Verdict::Correct if nearness > NEAR => Self::Doubt(nearness),
            Verdict::Correct if deviation.is_some_and(|deviation| deviation.different > 0) => {
                Self::Doubt(WITHIN_MARGIN)
            }
            Verdict::Correct => Self::Clean,
            // Whoever is not there, or says that it is busy, shows nothing either way.
            Verdict::Unchecked | Verdict::NoAxon | Verdict::NotAccepted | Verdict::Down | Verdict::Busy => Self::None,
            Verdict::Late | Verdict::Refused | Verdict::Malformed | Verdict::Unsigned => Self::Doubt(AFTER_FAULT),
            Verdict::Mismatched | Verdict::WrongModel | Verdict::WrongContent | Verdict::Truncated => {
                Self::Doubt(Score::ONE)
            }
        }
    }
}

impl Default for Policy {
    /// Of the flags' default values.
    fn default() -> Self {
        Self {
            floor: DEFAULT_FLOOR,
            probation: DEFAULT_PROBATION,
        }
    }
}

impl Policy {
    /// Rules under which cheating does not pay: `p·d·L ≥ (1 − p·d)·g`.
    ///
    /// # Errors
    /// When it does.
    pub fn new(floor: Score, probation: u32, odds: Odds) -> Result<Self, CheatingPays> {
        let caught = u128::from(floor.0) * u128::from(odds.detection.0);
        let (lost, gained) = (
            caught * u128::from(probation) * ONE,
            (ONE * ONE).saturating_sub(caught) * u128::from(odds.gain.0),
        );
        // Where there is nothing to gain the rate still must not be 0.
        if lost < gained || floor == Score::ZERO {
            return Err(CheatingPays { floor, probation, odds });
        }
        Ok(Self { floor, probation })
    }

    /// The lowest rate.
    pub fn floor(&self) -> Score {
        self.floor
    }

    /// What a proven cheat costs, in checked, correct answers.
    pub fn probation(&self) -> u32 {
        self.probation
    }

    /// The probability with which the next answer of whoever has this rating is checked. The floor may have been raised since its last one.
    pub fn rate_of(&self, rating: &Rating) -> Score {
        rating.rate.max(self.floor)
    }

    /// The rate after an answer; never below the floor, and the higher the more doubt there is.
    pub fn rate_after(&self, rate: Score, sign: Sign) -> Score {
        let rate = match sign {
            Sign::None => rate,
            Sign::Clean => rate.times(AFTER_CLEAN),
            // Between the rate and 1.
            Sign::Doubt(doubt) => Score(rate.0 + Score(Score::ONE.0.saturating_sub(rate.0)).times(doubt).0),
        };
        rate.max(self.floor)
    }
}

/// The secret from which the draws of one epoch follow. A validator that shows it, shows no other epoch's.
#[derive(Clone)]
pub struct EpochSecret {
    epoch: EpochIndex,
    key: Hash,
}

impl EpochSecret {
    /// The secret of an epoch, from the one that the store keeps.
    pub fn new(task_key: &Hash, epoch: EpochIndex) -> Self {
        let key = blake2b_256(&[EPOCH_DOMAIN, task_key, &epoch.0.to_le_bytes()]);
        Self { epoch, key }
    }

    /// The one of an epoch that a validator has shown.
    pub fn shown(epoch: EpochIndex, key: Hash) -> Self {
        Self { epoch, key }
    }

    /// The secret itself: what a validator shows when the epoch is over.
    pub fn key(&self) -> Hash {
        self.key
    }

    /// Draws for an answer to a request, both of which are fixed by now.
    pub fn draw(&self, request_hash: &Hash, answer_hash: &Hash, rate: Score) -> Draw {
        let digest = blake2b_256(&[LOT_DOMAIN, &self.key, request_hash, answer_hash]);
        let mut number = [0; 8];
        number.copy_from_slice(&digest[..8]);
        // One of a million, uneven by less than one in 10¹³.
        let lot = Score((u64::from_le_bytes(number) % u64::from(Score::ONE.0)) as u32);
        Draw {
            epoch: self.epoch,
            lot,
            rate,
        }
    }
}

/// Whether one answer was to be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Draw {
    /// The epoch whose secret it was drawn from.
    pub epoch: EpochIndex,
    /// What was drawn, below 1.
    pub lot: Score,
    /// The miner's rate at that moment.
    pub rate: Score,
}

impl Draw {
    /// Whether the answer is to be checked.
    pub fn is_check(&self) -> bool {
        self.lot < self.rate
    }
}

#[cfg(test)]
mod tests;
