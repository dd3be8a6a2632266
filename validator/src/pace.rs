//! How fast an answer was, against what the subnet's miners usually take for the same work.
//!
//! Everything is measured by this validator; nothing that a miner says about times counts. A miner has one voice in each class of work,
//! its own median, so one with many answers moves no more than any other; and whoever owes answers for having cheated has none, because
//! what is fast there may be a smaller model.
use crate::{work::Amount, Score};
use codec::{Decode, Encode};
use laurel_types::{ModelRoot, RegistrationId};
use std::collections::{BTreeMap, HashMap, VecDeque};

/// Measurements kept of a miner in a class.
const RECENT: usize = 15;
/// Miners that must have been measured before they are compared.
const FEWEST: usize = 3;
/// Measurements of which the slowest twentieth says anything.
const FEWEST_OF_A_TAIL: usize = 20;
/// Fewest tokens whose rate says anything.
const FEWEST_TOKENS: u32 = 8;
/// Added to both sides before they are compared, in microseconds: the way through the network, and what a clock's tick is. Where answers
/// come within this, being nearer to the validator is worth nothing.
const WAY: u64 = 50_000;
/// The same for one token of many.
const TICK: u64 = 1_000;
/// What the slowest answer in time is worth: a correct answer is the work.
const LEAST: Score = Score(500_000);

/// When an answer came, and how much it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Timing {
    /// Whether it came token by token.
    pub is_streamed: bool,
    /// From the request to the first token, in milliseconds.
    pub first_ms: u64,
    /// From the request to the last byte, in milliseconds.
    pub latency_ms: u64,
    /// How long the miner had, in milliseconds.
    pub deadline_ms: u64,
    /// Tokens read and written, counted by this validator; 0 where it could not.
    pub amount: Amount,
}

/// Work that takes about the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    /// Reading a prompt of so many bits of tokens, until the first token is there.
    First { prompt: u32 },
    /// Each further token.
    Token,
    /// All of an answer that comes at once, by the bits of the tokens read and written.
    Whole { prompt: u32, completion: u32 },
}

/// How many bits a number has: classes double in size.
fn bits(tokens: u32) -> u32 {
    u32::BITS - tokens.leading_zeros()
}

impl Class {
    fn is_first(self) -> bool {
        matches!(self, Self::First { .. })
    }

    fn is_whole(self) -> bool {
        matches!(self, Self::Whole { .. })
    }

    fn slack(self) -> u64 {
        match self {
            Self::First { .. } | Self::Whole { .. } => WAY,
            Self::Token => TICK,
        }
    }
}

impl Timing {
    /// What is compared: the answer or its beginning, and the rate of its tokens; in microseconds, less is better.
    fn measures(&self) -> [Option<(Class, u64)>; 2] {
        let Amount {
            prompt_tokens,
            completion_tokens,
        } = self.amount;
        let prompt = bits(prompt_tokens);
        if !self.is_streamed {
            let completion = bits(completion_tokens);
            let whole = (Class::Whole { prompt, completion }, micros(self.latency_ms));
            return [Some(whole), None];
        }
        let first = (Class::First { prompt }, micros(self.first_ms));
        let rest = micros(self.latency_ms.saturating_sub(self.first_ms));
        let token = (completion_tokens >= FEWEST_TOKENS).then(|| {
            (
                Class::Token,
                rest / u64::from(completion_tokens.saturating_sub(1).max(1)),
            )
        });
        [Some(first), token]
    }
}

fn micros(ms: u64) -> u64 {
    ms.saturating_mul(1_000)
}

/// What the subnet's miners took for the same work, in microseconds; nothing where too few were measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Medians {
    /// To the first token, or for the whole answer if it came at once.
    pub first_us: Option<u64>,
    /// For each further token.
    pub token_us: Option<u64>,
}

/// What one miner usually takes, whatever the lengths, in microseconds: medians of its latest measurements; nothing where there are none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usual {
    /// To the first token of a stream.
    pub first_us: Option<u64>,
    /// For each further token.
    pub token_us: Option<u64>,
    /// For an answer that comes at once.
    pub whole_us: Option<u64>,
}

/// What 19 of 20 answers of a model's miners stay below, in microseconds; nothing where too few were measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tail {
    /// To the first token of a stream.
    pub first_us: Option<u64>,
    /// For an answer that comes at once.
    pub whole_us: Option<u64>,
}

/// What speed is worth: the mean of what its parts are worth that can be compared, or of the part of the deadline that it took if none can.
pub fn speed(timing: &Timing, medians: &Medians) -> Score {
    let parts: Vec<u32> = timing
        .measures()
        .into_iter()
        .zip([medians.first_us, medians.token_us])
        .filter_map(|(measure, median)| {
            let (class, own) = measure?;
            Some(against_median(own, median?, class.slack()).0)
        })
        .collect();
    match parts[..] {
        [] => against_deadline(timing.latency_ms, timing.deadline_ms),
        // At most two, each at most a million.
        _ => Score(parts.iter().sum::<u32>() / parts.len() as u32),
    }
}

/// All for whoever is at least 0.8 times as fast as the median; less in proportion for the slower, down to [`LEAST`]. Being faster than
/// the median is worth nothing more: so sitting next to the validator is not, either.
fn against_median(own: u64, median: u64, slack: u64) -> Score {
    let allowed = median.saturating_add(slack).saturating_mul(5);
    Score::ratio(allowed, own.saturating_add(slack).saturating_mul(4)).max(LEAST)
}

/// All up to a quarter of the deadline, then linearly less, down to [`LEAST`] at the deadline.
fn against_deadline(latency_ms: u64, deadline_ms: u64) -> Score {
    let target = deadline_ms / 4;
    let over = latency_ms.saturating_sub(target);
    let lost = Score::ratio(over, deadline_ms.saturating_sub(target).max(1));
    Score(Score::ONE.0 - lost.times(Score(Score::ONE.0 - LEAST.0)).0)
}

/// What each miner took lately. It is not kept over a restart: until enough was measured, the deadline counts.
#[derive(Debug, Default)]
pub struct Pace {
    recent: BTreeMap<(ModelRoot, Class), HashMap<RegistrationId, VecDeque<u64>>>,
}

impl Pace {
    /// What the miners of a model took for work like this.
    pub fn medians(&self, model: ModelRoot, timing: &Timing) -> Medians {
        let [first_us, token_us] = timing.measures().map(|measure| self.median(&(model, measure?.0)));
        Medians { first_us, token_us }
    }

    fn median(&self, class: &(ModelRoot, Class)) -> Option<u64> {
        let miners = self.recent.get(class).filter(|miners| miners.len() >= FEWEST)?;
        median(
            miners
                .values()
                .filter_map(|own| median(own.iter().copied().collect()))
                .collect(),
        )
    }

    /// What a miner usually takes.
    pub fn usual(&self, model: ModelRoot, registration: RegistrationId) -> Usual {
        let of = |is_it: fn(Class) -> bool| median(self.measured(model, is_it, |miner| miner == registration));
        Usual {
            first_us: of(Class::is_first),
            token_us: of(|class| class == Class::Token),
            whole_us: of(Class::is_whole),
        }
    }

    /// What the slowest of a model's answers take.
    pub fn tail(&self, model: ModelRoot) -> Tail {
        let of = |is_it: fn(Class) -> bool| {
            let mut all = self.measured(model, is_it, |_| true);
            all.sort_unstable();
            all.get(all.len() * 19 / 20)
                .filter(|_| all.len() >= FEWEST_OF_A_TAIL)
                .copied()
        };
        Tail {
            first_us: of(Class::is_first),
            whole_us: of(Class::is_whole),
        }
    }

    /// The measurements of a model's miners in some classes.
    fn measured(
        &self,
        model: ModelRoot,
        is_class: impl Fn(Class) -> bool,
        is_miner: impl Fn(RegistrationId) -> bool,
    ) -> Vec<u64> {
        let classes = self
            .recent
            .iter()
            .filter(|((of, class), _)| *of == model && is_class(*class));
        let miners = classes.flat_map(|(_, miners)| miners);
        let measured = miners.filter(|(registration, _)| is_miner(**registration));
        measured.flat_map(|(_, recent)| recent.iter().copied()).collect()
    }

    /// Takes down what a miner took.
    pub fn note(&mut self, model: ModelRoot, registration: RegistrationId, timing: &Timing) {
        for (class, took) in timing.measures().into_iter().flatten() {
            let own = self
                .recent
                .entry((model, class))
                .or_default()
                .entry(registration)
                .or_default();
            own.truncate(RECENT - 1);
            own.push_front(took);
        }
    }

    /// Forgets all registrations but these.
    pub fn keep(&mut self, is_there: impl Fn(RegistrationId) -> bool) {
        self.recent.retain(|_, miners| {
            miners.retain(|registration, _| is_there(*registration));
            !miners.is_empty()
        });
    }
}

/// The middle one; of an even number the mean of the two in the middle, rounded down.
fn median(mut all: Vec<u64>) -> Option<u64> {
    all.sort_unstable();
    let (low, high) = (all.get(all.len().checked_sub(1)? / 2)?, all.get(all.len() / 2)?);
    Some(low + (high - low) / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: ModelRoot = ModelRoot([7; 32]);

    /// A stream of 32 tokens after a prompt of 100.
    fn streamed(first_ms: u64, each_ms: u64) -> Timing {
        Timing {
            is_streamed: true,
            first_ms,
            latency_ms: first_ms + 31 * each_ms,
            deadline_ms: 8_000,
            amount: Amount {
                prompt_tokens: 100,
                completion_tokens: 32,
            },
        }
    }

    fn noted(all: &[(u64, Timing)]) -> Pace {
        let mut pace = Pace::default();
        for (registration, timing) in all {
            pace.note(MODEL, RegistrationId(*registration), timing);
        }
        pace
    }

    fn worth(pace: &Pace, timing: &Timing) -> Score {
        speed(timing, &pace.medians(MODEL, timing))
    }

    #[test]
    fn speed_is_full_up_to_a_quarter_of_the_deadline_and_half_at_it_where_nobody_can_be_compared() {
        assert_eq!(against_deadline(0, 8_000), Score::ONE);
        assert_eq!(against_deadline(2_000, 8_000), Score::ONE);
        assert_eq!(against_deadline(5_000, 8_000), Score(750_000));
        assert_eq!(against_deadline(8_000, 8_000), LEAST);
        assert_eq!(against_deadline(80_000, 8_000), LEAST);
        let two = noted(&[(1, streamed(100, 1)), (2, streamed(100, 1))]);
        assert_eq!(worth(&two, &streamed(4_969, 1)), Score(750_000));
    }

    #[test]
    fn slower_is_never_better_and_speed_stays_within_its_bounds() {
        let pace = noted(&[(1, streamed(300, 20)), (2, streamed(400, 30)), (3, streamed(500, 40))]);
        for of in [
            |n| against_deadline(n, 8_000),
            |n| against_median(n * 1_000, 400_000, WAY),
            |n| against_median(n * 1_000, 30_000, TICK),
        ] {
            let all: Vec<Score> = (0..9_000).step_by(10).map(of).collect();
            assert!(all.windows(2).all(|pair| pair[0] >= pair[1]));
            assert!(all.iter().all(|score| (LEAST..=Score::ONE).contains(score)));
        }
        assert_eq!(
            worth(&pace, &streamed(u64::MAX / 2, 0)),
            Score(750_000),
            "half for the first, all for the rest"
        );
        assert_eq!(worth(&pace, &streamed(100_000, 100_000)), LEAST);
    }

    #[test]
    fn whoever_is_near_the_median_or_faster_has_all_and_half_the_speed_is_worth_five_eighths() {
        let pace = noted(&[
            (1, streamed(900, 90)),
            (2, streamed(1_000, 100)),
            (3, streamed(5_000, 500)),
        ]);
        for timing in [streamed(1_000, 100), streamed(1_200, 120), streamed(1, 0)] {
            assert_eq!(worth(&pace, &timing), Score::ONE, "{timing:?}");
        }
        let half = Timing {
            first_ms: 2_050,
            latency_ms: 2_050 + 31 * 201,
            ..streamed(0, 0)
        };
        assert_eq!(worth(&pace, &half), Score(625_000));
    }

    #[test]
    fn being_next_to_the_validator_is_worth_nothing_where_the_way_is_all_that_differs() {
        // The model needs 20 ms and the far ones 40 ms more for the way.
        let near = noted(&[
            (1, streamed(20, 10)),
            (2, streamed(21, 10)),
            (3, streamed(19, 10)),
            (4, streamed(60, 10)),
        ]);
        assert_eq!(worth(&near, &streamed(20, 10)), worth(&near, &streamed(30, 10)));
        assert!(worth(&near, &streamed(60, 10)) > Score(890_000));
    }

    #[test]
    fn one_miner_with_many_answers_moves_the_median_no_more_than_any_other() {
        let mut all: Vec<(u64, Timing)> = (1..=4).map(|n| (n, streamed(1_000, 100))).collect();
        all.extend((0..1_000).map(|_| (5, streamed(9_000, 900))));
        all.extend((0..1_000).map(|_| (6, streamed(10, 1))));
        let medians = noted(&all).medians(MODEL, &streamed(0, 0));
        assert_eq!((medians.first_us, medians.token_us), (Some(1_000_000), Some(100_000)));
    }

    #[test]
    fn a_miner_is_measured_by_its_latest_answers_and_forgotten_with_its_registration() {
        let mut all: Vec<(u64, Timing)> = (0..50).map(|_| (1, streamed(9_000, 900))).collect();
        all.extend((0..RECENT as u64).flat_map(|_| (1..=3).map(|n| (n, streamed(1_000, 100)))));
        let mut pace = noted(&all);
        assert_eq!(pace.medians(MODEL, &streamed(0, 0)).first_us, Some(1_000_000));
        pace.keep(|registration| registration != RegistrationId(2));
        assert_eq!(pace.medians(MODEL, &streamed(0, 0)), Medians::default());
    }

    #[test]
    fn only_the_same_work_of_the_same_model_is_compared() {
        let pace = noted(&[(1, streamed(100, 10)), (2, streamed(100, 10)), (3, streamed(100, 10))]);
        let long = Timing {
            amount: Amount {
                prompt_tokens: 4_000,
                ..streamed(0, 0).amount
            },
            ..streamed(0, 0)
        };
        assert_eq!(pace.medians(MODEL, &long).first_us, None, "another length of prompt");
        assert!(pace.medians(MODEL, &long).token_us.is_some());
        let whole = Timing {
            is_streamed: false,
            ..streamed(0, 0)
        };
        assert_eq!(pace.medians(MODEL, &whole), Medians::default());
        assert_eq!(pace.medians(ModelRoot([8; 32]), &streamed(0, 0)), Medians::default());
    }

    #[test]
    fn a_few_tokens_say_nothing_about_their_rate() {
        let short = Timing {
            amount: Amount {
                prompt_tokens: 100,
                completion_tokens: 7,
            },
            ..streamed(100, 1)
        };
        assert_eq!(short.measures()[1], None);
    }

    #[test]
    fn what_a_miner_usually_takes_is_its_own_median_over_all_lengths() {
        let long = Timing {
            amount: Amount {
                prompt_tokens: 4_000,
                ..streamed(0, 0).amount
            },
            ..streamed(900, 30)
        };
        let whole = Timing {
            is_streamed: false,
            ..streamed(500, 10)
        };
        let pace = noted(&[
            (1, streamed(100, 10)),
            (1, streamed(300, 20)),
            (1, long),
            (1, whole),
            (2, streamed(5_000, 500)),
        ]);
        let usual = pace.usual(MODEL, RegistrationId(1));
        assert_eq!((usual.first_us, usual.token_us), (Some(300_000), Some(20_000)));
        assert_eq!(usual.whole_us, Some(810_000));
        assert_eq!(pace.usual(MODEL, RegistrationId(3)), Usual::default());
        assert_eq!(pace.usual(ModelRoot([8; 32]), RegistrationId(1)), Usual::default());
    }

    #[test]
    fn nineteen_of_twenty_answers_stay_below_the_tail() {
        let all: Vec<(u64, Timing)> = (1..=20).map(|n| (n, streamed(n * 100, 1))).collect();
        assert_eq!(noted(&all).tail(MODEL).first_us, Some(2_000_000));
        assert_eq!(noted(&all[..19]).tail(MODEL), Tail::default());
    }

    #[test]
    fn the_median_is_the_middle_one() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![5]), Some(5));
        assert_eq!(median(vec![9, 1, 4]), Some(4));
        assert_eq!(median(vec![u64::MAX, 1, 4, u64::MAX]), Some(4 + (u64::MAX - 4) / 2));
    }
}
