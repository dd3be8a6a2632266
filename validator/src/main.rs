//! Asks, verifies, scores, commits and reveals.
fn main() {}
