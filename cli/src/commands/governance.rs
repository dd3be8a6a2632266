//! `laurel governance`: the council proposes, owners of root seats decide, time passes.
use super::{table, ChainArgs};
use crate::{
    failure,
    output::Output,
    quote::Quote,
    transaction::{bytes32, from_hex, hex, Plan, SendArgs, Session},
};
use anyhow::Result;
use clap::{Args, Subcommand};
use laurel_chain::{
    call_hash,
    calls::governance::{self, Vote},
    Call, Key,
};
use laurel_types::Amount;
use serde_json::{json, Value};

#[derive(Subcommand, Debug)]
pub enum GovernanceCommand {
    /// List proposals, what was approved and waits, and motions of the council.
    List(ListArgs),
    /// As a member of the council: move that a call be proposed to the owners of root seats.
    Propose(ProposeArgs),
    /// As an owner of root seats: vote on a proposal, with the stake behind the seats.
    Vote(VoteArgs),
    /// End a proposal that is decided; anybody can.
    Close(IndexArgs),
    /// As a member of the council: move that a proposal be taken back.
    Cancel(CancelArgs),
    /// Motions of the council.
    #[command(subcommand)]
    Motion(MotionCommand),
}

#[derive(Subcommand, Debug)]
pub enum MotionCommand {
    /// As a member of the council: vote on a motion.
    Vote(MotionVoteArgs),
    /// End a motion that is decided; anybody can.
    Close(MotionArgs),
}

#[derive(Args, Debug)]
pub struct ListArgs {
    #[command(flatten)]
    chain: ChainArgs,
}

#[derive(Args, Debug)]
pub struct ProposeArgs {
    #[command(flatten)]
    send: SendArgs,
    /// The call for root to make, as `--print-call` of its command prints it.
    #[arg(long, value_name = "HEX")]
    call: String,
    /// Members who must agree; by default more than half of the council.
    #[arg(long)]
    threshold: Option<u32>,
}

/// What to say.
#[derive(Args, Clone, Copy, Debug)]
#[group(required = true, multiple = false)]
pub struct SaidArgs {
    /// Do it.
    #[arg(long)]
    aye: bool,
    /// Leave it.
    #[arg(long)]
    nay: bool,
}

impl SaidArgs {
    fn name(self) -> &'static str {
        if self.aye {
            "aye"
        } else {
            "nay"
        }
    }

    fn vote(self) -> Vote {
        if self.aye {
            Vote::Aye
        } else {
            Vote::Nay
        }
    }
}

#[derive(Args, Debug)]
pub struct VoteArgs {
    #[command(flatten)]
    send: SendArgs,
    /// The proposal.
    #[arg(long)]
    index: u32,
    #[command(flatten)]
    said: SaidArgs,
}

#[derive(Args, Debug)]
pub struct IndexArgs {
    #[command(flatten)]
    send: SendArgs,
    /// The proposal.
    #[arg(long)]
    index: u32,
}

#[derive(Args, Debug)]
pub struct CancelArgs {
    #[command(flatten)]
    proposal: IndexArgs,
    /// Members who must agree; by default more than half of the council.
    #[arg(long)]
    threshold: Option<u32>,
}

#[derive(Args, Debug)]
pub struct MotionArgs {
    #[command(flatten)]
    send: SendArgs,
    /// Hash of the motion's call, as `laurel governance list` shows it.
    #[arg(long, value_name = "HEX")]
    hash: String,
}

#[derive(Args, Debug)]
pub struct MotionVoteArgs {
    #[command(flatten)]
    motion: MotionArgs,
    #[command(flatten)]
    said: SaidArgs,
}

/// Runs one of them.
pub async fn run(command: GovernanceCommand, output: Output) -> Result<()> {
    match command {
        GovernanceCommand::List(args) => list(args, output).await,
        GovernanceCommand::Propose(args) => propose(args, output).await,
        GovernanceCommand::Vote(args) => {
            let session = args.send.open(output).await?;
            let quote = proposal(&session, args.index).await?.text("vote", args.said.name());
            let call = governance::vote(args.index, args.said.vote());
            let done = format!("voted {} on proposal {}", args.said.name(), args.index);
            session.run(Plan::new(call, done).quoting(quote)).await.map(drop)
        }
        GovernanceCommand::Close(args) => {
            let session = args.send.open(output).await?;
            let quote = proposal(&session, args.index).await?;
            let plan = Plan::new(governance::close(args.index), format!("closed proposal {}", args.index));
            session.run(plan.quoting(quote)).await.map(drop)
        }
        GovernanceCommand::Cancel(args) => {
            let session = args.proposal.send.open(output).await?;
            let cancel = governance::cancel(args.proposal.index);
            let done = format!("moved that proposal {} be taken back", args.proposal.index);
            let motion = motion(&session, cancel, args.threshold).await?;
            let quote = Quote::default().text("proposal", args.proposal.index).and(motion.quote);
            session.run(Plan::new(motion.call, done).quoting(quote)).await.map(drop)
        }
        GovernanceCommand::Motion(MotionCommand::Vote(args)) => {
            let hash = bytes32(&args.motion.hash)?;
            let session = args.motion.send.open(output).await?;
            let (index, quote) = voting(&session, hash).await?;
            let call = governance::vote_on_motion(hash, index, args.said.vote());
            let plan = Plan::new(call, format!("voted {} on the motion", args.said.name()));
            let plan = plan.quoting(quote.text("vote", args.said.name()));
            session.run(plan).await.map(drop)
        }
        GovernanceCommand::Motion(MotionCommand::Close(args)) => {
            let hash = bytes32(&args.hash)?;
            let session = args.send.open(output).await?;
            let (index, quote) = voting(&session, hash).await?;
            let keys = [Key::Hash(hash)];
            let bytes = session
                .client
                .storage_bytes("Council", "ProposalOf", &keys, None)
                .await?;
            let bytes = bytes.ok_or_else(no_motion)?;
            // A call is bounded far below u32 by the block's length.
            let length = bytes.len() as u32;
            let most = session.client.cost(&Call::Encoded(bytes)).await?;
            let call = governance::close_motion(hash, index, length, most);
            let plan = Plan::new(call, "closed the motion").quoting(quote);
            session.run(plan).await.map(drop)
        }
    }
}

fn no_motion() -> anyhow::Error {
    failure::refused(
        "Council.ProposalMissing",
        "no motion with this hash is open: `laurel governance list` lists them",
    )
}

/// How it stands with a proposal.
async fn proposal(session: &Session<'_>, index: u32) -> Result<Quote> {
    let keys = [Key::Number(index.into())];
    let stored = session.client.storage("Governance", "Proposals", &keys, None).await?;
    let stored = stored.ok_or_else(|| {
        failure::refused(
            "Governance.UnknownProposal",
            format!("no proposal {index} is open: `laurel governance list` lists them"),
        )
    })?;
    let electorate = &stored["electorate"];
    Ok(Quote::default()
        .text("proposal", index)
        .leaves("ayes_now", said(electorate, "Aye"))
        .leaves("nays_now", said(electorate, "Nay"))
        .leaves("needed", needed(electorate))
        .text("ends_at_block", &stored["ends_at"]))
}

/// The index of an open motion, and how it stands with it.
async fn voting(session: &Session<'_>, hash: [u8; 32]) -> Result<(u32, Quote)> {
    let voting = session
        .client
        .storage("Council", "Voting", &[Key::Hash(hash)], None)
        .await?;
    let voting = voting.ok_or_else(no_motion)?;
    let index = voting["index"].as_u64().and_then(|index| u32::try_from(index).ok());
    let count = |side: &str| voting[side].as_array().map_or(0, Vec::len);
    let quote = Quote::default()
        .text("motion", hex(&hash))
        .text("ayes_now", format!("{} of {}", count("ayes"), voting["threshold"]))
        .text("nays_now", count("nays"))
        .text("ends_at_block", &voting["end"]);
    Ok((index.ok_or_else(no_motion)?, quote))
}

/// A motion of the council for a call, with what is shown before it is signed.
struct Motion {
    call: Call,
    quote: Quote,
}

async fn motion(session: &Session<'_>, call: Call, threshold: Option<u32>) -> Result<Motion> {
    let members = session.client.storage("Council", "Members", &[], None).await?;
    let members = members.as_ref().and_then(Value::as_array).map_or(0, Vec::len);
    // At most a few members.
    let majority = members as u32 / 2 + 1;
    let threshold = threshold.unwrap_or(majority);
    let hash = call_hash(&session.client.encode_call(&call).await?);
    let quote = Quote::default()
        .text("motion", hex(&hash))
        .text("members_needed", format!("{threshold} of {members}"));
    Ok(Motion {
        call: governance::motion(threshold, call),
        quote,
    })
}

/// The longest call that a proposal holds itself, in bytes; others go by their preimage.
const MAX_INLINE: usize = 128;

async fn propose(args: ProposeArgs, output: Output) -> Result<()> {
    let bytes = from_hex(&args.call)?;
    let session = args.send.open(output).await?;
    // Also refuses bytes that are no call, before anybody signs for them.
    let says = session.client.read_call(&bytes).await?;
    move_to_propose(&session, bytes, args.threshold, Quote::default().text("says", says)).await
}

/// Moves in the council that a call be proposed. In the same transaction the call is put on the chain, where it is too long for a proposal to
/// hold and is not there yet.
pub(super) async fn move_to_propose(
    session: &Session<'_>,
    bytes: Vec<u8>,
    threshold: Option<u32>,
    quote: Quote,
) -> Result<()> {
    let proposed = Call::Encoded(bytes.clone());
    let motion = motion(session, governance::open(proposed.clone()), threshold).await?;
    let quote = quote
        .and(motion.quote)
        .text("call", hex(&call_hash(&bytes)))
        .text("call_bytes", bytes.len());
    let noted = session
        .client
        .storage("Preimage", "RequestStatusFor", &[Key::Hash(call_hash(&bytes))], None)
        .await?;
    let call = if bytes.len() > MAX_INLINE && noted.is_none() {
        Call::Batch(vec![governance::note_preimage(proposed), motion.call])
    } else {
        motion.call
    };
    let done = "moved that the call be proposed; `laurel governance list` shows the motion, on which the council votes";
    session.run(Plan::new(call, done).quoting(quote)).await.map(drop)
}

async fn list(args: ListArgs, output: Output) -> Result<()> {
    let client = args.chain.connect().await?;
    let now = client.best_block().await?;
    let at = Some(now.hash);
    let proposals = client.storage_map("Governance", "Proposals", &[], at).await?;
    let enactments = client
        .storage("Governance", "Enactments", &[], at)
        .await?
        .unwrap_or_else(|| json!([]));
    // The chain strikes an entry only when it needs the place.
    let waiting = enactments.as_array().into_iter().flatten();
    let enactments: Vec<&Value> = waiting
        .filter(|enactment| enactment["at"].as_u64() > Some(now.number.into()))
        .collect();
    let motions = client.storage_map("Council", "Voting", &[], at).await?;
    let members = client
        .storage("Council", "Members", &[], at)
        .await?
        .unwrap_or_else(|| json!([]));
    let people = || {
        let mut table = table(["proposal", "ayes LRL", "nays LRL", "needed LRL", "ends at block"]);
        for (keys, proposal) in &proposals {
            let electorate = &proposal["electorate"];
            table.add_row([
                keys.first().map(Value::to_string).unwrap_or_default(),
                Amount(said(electorate, "Aye")).to_string(),
                Amount(said(electorate, "Nay")).to_string(),
                Amount(needed(electorate)).to_string(),
                proposal["ends_at"].to_string(),
            ]);
        }
        say!("{table}");
        for enactment in &enactments {
            say!(
                "proposal {} is enacted at block {}",
                enactment["index"],
                enactment["at"]
            );
        }
        for (keys, voting) in &motions {
            let count = |side: &str| voting[side].as_array().map_or(0, Vec::len);
            say!(
                "motion {} of the council: {} of {} ayes, {} nays, until block {}",
                keys.first().and_then(Value::as_str).unwrap_or_default(),
                count("ayes"),
                voting["threshold"],
                count("nays"),
                voting["end"]
            );
        }
        say!("now at block {}", now.number);
    };
    let keyed = |name: &str, entries: &[(Vec<Value>, Value)]| -> Vec<Value> {
        let with_key = |(keys, value): &(Vec<Value>, Value)| {
            let mut value = value.clone();
            if let (Value::Object(fields), Some(key)) = (&mut value, keys.first()) {
                fields.insert(name.into(), key.clone());
            }
            value
        };
        entries.iter().map(with_key).collect()
    };
    let programs = || {
        json!({
            "block": now.number,
            "members": members,
            "proposals": keyed("index", &proposals),
            "enactments": enactments,
            "motions": keyed("hash", &motions),
        })
    };
    output.show(people, programs);
    Ok(())
}

fn leaves(value: &Value) -> u64 {
    value
        .as_str()
        .and_then(|digits| digits.parse().ok())
        .unwrap_or_default()
}

/// Leaves that must say aye: just more than half of what is behind all who may vote.
fn needed(electorate: &Value) -> u64 {
    let electors = electorate["electors"].as_array().into_iter().flatten();
    let stakes = electors.map(|elector| leaves(&elector["stake"]));
    (stakes.fold(0, u64::saturating_add) / 2).saturating_add(1)
}

/// Leaves behind those who said this.
fn said(electorate: &Value, vote: &str) -> u64 {
    let electors = electorate["electors"].as_array().into_iter().flatten();
    electors
        .filter(|elector| elector["vote"] == vote)
        .map(|elector| leaves(&elector["stake"]))
        .fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn votes_are_counted_by_stake() {
        let electorate = json!({
            "electors": [
                { "account": "a", "stake": "5", "vote": "Aye" },
                { "account": "b", "stake": "3", "vote": "Nay" },
                { "account": "c", "stake": "2", "vote": null },
                { "account": "d", "stake": "1", "vote": "Aye" },
            ],
        });
        assert_eq!((said(&electorate, "Aye"), said(&electorate, "Nay")), (6, 3));
        assert_eq!(needed(&electorate), 6, "of 11");
    }
}
