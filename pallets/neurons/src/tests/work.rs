//! Registering by proof of work.
use crate::{mock::*, work::is_recent, Call, Difficulty, Error, Event, SpentSeals};
use frame_support::{
    assert_noop, assert_ok,
    dispatch::DispatchResultWithPostInfo,
    traits::{fungible::Inspect, Authorize},
    weights::Weight,
};
use laurel_support::{Hotkeys, Neurons as _};
use laurel_types::{meets_difficulty, HotkeyConsent, NetUid, Uid, Work, POW_BLOCKS};
use sp_runtime::{
    transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidityError, ValidTransaction},
    DispatchError,
};

const HOTKEY: u64 = 50;
/// Owns nothing, not even the existential deposit.
const POOR: u64 = 60;

fn chain() -> ExtBuilder {
    ExtBuilder::default().tuned(|params| params.pow_allowed = true)
}

/// Blocks 0 to 200 with a hash each, of which the last is the current one and has none yet.
fn with_history(test: impl FnOnce()) {
    chain().build_and_execute(|| {
        for block in 1..200u32 {
            frame_system::BlockHash::<Test>::insert(block, sp_core::H256::repeat_byte(block as u8));
        }
        System::set_block_number(200);
        test();
    });
}

/// The first nonce whose seal is good enough.
fn solve(netuid: NetUid, hotkey: u64, coldkey: u64, block: u32, difficulty: u64) -> Work {
    (0..)
        .map(|nonce| Work { block, nonce })
        .find(|work| {
            let seal = Neurons::seal(netuid, &hotkey, &coldkey, work).expect("the block is known");
            meets_difficulty(&seal, difficulty)
        })
        .expect("some nonce is good enough")
}

fn register_by(netuid: NetUid, hotkey: u64, work: Work, consent: HotkeyConsent) -> DispatchResultWithPostInfo {
    let origin: RuntimeOrigin = frame_system::Origin::<Test>::Authorized.into();
    Neurons::pow_register(origin, netuid, hotkey, POOR, work, consent)
}

fn pooled(hotkey: u64, work: Work, consent: HotkeyConsent) -> Result<ValidTransaction, TransactionValidityError> {
    let call = RuntimeCall::Neurons(Call::pow_register {
        netuid: NET,
        hotkey,
        coldkey: POOR,
        work,
        consent,
    });
    let validity = call
        .authorize(TransactionSource::External)
        .expect("the call is authorized by its work");
    validity.map(|(valid, _)| valid)
}

fn refusal(error: Error<Test>) -> TransactionValidityError {
    let DispatchError::Module(module) = DispatchError::from(error) else {
        unreachable!("an error of a pallet");
    };
    InvalidTransaction::Custom(module.error[0]).into()
}

#[test]
fn work_registers_a_hotkey_for_a_coldkey_without_any_tokens() {
    with_history(|| {
        let work = solve(NET, HOTKEY, POOR, 199, 1_000);
        let seal = Neurons::seal(NET, &HOTKEY, &POOR, &work).unwrap();
        assert_ok!(register_by(NET, HOTKEY, work, CONSENT));
        assert_eq!(Neurons::uid_of(NET, &HOTKEY), Some(Uid(0)));
        assert_eq!(SomeHotkeys::owner(&HOTKEY), Some(POOR));
        assert_eq!(Balances::total_balance(&POOR), 0);
        let accepted = Event::WorkAccepted {
            netuid: NET,
            hotkey: HOTKEY,
            seal,
            difficulty: 1_000,
        };
        System::assert_has_event(accepted.into());
        // The price in tokens has not moved, the difficulty has.
        assert_eq!(quote(NET), Some(100));
        assert_eq!(Neurons::difficulty_quote_at(NET, 200), Some(2_000));
        assert_eq!(Neurons::difficulty_quote_at(NET, 210), Some(1_000));
    });
}

/// Weakness 46: the hash of the current block was zero, so work for any future block could be prepared.
#[test]
fn work_is_bound_to_a_past_block_that_is_not_too_old() {
    with_history(|| {
        for block in [200, 201, 199 - POW_BLOCKS, 0] {
            let work = Work { block, nonce: 0 };
            assert_noop!(
                register_by(NET, HOTKEY, work, CONSENT),
                Error::<Test>::WorkBlockOutOfRange
            );
        }
        assert_eq!(Neurons::seal(NET, &HOTKEY, &POOR, &Work { block: 200, nonce: 0 }), None);
        let oldest = solve(NET, HOTKEY, POOR, 200 - POW_BLOCKS, 1_000);
        assert_ok!(register_by(NET, HOTKEY, oldest, CONSENT));
    });
    assert!(is_recent(1, 2) && !is_recent(2, 2) && is_recent(1, 1 + POW_BLOCKS) && !is_recent(1, 2 + POW_BLOCKS));
}

/// Weakness 46 again: the same seal was good on every subnet, and for whichever coldkey came with it.
#[test]
fn work_counts_for_one_subnet_one_hotkey_and_one_coldkey() {
    with_history(|| {
        let other = NetUid(2);
        let mut params = TheSubnets::get()[&NET].params;
        // So high that no other seal passes by chance.
        params.min_difficulty = 100_000;
        add_subnet(NET, OWNER, params);
        add_subnet(other, OWNER, params);
        let work = solve(NET, HOTKEY, POOR, 199, 100_000);
        assert_noop!(
            register_by(other, HOTKEY, work, CONSENT),
            Error::<Test>::WorkBelowDifficulty
        );
        assert_noop!(
            register_by(NET, HOTKEY + 1, work, CONSENT),
            Error::<Test>::WorkBelowDifficulty
        );
        let thief = Neurons::pow_register(
            frame_system::Origin::<Test>::Authorized.into(),
            NET,
            HOTKEY,
            BOB,
            work,
            CONSENT,
        );
        assert_noop!(thief, Error::<Test>::WorkBelowDifficulty);
        assert_ok!(register_by(NET, HOTKEY, work, CONSENT));
    });
}

/// Weakness 35: used work was stored for ever and never looked at.
#[test]
fn work_counts_once_and_is_forgotten_when_it_is_too_old_to_count() {
    with_history(|| {
        let work = solve(NET, HOTKEY, POOR, 199, 1_000);
        assert_ok!(register_by(NET, HOTKEY, work, CONSENT));
        assert_noop!(
            register_by(NET, HOTKEY, work, CONSENT),
            Error::<Test>::AlreadyRegistered
        );
        // The neuron is evicted at once, and the difficulty falls back.
        for hotkey in 0..8 {
            register(ALICE, hotkey);
        }
        assert_eq!(Neurons::uid_of(NET, &HOTKEY), None);
        tune(|params| params.demand_half_life = 1);
        frame_system::BlockHash::<Test>::insert(200, sp_core::H256::repeat_byte(200));
        skip_blocks(POW_BLOCKS - 1);
        assert_eq!(Neurons::difficulty_quote_at(NET, System::block_number()), Some(1_000));
        assert_noop!(register_by(NET, HOTKEY, work, CONSENT), Error::<Test>::WorkSpent);
        assert_eq!(pooled(HOTKEY, work, CONSENT), Err(refusal(Error::WorkSpent)));
        skip_blocks(1);
        assert_noop!(
            register_by(NET, HOTKEY, work, CONSENT),
            Error::<Test>::WorkBlockOutOfRange
        );
        let fresh = solve(NET, HOTKEY, POOR, 200, 1_000);
        assert_ok!(register_by(NET, HOTKEY, fresh, CONSENT));
        assert_eq!(SpentSeals::<Test>::get(NET).len(), 1, "the old seal is forgotten");
    });
}

#[test]
fn work_below_the_difficulty_of_the_block_is_refused() {
    with_history(|| {
        let weak = (0..)
            .map(|nonce| Work { block: 199, nonce })
            .find(|work| !meets_difficulty(&Neurons::seal(NET, &HOTKEY, &POOR, work).unwrap(), 1_000))
            .unwrap();
        assert_noop!(
            register_by(NET, HOTKEY, weak, CONSENT),
            Error::<Test>::WorkBelowDifficulty
        );
        let enough_before = solve(NET, HOTKEY + 1, POOR, 199, 1_000);
        assert!(!meets_difficulty(
            &Neurons::seal(NET, &(HOTKEY + 1), &POOR, &enough_before).unwrap(),
            1_000_000
        ));
        Difficulty::<Test>::mutate(NET, |demand| demand.as_mut().unwrap().level = u64::MAX);
        assert_noop!(
            register_by(NET, HOTKEY + 1, enough_before, CONSENT),
            Error::<Test>::WorkBelowDifficulty
        );
    });
}

/// Weakness 47: work bound an arbitrary hotkey to an arbitrary coldkey.
#[test]
fn work_alone_does_not_bind_a_hotkey() {
    with_history(|| {
        let work = solve(NET, HOTKEY, POOR, 199, 1_000);
        assert_noop!(
            register_by(NET, HOTKEY, work, FORGED),
            DispatchError::Other("no consent")
        );
        assert_ok!(SomeHotkeys::bind(&HOTKEY, &BOB, Some(&CONSENT)));
        assert_noop!(
            register_by(NET, HOTKEY, work, CONSENT),
            DispatchError::Other("another's hotkey")
        );
    });
}

/// Weakness 38: what would fail in a block is refused in the pool, where it costs nobody anything.
#[test]
fn the_pool_refuses_what_a_block_would_refuse() {
    with_history(|| {
        let work = solve(NET, HOTKEY, POOR, 190, 1_000);
        let valid = pooled(HOTKEY, work, CONSENT).expect("the work is good");
        assert_eq!((valid.priority, valid.longevity), (0, u64::from(POW_BLOCKS) - 10));
        assert_eq!(valid.provides, pooled(HOTKEY, work, CONSENT).unwrap().provides);

        let late = Work { block: 200, ..work };
        assert_eq!(pooled(HOTKEY, late, CONSENT), Err(refusal(Error::WorkBlockOutOfRange)));
        assert_eq!(
            pooled(HOTKEY, work, FORGED),
            Err(InvalidTransaction::Custom(255).into())
        );
        assert_ok!(register_by(NET, HOTKEY, work, CONSENT));
        assert_eq!(pooled(HOTKEY, work, CONSENT), Err(refusal(Error::AlreadyRegistered)));
        tune(|params| params.pow_allowed = false);
        assert_eq!(pooled(HOTKEY + 1, work, CONSENT), Err(refusal(Error::WorkOff)));
    });
}

#[test]
fn only_work_authorizes_the_call() {
    with_history(|| {
        let work = solve(NET, HOTKEY, POOR, 199, 1_000);
        let signed = Neurons::pow_register(RuntimeOrigin::signed(ALICE), NET, HOTKEY, POOR, work, CONSENT);
        assert_noop!(signed, DispatchError::BadOrigin);
        let unsigned = Neurons::pow_register(RuntimeOrigin::none(), NET, HOTKEY, POOR, work, CONSENT);
        assert_noop!(unsigned, DispatchError::BadOrigin);
    });
}

#[test]
fn work_takes_a_seat_in_a_full_subnet_like_a_price_does() {
    with_history(|| {
        for hotkey in 100..108 {
            register(ALICE, hotkey);
        }
        let work = solve(NET, HOTKEY, POOR, 199, 1_000);
        let used = register_by(NET, HOTKEY, work, CONSENT).unwrap().actual_weight;
        assert_eq!(used, Some(Weight::from_parts(20_008, 0)));
        assert_eq!(Neurons::count(NET), 8);
    });
}

#[test]
fn no_more_work_is_taken_than_is_remembered() {
    with_history(|| {
        SpentSeals::<Test>::mutate(NET, |spent| {
            for seal in 0..crate::work::MAX_SPENT_SEALS as u8 {
                let seal = [seal; 32];
                spent.try_push(crate::SpentSeal { block: 199, seal }).unwrap();
            }
        });
        let work = solve(NET, HOTKEY, POOR, 199, 1_000);
        assert_noop!(register_by(NET, HOTKEY, work, CONSENT), Error::<Test>::TooMuchWork);
    });
}

/// Laurel's seal differs from the classic one on purpose (weaknesses 46 and 47), so the classic vectors of kind `pow_seal` do not
/// apply. This one was computed with Python's `hashlib` from the formula in `laurel_types`.
#[test]
fn a_seal_is_what_the_formula_says() {
    let work = laurel_types::work_preimage(&[1; 32], NetUid(7), (1_234, &[2; 32]), &[3u8; 32], &[4u8; 32]);
    let digest = sp_io::hashing::blake2_256(&work);
    let seal = sp_io::hashing::blake2_256(&laurel_types::seal_preimage(5_678, &digest));
    assert_eq!(
        hex(&digest),
        "6e1d268dbbf834e6d666ac1dea1003ac2758f133c810c06daa54bd3ea9a2d910"
    );
    assert_eq!(
        hex(&seal),
        "b9d7df61ee71f5a27cfc3ec2796763d6809d4f08a8007d31a49a424dccc43de4"
    );
}

fn hex(bytes: &[u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
