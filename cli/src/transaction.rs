//! From a call to its block: quote, question, signature, result.
use crate::{
    carried, commands::ChainArgs, failure, output::Output, password, quote::Quote, saved, sent, sent::Sent, waiting,
};
use anyhow::{Context, Result};
use clap::Args;
use laurel_chain::{
    calls, consent, AccountId, Call, ChainClient, Included, Keypair, SubmitOptions, Wait, MAX_LIFETIME,
};
use laurel_daemon::wallet::{Key, Wallet, WalletArgs};
use laurel_types::Amount;
use laurel_types::{Balance, HotkeyConsent};
use serde::Serialize;
use serde_json::{json, Value};
use std::{
    io::{BufRead, IsTerminal, Write},
    path::{Path, PathBuf},
    time::Duration,
};

/// Flags of every command that changes something on the chain.
#[derive(Args, Debug)]
pub struct SendArgs {
    #[command(flatten)]
    pub chain: ChainArgs,
    #[command(flatten)]
    pub wallet: WalletArgs,
    /// Act for this account, whose proxy the wallet's coldkey is.
    #[arg(long, value_name = "ADDRESS")]
    pub proxy_for: Option<AccountId>,
    /// Sign without asking.
    #[arg(long, short)]
    pub yes: bool,
    /// Show what it would cost and whether the chain would take it; send nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Print the call as the chain decodes it, in hexadecimal, and send nothing: for `laurel governance propose` or a multisig.
    #[arg(long, conflicts_with = "dry_run")]
    pub print_call: bool,
    /// Write the transaction to a file that `laurel sign` signs on another machine, and send nothing. No key is needed here.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["dry_run", "print_call"])]
    pub export: Option<PathBuf>,
    /// For how many blocks the exported transaction can be included: 4 to 4096, rounded up to a power of two; 1024 without it.
    #[arg(long, value_name = "BLOCKS", requires = "export", value_parser = clap::value_parser!(u64).range(4..=MAX_LIFETIME))]
    pub valid_for: Option<u64>,
    /// How long to wait for the transaction, in seconds.
    #[arg(long, value_name = "SECONDS", default_value = "90", value_parser = wait_seconds)]
    pub deadline: Duration,
}

/// For how many blocks an exported transaction is valid unless something else is asked for.
const EXPORTED_LIFETIME: u64 = 1024;

/// A time to wait.
pub fn wait_seconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds @ 1..=86_400) => Ok(Duration::from_secs(seconds)),
        _ => Err("write a number of seconds from 1 to 86400".into()),
    }
}

/// Calls whose fee the chain returns where they succeed.
const FEE_COMES_BACK: [&str; 7] = [
    "Root.set_root_weights",
    "Scoring.set_weights",
    "Scoring.commit_weights",
    "Scoring.reveal_weights",
    "Scoring.batch_set_weights",
    "Scoring.batch_commit_weights",
    "Scoring.batch_reveal_weights",
];

/// Who signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signer {
    /// The wallet's coldkey, or the account that it is the proxy of.
    Coldkey,
    /// The hotkey named by `--hotkey`.
    Hotkey,
}

/// What is to be done.
#[derive(Debug)]
pub struct Plan {
    /// The call.
    pub call: Call,
    /// Who signs it.
    pub signer: Signer,
    /// What is shown before.
    pub quote: Quote,
    /// What is said afterwards.
    pub done: String,
    /// What must be on disk before anything is sent, and in which files.
    pub save: Vec<(PathBuf, Value)>,
}

impl Plan {
    /// A call of the coldkey's, without a quote.
    pub fn new(call: Call, done: impl Into<String>) -> Self {
        Self {
            call,
            signer: Signer::Coldkey,
            quote: Quote::default(),
            done: done.into(),
            save: Vec::new(),
        }
    }

    /// The same with a quote.
    pub fn quoting(self, quote: Quote) -> Self {
        Self { quote, ..self }
    }

    /// The same, for which `value` is written to a new file once it is certain that the call is sent.
    pub fn saving(mut self, path: PathBuf, value: &impl Serialize) -> Result<Self> {
        self.save.push((path, serde_json::to_value(value)?));
        Ok(self)
    }

    /// The same, signed by the hotkey.
    pub fn by_hotkey(self) -> Self {
        Self {
            signer: Signer::Hotkey,
            ..self
        }
    }
}

/// A wallet at a chain.
pub struct Session<'a> {
    pub client: ChainClient,
    pub wallet: Wallet,
    args: &'a SendArgs,
    output: Output,
}

impl SendArgs {
    /// Opens the wallet and connects; no key is unlocked.
    pub async fn open(&self, output: Output) -> Result<Session<'_>> {
        let wallet = Wallet::open(&self.wallet.wallet)?;
        let client = self.chain.connect().await?;
        Ok(Session {
            client,
            wallet,
            args: self,
            output,
        })
    }
}

impl Session<'_> {
    /// For whom the coldkey's calls are made: itself, or whose proxy it is.
    pub fn account(&self) -> Result<AccountId> {
        match self.args.proxy_for {
            Some(account) => Ok(account),
            None => Ok(self.wallet.coldkey_address()?.into()),
        }
    }

    /// `address`, or the wallet's hotkey named by `--hotkey`.
    pub fn hotkey(&self, address: Option<AccountId>) -> Result<AccountId> {
        match address {
            Some(address) => Ok(address),
            None => Ok(self.wallet.hotkey_address(&self.args.wallet.hotkey)?.into()),
        }
    }

    /// The consent of the wallet's hotkey `name` to belong to [`Self::account`], where the chain does not know the hotkey yet. A hotkey that
    /// is known need not sign, and its key may be on another machine.
    pub async fn consent_of(&self, name: &str) -> Result<Option<HotkeyConsent>> {
        let hotkey: AccountId = self.wallet.hotkey_address(name)?.into();
        if self.client.hotkey(&hotkey, None).await?.is_some() {
            return Ok(None);
        }
        let key = self
            .unlock(Key::Hotkey(name))
            .context("the hotkey must sign that it belongs to the coldkey")?;
        Ok(Some(consent(self.client.genesis_hash(), &key, &self.account()?)))
    }

    /// The consent of the hotkey named by `--hotkey`.
    pub async fn consent(&self) -> Result<Option<HotkeyConsent>> {
        self.consent_of(&self.args.wallet.hotkey).await
    }

    /// The key that signs.
    pub fn key(&self, signer: Signer) -> Result<Keypair> {
        match signer {
            Signer::Coldkey => self.unlock(Key::Coldkey),
            Signer::Hotkey => self.unlock(Key::Hotkey(&self.args.wallet.hotkey)),
        }
    }

    fn unlock(&self, key: Key<'_>) -> Result<Keypair> {
        password::unlock(&self.wallet.file(key)?, &self.args.wallet.password)
    }

    /// Quotes, asks, signs, sends, waits until it is finalized, and says so. None where nothing was sent because nothing was to be.
    pub async fn run(&self, plan: Plan) -> Result<Option<Included>> {
        let call = match (self.args.proxy_for, plan.signer) {
            (Some(real), Signer::Coldkey) => calls::proxies::proxy(&real, plan.call.clone()),
            (Some(_), Signer::Hotkey) => {
                return Err(failure::usage("a hotkey signs for itself: leave --proxy-for out"));
            }
            (None, _) => plan.call.clone(),
        };
        let bytes = self.client.encode_call(&call).await?;
        if self.args.print_call {
            self.output
                .show(|| print_hex(&bytes), || json!({ "call_hex": hex(&bytes) }));
            return Ok(None);
        }
        let (pallet, name) = call.name();
        let label = format!("{pallet}.{name}");
        let most = self.client.fee_at_most(&call).await?;
        let mut quote = self
            .signing(plan.quote.clone(), plan.signer)?
            .leaves("fee_at_most", most);
        if FEE_COMES_BACK.contains(&label.as_str()) {
            quote = quote.text("fee_returned", "if it succeeds");
        }
        if !self.output.json {
            say!("{label}\n{}", quote.to_string().trim_end());
            self.say_what_is_left();
        }
        if self.args.dry_run {
            let key = self.key(plan.signer)?;
            let fee = self.client.foresee(&key, &call).await.context(label.clone())?;
            let quote = quote.leaves("fee", fee);
            let report = || json!({ "dry_run": true, "call": label, "call_hex": hex(&bytes), "quote": quote.json() });
            let people = || {
                say!(
                    "the chain would take it, for a fee of {} LRL; nothing was sent",
                    Amount(fee)
                )
            };
            self.output.show(people, report);
            return Ok(None);
        }
        if let Some(file) = &self.args.export {
            return self.export(file, &call, &plan, &quote).await.map(|()| None);
        }
        self.confirm()?;
        let key = self.key(plan.signer)?;
        for (path, value) in &plan.save {
            saved::write(path, value).context("nothing was sent")?;
        }
        let options = SubmitOptions {
            wait: Wait::Finalized,
            deadline: self.args.deadline,
            ..SubmitOptions::default()
        };
        let sent = Sent::new(self.wallet.path(), self.client.genesis_hash(), &label);
        let submitted = self.client.submit_watched(&key, call, options, &sent).await;
        let included = submitted.map_err(|error| sent.failed(error))?;
        all_items_done(&included)?;
        self.report(&label, &quote, &plan.done, &included);
        Ok(Some(included))
    }

    /// Writes the transaction for another machine to sign.
    async fn export(&self, file: &Path, call: &Call, plan: &Plan, quote: &Quote) -> Result<()> {
        let (pallet, name) = call.name();
        let label = format!("{pallet}.{name}");
        let lifetime = self.args.valid_for.unwrap_or(EXPORTED_LIFETIME);
        let account = self.signer(plan.signer)?;
        let unsigned = self.client.prepare(account, call, 0, lifetime).await?;
        let metadata_hash = hex(&unsigned.open()?.metadata_hash);
        for (path, value) in &plan.save {
            saved::write(path, value).context("nothing was exported")?;
        }
        let description = json!({ "call": label, "quote": quote.json(), "then": plan.done });
        carried::write_unsigned(file, &unsigned, description)?;
        let people = || {
            say!(
                "{} is to be signed by {account}, with `laurel sign`, and sent up to block {}\nmetadata {metadata_hash}",
                file.display(),
                unsigned.last_block()
            )
        };
        let programs = || {
            json!({
                "exported": file,
                "call": label,
                "account": account,
                "nonce": unsigned.nonce,
                "last_block": unsigned.last_block(),
                "metadata_hash": metadata_hash,
                "checks_metadata": unsigned.checks_metadata,
                "quote": quote.json(),
            })
        };
        self.output.show(people, programs);
        Ok(())
    }

    /// Whoever is about to send something should know what else is on its way: it may be the same.
    fn say_what_is_left(&self) {
        for (what, how) in sent::left(self.wallet.path()) {
            eprintln!("{what}: {how}");
        }
    }

    /// The account whose key signs.
    fn signer(&self, signer: Signer) -> Result<AccountId> {
        Ok(match signer {
            Signer::Coldkey => self.wallet.coldkey_address()?.into(),
            Signer::Hotkey => self.wallet.hotkey_address(&self.args.wallet.hotkey)?.into(),
        })
    }

    /// The quote with whose key signs, and for whom.
    fn signing(&self, quote: Quote, signer: Signer) -> Result<Quote> {
        let quote = quote.text("signed_by", self.signer(signer)?);
        Ok(match self.args.proxy_for {
            Some(account) => quote.text("acts_for", account),
            None => quote,
        })
    }

    /// Says what became of a transaction.
    pub fn report(&self, call: &str, quote: &Quote, done: &str, included: &Included) {
        self.output.show(
            || match fee_paid(included) {
                Some(fee) => say!(
                    "{done}, in block {}, for a fee of {} LRL",
                    included.block.number,
                    Amount(fee)
                ),
                None => say!("{done}, in block {}", included.block.number),
            },
            || receipt(call, quote, included),
        );
    }

    /// Asks the person at the terminal, unless `--yes` says so already.
    pub fn confirm(&self) -> Result<()> {
        confirm(self.args.yes, "sign and send?")
    }

    /// Whether there is nothing to ask and nothing to send.
    pub fn only_looks(&self) -> bool {
        self.args.dry_run || self.args.print_call || self.args.export.is_some()
    }
}

/// Asks the person at the terminal, unless `yes` says so already.
pub fn confirm(yes: bool, question: &str) -> Result<()> {
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(failure::usage(
            "nobody is there to ask: add --yes to sign without asking",
        ));
    }
    waiting::over();
    eprint!("{question} [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    if ["y", "yes"].contains(&answer.trim().to_lowercase().as_str()) {
        return Ok(());
    }
    Err(failure::local("Declined", "nothing was signed"))
}

/// Fails where items of a batch did, which is no failure of the transaction, with the reason of each.
pub fn all_items_done(included: &Included) -> Result<()> {
    let items = included
        .events
        .iter()
        .filter(|event| event.is("Scoring", "BatchItemFailed"));
    let failed: Vec<String> = items
        .filter_map(|item| Some(format!("subnet {}: {}", item.number("netuid")?, item.failure("error")?)))
        .collect();
    if failed.is_empty() {
        return Ok(());
    }
    let (block, failed) = (included.block.number, failed.join("; "));
    Err(failure::refused(
        "BatchIncomplete",
        format!("done in block {block}, but not for every subnet: {failed}"),
    ))
}

/// What a transaction cost in the end; none for one that nobody pays for.
fn fee_paid(included: &Included) -> Option<Balance> {
    let paid = included.event("TransactionPayment", "TransactionFeePaid")?;
    paid.number("actual_fee")?.try_into().ok()
}

/// A transaction that succeeded, as `--json` prints it.
pub fn receipt(call: &str, quote: &Quote, included: &Included) -> Value {
    let events: Vec<Value> = included
        .events
        .iter()
        .map(|event| json!({ "pallet": event.pallet, "name": event.name, "fields": event.fields() }))
        .collect();
    json!({
        "call": call,
        "block": included.block,
        "index": included.index,
        "quote": quote.json(),
        "fee": fee_paid(included).map(|fee| fee.to_string()),
        "events": events,
    })
}

fn print_hex(bytes: &[u8]) {
    say!("{}", hex(bytes));
}

/// `0x` and the digits.
pub fn hex(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("0x{}", digits.concat())
}

/// What hexadecimal digits stand for, with or without `0x`.
pub fn from_hex(text: &str) -> Result<Vec<u8>> {
    let digits = text.trim().trim_start_matches("0x");
    let wrong = || {
        failure::usage(format!(
            "'{text}' is not hexadecimal: write 0x and an even number of digits"
        ))
    };
    if digits.is_empty() || !digits.len().is_multiple_of(2) || !digits.is_ascii() {
        return Err(wrong());
    }
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).map_err(|_| wrong()))
        .collect()
}

/// A hash or salt of 32 bytes.
pub fn bytes32(text: &str) -> Result<[u8; 32]> {
    let bytes = from_hex(text)?;
    bytes
        .try_into()
        .map_err(|_| failure::usage(format!("'{text}' is not 32 bytes: write 0x and 64 digits")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_has_the_shape_that_is_documented() {
        let included = Included {
            block: laurel_chain::Block {
                number: 7,
                hash: laurel_chain::BlockHash([0xab; 32]),
            },
            index: 1,
            events: Vec::new(),
        };
        let quote = Quote::default().leaves("amount", 1_500_000_000);
        assert_eq!(
            receipt("Staking.add_stake", &quote, &included),
            json!({
                "call": "Staking.add_stake",
                "block": { "number": 7, "hash": hex(&[0xab; 32]) },
                "index": 1,
                "quote": { "amount": "1500000000" },
                "fee": null,
                "events": [],
            })
        );
    }

    #[test]
    fn a_plan_that_must_be_remembered_names_its_file() {
        let plan = Plan::new(Call::Batch(Vec::new()), "done");
        assert_eq!((plan.signer, &plan.save), (Signer::Coldkey, &Vec::new()));
        let plan = plan.by_hotkey().saving("file".into(), &[1u8, 2]).unwrap();
        assert_eq!(plan.signer, Signer::Hotkey);
        assert_eq!(plan.save, [("file".into(), json!([1, 2]))]);
    }

    #[test]
    fn hexadecimal_survives_being_written_and_read_and_nothing_else_is_taken() {
        assert_eq!(from_hex(&hex(&[0, 7, 0xff])).unwrap(), [0, 7, 0xff]);
        assert_eq!(bytes32(&hex(&[9; 32])).unwrap(), [9; 32]);
        for wrong in ["", "0x", "0x1", "0xzz", "é", "0x0é"] {
            assert!(from_hex(wrong).is_err(), "{wrong}");
        }
        assert!(bytes32("0x00").is_err());
    }
}
