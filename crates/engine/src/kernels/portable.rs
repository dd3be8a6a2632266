//! Plain Rust: always there, and what the others are compared with.
use super::simd::{Kernel, Simd};
use half::{bf16, f16};

/// No instructions beyond the target's.
#[derive(Clone, Copy)]
pub(super) struct Portable;

#[inline(always)]
fn lanes<T: Copy, U: Copy, V>(a: [T; 16], b: [U; 16], f: impl Fn(T, U) -> V) -> [V; 16] {
    std::array::from_fn(|lane| f(a[lane], b[lane]))
}

#[inline(always)]
fn halve(mut x: [f32; 16], f: impl Fn(f32, f32) -> f32) -> f32 {
    for width in [8, 4, 2, 1] {
        for lane in 0..width {
            x[lane] = f(x[lane], x[lane + width]);
        }
    }
    x[0]
}

#[inline(always)]
fn dot_bytes(acc: [i32; 16], a: [i32; 64], b: [u8; 64]) -> [i32; 16] {
    std::array::from_fn(|lane| {
        (0..4).fold(acc[lane], |sum, byte| {
            let index = 4 * lane + byte;
            sum.wrapping_add(a[index] * i32::from(b[index] as i8))
        })
    })
}

// SAFETY (all loads and stores): the trait's demand that the elements are in bounds is passed on.
impl Simd for Portable {
    type F = [f32; 16];
    type I = [i32; 16];
    type B = [u8; 64];
    const WIDE: bool = false;

    #[inline(always)]
    unsafe fn run<K: Kernel>(kernel: K) -> K::Output {
        kernel.run::<Self>()
    }
    #[inline(always)]
    unsafe fn splat(x: f32) -> Self::F {
        [x; 16]
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self::F {
        from.cast::<Self::F>().read_unaligned()
    }
    #[inline(always)]
    unsafe fn store(to: *mut f32, x: Self::F) {
        to.cast::<Self::F>().write_unaligned(x);
    }
    #[inline(always)]
    unsafe fn load_f16(from: *const u16) -> Self::F {
        let bits = from.cast::<[u16; 16]>().read_unaligned();
        bits.map(|bits| f16::from_bits(bits).to_f32())
    }
    #[inline(always)]
    unsafe fn add(a: Self::F, b: Self::F) -> Self::F {
        lanes(a, b, |a, b| a + b)
    }
    #[inline(always)]
    unsafe fn sub(a: Self::F, b: Self::F) -> Self::F {
        lanes(a, b, |a, b| a - b)
    }
    #[inline(always)]
    unsafe fn mul(a: Self::F, b: Self::F) -> Self::F {
        lanes(a, b, |a, b| a * b)
    }
    #[inline(always)]
    unsafe fn div(a: Self::F, b: Self::F) -> Self::F {
        lanes(a, b, |a, b| a / b)
    }
    #[inline(always)]
    unsafe fn fma(a: Self::F, b: Self::F, c: Self::F) -> Self::F {
        std::array::from_fn(|lane| a[lane].mul_add(b[lane], c[lane]))
    }
    #[inline(always)]
    unsafe fn max(a: Self::F, b: Self::F) -> Self::F {
        lanes(a, b, |a, b| if a > b { a } else { b })
    }
    #[inline(always)]
    unsafe fn min(a: Self::F, b: Self::F) -> Self::F {
        lanes(a, b, |a, b| if a < b { a } else { b })
    }
    #[inline(always)]
    unsafe fn store_low_bytes(to: *mut i8, x: Self::F) {
        to.cast::<[i8; 16]>().write_unaligned(x.map(|x| x.to_bits() as i8));
    }
    #[inline(always)]
    unsafe fn select_less(a: Self::F, b: Self::F, x: Self::F, y: Self::F) -> Self::F {
        std::array::from_fn(|lane| if a[lane] < b[lane] { x[lane] } else { y[lane] })
    }
    #[inline(always)]
    unsafe fn exp2_bits(n: Self::F) -> Self::F {
        n.map(|n| f32::from_bits((n.to_bits() << 23).wrapping_add(0x3f80_0000)))
    }
    #[inline(always)]
    unsafe fn sum(x: Self::F) -> f32 {
        halve(x, |a, b| a + b)
    }
    #[inline(always)]
    unsafe fn largest(x: Self::F) -> f32 {
        halve(x, |a, b| if a > b { a } else { b })
    }
    #[inline(always)]
    unsafe fn splat_word(from: *const i32) -> Self::I {
        [from.read_unaligned(); 16]
    }
    #[inline(always)]
    unsafe fn load_words(from: *const u8) -> Self::I {
        from.cast::<Self::I>().read_unaligned()
    }
    #[inline(always)]
    unsafe fn load_u8(from: *const u8) -> Self::I {
        from.cast::<[u8; 16]>().read_unaligned().map(i32::from)
    }
    #[inline(always)]
    unsafe fn load_i8(from: *const u8) -> Self::I {
        from.cast::<[i8; 16]>().read_unaligned().map(i32::from)
    }
    #[inline(always)]
    unsafe fn add_words(a: Self::I, b: Self::I) -> Self::I {
        lanes(a, b, i32::wrapping_add)
    }
    #[inline(always)]
    unsafe fn sub_words(a: Self::I, b: Self::I) -> Self::I {
        lanes(a, b, i32::wrapping_sub)
    }
    #[inline(always)]
    unsafe fn mul_words(a: Self::I, b: Self::I) -> Self::I {
        lanes(a, b, i32::wrapping_mul)
    }
    #[inline(always)]
    unsafe fn shift_right<const BITS: u32>(a: Self::I) -> Self::I {
        a.map(|a| a >> BITS)
    }
    #[inline(always)]
    unsafe fn to_float(a: Self::I) -> Self::F {
        a.map(|a| a as f32)
    }
    #[inline(always)]
    unsafe fn bf16_dot(acc: Self::F, a: Self::I, b: Self::I) -> Self::F {
        let half = |word: i32, shift: u32| bf16::from_bits((word as u32 >> shift) as u16).to_f32();
        std::array::from_fn(|lane| {
            let low = half(a[lane], 0).mul_add(half(b[lane], 0), acc[lane]);
            half(a[lane], 16).mul_add(half(b[lane], 16), low)
        })
    }
    #[inline(always)]
    unsafe fn prefetch(_at: *const u8) {}
    #[inline(always)]
    unsafe fn load_bytes(from: *const u8) -> Self::B {
        from.cast::<Self::B>().read_unaligned()
    }
    #[inline(always)]
    unsafe fn splat_bytes(from: *const i8) -> Self::B {
        let four = from.cast::<[u8; 4]>().read_unaligned();
        std::array::from_fn(|byte| four[byte % 4])
    }
    #[inline(always)]
    unsafe fn low(a: Self::B) -> Self::B {
        a.map(|a| a & 15)
    }
    #[inline(always)]
    unsafe fn high(a: Self::B) -> Self::B {
        a.map(|a| a >> 4)
    }
    #[inline(always)]
    unsafe fn bit_pair<const PAIR: u32>(a: Self::B) -> Self::B {
        a.map(|a| ((a >> (2 * PAIR)) & 3) << 4)
    }
    #[inline(always)]
    unsafe fn bit<const BIT: u32>(a: Self::B) -> Self::B {
        a.map(|a| ((a >> BIT) & 1) << 4)
    }
    #[inline(always)]
    unsafe fn or(a: Self::B, b: Self::B) -> Self::B {
        std::array::from_fn(|byte| a[byte] | b[byte])
    }
    #[inline(always)]
    unsafe fn dot(acc: Self::I, a: Self::B, b: Self::B) -> Self::I {
        dot_bytes(acc, a.map(i32::from), b)
    }
    #[inline(always)]
    unsafe fn start_offset(_word: *const i32) -> Self::I {
        [0; 16]
    }
    #[inline(always)]
    unsafe fn dot_offset(acc: Self::I, a: Self::B, b: Self::B) -> Self::I {
        dot_bytes(acc, a.map(|a| i32::from(a) - 128), b)
    }
}
