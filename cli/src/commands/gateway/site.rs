//! A gateway, over HTTP.
use crate::{
    failure::{self, Refusal},
    waiting::waiting,
};
use anyhow::{Context, Result};
use laurel_chain::AccountId;
use laurel_validator::gateway::accounts::Action;
use reqwest::{Client, RequestBuilder};
use serde_json::{json, Value};
use std::time::Duration;

/// How long a gateway may take.
const DEADLINE: Duration = Duration::from_secs(30);

/// Whether a gateway refused a challenge only because it is not one of its latest, so that nothing was done.
pub fn is_stale(error: &anyhow::Error) -> bool {
    let codes = ["challenge_unknown: ", "challenge_expired: "];
    error
        .downcast_ref::<Refusal>()
        .is_some_and(|said| said.name == "Gateway" && codes.iter().any(|code| said.remedy.starts_with(code)))
}

/// A gateway's own paths.
pub struct Site {
    client: Client,
    url: String,
}

impl Site {
    /// The gateway at this address; with or without `/v1`, as people have it at hand.
    pub fn new(url: &str) -> Result<Self> {
        let url = url.trim_end_matches('/').trim_end_matches("/v1");
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(failure::usage(format!(
                "'{url}' is no address of a gateway: write https://host or http://host:port"
            )));
        }
        let client = Client::builder()
            .timeout(DEADLINE)
            .build()
            .context("cannot start the HTTP client")?;
        Ok(Self {
            client,
            url: url.into(),
        })
    }

    fn at(&self, path: &str) -> String {
        format!("{}/laurel/v1/{path}", self.url)
    }

    /// On which terms it serves.
    pub async fn terms(&self) -> Result<Value> {
        self.send(self.client.get(self.at("terms"))).await
    }

    /// What a key used and has left.
    pub async fn usage(&self, key: &str) -> Result<Value> {
        self.send(self.client.get(self.at("usage")).bearer_auth(key)).await
    }

    /// The text to sign for a wish.
    pub async fn challenge(&self, coldkey: &AccountId, action: &Action) -> Result<String> {
        let query = [("coldkey", coldkey.to_string()), ("action", action.to_string())];
        let answer = self.send(self.client.get(self.at("challenge")).query(&query)).await?;
        let message = answer["message"].as_str();
        message
            .map(str::to_owned)
            .ok_or_else(|| self.is_none("it gave no challenge"))
    }

    /// Hands the signed text back.
    pub async fn answer(&self, message: &str, signature: &[u8; 64]) -> Result<Value> {
        let signature = crate::transaction::hex(signature);
        let body = json!({ "message": message, "signature": signature });
        self.send(self.client.post(self.at("keys")).json(&body)).await
    }

    async fn send(&self, request: RequestBuilder) -> Result<Value> {
        let unreached = |error: reqwest::Error| -> anyhow::Error {
            // The address is said once.
            let remedy = format!(
                "no gateway answers at {} ({}): correct --gateway, or try again",
                self.url,
                laurel_daemon::one_line(&error.without_url().into())
            );
            let (name, code) = ("Unreachable", failure::UNREACHED);
            Refusal { name, remedy, code }.into()
        };
        let _shown = waiting(format!("asking {}", self.url));
        let response = request.send().await.map_err(unreached)?;
        let status = response.status();
        let body = response.bytes().await.map_err(unreached)?;
        let answer: Value = serde_json::from_slice(&body).map_err(|_| self.is_none("it does not answer in JSON"))?;
        if status.is_success() {
            return Ok(answer);
        }
        let said = |field: &str| answer["error"][field].as_str().unwrap_or_default().to_owned();
        let (code, message, remedy) = (said("code"), said("message"), said("remedy"));
        if code.is_empty() {
            return Err(self.is_none(&format!("it answers with status {status}")));
        }
        Err(failure::refused("Gateway", format!("{code}: {message}; {remedy}")))
    }

    fn is_none(&self, why: &str) -> anyhow::Error {
        failure::refused(
            "NoGateway",
            format!("{} is no gateway, or one of another release: {why}", self.url),
        )
    }
}
