//! Models as files: manifests and weight roots, training, and the degraded copies that test networks use.
mod degrade;
mod error;
mod manifest;
pub mod train;

pub use degrade::degrade;
pub use error::ModelError;
pub use manifest::{manifest, Manifest};
