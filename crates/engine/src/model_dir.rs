//! A model folder in the usual layout: `config.json`, `tokenizer.json`, `model.safetensors`.
use crate::EngineError;
use candle_core::{DType, Device, Tensor};
use safetensors::{Dtype, SafeTensors};
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Largest configuration or tokenizer file that is read.
const MAX_TEXT_FILE: u64 = 64 << 20;

/// A folder that holds a model.
#[derive(Clone, Debug)]
pub struct ModelDir(PathBuf);

impl ModelDir {
    /// A folder that exists; what is in it is checked when it is read.
    pub fn open(path: &Path) -> Result<Self, EngineError> {
        if path.is_dir() {
            return Ok(Self(path.to_owned()));
        }
        let remedy = if path.exists() {
            "it is a file; name the folder that holds config.json and model.safetensors".to_owned()
        } else {
            "name an existing model folder (docs/models.md says how to get one)".to_owned()
        };
        Err(EngineError::Missing {
            path: path.into(),
            remedy,
        })
    }

    /// The path of a file in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The bytes of a configuration or tokenizer file.
    pub fn bytes(&self, name: &str) -> Result<Vec<u8>, EngineError> {
        let path = self.path(name);
        let size = std::fs::metadata(&path)
            .map_err(|source| unreadable(&path, source))?
            .len();
        if size > MAX_TEXT_FILE {
            return Err(EngineError::bad_file(
                &path,
                format!("{size} bytes, more than {MAX_TEXT_FILE}"),
            ));
        }
        std::fs::read(&path).map_err(|source| unreadable(&path, source))
    }

    /// A JSON file as a value.
    pub fn json<T: DeserializeOwned>(&self, name: &str) -> Result<T, EngineError> {
        let bytes = self.bytes(name)?;
        serde_json::from_slice(&bytes).map_err(|error| EngineError::bad_file(&self.path(name), error))
    }

    /// A JSON file as a value, or nothing if there is no such file.
    pub fn optional_json<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, EngineError> {
        if self.path(name).exists() {
            self.json(name).map(Some)
        } else {
            Ok(None)
        }
    }

    /// The safetensors files that hold the weights, in the order of their names: `model.safetensors`, or the shards that
    /// `model.safetensors.index.json` names.
    pub fn weight_files(&self) -> Result<Vec<PathBuf>, EngineError> {
        const INDEX: &str = "model.safetensors.index.json";
        #[derive(serde::Deserialize)]
        struct Index {
            weight_map: BTreeMap<String, String>,
        }
        let Some(index) = self.optional_json::<Index>(INDEX)? else {
            return Ok(vec![self.path("model.safetensors")]);
        };
        let shards: BTreeSet<String> = index.weight_map.into_values().collect();
        // A shard is a plain file name; anything else could point out of the folder.
        if let Some(odd) = shards
            .iter()
            .find(|shard| Path::new(shard).file_name() != Some(shard.as_ref()))
        {
            return Err(EngineError::bad_file(
                &self.path(INDEX),
                format!("it names {odd:?}, not a file beside it"),
            ));
        }
        if shards.is_empty() {
            return Err(EngineError::bad_file(&self.path(INDEX), "it names no file"));
        }
        Ok(shards.into_iter().map(|shard| self.path(&shard)).collect())
    }

    /// The bytes of one of [`Self::weight_files`].
    pub fn weight_bytes(&self, path: &Path) -> Result<Vec<u8>, EngineError> {
        std::fs::read(path).map_err(|source| unreadable(path, source))
    }

    /// All weights, converted to `dtype`; tensors of integers (position ids in old checkpoints) are left out.
    pub fn weights(&self, dtype: DType, device: &Device) -> Result<Weights, EngineError> {
        let mut tensors = BTreeMap::new();
        let files = self.weight_files()?;
        for path in &files {
            let bytes = self.weight_bytes(path)?;
            let parsed = SafeTensors::deserialize(&bytes).map_err(|error| EngineError::bad_file(path, error))?;
            for (name, view) in parsed.tensors() {
                let stored = match view.dtype() {
                    Dtype::F32 => DType::F32,
                    Dtype::F16 => DType::F16,
                    Dtype::BF16 => DType::BF16,
                    Dtype::F64 => DType::F64,
                    Dtype::I64 | Dtype::I32 | Dtype::U8 | Dtype::U32 => continue,
                    other => return Err(EngineError::bad_file(path, format!("tensor {name} has type {other:?}"))),
                };
                let tensor = Tensor::from_raw_buffer(view.data(), stored, view.shape(), device)
                    .and_then(|tensor| tensor.to_dtype(dtype))
                    .map_err(|error| EngineError::bad_file(path, error))?;
                tensors.insert(name, tensor);
            }
        }
        Ok(Weights {
            path: files[0].clone(),
            tensors,
        })
    }
}

/// A model's weights by name.
pub struct Weights {
    path: PathBuf,
    tensors: BTreeMap<String, Tensor>,
}

impl Weights {
    /// Takes out a tensor that must be there in this shape.
    pub fn take(&mut self, name: &str, shape: &[usize]) -> Result<Tensor, EngineError> {
        let Some(tensor) = self.tensors.remove(name) else {
            return Err(EngineError::bad_file(&self.path, format!("it has no tensor {name}")));
        };
        if tensor.dims() != shape {
            let reason = format!(
                "tensor {name} has shape {:?}, config.json asks for {shape:?}",
                tensor.dims()
            );
            return Err(EngineError::bad_file(&self.path, reason));
        }
        Ok(tensor)
    }

    /// Whether a tensor is there.
    pub fn contains(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    /// All tensors that were not taken, and the file that they come from.
    pub fn into_parts(self) -> (PathBuf, BTreeMap<String, Tensor>) {
        (self.path, self.tensors)
    }
}

fn unreadable(path: &Path, source: std::io::Error) -> EngineError {
    if source.kind() == std::io::ErrorKind::NotFound {
        let remedy = "the model folder is incomplete; fetch the model again (docs/models.md)".to_owned();
        return EngineError::Missing {
            path: path.into(),
            remedy,
        };
    }
    EngineError::Read {
        path: path.into(),
        source,
    }
}
