//! What names a model: one digest over weights, tokenizer, configuration and sampler version.
//!
//! The root of a manifest is BLAKE2b-256 over the SCALE encoding of [`Preimage`]. Weights enter it as a Merkle root over the
//! tensors in the order of their names, each with its name, type, shape and the Merkle root of its data in chunks of
//! 1 MiB; so a part of a model can later be proved without the whole, and how tensors are spread over files does not matter.
use crate::ModelError;
use blake2::{digest::consts::U32, Blake2b, Digest};
use codec::Encode;
use laurel_engine::ModelDir;
use laurel_protocol::merkle_root;
use laurel_types::{ModelKind, ModelRoot};
use safetensors::tensor::Metadata;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

/// Bytes of tensor data under one leaf.
const CHUNK: usize = 1 << 20;
/// Longest safetensors header that is read; the format's own limit.
const MAX_HEADER: u64 = 100_000_000;
/// Files beside the weights that change what the model answers, as far as they are there.
const FILES: [&str; 5] = [
    "config.json",
    "generation_config.json",
    "sentence_bert_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
];

/// A model's manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Manifest {
    /// What the chain knows the model by.
    #[serde(serialize_with = "as_hex")]
    pub root: ModelRoot,
    /// What it is for.
    pub kind: ModelKind,
    /// Longest input plus output, in tokens.
    pub context: u32,
    /// Version of the canonical sampler that its answers are checked with.
    pub sampler_version: u32,
    /// Digests of the files beside the weights, in hex.
    pub files: BTreeMap<String, String>,
    /// Number of tensors.
    pub tensors: usize,
    /// Bytes of tensor data.
    pub bytes: u64,
}

/// What the root is a digest of.
#[derive(Encode)]
struct Preimage {
    domain: [u8; 17],
    kind: ModelKind,
    context: u32,
    sampler_version: u32,
    files: Vec<(String, [u8; 32])>,
    weights: [u8; 32],
}

/// The parts of `config.json` that say what kind of model it is.
#[derive(Deserialize)]
struct Config {
    model_type: String,
    max_position_embeddings: u32,
}

#[derive(Deserialize)]
struct SentenceConfig {
    max_seq_length: u32,
}

/// One tensor in its file.
struct Stored {
    file: PathBuf,
    offset: u64,
    length: u64,
    dtype: String,
    shape: Vec<u64>,
}

/// Reads the model in `dir` and computes its manifest. Reads every byte of the weights, one chunk at a time.
///
/// # Errors
/// A missing, damaged or unsupported file is named.
pub fn manifest(dir: &Path) -> Result<Manifest, ModelError> {
    let dir = ModelDir::open(dir)?;
    let (kind, context) = describe(&dir)?;
    let mut files = Vec::new();
    for name in FILES {
        if dir.path(name).exists() {
            files.push((name.to_owned(), digest(&dir.bytes(name)?)));
        }
    }
    let stored = tensors(&dir)?;
    let mut leaves = Vec::with_capacity(stored.len());
    for (name, tensor) in &stored {
        let data = merkle_root(&chunks(tensor)?);
        leaves.push((name, &tensor.dtype, &tensor.shape, data).encode());
    }
    let preimage = Preimage {
        domain: *b"laurel/manifest/1",
        kind,
        context,
        sampler_version: laurel_engine::SAMPLER_VERSION,
        weights: merkle_root(&leaves),
        files,
    };
    Ok(Manifest {
        root: ModelRoot(digest(&preimage.encode())),
        kind,
        context,
        sampler_version: preimage.sampler_version,
        files: preimage.files.into_iter().map(|(name, hash)| (name, hex::encode(hash))).collect(),
        tensors: stored.len(),
        bytes: stored.values().map(|tensor| tensor.length).sum(),
    })
}

fn describe(dir: &ModelDir) -> Result<(ModelKind, u32), ModelError> {
    let config: Config = dir.json("config.json")?;
    match config.model_type.as_str() {
        "llama" => Ok((ModelKind::Text, config.max_position_embeddings)),
        "bert" => {
            let stated: Option<SentenceConfig> = dir.optional_json("sentence_bert_config.json")?;
            Ok((ModelKind::Embedding, stated.map_or(config.max_position_embeddings, |stated| stated.max_seq_length)))
        }
        other => Err(ModelError::Invalid {
            path: dir.path("config.json"),
            reason: format!("model_type {other} is not supported: llama and bert are"),
        }),
    }
}

fn digest(bytes: &[u8]) -> [u8; 32] {
    Blake2b::<U32>::digest(bytes).into()
}

/// Every tensor by name, whichever file holds it.
fn tensors(dir: &ModelDir) -> Result<BTreeMap<String, Stored>, ModelError> {
    let mut all = BTreeMap::new();
    for path in dir.weight_files()? {
        let invalid = |reason: String| ModelError::Invalid { path: path.clone(), reason };
        let header = read_header(&path)?;
        let metadata: Metadata = serde_json::from_slice(&header)
            .map_err(|error| invalid(format!("{error}: fetch or convert the model again")))?;
        for (name, info) in metadata.tensors() {
            let (begin, end) = info.data_offsets;
            let stored = Stored {
                file: path.clone(),
                // After the eight bytes of the header's length and the header.
                offset: (8 + header.len() + begin) as u64,
                length: (end - begin) as u64,
                dtype: format!("{:?}", info.dtype),
                shape: info.shape.iter().map(|&side| side as u64).collect(),
            };
            if all.insert(name.clone(), stored).is_some() {
                return Err(invalid(format!("tensor {name} is in two files: keep one")));
            }
        }
    }
    Ok(all)
}

/// The header: JSON, after its length in eight bytes.
fn read_header(path: &Path) -> Result<Vec<u8>, ModelError> {
    let read = |source| match source {
        error if std::io::Error::kind(&error) == std::io::ErrorKind::UnexpectedEof => {
            ModelError::Invalid { path: path.into(), reason: "it is cut short: fetch the model again".into() }
        }
        source => ModelError::Read { path: path.into(), source },
    };
    let mut file = File::open(path).map_err(read)?;
    let mut length = [0; 8];
    file.read_exact(&mut length).map_err(read)?;
    let length = u64::from_le_bytes(length);
    if length > MAX_HEADER {
        let reason = "it is not a safetensors file: fetch or convert the model again".into();
        return Err(ModelError::Invalid { path: path.into(), reason });
    }
    let mut header = vec![0; length as usize];
    file.read_exact(&mut header).map_err(read)?;
    Ok(header)
}

/// Digests of a tensor's chunks, in order: the leaves of its tree.
fn chunks(tensor: &Stored) -> Result<Vec<Vec<u8>>, ModelError> {
    let read = |source| ModelError::Read { path: tensor.file.clone(), source };
    let mut file = File::open(&tensor.file).map_err(read)?;
    file.seek(SeekFrom::Start(tensor.offset)).map_err(read)?;
    let mut left = tensor.length;
    let mut buffer = vec![0; CHUNK];
    let mut leaves = Vec::new();
    while left > 0 {
        let take = left.min(CHUNK as u64) as usize;
        if let Err(source) = file.read_exact(&mut buffer[..take]) {
            let reason = format!("it is cut short ({source}): fetch the model again");
            return Err(ModelError::Invalid { path: tensor.file.clone(), reason });
        }
        leaves.push(digest(&buffer[..take]).to_vec());
        left -= take as u64;
    }
    Ok(leaves)
}

fn as_hex<S: serde::Serializer>(root: &ModelRoot, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&hex::encode(root.0))
}
