//! `laurel upgrade`.
use super::governance;
use crate::{
    failure,
    output::Output,
    quote::Quote,
    transaction::{Plan, SendArgs, Session},
};
use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use laurel_chain::{Argument, Call, NamedCall};
use std::path::PathBuf;

/// By whose authority the chain changes its runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Authority {
    /// The sudo key, on chains that have one: at once.
    Sudo,
    /// The council and the owners of root seats: a motion that opens a proposal.
    Governance,
}

#[derive(Args, Debug)]
pub struct UpgradeArgs {
    #[command(flatten)]
    send: SendArgs,
    /// The new runtime: `laurel_runtime.compact.compressed.wasm` of a build.
    #[arg(long, value_name = "FILE")]
    runtime: PathBuf,
    /// By whose authority.
    #[arg(long, value_enum)]
    by: Authority,
    /// Members of the council who must agree, with `--by governance`; by default more than half of it.
    #[arg(long)]
    threshold: Option<u32>,
}

fn set_code(code: &[u8]) -> Call {
    NamedCall::new("System", "set_code")
        .with("code", Argument::scale(&code))
        .into()
}

fn by_sudo(call: Call) -> Call {
    // What sudo does is not weighed: an upgrade fills most of a block. Two compact numbers, both zero.
    let weightless = vec![0, 0];
    NamedCall::new("Sudo", "sudo_unchecked_weight")
        .with("call", Argument::Call(Box::new(call)))
        .with("weight", Argument::Scale(weightless))
        .into()
}

/// Replaces the runtime of the chain, or proposes to.
pub async fn run(args: UpgradeArgs, output: Output) -> Result<()> {
    let code = std::fs::read(&args.runtime).with_context(|| format!("cannot read {}", args.runtime.display()))?;
    // Wasm as it is, or compressed as the node takes it.
    if !code.starts_with(b"\0asm") && !code.starts_with(&[0x52, 0xbc, 0x53, 0x76, 0x46, 0xdb, 0x8e, 0x05]) {
        return Err(failure::usage(format!(
            "{} is no runtime: build it with scripts/build.sh",
            args.runtime.display()
        )));
    }
    let session = args.send.open(output).await?;
    match args.by {
        Authority::Sudo => enact(&session, &code).await,
        Authority::Governance => {
            let call = session.client.encode_call(&set_code(&code)).await?;
            governance::move_to_propose(&session, call, args.threshold, quote(&code)).await
        }
    }
}

fn quote(code: &[u8]) -> Quote {
    Quote::default().text("runtime", format!("{} bytes", code.len()))
}

async fn enact(session: &Session<'_>, code: &[u8]) -> Result<()> {
    let plan = Plan::new(by_sudo(set_code(code)), "the chain runs the new runtime").quoting(quote(code));
    let Some(included) = session.run(plan).await? else {
        return Ok(());
    };
    if included.event("System", "CodeUpdated").is_none() {
        return Err(failure::refused(
            "UpgradeRefused",
            "the transaction is in, but the runtime was refused: is its spec_version above the chain's?",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upgrade_by_sudo_is_set_code_without_weight() {
        assert_eq!(set_code(b"x").name(), ("System", "set_code"));
        assert_eq!(by_sudo(set_code(b"x")).name(), ("Sudo", "sudo_unchecked_weight"));
    }
}
