//! Which device the tests use: the kernels of this processor, or what `LAUREL_TEST_DEVICE` names, as `--device` does:
//! `LAUREL_TEST_DEVICE=cuda:0 cargo nextest run -p laurel-engine --features cuda`.
// Each test takes what it needs.
#![allow(dead_code)]

use laurel_engine::DeviceName;

/// The device of this run.
pub fn device() -> DeviceName {
    match std::env::var("LAUREL_TEST_DEVICE") {
        Ok(name) => name.parse().unwrap(),
        Err(_) => DeviceName::Cpu,
    }
}

/// The device of this run, or candle's operations on this processor where it names none.
pub fn other_device() -> DeviceName {
    match device() {
        DeviceName::Cpu => DeviceName::Reference,
        device => device,
    }
}

/// Largest margin of a token that one device wrote and another read, or one device in another batch: the kernels are exact;
/// devices compute in the type of the weights, of which a step of half precision is `2^-11` of a logit.
pub fn margin(device: DeviceName) -> f32 {
    match device {
        DeviceName::Cpu => 0.0,
        _ => 0.05,
    }
}
