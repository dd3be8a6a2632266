//! Functions of sixteen lanes. Polynomials and order of operations are fixed, so results are equal on every processor.
use super::simd::Simd;

/// `1.5 * 2^23`: adding it rounds a float below `2^22` to an integer, ties to even, and leaves that in the low bits.
pub(super) const ROUND: f32 = 12_582_912.0;

/// What a feed-forward layer puts between its projections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// `x / (1 + e^-x)`.
    Silu,
    /// The normal distribution's, by its error function.
    Gelu,
    /// The approximation of [`Activation::Gelu`] by a hyperbolic tangent.
    GeluTanh,
}

/// `e^x` to within 2 units in the last place; 0 below -87.3, where results would be subnormal, and held at `e^88` above.
///
/// # Safety
/// As [`Simd`] demands.
#[inline(always)]
pub(super) unsafe fn exp<S: Simd>(x: S::F) -> S::F {
    let lowest = S::splat(-87.33);
    // What is not a number goes through both.
    let clamped = S::min(S::splat(88.0), S::max(lowest, x));
    let n = S::fma(clamped, S::splat(std::f32::consts::LOG2_E), S::splat(ROUND));
    let whole = S::sub(n, S::splat(ROUND));
    // ln 2 in two parts, the first of which has zeros enough at its end for an exact product.
    let rest = S::fma(whole, S::splat(-0.693_359_4), clamped);
    let rest = S::fma(whole, S::splat(2.121_944_4e-4), rest);
    let mut sum = S::splat(1.0 / 5040.0);
    for coefficient in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        sum = S::fma(sum, rest, S::splat(coefficient));
    }
    S::select_less(x, lowest, S::splat(0.0), S::mul(sum, S::exp2_bits(n)))
}

/// `tanh x`.
///
/// # Safety
/// As [`Simd`] demands.
#[inline(always)]
pub(super) unsafe fn tanh<S: Simd>(x: S::F) -> S::F {
    let one = S::splat(1.0);
    let power = exp::<S>(S::add(x, x));
    S::sub(one, S::div(S::splat(2.0), S::add(power, one)))
}

/// `erf x` to within 2e-7: Abramowitz and Stegun, 7.1.26.
#[inline(always)]
unsafe fn erf<S: Simd>(x: S::F) -> S::F {
    let (zero, one) = (S::splat(0.0), S::splat(1.0));
    let minus = S::sub(zero, x);
    let size = S::max(x, minus);
    let t = S::div(one, S::fma(size, S::splat(0.327_591_1), one));
    let mut sum = S::splat(1.061_405_4);
    for coefficient in [-1.453_152, 1.421_413_7, -0.284_496_74, 0.254_829_6] {
        sum = S::fma(sum, t, S::splat(coefficient));
    }
    let tail = S::mul(S::mul(sum, t), exp::<S>(S::mul(minus, x)));
    let positive = S::sub(one, tail);
    S::select_less(x, zero, S::sub(zero, positive), positive)
}

impl Activation {
    /// # Safety
    /// As [`Simd`] demands.
    #[inline(always)]
    pub(super) unsafe fn apply<S: Simd>(self, x: S::F) -> S::F {
        let (half, one) = (S::splat(0.5), S::splat(1.0));
        match self {
            Self::Silu => S::div(x, S::add(one, exp::<S>(S::sub(S::splat(0.0), x)))),
            Self::Gelu => {
                let share = S::add(one, erf::<S>(S::mul(x, S::splat(std::f32::consts::FRAC_1_SQRT_2))));
                S::mul(S::mul(half, x), share)
            }
            Self::GeluTanh => {
                let cubic = S::mul(S::mul(x, x), S::splat(0.044_715));
                let inner = S::mul(S::fma(cubic, x, x), S::splat(0.797_884_6));
                S::mul(S::mul(half, x), S::add(one, tanh::<S>(inner)))
            }
        }
    }
}
