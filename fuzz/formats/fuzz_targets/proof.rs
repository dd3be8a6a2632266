#![no_main]

#[path = "../../../crates/engine/tests/formats/mod.rs"]
#[allow(dead_code)]
mod formats;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| formats::proof(bytes));
