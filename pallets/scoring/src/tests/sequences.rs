//! Whatever anybody does in whatever order, the storage stays consistent and money is only paid for something.
use crate::mock::*;
use laurel_support::{Epochs, EvictionScore, OnHotkeySwapped};
use laurel_types::{RevealItem, Uid, WeightsItem};
use proptest::{collection, prelude::*};
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
enum Step {
    /// A validator commits to this row.
    Commit(u16, Vec<(u16, u16)>),
    /// It reveals what it committed to in an epoch so many before.
    Reveal(u16, u64),
    Set(u16, Vec<(u16, u16)>),
    Stake(u16, u64),
    Replace(u16),
    Swap(u16),
    Blocks(u64),
    Epoch,
    Skip,
    Period(u16),
    CommitReveal(bool),
}

fn entries() -> impl Strategy<Value = Vec<(u16, u16)>> {
    collection::btree_map(0u16..9, 1u16.., 0..7).prop_map(|row| row.into_iter().collect())
}

fn step() -> impl Strategy<Value = Step> {
    let uid = || 0u16..8;
    prop_oneof![
        6 => (uid(), entries()).prop_map(|(uid, row)| Step::Commit(uid, row)),
        6 => (uid(), 0u64..4).prop_map(|(uid, ago)| Step::Reveal(uid, ago)),
        3 => (uid(), entries()).prop_map(|(uid, row)| Step::Set(uid, row)),
        2 => (uid(), 0u64..1_000).prop_map(|(uid, stake)| Step::Stake(uid, stake)),
        1 => uid().prop_map(Step::Replace),
        1 => uid().prop_map(Step::Swap),
        3 => (1u64..8).prop_map(Step::Blocks),
        4 => Just(Step::Epoch),
        1 => Just(Step::Skip),
        1 => (1u16..5).prop_map(Step::Period),
        1 => any::<bool>().prop_map(Step::CommitReveal),
    ]
}

/// What was committed: by registration and epoch.
type Said = BTreeMap<(u64, u64), RevealItem>;

fn holder(uid: u16) -> laurel_support::NeuronId<AccountId> {
    <World as laurel_support::Neurons<AccountId>>::neuron(NET, Uid(uid)).unwrap()
}

fn run(step: Step, said: &mut Said, next_key: &mut AccountId) {
    match step {
        Step::Commit(uid, row) => {
            let item = reveal_of(&row);
            if commit(uid, &item).is_ok() {
                said.insert((holder(uid).registration.0, epoch().0), item);
            }
        }
        Step::Reveal(uid, ago) => {
            let made = epoch().0.saturating_sub(ago);
            if let Some(item) = said.get(&(holder(uid).registration.0, made)) {
                let _ = reveal(uid, item);
            }
        }
        Step::Set(uid, entries) => {
            let item = WeightsItem {
                netuid: NET,
                row: row(&entries),
                receipts_root: [0; 32],
                version_key: 0,
            };
            let _ = Scoring::batch_set_weights(signed(holder(uid).hotkey), vec![item].try_into().unwrap());
        }
        Step::Stake(uid, stake) => World::set_stake(holder(uid).hotkey, stake),
        Step::Replace(uid) => {
            *next_key += 1;
            World::replace(NET, Uid(uid), *next_key);
            assert_eq!(stored_row(uid), None);
            assert!(pending(uid).is_empty() && !Scoring::bonds(NET).iter().any(|(held, _)| held.0 == uid));
            assert_eq!(Scoring::tenures(NET)[usize::from(uid)].score, 0);
        }
        Step::Swap(uid) => {
            *next_key += 1;
            let old = holder(uid).hotkey;
            World::rename(old, *next_key);
            Scoring::on_hotkey_swapped(&old, next_key).unwrap();
        }
        Step::Blocks(blocks) => System::set_block_number(System::block_number() + blocks),
        Step::Epoch => {
            <Scoring as Epochs<AccountId>>::take_stock(NET, Uid(0), 8);
            let shares = <Scoring as Epochs<AccountId>>::run(NET);
            assert_eq!(shares.len(), 8);
            let earned = shares.iter().any(|share| share.incentive > 0);
            let spoke = (0..8).any(|uid| scores(uid).active);
            assert!(spoke || !earned, "somebody is paid though nobody spoke");
            let validated = shares.iter().any(|share| share.dividends > 0);
            assert!(earned || !validated, "a validator is paid for nothing");
        }
        Step::Skip => <Scoring as Epochs<AccountId>>::skip(NET),
        Step::Period(period) => World::change(NET, |params| params.reveal_period = period),
        Step::CommitReveal(on) => World::change(NET, |params| params.commit_reveal = on),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_sequence_of_calls_epochs_and_changes_leaves_a_sound_state(steps in collection::vec(step(), 1..120)) {
        ExtBuilder::default().stakes(&[500, 400, 300, 200, 0, 0, 0, 0]).build_and_execute(|| {
            let mut said = Said::new();
            let mut next_key = 10_000;
            for step in steps {
                let shown = format!("{step:?}");
                run(step, &mut said, &mut next_key);
                if let Err(error) = Scoring::do_try_state() {
                    panic!("after {shown}: {error:?}");
                }
            }
        });
    }
}
