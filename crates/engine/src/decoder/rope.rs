//! Rotary position embedding: what each pair of a head's numbers is turned by.

/// A rotary embedding. Number `i` of a head and number `i + width / 2` are a pair.
#[derive(Clone, Debug, PartialEq)]
pub struct Rope {
    /// Radians a position, one for each pair; twice as many numbers of each head are turned, the others stay.
    pub frequencies: Vec<f64>,
    /// Factor of what is turned.
    pub magnitude: f64,
}

/// How published configurations stretch the wavelengths for contexts beyond the first training's.
#[derive(Clone, Debug, PartialEq)]
pub enum Stretch {
    /// Not at all.
    None,
    /// All alike.
    Linear {
        /// By this factor.
        factor: f64,
    },
    /// Long wavelengths by a factor, short ones not, those in between by a mixture.
    Llama3 {
        /// The factor.
        factor: f64,
        /// Wavelengths of more than `original / low` positions are stretched whole.
        low: f64,
        /// Wavelengths of less than `original / high` positions are not.
        high: f64,
        /// Context of the first training, in tokens.
        original: f64,
    },
    /// Each pair by a factor of its own.
    Each {
        /// One for each pair.
        factors: Vec<f64>,
        /// Factor of what is turned.
        magnitude: f64,
    },
}

impl Rope {
    /// Wavelengths from `2π` to `2π × base`, stretched; `width` numbers of a head are turned.
    pub fn new(width: usize, base: f64, stretch: &Stretch) -> Self {
        let mut frequencies: Vec<f64> = (0..width / 2)
            .map(|pair| base.powf(-2.0 * pair as f64 / width as f64))
            .collect();
        let mut magnitude = 1.0;
        match stretch {
            Stretch::None => (),
            Stretch::Linear { factor } => frequencies.iter_mut().for_each(|frequency| *frequency /= factor),
            Stretch::Llama3 {
                factor,
                low,
                high,
                original,
            } => {
                for frequency in &mut frequencies {
                    let wavelengths = original * *frequency / std::f64::consts::TAU;
                    let kept = ((wavelengths - low) / (high - low)).clamp(0.0, 1.0);
                    *frequency *= kept + (1.0 - kept) / factor;
                }
            }
            Stretch::Each { factors, magnitude: by } => {
                magnitude = *by;
                if factors.len() != frequencies.len() {
                    frequencies.clear();
                }
                let pairs = frequencies.iter_mut().zip(factors);
                pairs.for_each(|(frequency, factor)| *frequency /= factor);
            }
        }
        Self { frequencies, magnitude }
    }

    /// Numbers of a head that are turned.
    pub fn width(&self) -> usize {
        2 * self.frequencies.len()
    }

    /// Cosines and sines for positions `0..positions`, each `[positions, width / 2]`.
    pub fn tables(&self, positions: usize) -> (Vec<f32>, Vec<f32>) {
        let size = positions * self.frequencies.len();
        let (mut cos, mut sin) = (Vec::with_capacity(size), Vec::with_capacity(size));
        for position in 0..positions {
            for frequency in &self.frequencies {
                // In f64: at long contexts a f32 product loses the phase.
                let angle = position as f64 * frequency;
                cos.push((angle.cos() * self.magnitude) as f32);
                sin.push((angle.sin() * self.magnitude) as f32);
            }
        }
        (cos, sin)
    }

    pub(super) fn problem(&self, head_width: usize) -> Option<String> {
        if self.frequencies.is_empty() || self.width() > head_width {
            return Some(format!(
                "the rotary embedding turns {} numbers of heads of {head_width}, or has factors that do not fit it",
                self.width()
            ));
        }
        let fits = |number: f64| number > 0.0 && number.is_finite();
        if !fits(self.magnitude) || self.frequencies.iter().any(|frequency| !fits(*frequency)) {
            return Some("the rotary embedding's base or stretch is out of range".into());
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_wavelengths_are_stretched_and_short_ones_are_not() {
        let plain = Rope::new(64, 500_000.0, &Stretch::None);
        let stretch = Stretch::Llama3 {
            factor: 8.0,
            low: 1.0,
            high: 4.0,
            original: 8192.0,
        };
        let stretched = Rope::new(64, 500_000.0, &stretch);
        let by: Vec<f64> = plain
            .frequencies
            .iter()
            .zip(&stretched.frequencies)
            .map(|(plain, stretched)| plain / stretched)
            .collect();
        assert_eq!(by[0], 1.0);
        assert!((by[31] - 8.0).abs() < 1e-12);
        assert!(by.windows(2).all(|two| two[0] <= two[1] + 1e-12), "{by:?}");
        assert!(by.iter().any(|by| (1.1..7.9).contains(by)));
    }

    #[test]
    fn factors_that_do_not_fit_are_a_problem() {
        let stretch = Stretch::Each {
            factors: vec![1.0; 5],
            magnitude: 1.0,
        };
        assert!(Rope::new(16, 10_000.0, &stretch).problem(16).is_some());
        assert!(Rope::new(16, 0.0, &Stretch::None).problem(16).is_some());
        assert!(Rope::new(16, f64::NAN, &Stretch::None).problem(16).is_some());
        assert_eq!(Rope::new(16, 10_000.0, &Stretch::None).problem(16), None);
    }
}
