//! GGUF's blocks, and where their scales and codes go in a panel.
//!
//! Scales stand before the codes of 32 inputs (of 256 for formats with such blocks). Codes of 32 inputs are 8 groups of 4
//! inputs; a group of all 32 outputs is 128 bytes, four inputs an output. Codes of 4 bits put groups `g` and `g + 4` into the
//! two halves of the bytes of group `g`. The fifth bits of a block are 128 bytes, a bit a group; the two upper bits of 6
//! put groups `h * 4 ..` into the pairs of bits of 128 bytes `h`.
use super::matrix::{Format, LANES, PANEL};
use half::{bf16, f16};

/// Bytes of a group of codes.
pub(super) const GROUP: usize = 4 * PANEL;
/// Bytes of scales in f16.
pub(super) const SCALES: usize = 2 * PANEL;
/// Of 256 inputs of [`Format::Q4K`]: scales, and scales of the offsets.
pub(super) const Q4K_HEAD: usize = 2 * SCALES;
/// Then 8 times, for either vector 16 factors of the scale and 16 of the offset; codes.
pub(super) const Q4K_PART: usize = 2 * PANEL + 4 * GROUP;
/// Of 256 inputs of [`Format::Q6K`]: scales.
pub(super) const Q6K_HEAD: usize = SCALES;
/// Then 8 times, for either vector 16 factors for the first 16 inputs and 16 for the second; codes.
pub(super) const Q6K_PART: usize = 2 * PANEL + 6 * GROUP;

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
                Format::F32 => self.put(panel, (index * PANEL + self.lane) * 4, block),
                Format::F16 => self.put(panel, (index * PANEL + self.lane) * 2, block),
                Format::Bf16 => self.put(panel, self.bf16_at(index), block),
                Format::Q8_0 => {
                    self.put(panel, self.scale_at(index), &block[..2]);
                    for input in 0..32 {
                        panel[self.byte_at(index, input)] = block[2 + input] ^ 0x80;
                    }
                }
                Format::Q5_0 => self.write_q5_0(index, block, panel),
                Format::Q4_0 => {
                    self.put(panel, self.scale_at(index), &block[..2]);
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

    fn bf16_at(&self, input: usize) -> usize {
        (input / 2 * PANEL + self.lane) * 4 + input % 2 * 2
    }

    /// The head of the unit that a block of 32 is in.
    fn unit_at(&self, block: usize) -> usize {
        let (inputs, bytes) = self.format.unit();
        block * 32 / inputs * bytes
    }

    /// The scale of the unit that a block of 32 is in.
    fn scale_at(&self, block: usize) -> usize {
        self.unit_at(block) + self.lane * 2
    }

    /// The first and the second factor of a block of 32.
    fn factors_at(&self, block: usize) -> [usize; 2] {
        let (head, part) = match self.format {
            Format::Q4K => (Q4K_HEAD, Q4K_PART),
            _ => (Q6K_HEAD, Q6K_PART),
        };
        let at = self.unit_at(block) + head + block % 8 * part;
        let first = at + self.lane / LANES * 2 * LANES + self.lane % LANES;
        [first, first + LANES]
    }

    /// This output's place in the first group of the codes of a block of 32.
    fn codes_at(&self, block: usize) -> usize {
        let before = match self.format {
            Format::Q4K => Q4K_HEAD + block % 8 * Q4K_PART + 2 * PANEL,
            Format::Q6K => Q6K_HEAD + block % 8 * Q6K_PART + 2 * PANEL,
            _ => SCALES,
        };
        self.unit_at(block) + before + self.lane * 4
    }

    fn byte_at(&self, block: usize, input: usize) -> usize {
        self.codes_at(block) + input / 4 * GROUP + input % 4
    }

    /// The byte with the low four bits of a code, and how far they are shifted in it.
    fn nibble_at(&self, block: usize, input: usize) -> (usize, usize) {
        let group = input / 4;
        (self.codes_at(block) + group % 4 * GROUP + input % 4, group / 4 * 4)
    }

    /// The byte with the fifth bit of a code of five, and how far it is shifted in it.
    fn bit_at(&self, block: usize, input: usize) -> (usize, usize) {
        (self.codes_at(block) + 4 * GROUP + input % 4, input / 4)
    }

    /// The byte with the upper two bits of a code of six, and how far they are shifted in it.
    fn pair_at(&self, block: usize, input: usize) -> (usize, usize) {
        let group = input / 4;
        (
            self.codes_at(block) + (4 + group / 4) * GROUP + input % 4,
            group % 4 * 2,
        )
    }

    fn put_nibble(&self, panel: &mut [u8], block: usize, input: usize, code: u8) {
        let (at, shift) = self.nibble_at(block, input);
        panel[at] |= code << shift;
    }

    fn write_q5_0(&self, index: usize, block: &[u8], panel: &mut [u8]) {
        self.put(panel, self.scale_at(index), &block[..2]);
        for input in 0..32 {
            self.put_nibble(panel, index, input, block[6 + input % 16] >> (input / 16 * 4) & 15);
            let (at, shift) = self.bit_at(index, input);
            panel[at] |= (block[2 + input / 8] >> (input % 8) & 1) << shift;
        }
    }

    fn write_q4k(&self, index: usize, block: &[u8], panel: &mut [u8]) {
        self.put(panel, self.scale_at(index * 8), &block[..2]);
        self.put(panel, self.scale_at(index * 8) + SCALES, &block[2..4]);
        for part in 0..8 {
            let (scale, offset) = six_bits(&block[4..16], part);
            let factors = self.factors_at(index * 8 + part);
            (panel[factors[0]], panel[factors[1]]) = (scale, offset);
            for input in 0..32 {
                let code = block[16 + part / 2 * 32 + input] >> (part % 2 * 4) & 15;
                self.put_nibble(panel, index * 8 + part, input, code);
            }
        }
    }

    fn write_q6k(&self, index: usize, block: &[u8], panel: &mut [u8]) {
        self.put(panel, self.scale_at(index * 8), &block[208..210]);
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
            panel[self.factors_at(index * 8 + sixteen / 2)[sixteen % 2]] = *scale;
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
            *value = match self.format {
                Format::F32 => {
                    let at = (index * PANEL + self.lane) * 4;
                    f32::from_le_bytes([panel[at], panel[at + 1], panel[at + 2], panel[at + 3]])
                }
                Format::F16 => half((index * PANEL + self.lane) * 2),
                Format::Bf16 => bf16::from_bits(word(self.bf16_at(index))).to_f32(),
                Format::Q8_0 => half(self.scale_at(block)) * (f32::from(panel[self.byte_at(block, input)]) - 128.0),
                Format::Q5_0 => {
                    let (at, shift) = self.bit_at(block, input);
                    let code = nibble(block, input) | (panel[at] >> shift & 1) << 4;
                    half(self.scale_at(block)) * (f32::from(code) - 16.0)
                }
                Format::Q4_0 => half(self.scale_at(block)) * (f32::from(nibble(block, input)) - 8.0),
                Format::Q4K => {
                    let (scale, factors) = (self.scale_at(block), self.factors_at(block));
                    half(scale) * f32::from(panel[factors[0]]) * f32::from(nibble(block, input))
                        - half(scale + SCALES) * f32::from(panel[factors[1]])
                }
                Format::Q6K => {
                    let factor = panel[self.factors_at(block)[input / 16]] as i8;
                    let (at, shift) = self.pair_at(block, input);
                    let code = nibble(block, input) | (panel[at] >> shift & 3) << 4;
                    half(self.scale_at(block)) * f32::from(factor) * (f32::from(code) - 32.0)
                }
            };
        }
    }
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
