//! `laurel-model`: makes, names and spoils models.
use anyhow::{bail, Context, Result};
use candle_core::DType;
use clap::{Args, Parser, Subcommand};
use laurel_engine::decoder::Architecture;
use laurel_engine::{
    CallerId, ModelDir, SamplerKey, SamplingParams, TextEngine, TextEvent, TextOptions, TextRequest, TextTokenizer,
    TokenIds,
};
use laurel_models::train::{train, vocabulary, LlamaConfig, Network, Progress, Schedule, TokenCorpus, TrainConfig};
use laurel_models::{beside, degrade, manifest, Degradation, Manifest};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

#[derive(Parser)]
#[command(version, about = "Make, name and spoil models")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Train a small text model from plain text, with candle on the CPU
    Train(TrainArgs),
    /// Print what names a model: the root that subnets accept, and what it is made of
    Manifest {
        /// Model folder
        dir: PathBuf,
        /// Print JSON
        #[arg(long, conflicts_with = "check")]
        json: bool,
        /// Compare with a root, or with a file that --json wrote, and say which file or tensor differs
        #[arg(long, value_name = "ROOT|FILE")]
        check: Option<String>,
    },
    /// Write a copy of a text model with coarser weights, as a dishonest miner might run it
    Degrade {
        /// Model folder
        source: PathBuf,
        /// Folder to write
        destination: PathBuf,
        /// Bits that each weight keeps
        #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(2..=8))]
        bits: u32,
        /// Seed of the rounding
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Go on with a text
    Generate(GenerateArgs),
}

#[derive(Args)]
struct GenerateArgs {
    /// Model folder
    dir: PathBuf,
    /// The text to go on with
    prompt: String,
    /// Most tokens of the answer
    #[arg(long, default_value_t = 100)]
    tokens: usize,
    /// Temperature in thousandths; 0 takes the likeliest token
    #[arg(long, default_value_t = 800)]
    temperature_milli: u32,
    /// Seed of the draws
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Threads [default: one a core]
    #[arg(long)]
    threads: Option<usize>,
}

#[derive(Args)]
struct TrainArgs {
    /// Folder with train.txt and valid.txt: a paragraph a line, an empty line between documents
    #[arg(long)]
    corpus: PathBuf,
    /// Model folder to write
    #[arg(long)]
    out: PathBuf,
    /// Where an interrupted run is kept and taken up [default: OUT.checkpoint]
    #[arg(long)]
    checkpoint: Option<PathBuf>,
    #[command(flatten)]
    shape: ShapeArgs,
    /// Windows in a step
    #[arg(long, default_value_t = 8)]
    batch: usize,
    /// Steps of the whole run
    #[arg(long, default_value_t = 3000)]
    steps: u64,
    /// Highest learning rate
    #[arg(long, default_value_t = 2e-3)]
    learning_rate: f64,
    /// Seed of initial weights and of the order of the text
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Steps between evaluations and checkpoints
    #[arg(long, default_value_t = 250)]
    evaluate_every: u64,
    /// Stop after so many minutes, keeping the checkpoint, and write the model as it then is
    #[arg(long)]
    minutes: Option<f64>,
}

#[derive(Args)]
struct ShapeArgs {
    /// Tokens in the vocabulary
    #[arg(long, default_value_t = 2048)]
    vocabulary: usize,
    /// Width of the residual stream
    #[arg(long, default_value_t = 192)]
    width: usize,
    /// Width of the feed-forward layers
    #[arg(long, default_value_t = 512)]
    feed_forward: usize,
    /// Layers
    #[arg(long, default_value_t = 5)]
    layers: usize,
    /// Query heads
    #[arg(long, default_value_t = 6)]
    heads: usize,
    /// Key and value heads
    #[arg(long, default_value_t = 3)]
    kv_heads: usize,
    /// Longest sequence, in tokens
    #[arg(long, default_value_t = 256)]
    context: usize,
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Train(args) => run_training(&args),
        Command::Manifest { dir, json, check: None } => print_manifest(&dir, json),
        Command::Manifest {
            dir,
            check: Some(expected),
            ..
        } => check_manifest(&dir, &expected),
        Command::Degrade {
            source,
            destination,
            bits,
            seed,
        } => degrade(&source, &destination, Degradation { bits, seed }).map_err(Into::into),
        Command::Generate(args) => generate(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn print_manifest(dir: &Path, json: bool) -> Result<()> {
    let manifest = manifest(dir)?;
    if json {
        println!("{}", serde_json::to_string_pretty(&manifest)?);
    } else {
        println!("0x{}", hex::encode(manifest.root.0));
    }
    Ok(())
}

fn check_manifest(dir: &Path, expected: &str) -> Result<()> {
    let mut root = [0; 32];
    let is_root = hex::decode_to_slice(expected.strip_prefix("0x").unwrap_or(expected), &mut root).is_ok();
    // First what is wrong with the expectation: reading the model takes longer.
    let expected = if is_root {
        None
    } else {
        Some(Manifest::read(Path::new(expected))?)
    };
    let found = manifest(dir)?;
    let place = format!("{}: 0x{}", dir.display(), hex::encode(found.root.0));
    if found.root.0 == expected.as_ref().map_or(root, |expected| expected.root.0) {
        println!("{place} as expected");
        return Ok(());
    }
    let Some(expected) = expected else {
        bail!("{place} is another model than 0x{}; with the file that --json wrote of that one, --check says what differs", hex::encode(root));
    };
    let differences = expected.differences(&found);
    differences.iter().for_each(|line| println!("{line}"));
    bail!(
        "{place} is another model than 0x{}: {} differences",
        hex::encode(expected.root.0),
        differences.len()
    )
}

/// Prints the text, then on standard error how long it took and what a validator's check says of it.
fn generate(args: &GenerateArgs) -> Result<()> {
    let options = TextOptions {
        threads: args.threads,
        ..Default::default()
    };
    let engine = TextEngine::load(&args.dir, options)?;
    let mut key = [0; 32];
    key[..8].copy_from_slice(&args.seed.to_le_bytes());
    let request = TextRequest {
        prompt: engine.tokenizer().encode(&args.prompt)?,
        max_tokens: args.tokens,
        stop: Vec::new(),
        sampling: SamplingParams {
            temperature_milli: args.temperature_milli,
            ..Default::default()
        },
        key: SamplerKey(key),
        caller: CallerId::default(),
        proof: false,
    };
    let began = Instant::now();
    let mut events = engine.submit(request.clone())?;
    print!("{}", args.prompt);
    let completion = loop {
        match events.blocking_recv().context("the engine stopped")? {
            TextEvent::Token { text, .. } => {
                print!("{text}");
                std::io::stdout().flush()?;
            }
            TextEvent::Done { completion, .. } => break completion,
            TextEvent::Failed(error) => return Err(error.into()),
        }
    };
    println!();
    let (count, seconds) = (completion.len(), began.elapsed().as_secs_f64());
    let began = Instant::now();
    let report = engine.check(&request.prompt, &completion, &request.sampling, &request.key, None)?;
    let margin = report.tokens.iter().map(|check| check.margin).fold(0f32, f32::max);
    eprintln!(
        "{count} tokens in {seconds:.2} s ({:.0} a second); checked in {:.3} s, largest margin {margin} nats",
        count as f64 / seconds,
        began.elapsed().as_secs_f64()
    );
    Ok(())
}

fn run_training(args: &TrainArgs) -> Result<()> {
    let checkpoint = args
        .checkpoint
        .clone()
        .unwrap_or_else(|| beside(&args.out, "checkpoint"));
    let model = beside(&args.out, "part");
    std::fs::create_dir_all(&model).with_context(|| format!("cannot create {}", model.display()))?;
    let config = write_shape(args, &model)?;
    let dir = ModelDir::open(&model)?;
    let tokenizer = TextTokenizer::read(&dir)?;
    let (training, validation) = (args.corpus.join("train.txt"), args.corpus.join("valid.txt"));
    let (training, validation) = (
        TokenCorpus::read(&training, &tokenizer)?,
        TokenCorpus::read(&validation, &tokenizer)?,
    );
    let network = Network::new(&config, args.seed)?;
    println!(
        "{} weights, {} training tokens ({:.2} bytes a token), {} validation tokens",
        network.parameters(),
        training.len(),
        training.bytes_per_token(),
        validation.len()
    );
    let run = TrainConfig {
        batch: args.batch,
        window: args.shape.context,
        schedule: Schedule {
            peak: args.learning_rate,
            warmup: (args.steps / 20).max(1),
            steps: args.steps,
        },
        seed: args.seed,
        evaluate_every: args.evaluate_every,
        evaluation_batches: 8,
        checkpoint,
        time_limit: args.minutes.map(|minutes| Duration::from_secs_f64(minutes * 60.0)),
    };
    let report = train(&network, &training, &validation, &run, print_progress)?;
    candle_core::safetensors::save(&network.weights(DType::F16)?, model.join("model.safetensors"))
        .context("cannot write the weights: check free space")?;
    let json = serde_json::to_string_pretty(&report)?;
    std::fs::write(model.join("training.json"), format!("{json}\n"))?;
    replace_folder(&model, &args.out)?;
    println!("{json}\nwrote {}", args.out.display());
    Ok(())
}

fn print_progress(progress: Progress) {
    let Progress {
        step,
        training_loss,
        validation_loss,
        tokens_per_second,
        gradient_norm,
    } = progress;
    let validation = validation_loss.map_or(String::new(), |loss| format!("  validation {loss:.4}"));
    println!("step {step}  training {training_loss:.4}{validation}  {tokens_per_second:.0} tokens/s  gradient {gradient_norm:.2}");
}

/// Writes tokenizer and configuration, so that the folder lacks nothing but weights.
fn write_shape(args: &TrainArgs, model: &Path) -> Result<LlamaConfig> {
    let shape = &args.shape;
    let config = LlamaConfig {
        model_type: "llama".into(),
        vocab_size: shape.vocabulary,
        hidden_size: shape.width,
        intermediate_size: shape.feed_forward,
        num_hidden_layers: shape.layers,
        num_attention_heads: shape.heads,
        num_key_value_heads: shape.kv_heads,
        max_position_embeddings: shape.context,
        rms_norm_eps: 1e-5,
        rope_theta: 10_000.0,
        tie_word_embeddings: true,
        hidden_act: "silu".into(),
        bos_token_id: Some(0),
        eos_token_id: Some(TokenIds::One(0)),
    };
    let tokenizer = model.join("tokenizer.json");
    // The tokenizer of an interrupted run stays: its weights are of no use with another.
    if !tokenizer.exists() {
        vocabulary::train_tokenizer(&args.corpus.join("train.txt"), shape.vocabulary, &tokenizer)?;
    }
    let mut described = serde_json::to_value(&config)?;
    described["architectures"] = serde_json::json!(["LlamaForCausalLM"]);
    described["torch_dtype"] = "float16".into();
    let files = [
        ("config.json", described),
        (
            "generation_config.json",
            serde_json::json!({ "bos_token_id": 0, "eos_token_id": 0, "do_sample": true }),
        ),
        (
            "tokenizer_config.json",
            serde_json::json!({
                "tokenizer_class": "PreTrainedTokenizerFast",
                "model_max_length": shape.context,
                "bos_token": vocabulary::END_OF_TEXT,
                "eos_token": vocabulary::END_OF_TEXT,
                "chat_template": vocabulary::CHAT_TEMPLATE,
            }),
        ),
    ];
    for (name, value) in files {
        let path = model.join(name);
        let text = format!("{}\n", serde_json::to_string_pretty(&value)?);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Architecture::read(&ModelDir::open(model)?).context("this shape cannot be trained")?;
    Ok(config)
}

/// Puts a finished folder in the place of an older one.
fn replace_folder(fresh: &Path, place: &Path) -> Result<()> {
    if place.exists() {
        std::fs::remove_dir_all(place).with_context(|| format!("cannot replace {}", place.display()))?;
    }
    std::fs::rename(fresh, place).with_context(|| format!("cannot move {} to {}", fresh.display(), place.display()))
}
