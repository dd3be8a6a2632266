use super::*;
use crate::{
    rating::{
        tests::{correct, fault},
        Record,
    },
    Judgement,
};

fn odds(detection: u32, gain: u32) -> Odds {
    Odds {
        detection: Score(detection),
        gain: Score(gain),
    }
}

/// Settings from the mildest to the strictest, each with the shortest probation that is allowed.
fn allowed() -> Vec<(Policy, Odds)> {
    let mut all = Vec::new();
    for floor in [100_000, 300_000, 1_000_000] {
        for detection in [300_000, 999_000] {
            for gain in [300_000, 1_000_000] {
                let (floor, odds) = (Score(floor), odds(detection, gain));
                let refused = Policy::new(floor, 0, odds).unwrap_err();
                let probation = refused.least_probation().unwrap();
                all.push((Policy::new(floor, probation, odds).unwrap(), odds));
            }
        }
    }
    all
}

#[test]
fn settings_under_which_cheating_pays_are_refused_with_the_least_that_would_do() {
    for (policy, odds) in allowed() {
        let shorter = policy.probation() - 1;
        let refused = Policy::new(policy.floor(), shorter, odds).unwrap_err();
        assert_eq!(refused.least_probation(), Some(policy.probation()));
        if let Some(rate) = refused.least_rate() {
            assert!(Policy::new(rate, shorter, odds).is_ok(), "{rate:?} {odds:?}");
            assert!(
                Policy::new(Score(rate.0 - 1), shorter, odds).is_err(),
                "{rate:?} {odds:?}"
            );
        }
    }
    let refused = Policy::new(Score(100_000), 8, odds(500_000, 1_000_000)).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "cheating would pay: of an answer that saves 1 of its pay, 0.1 are checked and 0.5 of those seen through, and being caught costs 8 \
         answers; start with --check-rate 0.222223 or more, or with --probation 19 or more"
    );
}

#[test]
fn a_rate_or_a_detection_of_nothing_is_refused_whatever_else_is_set() {
    for (floor, odds) in [
        (0, odds(500_000, 1_000_000)),
        (0, odds(500_000, 0)),
        (500_000, odds(0, 1_000_000)),
    ] {
        let refused = Policy::new(Score(floor), u32::MAX, odds).unwrap_err();
        assert!(refused.to_string().contains("start with "), "{refused}");
    }
    let hopeless = Policy::new(Score(500_000), 0, odds(0, 1_000_000)).unwrap_err();
    assert_eq!((hopeless.least_rate(), hopeless.least_probation()), (None, None));
}

#[test]
fn the_default_settings_are_allowed() {
    let odds = Odds {
        detection: DEFAULT_DETECTION,
        gain: DEFAULT_GAIN,
    };
    let policy = Policy::new(DEFAULT_FLOOR, DEFAULT_PROBATION, odds).unwrap();
    assert_eq!(policy, Policy::default());
}

#[test]
fn the_rate_is_higher_the_more_doubt_there_is_and_never_below_the_floor_or_above_one() {
    for floor in [1, 1_000, 100_000, 1_000_000] {
        let policy = Policy {
            floor: Score(floor),
            probation: 1,
        };
        for rate in (0..=1_000_000).step_by(997).map(Score) {
            let mut signs = vec![Sign::Clean, Sign::None];
            signs.extend((0..=1_000_000).step_by(12_500).map(|doubt| Sign::Doubt(Score(doubt))));
            let after: Vec<Score> = signs.iter().map(|sign| policy.rate_after(rate, *sign)).collect();
            assert!(after.windows(2).all(|pair| pair[0] <= pair[1]), "{rate}: {after:?}");
            assert!(after.iter().all(|after| (policy.floor..=Score::ONE).contains(after)));
        }
        // From wherever it is, a clean record brings it down, all the way.
        let lowest = (0..200).fold(Score::ONE, |rate, _| policy.rate_after(rate, Sign::Clean));
        assert_eq!(lowest, policy.floor);
    }
}

#[test]
fn every_verdict_but_those_of_whoever_is_not_there_moves_the_rate() {
    let policy = Policy::default();
    let rate = Score(500_000);
    let after = |verdict| policy.rate_after(rate, Sign::of(verdict, None, Score::ZERO));
    assert!(after(Verdict::Correct) < rate);
    for verdict in [Verdict::Late, Verdict::Malformed, Verdict::Unsigned, Verdict::Refused] {
        assert!(after(verdict) > rate, "{verdict}");
    }
    for verdict in [
        Verdict::Unchecked,
        Verdict::Down,
        Verdict::NoAxon,
        Verdict::Busy,
        Verdict::NotAccepted,
    ] {
        assert_eq!(after(verdict), rate, "{verdict}");
    }
    for verdict in Verdict::ALL
        .into_iter()
        .filter(|verdict| verdict.is_proof_of_cheating())
    {
        assert_eq!(after(verdict), Score::ONE, "{verdict}");
    }
    let near = Deviation {
        different: 1,
        ..Default::default()
    };
    let after = |nearness| policy.rate_after(rate, Sign::of(Verdict::Correct, Some(&near), Score(nearness)));
    let rates = [0, 510_000, 800_000, 1_000_000].map(after);
    assert!(
        rate < rates[0] && rates.windows(2).all(|pair| pair[0] < pair[1]),
        "{rates:?}"
    );
}

#[test]
fn a_draw_follows_from_the_secret_and_the_answer_alone_and_hits_as_often_as_the_rate_says() {
    let secret = EpochSecret::new(&[7; 32], EpochIndex(3));
    let answer = |n: u32| blake2b_256(&[&n.to_le_bytes()]);
    let rate = Score(100_000);
    let draw = secret.draw(&[1; 32], &answer(0), rate);
    assert_eq!(
        draw,
        EpochSecret::new(&[7; 32], EpochIndex(3)).draw(&[1; 32], &answer(0), rate)
    );
    for other in [
        EpochSecret::new(&[8; 32], EpochIndex(3)).draw(&[1; 32], &answer(0), rate),
        EpochSecret::new(&[7; 32], EpochIndex(4)).draw(&[1; 32], &answer(0), rate),
        secret.draw(&[2; 32], &answer(0), rate),
        secret.draw(&[1; 32], &answer(1), rate),
    ] {
        assert_ne!(other.lot, draw.lot);
    }
    let hits = |rate| {
        (0..100_000)
            .filter(|n| secret.draw(&[1; 32], &answer(*n), rate).is_check())
            .count()
    };
    // Five standard deviations are 474.
    assert!(hits(rate).abs_diff(10_000) < 474, "{}", hits(rate));
    assert_eq!(hits(Score::ONE), 100_000, "a newcomer's answers are all checked");
    assert_eq!(hits(Score::ZERO), 0);
}

/// Numbers that look random, the same in every run.
struct Dice(u64);

impl Dice {
    /// Whether something of this probability happens.
    fn hit(&mut self, probability: Score) -> bool {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % u64::from(Score::ONE.0)) < u64::from(probability.0)
    }
}

/// When a miner cheats.
#[derive(Clone, Copy, Debug)]
enum Habit {
    /// This often, whatever its record.
    Often(Score),
    /// This often, but never while it owes answers.
    OftenWhenPaid(Score),
    /// Always when it is checked as seldom as can be. No miner knows when; it is the best that one could do.
    WhenSeldomChecked,
}

/// Answers of one run.
const ANSWERS: u32 = 60_000;

/// What a miner earns more than an honest one, in answers' pay: what it is paid and what it saves, less what it still owes; and the standard
/// deviation of that, which is of how often it is caught.
fn advantage(policy: &Policy, odds: Odds, habit: Habit) -> (f64, f64) {
    let mut dice = Dice(1);
    let mut record = Record::default();
    let (mut earned, mut caught) = (0.0, 1u32);
    for _ in 0..ANSWERS {
        let Rating { probation, rate, .. } = record.rating;
        let cheats = match habit {
            Habit::Often(often) => dice.hit(often),
            Habit::OftenWhenPaid(often) => probation == 0 && dice.hit(often),
            Habit::WhenSeldomChecked => probation == 0 && rate == policy.floor(),
        };
        let is_checked = dice.hit(rate);
        let judgement = match (is_checked, cheats && dice.hit(odds.detection)) {
            (false, _) => Judgement::unchecked(Score::ONE),
            (true, false) => correct(),
            (true, true) => fault(Verdict::WrongContent),
        };
        let is_caught = judgement.verdict == Verdict::WrongContent;
        caught += u32::from(is_caught);
        record = record.with(judgement, policy).1;
        earned += f64::from(record.rating.value.0) / 1e6;
        if cheats && !is_caught {
            earned += f64::from(odds.gain.0) / 1e6;
        }
    }
    let deviation = f64::from(caught).sqrt() * f64::from(policy.probation() + 1);
    (
        earned - f64::from(record.rating.probation) - f64::from(ANSWERS),
        deviation,
    )
}

fn habits() -> Vec<Habit> {
    let often = [1_000, 10_000, 50_000, 200_000, 500_000, 1_000_000].map(Score);
    let mut all: Vec<Habit> = often.into_iter().map(Habit::Often).collect();
    all.extend(often.map(Habit::OftenWhenPaid));
    all.push(Habit::WhenSeldomChecked);
    all
}

#[test]
fn however_often_a_miner_cheats_it_earns_no_more_than_an_honest_one() {
    for (policy, odds) in allowed() {
        for habit in habits() {
            let (advantage, deviation) = advantage(&policy, odds, habit);
            assert!(
                advantage < 4.0 * deviation,
                "{advantage} ± {deviation} for {habit:?} under {policy:?}, {odds:?}"
            );
        }
    }
}

#[test]
fn with_too_short_a_probation_cheating_would_pay() {
    let odds = odds(500_000, 1_000_000);
    let lax = Policy {
        floor: Score(100_000),
        probation: 4,
    };
    let pays = |habit| {
        let (advantage, deviation) = advantage(&lax, odds, habit);
        advantage > 4.0 * deviation
    };
    assert!(habits().into_iter().any(pays));
}
