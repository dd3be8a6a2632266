//! The presets that a chain can start from; the node's chain specs name them, nothing else knows their content.
//!
//! | preset | authorities | slot | for |
//! |---|---|---|---|
//! | `development` | Alice | 1 s | one node on one machine |
//! | `local_testnet` | Alice, Bob | 1 s | a whole network on one machine |
//! | `production` | none: fill them in | 12 s | the real chain |
use crate::{
    block_time::PRODUCTION_SLOT_MS, AccountId, AuraConfig, Balance, BalancesConfig, BlockTimeConfig, ChildrenConfig,
    CouncilMembershipConfig, GovernanceConfig, GrandpaConfig, KeysConfig, NeuronsConfig, PrepaidConfig, RootConfig,
    RuntimeGenesisConfig, StakingConfig, SubnetsConfig, SudoConfig,
};
use alloc::{vec, vec::Vec};
use frame_support::build_struct_json_patch;
use laurel_types::{Hyperparameters, LRL};
use serde_json::Value;
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_consensus_grandpa::AuthorityId as GrandpaId;
use sp_genesis_builder::PresetId;
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};

/// Name of the preset of the real chain.
pub const PRODUCTION_PRESET: &str = "production";

/// Slot of the presets for one machine, in milliseconds.
pub const LOCAL_SLOT_MS: u64 = 1_000;

/// What each well-known account has in the presets for one machine. All six have 6 million of 21 million LRL, below the
/// first halving.
pub const ENDOWMENT: Balance = 1_000_000 * LRL;

/// The accounts that everybody knows the keys of, for chains without value.
const WELL_KNOWN: [Sr25519Keyring; 6] = [
    Sr25519Keyring::Alice,
    Sr25519Keyring::Bob,
    Sr25519Keyring::Charlie,
    Sr25519Keyring::Dave,
    Sr25519Keyring::Eve,
    Sr25519Keyring::Ferdie,
];

/// Parameters with which a subnet begins on a chain for one machine: an epoch takes a quarter of a minute, a whole cast can register
/// within seconds, and a miner that died is forgotten after two minutes.
pub fn local_params() -> Hyperparameters {
    Hyperparameters {
        tempo: 15,
        immunity_period: 60,
        weights_rate_limit: 5,
        demand_half_life: 60,
        demand_growth: 1_100,
        pow_allowed: true,
        min_difficulty: 10_000,
        axon_lifetime: 120,
        axon_interval: 10,
        ..Hyperparameters::default()
    }
}

/// Whoever tries something out need not wait for it.
fn local_subnets() -> pallet_laurel_subnets::SubnetSettings {
    pallet_laurel_subnets::SubnetSettings {
        default_params: local_params(),
        immunity_period: 600,
        min_lock: 100 * LRL,
        lock_reduction_interval: 600,
        create_rate_limit: 0,
        lock_vesting: 3_600,
        dissolution_delay: 30,
        parameter_cooldown: 0,
        freeze_window: 0,
        ..Default::default()
    }
}

fn local_staking() -> pallet_laurel_staking::Settings {
    pallet_laurel_staking::Settings {
        take_increase_interval: 10,
        take_decrease_interval: 10,
        ..Default::default()
    }
}

/// A coldkey can be watched changing hands within minutes.
fn local_keys() -> pallet_laurel_keys::SwapSettings {
    pallet_laurel_keys::SwapSettings {
        hotkey_swap_interval: 10,
        coldkey_swap_delay: 20,
        coldkey_swap_window: 600,
        ..Default::default()
    }
}

/// Children are linked by the next epoch but one at the latest.
fn local_children() -> pallet_laurel_children::ChildSettings {
    pallet_laurel_children::ChildSettings {
        cooldown: 5,
        take_increase_interval: 10,
        ..Default::default()
    }
}

/// A deposit comes back within half a minute.
fn local_prepaid() -> laurel_types::PrepaidTerms {
    laurel_types::PrepaidTerms {
        notice: 30,
        ..Default::default()
    }
}

fn local_root() -> pallet_laurel_root::Settings {
    pallet_laurel_root::Settings {
        tempo: 10,
        weights_rate_limit: 1,
        ..Default::default()
    }
}

/// A proposal is decided within half a minute, and everybody can watch it wait.
fn local_governance() -> pallet_laurel_governance::Settings {
    pallet_laurel_governance::Settings {
        voting_period: 30,
        enactment_delay: 5,
    }
}

/// The council of the presets for one machine.
const LOCAL_COUNCIL: [Sr25519Keyring; 3] = [Sr25519Keyring::Alice, Sr25519Keyring::Bob, Sr25519Keyring::Charlie];

/// Keys of one authority.
type Authority = (AuraId, GrandpaId);

fn one_machine(authorities: Vec<Authority>) -> Value {
    let endowed: Vec<(AccountId, Balance)> = WELL_KNOWN.iter().map(|key| (key.to_account_id(), ENDOWMENT)).collect();
    build_struct_json_patch!(RuntimeGenesisConfig {
        block_time: BlockTimeConfig {
            slot_duration: LOCAL_SLOT_MS
        },
        aura: AuraConfig {
            authorities: authorities.iter().map(|(aura, _)| aura.clone()).collect()
        },
        grandpa: GrandpaConfig {
            authorities: authorities.iter().map(|(_, grandpa)| (grandpa.clone(), 1)).collect()
        },
        balances: BalancesConfig { balances: endowed },
        sudo: SudoConfig {
            key: Some(Sr25519Keyring::Alice.to_account_id())
        },
        subnets: SubnetsConfig {
            settings: local_subnets()
        },
        neurons: NeuronsConfig { allow_loopback: true },
        staking: StakingConfig {
            settings: local_staking()
        },
        root: RootConfig { settings: local_root() },
        keys: KeysConfig { settings: local_keys() },
        children: ChildrenConfig {
            settings: local_children()
        },
        prepaid: PrepaidConfig { terms: local_prepaid() },
        council_membership: CouncilMembershipConfig {
            members: LOCAL_COUNCIL
                .iter()
                .map(|key| key.to_account_id())
                .collect::<Vec<_>>()
                .try_into()
                .expect("three is less than the maximum; qed"),
        },
        governance: GovernanceConfig {
            settings: local_governance()
        },
    })
}

/// Nothing of value is given away by the real chain's preset, and nobody can do everything: whoever starts the chain fills
/// in authorities (`aura`, `grandpa`), the first council (`councilMembership`) and, if any, first balances. Without a council nothing can
/// ever be proposed. All other settings are the pallets' defaults, which are
/// made for it.
fn production() -> Value {
    build_struct_json_patch!(RuntimeGenesisConfig {
        block_time: BlockTimeConfig {
            slot_duration: PRODUCTION_SLOT_MS
        },
        aura: AuraConfig { authorities: vec![] },
        grandpa: GrandpaConfig { authorities: vec![] },
        balances: BalancesConfig { balances: vec![] },
        sudo: SudoConfig { key: None },
    })
}

fn well_known_authority(aura: Sr25519Keyring, grandpa: Ed25519Keyring) -> Authority {
    (aura.public().into(), grandpa.public().into())
}

/// The preset called `id` as a JSON patch over the default genesis; none if there is no such preset.
pub fn preset(id: &PresetId) -> Option<Vec<u8>> {
    let alice = || well_known_authority(Sr25519Keyring::Alice, Ed25519Keyring::Alice);
    let bob = || well_known_authority(Sr25519Keyring::Bob, Ed25519Keyring::Bob);
    let patch = match id.as_str() {
        sp_genesis_builder::DEV_RUNTIME_PRESET => one_machine(vec![alice()]),
        sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET => one_machine(vec![alice(), bob()]),
        PRODUCTION_PRESET => production(),
        _ => return None,
    };
    Some(serde_json::to_vec(&patch).expect("a JSON value serializes; qed"))
}

/// Names of all presets.
pub fn preset_names() -> Vec<PresetId> {
    vec![
        sp_genesis_builder::DEV_RUNTIME_PRESET.into(),
        sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET.into(),
        PRODUCTION_PRESET.into(),
    ]
}
