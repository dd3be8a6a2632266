//! Serves a subnet's model over HTTP.
fn main() {}
