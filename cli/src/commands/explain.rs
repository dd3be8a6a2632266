//! `laurel explain`.
use crate::{output::Output, transaction::hex};
use anyhow::Result;
use clap::Args;
use laurel_chain::AccountId;
use laurel_types::{NetUid, Uid};
use laurel_validator::{store::StoredReceipt, Explanation, Rating};
use serde_json::{json, Value};
use std::path::PathBuf;

#[derive(Args, Debug)]
pub struct ExplainArgs {
    /// The subnet.
    #[arg(long)]
    netuid: u16,
    /// The neuron's uid.
    #[arg(long)]
    uid: u16,
    /// Data folder of the validator whose receipts to read.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// How many of the last epochs to show.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    epochs: u32,
}

/// Shows why a neuron scored as it did.
pub fn run(args: ExplainArgs, output: Output) -> Result<()> {
    let explanation = laurel_validator::explain(NetUid(args.netuid), Uid(args.uid), &args.data, args.epochs)?;
    let people = || say!("{}", explanation.to_string().trim_end());
    output.show(people, || document(&explanation));
    Ok(())
}

/// Scores and ratings are millionths.
fn document(explanation: &Explanation) -> Value {
    let rating =
        |rating: &Rating| json!({ "value": rating.value, "tasks": rating.tasks, "probation": rating.probation });
    let receipt = |StoredReceipt { summary, evidence }: &StoredReceipt| {
        json!({
            "epoch": evidence.epoch,
            "block": evidence.block,
            "registration": evidence.registration,
            "hotkey": AccountId(evidence.hotkey),
            "model": hex(&evidence.model.0),
            "task": summary,
            "verdict": evidence.verdict.to_string(),
            "reason": evidence.reason,
            "latency_ms": evidence.latency_ms,
            "deadline_ms": evidence.deadline_ms,
            "correctness": evidence.correctness,
            "speed": evidence.speed,
            "score": evidence.score,
            "rating_before": rating(&evidence.before),
            "rating_after": rating(&evidence.after),
        })
    };
    json!({
        "netuid": explanation.netuid,
        "uid": explanation.uid,
        "receipts": explanation.receipts.iter().map(receipt).collect::<Vec<_>>(),
    })
}
