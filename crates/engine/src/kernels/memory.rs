//! Memory for weights, keys and values, in large pages where the system has them: with small ones, finding pages costs a decoder a quarter
//! of its speed.
//!
//! A large page is 2 MiB, more than many matrices have. So matrices share regions, which are freed with the last of theirs.
use super::kv::Element;
use candle_core::{Error, Result};
use memmap2::MmapMut;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Size of a shared region. What of it is not used takes addresses, not memory.
const REGION: usize = 64 << 20;
const LARGE_PAGE: usize = 2 << 20;
const LINE: usize = 64;

struct Region {
    start: *mut u8,
    len: usize,
    /// Keeps the memory.
    _map: MmapMut,
}

// SAFETY: the memory moves with its owner, and `Piece`s, which do all accesses, do not overlap.
unsafe impl Send for Region {}
// SAFETY: as above.
unsafe impl Sync for Region {}

impl Region {
    fn new(len: usize) -> Result<Self> {
        let mut map = MmapMut::map_anon(len).map_err(Error::wrap)?;
        // A system that has no large pages serves small ones.
        #[cfg(target_os = "linux")]
        let _ = map.advise(memmap2::Advice::HugePage);
        Ok(Self {
            start: map.as_mut_ptr(),
            len,
            _map: map,
        })
    }
}

/// Zeroed bytes that begin at a multiple of 64.
pub(super) struct Piece {
    region: Arc<Region>,
    offset: usize,
    len: usize,
}

impl Piece {
    /// Takes `len` bytes.
    ///
    /// # Errors
    /// If there is no memory.
    pub(super) fn new(len: usize) -> Result<Self> {
        static CURRENT: Mutex<(Weak<Region>, usize)> = Mutex::new((Weak::new(), 0));
        let space = len
            .checked_next_multiple_of(LARGE_PAGE)
            .ok_or_else(|| Error::msg("too many weights"))?;
        let mut current = CURRENT.lock().unwrap_or_else(PoisonError::into_inner);
        let (region, used) = (current.0.upgrade(), current.1);
        let (region, offset) = match region {
            Some(region) if region.len - used >= len => (region, used),
            // A matrix that is large leaves the region to the small ones.
            Some(_) if len > REGION / 4 => {
                let region = Arc::new(Region::new(space)?);
                return Ok(Self { region, offset: 0, len });
            }
            _ => (Arc::new(Region::new(space.max(REGION))?), 0),
        };
        *current = (
            Arc::downgrade(&region),
            (offset + len).next_multiple_of(LINE).min(region.len),
        );
        Ok(Self { region, offset, len })
    }

    pub(super) fn bytes(&self) -> &[u8] {
        // SAFETY: `new` gave these bytes of the region to this piece alone, which is borrowed.
        unsafe { std::slice::from_raw_parts(self.region.start.add(self.offset), self.len) }
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above, and the piece is borrowed by nobody else.
        unsafe { std::slice::from_raw_parts_mut(self.region.start.add(self.offset), self.len) }
    }
}

/// Zeroed numbers.
pub(super) struct Numbers<T> {
    piece: Piece,
    number: PhantomData<T>,
}

impl<T: Element> Numbers<T> {
    /// Takes room for `len` numbers.
    ///
    /// # Errors
    /// If there is no memory.
    pub(super) fn new(len: usize) -> Result<Self> {
        let bytes = len
            .checked_mul(size_of::<T>())
            .ok_or_else(|| Error::msg("too many numbers"))?;
        Ok(Self {
            piece: Piece::new(bytes)?,
            number: PhantomData,
        })
    }
}

impl<T: Element> Deref for Numbers<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        let bytes = self.piece.bytes();
        // SAFETY: pieces are aligned for every number, as long as `new` said, and any bits are one of an `Element`.
        unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast(), bytes.len() / size_of::<T>()) }
    }
}

impl<T: Element> DerefMut for Numbers<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        let bytes = self.piece.bytes_mut();
        // SAFETY: as above.
        unsafe { std::slice::from_raw_parts_mut(bytes.as_mut_ptr().cast(), bytes.len() / size_of::<T>()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_zeroed_aligned_and_apart() {
        let lens = [1, 100, LARGE_PAGE, REGION / 2, REGION, 3 * REGION, 64, 7];
        let mut pieces: Vec<Piece> = lens.iter().map(|len| Piece::new(*len).unwrap()).collect();
        for (index, (piece, len)) in pieces.iter_mut().zip(lens).enumerate() {
            assert!((piece.bytes().as_ptr() as usize).is_multiple_of(64));
            assert_eq!(piece.bytes().len(), len);
            assert!(piece.bytes().iter().all(|byte| *byte == 0));
            piece.bytes_mut().fill(index as u8 + 1);
        }
        for (index, piece) in pieces.iter().enumerate() {
            assert!(piece.bytes().iter().all(|byte| usize::from(*byte) == index + 1));
        }
    }
}
