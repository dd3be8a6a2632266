//! The header of a safetensors file.
use super::{length, read_at, Listed, StoredType, MAX_TENSORS};
use crate::kernels::Format;
use crate::EngineError;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use std::fmt;
use std::fs::File;
use std::path::Path;

/// Longest header that is read, in bytes.
const MAX_HEADER: u64 = 64 << 20;

#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Entry {
    Tensor {
        dtype: String,
        shape: Vec<usize>,
        data_offsets: (u64, u64),
    },
    /// Under `__metadata__`: text for people.
    Remarks {},
}

/// The entries of a header in their order. A map would keep the last of two with one name and hide the other.
struct Entries(Vec<(String, Entry)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Entries;

            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("an object of tensors")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    if entries.len() > MAX_TENSORS {
                        return Err(A::Error::custom(format!("more than {MAX_TENSORS} tensors")));
                    }
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

pub(super) fn read_header(path: &Path, file: &File) -> Result<Vec<Listed>, EngineError> {
    let bad = |reason: String| EngineError::bad_file(path, reason);
    let length = length(path, file)?;
    if length < 8 {
        return Err(bad("it is too short for a safetensors file".into()));
    }
    let mut size = [0; 8];
    read_at(path, file, 0, &mut size)?;
    let size = u64::from_le_bytes(size);
    if size > MAX_HEADER || size + 8 > length {
        return Err(bad(format!(
            "its header claims {size} bytes; it is no safetensors file or cut short"
        )));
    }
    let mut header = vec![0; size as usize];
    read_at(path, file, 8, &mut header)?;
    let Entries(entries) =
        serde_json::from_slice(&header).map_err(|error| bad(format!("its header is not JSON as expected: {error}")))?;
    let mut tensors = Vec::with_capacity(entries.len());
    for (name, entry) in entries {
        let Entry::Tensor {
            dtype,
            shape,
            data_offsets: (begin, end),
        } = entry
        else {
            if name == "__metadata__" {
                continue;
            }
            return Err(bad(format!("tensor {name} lacks type, shape or offsets")));
        };
        let (stored, bytes) = (stored(&dtype), end.checked_sub(begin));
        let (Some(stored), Some(bytes), Some(offset)) = (stored, bytes, begin.checked_add(size + 8)) else {
            return Err(bad(format!("tensor {name} has type {dtype} or offsets that cannot be")));
        };
        tensors.push(Listed {
            name,
            stored,
            shape,
            offset,
            bytes: Some(bytes),
        });
    }
    Ok(tensors)
}

fn stored(dtype: &str) -> Option<StoredType> {
    Some(match dtype {
        "F64" => StoredType::F64,
        "F32" => StoredType::Weights(Format::F32),
        "F16" => StoredType::Weights(Format::F16),
        "BF16" => StoredType::Weights(Format::Bf16),
        "I64" | "I32" | "I16" | "I8" | "U64" | "U32" | "U16" | "U8" | "BOOL" => StoredType::Integers,
        _ => return None,
    })
}
