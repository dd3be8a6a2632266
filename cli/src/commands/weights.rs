//! `laurel weights`: for validators that judge by hand or with a program of their own.
use super::{table, ChainArgs};
use crate::{
    failure,
    output::Output,
    quote::Quote,
    saved,
    transaction::{Plan, SendArgs, Session},
};
use anyhow::{Context, Result};
use blake2::{digest::consts::U32, Blake2b, Digest};
use clap::{Args, Subcommand};
use laurel_chain::{AccountId, Call};
use laurel_types::{commit_hash_preimage, EpochIndex, Metagraph, NetUid, NeuronInfo, RegistrationId, Uid, WeightRow};
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};
use std::path::PathBuf;

#[derive(Subcommand, Debug)]
pub enum WeightsCommand {
    /// Set weights directly, in a subnet without commit-reveal.
    Set(RowArgs),
    /// Commit to weights; what revealing them needs is written to a file in the wallet.
    Commit(CommitArgs),
    /// Reveal what was committed, in its epoch.
    Reveal(RevealArgs),
    /// Show what validators committed to and did not yet reveal.
    Pending(PendingArgs),
}

#[derive(Args, Debug)]
pub struct RowArgs {
    #[command(flatten)]
    send: SendArgs,
    /// The subnet.
    #[arg(long)]
    netuid: u16,
    /// Version of the scoring; by default the lowest that the subnet takes.
    #[arg(long)]
    version_key: Option<u64>,
    /// Weights as uid=weight; only their proportions count.
    #[arg(required = true, value_parser = parse_weight)]
    weights: Vec<(Uid, u16)>,
}

#[derive(Args, Debug)]
pub struct CommitArgs {
    #[command(flatten)]
    row: RowArgs,
    /// Where to write what revealing needs; it must not exist. By default WALLET/commits/HOTKEY-NETUID-EPOCH-HASH.json.
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct RevealArgs {
    #[command(flatten)]
    send: SendArgs,
    /// What committing wrote.
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
}

#[derive(Args, Debug)]
pub struct PendingArgs {
    #[command(flatten)]
    chain: ChainArgs,
    /// The subnet.
    #[arg(long)]
    netuid: u16,
}

/// What revealing needs, as it is saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedCommit {
    netuid: NetUid,
    registration: RegistrationId,
    epoch: EpochIndex,
    row: WeightRow,
    #[serde(with = "saved::hex32")]
    receipts_root: [u8; 32],
    version_key: u64,
    #[serde(with = "saved::hex32")]
    salt: [u8; 32],
}

impl SavedCommit {
    fn hash(&self) -> [u8; 32] {
        let preimage = commit_hash_preimage(
            self.netuid,
            self.registration,
            &self.row,
            &self.receipts_root,
            self.version_key,
            &self.salt,
        );
        Blake2b::<U32>::digest(preimage).into()
    }

    fn reveal(self) -> Call {
        Call::RevealWeights {
            netuid: self.netuid,
            row: self.row,
            receipts_root: self.receipts_root,
            version_key: self.version_key,
            salt: self.salt,
        }
    }
}

fn parse_weight(text: &str) -> Result<(Uid, u16)> {
    let (uid, weight) = text.split_once('=').context("write uid=weight, like 3=70")?;
    Ok((Uid(uid.parse()?), weight.parse()?))
}

/// Runs one of them.
pub async fn run(command: WeightsCommand, output: Output) -> Result<()> {
    match command {
        WeightsCommand::Set(args) => set(args, output).await,
        WeightsCommand::Commit(args) => commit(args, output).await,
        WeightsCommand::Reveal(args) => {
            let saved: SavedCommit = saved::read(&args.from)?;
            let session = args.send.open(output).await?;
            let quote = quote_row(&saved.row).text("committed_in_epoch", saved.epoch);
            let done = format!("revealed weights in subnet {}", saved.netuid);
            let plan = Plan::new(saved.reveal(), done).quoting(quote).by_hotkey();
            session.run(plan).await.map(drop)
        }
        WeightsCommand::Pending(args) => pending(args, output).await,
    }
}

/// The row, sorted and checked.
fn row_of(mut weights: Vec<(Uid, u16)>) -> Result<WeightRow> {
    weights.sort();
    WeightRow::new(weights).map_err(|fault| failure::usage(fault.to_string()))
}

fn quote_row(row: &WeightRow) -> Quote {
    let total: u64 = row.entries().iter().map(|(_, weight)| u64::from(*weight)).sum();
    let parts: Vec<_> = row
        .entries()
        .iter()
        .map(|(uid, weight)| format!("{uid}: {:.2} %", f64::from(*weight) / total as f64 * 100.0))
        .collect();
    Quote::default().text("weights", parts.join(", "))
}

/// The subnet and the hotkey's neuron in it.
async fn neuron(session: &Session<'_>, netuid: NetUid) -> Result<(Metagraph<AccountId>, NeuronInfo<AccountId>)> {
    let hotkey = session.hotkey(None)?;
    let metagraph = session.client.metagraph(netuid, None).await?.ok_or_else(|| {
        failure::refused(
            "Scoring.UnknownSubnet",
            format!("there is no subnet {netuid}: `laurel subnet list` lists them"),
        )
    })?;
    let neuron = metagraph.neurons.iter().find(|neuron| neuron.hotkey == hotkey).cloned();
    let neuron = neuron.ok_or_else(|| {
        failure::refused(
            "Scoring.NotRegistered",
            format!(
                "the hotkey {hotkey} is not registered in subnet {netuid}: run `laurel register --netuid {netuid}`"
            ),
        )
    })?;
    Ok((metagraph, neuron))
}

async fn set(args: RowArgs, output: Output) -> Result<()> {
    let row = row_of(args.weights)?;
    let session = args.send.open(output).await?;
    let netuid = NetUid(args.netuid);
    let (metagraph, _) = neuron(&session, netuid).await?;
    let params = metagraph.subnet.hyperparameters;
    if params.commit_reveal {
        return Err(failure::refused(
            "Scoring.CommitRevealOn",
            format!("subnet {netuid} hides weights until they are old: use `laurel weights commit`"),
        ));
    }
    let quote = quote_row(&row);
    let call = Call::SetWeights {
        netuid,
        row,
        receipts_root: [0; 32],
        version_key: args.version_key.unwrap_or(params.weights_version),
    };
    let plan = Plan::new(call, format!("set weights in subnet {netuid}"));
    session.run(plan.quoting(quote).by_hotkey()).await.map(drop)
}

async fn commit(args: CommitArgs, output: Output) -> Result<()> {
    let row = row_of(args.row.weights)?;
    let session = args.row.send.open(output).await?;
    let netuid = NetUid(args.row.netuid);
    let (metagraph, neuron) = neuron(&session, netuid).await?;
    let params = metagraph.subnet.hyperparameters;
    if !params.commit_reveal {
        return Err(failure::refused(
            "Scoring.CommitRevealOff",
            format!("subnet {netuid} takes weights directly: use `laurel weights set`"),
        ));
    }
    let saved = SavedCommit {
        netuid,
        registration: neuron.registration,
        epoch: metagraph.subnet.epoch,
        row,
        receipts_root: [0; 32],
        version_key: args.row.version_key.unwrap_or(params.weights_version),
        salt: rand::random(),
    };
    let default = || {
        // The hash tells attempts of one epoch apart.
        let [a, b, c, d, ..] = saved.hash();
        let hotkey = &args.row.send.wallet.hotkey;
        let name = format!("{hotkey}-{netuid}-{}-{a:02x}{b:02x}{c:02x}{d:02x}.json", saved.epoch);
        session.wallet.path().join("commits").join(name)
    };
    let path = args.save.clone().unwrap_or_else(default);
    let reveal_epoch = saved.epoch.0.saturating_add(params.reveal_period.into());
    let quote = quote_row(&saved.row)
        .text("epoch", saved.epoch)
        .text("reveal_in_epoch", reveal_epoch);
    let call = Call::CommitWeights {
        netuid,
        hash: saved.hash(),
    };
    let done = format!(
        "committed; in epoch {reveal_epoch}, reveal it with `laurel weights reveal --from {}`",
        path.display()
    );
    // Before the commit: without the salt it could never be revealed.
    let plan = Plan::new(call, done).quoting(quote).by_hotkey().saving(path, &saved)?;
    session.run(plan).await.map(drop)
}

async fn pending(args: PendingArgs, output: Output) -> Result<()> {
    let client = args.chain.connect().await?;
    let validators = client.pending_commits(NetUid(args.netuid), None).await?;
    let people = || {
        let mut table = table([
            "uid",
            "registration",
            "committed in epoch",
            "reveal in epoch",
            "block",
            "missed",
        ]);
        for validator in &validators {
            let missed = validator
                .missed
                .map_or_else(String::new, |epoch| format!("epoch {epoch}"));
            if validator.pending.is_empty() {
                let blank = String::new;
                table.add_row([
                    validator.uid.to_string(),
                    validator.registration.to_string(),
                    blank(),
                    blank(),
                    blank(),
                    missed,
                ]);
                continue;
            }
            for commit in &validator.pending {
                table.add_row([
                    validator.uid.to_string(),
                    validator.registration.to_string(),
                    commit.epoch.to_string(),
                    commit.reveal_epoch.to_string(),
                    commit.block.to_string(),
                    missed.clone(),
                ]);
            }
        }
        say!("{table}");
    };
    let programs = || {
        let rows = validators.iter().map(|validator| {
            let pending = validator.pending.iter().map(|commit| {
                json!({
                    "hash": crate::transaction::hex(&commit.hash),
                    "epoch": commit.epoch,
                    "reveal_epoch": commit.reveal_epoch,
                    "block": commit.block,
                })
            });
            json!({
                "uid": validator.uid,
                "registration": validator.registration,
                "pending": pending.collect::<Vec<Value>>(),
                "missed": validator.missed,
            })
        });
        rows.collect()
    };
    output.show(people, programs);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved() -> SavedCommit {
        SavedCommit {
            netuid: NetUid(1),
            registration: RegistrationId(7),
            epoch: EpochIndex(3),
            row: row_of(vec![(Uid(4), 2), (Uid(1), 9)]).unwrap(),
            receipts_root: [0; 32],
            version_key: 5,
            salt: [8; 32],
        }
    }

    #[test]
    fn what_was_saved_reveals_what_was_committed() {
        let text = serde_json::to_string(&saved()).unwrap();
        let read: SavedCommit = serde_json::from_str(&text).unwrap();
        assert_eq!((read.hash(), &read), (saved().hash(), &saved()));
        let other = SavedCommit {
            registration: RegistrationId(8),
            ..saved()
        };
        assert_ne!(other.hash(), saved().hash());
        let Call::RevealWeights { row, salt, .. } = read.reveal() else {
            panic!("a reveal");
        };
        assert_eq!((row.entries()[0], salt), ((Uid(1), 9), [8; 32]));
    }

    #[test]
    fn a_row_names_each_uid_once_with_a_positive_weight() {
        for wrong in [vec![(Uid(1), 0)], vec![(Uid(1), 1), (Uid(1), 2)]] {
            let error = row_of(wrong).unwrap_err();
            assert_eq!(failure::describe(&error).1, failure::USAGE);
        }
        for wrong in ["1", "1=", "x=1", "1=65536", "-1=4"] {
            assert!(parse_weight(wrong).is_err(), "{wrong}");
        }
    }
}
