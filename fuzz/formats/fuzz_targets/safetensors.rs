#![no_main]

#[path = "../../../crates/engine/tests/formats/mod.rs"]
#[allow(dead_code)]
mod formats;

libfuzzer_sys::fuzz_target!(
    // The engine catches what libraries panic at; only what it lets through is a finding.
    init: std::panic::set_hook(Box::new(|panic| eprintln!("{panic}"))),
    |bytes: &[u8]| formats::safetensors(bytes)
);
