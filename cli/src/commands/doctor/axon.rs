//! Who answers at an axon: whether it is reached from here, is ready, and proves that it holds the hotkey that the chain knows there.
use super::report::Report;
use anyhow::{ensure, Context, Result};
use laurel_protocol::{Nonce, Recipient, NONCE_HEADER, SIGNATURE_HEADER};
use laurel_types::ModelRoot;
use reqwest::RequestBuilder;
use serde_json::Value;
use std::time::Duration;

/// How long an axon may take to answer.
const DEADLINE: Duration = Duration::from_secs(5);
/// More bytes than any miner says of itself: whoever listens there is a stranger until it has shown who it is.
const LONGEST: usize = 64 << 10;

/// Who should answer.
pub struct Expected {
    /// Chain, subnet and hotkey.
    pub recipient: Recipient,
    /// The model that the axon names, where there is one.
    pub model: Option<ModelRoot>,
}

/// What `/ready` says.
enum Ready {
    Yes,
    No(String),
}

/// What whoever answers says of itself, and whether the hotkey signed that.
struct Presence {
    proven: bool,
    signed: bool,
    hotkey: Option<String>,
    model: Option<String>,
}

/// Asks there, and compares who answers with what the chain knows, where it knows something.
pub async fn look(url: &str, expected: Option<Expected>, report: &mut Report) {
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
    let Some(expected) = expected else { return };
    match presence(url, &expected.recipient).await {
        Ok(presence) => judge(url, &expected, &presence, report),
        Err(error) => report.fail(
            "identity",
            format!("{url} does not say who it is ({})", laurel_daemon::one_line(&error)),
            "see what listens there: it is no miner of this release",
        ),
    }
}

fn judge(url: &str, expected: &Expected, presence: &Presence, report: &mut Report) {
    let hotkey = expected.recipient.hotkey;
    if !presence.proven {
        let says = match &presence.hotkey {
            Some(other) if *other != hotkey.to_string() => format!("{url} answers as {other}, not as {hotkey}"),
            _ if presence.signed => format!("what {url} signs is not signed by {hotkey} for this chain and subnet"),
            _ => format!("{url} does not prove that it holds {hotkey}"),
        };
        let remedy = "validators discard its answers: start the miner with this hotkey and the miner of this release, or have it publish where it listens, with --advertise";
        return report.fail("identity", says, remedy);
    }
    match expected.model {
        Some(root) if presence.model.as_deref() != Some(digits(root).as_str()) => report.warn(
            "identity",
            format!("it signs as {hotkey}, but serves another model than the axon says"),
            "wait until the miner has published anew, or restart it",
        ),
        Some(_) => report.ok(
            "identity",
            format!("it signs as {hotkey}, and serves the model that the axon says"),
        ),
        None => report.ok("identity", format!("it signs as {hotkey}")),
    }
}

fn get(url: String) -> Result<RequestBuilder> {
    Ok(reqwest::Client::builder().timeout(DEADLINE).build()?.get(url))
}

/// The body of an answer of a bearable length.
async fn body(mut response: reqwest::Response) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        ensure!(
            body.len() + chunk.len() <= LONGEST,
            "it says more than a miner has to say"
        );
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn parse(body: &[u8]) -> Result<Value> {
    serde_json::from_slice(body)
        .ok()
        .context("it speaks something else than a miner")
}

async fn ready(url: &str) -> Result<Ready> {
    let response = get(format!("{url}/ready"))?.send().await?;
    let status = response.status();
    let body = parse(&body(response).await?)?;
    if status.is_success() && body["ready"] == true {
        return Ok(Ready::Yes);
    }
    ensure!(body["ready"] == false, "it speaks something else than a miner");
    let reasons = body["reasons"].as_array().or(body["missing"].as_array());
    let reasons: Vec<&str> = reasons.into_iter().flatten().filter_map(Value::as_str).collect();
    Ok(Ready::No(reasons.join(", ")))
}

/// Asks with a new nonce, so that no signature of another time will do.
async fn presence(url: &str, recipient: &Recipient) -> Result<Presence> {
    let nonce = Nonce::random();
    let request = get(format!("{url}/health"))?.header(NONCE_HEADER, nonce.to_text());
    let response = request.send().await?;
    let signature = response.headers().get(SIGNATURE_HEADER).cloned();
    let signature = signature.as_ref().and_then(|signature| signature.to_str().ok());
    let body = body(response).await?;
    let said = parse(&body)?;
    let text = |key: &str| said[key].as_str().map(str::to_owned);
    Ok(Presence {
        proven: signature.is_some_and(|signature| recipient.is_present(nonce, &body, signature)),
        signed: signature.is_some(),
        hotkey: text("hotkey"),
        model: text("model_root").map(|root| root.trim_start_matches("0x").to_owned()),
    })
}

fn digits(root: ModelRoot) -> String {
    crate::transaction::hex(&root.0).trim_start_matches("0x").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{
        http::{HeaderMap, StatusCode},
        routing::get,
        Json, Router,
    };
    use laurel_protocol::Hotkey;
    use laurel_types::NetUid;
    use serde_json::json;
    use subxt_signer::sr25519::{dev, Keypair};

    fn recipient(key: &Keypair) -> Recipient {
        Recipient {
            genesis: [1; 32],
            netuid: NetUid(3),
            hotkey: Hotkey::of(key),
        }
    }

    /// A miner, as far as these routes go, that says it is Alice.
    struct Miner {
        ready: bool,
        /// Whose name it signs in, if it does, and with which key.
        signs: Option<(Recipient, Keypair)>,
        /// It signs for this nonce, whatever is asked.
        stale: Option<Nonce>,
    }

    impl Miner {
        fn health(&self, headers: &HeaderMap) -> (HeaderMap, String) {
            let body = json!({ "hotkey": Hotkey::of(&dev::alice()), "model_root": "11".repeat(32) }).to_string();
            let mut answer = HeaderMap::new();
            if let Some((name, key)) = &self.signs {
                let nonce = self.stale.unwrap_or(Nonce::asked(headers).unwrap().unwrap());
                let proof = name.prove_presence(nonce, body.as_bytes(), key);
                answer.insert(SIGNATURE_HEADER, proof.parse().unwrap());
            }
            (answer, body)
        }

        async fn serve(self) -> String {
            let status = match self.ready {
                true => StatusCode::OK,
                false => StatusCode::SERVICE_UNAVAILABLE,
            };
            let ready = json!({ "ready": self.ready, "reasons": ["no blocks from the chain"] });
            let miner = std::sync::Arc::new(self);
            let app = Router::new()
                .route("/ready", get(move || async move { (status, Json(ready)) }))
                .route(
                    "/health",
                    get(move |headers: HeaderMap| async move { miner.health(&headers) }),
                );
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}", listener.local_addr().unwrap());
            tokio::spawn(async move { axum::serve(listener, app).await });
            url
        }
    }

    fn honest() -> Miner {
        Miner {
            ready: true,
            signs: Some((recipient(&dev::alice()), dev::alice())),
            stale: None,
        }
    }

    async fn looked(url: &str, by: &Keypair, byte: u8) -> (Vec<Value>, String) {
        let mut report = Report::default();
        let expected = Expected {
            recipient: recipient(by),
            model: Some(ModelRoot([byte; 32])),
        };
        look(url, Some(expected), &mut report).await;
        let json = report.json();
        let states = json["checks"].as_array().unwrap().iter();
        (states.map(|check| check["state"].clone()).collect(), report.to_string())
    }

    #[tokio::test]
    async fn an_axon_is_known_by_what_it_signs() {
        let url = honest().serve().await;
        assert_eq!(looked(&url, &dev::alice(), 0x11).await.0, ["ok", "ok"]);
        assert_eq!(
            looked(&url, &dev::alice(), 0x22).await.0,
            ["ok", "warn"],
            "another model"
        );
        let (states, text) = looked(&url, &dev::bob(), 0x11).await;
        assert_eq!(states, ["ok", "fail"]);
        let alice = Hotkey::of(&dev::alice()).to_string();
        assert!(text.contains(&format!("answers as {alice}")), "{text}");
    }

    #[tokio::test]
    async fn whoever_only_says_that_it_is_the_miner_is_not_believed() {
        let elsewhere = Recipient {
            netuid: NetUid(4),
            ..recipient(&dev::alice())
        };
        for (miner, why) in [
            (
                Miner {
                    signs: None,
                    ..honest()
                },
                "signs nothing",
            ),
            (
                Miner {
                    signs: Some((recipient(&dev::alice()), dev::eve())),
                    ..honest()
                },
                "another key",
            ),
            (
                Miner {
                    signs: Some((elsewhere, dev::alice())),
                    ..honest()
                },
                "another subnet",
            ),
            (
                Miner {
                    stale: Some(Nonce::random()),
                    ..honest()
                },
                "an earlier answer",
            ),
        ] {
            let (states, text) = looked(&miner.serve().await, &dev::alice(), 0x11).await;
            assert_eq!(states, ["ok", "fail"], "{why}: {text}");
            assert!(text.contains("start the miner with this hotkey"), "{why}: {text}");
        }
    }

    #[tokio::test]
    async fn one_that_is_not_ready_or_not_there_is_told_apart() {
        let resting = Miner {
            ready: false,
            ..honest()
        };
        let (states, text) = looked(&resting.serve().await, &dev::alice(), 0x11).await;
        assert_eq!(states, ["fail", "ok"]);
        assert!(text.contains("no blocks from the chain"), "{text}");
        // A port that was free a moment ago, on which nobody listens.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let nobody = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let (states, text) = looked(&nobody, &dev::alice(), 0x11).await;
        assert_eq!(states, ["fail"]);
        assert!(text.contains("does not answer from here"), "{text}");
    }
}
