//! A user without a wallet, who asks the first validator's gateway as any client of the OpenAI API does.
use super::{checks::Outcome, Setting};
use serde::Serialize;
use serde_json::{json, Value};
use std::time::{Duration, Instant};

/// The ports of the gateways to text and to embeddings, from the base port.
pub const GATEWAY_PORTS: [u16; 2] = [20, 21];
/// How long the user waits.
const PATIENCE: Duration = Duration::from_secs(60);
/// What the user asks for.
const TOKENS: u32 = 24;

/// What became of the request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Served {
    /// Status of the answer; none if there was none.
    pub status: Option<u16>,
    /// The text, or what was wrong.
    pub text: String,
    /// How long it took.
    pub milliseconds: u64,
}

impl Served {
    /// Whether a text came.
    pub fn is_answered(&self) -> bool {
        self.status == Some(200) && !self.text.is_empty()
    }
}

/// Asks for the end of a sentence.
pub async fn ask(setting: &Setting) -> Served {
    let url = format!("http://127.0.0.1:{}/v1/completions", setting.port(GATEWAY_PORTS[0]));
    let body = json!({ "prompt": "It is a truth universally acknowledged,", "max_tokens": TOKENS, "temperature": 0.7 });
    let begun = Instant::now();
    let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build();
    let answered = async {
        let response = client?.post(url).json(&body).send().await?;
        let status = response.status().as_u16();
        Ok::<_, reqwest::Error>((status, response.text().await?))
    };
    let (status, text) = match answered.await {
        Ok((status, body)) => {
            let json: Value = serde_json::from_str(&body).unwrap_or_default();
            let text = json["choices"][0]["text"].as_str();
            (Some(status), text.map_or(body.clone(), str::to_owned))
        }
        Err(error) => (None, error.to_string()),
    };
    Served {
        status,
        text,
        milliseconds: begun.elapsed().as_millis() as u64,
    }
}

/// A text came.
pub fn check(served: Option<&Served>) -> Outcome {
    match served {
        Some(served) if served.is_answered() => {
            let (bytes, milliseconds) = (served.text.len(), served.milliseconds);
            Ok(format!("{bytes} bytes of text in {milliseconds} ms"))
        }
        Some(Served { status, text, .. }) => Err(format!("status {}: {text}", status.unwrap_or_default())),
        None => Err("no user asked".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_an_empty_text_and_no_answer_fail() {
        let served = |status, text: &str| Served {
            status,
            text: text.into(),
            milliseconds: 9,
        };
        assert!(check(Some(&served(Some(200), "that"))).is_ok());
        for wrong in [
            served(Some(503), "busy"),
            served(Some(200), ""),
            served(None, "refused"),
        ] {
            assert!(check(Some(&wrong)).is_err(), "{wrong:?}");
        }
        assert!(check(None).is_err());
    }
}
