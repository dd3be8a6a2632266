//! The chains that the node knows by name. Each is a genesis preset of the runtime with a name, nothing else.
use laurel_runtime::{genesis::PRODUCTION_PRESET, WASM_BINARY};
use laurel_types::{DECIMALS, SS58_PREFIX};
use sc_service::{ChainType, GenericChainSpec, Properties};
use std::path::Path;

/// A chain specification: nothing beside name, bootnodes, properties and genesis.
pub type ChainSpec = GenericChainSpec;

/// Why there is no specification.
type Refusal = String;

struct Named {
    id: &'static str,
    name: &'static str,
    kind: ChainType,
    preset: &'static str,
}

fn build(named: Named) -> Result<ChainSpec, Refusal> {
    let code =
        WASM_BINARY.ok_or("this laurel-node was built with SKIP_WASM_BUILD, so it has no runtime: build it without")?;
    let mut properties = Properties::new();
    properties.insert("tokenSymbol".into(), "LRL".into());
    properties.insert("tokenDecimals".into(), DECIMALS.into());
    properties.insert("ss58Format".into(), SS58_PREFIX.into());
    Ok(ChainSpec::builder(code, None)
        .with_name(named.name)
        .with_id(named.id)
        .with_protocol_id(named.id)
        .with_chain_type(named.kind)
        .with_properties(properties)
        .with_genesis_config_preset_name(named.preset)
        .build())
}

/// The specification called `id`: `dev`, `local`, `production`, or a file.
pub fn load(id: &str) -> Result<Box<dyn sc_service::ChainSpec>, Refusal> {
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
    Ok(Box::new(build(named)?))
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
    use super::load;

    #[test]
    fn a_chain_without_a_name_or_file_is_refused_with_what_to_do() {
        let refusal = |id| load(id).err().unwrap();
        assert!(refusal("").contains("--chain local"));
        assert!(refusal("/no/such/file.json").contains("export-chain-spec"));
    }

    #[test]
    fn a_file_that_is_no_specification_is_refused_with_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("spec.json");
        std::fs::write(&path, "{}").unwrap();
        let refusal = load(path.to_str().unwrap()).err().unwrap();
        assert!(refusal.contains("spec.json is no chain specification"), "{refusal}");
    }
}
