//! Whether what a validator says of its miners can be recomputed from what it wrote down.
use super::{
    cast::{Role, SUBNETS, VALIDATORS},
    checks::Outcome,
    participants,
    report::Epoch,
    Setting,
};
use anyhow::{Context, Result};
use laurel_chain::ChainClient;
use laurel_types::{ModelKind, NetUid, Uid};
use laurel_validator::explain::{
    bundle::Bundle,
    on_chain::{self, OnChain},
    recount::{self, Comparison},
};
use serde::Serialize;
use std::{fs, path::PathBuf};

/// Epochs of which each miner's receipts are recomputed.
const EPOCHS: u32 = 3;

/// A miner whose receipts were recomputed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// The subnet.
    pub netuid: NetUid,
    /// The miner.
    pub name: String,
    /// Receipts that come out as the validator wrote them.
    pub recomputed: usize,
    /// Receipts of which the validator's word is all there is.
    pub cannot: usize,
    /// Epochs whose receipts have the root that stands on chain.
    pub on_chain: usize,
    /// What comes out otherwise.
    pub differences: Vec<String>,
}

/// The cheats and the first honest miner of a subnet, as its last paid epoch has them.
fn subjects(netuid: NetUid, epochs: &[Epoch]) -> Vec<(Uid, String)> {
    let last = epochs.iter().rfind(|epoch| epoch.netuid == netuid);
    let neurons = || last.into_iter().flat_map(|epoch| &epoch.neurons);
    let honest = neurons().find(|neuron| neuron.role == Role::HonestMiner);
    let cheats = neurons().filter(|neuron| neuron.role == Role::CheatingMiner);
    honest
        .into_iter()
        .chain(cheats)
        .map(|neuron| (neuron.uid, neuron.name.clone()))
        .collect()
}

/// Writes bundles from the data of the first validator, which runs on, and recomputes them. `folders` are those of the models of a kind.
pub async fn explain(
    setting: &Setting,
    client: &ChainClient,
    epochs: &[Epoch],
    folders: impl Fn(ModelKind) -> Vec<PathBuf>,
) -> Result<Vec<Explained>> {
    let bundles = setting.dir.join("bundles");
    fs::create_dir_all(&bundles).with_context(|| format!("cannot create {}", bundles.display()))?;
    let mut all = Vec::new();
    for subnet in SUBNETS {
        // The miners and validators have the other threads.
        let works = recount::load(&folders(subnet.kind), Some(1))?;
        let data = participants::data(setting, &VALIDATORS[0], &subnet);
        for (uid, name) in subjects(subnet.netuid, epochs) {
            let file = bundles.join(&name);
            Bundle::export(subnet.netuid, uid, &data, EPOCHS)?.write(&file)?;
            let bundle = Bundle::read(&file)?;
            let recount = recount::recount(&bundle, &works).await;
            let mut explained = Explained {
                netuid: subnet.netuid,
                name,
                ..Explained::default()
            };
            for commitment in &bundle.epochs {
                match on_chain::compare(client, &bundle, commitment).await? {
                    OnChain::Same(_) => explained.on_chain += 1,
                    OnChain::Other(block, _) => explained.differences.push(format!("another root in block {block}")),
                    OnChain::NotCompared(_) => {}
                }
            }
            for receipt in &recount.receipts {
                match &receipt.comparison {
                    Comparison::Same => explained.recomputed += 1,
                    Comparison::Cannot(_) => explained.cannot += 1,
                    Comparison::Differs(what) => {
                        explained
                            .differences
                            .push(format!("block {}: {}", receipt.block, what.join("; ")))
                    }
                }
            }
            all.push(explained);
        }
    }
    Ok(all)
}

/// Nothing comes out otherwise, and of each miner something comes out at all, under a root that is on chain.
pub fn check(all: &[Explained]) -> Outcome {
    if all.is_empty() {
        return Err("no miner's receipts were recomputed".into());
    }
    for Explained {
        name,
        recomputed,
        on_chain,
        differences,
        ..
    } in all
    {
        if let Some(difference) = differences.first() {
            return Err(format!("{name}: {difference}"));
        }
        if *recomputed == 0 || *on_chain == 0 {
            return Err(format!(
                "{name}: {recomputed} receipts recomputed, {on_chain} epochs found on chain"
            ));
        }
    }
    let sum = |of: fn(&Explained) -> usize| all.iter().map(of).sum::<usize>();
    Ok(format!(
        "{} receipts of {} miners recomputed, {} are the validator's word",
        sum(|explained| explained.recomputed),
        all.len(),
        sum(|explained| explained.cannot)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_or_nothing_to_recompute_fails() {
        let good = Explained {
            name: "someone".into(),
            recomputed: 3,
            cannot: 1,
            on_chain: 1,
            ..Default::default()
        };
        let but = |change: fn(&mut Explained)| {
            let mut changed = good.clone();
            change(&mut changed);
            check(&[good.clone(), changed])
        };
        assert!(but(|_| {}).is_ok());
        assert!(but(|it| it.differences.push("score".into())).is_err());
        assert!(but(|it| it.recomputed = 0).is_err());
        assert!(but(|it| it.on_chain = 0).is_err());
        assert!(check(&[]).is_err());
    }
}
