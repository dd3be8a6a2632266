//! The header of a GGUF file, versions 2 and 3: what the file says about its model, and its tensors.
//!
//! Every length in it is checked against the file before memory is taken for it.
use super::{length, Listed, StoredType, MAX_DIMENSIONS, MAX_TENSORS};
use crate::kernels::Format;
use crate::EngineError;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// Most entries of metadata.
const MAX_ENTRIES: u64 = 1 << 16;
/// Longest list; vocabularies have some hundred thousand entries.
const MAX_LIST: u64 = 1 << 22;
/// Longest name or text, in bytes.
const MAX_TEXT: u64 = 16 << 20;

/// What a GGUF file says about its model, by key.
#[derive(Clone, Debug, Default)]
pub struct Metadata(BTreeMap<String, Value>);

/// A value of [`Metadata`].
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A whole number of any width.
    Integer(i128),
    /// A float of either width.
    Float(f64),
    /// Yes or no.
    Bool(bool),
    /// A text.
    Text(String),
    /// A list of texts.
    Texts(Vec<String>),
    /// A list of numbers or of yes and no (1 and 0).
    Numbers(Vec<f64>),
}

impl Metadata {
    /// A value.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// A text.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.get(key)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A whole number that is not negative. A list whose entries are all the same stands for that number.
    pub fn integer(&self, key: &str) -> Option<usize> {
        match self.get(key)? {
            Value::Integer(number) => usize::try_from(*number).ok(),
            Value::Numbers(numbers) => {
                let first = *numbers.first()?;
                let same = numbers.iter().all(|number| *number == first);
                (same && first >= 0.0 && first.fract() == 0.0).then_some(first as usize)
            }
            _ => None,
        }
    }

    /// A float.
    pub fn float(&self, key: &str) -> Option<f64> {
        match self.get(key)? {
            Value::Float(number) => Some(*number),
            Value::Integer(number) => Some(*number as f64),
            _ => None,
        }
    }
}

pub(super) struct Header {
    pub(super) metadata: Metadata,
    pub(super) tensors: Vec<Listed>,
    /// Where the tensors begin.
    pub(super) bytes: usize,
}

pub(super) fn read_header(path: &Path, file: &File) -> Result<Header, EngineError> {
    let length = length(path, file)?;
    let mut reader = Reader {
        input: BufReader::with_capacity(1 << 16, file),
        left: length,
    };
    reader
        .header(length)
        .map_err(|reason| EngineError::bad_file(path, reason))
}

/// Reads numbers and texts, and knows how much of the file is left.
struct Reader<'a> {
    input: BufReader<&'a File>,
    left: u64,
}

type Parsed<T> = Result<T, String>;

impl Reader<'_> {
    fn header(&mut self, length: u64) -> Parsed<Header> {
        self.input.seek(SeekFrom::Start(0)).map_err(|error| error.to_string())?;
        if self.bytes::<4>()? != *b"GGUF" {
            return Err("it is not a GGUF file".into());
        }
        let version = self.u32()?;
        if !(2..=3).contains(&version) {
            return Err(format!("GGUF version {version}, expected 2 or 3"));
        }
        let (count, entries) = (self.u64()?, self.u64()?);
        if count > MAX_TENSORS as u64 || entries > MAX_ENTRIES {
            return Err(format!("{count} tensors and {entries} entries cannot be"));
        }
        let mut metadata = BTreeMap::new();
        for _ in 0..entries {
            let key = self.text()?;
            let kind = self.u32()?;
            let value = self.value(kind)?;
            if metadata.contains_key(&key) {
                return Err(format!("it says {key} twice"));
            }
            metadata.insert(key, value);
        }
        let metadata = Metadata(metadata);
        let mut tensors = Vec::new();
        for _ in 0..count {
            tensors.push(self.tensor()?);
        }
        let alignment = metadata.integer("general.alignment").unwrap_or(32) as u64;
        if !alignment.is_power_of_two() || alignment > 1 << 20 {
            return Err(format!("alignment {alignment} cannot be"));
        }
        let data = (length - self.left).next_multiple_of(alignment);
        for tensor in &mut tensors {
            let aligned = tensor.offset.is_multiple_of(alignment);
            tensor.offset = tensor.offset.checked_add(data).filter(|_| aligned).ok_or_else(|| {
                format!(
                    "tensor {} begins at {}, which cannot be: offsets are multiples of {alignment}",
                    tensor.name, tensor.offset
                )
            })?;
        }
        if data > length {
            return Err("its header ends early: it is cut short".into());
        }
        Ok(Header {
            metadata,
            tensors,
            bytes: data as usize,
        })
    }

    /// Offsets are from the beginning of the data, which is known only after the last of them.
    fn tensor(&mut self) -> Parsed<Listed> {
        let name = self.text()?;
        let dimensions = self.u32()? as usize;
        if dimensions > MAX_DIMENSIONS {
            return Err(format!(
                "tensor {name} has {dimensions} dimensions, at most {MAX_DIMENSIONS}"
            ));
        }
        let mut shape = Vec::with_capacity(dimensions);
        for _ in 0..dimensions {
            let size = self.u64()?;
            shape.push(usize::try_from(size).map_err(|_| format!("tensor {name} is too large"))?);
        }
        // GGUF names the innermost first.
        shape.reverse();
        let kind = self.u32()?;
        let stored = match kind {
            0 => StoredType::Weights(Format::F32),
            1 => StoredType::Weights(Format::F16),
            2 => StoredType::Weights(Format::Q4_0),
            6 => StoredType::Weights(Format::Q5_0),
            8 => StoredType::Weights(Format::Q8_0),
            12 => StoredType::Weights(Format::Q4K),
            14 => StoredType::Weights(Format::Q6K),
            24..=27 => StoredType::Integers,
            28 => StoredType::F64,
            30 => StoredType::Weights(Format::Bf16),
            other => {
                return Err(format!(
                    "tensor {name} is stored as type {other}; types that run are F32, F16, BF16, Q8_0, Q5_0, Q4_0, Q4_K and Q6_K"
                ))
            }
        };
        Ok(Listed {
            name,
            stored,
            shape,
            offset: self.u64()?,
            bytes: None,
        })
    }

    fn value(&mut self, kind: u32) -> Parsed<Value> {
        Ok(match kind {
            0..=5 | 10 | 11 => Value::Integer(self.integer(kind)?),
            6 => Value::Float(f32::from_le_bytes(self.bytes()?).into()),
            7 => Value::Bool(self.bytes::<1>()?[0] != 0),
            8 => Value::Text(self.text()?),
            9 => self.list()?,
            12 => Value::Float(f64::from_le_bytes(self.bytes()?)),
            other => return Err(format!("metadata of type {other} cannot be")),
        })
    }

    fn list(&mut self) -> Parsed<Value> {
        let (kind, count) = (self.u32()?, self.u64()?);
        let least = match kind {
            0 | 1 | 7 => 1,
            2 | 3 => 2,
            4..=6 => 4,
            8 | 10..=12 => 8,
            other => return Err(format!("a list of type {other} is not expected")),
        };
        if count > MAX_LIST || count * least > self.left {
            return Err(format!(
                "a list of {count} entries is too long or ends beyond the end of the file"
            ));
        }
        if kind == 8 {
            return (0..count).map(|_| self.text()).collect::<Parsed<_>>().map(Value::Texts);
        }
        let mut numbers = Vec::with_capacity(count as usize);
        for _ in 0..count {
            numbers.push(match self.value(kind)? {
                Value::Integer(number) => number as f64,
                Value::Float(number) => number,
                Value::Bool(yes) => f64::from(u8::from(yes)),
                _ => return Err("a list of lists is not expected".into()),
            });
        }
        Ok(Value::Numbers(numbers))
    }

    fn integer(&mut self, kind: u32) -> Parsed<i128> {
        Ok(match kind {
            0 => self.bytes::<1>()?[0].into(),
            1 => i8::from_le_bytes(self.bytes()?).into(),
            2 => u16::from_le_bytes(self.bytes()?).into(),
            3 => i16::from_le_bytes(self.bytes()?).into(),
            4 => self.u32()?.into(),
            5 => i32::from_le_bytes(self.bytes()?).into(),
            10 => self.u64()?.into(),
            _ => i64::from_le_bytes(self.bytes()?).into(),
        })
    }

    fn text(&mut self) -> Parsed<String> {
        let size = self.u64()?;
        if size > MAX_TEXT || size > self.left {
            return Err(format!("a text of {size} bytes ends beyond the end of the file"));
        }
        let mut bytes = vec![0; size as usize];
        self.fill(&mut bytes)?;
        // Vocabularies hold pieces of characters.
        Ok(String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
    }

    fn u32(&mut self) -> Parsed<u32> {
        Ok(u32::from_le_bytes(self.bytes()?))
    }

    fn u64(&mut self) -> Parsed<u64> {
        Ok(u64::from_le_bytes(self.bytes()?))
    }

    fn bytes<const N: usize>(&mut self) -> Parsed<[u8; N]> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Parsed<()> {
        self.left = self
            .left
            .checked_sub(bytes.len() as u64)
            .ok_or("its header ends early: it is cut short")?;
        self.input
            .read_exact(bytes)
            .map_err(|error| format!("it cannot be read: {error}"))
    }
}
