//! Sequences of steps: made from a seed, run on a copy of one beginning, and made shorter where they fail.
use crate::{
    blocks::genesis_of,
    cast::hotkeys,
    chain::{Chain, Tally},
    places::settings,
    step::{decode, Act, Amount, By, Step, Way, Who, Wrap, STEP_BYTES},
};
use laurel_runtime::AccountId;
use laurel_types::LRL;
use serde_json::{json, Value};
use sp_core::storage::Storage;
use sp_state_machine::BasicExternalities;
use std::{
    collections::BTreeSet,
    panic::{self, catch_unwind, AssertUnwindSafe},
    sync::Once,
};

/// A state and the ledger of it.
pub struct Beginning {
    storage: Storage,
    chain: Chain,
}

/// What a sequence got to.
pub struct Course {
    pub tally: Tally,
    pub made: BTreeSet<(&'static str, &'static str)>,
}

impl Beginning {
    /// The local preset with everything made short, and a small network in which everybody is paid.
    pub fn new() -> Self {
        let mut genesis = genesis_of("local_testnet", shorten);
        let storage = genesis.execute_with(|| {
            let mut storage = Storage::default();
            let mut key = Vec::new();
            while let Some(next) = sp_io::storage::next_key(&key) {
                storage
                    .top
                    .insert(next.clone(), sp_io::storage::get(&next).unwrap_or_default().to_vec());
                key = next;
            }
            storage
        });
        let mut state = BasicExternalities::new(storage);
        let chain = state.execute_with(|| {
            let mut chain = Chain::of_genesis();
            chain.run(&founding());
            assert_eq!(chain.tally.refused, 0, "founding is not what it says");
            std::mem::take(&mut chain.tally);
            chain
        });
        Self {
            storage: state.into_storages(),
            chain,
        }
    }

    /// Runs the steps; the error says what was not as it must be.
    pub fn run(&self, steps: &[Step]) -> Result<Course, String> {
        self.run_after(|| (), steps)
    }

    /// The same after something happened to the state that the ledger does not know of.
    pub fn run_after(&self, spoil: impl FnOnce(), steps: &[Step]) -> Result<Course, String> {
        listen_to_defences();
        let mut chain = self.chain.clone();
        let mut state = BasicExternalities::new(self.storage.clone());
        let run = || {
            state.execute_with(|| {
                spoil();
                chain.run(steps);
            });
            Course {
                made: chain.ledger.made.clone(),
                tally: chain.tally.clone(),
            }
        };
        catch_unwind(AssertUnwindSafe(run)).map_err(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string))
                .unwrap_or_default()
        })
    }

    /// The shortest sequence that could be found which fails, where these fail: steps are left out as long as anything fails without them.
    pub fn shorten(&self, mut steps: Vec<Step>) -> Vec<Step> {
        // Hundreds of panics are to come, of which one is told.
        let tell = panic::take_hook();
        panic::set_hook(Box::new(|_| ()));
        let mut size = steps.len() / 2;
        while size > 0 {
            let mut from = 0;
            while from < steps.len() {
                let mut fewer = steps.clone();
                fewer.drain(from..(from + size).min(steps.len()));
                if self.run(&fewer).is_err() {
                    steps = fewer;
                } else {
                    from += size;
                }
            }
            size /= 2;
        }
        panic::set_hook(tell);
        steps
    }
}

/// Changes the preset so that everything happens within a few blocks, and gives hotkeys what a transaction costs.
fn shorten(patch: &mut Value) {
    let balances = patch["balances"]["balances"]
        .as_array_mut()
        .expect("the preset endows accounts");
    // The last of the coldkeys has little.
    if let Some(poor) = balances.last_mut() {
        poor[1] = json!(10 * LRL);
    }
    balances.extend(hotkeys().map(|hotkey: AccountId| json!([hotkey, 10 * LRL])));
    patch["subnets"]["settings"] = json!(settings(0));
    patch["staking"]["settings"]["takeIncreaseInterval"] = json!(2);
    patch["staking"]["settings"]["takeDecreaseInterval"] = json!(2);
    patch["root"]["settings"]["tempo"] = json!(4);
    patch["root"]["settings"]["weightsLifetime"] = json!(10);
    patch["keys"]["settings"]["hotkeySwapInterval"] = json!(3);
    patch["keys"]["settings"]["coldkeySwapDelay"] = json!(3);
    patch["keys"]["settings"]["coldkeySwapWindow"] = json!(20);
    patch["children"]["settings"]["cooldown"] = json!(8);
    patch["children"]["settings"]["takeIncreaseInterval"] = json!(2);
    patch["prepaid"]["terms"]["notice"] = json!(3);
    patch["governance"]["settings"]["votingPeriod"] = json!(60);
    patch["governance"]["settings"]["enactmentDelay"] = json!(30);
}

/// A subnet with direct weights and one with committed ones, three neurons in each, stakes, and a seat that votes for both.
fn founding() -> Vec<Step> {
    let send = |number: u8, act: Act| Step::Send {
        by: By::Entitled(number),
        wrap: Wrap::Bare,
        act,
    };
    let register = |netuid, hotkey| {
        send(
            hotkey,
            Act::Register {
                netuid,
                hotkey,
                max_price: Amount::MoreThanAll,
            },
        )
    };
    let mut steps = vec![
        send(0, Act::CreateSubnet { max_lock: Amount::All }),
        Step::EndBlock(1),
        send(1, Act::CreateSubnet { max_lock: Amount::All }),
        send(0, Act::SetModels { netuid: 0, models: 1 }),
        send(1, Act::SetModels { netuid: 1, models: 1 }),
        send(
            0,
            Act::SetParameter {
                netuid: 0,
                which: 5,
                value: 1,
            },
        ),
    ];
    steps.extend((0..4).map(|hotkey| register(0, hotkey)));
    steps.extend((0..3).map(|hotkey| register(1, hotkey)));
    for number in 0..4 {
        // 1,000, 2,000 and so on, about.
        steps.push(send(
            number,
            Act::AddStake {
                hotkey: number,
                amount: Amount::Leaves(number + 1, 40),
            },
        ));
    }
    steps.push(send(
        4,
        Act::AddStake {
            hotkey: 0,
            amount: Amount::Leaves(1, 40),
        },
    ));
    steps.push(send(
        3,
        Act::Pay {
            to: Who::Multisig,
            amount: Amount::Leaves(1, 40),
            way: Way::KeepAlive,
        },
    ));
    // The fifth holds something for the first hotkey, and wants some of it back.
    let (gateway, whole, part) = (0, Amount::Leaves(100, 30), Amount::Part(100));
    steps.push(send(4, Act::Prepay { gateway, amount: whole }));
    steps.push(send(4, Act::Announce { gateway, amount: part }));
    steps.push(send(0, Act::TakeSeat { hotkey: 0 }));
    steps.push(send(
        0,
        Act::RootWeights {
            hotkey: 0,
            weights: 255,
        },
    ));
    steps.push(Step::EndBlock(6));
    // Three hold permits at most, and the second has the least stake.
    steps.extend([0, 2, 3].map(|hotkey| {
        send(
            hotkey,
            Act::SetWeights {
                netuid: 0,
                hotkey,
                opinion: hotkey + 1,
            },
        )
    }));
    steps.extend((0..3).map(|hotkey| {
        send(
            hotkey,
            Act::Commit {
                netuid: 1,
                hotkey,
                opinion: hotkey + 1,
            },
        )
    }));
    steps.push(Step::EndBlock(0));
    steps
}

/// The council proposes, the seats approve, and the council takes it back before it is made.
pub fn calling_off() -> Vec<Step> {
    let send = |number, act| Step::Send {
        by: By::Entitled(number),
        wrap: Wrap::Bare,
        act,
    };
    let (index, motion, aye) = (8, 0, true);
    let carried = [
        send(0, Act::VoteOnMotion { motion, aye }),
        send(1, Act::VoteOnMotion { motion, aye }),
        send(0, Act::CloseMotion { motion }),
    ];
    let mut steps = vec![send(0, Act::MoveToOpen { choice: 0 })];
    steps.extend(carried);
    steps.push(send(0, Act::Vote { index, aye }));
    steps.push(Step::EndBlock(0));
    steps.push(send(0, Act::Close { index }));
    steps.push(send(0, Act::MoveToCancel { index }));
    steps.extend(carried);
    steps
}

/// The steps of a seed: the same on every machine.
pub fn from_seed(seed: u64, length: usize) -> Vec<Step> {
    // SplitMix64: any seed will do, neighbouring ones too.
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    };
    let bytes: Vec<u8> = (0..length).flat_map(|_| next().to_le_bytes()).collect();
    debug_assert_eq!(bytes.len(), length * STEP_BYTES);
    decode(&bytes)
}

/// In a release build a `defensive!` that is reached only writes an error to the log. Here it fails.
fn listen_to_defences() {
    struct Defences;
    impl log::Log for Defences {
        fn enabled(&self, metadata: &log::Metadata) -> bool {
            metadata.level() == log::Level::Error
        }
        fn log(&self, record: &log::Record) {
            if self.enabled(record.metadata()) {
                panic!("{}: {}", record.target(), record.args());
            }
        }
        fn flush(&self) {}
    }
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        log::set_logger(&Defences).expect("nothing else listens");
        log::set_max_level(log::LevelFilter::Error);
    });
}
