//! `laurel weights`: for validators that judge by hand or with a program of their own.
use super::{subnet, table, ChainArgs};
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
use laurel_chain::{calls, AccountId, Call};
use laurel_types::{
    commit_hash_preimage, CommitItem, EpochIndex, Metagraph, NetUid, NeuronInfo, RegistrationId, RevealItem, Uid,
    WeightRow, WeightsItem,
};
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};
use std::{collections::BTreeSet, path::PathBuf};

#[derive(Subcommand, Debug)]
pub enum WeightsCommand {
    /// Set weights directly, in subnets without commit-reveal.
    Set(RowArgs),
    /// Commit to weights; what revealing them needs is written to a file in the wallet, one a subnet.
    Commit(CommitArgs),
    /// Reveal what was committed, in its epoch; several files in one transaction.
    Reveal(RevealArgs),
    /// Show what validators committed to and did not yet reveal.
    Pending(PendingArgs),
}

#[derive(Args, Debug)]
pub struct RowArgs {
    #[command(flatten)]
    send: SendArgs,
    /// The subnet.
    #[arg(long, requires = "weights", required_unless_present = "rows")]
    netuid: Option<u16>,
    /// Version of the scoring; by default the lowest that the subnet takes.
    #[arg(long)]
    version_key: Option<u64>,
    /// Weights as uid=weight; only their proportions count.
    #[arg(requires = "netuid", value_parser = parse_weight)]
    weights: Vec<(Uid, u16)>,
    /// Weights of one of several subnets, all in one transaction: NETUID:UID=WEIGHT,UID=WEIGHT. Those that the chain takes are done
    /// where others fail.
    #[arg(long = "row", value_name = "ROW", value_parser = parse_row, conflicts_with_all = ["netuid", "weights"])]
    rows: Vec<Row>,
}

/// What is said of one subnet.
type Row = (NetUid, Vec<(Uid, u16)>);

impl RowArgs {
    /// The rows, sorted and checked.
    fn rows(&self) -> Result<Vec<(NetUid, WeightRow)>> {
        let one = self.netuid.map(|netuid| (NetUid(netuid), self.weights.clone()));
        let rows: Vec<Row> = one.into_iter().chain(self.rows.iter().cloned()).collect();
        let subnets: BTreeSet<NetUid> = rows.iter().map(|(netuid, _)| *netuid).collect();
        if subnets.len() < rows.len() {
            return Err(failure::usage("a subnet has one row: write all of its weights there"));
        }
        let checked = rows.into_iter().map(|(netuid, weights)| Ok((netuid, row_of(weights)?)));
        checked.collect()
    }
}

#[derive(Args, Debug)]
pub struct CommitArgs {
    #[command(flatten)]
    row: RowArgs,
    /// Where to write what revealing needs; it must not exist. By default WALLET/commits/HOTKEY-NETUID-EPOCH-HASH.json.
    #[arg(long, value_name = "FILE", conflicts_with = "rows")]
    save: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct RevealArgs {
    #[command(flatten)]
    send: SendArgs,
    /// What committing wrote; may be repeated.
    #[arg(long, value_name = "FILE", required = true)]
    from: Vec<PathBuf>,
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

    fn reveal(self) -> RevealItem {
        RevealItem {
            netuid: self.netuid,
            row: self.row,
            receipts_root: self.receipts_root,
            version_key: self.version_key,
            salt: self.salt,
        }
    }

    /// Where it is kept unless somebody says otherwise.
    fn default_path(&self, session: &Session<'_>, hotkey: &str) -> PathBuf {
        // The hash tells attempts of one epoch apart.
        let [a, b, c, d, ..] = self.hash();
        let name = format!(
            "{hotkey}-{}-{}-{a:02x}{b:02x}{c:02x}{d:02x}.json",
            self.netuid, self.epoch
        );
        session.wallet.path().join("commits").join(name)
    }
}

fn parse_weight(text: &str) -> Result<(Uid, u16)> {
    let (uid, weight) = text.split_once('=').context("write uid=weight, like 3=70")?;
    Ok((Uid(uid.parse()?), weight.parse()?))
}

/// `1:3=70,4=30`.
fn parse_row(text: &str) -> Result<Row> {
    let (netuid, weights) = text
        .split_once(':')
        .context("write NETUID:UID=WEIGHT,UID=WEIGHT, like 1:3=70,4=30")?;
    let weights = weights.split(',').map(parse_weight);
    Ok((NetUid(netuid.parse()?), weights.collect::<Result<_>>()?))
}

/// Runs one of them.
pub async fn run(command: WeightsCommand, output: Output) -> Result<()> {
    match command {
        WeightsCommand::Set(args) => set(args, output).await,
        WeightsCommand::Commit(args) => commit(args, output).await,
        WeightsCommand::Reveal(args) => reveal(args, output).await,
        WeightsCommand::Pending(args) => pending(args, output).await,
    }
}

/// The row, sorted and checked.
fn row_of(mut weights: Vec<(Uid, u16)>) -> Result<WeightRow> {
    weights.sort();
    WeightRow::new(weights).map_err(|fault| failure::usage(fault.to_string()))
}

/// The shares of all rows, a subnet after the other.
fn quote_rows<'a>(rows: impl Iterator<Item = (NetUid, &'a WeightRow)>) -> Quote {
    let shares = |row: &WeightRow| {
        let total: u64 = row.entries().iter().map(|(_, weight)| u64::from(*weight)).sum();
        let share = |(uid, weight): &(Uid, u16)| format!("{uid}: {:.2} %", f64::from(*weight) / total as f64 * 100.0);
        row.entries().iter().map(share).collect::<Vec<_>>().join(", ")
    };
    let subnets: Vec<String> = rows
        .map(|(netuid, row)| format!("subnet {netuid}: {}", shares(row)))
        .collect();
    Quote::default().text("weights", subnets.join("; "))
}

/// For a sentence: `subnet 1`, or `subnets 1, 2`.
fn subnets_of(netuids: impl ExactSizeIterator<Item = NetUid>) -> String {
    let many = if netuids.len() == 1 { "" } else { "s" };
    let netuids: Vec<String> = netuids.map(|netuid| netuid.to_string()).collect();
    format!("subnet{many} {}", netuids.join(", "))
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
    let rows = args.rows()?;
    let session = args.send.open(output).await?;
    // Of several the chain itself says which it does not take, and does the others.
    if let [(netuid, _)] = rows.as_slice() {
        let (metagraph, _) = neuron(&session, *netuid).await?;
        if metagraph.subnet.hyperparameters.commit_reveal {
            return Err(failure::refused(
                "Scoring.CommitRevealEnabled",
                format!("subnet {netuid} hides weights until they are old: use `laurel weights commit`"),
            ));
        }
    }
    let subnets = session.client.subnets(None).await?;
    let lowest = |netuid: NetUid| {
        let subnet = subnets.iter().find(|subnet| subnet.netuid == netuid);
        subnet.map_or(0, |subnet| subnet.hyperparameters.weights_version)
    };
    let item = |(netuid, row): (NetUid, WeightRow)| WeightsItem {
        netuid,
        row,
        receipts_root: [0; 32],
        version_key: args.version_key.unwrap_or_else(|| lowest(netuid)),
    };
    let items: Vec<WeightsItem> = rows.into_iter().map(item).collect();
    let quote = quote_rows(items.iter().map(|item| (item.netuid, &item.row)));
    let done = format!("set weights in {}", subnets_of(items.iter().map(|item| item.netuid)));
    let call = match items.as_slice() {
        [item] => Call::SetWeights {
            netuid: item.netuid,
            row: item.row.clone(),
            receipts_root: item.receipts_root,
            version_key: item.version_key,
        },
        items => calls::scoring::batch_set_weights(items),
    };
    session
        .run(Plan::new(call, done).quoting(quote).by_hotkey())
        .await
        .map(drop)
}

async fn commit(args: CommitArgs, output: Output) -> Result<()> {
    let rows = args.row.rows()?;
    let session = args.row.send.open(output).await?;
    let alone = rows.len() == 1;
    let mut commits = Vec::new();
    for (netuid, row) in rows {
        let (metagraph, neuron) = neuron(&session, netuid).await?;
        let params = metagraph.subnet.hyperparameters;
        // Of several the chain itself says which it does not take, and does the others.
        if alone && !params.commit_reveal {
            return Err(failure::refused(
                "Scoring.CommitRevealDisabled",
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
        commits.push((saved, params.reveal_period));
    }
    let items: Vec<CommitItem> = commits
        .iter()
        .map(|(saved, _)| CommitItem {
            netuid: saved.netuid,
            hash: saved.hash(),
        })
        .collect();
    let call = match items.as_slice() {
        [CommitItem { netuid, hash }] => Call::CommitWeights {
            netuid: *netuid,
            hash: *hash,
        },
        items => calls::scoring::batch_commit_weights(items),
    };
    let mut reveals = Vec::new();
    let mut plan = Plan::new(call, "").by_hotkey();
    for (saved, reveal_period) in &commits {
        let path = match &args.save {
            Some(path) => path.clone(),
            None => saved.default_path(&session, &args.row.send.wallet.hotkey),
        };
        let epoch = saved.epoch.0.saturating_add((*reveal_period).into());
        let file = path.display();
        reveals.push(format!("in epoch {epoch} of subnet {}: --from {file}", saved.netuid));
        // Before the commit: without the salt it could never be revealed.
        plan = plan.saving(path, saved)?;
    }
    let reveals = reveals.join("; ");
    plan.done = format!("committed; reveal it with `laurel weights reveal`, {reveals}");
    let quote = quote_rows(commits.iter().map(|(saved, _)| (saved.netuid, &saved.row)));
    session.run(plan.quoting(quote.text("reveal", reveals))).await.map(drop)
}

async fn reveal(args: RevealArgs, output: Output) -> Result<()> {
    let commits: Vec<SavedCommit> = args.from.iter().map(|path| saved::read(path)).collect::<Result<_>>()?;
    let session = args.send.open(output).await?;
    let subnets = subnets_of(commits.iter().map(|saved| saved.netuid));
    let epochs: Vec<String> = commits.iter().map(|saved| saved.epoch.to_string()).collect();
    let quote = quote_rows(commits.iter().map(|saved| (saved.netuid, &saved.row)))
        .text("committed_in_epoch", epochs.join(", "));
    let items: Vec<RevealItem> = commits.into_iter().map(SavedCommit::reveal).collect();
    let call = match items.as_slice() {
        [item] => Call::RevealWeights {
            netuid: item.netuid,
            row: item.row.clone(),
            receipts_root: item.receipts_root,
            version_key: item.version_key,
            salt: item.salt,
        },
        items => calls::scoring::batch_reveal_weights(items),
    };
    let plan = Plan::new(call, format!("revealed weights in {subnets}"));
    session.run(plan.quoting(quote).by_hotkey()).await.map(drop)
}

async fn pending(args: PendingArgs, output: Output) -> Result<()> {
    let client = args.chain.connect().await?;
    subnet::find(&client, NetUid(args.netuid)).await?;
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
        let item = read.reveal();
        assert_eq!((item.row.entries()[0], item.salt), ((Uid(1), 9), [8; 32]));
    }

    #[test]
    fn the_rows_of_several_subnets_are_read_and_named() {
        let (netuid, weights) = parse_row("7:3=70,4=30").unwrap();
        assert_eq!((netuid, weights), (NetUid(7), vec![(Uid(3), 70), (Uid(4), 30)]));
        for wrong in ["7", "7:", "x:1=1", "7:1", "7:1=2,", "70000:1=1"] {
            assert!(parse_row(wrong).is_err(), "{wrong}");
        }
        let rows = [(NetUid(1), row_of(vec![(Uid(0), 1), (Uid(2), 3)]).unwrap())];
        let quote = quote_rows(rows.iter().map(|(netuid, row)| (*netuid, row)));
        assert_eq!(quote.json()["weights"], "subnet 1: 0: 25.00 %, 2: 75.00 %");
        assert_eq!(subnets_of([NetUid(1)].into_iter()), "subnet 1");
        assert_eq!(subnets_of([NetUid(1), NetUid(4)].into_iter()), "subnets 1, 4");
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
