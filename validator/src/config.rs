//! What the command line says, and how a validator is put together from it.
use crate::{
    announce::Signed,
    app::{check_models, own_neuron, Parts, Validator},
    ask::Asker,
    checking::Checker,
    corpus::{Corpus, Phrases},
    engines::load_work,
    gateway::Gateway,
    rate::{CheatingPays, Odds, Policy, DEFAULT_DETECTION, DEFAULT_FLOOR, DEFAULT_GAIN, DEFAULT_PROBATION},
    store::{Identity, Store},
    work::Works,
    NotAProportion, Score,
};
use anyhow::{Context, Result};
use clap::Args;
use laurel_chain::{AccountId, ChainClient, ConnectOptions, Keypair};
use laurel_daemon::wallet::WalletArgs;
use laurel_engine::DeviceName;
use laurel_types::NetUid;
use std::{fmt, net::SocketAddr, path::PathBuf, str::FromStr, sync::Arc, time::Duration};

/// The validator's own flags.
#[derive(Args, Clone, Debug)]
pub struct ValidatorArgs {
    /// The wallet that holds the hotkey.
    #[command(flatten)]
    pub wallet: WalletArgs,
    /// The subnet to validate.
    #[arg(long)]
    pub netuid: u16,
    /// WebSocket endpoints of the chain; repeat it, or put commas between, to have others to fall back on.
    #[arg(
        long,
        value_name = "URL",
        env = "LAUREL_CHAIN",
        value_delimiter = ',',
        default_value = "ws://127.0.0.1:9944"
    )]
    pub chain: Vec<String>,
    /// Folder of the registered model, with which answers are checked; repeat it to judge miners of other accepted models too, or to
    /// be ready for one that the subnet has announced.
    #[arg(long, value_name = "DIR", required = true)]
    pub model: Vec<PathBuf>,
    /// Folder for receipts, ratings and commits that wait to be revealed.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Text to make tasks of, one sentence a line; absent: the prose that comes with the program.
    #[arg(long, value_name = "FILE")]
    pub corpus: Option<PathBuf>,
    /// How long a miner may take until its answer begins, and for each pause in it, in milliseconds; the whole answer may take 100 ms longer
    /// for each token that may be written.
    #[arg(long, default_value_t = 8_000, value_parser = clap::value_parser!(u64).range(100..=50_000))]
    pub deadline_ms: u64,
    /// Miners asked at one time.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub concurrency: u8,
    /// How often answers are checked.
    #[command(flatten)]
    pub checks: CheckArgs,
    /// Serve users, in the API's JSON, at this address. Whoever reaches it can use it: there are no keys and no quotas, so it belongs on a
    /// loopback address.
    #[arg(long, value_name = "ADDR", num_args = 0..=1, default_missing_value = "127.0.0.1:8800")]
    pub gateway: Option<SocketAddr>,
    /// Threads to compute with; absent: as many as there are cores.
    #[arg(long)]
    pub threads: Option<usize>,
    /// What computes: cpu, cuda:N or metal, of which the program was built for the first and what it was told (docs/gpu.md).
    #[arg(long, value_name = "DEVICE", default_value_t)]
    pub device: DeviceName,
}

/// How often answers are checked, and what cheating costs. What makes cheating pay is refused (docs/verification.md).
#[derive(Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Checks")]
pub struct CheckArgs {
    /// Lowest part of a miner's answers that are checked; a newcomer's are checked all.
    #[arg(long, value_name = "PART", default_value_t = Proportion(DEFAULT_FLOOR))]
    pub check_rate: Proportion,
    /// Checked, correct answers without pay that a proven cheat costs.
    #[arg(long, value_name = "ANSWERS", default_value_t = DEFAULT_PROBATION, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub probation: u32,
    /// Part of the checks of cheated answers that prove it.
    #[arg(long, value_name = "PART", default_value_t = Proportion(DEFAULT_DETECTION))]
    pub detection: Proportion,
    /// What a cheated answer saves, as a part of an answer's pay.
    #[arg(long, value_name = "PART", default_value_t = Proportion(DEFAULT_GAIN))]
    pub gain: Proportion,
}

/// A proportion as it is written on the command line, with all its decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proportion(pub Score);

impl FromStr for Proportion {
    type Err = NotAProportion;

    fn from_str(text: &str) -> Result<Self, NotAProportion> {
        text.parse().map(Self)
    }
}

impl fmt::Display for Proportion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.exact())
    }
}

impl CheckArgs {
    /// The rules that these flags make.
    ///
    /// # Errors
    /// When cheating would pay.
    pub fn policy(&self) -> Result<Policy, CheatingPays> {
        let odds = Odds {
            detection: self.detection.0,
            gain: self.gain.0,
        };
        Policy::new(self.check_rate.0, self.probation, odds)
    }
}

impl ValidatorArgs {
    /// Opens, connects, checks and loads, in the order in which mistakes are cheapest to find.
    pub async fn build(self) -> Result<(Validator, Option<Gateway>)> {
        let policy = self.checks.policy()?;
        let key: Keypair = self.wallet.open_hotkey()?;
        let hotkey = AccountId::from(&key);
        let manifests = self
            .model
            .iter()
            .map(|folder| Ok((folder, laurel_models::manifest(folder)?)))
            .collect::<Result<Vec<_>>>()?;
        let corpus = self
            .corpus
            .as_deref()
            .map_or_else(|| Ok(Corpus::built_in()), Corpus::load)?;
        let netuid = NetUid(self.netuid);

        let client = ChainClient::connect(&self.chain, ConnectOptions::default()).await?;
        let metagraph = client
            .metagraph(netuid, None)
            .await?
            .with_context(|| format!("there is no subnet {netuid}: `laurel subnet list` shows which there are"))?;
        let own = own_neuron(&metagraph, &hotkey)?;
        let identity = Identity {
            genesis: client.genesis_hash().0,
            netuid,
            hotkey: hotkey.0,
        };
        let store = Arc::new(Store::open(&self.data, &identity)?);
        let phrases = Phrases::new(corpus, store.task_key()?);
        let works = manifests
            .iter()
            .map(|(folder, manifest)| load_work(folder, manifest, phrases.clone(), (self.device, self.threads)))
            .collect::<Result<Vec<_>, _>>()?;
        let works = Works::new(works);
        check_models(&metagraph, &works)?;
        tracing::info!(%netuid, uid = %own.uid, %hotkey, models = works.roots(), "validating");

        let deadline = Duration::from_millis(self.deadline_ms);
        let asker = Asker::new(key.clone(), deadline).context("cannot start the HTTP client")?;
        let genesis = client.genesis_hash().0;
        let gateway = self
            .gateway
            .map(|address| {
                Gateway::bind(address, genesis, asker.clone(), works.clone())
                    .with_context(|| format!("cannot listen at {address}: give --gateway another address"))
            })
            .transpose()?;
        let (gateway, line) = gateway.unzip();
        let validator = Validator::new(Parts {
            sender: Arc::new(Signed {
                client: client.clone(),
                key,
            }),
            client,
            hotkey,
            netuid,
            asker,
            checker: Checker::new(works, store.clone(), policy)?,
            store,
            concurrency: usize::from(self.concurrency),
            gateway: line,
        });
        Ok((validator, gateway))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Flags {
        #[command(flatten)]
        checks: CheckArgs,
    }

    fn flags(given: &[&str]) -> Result<Flags, clap::Error> {
        Flags::try_parse_from([&["validator"], given].concat())
    }

    #[test]
    fn the_flags_of_checking_are_read_exactly_and_refused_where_they_make_cheating_pay() {
        assert_eq!(flags(&[]).unwrap().checks.policy(), Ok(Policy::default()));
        let strict = [
            "--check-rate",
            "0.25",
            "--probation",
            "12",
            "--detection",
            "0.999",
            "--gain",
            "0.5",
        ];
        let strict = flags(&strict).unwrap().checks.policy().unwrap();
        assert_eq!((strict.floor(), strict.probation()), (Score(250_000), 12));
        let lax = flags(&["--check-rate", "0.01"]).unwrap().checks.policy().unwrap_err();
        assert!(lax.to_string().ends_with("or with --probation 769 or more"), "{lax}");
        for given in [["--check-rate", "1.5"], ["--gain", "-1"], ["--probation", "0"]] {
            assert!(flags(&given).is_err(), "{given:?}");
        }
    }
}
