//! `laurel subnet show`.
use super::{dissolved_at, find};
use crate::{
    commands::{hyperparameter, model::model_json, table, ChainArgs},
    output::Output,
    transaction::from_hex,
};
use anyhow::Result;
use clap::Args;
use laurel_chain::Key;
use laurel_types::{Hyperparameters, NetUid};
use serde_json::{json, Value};

#[derive(Args, Debug)]
pub struct ShowArgs {
    #[command(flatten)]
    chain: ChainArgs,
    /// The subnet.
    #[arg(long)]
    netuid: u16,
}

/// Shows one.
pub async fn show(args: ShowArgs, output: Output) -> Result<()> {
    let client = args.chain.connect().await?;
    let netuid = NetUid(args.netuid);
    let subnet = find(&client, netuid).await?;
    let key = [Key::Number(args.netuid.into())];
    let pending = client.storage("Subnets", "PendingParams", &key, None).await?;
    let pending_models = client.storage("Subnets", "PendingModels", &key, None).await?;
    let offered = client.storage("Subnets", "Offers", &key, None).await?;
    let identity = client.storage("Subnets", "SubnetIdentities", &key, None).await?;
    let identity = identity.as_ref().map(identity_json);
    let ends_at = dissolved_at(&client, netuid).await?;
    let programs = json!({
        "netuid": netuid,
        "owner": subnet.owner,
        "neurons": subnet.neurons,
        "epoch": subnet.epoch,
        "next_epoch_at": subnet.next_epoch_at,
        "pot": subnet.pot.to_string(),
        "emission_per_block": subnet.emission_per_block.to_string(),
        "registration_price": subnet.registration_price.to_string(),
        "hyperparameters": hyperparameter::values(&subnet.hyperparameters),
        "pending_hyperparameters": pending,
        "models": subnet.models.iter().map(model_json).collect::<Vec<_>>(),
        "pending_models": pending_models,
        "offered_to": offered,
        "identity": identity,
        "dissolved_at": ends_at,
    });
    let people = || {
        say!("subnet {netuid} of {}", subnet.owner);
        let mut table = table(["hyperparameter", "value", "next epoch", "unit", "range", "set by"]);
        let now = hyperparameter::values(&subnet.hyperparameters);
        for row in Hyperparameters::DESCRIPTIONS {
            let then = pending
                .as_ref()
                .map(|pending| plain(&pending[row.name]))
                .unwrap_or_default();
            let value = match &now[row.name] {
                Value::Null => "none".into(),
                value => plain(value),
            };
            let then = if then == value { String::new() } else { then };
            table.add_row([
                row.name,
                &value,
                &then,
                row.unit,
                &hyperparameter::range(row),
                hyperparameter::setter(row),
            ]);
        }
        say!("{table}");
        for model in &subnet.models {
            say!("model {:#}", model_json(model));
        }
        if let Some(announced) = &pending_models {
            say!(
                "models from epoch {} on: {:#}",
                plain(&announced["from"]),
                announced["models"]
            );
        }
        if let Some(identity) = &identity {
            say_identity(identity);
        }
        if let Some(at) = ends_at {
            say!("the subnet is dissolved at block {at}");
        }
        if let Some(to) = offered.as_ref().and_then(|to| to.as_str()) {
            say!("the subnet is offered to {to}");
        }
    };
    output.show(people, || programs.clone());
    Ok(())
}

/// A value without quotes.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What is said of the subnet as text, beside the deposit. The chain takes nothing but UTF-8.
fn identity_json(stored: &Value) -> Value {
    let text = |stored: &Value| {
        let bytes = from_hex(stored.as_str().unwrap_or_default()).unwrap_or_default();
        Value::String(String::from_utf8_lossy(&bytes).into_owned())
    };
    let said = stored["identity"].as_object().into_iter().flatten();
    let said = said.map(|(name, stored)| (name.clone(), text(stored)));
    said.chain([("deposit".into(), stored["deposit"].clone())]).collect()
}

fn say_identity(identity: &Value) {
    for (name, text) in identity.as_object().into_iter().flatten() {
        // Anybody can say anything, but not steer the terminal of who reads it.
        let text: String = plain(text).chars().filter(|letter| !letter.is_control()).collect();
        if name != "deposit" && !text.is_empty() {
            say!("{name}: {text}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_shown_as_it_was_said() {
        let stored = json!({ "identity": { "name": "0xc3a974c3a9", "url": "0x" }, "deposit": "7" });
        assert_eq!(
            identity_json(&stored),
            json!({ "name": "été", "url": "", "deposit": "7" })
        );
    }
}
