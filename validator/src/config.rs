//! What the command line says, and how a validator is put together from it.
use crate::{
    announce::Signed,
    app::{check_models, own_neuron, Parts, Validator},
    ask::Asker,
    checking::Checker,
    corpus::{Corpus, Phrases},
    engines::load_work,
    gateway::{accounts::Accounts, Gateway, GatewayArgs, Setup},
    rate::{CheatingPays, Odds, Policy, DEFAULT_DETECTION, DEFAULT_FLOOR, DEFAULT_GAIN, DEFAULT_PROBATION},
    readiness::Readiness,
    store::{Identity, Store},
    work::Works,
    NotAProportion, Score,
};
use anyhow::{Context, Result};
use clap::Args;
use laurel_chain::{AccountId, ChainClient, ConnectOptions, Keypair};
use laurel_daemon::{wallet::WalletArgs, Health};
use laurel_engine::DeviceName;
use laurel_models::Manifest;
use laurel_protocol::Hash;
use laurel_types::NetUid;
use std::{fmt, path::PathBuf, str::FromStr, sync::Arc, time::Duration};

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
    /// Folder for receipts, ratings and commits that wait to be revealed.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
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
    /// What users are served.
    #[command(flatten)]
    pub gateway: GatewayArgs,
}

/// The models with which a validator checks answers.
#[derive(Args, Clone, Debug)]
pub struct ModelArgs {
    /// Folder of the registered model, with which answers are checked; repeat it to judge miners of other accepted models too, or to
    /// be ready for one that the subnet has announced.
    #[arg(long, value_name = "DIR", required = true)]
    pub model: Vec<PathBuf>,
    /// Text to make tasks of, one sentence a line; absent: the prose that comes with the program.
    #[arg(long, value_name = "FILE")]
    pub corpus: Option<PathBuf>,
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

/// Models that are known by their roots, and not loaded yet.
pub struct Identified {
    models: Vec<(PathBuf, Manifest)>,
    corpus: Corpus,
    device: DeviceName,
    threads: Option<usize>,
}

impl ModelArgs {
    /// Reads the folders, and what tasks are made of.
    ///
    /// # Errors
    /// When a folder holds no model that this program runs, or the corpus cannot be used.
    pub fn identify(self) -> Result<Identified> {
        let models = self.model.into_iter().map(|folder| {
            let manifest = laurel_models::manifest(&folder)?;
            Ok((folder, manifest))
        });
        Ok(Identified {
            models: models.collect::<Result<_>>()?,
            corpus: match &self.corpus {
                Some(file) => Corpus::load(file)?,
                None => Corpus::built_in(),
            },
            device: self.device,
            threads: self.threads,
        })
    }
}

impl Identified {
    /// Loads them, to make tasks that follow from this secret.
    ///
    /// # Errors
    /// When one cannot be run.
    pub fn load(self, task_key: Hash) -> Result<Works> {
        let phrases = Phrases::new(self.corpus, task_key);
        let (device, threads) = (self.device, self.threads);
        let works = self
            .models
            .iter()
            .map(|(folder, manifest)| load_work(folder, manifest, phrases.clone(), (device, threads)));
        let works = Works::new(works.collect::<Result<_, _>>()?);
        let names = self.models.iter().filter_map(|(folder, manifest)| {
            let name = folder.canonicalize().ok()?.file_name()?.to_str()?.to_owned();
            Some((manifest.root, name))
        });
        Ok(works.with_names(names.collect()))
    }
}

impl ValidatorArgs {
    /// Opens, connects, checks and loads, in the order in which mistakes are cheapest to find. What is judged is loaded with the secret
    /// from which tasks follow.
    ///
    /// # Errors
    /// What is missing and what to do about it.
    pub async fn build(
        self,
        load: impl FnOnce(Hash) -> Result<Works>,
        health: &Health,
    ) -> Result<(Validator, Option<Gateway>)> {
        let policy = self.checks.policy()?;
        let key: Keypair = self.wallet.open_hotkey()?;
        let hotkey = AccountId::from(&key);
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
        let works = load(store.task_key()?)?;
        check_models(&metagraph, &works)?;
        tracing::info!(%netuid, uid = %own.uid, %hotkey, models = works.roots(), "validating");

        let deadline = Duration::from_millis(self.deadline_ms);
        let asker = Asker::new(key.clone(), deadline).context("cannot start the HTTP client")?;
        let setup = Setup {
            genesis: client.genesis_hash().0,
            asker: asker.clone(),
            works: works.clone(),
            accounts: match self.gateway.gateway {
                Some(address) => self.gateway.accounts.clone().open(address, &self.data, &client, &key)?,
                None => Accounts::open(),
            },
            published: None,
            dashboard: None,
        };
        let gateway = self.gateway.bind(setup, &store, netuid)?;
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
            readiness: Readiness::on(health, &self.data),
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
