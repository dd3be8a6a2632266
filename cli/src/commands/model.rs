//! `laurel model`: what names a model, and which ones a subnet pays for.
use super::{subnet, table, ChainArgs};
use crate::{
    failure,
    output::Output,
    quote::Quote,
    transaction::{bytes32, hex, Plan, SendArgs},
    waiting::waiting,
};
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use laurel_chain::{Call, ChainClient, Key};
use laurel_models::Manifest;
use laurel_types::{AcceptedModel, ModelKind, ModelRoot, NetUid, TokenizerRoot, MAX_ACCEPTED_MODELS};
use serde_json::{json, Value};
use std::{
    fs,
    path::{Path, PathBuf},
};

#[derive(Subcommand, Debug)]
pub enum ModelCommand {
    /// Show what names a model: the root by which subnets accept it, and what that is made of.
    Manifest(ManifestArgs),
    /// List the models that a subnet pays for, and those that it announced.
    #[command(visible_alias = "show")]
    List(ListArgs),
    /// Let the wallet's subnet pay for more models, or with --only for other ones: at once if it had none, else a whole epoch after the
    /// running one.
    Accept(Box<AcceptArgs>),
}

#[derive(Args, Debug)]
pub struct ManifestArgs {
    /// Folder of the model.
    #[arg(long, value_name = "DIR")]
    folder: PathBuf,
    /// Compare with a root, or with a file that --json wrote, and say which file or tensor differs.
    #[arg(long, value_name = "ROOT|FILE")]
    check: Option<String>,
}

#[derive(Args, Debug)]
pub struct ListArgs {
    #[command(flatten)]
    chain: ChainArgs,
    /// The subnet.
    #[arg(long)]
    netuid: u16,
}

#[derive(Args, Debug)]
pub struct AcceptArgs {
    #[command(flatten)]
    send: SendArgs,
    /// The subnet.
    #[arg(long)]
    netuid: u16,
    /// Folder of a model, which is read whole; may be repeated.
    #[arg(long, value_name = "DIR", required_unless_present_any = ["root", "specification"])]
    folder: Vec<PathBuf>,
    /// Specification of custom work (`laurel subnet new`); may be repeated.
    #[arg(long, value_name = "FILE")]
    specification: Vec<PathBuf>,
    /// A model that some subnet of the chain accepts, by its root; or any as ROOT:KIND:CONTEXT:TOKENIZER:SAMPLER, with roots in
    /// hexadecimal and KIND text, embedding or custom. May be repeated.
    #[arg(long, value_name = "ROOT", value_parser = parse_named)]
    root: Vec<Named>,
    /// Accept these and no others from then on.
    #[arg(long)]
    only: bool,
}

/// A model as somebody names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// By its root alone: the rest is on the chain.
    Root(ModelRoot),
    /// With everything that a subnet lists of it.
    Whole(AcceptedModel),
}

fn parse_named(text: &str) -> Result<Named, String> {
    let wrong = || format!("'{text}': write ROOT, or ROOT:KIND:CONTEXT:TOKENIZER:SAMPLER");
    let parts: Vec<&str> = text.split(':').collect();
    let root = |text: &str| bytes32(text).map_err(|error| error.to_string());
    match parts.as_slice() {
        [one] => Ok(Named::Root(ModelRoot(root(one)?))),
        [name, kind, context, tokenizer, sampler] => Ok(Named::Whole(AcceptedModel {
            root: ModelRoot(root(name)?),
            kind: parse_kind(kind).ok_or_else(wrong)?,
            context: context.parse().map_err(|_| wrong())?,
            tokenizer: TokenizerRoot(root(tokenizer)?),
            sampler: sampler.parse().map_err(|_| wrong())?,
        })),
        _ => Err(wrong()),
    }
}

fn parse_kind(text: &str) -> Option<ModelKind> {
    match text.to_ascii_lowercase().as_str() {
        "text" => Some(ModelKind::Text),
        "embedding" => Some(ModelKind::Embedding),
        "custom" => Some(ModelKind::Custom),
        _ => None,
    }
}

/// Runs one of them.
pub async fn run(command: ModelCommand, output: Output) -> Result<()> {
    match command {
        ModelCommand::Manifest(args) => manifest(&args, output),
        ModelCommand::List(args) => list(args, output).await,
        ModelCommand::Accept(args) => accept(*args, output).await,
    }
}

/// The manifest of a folder.
pub fn read(folder: &Path) -> Result<Manifest> {
    let _shown = waiting(format!("reading the model in {}", folder.display()));
    laurel_models::manifest(folder).with_context(|| folder.display().to_string())
}

fn manifest(args: &ManifestArgs, output: Output) -> Result<()> {
    match &args.check {
        Some(expected) => check(&args.folder, expected, output),
        None => {
            let manifest = read(&args.folder)?;
            output.show(
                || describe(&manifest, &args.folder),
                || document(&manifest, &args.folder),
            );
            Ok(())
        }
    }
}

/// Bytes of a file of the model; none for a name that is no file, as the header of a GGUF file.
fn size(folder: &Path, name: &str) -> Option<u64> {
    fs::metadata(folder.join(name)).ok().map(|found| found.len())
}

/// The files with weights, with their sizes in bytes, by name.
fn weight_files(folder: &Path) -> Vec<(String, u64)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<(String, u64)> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.ends_with(".safetensors") || name.ends_with(".gguf"))
        .filter_map(|name| Some((name.clone(), size(folder, &name)?)))
        .collect();
    files.sort();
    files
}

/// Bytes of all weights.
pub fn weight_bytes(folder: &Path) -> u64 {
    weight_files(folder).iter().map(|(_, bytes)| bytes).sum()
}

fn describe(manifest: &Manifest, folder: &Path) {
    say!("root        {}", hex(&manifest.root.0));
    say!("kind        {}", kind_name(manifest.kind));
    say!("context     {} tokens", manifest.context);
    say!("parameters  {}", manifest.parameters);
    say!("tensors     {}", manifest.tensors.len());
    if manifest.sampler > 0 {
        say!("sampler     version {}", manifest.sampler);
    }
    let mut table = table(["file", "bytes", "BLAKE2b-256"]);
    for file in &manifest.files {
        let bytes = size(folder, &file.name).map_or_else(String::new, |bytes| bytes.to_string());
        table.add_row([file.name.clone(), bytes, hex(&file.digest)]);
    }
    for (name, bytes) in weight_files(folder) {
        table.add_row([name, bytes.to_string(), "counted by tensor".into()]);
    }
    say!("{table}");
}

fn kind_name(kind: ModelKind) -> &'static str {
    match kind {
        ModelKind::Text => "text",
        ModelKind::Embedding => "embedding",
        ModelKind::Custom => "custom",
    }
}

/// What `--check` reads back, with what a person wants to know beside it.
fn document(manifest: &Manifest, folder: &Path) -> Value {
    let files = manifest
        .files
        .iter()
        .map(|file| json!({ "name": file.name, "bytes": size(folder, &file.name), "digest": hex(&file.digest) }));
    let tensors = manifest.tensors.iter().map(|tensor| {
        let chunks: Vec<String> = tensor.chunks.iter().map(|chunk| hex(chunk)).collect();
        json!({ "name": tensor.name, "dtype": tensor.dtype, "shape": tensor.shape, "chunks": chunks })
    });
    let weights = weight_files(folder);
    let weights = weights
        .iter()
        .map(|(name, bytes)| json!({ "name": name, "bytes": bytes }));
    json!({
        "root": hex(&manifest.root.0),
        "kind": manifest.kind,
        "context": manifest.context,
        "sampler": manifest.sampler,
        "parameters": manifest.parameters,
        "files": files.collect::<Vec<_>>(),
        "weights": weights.collect::<Vec<_>>(),
        "tensors": tensors.collect::<Vec<_>>(),
    })
}

/// Says whether the folder holds the model that is expected, and what differs where that is known.
fn check(folder: &Path, expected: &str, output: Output) -> Result<()> {
    // First what is wrong with the expectation: reading the model takes longer.
    let listed = match bytes32(expected) {
        Ok(_) => None,
        Err(_) => Some(Manifest::read(Path::new(expected))?),
    };
    let root = match &listed {
        Some(manifest) => manifest.root,
        None => ModelRoot(bytes32(expected)?),
    };
    let found = read(folder)?;
    let matches = found.root == root;
    let differences = match &listed {
        Some(manifest) if !matches => manifest.differences(&found),
        _ => Vec::new(),
    };
    let people = || {
        let (folder, found, root) = (folder.display(), hex(&found.root.0), hex(&root.0));
        if matches {
            say!("{folder}: {found}, as expected");
            return;
        }
        say!("{folder}: {found} is another model than {root}");
        differences.iter().for_each(|line| say!("  {line}"));
        if listed.is_none() {
            say!("with the file that --json wrote of that one, --check says what differs");
        }
    };
    let programs = || {
        json!({
            "root": hex(&found.root.0),
            "expected": hex(&root.0),
            "matches": matches,
            "differences": differences,
        })
    };
    output.show(people, programs);
    if !matches {
        return Err(failure::Said(failure::DIFFERS).into());
    }
    Ok(())
}

/// A model as a subnet lists it.
pub fn model_json(model: &AcceptedModel) -> Value {
    json!({
        "root": hex(&model.root.0),
        "kind": model.kind,
        "context": model.context,
        "tokenizer": hex(&model.tokenizer.0),
        "sampler": model.sampler,
    })
}

/// What a subnet announced, and from which epoch on that counts; none if nothing is announced.
pub async fn announced(client: &ChainClient, netuid: NetUid) -> Result<Option<(Vec<AcceptedModel>, u64)>> {
    let keys = [Key::Number(netuid.0.into())];
    let stored = client.storage("Subnets", "PendingModels", &keys, None).await?;
    Ok(stored.as_ref().and_then(parse_announced))
}

/// As the chain stores it, in JSON.
fn parse_announced(stored: &Value) -> Option<(Vec<AcceptedModel>, u64)> {
    let from = stored["from"].as_str()?.parse().ok()?;
    let root = |of: &Value| bytes32(of.as_str()?).ok();
    let models = stored["models"].as_array()?.iter().map(|model| {
        Some(AcceptedModel {
            root: ModelRoot(root(&model["root"])?),
            kind: parse_kind(model["kind"].as_str()?)?,
            context: model["context"].as_u64()?.try_into().ok()?,
            tokenizer: TokenizerRoot(root(&model["tokenizer"])?),
            sampler: model["sampler"].as_u64()?.try_into().ok()?,
        })
    });
    Some((models.collect::<Option<_>>()?, from))
}

async fn list(args: ListArgs, output: Output) -> Result<()> {
    let client = args.chain.connect().await?;
    let netuid = NetUid(args.netuid);
    let subnet = subnet::find(&client, netuid).await?;
    let announced = announced(&client, netuid).await?;
    let people = || {
        let mut table = table(["model", "kind", "context", "sampler", "counts"]);
        let mut add = |models: &[AcceptedModel], counts: &str| {
            for model in models {
                table.add_row([
                    hex(&model.root.0),
                    kind_name(model.kind).into(),
                    model.context.to_string(),
                    model.sampler.to_string(),
                    counts.to_owned(),
                ]);
            }
        };
        let now = match &announced {
            Some((_, from)) => format!("until epoch {from}"),
            None => "now".into(),
        };
        add(&subnet.models, &now);
        if let Some((models, from)) = &announced {
            add(models, &format!("from epoch {from}"));
        }
        say!("{table}");
        say!(
            "the running epoch is {}, until block {}",
            subnet.epoch,
            subnet.next_epoch_at
        );
    };
    let programs = || {
        json!({
            "netuid": netuid,
            "epoch": subnet.epoch,
            "next_epoch_at": subnet.next_epoch_at,
            "models": subnet.models.iter().map(model_json).collect::<Vec<_>>(),
            "announced": announced.as_ref().map(|(models, from)| json!({
                "models": models.iter().map(model_json).collect::<Vec<_>>(),
                "from": from.to_string(),
            })),
        })
    };
    output.show(people, programs);
    Ok(())
}

/// The entry of a root alone, as any subnet of the chain lists it.
async fn look_up(client: &ChainClient, netuid: NetUid, root: ModelRoot) -> Result<AcceptedModel> {
    let ours = announced(client, netuid).await?.map(|(models, _)| models);
    let subnets = client.subnets(None).await?;
    let listed = subnets.into_iter().flat_map(|subnet| subnet.models);
    let found = listed
        .chain(ours.into_iter().flatten())
        .find(|model| model.root == root);
    found.ok_or_else(|| {
        failure::usage(format!(
            "no subnet of this chain lists {}: give the model's --folder, or all of ROOT:KIND:CONTEXT:TOKENIZER:SAMPLER",
            hex(&root.0)
        ))
    })
}

async fn accept(args: AcceptArgs, output: Output) -> Result<()> {
    let mut chosen = Vec::new();
    for folder in &args.folder {
        chosen.push(read(folder)?.accepted());
    }
    for file in &args.specification {
        let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        chosen.push(laurel_protocol::accepted_work(&text));
    }
    let session = args.send.open(output).await?;
    let netuid = NetUid(args.netuid);
    let subnet = subnet::find(&session.client, netuid).await?;
    for named in args.root {
        chosen.push(match named {
            Named::Root(root) => look_up(&session.client, netuid, root).await?,
            Named::Whole(model) => model,
        });
    }
    // What is announced replaces what counts now: a second change builds on the first.
    let mut models = match announced(&session.client, netuid).await? {
        _ if args.only => Vec::new(),
        Some((models, _)) => models,
        None => subnet.models.clone(),
    };
    models.extend(chosen);
    if models.len() > MAX_ACCEPTED_MODELS as usize {
        return Err(failure::usage(format!(
            "a subnet accepts at most {MAX_ACCEPTED_MODELS} models: name with --only those that it is to accept"
        )));
    }
    let roots = |models: &[AcceptedModel]| -> String {
        let roots: Vec<String> = models.iter().map(|model| hex(&model.root.0)).collect();
        roots.join(" ")
    };
    let from = if subnet.models.is_empty() {
        subnet.epoch.0
    } else {
        // The running epoch, and a whole one after it.
        subnet.epoch.0.saturating_add(2)
    };
    let quote = Quote::default()
        .text("netuid", netuid)
        .text("accepted_now", roots(&subnet.models))
        .text("accepted_then", roots(&models))
        .text("from_epoch", from);
    let call = Call::SetModels { netuid, models };
    let done = format!("subnet {netuid} accepts these models from epoch {from} on");
    session.run(Plan::new(call, done).quoting(quote)).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(byte: u8) -> AcceptedModel {
        AcceptedModel {
            root: ModelRoot([byte; 32]),
            kind: ModelKind::Text,
            context: 2_048,
            tokenizer: TokenizerRoot([0xcd; 32]),
            sampler: 1,
        }
    }

    #[test]
    fn a_model_is_named_by_its_root_or_in_one_piece() {
        let (root, tokenizer) = ("0x".to_owned() + &"ab".repeat(32), "cd".repeat(32));
        assert_eq!(parse_named(&root), Ok(Named::Root(ModelRoot([0xab; 32]))));
        let whole = parse_named(&format!("{root}:text:2048:{tokenizer}:1"));
        assert_eq!(whole, Ok(Named::Whole(model(0xab))));
        for wrong in [
            "",
            "a:b",
            "0xab",
            &format!("{root}:audio:1:{tokenizer}:1"),
            &format!("{root}:text:x:{tokenizer}:1"),
        ] {
            assert!(parse_named(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_announced_is_read_as_the_chain_stores_it() {
        let mut stored = model_json(&model(7));
        stored["kind"] = "Text".into();
        let stored = json!({ "models": [stored], "from": "9" });
        assert_eq!(parse_announced(&stored), Some((vec![model(7)], 9)));
        assert_eq!(parse_announced(&json!({ "models": [{}], "from": "9" })), None);
    }

    #[test]
    fn the_manifest_that_is_printed_can_be_checked_against() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/tiny");
        let manifest = laurel_models::manifest(&folder).unwrap();
        let document = document(&manifest, &folder);
        assert!(
            document["weights"][0]["bytes"].as_u64() > Some(1_000_000),
            "{}",
            document["weights"]
        );
        let written = tempfile::NamedTempFile::new().unwrap();
        fs::write(written.path(), document.to_string()).unwrap();
        assert_eq!(Manifest::read(written.path()).unwrap(), manifest);
        let output = Output { json: false };
        check(&folder, written.path().to_str().unwrap(), output).unwrap();
        check(&folder, &hex(&manifest.root.0), output).unwrap();
        let other = check(&folder, &hex(&[1; 32]), output).unwrap_err();
        assert_eq!(other.downcast_ref(), Some(&failure::Said(failure::DIFFERS)));
    }
}
