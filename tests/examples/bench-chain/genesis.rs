//! The state that a measured chain starts from, built by the runtime itself.
use anyhow::{anyhow, Context, Result};
use codec::Decode;
use frame_support::dispatch::DispatchClass;
use laurel_runtime::{genesis::preset, AccountId, Runtime, RuntimeCall, RuntimeGenesisConfig, RuntimeOrigin, System};
use laurel_types::{consent_preimage, HotkeyConsent, NetUid, LRL};
use serde_json::{json, Map, Value};
use sp_core::{sr25519, Pair};
use sp_io::TestExternalities;
use sp_runtime::{
    traits::{Dispatchable, Get},
    BuildStorage,
};

/// What every account begins with: fees for thousands of transactions.
const ENDOWMENT: u64 = 20 * LRL;

/// Uids of each subnet; all can validate.
const UIDS: u16 = 256;

/// Who is there.
#[derive(Clone, Copy)]
pub enum Scene {
    /// So many accounts with money.
    Accounts(u32),
    /// So many subnets in which the same 256 hotkeys, all with stake, hold all uids.
    Subnets(u16),
}

/// A state, and what follows from it.
pub struct Genesis {
    top: Map<String, Value>,
    /// Picoseconds that ordinary transactions may take of a block.
    pub normal_limit: u64,
    /// Bytes that they may take.
    pub normal_length: u64,
    /// Hotkeys by uid; the same in all subnets.
    pub validators: Vec<sr25519::Pair>,
}

/// The `index`-th account of those that are here for the measurement only.
pub fn account(index: u32) -> sr25519::Pair {
    sr25519::Pair::from_seed(&sp_io::hashing::blake2_256(&index.to_le_bytes()))
}

pub fn id(pair: &sr25519::Pair) -> AccountId {
    pair.public().into()
}

impl Genesis {
    pub fn build(scene: Scene, slot: u64, authorities: u8) -> Result<Self> {
        let mut config = config(if authorities == 1 {
            "development"
        } else {
            "local_testnet"
        })?;
        config.block_time.slot_duration = slot;
        let accounts = match scene {
            Scene::Accounts(count) => count,
            Scene::Subnets(_) => UIDS.into(),
        };
        let pairs: Vec<_> = (0..accounts).map(account).collect();
        config
            .balances
            .balances
            .extend(pairs.iter().map(|pair| (id(pair), ENDOWMENT)));
        let settings = &mut config.subnets.settings;
        settings.min_lock = LRL;
        settings.lock_reduction_interval = 1;
        settings.default_params.commit_reveal = false;
        settings.default_params.weights_rate_limit = 0;
        settings.default_params.max_uids = UIDS;
        settings.default_params.max_validators = UIDS;
        settings.default_params.demand_growth = 1_010;
        settings.default_params.min_burn = 1;
        settings.default_params.tempo = 7_200;

        let storage = config.build_storage().map_err(|error| anyhow!(error))?;
        let mut state = TestExternalities::new(storage);
        state.execute_with(|| -> Result<()> {
            if let Scene::Subnets(count) = scene {
                populate(count, &pairs)?;
            }
            Ok(())
        })?;
        Ok(state.execute_with(|| {
            let limits = <Runtime as frame_system::Config>::BlockWeights::get();
            let normal = limits.get(DispatchClass::Normal);
            Self {
                top: top(),
                normal_limit: normal.max_total.unwrap_or(limits.max_block).ref_time(),
                normal_length: u64::from(
                    *<Runtime as frame_system::Config>::BlockLength::get()
                        .max
                        .get(DispatchClass::Normal),
                ),
                validators: match scene {
                    Scene::Accounts(_) => Vec::new(),
                    Scene::Subnets(_) => pairs,
                },
            }
        }))
    }

    /// Puts the state in the place of another chain's genesis; the code stays.
    pub fn replace(&self, mut specification: Value) -> Result<Value> {
        let code = specification
            .pointer("/genesis/runtimeGenesis/code")
            .context("the node's specification has no code")?
            .clone();
        let mut top = self.top.clone();
        top.insert(format!("0x{}", hex::encode(":code")), code);
        specification["genesis"] = json!({ "raw": { "top": top, "childrenDefault": {} } });
        Ok(specification)
    }
}

fn config(name: &str) -> Result<RuntimeGenesisConfig> {
    let patch = preset(&name.into()).context("the runtime has no such preset")?;
    let mut config = serde_json::to_value(RuntimeGenesisConfig::default())?;
    merge(&mut config, serde_json::from_slice(&patch)?);
    Ok(serde_json::from_value(config)?)
}

fn merge(target: &mut Value, patch: Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (key, value) in patch {
                merge(target.entry(key).or_insert(Value::Null), value);
            }
        }
        (target, patch) => *target = patch,
    }
}

/// Fills subnets by the calls that their people would send.
fn populate(subnets: u16, hotkeys: &[sr25519::Pair]) -> Result<()> {
    let owner = id(&alice());
    for _ in 0..subnets {
        dispatch(
            &owner,
            pallet_laurel_subnets::Call::create_subnet {
                max_lock: 1_000_000 * LRL,
            },
        )?;
    }
    let genesis = System::block_hash(0);
    for pair in hotkeys {
        let hotkey = id(pair);
        let message = consent_preimage(&genesis, &hotkey, &hotkey);
        let consent = Some(HotkeyConsent(pair.sign(&message).0));
        for netuid in 1..=subnets {
            let call = pallet_laurel_neurons::Call::burned_register {
                netuid: NetUid(netuid),
                hotkey: hotkey.clone(),
                max_price: LRL,
                consent,
            };
            dispatch(&hotkey, call)?;
        }
        dispatch(
            &hotkey,
            pallet_laurel_staking::Call::add_stake {
                hotkey: hotkey.clone(),
                amount: 5 * LRL,
            },
        )?;
    }
    System::reset_events();
    Ok(())
}

fn alice() -> sr25519::Pair {
    sr25519::Pair::from_string("//Alice", None).expect("a well-known key; qed")
}

fn dispatch(signer: &AccountId, call: impl Into<RuntimeCall>) -> Result<()> {
    let call = call.into();
    let name = format!("{call:?}").chars().take(120).collect::<String>();
    call.dispatch(RuntimeOrigin::signed(signer.clone()))
        .map(|_| ())
        .map_err(|failure| anyhow!("{name}: {:?}", failure.error))
}

/// All storage as it is now.
fn top() -> Map<String, Value> {
    let mut top = Map::new();
    let mut key = Vec::new();
    while let Some(next) = sp_io::storage::next_key(&key) {
        if let Some(value) = sp_io::storage::get(&next) {
            top.insert(
                format!("0x{}", hex::encode(&next)),
                format!("0x{}", hex::encode(&value)).into(),
            );
        }
        key = next;
    }
    top
}

/// Decodes what a node answered in hex.
pub fn decode<T: Decode>(text: &str) -> Result<T> {
    Ok(T::decode(&mut &hex::decode(text.trim_start_matches("0x"))?[..])?)
}
