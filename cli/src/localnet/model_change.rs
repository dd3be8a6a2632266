//! On the way the text subnet changes to another model, announced an epoch ahead: who follows is paid on, who does not is not.
use super::{
    cast::{Role, OWNER, TEXT},
    checks::Outcome,
    models::{Model, Models},
    report::{Epoch, Neuron},
    wallets::Wallets,
};
use anyhow::{Context, Result};
use laurel_chain::{BlockHash, Call, ChainClient, SubmitOptions};
use laurel_types::{EpochIndex, ModelRoot, NetUid};
use serde::Serialize;

/// Paid epochs until the weights of the new model's first epoch are among them, where all begin at once.
pub const EPOCHS_TO_SEE_IT: u32 = 3;
/// What honest miners must have together of the incentive after the change, in percent.
const HONEST_PERCENT: u32 = 95;

/// An announced change.
#[derive(Clone, Debug, Serialize)]
pub struct ModelChange {
    /// The subnet.
    pub netuid: NetUid,
    /// The first epoch under the new model.
    pub from: EpochIndex,
    /// The model accepted until then.
    pub before: Model,
    /// The model accepted from then on.
    pub after: Model,
}

impl ModelChange {
    /// Whether an epoch was paid for weights that were committed under the new model: they count one epoch later.
    pub fn is_paid_by(&self, epoch: &Epoch) -> bool {
        epoch.netuid == self.netuid && epoch.epoch > self.from
    }
}

/// The text model that the chain accepts at a block.
pub async fn accepted(client: &ChainClient, at: Option<BlockHash>) -> Result<ModelRoot> {
    let subnets = client.subnets(at).await?;
    let text = subnets.iter().find(|subnet| subnet.netuid == TEXT);
    let model = text.and_then(|subnet| subnet.models.first());
    Ok(model.context("the text subnet has no model: start with --fresh")?.root)
}

/// The owner announces the text model that is not accepted now. An announcement that an earlier run left is replaced.
pub async fn announce(client: &ChainClient, wallets: &Wallets, models: &Models) -> Result<ModelChange> {
    let owner = &wallets.get(OWNER)?.coldkey;
    loop {
        let root = accepted(client, None).await?;
        let (before, after) = models
            .text(root)
            .context("the text subnet accepts another model than --text-model: start with --fresh")?;
        let call = Call::SetModels {
            netuid: TEXT,
            models: vec![after.accepted],
        };
        let included = client.submit(owner, call, SubmitOptions::default()).await?;
        // An announcement of an earlier run may have come into force in between.
        if accepted(client, Some(included.block.hash)).await? == root {
            let from = included
                .event("Subnets", "ModelsSet")
                .and_then(|event| event.number("from"));
            let from = from.and_then(|from| u64::try_from(from).ok());
            return Ok(ModelChange {
                netuid: TEXT,
                from: EpochIndex(from.context("the chain's ModelsSet event has another form")?),
                before: before.clone(),
                after: after.clone(),
            });
        }
    }
}

/// After the change honest miners have the incentive again, and nobody has any for the old model; before it the late one was paid.
pub fn check(change: Option<&ModelChange>, epochs: &[Epoch], asked: u32) -> Outcome {
    let change = change.ok_or("no change was announced")?;
    let late = |epoch: &Epoch| -> Option<u16> {
        let late = epoch.neurons.iter().find(|neuron| neuron.role == Role::LateMiner);
        late.map(|neuron| neuron.incentive)
    };
    let before = epochs
        .iter()
        .find(|epoch| epoch.netuid == change.netuid && epoch.epoch == change.from);
    if before.is_some_and(|epoch| late(epoch) == Some(0)) {
        return Err(format!(
            "epoch {}: the late miner was not paid for the old model",
            change.from
        ));
    }
    let mut honest = None;
    for epoch in epochs.iter().filter(|epoch| change.is_paid_by(epoch)) {
        honest = Some(paid_for_new_model(change, epoch)?);
    }
    match honest {
        Some(honest) => Ok(format!(
            "from epoch {} on {} instead of {}; then honest miners have {honest:.2} % of the incentive, the late one nothing",
            change.from, change.after.name, change.before.name
        )),
        None if asked < EPOCHS_TO_SEE_IT => Ok(format!("in force from epoch {} on, not paid for yet", change.from)),
        None => Err(format!("no epoch after {} was paid", change.from)),
    }
}

/// The honest miners' part of an epoch under the new model, in percent.
fn paid_for_new_model(change: &ModelChange, epoch: &Epoch) -> Result<f64, String> {
    let wrong = |neuron: &&Neuron| neuron.incentive > 0 && neuron.model.as_ref() != Some(&change.after.name);
    if let Some(neuron) = epoch.neurons.iter().find(wrong) {
        return Err(format!(
            "epoch {}: {} has incentive {} with model {}",
            epoch.epoch,
            neuron.name,
            neuron.incentive,
            neuron.model.as_deref().unwrap_or("none")
        ));
    }
    let honest = || epoch.neurons.iter().filter(|neuron| neuron.role == Role::HonestMiner);
    let together: u32 = honest().map(|neuron| u32::from(neuron.incentive)).sum();
    if together * 100 < u32::from(u16::MAX) * HONEST_PERCENT || honest().any(|neuron| neuron.incentive == 0) {
        return Err(format!("epoch {}: honest miners have {together} of 65535", epoch.epoch));
    }
    Ok(f64::from(together) / f64::from(u16::MAX) * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::localnet::report::{Leaves, Payments};
    use laurel_types::Uid;

    fn neuron(role: Role, incentive: u16, model: &str) -> Neuron {
        Neuron {
            uid: Uid(0),
            name: "someone".into(),
            role,
            behaviour: None,
            model: Some(model.into()),
            consensus: 0,
            incentive,
            dividends: 0,
            emission: Leaves(0),
            stake: Leaves(0),
        }
    }

    /// An epoch in which two honest miners with the new model have the incentive but for what the late one has.
    fn epoch(epoch: u64, late: u16) -> Epoch {
        let honest = (u16::MAX - late) / 2;
        Epoch {
            netuid: TEXT,
            paid: 1,
            epoch: EpochIndex(epoch),
            block: 1,
            paid_up: 1,
            pot: Leaves(0),
            owner: Leaves(0),
            miners: Leaves(0),
            validators: Leaves(0),
            carried: Leaves(0),
            payments: Payments::default(),
            neurons: vec![
                neuron(Role::HonestMiner, honest, "new"),
                neuron(Role::HonestMiner, honest, "new"),
                neuron(Role::LateMiner, late, "old"),
            ],
        }
    }

    #[test]
    fn whoever_is_paid_for_the_old_model_or_not_for_the_new_one_fails() {
        let change = ModelChange {
            netuid: TEXT,
            from: EpochIndex(2),
            before: Model::named("old"),
            after: Model::named("new"),
        };
        let check = |epochs: &[Epoch], asked| check(Some(&change), epochs, asked);
        check(&[epoch(1, 9_000), epoch(2, 9_000), epoch(3, 0)], 3).unwrap();
        check(&[epoch(1, 9_000)], 2).unwrap();
        assert!(
            check(&[epoch(1, 9_000), epoch(2, 9_000)], 3).is_err(),
            "the change was not seen"
        );
        assert!(
            check(&[epoch(2, 9_000), epoch(3, 1)], 3).is_err(),
            "paid for the old model"
        );
        assert!(
            check(&[epoch(2, 0), epoch(3, 0)], 3).is_err(),
            "the check would see nothing"
        );
        let mut gone = epoch(3, 0);
        gone.neurons[1].incentive = 0;
        assert!(check(&[gone], 3).is_err(), "an honest miner lost its place");
        assert!(super::check(None, &[], 1).is_err());
    }
}
