//! The miners and validators of the cast.
use super::{
    cast::{Behaviour, Miner, Subnet, Validator, SUBNETS, VALIDATORS},
    model_change::ModelChange,
    models::{Model, Models},
    nodes,
    processes::Processes,
    user::GATEWAY_PORTS,
    wallets, Setting,
};
use anyhow::Result;
use std::path::PathBuf;

/// First port of the miners, from the base port.
const MINER_PORTS: u16 = 10;

/// Starts all of them. The late one holds only the model that is accepted before the change.
pub fn start(setting: &Setting, processes: &mut Processes, models: &Models, change: &ModelChange) -> Result<()> {
    let mut port = setting.port(MINER_PORTS);
    for subnet in SUBNETS {
        for miner in subnet.miners {
            let held = match miner.behaviour {
                Behaviour::Late => std::slice::from_ref(&change.before),
                _ => models.of(subnet.kind),
            };
            let mut arguments = common(setting, miner.name, &subnet, held);
            arguments.push(format!("--listen=127.0.0.1:{port}"));
            start_miner(setting, processes, miner, models, arguments)?;
            port += 1;
        }
    }
    for (subnet, gateway) in SUBNETS.into_iter().zip(GATEWAY_PORTS) {
        for validator in VALIDATORS {
            let name = format!("{}-{}", validator.name, subnet.label);
            let data = data(setting, &validator, &subnet);
            let mut arguments = common(setting, validator.name, &subnet, models.of(subnet.kind));
            arguments.push(format!("--data={}", data.display()));
            if validator.name == VALIDATORS[0].name {
                arguments.push(format!("--gateway=127.0.0.1:{}", setting.port(gateway)));
                arguments.push("--publish-receipts".into());
            }
            processes.start(&name, &setting.program("laurel-validator"), &arguments)?;
        }
    }
    Ok(())
}

/// Where a validator keeps what it must not forget about a subnet.
pub fn data(setting: &Setting, validator: &Validator, subnet: &Subnet) -> PathBuf {
    let name = format!("{}-{}", validator.name, subnet.label);
    setting.dir.join("validators").join(name)
}

/// What miners and validators are both told. Who holds the next model too follows when the subnet changes to it.
fn common(setting: &Setting, wallet: &str, subnet: &Subnet, models: &[Model]) -> Vec<String> {
    let mut arguments = vec![
        format!("--wallet={}", wallets::folder(&setting.dir, wallet).display()),
        format!("--hotkey={}", wallets::HOTKEY),
        format!("--netuid={}", subnet.netuid),
        format!("--chain={}", nodes::chain_url(setting)),
        // A dozen engines share the machine: more threads would only take turns.
        "--threads=1".into(),
    ];
    arguments.extend(models.iter().map(|model| format!("--model={}", model.folder.display())));
    arguments
}

fn start_miner(
    setting: &Setting,
    processes: &mut Processes,
    miner: &Miner,
    models: &Models,
    mut arguments: Vec<String>,
) -> Result<()> {
    if matches!(miner.behaviour, Behaviour::Honest | Behaviour::Late) {
        return processes.start(miner.name, &setting.program("laurel-miner"), &arguments);
    }
    arguments.push(format!("--behaviour={}", miner.behaviour.name()));
    if miner.behaviour == Behaviour::Degraded {
        arguments.push(format!("--serve-model={}", models.degraded.display()));
    }
    processes.start(miner.name, &setting.program("laurel-adversary"), &arguments)
}
