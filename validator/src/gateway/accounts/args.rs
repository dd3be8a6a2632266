//! What the command line says about accounts.
use super::{drawing::DrawPolicy, limits::Limits, on_chain::OnChain, Accounts, Prices, Records, SystemClock, Terms};
use anyhow::{bail, Context, Result};
use clap::{Args, ValueEnum};
use laurel_chain::{AccountId, ChainClient, Keypair};
use laurel_types::Amount;
use std::{fs::File, net::SocketAddr, path::Path, sync::Arc};

/// Whether a request needs a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Keys {
    /// Whoever reaches the gateway may ask. A key that is sent is counted all the same.
    Open,
    /// Who has a key may ask.
    Required,
}

/// Who may use the gateway, and for what.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Gateway: accounts")]
pub struct AccountArgs {
    /// Whether a request needs a key: open at a loopback address, required at others, where open is refused.
    #[arg(long, value_enum, requires = "gateway")]
    pub keys: Option<Keys>,
    /// Free tokens a day, which flow to the coldkeys that stake on this validator's hotkey, each its part of that stake.
    #[arg(long, value_name = "N", default_value_t = 0, requires = "gateway")]
    pub free_tokens_per_day: u64,
    /// Price of a million tokens read, in LRL, paid from what users deposit for this validator's hotkey (`laurel prepaid deposit`).
    #[arg(long, value_name = "LRL", requires = "price_output")]
    pub price_input: Option<Amount>,
    /// Price of a million tokens written, in LRL.
    #[arg(long, value_name = "LRL", requires = "price_input")]
    pub price_output: Option<Amount>,
    /// Draw what was used of deposits after so many blocks …
    #[arg(long, value_name = "BLOCKS", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..))]
    pub draw_every: u32,
    /// … or as soon as this much can be drawn, in LRL. Each draw costs the hotkey a fee.
    #[arg(long, value_name = "LRL", default_value = "1")]
    pub draw_above: Amount,
    /// What a key is kept to unless `laurel gateway key limit` says otherwise: NAME=NUMBER or NAME=none, with commas between.
    #[arg(
        long,
        value_name = "LIMITS",
        default_value = "requests_per_minute=60,tokens_per_minute=200000,concurrency=8"
    )]
    pub key_limits: Limits,
}

impl AccountArgs {
    /// The accounts of a gateway at this address, kept in the validator's data folder.
    ///
    /// # Errors
    /// When the gateway would be open to everybody, or the accounts cannot be opened.
    pub fn open(self, address: SocketAddr, data: &Path, client: &ChainClient, key: &Keypair) -> Result<Accounts> {
        let keys = self.keys(address)?;
        let hotkey = AccountId::from(key);
        let terms = Terms {
            genesis: client.genesis_hash().0,
            hotkey,
            keys,
            defaults: self.key_limits,
            free_per_day: self.free_tokens_per_day,
            prices: self.price_input.zip(self.price_output).map(|(input, output)| Prices {
                input: input.0,
                output: output.0,
            }),
            draw: DrawPolicy {
                every: self.draw_every,
                above: self.draw_above.0,
            },
        };
        let records = Records::open(data, &terms.genesis, &hotkey)?;
        claim(data)?;
        let ledger = Arc::new(OnChain::new(client.clone(), key.clone()));
        Ok(Accounts::new(terms, records, ledger, Arc::new(SystemClock)))
    }

    fn keys(&self, address: SocketAddr) -> Result<Keys> {
        match (self.keys, address.ip().is_loopback()) {
            (Some(Keys::Open), false) => bail!(
                "--keys open at {address} would give the gateway to whoever reaches it: leave it out, or give --gateway a loopback address"
            ),
            (Some(keys), _) => Ok(keys),
            (None, true) => Ok(Keys::Open),
            (None, false) => Ok(Keys::Required),
        }
    }
}

/// Keeps a second gateway from the same accounts for as long as this program runs: each would admit what the other admitted already.
fn claim(data: &Path) -> Result<()> {
    let path = data.join("gateway.lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .with_context(|| format!("cannot open {}: check the folder's permissions", path.display()))?;
    file.try_lock().with_context(|| {
        format!(
            "another gateway keeps its accounts in {}: give this one another --data folder",
            data.display()
        )
    })?;
    // The lock ends with the program, however that ends.
    std::mem::forget(file);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Flags {
        #[arg(long)]
        gateway: Option<SocketAddr>,
        #[command(flatten)]
        accounts: AccountArgs,
    }

    fn keys(given: &[&str]) -> Result<Keys> {
        let flags = Flags::try_parse_from([&["validator"], given].concat())?;
        flags.accounts.keys(flags.gateway.unwrap())
    }

    #[test]
    fn only_a_loopback_address_is_open_without_keys() {
        assert_eq!(keys(&["--gateway", "127.0.0.1:1"]).unwrap(), Keys::Open);
        assert_eq!(keys(&["--gateway", "[::1]:1"]).unwrap(), Keys::Open);
        assert_eq!(
            keys(&["--gateway", "127.0.0.1:1", "--keys", "required"]).unwrap(),
            Keys::Required
        );
        assert_eq!(keys(&["--gateway", "0.0.0.0:1"]).unwrap(), Keys::Required);
        let refused = keys(&["--gateway", "192.0.2.1:1", "--keys", "open"]).unwrap_err();
        assert!(refused.to_string().contains("whoever reaches it"), "{refused}");
    }

    #[test]
    fn prices_come_in_pairs_and_limits_are_checked() {
        for wrong in [
            ["--price-input", "1"],
            ["--price-output", "0.5"],
            ["--key-limits", "requests=3"],
            ["--draw-every", "0"],
        ] {
            assert!(
                keys(&[&["--gateway", "127.0.0.1:1"][..], &wrong].concat()).is_err(),
                "{wrong:?}"
            );
        }
        keys(&[
            "--gateway",
            "127.0.0.1:1",
            "--price-input",
            "0.1",
            "--price-output",
            "0.000000001",
        ])
        .unwrap();
    }

    #[test]
    fn accounts_are_kept_by_one_gateway_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        claim(folder.path()).unwrap();
        let refused = claim(folder.path()).unwrap_err();
        assert!(refused.to_string().contains("another gateway"), "{refused}");
    }
}
