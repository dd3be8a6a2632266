//! Sequences that once failed, as short as they got.
