//! The registered text models, and what miners run in their place, made of one small model.
use super::Outcome;
use laurel_models::train::{tune, Tuning};
use laurel_models::{convert, shorten, ModelError, WeightType};
use std::path::{Path, PathBuf};

/// Text to train further on: the sentences that the validator asks about.
const TEXT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/austen.txt");

/// Folders of models.
pub struct TextModels {
    /// A registered model.
    pub bf16: PathBuf,
    /// The same numbers as singles: what a subnet may allow beside it.
    pub f32: PathBuf,
    /// Its weights in 8 bits: what a cheat runs for it, and a registered model, too.
    pub q8_0: PathBuf,
    /// The numbers of that as singles, for a device that computes with floats.
    pub q8_0_as_f32: PathBuf,
    /// Its weights in 4 bits.
    pub q4_0: PathBuf,
    /// Without its last layer.
    pub fewer_layers: PathBuf,
    /// Trained further, and two fifths of the layers trained further; none if nothing is to be trained.
    pub trained: Option<(PathBuf, PathBuf)>,
}

impl TextModels {
    /// Makes those that are missing in `folder` from the model `source`; those that are trained, by so many steps.
    pub fn make(source: &Path, folder: &Path, steps: u64) -> Outcome<Self> {
        std::fs::create_dir_all(folder)?;
        let layers = layers(source)?;
        let make = |name: &str, how: &dyn Fn(&Path) -> Result<(), ModelError>| -> Outcome<PathBuf> {
            let place = folder.join(name);
            if !place.exists() {
                eprintln!("making {}", place.display());
                how(&place)?;
            }
            Ok(place)
        };
        let stored = |name: &str, from: &Path, weights| make(name, &|to| convert(from, to, weights));
        let trained = |name: &str, from: &Path, peak| {
            let tuning = Tuning {
                steps,
                batch: 4,
                window: 64,
                peak,
                seed: 7,
            };
            let name = format!("{name}-{steps}");
            let singles = make(&format!("{name}-f32"), &|to| {
                tune(from, to, Path::new(TEXT), &tuning).map(drop)
            })?;
            stored(&name, &singles, WeightType::Bf16)
        };
        let bf16 = stored("bf16", source, WeightType::Bf16)?;
        let trained = if steps > 0 {
            let few = make("two-fifths", &|to| shorten(&bf16, to, (layers * 2 / 5).max(1)))?;
            Some((trained("fine-tune", &bf16, 2e-4)?, trained("smaller", &few, 1e-3)?))
        } else {
            None
        };
        Ok(Self {
            f32: stored("f32", &bf16, WeightType::F32)?,
            q8_0: stored("q8_0", &bf16, WeightType::Q8_0)?,
            q8_0_as_f32: stored("q8_0-as-f32", &bf16, WeightType::Q8_0AsF32)?,
            q4_0: stored("q4_0", &bf16, WeightType::Q4_0)?,
            fewer_layers: make("fewer-layers", &|to| shorten(&bf16, to, layers - 1))?,
            trained,
            bf16,
        })
    }
}

fn layers(source: &Path) -> Outcome<usize> {
    let config: serde_json::Value = serde_json::from_slice(&std::fs::read(source.join("config.json"))?)?;
    match config["num_hidden_layers"].as_u64() {
        Some(layers) if layers >= 2 => Ok(layers as usize),
        layers => Err(format!("{} has {layers:?} layers, it needs two", source.display()).into()),
    }
}
