//! The miners and validators of the cast.
use super::{
    cast::{Behaviour, Miner, Subnet, SUBNETS, VALIDATORS},
    founding::Models,
    nodes,
    processes::Processes,
    wallets, Setting,
};
use anyhow::{bail, Context, Result};
use laurel_models::manifest;
use laurel_types::ModelKind;
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// First port of the miners, from the base port.
const MINER_PORTS: u16 = 10;
/// Bits that the degraded model's weights are rounded to.
const DEGRADED_BITS: &str = "3";

fn model_of(setting: &Setting, kind: ModelKind) -> &Path {
    match kind {
        ModelKind::Text => &setting.text_model,
        ModelKind::Embedding => &setting.embedding_model,
    }
}

fn degraded_model(setting: &Setting) -> PathBuf {
    setting.dir.join("models").join("degraded")
}

/// What the subnets register: the roots of the two models. Also makes the degraded copy for the miner that cheats with it.
pub fn models(setting: &Setting) -> Result<Models> {
    let degraded = degraded_model(setting);
    if !degraded.exists() {
        let made = Command::new(setting.program("laurel-model"))
            .arg("degrade")
            .arg(&setting.text_model)
            .arg(&degraded)
            .args(["--bits", DEGRADED_BITS])
            .output()
            .context("cannot start laurel-model: is it built? run scripts/build.sh")?;
        if !made.status.success() {
            bail!(
                "making a degraded model: {}",
                String::from_utf8_lossy(&made.stderr).trim()
            );
        }
    }
    let mut models = Models::new();
    for subnet in SUBNETS {
        let folder = model_of(setting, subnet.kind);
        let manifest = manifest(folder)?;
        if manifest.kind != subnet.kind {
            bail!(
                "{} holds another kind of model than {} needs",
                folder.display(),
                subnet.label
            );
        }
        models.push(manifest.accepted());
    }
    Ok(models)
}

/// Starts all of them.
pub fn start(setting: &Setting, processes: &mut Processes) -> Result<()> {
    let mut port = setting.port(MINER_PORTS);
    for subnet in SUBNETS {
        for miner in subnet.miners {
            start_miner(setting, processes, &subnet, &miner, port)?;
            port += 1;
        }
    }
    for subnet in SUBNETS {
        for validator in VALIDATORS {
            let name = format!("{}-{}", validator.name, subnet.label);
            let data = setting.dir.join("validators").join(&name);
            let mut arguments = common(setting, validator.name, &subnet);
            arguments.push(format!("--model={}", model_of(setting, subnet.kind).display()));
            arguments.push(format!("--data={}", data.display()));
            processes.start(&name, &setting.program("laurel-validator"), &arguments)?;
        }
    }
    Ok(())
}

fn common(setting: &Setting, wallet: &str, subnet: &Subnet) -> Vec<String> {
    vec![
        format!("--wallet={}", wallets::folder(&setting.dir, wallet).display()),
        format!("--hotkey={}", wallets::HOTKEY),
        format!("--netuid={}", subnet.netuid),
        format!("--chain={}", nodes::chain_url(setting)),
        // A dozen engines share the machine: more threads would only take turns.
        "--threads=1".into(),
    ]
}

fn start_miner(setting: &Setting, processes: &mut Processes, subnet: &Subnet, miner: &Miner, port: u16) -> Result<()> {
    let registered = model_of(setting, subnet.kind).display().to_string();
    let mut arguments = common(setting, miner.name, subnet);
    arguments.push(format!("--listen=127.0.0.1:{port}"));
    arguments.push(format!("--model={registered}"));
    if miner.behaviour == Behaviour::Honest {
        return processes.start(miner.name, &setting.program("laurel-miner"), &arguments);
    }
    arguments.push(format!("--behaviour={}", miner.behaviour.name()));
    if miner.behaviour == Behaviour::Degraded {
        arguments.push(format!("--serve-model={}", degraded_model(setting).display()));
    }
    processes.start(miner.name, &setting.program("laurel-adversary"), &arguments)
}
