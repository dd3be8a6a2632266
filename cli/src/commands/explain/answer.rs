//! `laurel explain --receipt`: one answer that a user got.
use super::{super::connect, ExplainArgs};
use crate::{failure, output::Output};
use anyhow::{Context, Result};
use laurel_protocol::AnswerReceipt;
use laurel_validator::explain::{
    answer::{document, examine, find_receipt, on_chain, Got, Step},
    recount,
};
use std::{fs, path::Path};

/// Longest file that is read, in bytes: an answer has at most 16 MiB.
const LONGEST: u64 = 32 << 20;

fn read(file: &Path) -> Result<Vec<u8>> {
    let length = fs::metadata(file).map(|found| found.len());
    let length = length.with_context(|| format!("cannot read {}", file.display()))?;
    if length > LONGEST {
        return Err(failure::usage(format!("{} is longer than any answer", file.display())));
    }
    fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}

/// The receipt itself, or a file with it.
fn receipt(given: &str) -> Result<AnswerReceipt> {
    let file = Path::new(given);
    let text = match file.exists() {
        true => String::from_utf8_lossy(&read(file)?).into_owned(),
        false => given.to_owned(),
    };
    find_receipt(&text).map_err(|error| {
        failure::usage(format!(
            "--receipt is neither a receipt nor a file with one ({error}): give what came in x-laurel-receipt"
        ))
    })
}

/// Checks one answer as far as what is given allows, and fails if anything of it is wrong.
pub async fn run(given: &str, args: &ExplainArgs, output: Output) -> Result<()> {
    let (Some(request), Some(answer)) = (&args.request, &args.answer) else {
        return Err(failure::usage("give --request and --answer with --receipt"));
    };
    let receipt = receipt(given)?;
    let (request, answer) = (read(request)?, read(answer)?);
    let works = recount::load(&args.model, args.threads)?;
    let got = Got {
        receipt: &receipt,
        request: &request,
        answer: &answer,
    };
    let mut steps = examine(got, &works).await;
    if !args.chain.is_empty() {
        let client = connect(&args.chain).await?;
        steps.extend(on_chain(&receipt, &client).await?);
    }
    let people = || steps.iter().for_each(|step| say!("{step}"));
    output.show(people, || document(&receipt, &steps));
    if steps.iter().any(Step::fails) {
        return Err(failure::Said(failure::DIFFERS).into());
    }
    Ok(())
}
