//! Commitments to the last hidden states of an answer, by which another model shows even where it picks the same tokens.
//!
//! The states are those that the answer's tokens were picked from, before the last norm. For every [`WINDOW_TOKENS`] tokens a proof has
//! one polynomial over the integers modulo 65521 through the largest values of that window: who has the states can see whether it goes
//! through them, who has not cannot make one that does. `docs/protocol.md` specifies it to the byte. The idea is TOPLOC's
//! (Ong and others, 2025).
use crate::EngineError;
use half::bf16;

/// Tokens of a window; the last of an answer may have fewer.
pub const WINDOW_TOKENS: usize = 32;
/// Values of a window that are committed to; all of them where a window has fewer.
pub const WINDOW_VALUES: usize = 128;

/// The largest prime below 2¹⁶. The bits of every finite bf16 are below it.
const FIELD: u32 = 65_521;
/// Under a smaller modulus, such as the hidden size, values of many tokens would share a point, and typical ones could be guessed.
const SMALLEST_MODULUS: u32 = 1 << 15;

/// A commitment to the last hidden states of an answer, one polynomial a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivationProof(Vec<Polynomial>);

/// Goes through (index modulo `modulus`, bits of the value) for each value of a window that is committed to.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Polynomial {
    modulus: u16,
    /// The constant term first.
    coefficients: Vec<u16>,
}

/// How far a claimed window is from the checker's own, at the checker's own largest values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WindowDeviation {
    /// Values compared, at most [`WINDOW_VALUES`].
    pub values: u32,
    /// Of these, how many differ in sign or exponent.
    pub exponents: u32,
    /// Sum of the differences of the other values' mantissas, each from 0 to 127.
    pub mantissa_sum: u32,
    /// Median of these differences, in thousandths; of an even number the mean of the two in the middle; 0 if there are none.
    pub mantissa_median_milli: u32,
}

impl ActivationProof {
    /// The proof of an answer whose tokens were picked from these states, in order.
    ///
    /// # Errors
    /// [`EngineError::Compute`] if a value is not finite as a bf16.
    pub fn of(states: &[Vec<f32>]) -> Result<Self, EngineError> {
        let mut committer = Committer::default();
        states.iter().try_for_each(|state| committer.push(state))?;
        committer.finish()
    }

    /// How far it is, window by window, from these states of the same answer.
    ///
    /// # Errors
    /// As [`Self::of`]; [`EngineError::BadRequest`] if it is of another number of tokens or another hidden size.
    pub fn deviations(&self, states: &[Vec<f32>]) -> Result<Vec<WindowDeviation>, EngineError> {
        self.validate(states.len(), states.first().map_or(0, Vec::len))?;
        let mut comparer = Comparer::new(self.clone());
        states.iter().try_for_each(|state| comparer.push(state))?;
        Ok(comparer.finish())
    }

    /// Length in bytes of the proof of an answer of so many tokens from a model of that hidden size.
    pub fn byte_length(tokens: usize, hidden_size: usize) -> usize {
        window_sizes(tokens, hidden_size)
            .map(|values| 2 + 2 * values.min(WINDOW_VALUES))
            .sum()
    }

    /// Each window in order: the modulus and the coefficients from the constant one on, all little-endian `u16`s.
    pub fn to_bytes(&self) -> Vec<u8> {
        let numbers = self
            .0
            .iter()
            .flat_map(|window| std::iter::once(&window.modulus).chain(&window.coefficients));
        numbers.flat_map(|number| number.to_le_bytes()).collect()
    }

    /// Reads [`Self::to_bytes`] of an answer of so many tokens from a model of that hidden size.
    ///
    /// # Errors
    /// [`EngineError::BadRequest`] for every byte string that no honest proof of such an answer has.
    pub fn from_bytes(bytes: &[u8], tokens: usize, hidden_size: usize) -> Result<Self, EngineError> {
        let length = Self::byte_length(tokens, hidden_size);
        if bytes.len() != length {
            return Err(EngineError::BadRequest(format!(
                "an activation proof of {} bytes: that of {tokens} tokens has {length}",
                bytes.len()
            )));
        }
        let mut numbers = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        let windows = window_sizes(tokens, hidden_size).map(|values| Polynomial {
            modulus: numbers.next().unwrap_or_default(),
            coefficients: numbers.by_ref().take(values.min(WINDOW_VALUES)).collect(),
        });
        let proof = Self(windows.collect());
        proof.validate(tokens, hidden_size)?;
        Ok(proof)
    }

    /// Whether it can be one of an answer of so many tokens from a model of that hidden size.
    pub(crate) fn validate(&self, tokens: usize, hidden_size: usize) -> Result<(), EngineError> {
        let bad = |why: String| Err(EngineError::BadRequest(format!("an activation proof {why}")));
        let expected = tokens.div_ceil(WINDOW_TOKENS);
        if self.0.len() != expected {
            return bad(format!(
                "of {} windows: that of {tokens} tokens has {expected}",
                self.0.len()
            ));
        }
        for (window, values) in self.0.iter().zip(window_sizes(tokens, hidden_size)) {
            let count = values.min(WINDOW_VALUES);
            if window.coefficients.len() != count {
                return bad(format!(
                    "with {} coefficients where {count} are due",
                    window.coefficients.len()
                ));
            }
            let smallest = if values > FIELD as usize {
                SMALLEST_MODULUS
            } else {
                FIELD
            };
            let modulus = u32::from(window.modulus);
            if modulus < smallest || modulus > FIELD {
                return bad(format!("of the modulus {modulus}, which such a window cannot have"));
            }
            if let Some(odd) = window.coefficients.iter().find(|c| u32::from(**c) >= FIELD) {
                return bad(format!("with the coefficient {odd}, which is not below {FIELD}"));
            }
        }
        Ok(())
    }
}

/// Values of each window of an answer.
fn window_sizes(tokens: usize, hidden_size: usize) -> impl Iterator<Item = usize> {
    (0..tokens)
        .step_by(WINDOW_TOKENS)
        .map(move |first| (tokens - first).min(WINDOW_TOKENS).saturating_mul(hidden_size))
}

/// Makes the proof of an answer while it is written.
#[derive(Default)]
pub(crate) struct Committer {
    open: OpenWindow,
    windows: Vec<Polynomial>,
}

impl Committer {
    /// Takes the state that the next token is picked from.
    pub(crate) fn push(&mut self, state: &[f32]) -> Result<(), EngineError> {
        self.open.push(state)?;
        if self.open.is_full() {
            self.close()?;
        }
        Ok(())
    }

    /// The proof of all states taken. Begins anew.
    pub(crate) fn finish(&mut self) -> Result<ActivationProof, EngineError> {
        if !self.open.is_empty() {
            self.close()?;
        }
        Ok(ActivationProof(std::mem::take(&mut self.windows)))
    }

    fn close(&mut self) -> Result<(), EngineError> {
        self.windows.push(Polynomial::through(&self.open.take_largest())?);
        Ok(())
    }
}

/// Compares a proof with the checker's own states.
pub(crate) struct Comparer {
    claimed: ActivationProof,
    open: OpenWindow,
    deviations: Vec<WindowDeviation>,
}

impl Comparer {
    pub(crate) fn new(claimed: ActivationProof) -> Self {
        Self {
            deviations: Vec::with_capacity(claimed.0.len()),
            claimed,
            open: OpenWindow::default(),
        }
    }

    /// Takes the state behind the next token.
    pub(crate) fn push(&mut self, state: &[f32]) -> Result<(), EngineError> {
        self.open.push(state)?;
        if self.open.is_full() {
            self.close();
        }
        Ok(())
    }

    /// The deviations of all windows.
    pub(crate) fn finish(&mut self) -> Vec<WindowDeviation> {
        if !self.open.is_empty() {
            self.close();
        }
        std::mem::take(&mut self.deviations)
    }

    fn close(&mut self) {
        let own = self.open.take_largest();
        if let Some(claimed) = self.claimed.0.get(self.deviations.len()) {
            self.deviations.push(claimed.deviation(&own));
        }
    }
}

/// The states of a window so far, rounded to bf16.
#[derive(Default)]
struct OpenWindow {
    tokens: usize,
    values: Vec<u16>,
}

/// A value of a window: its index there, token by token, and its bits.
type Value = (u32, u16);

impl OpenWindow {
    fn push(&mut self, state: &[f32]) -> Result<(), EngineError> {
        for value in state {
            // To the nearest, ties to even.
            let rounded = bf16::from_f32(*value);
            if !rounded.is_finite() {
                return Err(EngineError::Compute(format!(
                    "the model's last state has the value {value}"
                )));
            }
            self.values.push(rounded.to_bits());
        }
        self.tokens += 1;
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.tokens == WINDOW_TOKENS
    }

    fn is_empty(&self) -> bool {
        self.tokens == 0
    }

    /// The largest values by magnitude, the earlier of equal ones. Begins the next window.
    fn take_largest(&mut self) -> Vec<Value> {
        let rank = |(index, bits): (usize, &u16)| (u64::from(!bits & 0x7fff) << 32) | index as u64;
        let mut ranks: Vec<u64> = self.values.iter().enumerate().map(rank).collect();
        if ranks.len() > WINDOW_VALUES {
            ranks.select_nth_unstable(WINDOW_VALUES - 1);
            ranks.truncate(WINDOW_VALUES);
        }
        let largest = ranks.iter().map(|rank| {
            let index = *rank as u32;
            (index, self.values[index as usize])
        });
        let largest = largest.collect();
        self.values.clear();
        self.tokens = 0;
        largest
    }
}

impl Polynomial {
    /// Adds one point after the other (Newton): what the polynomial lacks at the new point, times the product that is zero at all
    /// earlier ones.
    fn through(values: &[Value]) -> Result<Self, EngineError> {
        let modulus = modulus_of(values)?;
        let mut coefficients: Vec<u32> = vec![0; values.len()];
        let mut product: Vec<u32> = vec![0; values.len() + 1];
        product[0] = 1;
        for (degree, (index, bits)) in values.iter().enumerate() {
            let x = index % modulus;
            let lack = u32::from(*bits) + FIELD - evaluate(&coefficients[..degree], x);
            let factor = lack % FIELD * inverse(evaluate(&product[..=degree], x)) % FIELD;
            for (coefficient, term) in coefficients.iter_mut().zip(&product[..=degree]) {
                *coefficient = (*coefficient + factor * term) % FIELD;
            }
            // The product times (x - x of this point), from the highest term down.
            for term in (0..=degree + 1).rev() {
                let below = if term > 0 { product[term - 1] } else { 0 };
                product[term] = (below + (FIELD - x) % FIELD * product[term]) % FIELD;
            }
        }
        Ok(Self {
            modulus: modulus as u16,
            coefficients: coefficients.into_iter().map(|coefficient| coefficient as u16).collect(),
        })
    }

    fn deviation(&self, own: &[Value]) -> WindowDeviation {
        let coefficients: Vec<u32> = self.coefficients.iter().map(|c| u32::from(*c)).collect();
        let mut mantissas = Vec::with_capacity(own.len());
        for (index, bits) in own {
            let (own, claimed) = (
                u32::from(*bits),
                evaluate(&coefficients, index % u32::from(self.modulus)),
            );
            // A bf16 has 7 bits of mantissa, below the exponent's 8 and the sign.
            if own >> 7 == claimed >> 7 {
                mantissas.push((own & 127).abs_diff(claimed & 127));
            }
        }
        mantissas.sort_unstable();
        let middle = |at: usize| mantissas.get(at).copied().unwrap_or_default();
        WindowDeviation {
            values: own.len() as u32,
            exponents: (own.len() - mantissas.len()) as u32,
            mantissa_sum: mantissas.iter().sum(),
            mantissa_median_milli: 500 * (middle(mantissas.len().saturating_sub(1) / 2) + middle(mantissas.len() / 2)),
        }
    }
}

/// The largest modulus, at most [`FIELD`], under which the indices differ.
fn modulus_of(values: &[Value]) -> Result<u32, EngineError> {
    let differ = |modulus: &u32| {
        let mut points: Vec<u32> = values.iter().map(|(index, _)| index % modulus).collect();
        points.sort_unstable();
        points.windows(2).all(|pair| pair[0] != pair[1])
    };
    (SMALLEST_MODULUS..=FIELD)
        .rev()
        .find(differ)
        .ok_or_else(|| EngineError::Compute("the largest values of the last states cannot be told apart".into()))
}

/// The polynomial's value at `x`. No step is over 65520² + 65520, which a `u32` holds.
fn evaluate(coefficients: &[u32], x: u32) -> u32 {
    let step = |value: u32, coefficient: &u32| (value * x + coefficient) % FIELD;
    coefficients.iter().rev().fold(0, step)
}

/// `value` to the power of `FIELD - 2`: its inverse, as `FIELD` is prime; `value` is not 0.
fn inverse(value: u32) -> u32 {
    let (mut result, mut square, mut exponent) = (1, value, FIELD - 2);
    while exponent > 0 {
        if exponent % 2 == 1 {
            result = result * square % FIELD;
        }
        square = square * square % FIELD;
        exponent /= 2;
    }
    result
}
