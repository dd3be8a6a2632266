//! No sequence of calls makes or loses a leaf, leaves something of what is gone, or stops the chain.
//!
//! Sequences of 200 steps ([`step`]) run on the real runtime, block by block with real transactions ([`chain`]), beside a ledger that was written
//! down a second time from the rules alone ([`ledger`], [`effects`], [`vault`]). After each block every account and every position is compared, and what
//! storage says of itself is checked ([`books`]). A sequence that fails is made as short as it gets and printed as the Rust that makes it,
//! so that it can be kept as a test.
//!
//! `fuzz/` runs the same steps from a fuzzer's bytes.
mod aim;
#[path = "../chain/blocks.rs"]
#[allow(dead_code)]
mod blocks;
mod books;
mod calls;
mod cast;
mod chain;
mod deciding;
mod effects;
mod hotkeys;
mod ledger;
mod money;
mod places;
mod prepaid;
mod principal;
mod said;
mod sequence;
mod step;
mod vault;

use frame_metadata::{RuntimeMetadata, RuntimeMetadataPrefixed};
use laurel_runtime::Runtime;
use sequence::{calling_off, from_seed, Beginning};
use std::collections::{BTreeMap, BTreeSet};
use step::Step;

/// Steps of a sequence.
const LENGTH: usize = 200;

/// Runs `count` sequences, from seed `first` on.
fn sequences(first: u64, count: u64) {
    let beginning = Beginning::new();
    for seed in first..first + count {
        let steps = from_seed(seed, LENGTH);
        if let Err(fault) = beginning.run(&steps) {
            let short = beginning.shorten(steps);
            let fault = beginning.run(&short).err().unwrap_or(fault);
            let short: Vec<_> = short.iter().map(|step| format!("    {step:?},\n")).collect();
            panic!("seed {seed}: {fault}\nthese steps are enough:\n{}", short.concat());
        }
    }
}

/// Eight tests of 250 sequences, so that they run beside each other.
macro_rules! conserved {
    ($($name:ident: $first:literal;)*) => { $(
        #[test]
        fn $name() {
            sequences($first, 250);
        }
    )* };
}

conserved! {
    no_leaf_is_made_or_lost_in_sequences_0_to_249: 0;
    no_leaf_is_made_or_lost_in_sequences_250_to_499: 250;
    no_leaf_is_made_or_lost_in_sequences_500_to_749: 500;
    no_leaf_is_made_or_lost_in_sequences_750_to_999: 750;
    no_leaf_is_made_or_lost_in_sequences_1000_to_1249: 1_000;
    no_leaf_is_made_or_lost_in_sequences_1250_to_1499: 1_250;
    no_leaf_is_made_or_lost_in_sequences_1500_to_1749: 1_500;
    no_leaf_is_made_or_lost_in_sequences_1750_to_1999: 1_750;
}

/// Calls of Laurel's own pallets, by the metadata.
fn calls() -> BTreeSet<(String, String)> {
    let RuntimeMetadataPrefixed(_, RuntimeMetadata::V14(metadata)) = Runtime::metadata() else {
        panic!("the runtime's plain metadata is of version 14");
    };
    let mut calls = BTreeSet::new();
    for pallet in metadata.pallets.iter().filter(|pallet| pallet.index >= 17) {
        let Some(of) = &pallet.calls else { continue };
        let ty = metadata.types.resolve(of.ty.id).expect("the metadata has every type");
        let scale_info::TypeDef::Variant(variants) = &ty.type_def else {
            panic!("calls are an enum");
        };
        calls.extend(
            variants
                .variants
                .iter()
                .map(|call| (pallet.name.clone(), call.name.clone())),
        );
    }
    calls
}

#[test]
fn every_call_of_laurels_pallets_succeeds_in_some_sequence() {
    let beginning = Beginning::new();
    let expected = sp_state_machine::BasicExternalities::new_empty().execute_with(calls);
    let (mut made, mut events) = (BTreeSet::new(), BTreeMap::<&str, u32>::new());
    let random = (10_000..10_150).map(|seed| (format!("seed {seed}"), from_seed(seed, LENGTH)));
    for (name, steps) in random.chain([("calling off".into(), calling_off())]) {
        let course = beginning.run(&steps).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        made.extend(
            course
                .made
                .into_iter()
                .map(|(pallet, call)| (pallet.to_string(), call.to_string())),
        );
        for (event, times) in course.tally.events {
            *events.entry(event).or_default() += times;
        }
    }
    // The council makes these, and what a motion carries is not told; that they happened is.
    for (event, call) in [
        ("a proposal was opened", "open"),
        ("a proposal was cancelled", "cancel"),
    ] {
        if events.contains_key(event) {
            made.insert(("Governance".into(), call.into()));
        }
    }
    println!("{events:#?}");
    let missing: Vec<_> = expected.difference(&made).collect();
    assert!(
        missing.is_empty(),
        "no step makes these calls, or never with success: {missing:?}"
    );
    for event in [
        "an epoch paid",
        "a neuron was evicted",
        "a subnet was dissolved",
        "a subnet was replaced",
        "a subnet was removed",
        "a commit expired",
        "a row was revealed",
        "a parent was paid",
        "a link was revoked",
        "a proposal was approved",
        "a proposal was enacted",
        "an approved proposal was cancelled",
        "a multisig acted",
        "a proxy acted",
        "a gateway drew",
        "a gateway drew less than it asked for",
        "a draw was refused",
        "a deposit ended",
    ] {
        assert!(events.contains_key(event), "in no sequence {event}");
    }
}

/// Were a leaf or a share elsewhere than it should be, these tests would say so.
#[test]
fn one_leaf_or_share_in_the_wrong_place_is_noticed() {
    use cast::{cold, hot};
    use pallet_laurel_prepaid::Deposits;
    use pallet_laurel_staking::{Hotkeys, Positions};
    let beginning = Beginning::new();
    let next_block = [Step::EndBlock(0)];
    assert!(beginning.run(&next_block).is_ok());
    let give = |number: u8| frame_system::Account::<Runtime>::mutate(cold(number), |account| account.data.free += 1);
    let take = |number: u8| frame_system::Account::<Runtime>::mutate(cold(number), |account| account.data.free -= 1);
    let position = |change: &dyn Fn(&mut pallet_laurel_staking::Holding)| {
        let (coldkey, pool, mut held) = Positions::<Runtime>::iter().next().expect("somebody staked");
        change(&mut held);
        Positions::<Runtime>::insert(coldkey, pool, held);
    };
    let deposit = |change: &dyn Fn(&mut pallet_laurel_prepaid::Deposit)| {
        let (gateway, payer, mut deposit) = Deposits::<Runtime>::iter().next().expect("somebody deposited");
        change(&mut deposit);
        Deposits::<Runtime>::insert(gateway, payer, deposit);
    };
    let spoils: [(&str, &dyn Fn()); 9] = [
        ("a leaf more", &|| give(4)),
        ("a leaf from one to another", &|| {
            give(4);
            take(5);
        }),
        ("a leaf more in a pool", &|| {
            let key = Hotkeys::<Runtime>::hashed_key_for(hot(0));
            let mut pool = frame_support::storage::unhashed::get_raw(&key).expect("it has stake");
            // The stake comes first, the lowest byte first.
            pool[0] ^= 1;
            frame_support::storage::unhashed::put_raw(&key, &pool);
        }),
        ("a share more in an owner's position", &|| {
            Hotkeys::<Runtime>::mutate(hot(0), |known| {
                known.iter_mut().for_each(|known| known.owned.shares += 1)
            });
        }),
        ("a share less in a position", &|| {
            position(&|held| held.shares -= 1);
        }),
        ("a leaf more in what a position cost", &|| {
            position(&|held| held.principal += 1);
        }),
        ("a deposit that is not held", &|| {
            deposit(&|deposit| deposit.amount += 1);
        }),
        ("a leaf more that is announced to be taken back", &|| {
            deposit(&|deposit| {
                deposit
                    .withdrawal
                    .iter_mut()
                    .for_each(|withdrawal| withdrawal.amount += 1)
            });
        }),
        ("a lock that is not held", &|| {
            pallet_balances::Holds::<Runtime>::remove(cold(0));
        }),
    ];
    for (spoil, spoiling) in spoils {
        assert!(
            beginning.run_after(spoiling, &next_block).is_err(),
            "nobody noticed {spoil}"
        );
    }
}
