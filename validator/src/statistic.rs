//! What checked answers say about the model behind them, in whole numbers, so that anyone who recomputes a score gets the same one.
//!
//! An honest miner with this validator's build does not deviate at all. With other kernels or another device its numbers differ by rounding:
//! now and then another token wins by a hair, and the largest activations differ in their last bits. Which device a miner
//! has is not asked, because a cheat would claim the one that is judged more laxly. So every miner may deviate as far as
//! the coarsest honest arithmetic does ([`Grain`]), and no further. One answer shows gross deviations; small ones add up over a [`Window`].
//! `docs/verification.md` has the measurements behind every constant.
use crate::Score;
use codec::{Decode, Encode};
use laurel_engine::{activations::WINDOW_TOKENS as PROOF_TOKENS, CheckReport, TextEngine, TokenCheck};
use laurel_protocol::openai::Sampling;

/// Tokens of a window.
pub const WINDOW_TOKENS: u32 = 300;
/// By how many millionths of a nat of perturbed logits, a grain, rounding may put a token behind the canonical one. Measured: 4 100.
const MAX_MARGIN: u32 = 6_000;
/// The same of all tokens of a window together: what was measured, and an [accident](Cut) that looks like rounding. Measured: 4 100.
const MAX_MARGINS: u32 = 10_000;
/// Most [accidents](Cut) of a window. Measured: 2.
const MAX_ACCIDENTS: u32 = 3;
/// By how many thousandths of a step, a grain, mantissas of activations may differ on average. Measured: 36 of honest miners, 70 and more
/// of those with weights of fewer bits.
const MAX_MANTISSA: u32 = 50;
/// Tokens below which a window of a proof does not count: its largest activations are not large, and rounding shows the more in them.
const FEWEST_TOKENS: usize = 16;
/// Activations below which their average says nothing: those of four windows of a proof.
const FEWEST_ACTIVATIONS: u32 = 512;
/// How much coarser arithmetic with integer weights is than with floats, where one side rounds activations to 8 bits and the other not.
/// Measured: 4 to 6.
const QUANTISED: u32 = 7;

/// How coarse a model's arithmetic is: by how much its numbers may differ between machines. It grows with the depth of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grain(u32);

impl Grain {
    /// Of a model of so many layers with weights of that kind.
    pub fn new(layers: u32, is_quantised: bool) -> Self {
        Self(layers.clamp(1, 10_000) * if is_quantised { QUANTISED } else { 1 })
    }

    /// Of a loaded model.
    pub fn of(engine: &TextEngine) -> Self {
        Self::new(
            u32::try_from(engine.layers()).unwrap_or(u32::MAX),
            engine.is_quantised(),
        )
    }

    /// Whether a token is further behind the canonical one than rounding can put it.
    pub fn is_off(self, check: &TokenCheck) -> bool {
        self.margin(check).is_none_or(|margin| margin > MAX_MARGIN)
    }

    /// A margin in millionths of a nat, a grain; nothing for one that is no number, and for a token that could not be chosen.
    fn margin(self, check: &TokenCheck) -> Option<u32> {
        let micro = f64::from(check.margin) * 1e6 / f64::from(self.0);
        // Halves away from zero; a margin beyond a `u32` is as far off.
        micro.is_finite().then(|| micro.round() as u32)
    }
}

/// Whether top_k or top_p leave tokens out.
///
/// A token on the edge of what they leave in can be in on one machine and out on another, whatever the margin of the scores. Such
/// accidents are rare, so one in an answer is let pass, and two are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Every token can be chosen.
    None,
    /// Some cannot.
    Edge,
}

impl From<Sampling> for Cut {
    fn from(sampling: Sampling) -> Self {
        let cuts = sampling.temperature_milli > 0 && (sampling.top_k > 0 || sampling.top_p_milli < 1000);
        if cuts {
            Self::Edge
        } else {
            Self::None
        }
    }
}

/// How far a checked answer that is not refused alone is from the registered model's, or the sum of some such answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Deviation {
    /// Tokens compared.
    pub tokens: u32,
    /// Tokens that are not the canonical ones.
    pub different: u32,
    /// Sum of the margins that are not [off](Grain::is_off), in millionths of a nat, a [`Grain`].
    pub margins_micro: u32,
    /// Tokens that are off.
    pub accidents: u32,
    /// Activations compared; none without a proof, nor in fewer than 16 tokens.
    pub values: u32,
    /// Of these, how many differ in sign or exponent.
    pub exponents: u32,
    /// Sum of the differences of the others' mantissas, each from 0 to 127, in thousandths, a [`Grain`].
    pub mantissas: u32,
}

impl Deviation {
    /// Of one answer.
    pub fn of(report: &CheckReport, grain: Grain) -> Self {
        let mut deviation = Self::default();
        for check in &report.tokens {
            deviation.tokens += 1;
            deviation.different += u32::from(check.claimed != check.expected);
            match grain.margin(check).filter(|margin| *margin <= MAX_MARGIN) {
                Some(margin) => deviation.margins_micro = deviation.margins_micro.saturating_add(margin),
                None => deviation.accidents += 1,
            }
        }
        let mut mantissas = 0;
        // The last may be of fewer tokens than the others.
        let counts = (0..report.tokens.len())
            .step_by(PROOF_TOKENS)
            .map(|first| report.tokens.len() - first);
        let windows = report.windows.iter().zip(counts);
        for (window, _) in windows.filter(|(_, tokens)| *tokens >= FEWEST_TOKENS) {
            deviation.values = deviation.values.saturating_add(window.values);
            deviation.exponents = deviation.exponents.saturating_add(window.exponents);
            mantissas += u64::from(window.mantissa_sum);
        }
        deviation.mantissas = u32::try_from(mantissas * 1_000 / u64::from(grain.0)).unwrap_or(u32::MAX);
        deviation
    }

    fn plus(self, other: &Self) -> Self {
        Self {
            tokens: self.tokens.saturating_add(other.tokens),
            different: self.different.saturating_add(other.different),
            margins_micro: self.margins_micro.saturating_add(other.margins_micro),
            accidents: self.accidents.saturating_add(other.accidents),
            values: self.values.saturating_add(other.values),
            exponents: self.exponents.saturating_add(other.exponents),
            mantissas: self.mantissas.saturating_add(other.mantissas),
        }
    }

    /// Average difference of the mantissas, in thousandths of a step, a [`Grain`]; rounded down.
    pub fn mantissa(&self) -> u32 {
        let compared = self.values.saturating_sub(self.exponents);
        self.mantissas / compared.max(1)
    }

    /// What is more than rounding, if anything.
    fn excess(&self) -> Option<String> {
        let Self {
            margins_micro,
            accidents,
            values,
            exponents,
            ..
        } = *self;
        let mantissa = self.mantissa();
        if margins_micro > MAX_MARGINS {
            Some(format!("they are {margins_micro} millionths of a nat behind the canonical ones, of {MAX_MARGINS} a grain that rounding explains"))
        } else if accidents > MAX_ACCIDENTS {
            Some(format!(
                "{accidents} of them could not be picked, {MAX_ACCIDENTS} may be accidents"
            ))
        } else if exponents > values / 4 {
            Some(format!("{exponents} of {values} activations are of another size"))
        } else if values >= FEWEST_ACTIVATIONS && mantissa > MAX_MANTISSA {
            Some(format!(
                "the mantissas of {values} activations differ by {mantissa} thousandths on average, of {MAX_MANTISSA} a grain that rounding explains"
            ))
        } else {
            None
        }
    }
}

/// The last answers of one registration, together at most [`WINDOW_TOKENS`] tokens, or one longer answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Window {
    answers: Vec<Deviation>,
}

impl Window {
    /// Takes one more answer.
    ///
    /// # Errors
    /// With the reason, if the window deviates further than honest arithmetic does. It is then empty: what was proof once is not again.
    pub fn push(&mut self, deviation: &Deviation) -> Result<(), String> {
        // Of embeddings, and of answers that were not compared, there is nothing to say; so each in the window has a token, and they are few.
        if deviation.tokens == 0 {
            return Ok(());
        }
        self.answers.push(*deviation);
        while self.answers.len() > 1 && self.sum().tokens > WINDOW_TOKENS {
            self.answers.remove(0);
        }
        let sum = self.sum();
        match sum.excess() {
            None => Ok(()),
            Some(reason) => {
                self.answers.clear();
                Err(format!(
                    "the last {} tokens are not the registered model's: {reason}",
                    sum.tokens
                ))
            }
        }
    }

    /// How much of what rounding explains is used up; all is still let pass.
    pub fn nearness(&self) -> Score {
        let sum = self.sum();
        let mantissa = if sum.values < FEWEST_ACTIVATIONS {
            0
        } else {
            sum.mantissa()
        };
        [
            (sum.margins_micro, MAX_MARGINS),
            (sum.accidents, MAX_ACCIDENTS),
            (mantissa, MAX_MANTISSA),
        ]
        .map(|(part, whole)| Score::ratio(part.into(), whole.into()))
        .into_iter()
        .fold(Score::ZERO, Score::max)
    }

    /// Of all answers in it.
    pub fn sum(&self) -> Deviation {
        self.answers
            .iter()
            .fold(Deviation::default(), |sum, answer| sum.plus(answer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use laurel_engine::WindowDeviation;

    const FIVE: Grain = Grain(5);

    fn report(margins: &[f32], mantissa_sum: u32) -> CheckReport {
        let check = |margin: &f32| TokenCheck {
            claimed: 1,
            expected: if *margin == 0.0 { 1 } else { 2 },
            margin: *margin,
        };
        CheckReport {
            tokens: margins.iter().map(check).collect(),
            windows: vec![WindowDeviation {
                values: 128,
                exponents: 0,
                mantissa_sum,
                mantissa_median_milli: 0,
            }],
        }
    }

    fn answer(margins: &[f32], mantissa_sum: u32) -> Deviation {
        Deviation::of(&report(margins, mantissa_sum), FIVE)
    }

    #[test]
    fn margins_are_summed_a_grain_and_what_rounding_does_not_explain_is_counted() {
        let mut tokens = [0.0; 16];
        tokens[..5].copy_from_slice(&[0.01, 0.03, 0.031, f32::INFINITY, f32::NAN]);
        let deviation = answer(&tokens, 64);
        assert_eq!(
            deviation,
            Deviation {
                tokens: 16,
                different: 5,
                margins_micro: 8_000,
                accidents: 3,
                values: 128,
                exponents: 0,
                mantissas: 12_800
            }
        );
        assert_eq!(deviation.mantissa(), 100);
        let coarse = Grain::new(5, true);
        assert!(!coarse.is_off(&report(&[0.2], 0).tokens[0]));
        assert!(FIVE.is_off(&report(&[0.2], 0).tokens[0]));
    }

    #[test]
    fn exact_answers_never_fill_a_window_and_small_deviations_do() {
        let mut window = Window::default();
        for _ in 0..1_000 {
            window.push(&answer(&[0.0; 28], 0)).unwrap();
        }
        assert!(window.sum().tokens <= WINDOW_TOKENS);
        // One token in 28 that is behind by a hundredth of a nat: one such answer is rounding, six in a row are not.
        let mut tokens = [0.0; 28];
        tokens[3] = 0.01;
        let pushed: Vec<bool> = (0..6).map(|_| window.push(&answer(&tokens, 0)).is_ok()).collect();
        assert_eq!(pushed, [true, true, true, true, true, false]);
        assert_eq!(window, Window::default());
    }

    #[test]
    fn activations_count_once_there_are_enough_of_them() {
        let mut window = Window::default();
        // A mean of 0.31 steps over 5 layers: 62 thousandths a layer.
        for _ in 0..3 {
            window.push(&answer(&[0.0; 16], 40)).unwrap();
        }
        let reason = window.push(&answer(&[0.0; 16], 40)).unwrap_err();
        assert!(reason.contains("differ by 62 thousandths"), "{reason}");
        let mut other = answer(&[0.0; 16], 0);
        other.exponents = 33;
        assert!(window.push(&other).unwrap_err().contains("33 of 128 activations"));
    }

    #[test]
    fn the_proof_of_a_few_tokens_does_not_count() {
        assert_eq!(answer(&[0.0; 15], 100).values, 0);
        assert_eq!(answer(&[0.0; 16], 100).values, 128);
        let mut long = report(&[0.0; 40], 100);
        long.windows.push(long.windows[0]);
        assert_eq!(Deviation::of(&long, FIVE).mantissas, 20_000, "of the first 32");
    }

    #[test]
    fn accidents_are_forgiven_until_they_are_too_many() {
        let mut window = Window::default();
        let accident = answer(&[0.0, f32::INFINITY], 0);
        for _ in 0..MAX_ACCIDENTS {
            window.push(&accident).unwrap();
        }
        assert!(window.push(&accident).is_err());
    }

    #[test]
    fn what_was_not_compared_does_not_count_and_old_answers_leave() {
        let mut window = Window::default();
        window.push(&Deviation::default()).unwrap();
        assert_eq!(window, Window::default());
        window.push(&answer(&[0.03; 1], 0)).unwrap();
        window.push(&answer(&[0.0; 299], 0)).unwrap();
        assert_eq!(window.sum().margins_micro, 6_000);
        window.push(&answer(&[0.0; 1], 0)).unwrap();
        assert_eq!((window.sum().margins_micro, window.sum().tokens), (0, 300));
        window.push(&answer(&[0.0; 5_000], 0)).unwrap();
        assert_eq!(window.sum().tokens, 5_000);
    }

    #[test]
    fn top_k_and_top_p_cut_tokens_off_unless_the_likeliest_is_taken_anyway() {
        let greedy = Sampling {
            temperature_milli: 0,
            top_k: 20,
            top_p_milli: 900,
        };
        assert_eq!(Cut::from(greedy), Cut::None);
        assert_eq!(
            Cut::from(Sampling {
                temperature_milli: 800,
                ..greedy
            }),
            Cut::Edge
        );
    }
}
