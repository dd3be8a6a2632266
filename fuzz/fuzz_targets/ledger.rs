//! The steps of the property test in `runtime/tests/conservation`, from a fuzzer's bytes: whatever they say, the chain and the second ledger agree after
//! each block.
#![no_main]

#[path = "../../runtime/tests/conservation/aim.rs"]
mod aim;
#[path = "../../runtime/tests/chain/blocks.rs"]
#[allow(dead_code)]
mod blocks;
#[path = "../../runtime/tests/conservation/books.rs"]
mod books;
#[path = "../../runtime/tests/conservation/calls.rs"]
mod calls;
#[path = "../../runtime/tests/conservation/cast.rs"]
mod cast;
#[path = "../../runtime/tests/conservation/chain.rs"]
mod chain;
#[path = "../../runtime/tests/conservation/deciding.rs"]
mod deciding;
#[path = "../../runtime/tests/conservation/effects.rs"]
mod effects;
#[path = "../../runtime/tests/conservation/hotkeys.rs"]
mod hotkeys;
#[path = "../../runtime/tests/conservation/ledger.rs"]
mod ledger;
#[path = "../../runtime/tests/conservation/money.rs"]
mod money;
#[path = "../../runtime/tests/conservation/places.rs"]
mod places;
#[path = "../../runtime/tests/conservation/prepaid.rs"]
mod prepaid;
#[path = "../../runtime/tests/conservation/principal.rs"]
mod principal;
#[path = "../../runtime/tests/conservation/said.rs"]
mod said;
#[path = "../../runtime/tests/conservation/sequence.rs"]
#[allow(dead_code)]
mod sequence;
#[path = "../../runtime/tests/conservation/step.rs"]
mod step;
#[path = "../../runtime/tests/conservation/vault.rs"]
mod vault;

use libfuzzer_sys::{
    arbitrary::{Arbitrary, Result, Unstructured},
    fuzz_target,
};
use std::sync::LazyLock;

/// Prints as the Rust that makes the same steps, so that what is found can be kept as a test.
#[derive(Debug)]
struct Steps(Vec<step::Step>);

impl<'a> Arbitrary<'a> for Steps {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        let length = bytes.len();
        Ok(Self(step::decode(bytes.bytes(length)?)))
    }
}

/// Made once; each input runs on a copy.
static BEGINNING: LazyLock<sequence::Beginning> = LazyLock::new(sequence::Beginning::new);

fuzz_target!(|steps: Steps| {
    if let Err(fault) = BEGINNING.run(&steps.0) {
        panic!("{fault}");
    }
});
