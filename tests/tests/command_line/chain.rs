//! A development chain with wallets beside it, and `laurel` run on them.
use super::schemas::Published;
use codec::Decode;
use futures::StreamExt;
use laurel_chain::{
    AccountId, Argument, Call, ChainClient, ConnectOptions, Included, Keypair, NamedCall, SubmitOptions,
};
use laurel_tests::{development_node::DevelopmentNode, local_network::binary};
use laurel_types::{EpochIndex, NetUid, SubnetInfo, LRL};
use pallet_laurel_subnets::SubnetSettings;
use serde_json::{json, Value};
use sp_maybe_compressed_blob::{decompress, CODE_BLOB_BOMB_LIMIT};
use std::{
    io::Write,
    path::PathBuf,
    process::{Command, Output, Stdio},
};
use tokio::runtime::Runtime;

pub const PASSWORD: &str = "a password of the test's";
/// The chain refuses, or would refuse.
pub const REFUSED: i32 = 3;

/// A development chain of one node, with wallets beside it. Ends when dropped.
pub struct Chain {
    // First, because it ends before its folder goes.
    _node: DevelopmentNode,
    pub folder: tempfile::TempDir,
    pub url: String,
    pub client: ChainClient,
    pub runtime: Runtime,
    pub published: Published,
}

impl Chain {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let node = DevelopmentNode::start(&folder.path().join("node"));
        let runtime = Runtime::new().unwrap();
        let client = runtime
            .block_on(ChainClient::connect(
                std::slice::from_ref(&node.url),
                ConnectOptions::default(),
            ))
            .unwrap();
        Self {
            folder,
            url: node.url.clone(),
            _node: node,
            client,
            runtime,
            published: Published::read(),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `laurel` with these, as it is run here, not begun.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut laurel = Command::new(binary("laurel"));
        laurel
            .args(arguments)
            .env("LAUREL_PASSWORD", PASSWORD)
            .env("LAUREL_CHAIN", &self.url)
            .env_remove("LAUREL_WALLET")
            .env_remove("LAUREL_PASSWORD_FILE")
            .current_dir(self.folder.path());
        laurel
    }

    /// Runs `laurel` with this on its standard input.
    pub fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut laurel = self
            .command(arguments)
            .arg("--json")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that asks nothing may have ended before it is told anything.
        let _ = writeln!(laurel.stdin.take().unwrap(), "{input}");
        let output = laurel.wait_with_output().unwrap();
        let document = serde_json::from_slice(&output.stdout);
        let document: Value = document.unwrap_or_else(|error| panic!("{arguments:?}: {error}: {}", said(&output)));
        self.published.hold(arguments, &document);
        assert!(
            output.stderr.is_empty(),
            "programs read one document, and no spinner: {}",
            said(&output)
        );
        output
    }

    /// Runs `laurel` as people do, without `--json`; it must succeed. Returns what it says.
    #[track_caller]
    pub fn run_for_people(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).stdin(Stdio::null()).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs `laurel`, which must succeed, and returns its document.
    #[track_caller]
    pub fn read(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments, "");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", said(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Signs and sends with a wallet, which must succeed, and returns the transaction's document.
    #[track_caller]
    pub fn send(&self, wallet: &str, arguments: &[&str]) -> Sent {
        let sent = self.read(&[arguments, &["--wallet", wallet, "--yes"]].concat());
        assert!(sent["block"]["number"].as_u64() > Some(0), "{sent}");
        Sent(sent)
    }

    /// Must fail with this code and name, and say so in one document. Returns its message.
    #[track_caller]
    pub fn refuse(&self, wallet: &str, arguments: &[&str], (code, name): (i32, &str)) -> String {
        let output = self.run(&[arguments, &["--wallet", wallet, "--yes"]].concat(), "");
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", said(&output));
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(document["error"]["name"], name, "{arguments:?}: {document}");
        assert_eq!(document["error"]["code"], code, "{document}");
        let message = document["error"]["message"].as_str().unwrap();
        assert!(message.len() > 20, "{document}");
        message.to_owned()
    }

    /// A wallet with the development account of this name as its coldkey, and a new hotkey. `options` are those of `wallet import`.
    pub fn import(&self, name: &str, options: &[&str]) {
        let mut chars = name.chars();
        let first = chars.next().unwrap().to_ascii_uppercase();
        let uri = format!("//{first}{}", chars.as_str());
        let output = self.run(&[&["wallet", "import", "--wallet", name][..], options].concat(), &uri);
        assert!(output.status.success(), "{}", said(&output));
    }

    pub fn coldkey(&self, wallet: &str) -> String {
        text(&self.read(&["wallet", "show", "--wallet", wallet])["coldkey"])
    }

    pub fn hotkey(&self, wallet: &str) -> String {
        text(&self.read(&["wallet", "show", "--wallet", wallet])["hotkeys"][0]["address"])
    }

    /// Follows the blocks until the subnet is as wanted.
    pub fn until(&self, netuid: u16, wanted: impl Fn(u32, &SubnetInfo<AccountId>) -> bool) {
        self.runtime.block_on(async {
            let mut blocks = self.client.blocks();
            while let Some(block) = blocks.next().await {
                let subnets = self.client.subnets(Some(block.hash)).await.unwrap();
                if subnets
                    .iter()
                    .any(|subnet| subnet.netuid == NetUid(netuid) && wanted(block.number, subnet))
                {
                    return;
                }
            }
            panic!("the chain ended");
        })
    }

    /// Waits for a moment with so many blocks before it in the epoch: what is refused until an epoch ends is refused all that time.
    pub fn until_epoch_is_young(&self, netuid: u16, blocks: u32) {
        self.until(netuid, |block, subnet| subnet.next_epoch_at >= block + blocks);
    }

    /// Waits until an epoch of the subnet runs.
    pub fn until_epoch(&self, netuid: u16, epoch: u64) {
        self.until(netuid, |_, subnet| subnet.epoch >= EpochIndex(epoch));
    }

    /// Reads the chain from a block on until events of these names about a subnet have come, one after the other, and returns their fields.
    pub fn await_events<const N: usize>(&self, from: u64, netuid: NetUid, names: [(&str, &str); N]) -> [Value; N] {
        let mut number = u32::try_from(from).unwrap();
        self.runtime.block_on(async {
            let mut heads = self.client.blocks();
            let mut found = Vec::new();
            while let Some(head) = heads.next().await {
                // A head can be several blocks after the one before.
                while number <= head.number {
                    let hash = self.client.block_hash(number).await.unwrap().unwrap();
                    for event in self.client.events(hash).await.unwrap() {
                        let about = event.number("netuid") == Some(netuid.0.into());
                        if about
                            && names
                                .get(found.len())
                                .is_some_and(|(pallet, name)| event.is(pallet, name))
                        {
                            found.push(event.fields().clone());
                        }
                    }
                    number += 1;
                }
                if found.len() == N {
                    return found.try_into().unwrap();
                }
            }
            panic!("the chain ended");
        })
    }

    /// Waits for a block.
    pub fn until_block(&self, number: u64) {
        self.runtime.block_on(async {
            let mut blocks = self.client.blocks();
            while u64::from(blocks.next().await.unwrap().number) < number {}
        })
    }
}

/// What root and the first owner of all tokens do before and between the stories, without the command.
impl Chain {
    fn by_alice(&self, call: Call) -> Included {
        let alice = Keypair::from_uri(&"//Alice".parse().unwrap()).unwrap();
        let submitted = self.client.submit(&alice, call, SubmitOptions::default());
        self.runtime.block_on(submitted).unwrap()
    }

    /// Sends 3,000 LRL to the coldkey of each of these wallets.
    pub fn fund(&self, wallets: &[&str]) {
        let transfer = |wallet: &&str| Call::Transfer {
            dest: self.coldkey(wallet).parse().unwrap(),
            value: 3_000 * LRL,
        };
        self.by_alice(Call::Batch(wallets.iter().map(transfer).collect()));
    }

    /// Lets there be no more subnets than this, of which none is immune.
    pub fn limit_subnets(&self, most: u32) {
        let settings = self.client.storage_bytes("Subnets", "Settings", &[], None);
        let settings = self.runtime.block_on(settings).unwrap().unwrap();
        let settings = SubnetSettings {
            max_subnets: most,
            immunity_period: 0,
            ..SubnetSettings::decode(&mut settings.as_slice()).unwrap()
        };
        let set = NamedCall::new("Subnets", "set_settings").with("settings", Argument::scale(&settings));
        self.by_alice(Call::Sudo(Box::new(set.into())));
    }

    /// All keys of the chain's storage, in hexadecimal.
    pub fn storage_keys(&self) -> Vec<String> {
        self.runtime.block_on(async {
            let at = self.client.best_block().await.unwrap().hash;
            let mut keys: Vec<String> = Vec::new();
            loop {
                let parameters = [json!("0x"), json!(1_000), json!(keys.last()), json!(at)];
                let page = self.client.rpc("state_getKeysPaged", &parameters).await.unwrap();
                let page: Vec<String> = serde_json::from_value(page).unwrap();
                if page.is_empty() {
                    return keys;
                }
                keys.extend(page);
            }
        })
    }

    /// The runtime of the best block, plain, and its `spec_version`.
    pub fn code(&self) -> (Vec<u8>, u32) {
        let asked = async {
            let code = self
                .client
                .rpc("state_getStorage", &[json!("0x3a636f6465")])
                .await
                .unwrap();
            (code, self.client.rpc("state_getRuntimeVersion", &[]).await.unwrap())
        };
        let (code, version) = self.runtime.block_on(asked);
        let code = hex::decode(text(&code).trim_start_matches("0x")).unwrap();
        let plain = decompress(&code, CODE_BLOB_BOMB_LIMIT).unwrap().into_owned();
        (plain, version["specVersion"].as_u64().unwrap().try_into().unwrap())
    }
}

/// The document of a transaction in a block.
pub struct Sent(pub Value);

impl Sent {
    /// A field of the first event of that name.
    #[track_caller]
    pub fn event(&self, pallet: &str, name: &str) -> &Value {
        let events = self.0["events"].as_array().unwrap();
        let event = events
            .iter()
            .find(|event| event["pallet"] == pallet && event["name"] == name);
        &event.unwrap_or_else(|| panic!("no {pallet}.{name} in {}", self.0))["fields"]
    }
}

pub fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[track_caller]
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

#[track_caller]
pub fn leaves(value: &Value) -> u64 {
    text(value).parse().unwrap()
}
