//! Sixteen lanes of arithmetic: what a processor must offer for the kernels, which are written once over it.
//!
//! Every operation has one result to the bit on every processor, with the exception that [`Simd::bf16_dot`] may round
//! its two products in another way. Kernels fix the order of their operations, so their results are equal as well.

/// A piece of work that can be compiled for any instruction set.
pub(super) trait Kernel {
    /// What it answers.
    type Output;
    /// Does the work. Implementations are `inline(always)`, so that they are compiled with the features of
    /// [`Simd::run`], into which they are inlined.
    ///
    /// # Safety
    /// The processor has the instructions of `S`, and the pointers that the kernel holds are as it demands.
    unsafe fn run<S: Simd>(self) -> Self::Output;
}

/// Sixteen lanes.
///
/// # Safety
/// Every method demands that the processor has the instructions. Loads and stores need no alignment; they touch 16
/// elements of the pointed type ([`Simd::load_bytes`]: 64 bytes, the `splat` loads: one element), all of which must be
/// in bounds.
pub(super) trait Simd: Copy {
    /// 16 floats.
    type F: Copy;
    /// 16 integers of 32 bits, which wrap.
    type I: Copy;
    /// 64 bytes.
    type B: Copy;
    /// Whether the processor holds 32 vectors of 16 lanes, so that large tiles stay in registers.
    const WIDE: bool;

    /// Runs a kernel compiled with these instructions.
    unsafe fn run<K: Kernel>(kernel: K) -> K::Output;

    unsafe fn splat(x: f32) -> Self::F;
    unsafe fn load(from: *const f32) -> Self::F;
    unsafe fn store(to: *mut f32, x: Self::F);
    /// Sixteen half floats, widened.
    unsafe fn load_f16(from: *const u16) -> Self::F;
    unsafe fn add(a: Self::F, b: Self::F) -> Self::F;
    unsafe fn sub(a: Self::F, b: Self::F) -> Self::F;
    unsafe fn mul(a: Self::F, b: Self::F) -> Self::F;
    unsafe fn div(a: Self::F, b: Self::F) -> Self::F;
    /// `a * b + c`, rounded once.
    unsafe fn fma(a: Self::F, b: Self::F, c: Self::F) -> Self::F;
    /// The larger of two; `b` if one is not a number.
    unsafe fn max(a: Self::F, b: Self::F) -> Self::F;
    /// The smaller of two; `b` if one is not a number.
    unsafe fn min(a: Self::F, b: Self::F) -> Self::F;
    /// The lowest byte of each lane's bits.
    unsafe fn store_low_bytes(to: *mut i8, x: Self::F);
    /// `x` where `a < b`, else `y`.
    unsafe fn select_less(a: Self::F, b: Self::F, x: Self::F, y: Self::F) -> Self::F;
    /// `2^n`, where the low bits of `n` as a word hold the integer exponent, `-126..=127`, in two's complement.
    unsafe fn exp2_bits(n: Self::F) -> Self::F;
    /// The sum by halving: lanes 8 apart, 4, 2, 1.
    unsafe fn sum(x: Self::F) -> f32;
    /// The largest lane, by halving.
    unsafe fn largest(x: Self::F) -> f32;

    unsafe fn splat_word(from: *const i32) -> Self::I;
    unsafe fn load_words(from: *const u8) -> Self::I;
    /// Sixteen unsigned bytes, widened.
    unsafe fn load_u8(from: *const u8) -> Self::I;
    /// Sixteen signed bytes, widened.
    unsafe fn load_i8(from: *const u8) -> Self::I;
    unsafe fn add_words(a: Self::I, b: Self::I) -> Self::I;
    unsafe fn sub_words(a: Self::I, b: Self::I) -> Self::I;
    unsafe fn mul_words(a: Self::I, b: Self::I) -> Self::I;
    /// Arithmetic shift to the right.
    unsafe fn shift_right<const BITS: u32>(a: Self::I) -> Self::I;
    unsafe fn to_float(a: Self::I) -> Self::F;
    /// `acc` plus the products of the two bf16 halves of each word.
    unsafe fn bf16_dot(acc: Self::F, a: Self::I, b: Self::I) -> Self::F;

    /// Asks for a cache line that will be read soon; any address will do.
    unsafe fn prefetch(at: *const u8);
    unsafe fn load_bytes(from: *const u8) -> Self::B;
    /// Four bytes, sixteen times.
    unsafe fn splat_bytes(from: *const i8) -> Self::B;
    /// The low four bits of each byte.
    unsafe fn low(a: Self::B) -> Self::B;
    /// The high four bits of each byte.
    unsafe fn high(a: Self::B) -> Self::B;
    /// Bits `2 * PAIR` and `2 * PAIR + 1` of each byte, as bits 4 and 5.
    unsafe fn bit_pair<const PAIR: u32>(a: Self::B) -> Self::B;
    /// Bit `BIT` of each byte, as bit 4.
    unsafe fn bit<const BIT: u32>(a: Self::B) -> Self::B;
    unsafe fn or(a: Self::B, b: Self::B) -> Self::B;
    /// `acc` plus, for each lane, the products of its four bytes, `a` unsigned and below 64, `b` signed and above -128.
    unsafe fn dot(acc: Self::I, a: Self::B, b: Self::B) -> Self::I;
    /// The start of a sum of [`Simd::dot_offset`]; the word is `-128` times the sum of all `b`.
    unsafe fn start_offset(word: *const i32) -> Self::I;
    /// As [`Simd::dot`], with `a` any byte that stands for `a - 128`.
    unsafe fn dot_offset(acc: Self::I, a: Self::B, b: Self::B) -> Self::I;
}
