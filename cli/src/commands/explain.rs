//! `laurel explain`: from a validator's own store, as a bundle for others, recomputed from a bundle, or one answer that a user got.
mod answer;

use super::connect;
use crate::{failure, output::Output, transaction::hex, waiting::waiting};
use anyhow::Result;
use clap::{ArgGroup, Args};
use laurel_chain::AccountId;
use laurel_types::{NetUid, Uid};
use laurel_validator::{
    explain::{
        bundle::Bundle,
        on_chain::{self, OnChain},
        recount::{self, Comparison, Recount, Recounted, RecountedEpoch},
    },
    store::StoredReceipt,
    Explanation, Rating,
};
use serde_json::{json, Value};
use std::path::{Path, PathBuf};

/// From a validator's data folder, from a bundle, or from a user's answer.
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("source").required(true).args(["data", "bundle", "receipt"]))]
pub struct ExplainArgs {
    /// The subnet.
    #[arg(long, required_unless_present_any = ["bundle", "receipt"])]
    netuid: Option<u16>,
    /// The neuron's uid.
    #[arg(long, required_unless_present_any = ["bundle", "receipt"])]
    uid: Option<u16>,
    /// Data folder of the validator whose receipts to read.
    #[arg(long, value_name = "DIR", requires_all = ["netuid", "uid"])]
    data: Option<PathBuf>,
    /// How many of the last epochs to show or to write.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..), conflicts_with = "bundle")]
    epochs: u32,
    /// Write receipts and answers to this file, for others to recompute the ratings from.
    #[arg(long, value_name = "FILE", conflicts_with = "bundle")]
    export: Option<PathBuf>,
    /// Recompute every score in this file, which --export wrote.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["netuid", "uid"])]
    bundle: Option<PathBuf>,
    /// Check one answer that a gateway gave: its x-laurel-receipt, or a file in which that is (the answer's headers, or the stream).
    #[arg(long, value_name = "FILE|HEX", conflicts_with_all = ["netuid", "uid"], requires_all = ["request", "answer"])]
    receipt: Option<String>,
    /// File with the JSON that was sent.
    #[arg(long, value_name = "FILE", requires = "receipt")]
    request: Option<PathBuf>,
    /// File with what came back: JSON, the stream as it came, or a JSON list of its chunks.
    #[arg(long, value_name = "FILE", requires = "receipt")]
    answer: Option<PathBuf>,
    /// Folder of a model to check answers with; repeat it where the subnet accepts several, or changed its model.
    #[arg(long, value_name = "DIR", conflicts_with = "data")]
    model: Vec<PathBuf>,
    /// Endpoints of the chain on which the validator committed to the receipts, or on which who answered is registered.
    #[arg(long, value_name = "URL", value_delimiter = ',', conflicts_with = "data")]
    chain: Vec<String>,
    /// Threads to compute with; absent: as many as there are cores.
    #[arg(long, conflicts_with = "data")]
    threads: Option<usize>,
}

/// Shows why a neuron scored as it did, or whether it did.
pub async fn run(args: ExplainArgs, output: Output) -> Result<()> {
    if let Some(given) = &args.receipt {
        return answer::run(given, &args, output).await;
    }
    if let Some(file) = &args.bundle {
        return recompute(file, &args, output).await;
    }
    let (Some(netuid), Some(uid), Some(data)) = (args.netuid, args.uid, &args.data) else {
        return Err(failure::usage(
            "give --netuid, --uid and --data, --bundle, or --receipt",
        ));
    };
    let (netuid, uid) = (NetUid(netuid), Uid(uid));
    if let Some(file) = &args.export {
        let shown = waiting("reading receipts and answers");
        let bundle = Bundle::export(netuid, uid, data, args.epochs)?;
        drop(shown);
        return export(&bundle, file, output);
    }
    let explanation = laurel_validator::explain(netuid, uid, data, args.epochs)?;
    let people = || say!("{}", explanation.to_string().trim_end());
    output.show(people, || document(&explanation));
    Ok(())
}

fn export(bundle: &Bundle, file: &Path, output: Output) -> Result<()> {
    bundle.write(file)?;
    let receipts: usize = bundle.epochs.iter().map(|epoch| epoch.leaves.len()).sum();
    let people = || {
        say!(
            "{}: subnet {}, uid {}: {receipts} receipts of {} epochs",
            file.display(),
            bundle.netuid,
            bundle.uid,
            bundle.epochs.len()
        )
    };
    output.show(people, || {
        json!({
            "bundle": file,
            "netuid": bundle.netuid,
            "uid": bundle.uid,
            "epochs": bundle.epochs.iter().map(|epoch| epoch.epoch).collect::<Vec<_>>(),
            "receipts": receipts,
        })
    });
    Ok(())
}

/// Recomputes, compares with the chain where one is given, and fails if anything differs.
async fn recompute(file: &Path, args: &ExplainArgs, output: Output) -> Result<()> {
    let bundle = Bundle::read(file)?;
    let works = recount::load(&args.model, args.threads)?;
    let shown = waiting("recomputing every receipt");
    let mut recount = recount::recount(&bundle, &works).await;
    drop(shown);
    if !args.chain.is_empty() {
        let client = connect(&args.chain).await?;
        on_chain::expect_genesis(&client, &bundle)?;
        for (commitment, epoch) in bundle.epochs.iter().zip(&mut recount.epochs) {
            epoch.on_chain = on_chain::compare(&client, &bundle, commitment).await?;
        }
    }
    output.show(|| say!("{}", recount.to_string().trim_end()), || recounted(&recount));
    if recount.differs() {
        return Err(failure::Said(failure::DIFFERS).into());
    }
    Ok(())
}

/// Scores and ratings are millionths.
fn document(explanation: &Explanation) -> Value {
    let receipt = |StoredReceipt { summary, evidence }: &StoredReceipt| {
        let timing = evidence.answered.as_ref().map(|answered| answered.timing);
        json!({
            "epoch": evidence.epoch,
            "block": evidence.block,
            "registration": evidence.registration,
            "hotkey": AccountId(evidence.hotkey),
            "model": hex(&evidence.model.0),
            "task": summary,
            "verdict": evidence.verdict.to_string(),
            "reason": evidence.reason,
            "latency_ms": timing.map(|timing| timing.latency_ms),
            "deadline_ms": timing.map(|timing| timing.deadline_ms),
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

fn rating(rating: &Rating) -> Value {
    let Rating {
        value,
        tasks,
        probation,
        rate,
    } = rating;
    json!({ "value": value, "tasks": tasks, "probation": probation, "rate": rate })
}

fn recounted(recount: &Recount) -> Value {
    json!({
        "netuid": recount.netuid,
        "uid": recount.uid,
        "validator": AccountId(recount.validator),
        "differs": recount.differs(),
        "epochs": recount.epochs.iter().map(epoch).collect::<Vec<_>>(),
        "receipts": recount.receipts.iter().map(receipt).collect::<Vec<_>>(),
    })
}

fn epoch(epoch: &RecountedEpoch) -> Value {
    let (on_chain, block, other, why) = match &epoch.on_chain {
        OnChain::Same(block) => ("same", Some(block), None, None),
        OnChain::Other(block, root) => ("differs", Some(block), Some(hex(root)), None),
        OnChain::NotCompared(why) => ("not_compared", None, None, Some(why)),
    };
    json!({
        "epoch": epoch.epoch,
        "receipts": epoch.leaves,
        "root": hex(&epoch.root),
        "differences": epoch.differences,
        "on_chain": { "outcome": on_chain, "block": block, "root": other, "why": why },
    })
}

fn receipt(receipt: &Recounted) -> Value {
    let (outcome, differences, why) = match &receipt.comparison {
        Comparison::Same => ("recomputed", None, None),
        Comparison::Differs(what) => ("differs", Some(what), None),
        Comparison::Cannot(why) => ("cannot", None, Some(why)),
    };
    let (verdict, score, after) = &receipt.written;
    json!({
        "epoch": receipt.epoch,
        "leaf": receipt.leaf,
        "block": receipt.block,
        "task": receipt.summary,
        "verdict": verdict.to_string(),
        "score": score,
        "rating_after": rating(after),
        "outcome": outcome,
        "differences": differences,
        "why": why,
    })
}
