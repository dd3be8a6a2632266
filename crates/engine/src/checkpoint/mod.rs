//! The tensors of a model's files: what is there, and the bytes of one at a time.
//!
//! Opening reads headers only and checks that every tensor lies within its file. A tensor is read when it is asked for, so that
//! memory holds the model and one tensor on its way, never a second copy of all.
mod gguf;
mod safetensors;

use crate::kernels::Format;
use crate::{EngineError, ModelDir};
use half::{bf16, f16};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

pub use gguf::{Metadata, Value};

/// Most tensors of a model; published ones have a few thousand.
const MAX_TENSORS: usize = 1 << 17;
/// Most dimensions of a tensor.
const MAX_DIMENSIONS: usize = 4;

/// How a tensor's numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoredType {
    /// As the kernels read them.
    Weights(Format),
    /// 64-bit floats, which are read as 32-bit ones.
    F64,
    /// Whole numbers; they are listed and never read.
    Integers,
}

impl StoredType {
    fn row_bytes(self, columns: usize) -> Option<usize> {
        match self {
            Self::Weights(format) => format.row_bytes(columns),
            Self::F64 => columns.checked_mul(8),
            Self::Integers => None,
        }
    }
}

/// A tensor in a file.
#[derive(Clone, Debug)]
pub struct StoredTensor {
    /// How its numbers are stored.
    pub stored: StoredType,
    /// Its shape, outermost first.
    pub shape: Vec<usize>,
    file: usize,
    offset: u64,
    bytes: usize,
}

/// The tensors of a model.
pub struct Checkpoint {
    files: Vec<(PathBuf, File)>,
    tensors: BTreeMap<String, StoredTensor>,
    metadata: Option<Metadata>,
    /// Bytes of a GGUF file before its tensors.
    header: usize,
}

impl Checkpoint {
    /// Opens the weights of a folder, or the GGUF file that stands for one.
    pub fn open(dir: &ModelDir) -> Result<Self, EngineError> {
        let mut checkpoint = Self {
            files: Vec::new(),
            tensors: BTreeMap::new(),
            metadata: None,
            header: 0,
        };
        if let Some(path) = dir.gguf_file()? {
            let file = open(&path)?;
            let header = gguf::read_header(&path, &file)?;
            checkpoint.metadata = Some(header.metadata);
            checkpoint.header = header.bytes;
            checkpoint.add(path, file, header.tensors)?;
        } else {
            for path in dir.weight_files()? {
                let file = open(&path)?;
                let tensors = safetensors::read_header(&path, &file)?;
                checkpoint.add(path, file, tensors)?;
            }
        }
        Ok(checkpoint)
    }

    fn add(&mut self, path: PathBuf, file: File, tensors: Vec<Listed>) -> Result<(), EngineError> {
        let length = length(&path, &file)?;
        let bad = |reason: String| EngineError::bad_file(&path, reason);
        let mut places = Vec::with_capacity(tensors.len());
        for listed in tensors {
            let tensor = listed
                .locate(self.files.len(), length)
                .map_err(|reason| bad(format!("tensor {}: {reason}", listed.name)))?;
            if tensor.bytes > 0 {
                places.push((tensor.offset, tensor.offset + tensor.bytes as u64, listed.name.clone()));
            }
            if self.tensors.insert(listed.name.clone(), tensor).is_some() {
                return Err(bad(format!("tensor {} is there twice", listed.name)));
            }
        }
        if self.tensors.len() > MAX_TENSORS {
            return Err(bad(format!("more than {MAX_TENSORS} tensors")));
        }
        refuse_overlaps(places).map_err(bad)?;
        self.files.push((path, file));
        Ok(())
    }

    /// What a GGUF file says about its model.
    pub fn metadata(&self) -> Option<&Metadata> {
        self.metadata.as_ref()
    }

    /// Whether it is a GGUF file with a tokenizer of its own.
    pub fn brings_tokenizer(&self) -> bool {
        let kind = |metadata: &Metadata| metadata.text("tokenizer.ggml.model").is_some_and(|kind| kind != "none");
        self.metadata.as_ref().is_some_and(kind)
    }

    /// The file that a complaint about the whole should name.
    pub fn path(&self) -> &Path {
        &self.files[0].0
    }

    /// All tensors by name.
    pub fn tensors(&self) -> &BTreeMap<String, StoredTensor> {
        &self.tensors
    }

    /// A tensor that may be there.
    pub fn find(&self, name: &str) -> Option<&StoredTensor> {
        self.tensors.get(name)
    }

    /// A tensor that must be there, in this shape.
    pub fn expect(&self, name: &str, shape: &[usize]) -> Result<&StoredTensor, EngineError> {
        let Some(tensor) = self.tensors.get(name) else {
            return Err(EngineError::bad_file(self.path(), format!("it has no tensor {name}")));
        };
        if tensor.shape != shape {
            let reason = format!(
                "tensor {name} has shape {:?}, the configuration asks for {shape:?}",
                tensor.shape
            );
            return Err(EngineError::bad_file(&self.files[tensor.file].0, reason));
        }
        if tensor.stored == StoredType::Integers {
            let reason = format!("tensor {name} holds whole numbers, not weights");
            return Err(EngineError::bad_file(&self.files[tensor.file].0, reason));
        }
        Ok(tensor)
    }

    /// What stands in a GGUF file before its tensors.
    pub fn header(&self) -> Result<Vec<u8>, EngineError> {
        let (path, file) = &self.files[0];
        let mut bytes = vec![0; self.header];
        read_at(path, file, 0, &mut bytes)?;
        Ok(bytes)
    }

    /// The bytes of a tensor as they lie in its file; nothing is checked.
    pub fn bytes(&self, tensor: &StoredTensor) -> Result<Vec<u8>, EngineError> {
        let (path, file) = &self.files[tensor.file];
        let mut bytes = vec![0; tensor.bytes];
        read_at(path, file, tensor.offset, &mut bytes)?;
        Ok(bytes)
    }

    /// The bytes of a tensor, row after row. Every number in them is finite.
    pub fn read(&self, name: &str, shape: &[usize]) -> Result<(Format, Vec<u8>), EngineError> {
        let tensor = self.expect(name, shape)?;
        let path = &self.files[tensor.file].0;
        let mut bytes = self.bytes(tensor)?;
        let format = match tensor.stored {
            StoredType::Weights(format) => format,
            _ => {
                bytes = narrowed(&bytes);
                Format::F32
            }
        };
        if !is_finite(format, &bytes) {
            let reason = format!("tensor {name} holds a number that is not finite");
            return Err(EngineError::bad_file(path, reason));
        }
        Ok((format, bytes))
    }

    /// A tensor of floats as 32-bit ones, in the order of its rows.
    pub fn floats(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, EngineError> {
        let (format, bytes) = self.read(name, shape)?;
        to_floats(format, &bytes).ok_or_else(|| {
            let reason = format!("tensor {name} is stored as {format:?}, expected floats");
            EngineError::bad_file(self.path(), reason)
        })
    }
}

/// A tensor as a header lists it.
struct Listed {
    name: String,
    stored: StoredType,
    shape: Vec<usize>,
    /// From the beginning of the file.
    offset: u64,
    /// As listed, where the format lists it.
    bytes: Option<u64>,
}

impl Listed {
    fn locate(&self, file: usize, length: u64) -> Result<StoredTensor, String> {
        if self.shape.len() > MAX_DIMENSIONS {
            return Err(format!("{} dimensions, at most {MAX_DIMENSIONS}", self.shape.len()));
        }
        let columns = self.shape.last().copied().unwrap_or(1);
        let rows = self.shape[..self.shape.len().saturating_sub(1)]
            .iter()
            .try_fold(1usize, |rows, size| rows.checked_mul(*size));
        if rows.and_then(|rows| rows.checked_mul(columns)).is_none() {
            return Err(format!("shape {:?} is impossible", self.shape));
        }
        let bytes = match (self.stored, self.bytes) {
            // Of whole numbers the width is not kept; nobody reads them.
            (StoredType::Integers, Some(bytes)) => usize::try_from(bytes).ok(),
            (StoredType::Integers, None) => Some(0),
            _ => self
                .stored
                .row_bytes(columns)
                .zip(rows)
                .and_then(|(row, rows)| row.checked_mul(rows)),
        };
        let Some(bytes) = bytes else {
            return Err(match self.stored {
                StoredType::Weights(format) if !columns.is_multiple_of(format.block().0) => format!(
                    "its rows of {columns} are no multiple of the {} weights of a block of {format:?}",
                    format.block().0
                ),
                stored => format!("shape {:?} is impossible for {stored:?}", self.shape),
            });
        };
        if self.bytes.is_some_and(|listed| listed != bytes as u64) {
            return Err(format!("it takes {bytes} bytes, the header says otherwise"));
        }
        if self.offset.checked_add(bytes as u64).is_none_or(|end| end > length) {
            return Err("it ends beyond the end of the file, which is cut short".into());
        }
        Ok(StoredTensor {
            stored: self.stored,
            shape: self.shape.clone(),
            file,
            offset: self.offset,
            bytes,
        })
    }
}

/// Tensors that share bytes would make memory of many times the file's size. `places` are begin, end and name.
fn refuse_overlaps(mut places: Vec<(u64, u64, String)>) -> Result<(), String> {
    places.sort();
    match places.windows(2).find(|two| two[1].0 < two[0].1) {
        None => Ok(()),
        Some(two) => Err(format!("tensors {} and {} share bytes", two[0].2, two[1].2)),
    }
}

fn open(path: &Path) -> Result<File, EngineError> {
    File::open(path).map_err(|source| EngineError::unreadable(path, source))
}

fn length(path: &Path, file: &File) -> Result<u64, EngineError> {
    let metadata = file
        .metadata()
        .map_err(|source| EngineError::unreadable(path, source))?;
    Ok(metadata.len())
}

fn read_at(path: &Path, mut file: &File, offset: u64, into: &mut [u8]) -> Result<(), EngineError> {
    file.seek(SeekFrom::Start(offset))
        .and_then(|_| file.read_exact(into))
        .map_err(|source| EngineError::unreadable(path, source))
}

/// Whether every number is finite; of blocks the scales decide, for what they scale always is.
fn is_finite(format: Format, bytes: &[u8]) -> bool {
    let finite16 = |bytes: &[u8]| u16::from_le_bytes([bytes[0], bytes[1]]) & 0x7c00 != 0x7c00;
    let (_, size) = format.block();
    let mut blocks = bytes.chunks_exact(size);
    match format {
        Format::F32 => blocks.all(|block| u16::from_le_bytes([block[2], block[3]]) & 0x7f80 != 0x7f80),
        Format::Bf16 => blocks.all(|block| u16::from_le_bytes([block[0], block[1]]) & 0x7f80 != 0x7f80),
        Format::F16 | Format::Q8_0 | Format::Q5_0 | Format::Q4_0 => blocks.all(finite16),
        Format::Q4K => blocks.all(|block| finite16(block) && finite16(&block[2..])),
        Format::Q6K => blocks.all(|block| finite16(&block[208..])),
    }
}

fn narrowed(bytes: &[u8]) -> Vec<u8> {
    let wide = |bytes: &[u8]| f64::from_le_bytes(std::array::from_fn(|at| bytes[at]));
    bytes
        .chunks_exact(8)
        .flat_map(|bytes| (wide(bytes) as f32).to_le_bytes())
        .collect()
}

fn to_floats(format: Format, bytes: &[u8]) -> Option<Vec<f32>> {
    let halves = |convert: fn(u16) -> f32| {
        bytes
            .chunks_exact(2)
            .map(|bytes| convert(u16::from_le_bytes([bytes[0], bytes[1]])))
            .collect()
    };
    match format {
        Format::F32 => Some(
            bytes
                .chunks_exact(4)
                .map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
                .collect(),
        ),
        Format::F16 => Some(halves(|bits| f16::from_bits(bits).to_f32())),
        Format::Bf16 => Some(halves(|bits| bf16::from_bits(bits).to_f32())),
        _ => None,
    }
}

/// Files that an index names: plain names of files beside it, at least one.
pub(crate) fn checked_shards(shards: BTreeSet<String>) -> Result<BTreeSet<String>, String> {
    // Anything but a plain name could point out of the folder.
    if let Some(odd) = shards
        .iter()
        .find(|shard| Path::new(shard).file_name() != Some(shard.as_ref()))
    {
        return Err(format!("it names {odd:?}, not a file beside it"));
    }
    if shards.is_empty() {
        return Err("it names no file".into());
    }
    Ok(shards)
}
