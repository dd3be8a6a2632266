//! The command line.
use crate::{UpstreamError, UpstreamOptions};
use clap::{Args as ClapArgs, Parser, ValueEnum};
use laurel_chain::BlockHash;
use laurel_daemon::{wallet::WalletArgs, LogArgs, MetricsArgs};
use laurel_engine::DeviceName;
use laurel_types::NetUid;
use std::{net::SocketAddr, path::PathBuf, time::Duration};

/// Who serves, where, on which chain: what every miner is told, whatever work it does.
#[derive(ClapArgs, Clone, Debug)]
pub struct ServeArgs {
    /// Whose key signs.
    #[command(flatten)]
    pub wallet: WalletArgs,
    /// Subnet to serve.
    #[arg(long, value_name = "N")]
    pub netuid: u16,
    /// Address on which to serve.
    #[arg(long, value_name = "ADDR")]
    pub listen: SocketAddr,
    /// Address to publish on chain, where it differs from the one listened on.
    #[arg(long, value_name = "ADDR")]
    pub advertise: Option<SocketAddr>,
    /// Endpoints of the chain; the next is tried where one does not answer.
    #[arg(
        long,
        value_name = "URL",
        env = "LAUREL_CHAIN",
        value_delimiter = ',',
        default_value = "ws://127.0.0.1:9944"
    )]
    pub chain: Vec<String>,
    /// The only chain to accept, by its genesis hash.
    #[arg(long, value_name = "HASH")]
    pub genesis: Option<BlockHash>,
    /// Seconds to wait for the chain when starting. Later it waits as long as it takes.
    #[arg(long, value_name = "SECONDS", default_value_t = 15)]
    pub connect_deadline: u32,
    /// What to refuse.
    #[command(flatten)]
    pub limits: Limits,
}

/// Everything that a miner of a model is told. The honest binary and the dishonest ones of the tests take the same.
#[derive(ClapArgs, Clone, Debug)]
pub struct Args {
    /// Who serves where.
    #[command(flatten)]
    pub serve: ServeArgs,
    /// Folder of the model: config.json, tokenizer.json, *.safetensors. Repeat it to hold several: the first that the subnet accepts is
    /// published, so that a miner which holds the next one too goes on when the subnet changes its models.
    #[arg(long, value_name = "DIR", required = true)]
    pub model: Vec<PathBuf>,
    /// Threads of the model; by default one for each core.
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// What computes: cpu, cuda:N or metal, of which the program was built for the first and what it was told (docs/gpu.md). Not
    /// with --engine openai.
    #[arg(long, value_name = "DEVICE", default_value_t, conflicts_with = "upstream")]
    pub device: DeviceName,
    /// Most memory for keys and values of texts, in bytes; by default what 16 texts of the whole context need, at most 1 GiB or what
    /// one needs.
    #[arg(long, value_name = "BYTES", conflicts_with = "upstream")]
    pub cache_bytes: Option<usize>,
    /// What runs the model.
    #[arg(long, value_enum, default_value_t = Engine::Candle)]
    pub engine: Engine,
    /// The server that runs it, if one does.
    #[command(flatten)]
    pub upstream: UpstreamArgs,
}

/// Serves a subnet's model over HTTP and is paid for good answers.
#[derive(Parser)]
#[command(name = "laurel-miner", version)]
pub struct Command {
    /// What is served, where.
    #[command(flatten)]
    pub args: Args,
    /// What is logged, and how.
    #[command(flatten)]
    pub log: LogArgs,
    /// Where metrics are served.
    #[command(flatten)]
    pub metrics: MetricsArgs,
}

/// What runs the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// This process.
    Candle,
    /// A server that speaks the OpenAI API, named with --upstream.
    Openai,
}

/// A server that runs the model, for `--engine openai`.
#[derive(ClapArgs, Clone, Debug)]
pub struct UpstreamArgs {
    /// The server, as http://host:port. Only with --engine openai.
    #[arg(long, value_name = "URL", required_if_eq("engine", "openai"))]
    pub upstream: Option<String>,
    /// The server's name for the model; by default the first that it offers.
    #[arg(long, value_name = "NAME", requires = "upstream")]
    pub upstream_model: Option<String>,
    /// File with the key that the server wants as bearer token.
    #[arg(long, value_name = "FILE", requires = "upstream")]
    pub upstream_key_file: Option<PathBuf>,
    /// Seconds that the server may take until the first token.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    pub upstream_first_token: u32,
    /// Seconds that the server may take from one token to the next.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    pub upstream_next_token: u32,
}

impl ServeArgs {
    /// The subnet.
    pub fn netuid(&self) -> NetUid {
        NetUid(self.netuid)
    }
}

impl Args {
    /// The server that runs the model, if one does.
    ///
    /// # Errors
    /// When the flags contradict each other.
    pub fn upstream(&self) -> Result<Option<UpstreamOptions>, UpstreamError> {
        let given = &self.upstream;
        match (self.engine, &given.upstream) {
            (Engine::Candle, None) => Ok(None),
            (Engine::Openai, Some(url)) if self.model.len() == 1 => Ok(Some(UpstreamOptions {
                url: url.clone(),
                model: given.upstream_model.clone(),
                key_file: given.upstream_key_file.clone(),
                first_token: Duration::from_secs(given.upstream_first_token.into()),
                next_token: Duration::from_secs(given.upstream_next_token.into()),
                watch: Duration::from_secs(5),
                requests: self.serve.limits.queue,
            })),
            (Engine::Openai, Some(_)) => Err(UpstreamError::OneModel),
            (Engine::Candle, Some(_)) | (Engine::Openai, None) => Err(UpstreamError::Contradiction),
        }
    }
}

/// Bounds on what others can ask of a miner.
#[derive(ClapArgs, Clone, Copy, Debug)]
pub struct Limits {
    /// Requests that may wait for the model; more are answered with 429.
    #[arg(long, value_name = "N", default_value_t = 32)]
    pub queue: usize,
    /// Largest request body, in bytes.
    #[arg(long, value_name = "BYTES", default_value_t = 1024 * 1024)]
    pub max_body: usize,
    /// Longest time in seconds for which a request may be valid.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub max_lifetime: u32,
    /// Least stake, in leaves, of a hotkey that may ask.
    #[arg(long, value_name = "LEAVES", default_value_t = 1)]
    pub min_sender_stake: u64,
    /// Blocks between two looks at who may ask.
    #[arg(long, value_name = "BLOCKS", default_value_t = 5)]
    pub refresh: u32,
    /// Seconds that requests in work get when the miner is stopped.
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    pub drain: u32,
    /// Connections open at one time.
    #[arg(long, value_name = "N", default_value_t = 512)]
    pub connections: usize,
}
