//! Asking a miner: a signed request, a deadline, and a name for whatever goes wrong.
use crate::{
    work::{Answer, Task},
    Fault, Verdict,
};
use laurel_protocol::{Envelope, Hotkey, Recipient, Target, RECEIPT_HEADER};
use laurel_types::AxonAddress;
use reqwest::{redirect, Client, Response, StatusCode};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use subxt_signer::sr25519::Keypair;

/// Largest answer read, in bytes.
const MAX_ANSWER: usize = 8 * 1024 * 1024;
/// How much longer than the deadline a request is valid, for clocks that differ.
const CLOCK_SLACK_MS: u64 = 10_000;
/// How much of an error body is quoted.
const QUOTE: usize = 160;

/// Sends requests signed by one hotkey.
#[derive(Clone)]
pub struct Asker {
    client: Client,
    key: Keypair,
    deadline: Duration,
}

impl Asker {
    /// An asker that gives each miner `deadline`.
    pub fn new(key: Keypair, deadline: Duration) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            // The address on chain is the miner; going elsewhere would be asking somebody else.
            .redirect(redirect::Policy::none())
            .no_proxy()
            .connect_timeout(deadline)
            .timeout(deadline)
            .pool_idle_timeout(Duration::from_secs(30))
            .build()?;
        Ok(Self { client, key, deadline })
    }

    /// The deadline, in milliseconds.
    pub fn deadline_ms(&self) -> u64 {
        self.deadline.as_millis() as u64
    }

    /// Sends the task and waits for the whole answer.
    pub async fn ask(&self, address: AxonAddress, recipient: &Recipient, task: &Task) -> Result<Answer, Fault> {
        let target = Target {
            method: "POST",
            path: task.path,
        };
        let expires_ms = now_ms() + self.deadline_ms() + CLOCK_SLACK_MS;
        let sender = Hotkey::of(&self.key);
        let request = Envelope::new(recipient, target, &task.body, sender, expires_ms).sign(&self.key);
        let envelope = request.envelope().clone();
        let url = format!("http://{}{}", address.socket(), task.path);
        let begun = Instant::now();
        let sending = self
            .client
            .post(url)
            .headers(request.headers())
            .header("content-type", "application/json")
            .body(task.body.clone())
            .send();
        let response = sending.await.map_err(|e| self.fault(&e))?;
        let status = response.status();
        let receipt = response
            .headers()
            .get(RECEIPT_HEADER)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        let body = self.read(response).await?;
        if status != StatusCode::OK {
            return Err(refusal(status, &body));
        }
        let latency_ms = begun.elapsed().as_millis() as u64;
        Ok(Answer {
            envelope,
            receipt,
            body,
            is_streamed: false,
            first_ms: latency_ms,
            latency_ms,
            deadline_ms: self.deadline_ms(),
        })
    }

    async fn read(&self, mut response: Response) -> Result<Vec<u8>, Fault> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| self.fault(&e))? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(Fault::new(
                    Verdict::Malformed,
                    format!("the answer is longer than {MAX_ANSWER} bytes"),
                ));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    fn fault(&self, error: &reqwest::Error) -> Fault {
        if error.is_timeout() {
            return Fault::new(
                Verdict::Late,
                format!("no complete answer within {} ms", self.deadline_ms()),
            );
        }
        let mut cause: &dyn std::error::Error = error;
        while let Some(next) = cause.source() {
            cause = next;
        }
        Fault::new(Verdict::Down, cause.to_string())
    }
}

/// What an answer other than 200 means.
fn refusal(status: StatusCode, body: &[u8]) -> Fault {
    let verdict = match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => Verdict::Busy,
        StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => Verdict::Late,
        _ => Verdict::Refused,
    };
    let quote: String = String::from_utf8_lossy(body)
        .chars()
        .filter(|c| !c.is_control())
        .take(QUOTE)
        .collect();
    Fault::new(verdict, format!("HTTP {}: {quote}", status.as_u16()))
}

/// Unix time in milliseconds.
pub(crate) fn now_ms() -> u64 {
    // A clock before 1970 makes every request expired, which the miner then says.
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as u64)
}
