//! GGUF's blocks, and where their scales and codes go in a panel.
//!
//! A panel is a head of scales and a body of codes. Codes of 32 inputs are 8 groups of 4 inputs; a group of all 16 outputs
//! is 64 bytes, four inputs an output. Codes of 4 bits put groups `g` and `g + 4` into the two halves of the bytes of vector
//! `g`; the two upper bits of 6 put groups `h * 4 ..` into the pairs of bits of vector `h`.
use super::matrix::{Format, LANES};
use half::{bf16, f16};

/// Bytes of the head for 256 inputs of [`Format::Q4K`]: 16 scales and 16 scales of the offsets in f16, then for each of 8
/// blocks 16 factors of the scale and 16 of the offset.
pub(super) const Q4K_SCALES: usize = 64 + 8 * 32;
/// Bytes of the head for 256 inputs of [`Format::Q6K`]: 16 scales in f16, padding, then for each of 8 blocks two times 16
/// factors, for its first and its second 16 inputs.
pub(super) const Q6K_SCALES: usize = 64 + 8 * 32;

/// One output's place in a panel.
pub(super) struct Row {
    pub(super) format: Format,
    pub(super) input: usize,
    pub(super) lane: usize,
}

impl Row {
    /// Puts a row, as a file has it, into its place.
    pub(super) fn write(&self, row: &[u8], panel: &mut [u8]) {
        let (weights, bytes) = self.format.block();
        for (index, block) in row.chunks_exact(bytes).enumerate() {
            match self.format {
                Format::F32 => self.put(panel, (index * LANES + self.lane) * 4, block),
                Format::F16 => self.put(panel, (index * LANES + self.lane) * 2, block),
                Format::Bf16 => self.put(panel, self.bf16_at(index), block),
                Format::Q8_0 => self.write_q8_0(index, &block[..2], panel, |input| block[2 + input] ^ 0x80),
                Format::Q5_0 => self.write_q8_0(index, &block[..2], panel, |input| five_bits(&block[2..], input)),
                Format::Q4_0 => {
                    self.put(panel, (index * LANES + self.lane) * 2, &block[..2]);
                    for input in 0..32 {
                        self.put_nibble(panel, index, input, block[2 + input % 16] >> (input / 16 * 4) & 15);
                    }
                }
                Format::Q4K => self.write_q4k(index, block, panel),
                Format::Q6K => self.write_q6k(index, block, panel),
            }
        }
        debug_assert_eq!(row.len() / bytes * weights, self.input);
    }

    fn put(&self, panel: &mut [u8], at: usize, bytes: &[u8]) {
        panel[at..at + bytes.len()].copy_from_slice(bytes);
    }

    fn body(&self) -> usize {
        self.format.panel_bytes(self.input).0
    }

    fn bf16_at(&self, input: usize) -> usize {
        (input / 2 * LANES + self.lane) * 4 + input % 2 * 2
    }

    fn byte_at(&self, block: usize, input: usize) -> usize {
        self.body() + block * 512 + input / 4 * 64 + self.lane * 4 + input % 4
    }

    /// The byte with the low four bits of a code, and how far they are shifted in it.
    fn nibble_at(&self, block: usize, input: usize) -> (usize, u32) {
        let bytes = if self.format == Format::Q6K { 384 } else { 256 };
        let group = input / 4;
        let at = self.body() + block * bytes + group % 4 * 64 + self.lane * 4 + input % 4;
        (at, group as u32 / 4 * 4)
    }

    /// The byte with the upper two bits of a code of six, and how far they are shifted in it.
    fn pair_at(&self, block: usize, input: usize) -> (usize, u32) {
        let group = input / 4;
        let at = self.body() + block * 384 + 256 + group / 4 * 64 + self.lane * 4 + input % 4;
        (at, group as u32 % 4 * 2)
    }

    fn put_nibble(&self, panel: &mut [u8], block: usize, input: usize, code: u8) {
        let (at, shift) = self.nibble_at(block, input);
        panel[at] |= code << shift;
    }

    fn write_q8_0(&self, index: usize, scale: &[u8], panel: &mut [u8], code: impl Fn(usize) -> u8) {
        self.put(panel, (index * LANES + self.lane) * 2, scale);
        for input in 0..32 {
            panel[self.byte_at(index, input)] = code(input);
        }
    }

    fn write_q4k(&self, index: usize, block: &[u8], panel: &mut [u8]) {
        let head = index * Q4K_SCALES;
        self.put(panel, head + self.lane * 2, &block[..2]);
        self.put(panel, head + 32 + self.lane * 2, &block[2..4]);
        for part in 0..8 {
            let (scale, offset) = six_bits(&block[4..16], part);
            panel[head + 64 + part * 32 + self.lane] = scale;
            panel[head + 64 + part * 32 + 16 + self.lane] = offset;
            for input in 0..32 {
                let code = block[16 + part / 2 * 32 + input] >> (part % 2 * 4) & 15;
                self.put_nibble(panel, index * 8 + part, input, code);
            }
        }
    }

    fn write_q6k(&self, index: usize, block: &[u8], panel: &mut [u8]) {
        let head = index * Q6K_SCALES;
        self.put(panel, head + self.lane * 2, &block[208..210]);
        for input in 0..256 {
            // Halves of 128 inputs: quarters share the bytes of the low bits by two, and those of the high bits by four.
            let (half, quarter, place) = (input / 128, input % 128 / 32, input % 32);
            let low = block[half * 64 + quarter % 2 * 32 + place] >> (quarter / 2 * 4) & 15;
            let high = block[128 + half * 32 + place] >> (quarter * 2) & 3;
            self.put_nibble(panel, index * 8 + input / 32, place, low);
            let (at, shift) = self.pair_at(index * 8 + input / 32, place);
            panel[at] |= high << shift;
        }
        for (sixteen, scale) in block[192..208].iter().enumerate() {
            panel[head + 64 + sixteen * 16 + self.lane] = *scale;
        }
    }

    /// Reads the row back as floats.
    pub(super) fn read(&self, panel: &[u8], into: &mut [f32]) {
        let word = |at: usize| u16::from_le_bytes([panel[at], panel[at + 1]]);
        let half = |at: usize| f16::from_bits(word(at)).to_f32();
        let nibble = |block: usize, input: usize| {
            let (at, shift) = self.nibble_at(block, input);
            panel[at] >> shift & 15
        };
        for (index, value) in into.iter_mut().enumerate() {
            let (block, input) = (index / 32, index % 32);
            let scale_at = (block * LANES + self.lane) * 2;
            *value = match self.format {
                Format::F32 => {
                    let at = (index * LANES + self.lane) * 4;
                    f32::from_le_bytes([panel[at], panel[at + 1], panel[at + 2], panel[at + 3]])
                }
                Format::F16 => half((index * LANES + self.lane) * 2),
                Format::Bf16 => bf16::from_bits(word(self.bf16_at(index))).to_f32(),
                Format::Q8_0 | Format::Q5_0 => half(scale_at) * (f32::from(panel[self.byte_at(block, input)]) - 128.0),
                Format::Q4_0 => half(scale_at) * (f32::from(nibble(block, input)) - 8.0),
                Format::Q4K => {
                    let head = block / 8 * Q4K_SCALES;
                    let factors = head + 64 + block % 8 * 32 + self.lane;
                    half(head + self.lane * 2) * f32::from(panel[factors]) * f32::from(nibble(block, input))
                        - half(head + 32 + self.lane * 2) * f32::from(panel[factors + 16])
                }
                Format::Q6K => {
                    let head = block / 8 * Q6K_SCALES;
                    let factor = panel[head + 64 + (block % 8 * 2 + input / 16) * 16 + self.lane] as i8;
                    let (at, shift) = self.pair_at(block, input);
                    let code = nibble(block, input) | (panel[at] >> shift & 3) << 4;
                    half(head + self.lane * 2) * f32::from(factor) * (f32::from(code) - 32.0)
                }
            };
        }
    }
}

/// The code of an input in the tail of a [`Format::Q5_0`] block, as [`Format::Q8_0`] panels have it.
fn five_bits(tail: &[u8], input: usize) -> u8 {
    let high = tail[input / 8] >> (input % 8) & 1;
    let low = tail[4 + input % 16] >> (input / 16 * 4) & 15;
    (high << 4 | low) + (128 - 16)
}

/// Scale and offset of a [`Format::Q4K`] block of 32: of 16 factors, the last four of each kind are spread over two places.
fn six_bits(packed: &[u8], part: usize) -> (u8, u8) {
    if part < 4 {
        (packed[part] & 63, packed[part + 4] & 63)
    } else {
        (
            packed[part + 4] & 15 | packed[part - 4] >> 6 << 4,
            packed[part + 4] >> 4 | packed[part] >> 6 << 4,
        )
    }
}
