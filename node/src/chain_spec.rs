//! The chains that the node knows by name. Each is a genesis preset of the runtime with a name, nothing else.
use laurel_runtime::{
    genesis::{preset, PRODUCTION_PRESET},
    Hash, RuntimeGenesisConfig, WASM_BINARY,
};
use laurel_types::{DECIMALS, SS58_PREFIX};
use sc_chain_spec::ChainSpec as _;
use sc_service::{ChainType, GenericChainSpec, Properties};
use serde_json::Value;
use sp_core::storage::{well_known_keys, Storage};
use sp_runtime::BuildStorage;
use std::path::Path;

/// A chain specification: nothing beside name, bootnodes, properties and genesis.
pub type ChainSpec = GenericChainSpec;

/// Why there is no specification.
type Refusal = String;

/// What a specification is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To start from it: the genesis of a named chain is computed here and now.
    Running,
    /// To write it down: the genesis stays the name of a preset, which the runtime in it knows.
    Exporting,
}

struct Named {
    id: &'static str,
    name: &'static str,
    kind: ChainType,
    preset: &'static str,
}

fn build(named: Named, purpose: Purpose) -> Result<ChainSpec, Refusal> {
    let code =
        WASM_BINARY.ok_or("this laurel-node was built with SKIP_WASM_BUILD, so it has no runtime: build it without")?;
    let mut properties = Properties::new();
    properties.insert("tokenSymbol".into(), "LRL".into());
    properties.insert("tokenDecimals".into(), DECIMALS.into());
    properties.insert("ss58Format".into(), SS58_PREFIX.into());
    let mut spec = ChainSpec::builder(code, None)
        .with_name(named.name)
        .with_id(named.id)
        .with_protocol_id(named.id)
        .with_chain_type(named.kind)
        .with_properties(properties)
        .with_genesis_config_preset_name(named.preset)
        .build();
    if purpose == Purpose::Running {
        spec.set_storage(native_genesis(named.preset, code)?);
    }
    Ok(spec)
}

/// The genesis of a preset, computed by the runtime that is linked in instead of its Wasm twin: the same state without compiling Wasm for
/// it, which would take longer than all the rest of the start.
fn native_genesis(name: &str, code: &[u8]) -> Result<Storage, Refusal> {
    let parse = |json: &[u8]| serde_json::from_slice::<Value>(json).map_err(|error| error.to_string());
    let patch = preset(&name.into()).ok_or_else(|| format!("the runtime has no preset {name}"))?;
    let mut config = serde_json::to_value(RuntimeGenesisConfig::default()).map_err(|error| error.to_string())?;
    sc_chain_spec::json_merge(&mut config, parse(&patch)?);
    let config: RuntimeGenesisConfig = serde_json::from_value(config).map_err(|error| error.to_string())?;
    let mut storage = config.build_storage()?;
    storage.top.insert(well_known_keys::CODE.to_vec(), code.to_vec());
    Ok(storage)
}

/// The root of a genesis state.
pub fn state_root(storage: Storage) -> Hash {
    let code = storage.top.get(well_known_keys::CODE).cloned().unwrap_or_default();
    // Given apart, because it would be replaced by no code otherwise.
    *sp_io::TestExternalities::new_with_code(&code, storage).backend.root()
}

/// The specification called `id`: `dev`, `local`, `production`, or a file.
pub fn load(id: &str, purpose: Purpose) -> Result<Box<dyn sc_service::ChainSpec>, Refusal> {
    let named = match id {
        "" => return Err("which chain? Give --dev, --chain local, or --chain FILE".into()),
        "dev" => Named {
            id: "laurel_dev",
            name: "Laurel Development",
            kind: ChainType::Development,
            preset: sp_genesis_builder::DEV_RUNTIME_PRESET,
        },
        "local" => Named {
            id: "laurel_local",
            name: "Laurel Local",
            kind: ChainType::Local,
            preset: sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET,
        },
        "production" => Named {
            id: "laurel",
            name: "Laurel",
            kind: ChainType::Live,
            preset: PRODUCTION_PRESET,
        },
        path => return from_file(Path::new(path)),
    };
    Ok(Box::new(build(named, purpose)?))
}

fn from_file(path: &Path) -> Result<Box<dyn sc_service::ChainSpec>, Refusal> {
    if !path.is_file() {
        return Err(format!(
            "no chain is called {0:?} and there is no such file: give dev, local, production, or a file written by \
             `laurel-node export-chain-spec`",
            path.display().to_string()
        ));
    }
    let spec = ChainSpec::from_json_file(path.to_path_buf())
        .map_err(|error| format!("{} is no chain specification: {error}", path.display()))?;
    Ok(Box::new(spec))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_without_a_name_or_file_is_refused_with_what_to_do() {
        let refusal = |id| load(id, Purpose::Running).err().unwrap();
        assert!(refusal("").contains("--chain local"));
        assert!(refusal("/no/such/file.json").contains("export-chain-spec"));
    }

    #[test]
    fn the_linked_runtime_and_its_wasm_twin_make_the_same_genesis() {
        for id in ["dev", "local", "production"] {
            let root = |purpose| {
                let spec = load(id, purpose).expect("named chains need a build with Wasm");
                state_root(spec.as_storage_builder().build_storage().unwrap())
            };
            assert_eq!(root(Purpose::Running), root(Purpose::Exporting), "{id}");
        }
    }

    #[test]
    fn a_file_that_is_no_specification_is_refused_with_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("spec.json");
        std::fs::write(&path, "{}").unwrap();
        let refusal = load(path.to_str().unwrap(), Purpose::Running).err().unwrap();
        assert!(refusal.contains("spec.json is no chain specification"), "{refusal}");
    }
}
