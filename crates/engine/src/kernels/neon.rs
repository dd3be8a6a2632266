//! NEON, as every 64-bit ARM has it: sixteen lanes are four vectors.
use super::simd::{Kernel, Simd};
use std::arch::aarch64::*;

/// The instructions that the target always has.
#[derive(Clone, Copy)]
pub(super) struct Neon;

/// All four vectors through one instruction.
macro_rules! all {
    ($f:expr, $($x:ident),+) => {
        [$f($($x[0]),+), $f($($x[1]),+), $f($($x[2]),+), $f($($x[3]),+)]
    };
}

/// The larger, or `b` if one is not a number.
#[inline(always)]
unsafe fn larger(a: float32x4_t, b: float32x4_t) -> float32x4_t {
    vbslq_f32(vcgtq_f32(a, b), a, b)
}

/// The smaller, or `b` if one is not a number.
#[inline(always)]
unsafe fn smaller(a: float32x4_t, b: float32x4_t) -> float32x4_t {
    vbslq_f32(vcltq_f32(a, b), a, b)
}

#[inline(always)]
unsafe fn select(a: float32x4_t, b: float32x4_t, x: float32x4_t, y: float32x4_t) -> float32x4_t {
    vbslq_f32(vcltq_f32(a, b), x, y)
}

#[inline(always)]
unsafe fn exp2(n: float32x4_t) -> float32x4_t {
    let shifted = vshlq_n_s32::<23>(vreinterpretq_s32_f32(n));
    vreinterpretq_f32_s32(vaddq_s32(shifted, vdupq_n_s32(0x3f80_0000)))
}

#[inline(always)]
unsafe fn bf16(acc: float32x4_t, a: int32x4_t, b: int32x4_t) -> float32x4_t {
    let low = |x| vreinterpretq_f32_s32(vshlq_n_s32::<16>(x));
    let high = |x| vreinterpretq_f32_s32(vandq_s32(x, vdupq_n_s32(-0x1_0000)));
    vfmaq_f32(vfmaq_f32(acc, low(a), low(b)), high(a), high(b))
}

/// Adds the products of signed bytes by fours. A product fits 16 bits, the sum of two may not, so they are added in 32.
#[inline(always)]
unsafe fn fours(acc: int32x4_t, a: int8x16_t, b: int8x16_t) -> int32x4_t {
    let first = vpaddlq_s16(vmull_s8(vget_low_s8(a), vget_low_s8(b)));
    let second = vpaddlq_s16(vmull_s8(vget_high_s8(a), vget_high_s8(b)));
    vaddq_s32(acc, vpaddq_s32(first, second))
}

#[inline(always)]
unsafe fn dot(acc: int32x4_t, a: uint8x16_t, b: uint8x16_t) -> int32x4_t {
    fours(acc, vreinterpretq_s8_u8(a), vreinterpretq_s8_u8(b))
}

#[inline(always)]
unsafe fn dot_offset(acc: int32x4_t, a: uint8x16_t, b: uint8x16_t) -> int32x4_t {
    dot(acc, veorq_u8(a, vdupq_n_u8(0x80)), b)
}

// SAFETY (all methods): the target has the instructions; the trait's demand that loads and stores are in bounds is passed on.
impl Simd for Neon {
    type F = [float32x4_t; 4];
    type I = [int32x4_t; 4];
    type B = [uint8x16_t; 4];
    const WIDE: bool = false;

    #[inline(always)]
    unsafe fn run<K: Kernel>(kernel: K) -> K::Output {
        kernel.run::<Self>()
    }
    #[inline(always)]
    unsafe fn splat(x: f32) -> Self::F {
        [vdupq_n_f32(x); 4]
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self::F {
        [
            vld1q_f32(from),
            vld1q_f32(from.add(4)),
            vld1q_f32(from.add(8)),
            vld1q_f32(from.add(12)),
        ]
    }
    #[inline(always)]
    unsafe fn store(to: *mut f32, x: Self::F) {
        for (index, x) in x.into_iter().enumerate() {
            vst1q_f32(to.add(4 * index), x);
        }
    }
    #[inline(always)]
    unsafe fn load_f16(from: *const u16) -> Self::F {
        // Instructions for this are not stable in Rust; the compiler finds those that the target has.
        let bits = from.cast::<[u16; 16]>().read_unaligned();
        let floats = bits.map(|bits| half::f16::from_bits(bits).to_f32());
        Self::load(floats.as_ptr())
    }
    #[inline(always)]
    unsafe fn add(a: Self::F, b: Self::F) -> Self::F {
        all!(vaddq_f32, a, b)
    }
    #[inline(always)]
    unsafe fn sub(a: Self::F, b: Self::F) -> Self::F {
        all!(vsubq_f32, a, b)
    }
    #[inline(always)]
    unsafe fn mul(a: Self::F, b: Self::F) -> Self::F {
        all!(vmulq_f32, a, b)
    }
    #[inline(always)]
    unsafe fn div(a: Self::F, b: Self::F) -> Self::F {
        all!(vdivq_f32, a, b)
    }
    #[inline(always)]
    unsafe fn fma(a: Self::F, b: Self::F, c: Self::F) -> Self::F {
        all!(vfmaq_f32, c, a, b)
    }
    #[inline(always)]
    unsafe fn max(a: Self::F, b: Self::F) -> Self::F {
        all!(larger, a, b)
    }
    #[inline(always)]
    unsafe fn min(a: Self::F, b: Self::F) -> Self::F {
        all!(smaller, a, b)
    }
    #[inline(always)]
    unsafe fn store_low_bytes(to: *mut i8, x: Self::F) {
        let words = all!(vreinterpretq_s32_f32, x);
        let first = vcombine_s16(vmovn_s32(words[0]), vmovn_s32(words[1]));
        let second = vcombine_s16(vmovn_s32(words[2]), vmovn_s32(words[3]));
        vst1q_s8(to, vcombine_s8(vmovn_s16(first), vmovn_s16(second)));
    }
    #[inline(always)]
    unsafe fn select_less(a: Self::F, b: Self::F, x: Self::F, y: Self::F) -> Self::F {
        all!(select, a, b, x, y)
    }
    #[inline(always)]
    unsafe fn exp2_bits(n: Self::F) -> Self::F {
        all!(exp2, n)
    }
    #[inline(always)]
    unsafe fn sum(x: Self::F) -> f32 {
        // Lanes 8 apart, 4, 2, 1.
        let x = vaddq_f32(vaddq_f32(x[0], x[2]), vaddq_f32(x[1], x[3]));
        let x = vadd_f32(vget_low_f32(x), vget_high_f32(x));
        vget_lane_f32::<0>(x) + vget_lane_f32::<1>(x)
    }
    #[inline(always)]
    unsafe fn largest(x: Self::F) -> f32 {
        let mut lanes = [0.0f32; 4];
        vst1q_f32(lanes.as_mut_ptr(), larger(larger(x[0], x[2]), larger(x[1], x[3])));
        let pair = |a: f32, b: f32| if a > b { a } else { b };
        pair(pair(lanes[0], lanes[2]), pair(lanes[1], lanes[3]))
    }
    #[inline(always)]
    unsafe fn splat_word(from: *const i32) -> Self::I {
        [vdupq_n_s32(from.read_unaligned()); 4]
    }
    #[inline(always)]
    unsafe fn load_words(from: *const u8) -> Self::I {
        let bytes = Self::load_bytes(from);
        all!(vreinterpretq_s32_u8, bytes)
    }
    #[inline(always)]
    unsafe fn load_u8(from: *const u8) -> Self::I {
        let bytes = vld1q_u8(from);
        let halves = [vmovl_u8(vget_low_u8(bytes)), vmovl_u8(vget_high_u8(bytes))];
        let words = [
            vmovl_u16(vget_low_u16(halves[0])),
            vmovl_u16(vget_high_u16(halves[0])),
            vmovl_u16(vget_low_u16(halves[1])),
            vmovl_u16(vget_high_u16(halves[1])),
        ];
        all!(vreinterpretq_s32_u32, words)
    }
    #[inline(always)]
    unsafe fn load_i8(from: *const u8) -> Self::I {
        let bytes = vld1q_s8(from.cast());
        let halves = [vmovl_s8(vget_low_s8(bytes)), vmovl_s8(vget_high_s8(bytes))];
        [
            vmovl_s16(vget_low_s16(halves[0])),
            vmovl_s16(vget_high_s16(halves[0])),
            vmovl_s16(vget_low_s16(halves[1])),
            vmovl_s16(vget_high_s16(halves[1])),
        ]
    }
    #[inline(always)]
    unsafe fn add_words(a: Self::I, b: Self::I) -> Self::I {
        all!(vaddq_s32, a, b)
    }
    #[inline(always)]
    unsafe fn sub_words(a: Self::I, b: Self::I) -> Self::I {
        all!(vsubq_s32, a, b)
    }
    #[inline(always)]
    unsafe fn mul_words(a: Self::I, b: Self::I) -> Self::I {
        all!(vmulq_s32, a, b)
    }
    #[inline(always)]
    unsafe fn shift_right<const BITS: u32>(a: Self::I) -> Self::I {
        let by = [vdupq_n_s32(-(BITS as i32)); 4];
        all!(vshlq_s32, a, by)
    }
    #[inline(always)]
    unsafe fn to_float(a: Self::I) -> Self::F {
        all!(vcvtq_f32_s32, a)
    }
    #[inline(always)]
    unsafe fn bf16_dot(acc: Self::F, a: Self::I, b: Self::I) -> Self::F {
        all!(bf16, acc, a, b)
    }
    #[inline(always)]
    unsafe fn prefetch(_at: *const u8) {}
    #[inline(always)]
    unsafe fn load_bytes(from: *const u8) -> Self::B {
        [
            vld1q_u8(from),
            vld1q_u8(from.add(16)),
            vld1q_u8(from.add(32)),
            vld1q_u8(from.add(48)),
        ]
    }
    #[inline(always)]
    unsafe fn splat_bytes(from: *const i8) -> Self::B {
        [vreinterpretq_u8_s32(vdupq_n_s32(from.cast::<i32>().read_unaligned())); 4]
    }
    #[inline(always)]
    unsafe fn low(a: Self::B) -> Self::B {
        let mask = [vdupq_n_u8(15); 4];
        all!(vandq_u8, a, mask)
    }
    #[inline(always)]
    unsafe fn high(a: Self::B) -> Self::B {
        all!(vshrq_n_u8::<4>, a)
    }
    #[inline(always)]
    unsafe fn bit_pair<const PAIR: u32>(a: Self::B) -> Self::B {
        let (by, mask) = ([vdupq_n_s8(4 - 2 * PAIR as i8); 4], [vdupq_n_u8(48); 4]);
        let shifted = all!(vshlq_u8, a, by);
        all!(vandq_u8, shifted, mask)
    }
    #[inline(always)]
    unsafe fn bit<const BIT: u32>(a: Self::B) -> Self::B {
        let (by, mask) = ([vdupq_n_s8(4 - BIT as i8); 4], [vdupq_n_u8(16); 4]);
        let shifted = all!(vshlq_u8, a, by);
        all!(vandq_u8, shifted, mask)
    }
    #[inline(always)]
    unsafe fn or(a: Self::B, b: Self::B) -> Self::B {
        all!(vorrq_u8, a, b)
    }
    #[inline(always)]
    unsafe fn dot(acc: Self::I, a: Self::B, b: Self::B) -> Self::I {
        all!(dot, acc, a, b)
    }
    #[inline(always)]
    unsafe fn start_offset(_word: *const i32) -> Self::I {
        [vdupq_n_s32(0); 4]
    }
    #[inline(always)]
    unsafe fn dot_offset(acc: Self::I, a: Self::B, b: Self::B) -> Self::I {
        all!(dot_offset, acc, a, b)
    }
}
