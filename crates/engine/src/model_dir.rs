//! A model folder in the usual layout: `config.json`, `tokenizer.json` and `model.safetensors`, or a GGUF file instead of the first
//! and the last, or of all three.
use crate::checkpoint::checked_shards;
use crate::EngineError;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Largest configuration or tokenizer file that is read.
const MAX_TEXT_FILE: u64 = 64 << 20;

/// A folder that holds a model.
#[derive(Clone, Debug)]
pub struct ModelDir {
    folder: PathBuf,
    /// The file that was named instead of its folder.
    gguf: Option<PathBuf>,
}

impl ModelDir {
    /// A folder that exists, or a GGUF file in one; what is in it is checked when it is read.
    pub fn open(path: &Path) -> Result<Self, EngineError> {
        if path.is_dir() {
            return Ok(Self {
                folder: path.to_owned(),
                gguf: None,
            });
        }
        if path.is_file() && is_gguf(path) {
            return Ok(Self {
                folder: path.parent().unwrap_or(Path::new("")).to_owned(),
                gguf: Some(path.to_owned()),
            });
        }
        let remedy = if path.exists() {
            "it is a file; name a GGUF file, or the folder that holds config.json and model.safetensors".to_owned()
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
        self.folder.join(name)
    }

    /// The bytes of a configuration or tokenizer file.
    pub fn bytes(&self, name: &str) -> Result<Vec<u8>, EngineError> {
        let path = self.path(name);
        let size = std::fs::metadata(&path)
            .map_err(|source| EngineError::unreadable(&path, source))?
            .len();
        if size > MAX_TEXT_FILE {
            return Err(EngineError::bad_file(
                &path,
                format!("{size} bytes, more than {MAX_TEXT_FILE}"),
            ));
        }
        std::fs::read(&path).map_err(|source| EngineError::unreadable(&path, source))
    }

    /// A JSON file as a value.
    pub fn json<T: DeserializeOwned>(&self, name: &str) -> Result<T, EngineError> {
        serde_json::from_str(&self.text(name)?).map_err(|error| EngineError::bad_file(&self.path(name), error))
    }

    /// A file's text. Who reads bytes as JSON overlooks broken characters in what it skips.
    pub fn text(&self, name: &str) -> Result<String, EngineError> {
        String::from_utf8(self.bytes(name)?)
            .map_err(|_| EngineError::bad_file(&self.path(name), "it is not text in UTF-8"))
    }

    /// A JSON file as a value, or nothing if there is no such file.
    pub fn optional_json<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, EngineError> {
        if self.path(name).exists() {
            self.json(name).map(Some)
        } else {
            Ok(None)
        }
    }

    /// A file's text, or nothing if there is no such file.
    pub fn optional_text(&self, name: &str) -> Result<Option<String>, EngineError> {
        if self.path(name).exists() {
            self.text(name).map(Some)
        } else {
            Ok(None)
        }
    }

    /// The GGUF file that holds the model, if one does: the one that was named, or the only one of a folder without `config.json`.
    pub fn gguf_file(&self) -> Result<Option<PathBuf>, EngineError> {
        if self.gguf.is_some() || self.path("config.json").exists() {
            return Ok(self.gguf.clone());
        }
        let entries =
            std::fs::read_dir(&self.folder).map_err(|source| EngineError::unreadable(&self.folder, source))?;
        let mut found = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| is_gguf(path));
        let (first, second) = (found.next(), found.next());
        if second.is_some() {
            return Err(EngineError::bad_file(
                &self.folder,
                "it holds several GGUF files; name one of them",
            ));
        }
        Ok(first)
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
        let shards = checked_shards(shards).map_err(|reason| EngineError::bad_file(&self.path(INDEX), reason))?;
        Ok(shards.into_iter().map(|shard| self.path(&shard)).collect())
    }

    /// The bytes of one of [`Self::weight_files`].
    pub fn weight_bytes(&self, path: &Path) -> Result<Vec<u8>, EngineError> {
        std::fs::read(path).map_err(|source| EngineError::unreadable(path, source))
    }
}

fn is_gguf(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("gguf"))
}
