//! The Laurel chain binary.
fn main() {}
