//! AVX2 with FMA and F16C: sixteen lanes are two vectors.
use super::simd::{Kernel, Simd};
use std::arch::x86_64::*;

/// The instructions AVX2, FMA and F16C.
#[derive(Clone, Copy)]
pub(super) struct Avx2;

/// Both vectors through one instruction.
macro_rules! both {
    ($f:path, $($x:ident),+) => {
        [$f($($x[0]),+), $f($($x[1]),+)]
    };
}

#[inline(always)]
unsafe fn select(a: __m256, b: __m256, x: __m256, y: __m256) -> __m256 {
    _mm256_blendv_ps(y, x, _mm256_cmp_ps::<_CMP_LT_OQ>(a, b))
}

#[inline(always)]
unsafe fn exp2(n: __m256) -> __m256 {
    let shifted = _mm256_slli_epi32::<23>(_mm256_castps_si256(n));
    _mm256_castsi256_ps(_mm256_add_epi32(shifted, _mm256_set1_epi32(0x3f80_0000)))
}

#[inline(always)]
unsafe fn low_bf16(x: __m256i) -> __m256 {
    _mm256_castsi256_ps(_mm256_slli_epi32::<16>(x))
}

#[inline(always)]
unsafe fn high_bf16(x: __m256i) -> __m256 {
    _mm256_castsi256_ps(_mm256_and_si256(x, _mm256_set1_epi32(-0x1_0000)))
}

/// The products of bytes added by fours. `a` is below 64 or both factors are within ±128, so that pairs fit 16 bits.
#[inline(always)]
unsafe fn fours(acc: __m256i, a: __m256i, b: __m256i) -> __m256i {
    let pairs = _mm256_maddubs_epi16(a, b);
    _mm256_add_epi32(acc, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))
}

/// As [`fours`], with `a` any byte that stands for 128 less: its sign goes over to `b`, which is above -128.
#[inline(always)]
unsafe fn signed_fours(acc: __m256i, a: __m256i, b: __m256i) -> __m256i {
    let a = _mm256_xor_si256(a, _mm256_set1_epi8(-128));
    fours(acc, _mm256_abs_epi8(a), _mm256_sign_epi8(b, a))
}

// SAFETY (all methods): the instructions are there, as the trait demands; it passes on that loads and stores are in bounds.
impl Simd for Avx2 {
    type F = [__m256; 2];
    type I = [__m256i; 2];
    type B = [__m256i; 2];
    const WIDE: bool = false;

    #[inline(always)]
    unsafe fn run<K: Kernel>(kernel: K) -> K::Output {
        with_avx2(kernel)
    }
    #[inline(always)]
    unsafe fn splat(x: f32) -> Self::F {
        [_mm256_set1_ps(x); 2]
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self::F {
        [_mm256_loadu_ps(from), _mm256_loadu_ps(from.add(8))]
    }
    #[inline(always)]
    unsafe fn store(to: *mut f32, x: Self::F) {
        _mm256_storeu_ps(to, x[0]);
        _mm256_storeu_ps(to.add(8), x[1]);
    }
    #[inline(always)]
    unsafe fn load_f16(from: *const u16) -> Self::F {
        [
            _mm256_cvtph_ps(_mm_loadu_si128(from.cast())),
            _mm256_cvtph_ps(_mm_loadu_si128(from.add(8).cast())),
        ]
    }
    #[inline(always)]
    unsafe fn add(a: Self::F, b: Self::F) -> Self::F {
        both!(_mm256_add_ps, a, b)
    }
    #[inline(always)]
    unsafe fn sub(a: Self::F, b: Self::F) -> Self::F {
        both!(_mm256_sub_ps, a, b)
    }
    #[inline(always)]
    unsafe fn mul(a: Self::F, b: Self::F) -> Self::F {
        both!(_mm256_mul_ps, a, b)
    }
    #[inline(always)]
    unsafe fn div(a: Self::F, b: Self::F) -> Self::F {
        both!(_mm256_div_ps, a, b)
    }
    #[inline(always)]
    unsafe fn fma(a: Self::F, b: Self::F, c: Self::F) -> Self::F {
        both!(_mm256_fmadd_ps, a, b, c)
    }
    #[inline(always)]
    unsafe fn max(a: Self::F, b: Self::F) -> Self::F {
        both!(_mm256_max_ps, a, b)
    }
    #[inline(always)]
    unsafe fn min(a: Self::F, b: Self::F) -> Self::F {
        both!(_mm256_min_ps, a, b)
    }
    #[inline(always)]
    unsafe fn store_low_bytes(to: *mut i8, x: Self::F) {
        let low = _mm256_set1_epi32(0xff);
        let words = [_mm256_castps_si256(x[0]), _mm256_castps_si256(x[1])];
        let words = [_mm256_and_si256(words[0], low), _mm256_and_si256(words[1], low)];
        // Packing works on halves of vectors, so quarters come out in the order 0, 2, 1, 3.
        let halves = _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_packs_epi32(words[0], words[1]));
        let bytes = _mm_packus_epi16(_mm256_castsi256_si128(halves), _mm256_extracti128_si256::<1>(halves));
        _mm_storeu_si128(to.cast(), bytes);
    }
    #[inline(always)]
    unsafe fn select_less(a: Self::F, b: Self::F, x: Self::F, y: Self::F) -> Self::F {
        both!(select, a, b, x, y)
    }
    #[inline(always)]
    unsafe fn exp2_bits(n: Self::F) -> Self::F {
        both!(exp2, n)
    }
    #[inline(always)]
    unsafe fn sum(x: Self::F) -> f32 {
        let x = _mm256_add_ps(x[0], x[1]);
        let x = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps::<1>(x));
        let x = _mm_add_ps(x, _mm_movehl_ps(x, x));
        _mm_cvtss_f32(_mm_add_ss(x, _mm_movehdup_ps(x)))
    }
    #[inline(always)]
    unsafe fn largest(x: Self::F) -> f32 {
        let x = _mm256_max_ps(x[0], x[1]);
        let x = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps::<1>(x));
        let x = _mm_max_ps(x, _mm_movehl_ps(x, x));
        _mm_cvtss_f32(_mm_max_ss(x, _mm_movehdup_ps(x)))
    }
    #[inline(always)]
    unsafe fn splat_word(from: *const i32) -> Self::I {
        [_mm256_set1_epi32(from.read_unaligned()); 2]
    }
    #[inline(always)]
    unsafe fn load_words(from: *const u8) -> Self::I {
        [_mm256_loadu_si256(from.cast()), _mm256_loadu_si256(from.add(32).cast())]
    }
    #[inline(always)]
    unsafe fn load_u8(from: *const u8) -> Self::I {
        let bytes = _mm_loadu_si128(from.cast());
        [
            _mm256_cvtepu8_epi32(bytes),
            _mm256_cvtepu8_epi32(_mm_srli_si128::<8>(bytes)),
        ]
    }
    #[inline(always)]
    unsafe fn load_i8(from: *const u8) -> Self::I {
        let bytes = _mm_loadu_si128(from.cast());
        [
            _mm256_cvtepi8_epi32(bytes),
            _mm256_cvtepi8_epi32(_mm_srli_si128::<8>(bytes)),
        ]
    }
    #[inline(always)]
    unsafe fn add_words(a: Self::I, b: Self::I) -> Self::I {
        both!(_mm256_add_epi32, a, b)
    }
    #[inline(always)]
    unsafe fn sub_words(a: Self::I, b: Self::I) -> Self::I {
        both!(_mm256_sub_epi32, a, b)
    }
    #[inline(always)]
    unsafe fn mul_words(a: Self::I, b: Self::I) -> Self::I {
        both!(_mm256_mullo_epi32, a, b)
    }
    #[inline(always)]
    unsafe fn shift_right<const BITS: u32>(a: Self::I) -> Self::I {
        let count = _mm_cvtsi32_si128(BITS as i32);
        [_mm256_sra_epi32(a[0], count), _mm256_sra_epi32(a[1], count)]
    }
    #[inline(always)]
    unsafe fn to_float(a: Self::I) -> Self::F {
        both!(_mm256_cvtepi32_ps, a)
    }
    #[inline(always)]
    unsafe fn bf16_dot(acc: Self::F, a: Self::I, b: Self::I) -> Self::F {
        let (low_a, low_b) = (both!(low_bf16, a), both!(low_bf16, b));
        let (high_a, high_b) = (both!(high_bf16, a), both!(high_bf16, b));
        Self::fma(high_a, high_b, Self::fma(low_a, low_b, acc))
    }
    #[inline(always)]
    unsafe fn prefetch(at: *const u8) {
        _mm_prefetch::<_MM_HINT_T0>(at.cast());
    }
    #[inline(always)]
    unsafe fn load_bytes(from: *const u8) -> Self::B {
        Self::load_words(from)
    }
    #[inline(always)]
    unsafe fn splat_bytes(from: *const i8) -> Self::B {
        Self::splat_word(from.cast())
    }
    #[inline(always)]
    unsafe fn low(a: Self::B) -> Self::B {
        let mask = [_mm256_set1_epi8(15); 2];
        both!(_mm256_and_si256, a, mask)
    }
    #[inline(always)]
    unsafe fn high(a: Self::B) -> Self::B {
        Self::low([_mm256_srli_epi16::<4>(a[0]), _mm256_srli_epi16::<4>(a[1])])
    }
    #[inline(always)]
    unsafe fn bit_pair<const PAIR: u32>(a: Self::B) -> Self::B {
        let mask = [_mm256_set1_epi8(48); 2];
        let shifted = match PAIR {
            0 => [_mm256_slli_epi16::<4>(a[0]), _mm256_slli_epi16::<4>(a[1])],
            1 => [_mm256_slli_epi16::<2>(a[0]), _mm256_slli_epi16::<2>(a[1])],
            2 => a,
            _ => [_mm256_srli_epi16::<2>(a[0]), _mm256_srli_epi16::<2>(a[1])],
        };
        both!(_mm256_and_si256, shifted, mask)
    }
    #[inline(always)]
    unsafe fn bit<const BIT: u32>(a: Self::B) -> Self::B {
        let mask = [_mm256_set1_epi8(16); 2];
        let shifted = match BIT {
            0 => [_mm256_slli_epi16::<4>(a[0]), _mm256_slli_epi16::<4>(a[1])],
            1 => [_mm256_slli_epi16::<3>(a[0]), _mm256_slli_epi16::<3>(a[1])],
            2 => [_mm256_slli_epi16::<2>(a[0]), _mm256_slli_epi16::<2>(a[1])],
            3 => [_mm256_slli_epi16::<1>(a[0]), _mm256_slli_epi16::<1>(a[1])],
            4 => a,
            5 => [_mm256_srli_epi16::<1>(a[0]), _mm256_srli_epi16::<1>(a[1])],
            6 => [_mm256_srli_epi16::<2>(a[0]), _mm256_srli_epi16::<2>(a[1])],
            _ => [_mm256_srli_epi16::<3>(a[0]), _mm256_srli_epi16::<3>(a[1])],
        };
        both!(_mm256_and_si256, shifted, mask)
    }
    #[inline(always)]
    unsafe fn or(a: Self::B, b: Self::B) -> Self::B {
        both!(_mm256_or_si256, a, b)
    }
    #[inline(always)]
    unsafe fn dot(acc: Self::I, a: Self::B, b: Self::B) -> Self::I {
        both!(fours, acc, a, b)
    }
    #[inline(always)]
    unsafe fn start_offset(_word: *const i32) -> Self::I {
        [_mm256_setzero_si256(); 2]
    }
    #[inline(always)]
    unsafe fn dot_offset(acc: Self::I, a: Self::B, b: Self::B) -> Self::I {
        both!(signed_fours, acc, a, b)
    }
}

#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn with_avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<Avx2>()
}
