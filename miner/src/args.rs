//! The command line.
use clap::Args as ClapArgs;
use laurel_chain::BlockHash;
use laurel_daemon::wallet::WalletArgs;
use laurel_types::NetUid;
use std::{net::SocketAddr, path::PathBuf};

/// Everything that a miner is told. The honest binary and the dishonest ones of the tests take the same.
#[derive(ClapArgs, Clone, Debug)]
pub struct Args {
    /// Whose key signs.
    #[command(flatten)]
    pub wallet: WalletArgs,
    /// Subnet to serve.
    #[arg(long, value_name = "N")]
    pub netuid: u16,
    /// Folder of the model: config.json, tokenizer.json, *.safetensors. Repeat it to hold several: the first that the subnet accepts is
    /// published, so that a miner which holds the next one too goes on when the subnet changes its models.
    #[arg(long, value_name = "DIR", required = true)]
    pub model: Vec<PathBuf>,
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
    /// Threads of the model; by default one for each core.
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// What to refuse.
    #[command(flatten)]
    pub limits: Limits,
}

impl Args {
    /// The subnet.
    pub fn netuid(&self) -> NetUid {
        NetUid(self.netuid)
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
