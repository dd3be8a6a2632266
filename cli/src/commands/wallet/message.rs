//! Signed messages, as polkadot.js makes and checks them.
use super::KeyArgs;
use crate::{commands::Who, failure, output::Output, password, transaction};
use anyhow::{Context, Result};
use clap::Args;
use laurel_chain::AccountId;
use serde_json::json;
use std::path::PathBuf;
use subxt_signer::sr25519::{self, PublicKey, Signature};

/// What polkadot.js puts around a message before it signs, so that no message can be a transaction.
const WRAPPING: (&[u8], &[u8]) = (b"<Bytes>", b"</Bytes>");

/// The message.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub struct MessageArgs {
    /// The message.
    #[arg(long, value_name = "TEXT")]
    message: Option<String>,
    /// A file that holds the message, taken byte for byte.
    #[arg(long, value_name = "FILE")]
    message_file: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct SignArgs {
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    message: MessageArgs,
}

#[derive(Args, Debug)]
pub struct VerifyArgs {
    #[command(flatten)]
    message: MessageArgs,
    /// The signature, in hexadecimal.
    #[arg(long, value_name = "0xHEX")]
    signature: String,
    /// Who should have signed: an address, a wallet's folder for its coldkey, or FOLDER#NAME for its hotkey of that name.
    #[arg(long, value_name = "ADDRESS")]
    by: Who,
}

impl MessageArgs {
    fn bytes(&self) -> Result<Vec<u8>> {
        match (&self.message, &self.message_file) {
            (Some(text), _) => Ok(text.clone().into_bytes()),
            (None, Some(path)) => std::fs::read(path).with_context(|| format!("cannot read {}", path.display())),
            (None, None) => Err(failure::usage("give --message or --message-file")),
        }
    }
}

fn wrapped(message: &[u8]) -> Vec<u8> {
    if message.starts_with(WRAPPING.0) && message.ends_with(WRAPPING.1) {
        return message.to_vec();
    }
    [WRAPPING.0, message, WRAPPING.1].concat()
}

/// `laurel wallet sign`.
pub fn sign(args: &SignArgs, output: Output) -> Result<()> {
    let message = args.message.bytes()?;
    let key = password::unlock(&args.key.wallet()?.file(args.key.key())?, &args.key.password)?;
    let signature = transaction::hex(&key.sign(&wrapped(&message)).0);
    let address = AccountId::from(&key);
    output.show(
        || say!("{signature}"),
        || json!({ "address": address, "signature": signature }),
    );
    Ok(())
}

/// `laurel wallet verify`.
pub fn verify(args: &VerifyArgs, output: Output) -> Result<()> {
    let (message, by) = (args.message.bytes()?, args.by.account()?);
    let signature = transaction::from_hex(&args.signature)?;
    let signature = <[u8; 64]>::try_from(signature)
        .map_err(|_| failure::usage("a signature is 64 bytes: write 0x and 128 digits"))?;
    let fits = |message: &[u8]| sr25519::verify(&Signature(signature), message, &PublicKey(by.0));
    // Programs sign messages as they are; wallets for people wrap them.
    if !fits(&wrapped(&message)) && !fits(&message) {
        return Err(failure::local(
            "WrongSignature",
            format!("{by} did not sign this message: compare message, signature and address with what its signer sent"),
        ));
    }
    output.show(
        || say!("{by} signed this message"),
        || json!({ "address": by, "signed": true }),
    );
    Ok(())
}
