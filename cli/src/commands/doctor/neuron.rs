//! The wallet's neuron: registered, paid for, published, reachable; and whether the subnet pays for its model.
use super::{keys::Keys, report::Report};
use crate::{commands::model, transaction::hex};
use anyhow::{Context, Result};
use laurel_chain::{AccountId, Call, ChainClient};
use laurel_types::Amount;
use laurel_types::{AxonAddress, Balance, Loopback, Metagraph, ModelRoot, NetUid, NeuronInfo, AXON_PROTOCOL_VERSION};
use serde_json::Value;
use std::{path::Path, time::Duration};

/// How long an axon may take to answer.
const AXON_DEADLINE: Duration = Duration::from_secs(5);
/// An account wants the fee of so many transactions.
const FEES: Balance = 100;

/// Whom, and where.
pub struct Subject<'a> {
    /// The chain.
    pub client: &'a ChainClient,
    /// Its keys, as far as they are known.
    pub keys: Keys,
    /// Where it is, or should be, registered.
    pub netuid: Option<NetUid>,
    /// Where to reach it, if not where its axon says.
    pub axon: Option<&'a str>,
}

impl Subject<'_> {
    /// Looks at all of it.
    pub async fn look(&self, model: Option<&Path>, report: &mut Report) {
        if let Err(error) = self.balances(report).await {
            report.failed("balance", &error);
        }
        let metagraph = match self.netuid {
            Some(netuid) => self.subnet(netuid, report).await,
            None => None,
        };
        if let (Some(metagraph), Some(hotkey)) = (&metagraph, self.keys.hotkey) {
            if let Some(neuron) = self.registration(metagraph, &hotkey, report).await {
                self.axon(metagraph, neuron, report).await;
            }
        } else if let Some(url) = self.axon {
            answers(url, None, report).await;
        }
        if let Some(folder) = model {
            self.model(folder, metagraph.as_ref(), report).await;
        }
    }

    async fn balances(&self, report: &mut Report) -> Result<()> {
        let Some(some_account) = self.keys.coldkey.or(self.keys.hotkey) else {
            return Ok(());
        };
        let call = Call::Transfer {
            dest: some_account,
            value: 1,
        };
        let fee = self.client.fee_at_most(&call).await?;
        let enough = fee.saturating_mul(FEES);
        for (about, account) in [("coldkey", self.keys.coldkey), ("hotkey", self.keys.hotkey)] {
            let Some(account) = account else { continue };
            let free = self.client.balance(&account, None).await?.free;
            let says = format!(
                "the {about} has {} LRL free, a transfer costs {}",
                Amount(free),
                Amount(fee)
            );
            let remedy = format!("send it some: `laurel transfer --to {account} --amount 1`");
            match about {
                "hotkey" if free < fee => report.fail(
                    "balance",
                    format!("{says}; it pays for weights and axons, and has that back once they are in a block"),
                    remedy,
                ),
                _ if free < fee => report.fail("balance", says, remedy),
                _ if free < enough => report.warn("balance", says, remedy),
                _ => report.ok("balance", says),
            }
        }
        Ok(())
    }

    async fn subnet(&self, netuid: NetUid, report: &mut Report) -> Option<Metagraph<AccountId>> {
        match self.client.metagraph(netuid, None).await {
            Ok(Some(metagraph)) => return Some(metagraph),
            Ok(None) => report.fail(
                "subnet",
                format!("there is no subnet {netuid}"),
                "`laurel subnet list` lists those there are",
            ),
            Err(error) => report.failed("subnet", &error.into()),
        }
        None
    }

    async fn registration<'a>(
        &self,
        metagraph: &'a Metagraph<AccountId>,
        hotkey: &AccountId,
        report: &mut Report,
    ) -> Option<&'a NeuronInfo<AccountId>> {
        let netuid = metagraph.subnet.netuid;
        let Some(neuron) = metagraph.neurons.iter().find(|neuron| neuron.hotkey == *hotkey) else {
            report.fail(
                "registration",
                format!("the hotkey {hotkey} holds no uid in subnet {netuid}"),
                format!("`laurel register --netuid {netuid} --max-price LRL` gets it one"),
            );
            return None;
        };
        if self.keys.coldkey.is_some_and(|coldkey| coldkey != neuron.coldkey) {
            report.warn(
                "registration",
                format!(
                    "uid {} belongs to the coldkey {}, not to this wallet's",
                    neuron.uid, neuron.coldkey
                ),
                "what it earns goes there: use the wallet of that coldkey",
            );
        } else {
            report.ok(
                "registration",
                format!("uid {} since block {}", neuron.uid, neuron.registered_at),
            );
        }
        permit(neuron, report);
        immunity(metagraph, neuron, report);
        Some(neuron)
    }

    async fn axon(&self, metagraph: &Metagraph<AccountId>, neuron: &NeuronInfo<AccountId>, report: &mut Report) {
        let Some(axon) = neuron.axon else {
            if neuron.scores.permit {
                report.ok("axon", "none is published; a validator needs none");
            } else {
                report.fail(
                    "axon",
                    "none is published, so no validator asks this neuron",
                    "to mine, start laurel-miner, which publishes and renews it; to validate, stake on the hotkey until it holds a permit",
                );
            }
            if let Some(url) = self.axon {
                answers(url, None, report).await;
            }
            return;
        };
        let left = axon.expires_at.saturating_sub(metagraph.block);
        report.ok("axon", format!("{} is published, for {left} more blocks", axon.address));
        if axon.protocol != AXON_PROTOCOL_VERSION {
            report.fail(
                "axon",
                format!(
                    "it speaks version {} of the protocol, validators speak {AXON_PROTOCOL_VERSION}",
                    axon.protocol
                ),
                "run the miner of this release",
            );
        }
        let accepted = |root: ModelRoot| metagraph.subnet.models.iter().any(|model| model.root == root);
        if !accepted(axon.model) {
            report.fail(
                "axon",
                format!("it serves {}, for which the subnet does not pay", hex(&axon.model.0)),
                format!(
                    "`laurel model list --netuid {}` says what to serve",
                    metagraph.subnet.netuid
                ),
            );
        }
        if private(axon.address) {
            report.warn(
                "axon",
                format!("{} is an address of this machine or its network", axon.address),
                "validators elsewhere cannot reach it: give the miner a public address with --axon",
            );
        }
        let url = self
            .axon
            .map_or_else(|| format!("http://{}", axon.address), str::to_owned);
        answers(&url, Some((neuron.uid.0, axon.model)), report).await;
    }

    async fn model(&self, folder: &Path, metagraph: Option<&Metagraph<AccountId>>, report: &mut Report) {
        let manifest = match model::read(folder) {
            Ok(manifest) => manifest,
            Err(error) => return report.failed("model", &error),
        };
        let root = hex(&manifest.root.0);
        let Some(metagraph) = metagraph else {
            report.ok("model", format!("{root}; --netuid says whether a subnet pays for it"));
            return;
        };
        let netuid = metagraph.subnet.netuid;
        let lists = |models: &[laurel_types::AcceptedModel]| models.iter().any(|model| model.root == manifest.root);
        let announced = match model::announced(self.client, netuid).await {
            Ok(announced) => announced,
            Err(error) => return report.failed("model", &error),
        };
        let now = lists(&metagraph.subnet.models);
        let then = announced.as_ref().map(|(models, from)| (lists(models), from));
        let list = format!("`laurel model list --netuid {netuid}` says what it pays for");
        match (now, then) {
            (true, None | Some((true, _))) => report.ok("model", format!("{root}, accepted by subnet {netuid}")),
            (true, Some((false, from))) => report.warn(
                "model",
                format!("{root} is accepted by subnet {netuid} until epoch {from} begins"),
                list,
            ),
            (false, Some((true, from))) => report.warn(
                "model",
                format!("{root} is accepted by subnet {netuid} only from epoch {from} on"),
                "serve the one before until then: miner and validator take several --model",
            ),
            (false, _) => report.fail("model", format!("{root} is not accepted by subnet {netuid}"), list),
        }
    }
}

fn permit(neuron: &NeuronInfo<AccountId>, report: &mut Report) {
    let stake = Amount(neuron.stake);
    if neuron.scores.permit {
        report.ok("permit", format!("held, with {stake} LRL on the hotkey"));
    } else {
        report.ok(
            "permit",
            format!("not held, with {stake} LRL on the hotkey: a miner needs none"),
        );
    }
}

fn immunity(metagraph: &Metagraph<AccountId>, neuron: &NeuronInfo<AccountId>, report: &mut Report) {
    let params = &metagraph.subnet.hyperparameters;
    let until = neuron.registered_at.saturating_add(params.immunity_period);
    let left = until.saturating_sub(metagraph.block);
    if left > 0 {
        report.ok("immunity", format!("for {left} more blocks"));
    } else if neuron.scores.emission == 0 && metagraph.subnet.neurons >= params.max_uids {
        report.warn(
            "immunity",
            "over; the subnet is full, and the last epoch paid this neuron nothing",
            "it is among the first to be evicted: `laurel explain` with a validator's bundle says why it scores low",
        );
    } else {
        report.ok("immunity", "over");
    }
}

/// Whether only this machine or its own network can reach it.
fn private(address: AxonAddress) -> bool {
    let local = match address.socket().ip() {
        std::net::IpAddr::V4(ip) => ip.is_private() || ip.is_link_local(),
        std::net::IpAddr::V6(ip) => ip.is_unique_local() || ip.is_unicast_link_local(),
    };
    local || !address.is_dialable(Loopback::Refused)
}

/// Asks `/ready` and `/health` there, and compares who answers with what the chain knows, where it knows something.
async fn answers(url: &str, expected: Option<(u16, ModelRoot)>, report: &mut Report) {
    let url = url.trim_end_matches('/');
    match ready(url).await {
        Err(error) => {
            report.fail(
                "reachable",
                format!("{url} does not answer from here ({})", laurel_daemon::one_line(&error)),
                "start the miner; let its port through firewall and router; or try --axon with its address inside",
            );
            return;
        }
        Ok(Ready::No(reasons)) => report.fail(
            "reachable",
            format!("{url} answers, but is not ready: {reasons}"),
            "see to that; the miner's log says more",
        ),
        Ok(Ready::Yes) => report.ok("reachable", format!("{url} answers that it is ready")),
    }
    let Some((uid, root)) = expected else { return };
    match health(url).await {
        Ok((there, _)) if there != Some(uid) => report.fail(
            "identity",
            format!("{url} answers for another neuron than uid {uid}"),
            "correct the address of the axon: another miner listens there",
        ),
        Ok((_, model)) if model.as_deref() != Some(root_digits(root).as_str()) => report.warn(
            "identity",
            format!("{url} serves another model than the axon says"),
            "wait until the miner has published anew, or restart it",
        ),
        Ok(_) => report.ok(
            "identity",
            format!("it is uid {uid}, with the model that the axon says"),
        ),
        Err(error) => report.failed("identity", &error),
    }
}

/// What `/ready` says.
enum Ready {
    Yes,
    No(String),
}

async fn get(url: String) -> Result<reqwest::Response> {
    let client = reqwest::Client::builder().timeout(AXON_DEADLINE).build()?;
    Ok(client.get(url).send().await?)
}

async fn ready(url: &str) -> Result<Ready> {
    let response = get(format!("{url}/ready")).await?;
    let status = response.status();
    let body: Value = response.json().await.context("it speaks something else than a miner")?;
    if status.is_success() && body["ready"] == true {
        return Ok(Ready::Yes);
    }
    anyhow::ensure!(body["ready"] == false, "it speaks something else than a miner");
    let reasons = body["reasons"].as_array().or(body["missing"].as_array());
    let reasons: Vec<&str> = reasons.into_iter().flatten().filter_map(Value::as_str).collect();
    Ok(Ready::No(reasons.join(", ")))
}

/// Uid and model of whoever answers.
async fn health(url: &str) -> Result<(Option<u16>, Option<String>)> {
    let body: Value = get(format!("{url}/health")).await?.json().await?;
    let uid = body["uid"].as_u64().and_then(|uid| uid.try_into().ok());
    let model = body["model_root"]
        .as_str()
        .map(|root| root.trim_start_matches("0x").to_owned());
    Ok((uid, model))
}

fn root_digits(root: ModelRoot) -> String {
    hex(&root.0).trim_start_matches("0x").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{http::StatusCode, routing::get, Json, Router};
    use serde_json::json;

    /// A miner, as far as these routes go, that is ready or not.
    async fn miner(ready: bool) -> String {
        let status = if ready {
            StatusCode::OK
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        };
        let body = json!({ "ready": ready, "reasons": ["no blocks from the chain"] });
        let health = json!({ "uid": 7, "model_root": "11".repeat(32) });
        let app = Router::new()
            .route("/ready", get(move || async move { (status, Json(body)) }))
            .route("/health", get(move || async move { Json(health) }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        url
    }

    async fn looked(url: &str, uid: u16, byte: u8) -> (Vec<Value>, String) {
        let mut report = Report::default();
        answers(url, Some((uid, ModelRoot([byte; 32]))), &mut report).await;
        let json = report.json();
        let states = json["checks"].as_array().unwrap().iter();
        (states.map(|check| check["state"].clone()).collect(), report.to_string())
    }

    #[tokio::test]
    async fn an_axon_is_known_by_what_it_answers() {
        let url = miner(true).await;
        assert_eq!(looked(&url, 7, 0x11).await.0, ["ok", "ok"]);
        assert_eq!(looked(&url, 8, 0x11).await.0, ["ok", "fail"], "another neuron");
        assert_eq!(looked(&url, 7, 0x22).await.0, ["ok", "warn"], "another model");
        let (states, text) = looked(&miner(false).await, 7, 0x11).await;
        assert_eq!(states, ["fail", "ok"]);
        assert!(text.contains("no blocks from the chain"), "{text}");
        // A port that was free a moment ago, on which nobody listens.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let nobody = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let (states, text) = looked(&nobody, 7, 0x11).await;
        assert_eq!(states, ["fail"]);
        assert!(text.contains("does not answer from here"), "{text}");
    }

    #[test]
    fn addresses_that_others_cannot_reach_are_told_apart() {
        let address = |text: &str| AxonAddress::from(text.parse::<std::net::SocketAddr>().unwrap());
        for text in [
            "127.0.0.1:1",
            "10.0.0.1:1",
            "192.168.1.1:1",
            "[fe80::1]:1",
            "[fd00::1]:1",
            "8.8.8.8:0",
        ] {
            assert!(private(address(text)), "{text}");
        }
        for text in ["8.8.8.8:1", "[2a00::1]:1"] {
            assert!(!private(address(text)), "{text}");
        }
    }
}
