//! AVX-512 with its integer dot product, and with bf16's where `BF16` says so.
use super::simd::{Kernel, Simd};
use std::arch::x86_64::*;

/// The instructions F, BW, DQ, VL and VNNI, and FMA and F16C.
#[derive(Clone, Copy)]
pub(super) struct Avx512<const BF16: bool>;

// SAFETY (all methods): the instructions are there, as the trait demands; it passes on that loads and stores are in bounds.
impl<const BF16: bool> Simd for Avx512<BF16> {
    type F = __m512;
    type I = __m512i;
    type B = __m512i;
    const WIDE: bool = true;

    #[inline(always)]
    unsafe fn run<K: Kernel>(kernel: K) -> K::Output {
        if BF16 {
            with_bf16(kernel)
        } else {
            without_bf16(kernel)
        }
    }
    #[inline(always)]
    unsafe fn splat(x: f32) -> Self::F {
        _mm512_set1_ps(x)
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self::F {
        _mm512_loadu_ps(from)
    }
    #[inline(always)]
    unsafe fn store(to: *mut f32, x: Self::F) {
        _mm512_storeu_ps(to, x);
    }
    #[inline(always)]
    unsafe fn load_f16(from: *const u16) -> Self::F {
        _mm512_cvtph_ps(_mm256_loadu_si256(from.cast()))
    }
    #[inline(always)]
    unsafe fn add(a: Self::F, b: Self::F) -> Self::F {
        _mm512_add_ps(a, b)
    }
    #[inline(always)]
    unsafe fn sub(a: Self::F, b: Self::F) -> Self::F {
        _mm512_sub_ps(a, b)
    }
    #[inline(always)]
    unsafe fn mul(a: Self::F, b: Self::F) -> Self::F {
        _mm512_mul_ps(a, b)
    }
    #[inline(always)]
    unsafe fn div(a: Self::F, b: Self::F) -> Self::F {
        _mm512_div_ps(a, b)
    }
    #[inline(always)]
    unsafe fn fma(a: Self::F, b: Self::F, c: Self::F) -> Self::F {
        _mm512_fmadd_ps(a, b, c)
    }
    #[inline(always)]
    unsafe fn max(a: Self::F, b: Self::F) -> Self::F {
        _mm512_max_ps(a, b)
    }
    #[inline(always)]
    unsafe fn min(a: Self::F, b: Self::F) -> Self::F {
        _mm512_min_ps(a, b)
    }
    #[inline(always)]
    unsafe fn store_low_bytes(to: *mut i8, x: Self::F) {
        _mm_storeu_si128(to.cast(), _mm512_cvtepi32_epi8(_mm512_castps_si512(x)));
    }
    #[inline(always)]
    unsafe fn select_less(a: Self::F, b: Self::F, x: Self::F, y: Self::F) -> Self::F {
        _mm512_mask_blend_ps(_mm512_cmp_ps_mask::<_CMP_LT_OQ>(a, b), y, x)
    }
    #[inline(always)]
    unsafe fn exp2_bits(n: Self::F) -> Self::F {
        let shifted = _mm512_slli_epi32::<23>(_mm512_castps_si512(n));
        _mm512_castsi512_ps(_mm512_add_epi32(shifted, _mm512_set1_epi32(0x3f80_0000)))
    }
    #[inline(always)]
    unsafe fn sum(x: Self::F) -> f32 {
        let x = _mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps::<1>(x));
        let x = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps::<1>(x));
        let x = _mm_add_ps(x, _mm_movehl_ps(x, x));
        _mm_cvtss_f32(_mm_add_ss(x, _mm_movehdup_ps(x)))
    }
    #[inline(always)]
    unsafe fn largest(x: Self::F) -> f32 {
        let x = _mm256_max_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps::<1>(x));
        let x = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps::<1>(x));
        let x = _mm_max_ps(x, _mm_movehl_ps(x, x));
        _mm_cvtss_f32(_mm_max_ss(x, _mm_movehdup_ps(x)))
    }
    #[inline(always)]
    unsafe fn splat_word(from: *const i32) -> Self::I {
        _mm512_set1_epi32(from.read_unaligned())
    }
    #[inline(always)]
    unsafe fn load_words(from: *const u8) -> Self::I {
        _mm512_loadu_si512(from.cast())
    }
    #[inline(always)]
    unsafe fn load_u8(from: *const u8) -> Self::I {
        _mm512_cvtepu8_epi32(_mm_loadu_si128(from.cast()))
    }
    #[inline(always)]
    unsafe fn load_i8(from: *const u8) -> Self::I {
        _mm512_cvtepi8_epi32(_mm_loadu_si128(from.cast()))
    }
    #[inline(always)]
    unsafe fn add_words(a: Self::I, b: Self::I) -> Self::I {
        _mm512_add_epi32(a, b)
    }
    #[inline(always)]
    unsafe fn sub_words(a: Self::I, b: Self::I) -> Self::I {
        _mm512_sub_epi32(a, b)
    }
    #[inline(always)]
    unsafe fn mul_words(a: Self::I, b: Self::I) -> Self::I {
        _mm512_mullo_epi32(a, b)
    }
    #[inline(always)]
    unsafe fn shift_right<const BITS: u32>(a: Self::I) -> Self::I {
        _mm512_srai_epi32::<BITS>(a)
    }
    #[inline(always)]
    unsafe fn to_float(a: Self::I) -> Self::F {
        _mm512_cvtepi32_ps(a)
    }
    #[inline(always)]
    unsafe fn bf16_dot(acc: Self::F, a: Self::I, b: Self::I) -> Self::F {
        if BF16 {
            return _mm512_dpbf16_ps(
                acc,
                std::mem::transmute::<__m512i, __m512bh>(a),
                std::mem::transmute::<__m512i, __m512bh>(b),
            );
        }
        let upper = _mm512_set1_epi32(-0x1_0000);
        let low = |x| _mm512_castsi512_ps(_mm512_slli_epi32::<16>(x));
        let high = |x| _mm512_castsi512_ps(_mm512_and_si512(x, upper));
        _mm512_fmadd_ps(high(a), high(b), _mm512_fmadd_ps(low(a), low(b), acc))
    }
    #[inline(always)]
    unsafe fn prefetch(at: *const u8) {
        _mm_prefetch::<_MM_HINT_T0>(at.cast());
    }
    #[inline(always)]
    unsafe fn load_bytes(from: *const u8) -> Self::B {
        _mm512_loadu_si512(from.cast())
    }
    #[inline(always)]
    unsafe fn splat_bytes(from: *const i8) -> Self::B {
        _mm512_set1_epi32(from.cast::<i32>().read_unaligned())
    }
    #[inline(always)]
    unsafe fn low(a: Self::B) -> Self::B {
        _mm512_and_si512(a, _mm512_set1_epi8(15))
    }
    #[inline(always)]
    unsafe fn high(a: Self::B) -> Self::B {
        _mm512_and_si512(_mm512_srli_epi16::<4>(a), _mm512_set1_epi8(15))
    }
    #[inline(always)]
    unsafe fn bit_pair<const PAIR: u32>(a: Self::B) -> Self::B {
        let shifted = match PAIR {
            0 => _mm512_slli_epi16::<4>(a),
            1 => _mm512_slli_epi16::<2>(a),
            2 => a,
            _ => _mm512_srli_epi16::<2>(a),
        };
        _mm512_and_si512(shifted, _mm512_set1_epi8(48))
    }
    #[inline(always)]
    unsafe fn bit<const BIT: u32>(a: Self::B) -> Self::B {
        let shifted = match BIT {
            0 => _mm512_slli_epi16::<4>(a),
            1 => _mm512_slli_epi16::<3>(a),
            2 => _mm512_slli_epi16::<2>(a),
            3 => _mm512_slli_epi16::<1>(a),
            4 => a,
            5 => _mm512_srli_epi16::<1>(a),
            6 => _mm512_srli_epi16::<2>(a),
            _ => _mm512_srli_epi16::<3>(a),
        };
        _mm512_and_si512(shifted, _mm512_set1_epi8(16))
    }
    #[inline(always)]
    unsafe fn or(a: Self::B, b: Self::B) -> Self::B {
        _mm512_or_si512(a, b)
    }
    #[inline(always)]
    unsafe fn dot(acc: Self::I, a: Self::B, b: Self::B) -> Self::I {
        _mm512_dpbusd_epi32(acc, a, b)
    }
    #[inline(always)]
    unsafe fn start_offset(word: *const i32) -> Self::I {
        Self::splat_word(word)
    }
    #[inline(always)]
    unsafe fn dot_offset(acc: Self::I, a: Self::B, b: Self::B) -> Self::I {
        _mm512_dpbusd_epi32(acc, a, b)
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512bf16,avx2,fma,f16c")]
unsafe fn with_bf16<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<Avx512<true>>()
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")]
unsafe fn without_bf16<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<Avx512<false>>()
}
