//! Asking a miner: a signed request, deadlines, and a name for whatever goes wrong.
//!
//! Times are this validator's: what a miner says about its own speed counts for nothing. No reason quotes what a miner wrote, because
//! that could repeat a user's words.
use crate::{
    events::{Event, Events},
    work::{Answer, Task},
    Fault, Verdict,
};
use bytes::Bytes;
use laurel_protocol::{
    openai::TextExtension, Envelope, ErrorBody, ErrorDetail, Hotkey, Recipient, RequestError, Target, RECEIPT_EVENT,
    RECEIPT_HEADER,
};
use laurel_types::AxonAddress;
use reqwest::{header::CONTENT_TYPE, redirect, Client, Response, StatusCode};
use serde::Deserialize;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use subxt_signer::sr25519::Keypair;
use tokio::time::{timeout_at, Instant};

/// Largest answer read, in bytes: 256 vectors of 4096 numbers in base64 have 6 MB, in decimals 12 MB.
const MAX_ANSWER: usize = 16 * 1024 * 1024;
/// How much of a refusal is read, in bytes.
const MAX_REFUSAL: usize = 16 * 1024;
/// How much longer than the deadline a request is valid, for clocks that differ.
const CLOCK_SLACK_MS: u64 = 10_000;
/// What each token that may be written, or text to be embedded, adds to the deadline: ten a second is the slowest that is waited for.
const EACH: Duration = Duration::from_millis(100);
/// How long a stream may stay open behind its last event.
const CLOSING: Duration = Duration::from_secs(1);

/// Sends requests signed by one hotkey.
#[derive(Clone)]
pub struct Asker {
    client: Client,
    key: Keypair,
    deadline: Duration,
}

impl Asker {
    /// An asker that gives each miner `deadline` to begin, and for each token that may be written some more.
    pub fn new(key: Keypair, deadline: Duration) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            // The address on chain is the miner; going elsewhere would be asking somebody else.
            .redirect(redirect::Policy::none())
            .no_proxy()
            .connect_timeout(deadline)
            .pool_idle_timeout(Duration::from_secs(30))
            .build()?;
        Ok(Self { client, key, deadline })
    }

    /// Who signs.
    pub fn hotkey(&self) -> Hotkey {
        Hotkey::of(&self.key)
    }

    /// How long a miner may take to begin.
    pub fn patience(&self) -> Duration {
        self.deadline
    }

    /// Sends the task and waits for the whole answer.
    pub async fn ask(&self, address: AxonAddress, recipient: &Recipient, task: &Task) -> Result<Answer, Fault> {
        let mut incoming = self.begin(address, recipient, task).await?;
        while incoming.next().await?.is_some() {}
        Ok(incoming.finish())
    }

    /// Sends the task and waits until the answer begins. Dropping what this returns hangs up.
    pub async fn begin(&self, address: AxonAddress, recipient: &Recipient, task: &Task) -> Result<Incoming, Fault> {
        let target = Target {
            method: "POST",
            path: task.path,
        };
        let expires_ms = now_ms() + self.deadline.as_millis() as u64 + CLOCK_SLACK_MS;
        let sender = Hotkey::of(&self.key);
        let request = Envelope::new(recipient, target, &task.body, sender, expires_ms).sign(&self.key);
        let envelope = request.envelope().clone();
        let url = format!("http://{}{}", address.socket(), task.path);
        let patience = Patience::new(self.deadline, task);
        let sending = self
            .client
            .post(url)
            .headers(request.headers())
            .header(CONTENT_TYPE, "application/json")
            .body(task.body.clone())
            .send();
        let sent = timeout_at(patience.next_by(task.is_streamed), sending).await;
        let response = sent.map_err(|_| patience.late(0))?.map_err(|e| broken(&e))?;
        if response.status() != StatusCode::OK {
            return Err(refusal(response, &patience).await);
        }
        Incoming::new(response, envelope, task, patience)
    }
}

/// How long is waited for what.
#[derive(Clone, Copy, Debug)]
struct Patience {
    begun: Instant,
    /// When the last event came, or the request was sent.
    moved: Instant,
    /// To the first event of a stream, and from one to the next.
    step: Duration,
    /// To the end.
    whole: Duration,
}

impl Patience {
    fn new(step: Duration, task: &Task) -> Self {
        let begun = Instant::now();
        Self {
            begun,
            moved: begun,
            step,
            whole: step + EACH * task.size,
        }
    }

    fn next_by(&self, is_streamed: bool) -> Instant {
        let end = self.begun + self.whole;
        if is_streamed {
            end.min(self.moved + self.step)
        } else {
            end
        }
    }

    fn elapsed_ms(&self) -> u64 {
        self.begun.elapsed().as_millis() as u64
    }

    fn late(&self, events: usize) -> Fault {
        let (step, whole) = (self.step.as_millis(), self.whole.as_millis());
        let reason = match (Instant::now() >= self.begun + self.whole, events) {
            (true, _) => format!("no complete answer within {whole} ms"),
            (false, 0) => format!("nothing came within {step} ms"),
            (false, _) => format!("the stream stalled: nothing within {step} ms after {events} events"),
        };
        Fault::new(Verdict::Late, reason)
    }
}

/// An answer on its way.
pub struct Incoming {
    response: Response,
    envelope: Envelope,
    patience: Patience,
    body: Vec<u8>,
    receipt: Option<String>,
    first_ms: Option<u64>,
    latency_ms: Option<u64>,
    tokens: u32,
    /// None if the answer comes whole.
    stream: Option<Stream>,
}

/// How far a stream was read.
#[derive(Default)]
struct Stream {
    events: Events,
    stage: Stage,
    count: usize,
    /// Bytes of whole events that were handed on.
    shown: usize,
    /// Bytes before `[DONE]`, once that is there.
    tokens_end: Option<usize>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Tokens,
    Done,
    Receipt,
}

/// What of an event matters while it passes.
#[derive(Deserialize)]
struct Glimpse {
    error: Option<ErrorDetail>,
    laurel: Option<TextExtension>,
}

impl Incoming {
    fn new(response: Response, envelope: Envelope, task: &Task, patience: Patience) -> Result<Self, Fault> {
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
        let is_events = header(CONTENT_TYPE.as_str()).is_some_and(|kind| kind.starts_with("text/event-stream"));
        if task.is_streamed && !is_events {
            return Err(malformed("a stream was asked for, the answer is none"));
        }
        let receipt = header(RECEIPT_HEADER).filter(|_| !task.is_streamed).map(str::to_owned);
        Ok(Self {
            response,
            envelope,
            patience,
            body: Vec::new(),
            receipt,
            first_ms: None,
            latency_ms: None,
            tokens: 0,
            stream: task.is_streamed.then(Stream::default),
        })
    }

    /// Whether the first token is there.
    pub fn has_token(&self) -> bool {
        self.first_ms.is_some()
    }

    /// Whether all tokens of a stream are there, and at most the receipt is missing.
    pub fn is_done(&self) -> bool {
        self.stream.as_ref().is_some_and(|stream| stream.stage != Stage::Tokens)
    }

    /// Tokens that came so far, of a stream.
    pub fn tokens(&self) -> u32 {
        self.tokens
    }

    /// How long after the request the miner must have answered.
    pub fn deadline(&self) -> Duration {
        self.patience.whole
    }

    /// The next bytes as they came, of a stream only whole events before `[DONE]`, possibly none; nothing at the end.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        let stage = self.stream.as_ref().map(|stream| stream.stage);
        let by = match stage {
            Some(Stage::Receipt) => self.patience.moved + CLOSING,
            _ => self.patience.next_by(self.stream.is_some()),
        };
        match (timeout_at(by, self.response.chunk()).await, stage) {
            (Ok(Ok(Some(bytes))), _) => self.take(bytes).map(Some),
            (Ok(Ok(None)), _) => self.end().map(|()| None),
            // The answer was there; what became of the connection does not matter.
            (Ok(Err(_)), Some(Stage::Receipt)) => Ok(None),
            (Ok(Err(error)), _) => Err(broken(&error)),
            (Err(_), Some(Stage::Receipt)) => Err(malformed("the stream goes on behind the receipt")),
            (Err(_), _) => Err(self
                .patience
                .late(self.stream.as_ref().map_or(0, |stream| stream.count))),
        }
    }

    /// The answer, after its end.
    pub fn finish(self) -> Answer {
        let latency_ms = self.latency_ms.unwrap_or_else(|| self.patience.elapsed_ms());
        Answer {
            envelope: self.envelope,
            receipt: self.receipt,
            body: self.body,
            is_streamed: self.stream.is_some(),
            first_ms: self.first_ms.unwrap_or(latency_ms),
            latency_ms,
            deadline_ms: self.patience.whole.as_millis() as u64,
        }
    }

    fn take(&mut self, bytes: Bytes) -> Result<Bytes, Fault> {
        if self.body.len() + bytes.len() > MAX_ANSWER {
            return Err(malformed(&format!("the answer is longer than {MAX_ANSWER} bytes")));
        }
        self.body.extend_from_slice(&bytes);
        let Some(mut stream) = self.stream.take() else {
            return Ok(bytes);
        };
        stream.events.push(&bytes);
        loop {
            let before = stream.events.settled();
            let Some(event) = stream.events.next().map_err(|e| malformed(&e.to_string()))? else {
                break;
            };
            stream.count += 1;
            self.patience.moved = Instant::now();
            stream.stage = self.event(stream.stage, event)?;
            if stream.stage != Stage::Tokens {
                stream.tokens_end.get_or_insert(before);
            }
        }
        let until = stream.tokens_end.unwrap_or(stream.events.settled());
        let shown = std::mem::replace(&mut stream.shown, until);
        let whole = Bytes::copy_from_slice(&self.body[shown..until]);
        self.stream = Some(stream);
        Ok(whole)
    }

    /// Takes an event; says how far the stream is after it.
    fn event(&mut self, stage: Stage, event: Event) -> Result<Stage, Fault> {
        match (stage, event.name.as_deref()) {
            (Stage::Tokens, None) if event.data == "[DONE]" => Ok(Stage::Done),
            (Stage::Tokens, None) => self.chunk(&event.data).map(|()| Stage::Tokens),
            (Stage::Done, Some(RECEIPT_EVENT)) => {
                self.receipt = Some(event.data);
                self.latency_ms = Some(self.patience.elapsed_ms());
                Ok(Stage::Receipt)
            }
            (Stage::Tokens, Some(_)) => Err(malformed("an event before [DONE] has a name")),
            (Stage::Done, _) => Err(malformed("behind [DONE] comes something else than the receipt")),
            (Stage::Receipt, _) => Err(malformed("an event comes behind the receipt")),
        }
    }

    fn chunk(&mut self, data: &str) -> Result<(), Fault> {
        let glimpse: Glimpse =
            serde_json::from_str(data).map_err(|_| malformed("an event is not the JSON of a chunk"))?;
        if let Some(error) = glimpse.error {
            return Err(refused(&error, None));
        }
        let tokens = glimpse.laurel.map_or(0, |laurel| laurel.token_ids.len());
        // An answer has at most as many tokens as bytes, which are bounded.
        self.tokens += tokens as u32;
        if tokens > 0 && self.first_ms.is_none() {
            self.first_ms = Some(self.patience.elapsed_ms());
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Fault> {
        self.latency_ms.get_or_insert(self.patience.elapsed_ms());
        match &self.stream {
            Some(stream) if stream.events.pending() > 0 => Err(malformed("the stream ends within an event")),
            Some(stream) if stream.stage == Stage::Tokens => Err(malformed("the stream ends without [DONE]")),
            _ => Ok(()),
        }
    }
}

fn malformed(reason: &str) -> Fault {
    Fault::new(Verdict::Malformed, reason)
}

/// What it means that a connection cannot be made, or breaks.
fn broken(error: &reqwest::Error) -> Fault {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    Fault::new(Verdict::Down, cause.to_string())
}

/// What an answer other than 200 means.
async fn refusal(mut response: Response, patience: &Patience) -> Fault {
    let status = response.status();
    let mut body = Vec::new();
    while let Ok(Ok(Some(bytes))) = timeout_at(patience.next_by(true), response.chunk()).await {
        body.extend_from_slice(&bytes);
        if body.len() > MAX_REFUSAL {
            break;
        }
    }
    match serde_json::from_slice::<ErrorBody>(&body) {
        Ok(body) => refused(&body.error, Some(status)),
        Err(_) => Fault::new(verdict_of(status), format!("HTTP {}", status.as_u16())),
    }
}

/// What an error means, by its status or, in a stream, by its code.
fn refused(error: &ErrorDetail, status: Option<StatusCode>) -> Fault {
    let code = RequestError::known_code(&error.code);
    let verdict = match (status, code) {
        (Some(status), _) => verdict_of(status),
        (None, Some("overloaded" | "too_many_requests" | "model_unavailable" | "shutting_down")) => Verdict::Busy,
        (None, _) => Verdict::Refused,
    };
    let at = status.map_or("in the stream".into(), |status| format!("HTTP {}", status.as_u16()));
    Fault::new(verdict, format!("{at}: {}", code.unwrap_or("no known error")))
}

fn verdict_of(status: StatusCode) -> Verdict {
    match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => Verdict::Busy,
        StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => Verdict::Late,
        _ => Verdict::Refused,
    }
}

/// Unix time in milliseconds.
pub(crate) fn now_ms() -> u64 {
    // A clock before 1970 makes every request expired, which the miner then says.
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as u64)
}
