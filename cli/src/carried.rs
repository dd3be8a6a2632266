//! Transactions in files that are carried between a machine with a network and one with the key.
use crate::{
    failure, saved,
    transaction::{from_hex, hex},
};
use anyhow::Result;
use base64::{engine::general_purpose::STANDARD as BASE64, Engine};
use laurel_chain::{AccountId, Block, BlockHash, SignedTransaction, UnsignedTransaction};
use serde::{de::DeserializeOwned, Deserialize, Serialize};
use serde_json::Value;
use std::path::Path;

const UNSIGNED: &str = "laurel unsigned transaction, version 1";
const SIGNED: &str = "laurel signed transaction, version 1";

/// What `--export` writes.
#[derive(Serialize, Deserialize)]
struct UnsignedFile {
    kind: String,
    /// What the machine that wrote the file says of it. Whoever signs reads the call instead.
    description: Value,
    account: AccountId,
    call: String,
    nonce: u64,
    /// Leaves, as a decimal string.
    tip: String,
    genesis: BlockHash,
    birth: Block,
    lifetime: u64,
    spec_version: u32,
    transaction_version: u32,
    checks_metadata: bool,
    metadata: String,
}

/// What `laurel sign` writes.
#[derive(Serialize, Deserialize)]
struct SignedFile {
    kind: String,
    /// The call's name, for people.
    call: String,
    genesis: BlockHash,
    account: Option<AccountId>,
    nonce: u64,
    birth: u32,
    last_block: u32,
    transaction: String,
}

/// Writes a transaction for `laurel sign`; never replaces a file.
pub fn write_unsigned(path: &Path, transaction: &UnsignedTransaction, description: Value) -> Result<()> {
    let file = UnsignedFile {
        kind: UNSIGNED.into(),
        description,
        account: transaction.account,
        call: hex(&transaction.call),
        nonce: transaction.nonce,
        tip: transaction.tip.to_string(),
        genesis: transaction.genesis,
        birth: transaction.birth,
        lifetime: transaction.lifetime,
        spec_version: transaction.spec_version,
        transaction_version: transaction.transaction_version,
        checks_metadata: transaction.checks_metadata,
        metadata: BASE64.encode(&transaction.metadata),
    };
    saved::write(path, &file)
}

/// Reads it, with the description that is not to be believed.
pub fn read_unsigned(path: &Path) -> Result<(UnsignedTransaction, Value)> {
    let file: UnsignedFile = read(path, UNSIGNED)?;
    let wrong = |what| move |_| damaged(path, what);
    let transaction = UnsignedTransaction {
        account: file.account,
        call: from_hex(&file.call)?,
        nonce: file.nonce,
        tip: file.tip.parse().map_err(|_| damaged(path, "its tip is no amount"))?,
        genesis: file.genesis,
        birth: file.birth,
        lifetime: file.lifetime,
        spec_version: file.spec_version,
        transaction_version: file.transaction_version,
        checks_metadata: file.checks_metadata,
        metadata: BASE64
            .decode(&file.metadata)
            .map_err(wrong("its metadata is not base64"))?,
    };
    Ok((transaction, file.description))
}

/// Writes a transaction for `laurel submit`; never replaces a file.
pub fn write_signed(path: &Path, genesis: BlockHash, call: &str, transaction: &SignedTransaction) -> Result<()> {
    let file = SignedFile {
        kind: SIGNED.into(),
        call: call.into(),
        genesis,
        account: transaction.account,
        nonce: transaction.nonce,
        birth: transaction.birth,
        last_block: transaction.last_block,
        transaction: hex(&transaction.bytes),
    };
    saved::write(path, &file)
}

/// Reads it: the genesis of its chain, the call's name, the transaction.
pub fn read_signed(path: &Path) -> Result<(BlockHash, String, SignedTransaction)> {
    let file: SignedFile = read(path, SIGNED)?;
    let transaction = SignedTransaction {
        account: file.account,
        nonce: file.nonce,
        birth: file.birth,
        last_block: file.last_block,
        bytes: from_hex(&file.transaction)?,
    };
    Ok((file.genesis, file.call, transaction))
}

/// A file of this kind. The kind first: whoever mixes two files up should hear that, and not which field is missing.
fn read<T: DeserializeOwned>(path: &Path, expected: &str) -> Result<T> {
    let file: Value = saved::read(path)?;
    let found = file["kind"].as_str().unwrap_or("file of another program's");
    if found == expected {
        return serde_json::from_value(file).map_err(|error| damaged(path, &error.to_string()));
    }
    Err(failure::local(
        "WrongFile",
        format!(
            "{} is a {found}, not a {expected}: `--export` writes what `laurel sign` takes, which writes what `laurel submit` takes",
            path.display()
        ),
    ))
}

fn damaged(path: &Path, why: &str) -> anyhow::Error {
    failure::local(
        "WrongFile",
        format!("{} is damaged, {why}: export it again", path.display()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_transaction_survives_being_carried() {
        let folder = tempfile::tempdir().unwrap();
        let (unsigned_file, signed_file) = (folder.path().join("unsigned"), folder.path().join("signed"));
        let genesis = BlockHash([1; 32]);
        let unsigned = UnsignedTransaction {
            account: AccountId([7; 32]),
            call: vec![1, 2, 3],
            nonce: 9,
            tip: u64::MAX,
            genesis,
            birth: Block {
                number: 5,
                hash: BlockHash([2; 32]),
            },
            lifetime: 64,
            spec_version: 3,
            transaction_version: 4,
            checks_metadata: true,
            metadata: vec![0xff; 100],
        };
        write_unsigned(&unsigned_file, &unsigned, json!({ "call": "A.b" })).unwrap();
        let (read, description) = read_unsigned(&unsigned_file).unwrap();
        assert_eq!((read, &description["call"]), (unsigned, &json!("A.b")));

        let signed = SignedTransaction {
            account: Some(AccountId([7; 32])),
            nonce: 9,
            birth: 5,
            last_block: 68,
            bytes: vec![4, 5],
        };
        write_signed(&signed_file, genesis, "A.b", &signed).unwrap();
        assert_eq!(read_signed(&signed_file).unwrap(), (genesis, "A.b".to_owned(), signed));

        let swapped = read_signed(&unsigned_file).map(drop).unwrap_err();
        assert!(
            swapped.to_string().contains("is a laurel unsigned transaction"),
            "{swapped}"
        );
        std::fs::write(
            folder.path().join("torn"),
            json!({ "kind": SIGNED, "nonce": 9 }).to_string(),
        )
        .unwrap();
        let torn = read_signed(&folder.path().join("torn")).map(drop).unwrap_err();
        assert!(torn.to_string().contains("is damaged"), "{torn}");
        assert!(write_signed(&signed_file, genesis, "A.b", &read_signed(&signed_file).unwrap().2).is_err());
    }
}
