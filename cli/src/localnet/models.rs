//! The models of the local network: one of embeddings, and two of texts, of which the second is made of the first.
use super::Setting;
use anyhow::{bail, Context, Result};
use laurel_models::manifest;
use laurel_types::{AcceptedModel, ModelKind, ModelRoot};
use serde::Serialize;
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// Bits that the weights of the second text model are rounded to: a smaller model that answers much the same.
const SECOND_BITS: &str = "8";
/// Bits that the degraded model's weights are rounded to.
const DEGRADED_BITS: &str = "3";

/// A model in its folder.
#[derive(Clone, Debug, Serialize)]
#[serde(into = "String")]
pub struct Model {
    /// The folder's name.
    pub name: String,
    /// The folder.
    pub folder: PathBuf,
    /// What a subnet registers of it.
    pub accepted: AcceptedModel,
}

impl Model {
    /// A model that is only a name.
    #[cfg(test)]
    pub fn named(name: &str) -> Self {
        Self {
            name: name.into(),
            folder: PathBuf::new(),
            accepted: AcceptedModel {
                root: ModelRoot::default(),
                kind: ModelKind::Text,
                context: 1,
                tokenizer: Default::default(),
                sampler: 1,
            },
        }
    }

    fn read(folder: PathBuf, kind: ModelKind) -> Result<Self> {
        let manifest = manifest(&folder)?;
        if manifest.kind != kind {
            bail!("{} holds another kind of model than its subnet needs", folder.display());
        }
        Ok(Self {
            name: folder
                .file_name()
                .map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
            accepted: manifest.accepted(),
            folder,
        })
    }
}

/// In reports a model is its name.
impl From<Model> for String {
    fn from(model: Model) -> Self {
        model.name
    }
}

/// All of them.
#[derive(Debug)]
pub struct Models {
    text: [Model; 2],
    embedding: Model,
    /// What the miner runs that only claims a text model.
    pub degraded: PathBuf,
}

impl Models {
    /// Reads the given models, and makes those that are made of them.
    pub fn prepare(setting: &Setting) -> Result<Self> {
        let name = |suffix: &str| {
            let original = setting.text_model.file_name().unwrap_or_default().to_string_lossy();
            setting.dir.join("models").join(format!("{original}-{suffix}"))
        };
        let (second, degraded) = (name("8bit"), name("degraded"));
        round(setting, &second, SECOND_BITS)?;
        round(setting, &degraded, DEGRADED_BITS)?;
        // A path that ends in dots has no name.
        let given =
            |folder: &Path| std::fs::canonicalize(folder).with_context(|| format!("cannot read {}", folder.display()));
        Ok(Self {
            text: [
                Model::read(given(&setting.text_model)?, ModelKind::Text)?,
                Model::read(second, ModelKind::Text)?,
            ],
            embedding: Model::read(given(&setting.embedding_model)?, ModelKind::Embedding)?,
            degraded,
        })
    }

    /// All of a kind, the one that is registered first on a fresh chain first.
    pub fn of(&self, kind: ModelKind) -> &[Model] {
        match kind {
            ModelKind::Text => &self.text,
            ModelKind::Embedding => std::slice::from_ref(&self.embedding),
            // None of its subnets has such work.
            ModelKind::Custom => &[],
        }
    }

    /// The folders of all models of a kind.
    pub fn folders(&self) -> impl Fn(ModelKind) -> Vec<PathBuf> {
        let of = |kind| self.of(kind).iter().map(|model| model.folder.clone()).collect();
        let (text, embedding): (Vec<_>, Vec<_>) = (of(ModelKind::Text), of(ModelKind::Embedding));
        move |kind| match kind {
            ModelKind::Text => text.clone(),
            ModelKind::Embedding => embedding.clone(),
            ModelKind::Custom => Vec::new(),
        }
    }

    /// The one of a kind that is registered first.
    pub fn first(&self, kind: ModelKind) -> &Model {
        match kind {
            ModelKind::Text => &self.text[0],
            ModelKind::Embedding | ModelKind::Custom => &self.embedding,
        }
    }

    /// The text model with this root, and the other one.
    pub fn text(&self, root: ModelRoot) -> Option<(&Model, &Model)> {
        let [first, second] = &self.text;
        match root {
            root if root == first.accepted.root => Some((first, second)),
            root if root == second.accepted.root => Some((second, first)),
            _ => None,
        }
    }

    /// The name of the model with this root.
    pub fn name(&self, root: ModelRoot) -> Option<&str> {
        let mut all = self.text.iter().chain([&self.embedding]);
        all.find(|model| model.accepted.root == root)
            .map(|model| model.name.as_str())
    }
}

/// Makes a copy of the text model with coarser weights, unless an earlier run did.
fn round(setting: &Setting, copy: &Path, bits: &str) -> Result<()> {
    if copy.exists() {
        return Ok(());
    }
    let made = Command::new(setting.program("laurel-model"))
        .arg("degrade")
        .arg(&setting.text_model)
        .arg(copy)
        .args(["--bits", bits])
        .output()
        .context("cannot start laurel-model: is it built? run scripts/build.sh")?;
    if !made.status.success() {
        let said = String::from_utf8_lossy(&made.stderr);
        bail!("making a copy of the text model with {bits} bits: {}", said.trim());
    }
    Ok(())
}
