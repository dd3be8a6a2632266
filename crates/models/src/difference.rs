//! What is different between a model folder and a manifest that was written down.
use crate::{Manifest, ModelError, TensorDigest, CHUNK};
use std::collections::BTreeMap;
use std::path::Path;

impl Manifest {
    /// Reads what `laurel-model manifest --json` printed.
    ///
    /// # Errors
    /// If it is not that, or its root is not the root of what it lists.
    pub fn read(path: &Path) -> Result<Self, ModelError> {
        let text = std::fs::read_to_string(path).map_err(|source| ModelError::Read {
            path: path.into(),
            source,
        })?;
        let invalid = |reason: String| ModelError::Invalid {
            path: path.into(),
            reason,
        };
        let manifest: Self = serde_json::from_str(&text)
            .map_err(|error| invalid(format!("it is no manifest as --json prints it: {error}")))?;
        if manifest.computed_root() != manifest.root {
            return Err(invalid("its root is not that of what it lists: it was altered".into()));
        }
        Ok(manifest)
    }

    /// How `found` differs from this manifest, a line each; nothing if they are the same model.
    pub fn differences(&self, found: &Self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut differ = |what: &str, expected: &dyn std::fmt::Debug, there: &dyn std::fmt::Debug| {
            let (expected, there) = (format!("{expected:?}"), format!("{there:?}"));
            if expected != there {
                lines.push(format!("{what} is {there}, expected {expected}"));
            }
        };
        differ("kind", &self.kind, &found.kind);
        differ("context", &self.context, &found.context);
        differ("sampler", &self.sampler, &found.sampler);
        let files = |manifest: &Self| -> BTreeMap<String, [u8; 32]> {
            let named = manifest.files.iter().map(|file| (file.name.clone(), file.digest));
            named.collect()
        };
        compare("file", files(self), files(found), &mut lines, |expected, there| {
            (expected != there).then(|| "differs".to_owned())
        });
        let tensors = |manifest: &Self| -> BTreeMap<String, TensorDigest> {
            let named = manifest
                .tensors
                .iter()
                .map(|tensor| (tensor.name.clone(), tensor.clone()));
            named.collect()
        };
        compare("tensor", tensors(self), tensors(found), &mut lines, tensor_difference);
        lines
    }
}

/// Lines about what one of the two lacks, and about what `difference` says of the others.
fn compare<T>(
    what: &str,
    expected: BTreeMap<String, T>,
    mut there: BTreeMap<String, T>,
    lines: &mut Vec<String>,
    difference: impl Fn(&T, &T) -> Option<String>,
) {
    for (name, expected) in &expected {
        let line = match there.remove(name) {
            None => Some("is missing".to_owned()),
            Some(there) => difference(expected, &there),
        };
        lines.extend(line.map(|line| format!("{what} {name} {line}")));
    }
    lines.extend(
        there
            .into_keys()
            .map(|name| format!("{what} {name} is not in the manifest")),
    );
}

fn tensor_difference(expected: &TensorDigest, there: &TensorDigest) -> Option<String> {
    if (&expected.dtype, &expected.shape) != (&there.dtype, &there.shape) {
        return Some(format!(
            "is {} {:?}, expected {} {:?}",
            there.dtype, there.shape, expected.dtype, expected.shape
        ));
    }
    let chunks = expected.chunks.iter().zip(&there.chunks);
    let odd: Vec<usize> = chunks
        .enumerate()
        .filter(|(_, (expected, there))| expected != there)
        .map(|(index, _)| index)
        .collect();
    let first = odd.first()?;
    Some(format!(
        "differs in {} of {} chunks, first in the bytes from {}",
        odd.len(),
        expected.chunks.len(),
        first * CHUNK
    ))
}
