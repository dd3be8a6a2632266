//! One file a noun; what several share is here.
pub mod balance;
pub mod child;
pub mod completion;
pub mod dashboard;
pub mod doctor;
pub mod explain;
pub mod gateway;
pub mod governance;
pub mod hyperparameter;
pub mod identity;
pub mod metagraph;
pub mod model;
pub mod prepaid;
pub mod proxy;
pub mod register;
pub mod root;
pub mod schema;
pub mod sign;
pub mod stake;
pub mod submit;
pub mod subnet;
pub mod swap;
mod table;
pub mod take;
pub mod upgrade;
pub mod wallet;
pub mod weights;

pub use table::table;

use crate::waiting::{until_said, waiting};
use anyhow::Result;
use clap::Args;
use laurel_chain::{AccountId, BlockHash, ChainClient, ConnectOptions};
use laurel_daemon::wallet::Wallet;
use laurel_types::Take;
use std::{path::Path, path::PathBuf, str::FromStr, time::Duration};

/// How long a command waits for a chain that does not answer.
const CONNECT_DEADLINE: Duration = Duration::from_secs(10);

/// Which chain to ask.
#[derive(Args, Debug)]
pub struct ChainArgs {
    /// Endpoints of the chain; the next is tried where one does not answer.
    #[arg(
        long,
        env = "LAUREL_CHAIN",
        value_delimiter = ',',
        default_value = "ws://127.0.0.1:9944"
    )]
    chain: Vec<String>,
}

impl ChainArgs {
    /// The endpoints.
    pub fn endpoints(&self) -> &[String] {
        &self.chain
    }

    /// Connects to it.
    pub async fn connect(&self) -> Result<ChainClient> {
        connect(&self.chain).await
    }
}

/// Connects to one of these endpoints.
pub async fn connect(chain: &[String]) -> Result<ChainClient> {
    connect_to(chain, None).await
}

/// Connects to one of these endpoints that has this genesis; any where none is given.
pub async fn connect_to(chain: &[String], genesis: Option<BlockHash>) -> Result<ChainClient> {
    let options = ConnectOptions {
        deadline: CONNECT_DEADLINE,
        genesis,
        ..ConnectOptions::default()
    };
    let shown = waiting(format!("connecting to {}", chain.join(", ")));
    let client = ChainClient::connect(chain, options).await?;
    drop(shown);
    until_said("reading the chain");
    Ok(client)
}

/// An account: an address, a wallet's folder for its coldkey, or FOLDER#NAME for its hotkey of that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who(String);

impl FromStr for Who {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.into()))
    }
}

impl Who {
    /// The account.
    pub fn account(&self) -> Result<AccountId> {
        let (folder, hotkey) = match self.0.split_once('#') {
            Some((folder, hotkey)) => (folder, Some(hotkey)),
            None => (self.0.as_str(), None),
        };
        if !Path::new(folder).is_dir() {
            return Ok(self.0.parse::<AccountId>()?);
        }
        let wallet = Wallet::open(folder)?;
        Ok(match hotkey {
            Some(name) => wallet.hotkey_address(name)?.into(),
            None => wallet.coldkey_address()?.into(),
        })
    }
}

/// Whose coldkey a reading command is about.
#[derive(Args, Debug)]
#[group(required = true, multiple = true)]
pub struct OwnerArgs {
    /// Whose: this account, also where the environment names a wallet.
    #[arg(long)]
    pub address: Option<AccountId>,
    /// Whose: the coldkey of this wallet.
    #[arg(long, value_name = "DIR", env = "LAUREL_WALLET")]
    pub wallet: Option<PathBuf>,
}

impl OwnerArgs {
    /// The account.
    pub fn account(&self) -> Result<AccountId> {
        match (self.address, &self.wallet) {
            (Some(address), _) => Ok(address),
            (None, Some(wallet)) => Ok(Wallet::open(wallet)?.coldkey_address()?.into()),
            (None, None) => Err(crate::failure::usage("whose? name --address or --wallet")),
        }
    }
}

/// A part written in percent, as `18` or `12.5`, in 65535ths rounded down.
pub fn parse_take(text: &str) -> Result<Take, String> {
    let percent: f64 = text
        .trim_end_matches('%')
        .parse()
        .map_err(|_| format!("'{text}' is not a percentage: write 12.5"))?;
    if !(0.0..=18.0).contains(&percent) {
        return Err(format!("'{text}' is not between 0 and 18 percent"));
    }
    // At most 18 % of 65535, which fits; the epsilon keeps a percentage that was written exactly from falling below it.
    Ok(Take((percent / 100.0 * f64::from(u16::MAX) + 1e-6) as u16))
}

/// A take in percent.
pub fn percent(take: Take) -> String {
    format!("{:.2} %", f64::from(take.0) / f64::from(u16::MAX) * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_take_is_a_percentage_up_to_eighteen() {
        assert_eq!(parse_take("18"), Ok(Take::MAX));
        assert_eq!(parse_take("0"), Ok(Take(0)));
        assert_eq!(parse_take("10%"), Ok(Take(6_553)));
        assert_eq!(percent(Take::MAX), "18.00 %");
        for wrong in ["18.1", "-1", "ten", "NaN"] {
            assert!(parse_take(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn who_is_an_address_or_a_wallets_key() {
        let address = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
        let who: Who = address.parse().unwrap();
        assert_eq!(who.account().unwrap().to_string(), address);
        let nobody: Who = "nobody".parse().unwrap();
        assert!(nobody
            .account()
            .unwrap_err()
            .to_string()
            .contains("not an ss58 address"));
    }
}
