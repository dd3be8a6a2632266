//! Model manifests, weight roots, training and download.
