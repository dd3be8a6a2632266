//! Which miner gets a user's request.
//!
//! Every miner that can be asked has a weight:
//!
//! ```text
//! weight = rating × (1 + incentive / highest incentive) / 2 × speed
//! ```
//!
//! - `rating`: what this validator found the miner's answers to be worth, 0 to 1. Miners on probation are not listed; those rated 0 are asked
//!   only where nobody is rated.
//! - `incentive`: the miner's part of the last epoch's incentive, which is what all validators together say. A newcomer that this validator
//!   rates well, and others do not yet, has half.
//! - `speed`: what the miners of the model typically take, divided by what this one takes, from ¼ to 2; 1 for who was not measured.
//!
//! The order in which miners are tried is by lot, in proportion to weights, and the lot is a hash of the session and the registration
//! (weighted rendezvous hashing): the same session gets the same miner, whose cache of prefixes then has the conversation's beginning,
//! and when a miner goes only its sessions move. A miner that has as many requests under way as one and a half times its share, and at
//! least two, comes after the others, as does one that failed lately.
use super::traffic::Traffic;
use crate::{
    asking::{Directory, Listed, LiveMiner},
    pace::Usual,
    Score,
};
use laurel_protocol::{blake2b_256, Hash};
use laurel_types::{ModelRoot, RegistrationId};

/// Bounds of what speed is worth.
const SPEED: (f64, f64) = (0.25, 2.0);
/// Tokens of the streamed answer by which miners are compared.
const TYPICAL_TOKENS: u64 = 32;
/// How much more than its share of the requests under way a miner may have; two it may always have, so that little traffic moves no session.
const CROWDED: f64 = 1.5;

/// A miner that could be asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Candidate {
    pub(super) miner: LiveMiner,
    /// Above 0.
    pub(super) weight: f64,
    /// Its users' requests under way.
    pub(super) in_flight: u32,
    /// Whether it failed lately.
    pub(super) is_resting: bool,
}

/// The miners of a model, with what is under way.
pub(super) fn candidates(
    directory: &Directory,
    model: ModelRoot,
    is_streamed: bool,
    traffic: &Traffic,
) -> Vec<Candidate> {
    let serving = directory
        .miners
        .iter()
        .filter(|listed| listed.miner.subject.model == model);
    let is_any_rated = serving.clone().any(|listed| listed.rating > Score::ZERO);
    let asked: Vec<Listed> = serving
        .filter(|listed| listed.rating > Score::ZERO || !is_any_rated)
        .copied()
        .collect();
    let weights = weights(&asked, is_streamed);
    let candidate = |(listed, weight): (&Listed, f64)| {
        let (in_flight, is_resting) = traffic.of(listed.miner.subject.registration);
        Candidate {
            miner: listed.miner,
            weight,
            in_flight,
            is_resting,
        }
    };
    asked.iter().zip(weights).map(candidate).collect()
}

/// The weights of miners of one model; in which unit does not matter.
fn weights(miners: &[Listed], is_streamed: bool) -> Vec<f64> {
    let highest = miners.iter().map(|listed| listed.incentive).max().unwrap_or(0);
    let mut taken: Vec<f64> = miners
        .iter()
        .filter_map(|listed| taken(&listed.usual, is_streamed))
        .collect();
    taken.sort_by(f64::total_cmp);
    let typical = taken.get(taken.len() / 2).copied();
    let weight = |listed: &Listed| {
        let agreed = match highest {
            0 => 1.0,
            highest => (1.0 + f64::from(listed.incentive) / f64::from(highest)) / 2.0,
        };
        let speed = match (typical, self::taken(&listed.usual, is_streamed)) {
            (Some(typical), Some(own)) => (typical / own).clamp(SPEED.0, SPEED.1),
            _ => 1.0,
        };
        f64::from(listed.rating.0.max(1)) * agreed * speed
    };
    miners.iter().map(weight).collect()
}

/// What a miner takes for a typical answer, in microseconds, at least one.
fn taken(usual: &Usual, is_streamed: bool) -> Option<f64> {
    let stream = || {
        let rest = usual.token_us.unwrap_or(0).saturating_mul(TYPICAL_TOKENS);
        Some(usual.first_us?.saturating_add(rest))
    };
    let taken = if is_streamed { stream() } else { usual.whole_us };
    taken.map(|taken| taken.max(1) as f64)
}

/// The candidates in the order in which a session tries them.
pub(super) fn order(candidates: &[Candidate], session: &Hash) -> Vec<LiveMiner> {
    let all: f64 = candidates.iter().map(|candidate| candidate.weight).sum();
    let under_way: u32 = candidates.iter().map(|candidate| candidate.in_flight).sum();
    let is_crowded = |candidate: &Candidate| {
        let share = f64::from(under_way + 1) * candidate.weight / all;
        f64::from(candidate.in_flight) >= (CROWDED * share).ceil().max(2.0)
    };
    let mut order: Vec<(bool, bool, f64, LiveMiner)> = candidates
        .iter()
        .map(|candidate| {
            // The smallest of exponential times is of a miner with a probability in proportion to its rate, and so on among the others.
            let time = -lot(session, candidate.miner.subject.registration).ln() / candidate.weight;
            (candidate.is_resting, is_crowded(candidate), time, candidate.miner)
        })
        .collect();
    order.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2)));
    order.into_iter().map(|(_, _, _, miner)| miner).collect()
}

/// A number above 0 and below 1, the same for the same session and registration.
fn lot(session: &Hash, registration: RegistrationId) -> f64 {
    let digest = blake2b_256(&[session, &registration.0.to_le_bytes()]);
    let bits = digest
        .iter()
        .take(8)
        .fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
    // 53 bits are what a float holds; a half keeps it off 0.
    ((bits >> 11) as f64 + 0.5) / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Subject;
    use laurel_types::{AxonAddress, NetUid, Uid};
    use proptest::prelude::*;

    const MODEL: ModelRoot = ModelRoot([7; 32]);

    fn listed(uid: u16, rating: u32) -> Listed {
        let subject = Subject {
            netuid: NetUid(1),
            uid: Uid(uid),
            registration: RegistrationId(u64::from(uid)),
            hotkey: [uid as u8; 32],
            model: MODEL,
        };
        let address = AxonAddress::V4([127, 0, 0, 1], 1);
        Listed {
            miner: LiveMiner { subject, address },
            rating: Score(rating),
            incentive: 0,
            usual: Usual::default(),
        }
    }

    fn directory(miners: &[Listed]) -> Directory {
        Directory {
            miners: miners.to_vec(),
            ..Directory::default()
        }
    }

    fn session(number: u32) -> Hash {
        blake2b_256(&[&number.to_le_bytes()])
    }

    fn all(directory: &Directory) -> Vec<Candidate> {
        candidates(directory, MODEL, true, &Traffic::default())
    }

    fn uids(order: &[LiveMiner]) -> Vec<u16> {
        order.iter().map(|miner| miner.subject.uid.0).collect()
    }

    fn first(candidates: &[Candidate], number: u32) -> u16 {
        uids(&order(candidates, &session(number)))[0]
    }

    #[test]
    fn miners_are_chosen_in_proportion_to_their_weights() {
        let mut other = listed(4, 900_000);
        other.miner.subject.model = ModelRoot([8; 32]);
        let all = all(&directory(&[
            listed(1, 750_000),
            listed(2, 250_000),
            listed(3, 0),
            other,
        ]));
        assert_eq!(all.len(), 2, "neither the unrated one nor one with another model");
        let chosen = (0..4_000).filter(|number| first(&all, *number) == 1).count();
        // 3000 on average; the standard deviation is 27.
        assert!((2_800..3_200).contains(&chosen), "{chosen}");
    }

    #[test]
    fn unrated_miners_are_asked_where_nobody_is_rated_and_where_nobody_serves_nobody_is() {
        let unrated = all(&directory(&[listed(1, 0), listed(2, 0)]));
        assert!((0..100).any(|number| first(&unrated, number) == 1));
        assert!((0..100).any(|number| first(&unrated, number) == 2));
        assert!(order(&all(&Directory::default()), &session(1)).is_empty());
    }

    #[test]
    fn incentive_doubles_a_weight_and_speed_moves_it_from_a_quarter_to_twice() {
        let usual = |first_us| Usual {
            first_us: Some(first_us),
            ..Usual::default()
        };
        let miners = [
            Listed {
                incentive: 30_000,
                ..listed(1, 500_000)
            },
            listed(2, 500_000),
            Listed {
                usual: usual(100_000),
                ..listed(3, 1_000_000)
            },
            Listed {
                usual: usual(10_000_000),
                ..listed(4, 1_000_000)
            },
            Listed {
                usual: usual(1),
                ..listed(5, 1_000_000)
            },
        ];
        assert_eq!(
            weights(&miners, true),
            [500_000.0, 250_000.0, 500_000.0, 125_000.0, 1_000_000.0]
        );
        let whole = weights(&miners, false);
        assert_eq!(whole[2..], [500_000.0; 3], "streams say nothing about whole answers");
    }

    #[test]
    fn a_miner_with_more_than_its_share_under_way_and_one_that_failed_come_last() {
        let mut all = all(&directory(&[
            listed(1, 500_000),
            listed(2, 500_000),
            listed(3, 500_000),
        ]));
        let number = (0..).find(|number| first(&all, *number) == 1).unwrap();
        all[0].in_flight = 1;
        assert_eq!(first(&all, number), 1, "one is no crowd");
        all[0].in_flight = 2;
        assert_ne!(first(&all, number), 1);
        all[1].in_flight = 2;
        all[2].in_flight = 2;
        assert_eq!(first(&all, number), 1, "all have as many");
        all[0].is_resting = true;
        assert_eq!(uids(&order(&all, &session(number)))[2], 1);
    }

    fn candidate_strategy() -> impl Strategy<Value = Vec<Candidate>> {
        let one = (1u32..=1_000_000, 0u32..20, any::<bool>());
        prop::collection::vec(one, 1..12).prop_map(|all| {
            let candidate = |(uid, (rating, in_flight, is_resting)): (usize, (u32, u32, bool))| Candidate {
                miner: listed(uid as u16, rating).miner,
                weight: f64::from(rating),
                in_flight,
                is_resting,
            };
            all.into_iter().enumerate().map(candidate).collect()
        })
    }

    proptest! {
        #[test]
        fn each_candidate_is_tried_once_and_the_same_session_tries_alike(all in candidate_strategy(), number: u32) {
            let ordered = uids(&order(&all, &session(number)));
            let mut sorted = ordered.clone();
            sorted.sort_unstable();
            prop_assert_eq!(sorted, (0..all.len() as u16).collect::<Vec<_>>());
            let mut turned = all.clone();
            turned.reverse();
            prop_assert_eq!(uids(&order(&turned, &session(number))), ordered);
        }

        #[test]
        fn when_a_miner_goes_only_its_sessions_move(all in candidate_strategy(), number: u32, gone: prop::sample::Index) {
            let idle: Vec<Candidate> = all.iter().map(|one| Candidate { in_flight: 0, is_resting: false, ..*one }).collect();
            let before = uids(&order(&idle, &session(number)));
            let gone = gone.index(idle.len()) as u16;
            let rest: Vec<Candidate> = idle.into_iter().filter(|one| one.miner.subject.uid.0 != gone).collect();
            let expected: Vec<u16> = before.into_iter().filter(|uid| *uid != gone).collect();
            prop_assert_eq!(uids(&order(&rest, &session(number))), expected);
        }

        #[test]
        fn more_weight_never_loses_a_session(all in candidate_strategy(), number: u32, more in 1.0f64..100.0) {
            let mut idle: Vec<Candidate> = all.iter().map(|one| Candidate { in_flight: 0, is_resting: false, ..*one }).collect();
            let owner = first(&idle, number);
            idle[usize::from(owner)].weight *= more;
            prop_assert_eq!(first(&idle, number), owner);
        }

        #[test]
        fn weights_are_positive_numbers_and_a_better_rating_weighs_more(
            ratings in prop::collection::vec((0u32..=1_000_000, any::<u16>(), any::<Option<u64>>()), 1..9),
        ) {
            let miners: Vec<Listed> = ratings.iter().map(|(rating, incentive, first_us)| Listed {
                incentive: *incentive,
                usual: Usual { first_us: *first_us, token_us: *first_us, whole_us: None },
                ..listed(1, *rating)
            }).collect();
            let before = weights(&miners, true);
            prop_assert!(before.iter().all(|weight| weight.is_finite() && *weight > 0.0));
            let mut better = miners.clone();
            better[0].rating = Score(miners[0].rating.0.max(1) + 1);
            prop_assert!(weights(&better, true)[0] > before[0]);
        }
    }
}
