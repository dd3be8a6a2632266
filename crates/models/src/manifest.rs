//! A model's name: the root over everything that decides what it answers.
//!
//! Leaves, in this order, each SCALE-encoded and hashed as `laurel_protocol::merkle_root` does:
//! 1. kind, version of the sampler, context;
//! 2. the configuration and tokenizer files that the engine reads, by name, with their BLAKE2b-256 digests;
//! 3. for each weight tensor, by name, each chunk of 1 MiB of its bytes: name, type, shape, place, BLAKE2b-256 digest.
//!
//! How tensors are spread over files does not matter, and neither do files that the engine does not read. A value or a shape
//! that differs gives another root.
use crate::ModelError;
use blake2::digest::consts::U32;
use blake2::{Blake2b, Digest};
use codec::Encode;
use laurel_engine::checkpoint::{Checkpoint, StoredType};
use laurel_engine::decoder::{self, Architecture};
use laurel_engine::{embedding, EngineError, ModelDir, SAMPLER_VERSION};
use laurel_types::{AcceptedModel, ModelKind, ModelRoot, TokenizerRoot};
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// Bytes of a tensor under one leaf.
pub const CHUNK: usize = 1 << 20;

/// What a text model's answers depend on besides its weights.
const TEXT_FILES: [&str; 5] = [
    "chat_template.jinja",
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
];
/// What an embedding model's answers depend on besides its weights.
const EMBEDDING_FILES: [&str; 5] = [
    "1_Pooling/config.json",
    "config.json",
    "modules.json",
    "sentence_bert_config.json",
    "tokenizer.json",
];
/// Under this name, the beginning of a GGUF file counts: what it says about its model.
const GGUF_HEADER: &str = "gguf-header";

/// How a model cuts text into tokens.
const TOKENIZER_FILE: &str = "tokenizer.json";

/// A digest of 32 bytes.
type Digest32 = [u8; 32];

/// What a model folder holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The name under which a subnet accepts the model.
    #[serde(with = "hex_root")]
    pub root: ModelRoot,
    /// What it does.
    pub kind: ModelKind,
    /// Longest input plus output, in tokens.
    pub context: u32,
    /// Version of the sampler that its answers are checked with; 0 for embeddings, which are not sampled.
    pub sampler: u32,
    /// Numbers in its weights.
    pub parameters: u64,
    /// Configuration and tokenizer files, by name.
    pub files: Vec<FileDigest>,
    /// Weight tensors, by name.
    pub tensors: Vec<TensorDigest>,
}

/// A file that counts as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileDigest {
    /// Its name in the folder.
    pub name: String,
    /// BLAKE2b-256 of its bytes.
    #[serde(with = "hex_digest")]
    pub digest: Digest32,
}

/// A weight tensor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TensorDigest {
    /// Its name.
    pub name: String,
    /// Type of its elements, as safetensors names it.
    pub dtype: String,
    /// Its shape.
    pub shape: Vec<u64>,
    /// BLAKE2b-256 of each [`CHUNK`] of its bytes.
    #[serde(with = "hex_digests")]
    pub chunks: Vec<Digest32>,
}

#[derive(Encode)]
enum Leaf<'a> {
    Model {
        kind: ModelKind,
        sampler: u32,
        context: u32,
    },
    File {
        name: &'a str,
        digest: Digest32,
    },
    Chunk {
        tensor: &'a str,
        dtype: &'a str,
        shape: &'a [u64],
        index: u32,
        digest: Digest32,
    },
}

impl Manifest {
    /// The root of what it lists.
    pub(crate) fn computed_root(&self) -> ModelRoot {
        root((self.kind, self.sampler, self.context), &self.files, &self.tensors)
    }

    /// The entry by which a subnet accepts this model.
    pub fn accepted(&self) -> AcceptedModel {
        let file = |name: &str| self.files.iter().find(|file| file.name == name);
        // A GGUF file without tokenizer.json brings its own in its header.
        let tokenizer = file(TOKENIZER_FILE).or_else(|| file(GGUF_HEADER));
        AcceptedModel {
            root: self.root,
            kind: self.kind,
            context: self.context,
            // Every kind of model has one of the two, and reading the manifest of a folder without fails.
            tokenizer: TokenizerRoot(tokenizer.map_or([0; 32], |file| file.digest)),
            sampler: self.sampler,
        }
    }
}

/// Reads a model folder whole and works out its root. Takes about a second for 300 MB; call it off the async threads.
pub fn manifest(dir: &Path) -> Result<Manifest, ModelError> {
    let dir = ModelDir::open(dir)?;
    let (kind, context, sampler, names) = if is_embedding(&dir)? {
        (
            ModelKind::Embedding,
            embedding::read_limit(&dir)?,
            0,
            &EMBEDDING_FILES[..],
        )
    } else {
        let context = Architecture::read(&dir)?.context;
        (ModelKind::Text, context, SAMPLER_VERSION, &TEXT_FILES[..])
    };
    let gguf = dir.gguf_file()?.map(|_| Checkpoint::open(&dir)).transpose()?;
    let brings_tokenizer = gguf.as_ref().is_some_and(Checkpoint::brings_tokenizer);
    let is_needed = |name: &str| match name {
        TOKENIZER_FILE => !brings_tokenizer,
        "config.json" => gguf.is_none(),
        _ => false,
    };
    let mut files = Vec::new();
    for name in names {
        // The engine does without the others.
        if dir.path(name).exists() || is_needed(name) {
            files.push(FileDigest {
                name: (*name).to_owned(),
                digest: digest(&dir.bytes(name)?),
            });
        }
    }
    let (tensors, parameters) = match &gguf {
        None => tensors(&dir)?,
        Some(checkpoint) => {
            files.push(FileDigest {
                name: GGUF_HEADER.to_owned(),
                digest: digest(&checkpoint.header()?),
            });
            files.sort_by(|a, b| a.name.cmp(&b.name));
            gguf_tensors(checkpoint)?
        }
    };
    let context = context as u32;
    let root = root((kind, sampler, context), &files, &tensors);
    Ok(Manifest {
        root,
        kind,
        context,
        sampler,
        parameters,
        files,
        tensors,
    })
}

/// Whether the model embeds; what does neither that nor text is refused.
fn is_embedding(dir: &ModelDir) -> Result<bool, ModelError> {
    #[derive(Deserialize)]
    struct Named {
        model_type: Option<String>,
    }
    if dir.gguf_file()?.is_some() {
        return Ok(false);
    }
    let named: Named = dir.json("config.json")?;
    match named.model_type.as_deref() {
        Some(name) if embedding::runs(name) => Ok(true),
        Some(name) if decoder::runs(name) => Ok(false),
        other => Err(EngineError::Unsupported {
            path: dir.path("config.json"),
            reason: format!(
                "model_type {} is not among those of docs/models.md",
                other.unwrap_or("not given")
            ),
        }
        .into()),
    }
}

fn gguf_tensors(checkpoint: &Checkpoint) -> Result<(Vec<TensorDigest>, u64), ModelError> {
    let mut tensors = Vec::new();
    let mut parameters = 0;
    for (name, tensor) in checkpoint.tensors() {
        let shape: Vec<u64> = tensor.shape.iter().map(|size| *size as u64).collect();
        parameters += shape.iter().product::<u64>();
        tensors.push(TensorDigest {
            name: name.clone(),
            dtype: match tensor.stored {
                StoredType::Weights(format) => format!("gguf {format:?}"),
                other => format!("gguf {other:?}"),
            },
            shape,
            chunks: checkpoint.bytes(tensor)?.chunks(CHUNK).map(digest).collect(),
        });
    }
    Ok((tensors, parameters))
}

fn tensors(dir: &ModelDir) -> Result<(Vec<TensorDigest>, u64), ModelError> {
    let mut tensors = BTreeMap::new();
    let mut parameters = 0;
    for path in dir.weight_files()? {
        let bytes = dir.weight_bytes(&path)?;
        let bad = |reason: String| EngineError::BadFile {
            path: path.clone(),
            reason,
        };
        let parsed = SafeTensors::deserialize(&bytes).map_err(|error| bad(error.to_string()))?;
        for (name, view) in parsed.tensors() {
            let shape: Vec<u64> = view.shape().iter().map(|size| *size as u64).collect();
            parameters += shape.iter().product::<u64>();
            let chunks = view.data().chunks(CHUNK).map(digest).collect();
            let tensor = TensorDigest {
                name: name.clone(),
                dtype: format!("{:?}", view.dtype()),
                shape,
                chunks,
            };
            if tensors.insert(name.clone(), tensor).is_some() {
                return Err(bad(format!("tensor {name} is also in another file")).into());
            }
        }
    }
    Ok((tensors.into_values().collect(), parameters))
}

fn root((kind, sampler, context): (ModelKind, u32, u32), files: &[FileDigest], tensors: &[TensorDigest]) -> ModelRoot {
    let mut leaves = vec![Leaf::Model { kind, sampler, context }.encode()];
    leaves.extend(files.iter().map(|file| {
        Leaf::File {
            name: &file.name,
            digest: file.digest,
        }
        .encode()
    }));
    for tensor in tensors {
        let TensorDigest {
            name,
            dtype,
            shape,
            chunks,
        } = tensor;
        let chunk = |(index, digest): (usize, &Digest32)| {
            Leaf::Chunk {
                tensor: name,
                dtype,
                shape,
                index: index as u32,
                digest: *digest,
            }
            .encode()
        };
        leaves.extend(chunks.iter().enumerate().map(chunk));
    }
    ModelRoot(laurel_protocol::merkle_root(&leaves))
}

fn digest(bytes: &[u8]) -> Digest32 {
    Blake2b::<U32>::digest(bytes).into()
}

mod hex_root {
    use super::{hex_digest, ModelRoot};
    use serde::{Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(root: &ModelRoot, serializer: S) -> Result<S::Ok, S::Error> {
        hex_digest::serialize(&root.0, serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ModelRoot, D::Error> {
        hex_digest::deserialize(deserializer).map(ModelRoot)
    }
}

mod hex_digest {
    use super::Digest32;
    use serde::{de::Error, Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(digest: &Digest32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(digest))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Digest32, D::Error> {
        parsed(&String::deserialize(deserializer)?)
    }

    pub(super) fn parsed<E: Error>(text: &str) -> Result<Digest32, E> {
        let mut digest = Digest32::default();
        let text = text.strip_prefix("0x").unwrap_or(text);
        hex::decode_to_slice(text, &mut digest).map_err(E::custom)?;
        Ok(digest)
    }
}

mod hex_digests {
    use super::{hex_digest, Digest32};
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(digests: &[Digest32], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(digests.iter().map(hex::encode))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Digest32>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        texts.iter().map(|text| hex_digest::parsed(text)).collect()
    }
}
