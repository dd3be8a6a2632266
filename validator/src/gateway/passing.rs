//! One miner's answer on its way to a user. Until something is there to hand on, another miner can still be asked.
use super::{accounts::Admission, metrics, refusal::Refusal, traffic::Underway, Shared};
use crate::{
    ask::{now_ms, Incoming},
    asking::LiveMiner,
    checking::Asked,
    evidence::Origin,
    work::{Amount, Answer, Task, Work},
    Fault,
};
use axum::{
    body::{Body, Bytes},
    http::{
        header::{CACHE_CONTROL, CONTENT_TYPE},
        HeaderValue,
    },
    response::{IntoResponse, Response},
};
use futures::stream;
use laurel_protocol::{AnswerReceipt, Envelope, Hotkey, Recipient, SignedReceipt, ANSWER_RECEIPT_HEADER};
use serde_json::json;
use std::{io, sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, OwnedSemaphorePermit},
    time::Instant,
};

/// How long after a miner's last moment a user may take to read what is there.
const READING: Duration = Duration::from_secs(60);

/// A user's request on its way to one miner.
pub(super) struct Errand {
    shared: Arc<Shared>,
    miner: LiveMiner,
    task: Task,
    underway: Underway,
}

/// An answer of which there is something to hand on.
pub(super) enum Begun {
    /// All of it, and how much it is, if this validator can say.
    Whole(Errand, Box<Answer>, Option<Amount>),
    /// A stream, and what of it came until its first token.
    Stream(Errand, Box<Incoming>, Bytes),
}

/// What goes with an answer to the user.
pub(super) struct Delivery {
    pub(super) work: Arc<dyn Work>,
    pub(super) admission: Admission,
    /// One of the requests that are served at one time.
    pub(super) place: OwnedSemaphorePermit,
    /// Whether a stream's receipt is to come before `[DONE]` too.
    pub(super) wants_receipt: bool,
    /// When the request came.
    pub(super) begun: Instant,
}

impl Errand {
    pub(super) fn new(shared: &Arc<Shared>, miner: LiveMiner, task: Task) -> Self {
        Self {
            underway: shared.traffic.send(&miner.subject),
            shared: shared.clone(),
            miner,
            task,
        }
    }

    fn recipient(&self) -> Recipient {
        Recipient {
            genesis: self.shared.genesis,
            netuid: self.miner.subject.netuid,
            hotkey: Hotkey(self.miner.subject.hotkey),
        }
    }

    /// Hands what came back to the validator. If too much waits there, nothing is said about the miner.
    fn report(mut self, answer: Result<Answer, Fault>, is_good: bool) {
        self.underway.ended(is_good);
        if let Err(fault) = &answer {
            tracing::debug!(uid = %self.miner.subject.uid, verdict = %fault.verdict, "a miner failed a user");
        }
        let asked = Asked {
            subject: self.miner.subject,
            origin: Origin::User,
            task: self.task,
            answer,
        };
        if self.shared.back.try_send(asked).is_err() {
            crate::metrics::crowded();
        }
    }

    /// Asks, until there is something to hand on: an answer at which a glance finds nothing wrong, or a stream's first token. If the miner
    /// fails before, that is reported; if this is dropped before, the miner is hung up on and nothing is said.
    pub(super) async fn begin(self, work: &dyn Work) -> Option<Begun> {
        let begun = if self.task.is_streamed {
            self.first_token().await.map(Ok)
        } else {
            let (asker, address) = (&self.shared.asker, self.miner.address);
            asker.ask(address, &self.recipient(), &self.task).await.map(Err)
        };
        match begun {
            Err(fault) => {
                self.report(Err(fault), false);
                None
            }
            Ok(Ok((incoming, first))) => Some(Begun::Stream(self, Box::new(incoming), first)),
            Ok(Err(answer)) => match work.glance(&self.task, &answer).await {
                Ok(Err(_)) => {
                    self.report(Ok(answer), false);
                    None
                }
                // If this validator cannot say, the user may have it.
                glanced => Some(Begun::Whole(self, Box::new(answer), glanced.ok().and_then(Result::ok))),
            },
        }
    }

    async fn first_token(&self) -> Result<(Incoming, Bytes), Fault> {
        let (asker, address) = (&self.shared.asker, self.miner.address);
        let mut incoming = asker.begin(address, &self.recipient(), &self.task).await?;
        let mut first = Vec::new();
        while !incoming.has_token() {
            match incoming.next().await? {
                Some(bytes) => first.extend_from_slice(&bytes),
                None => break,
            }
        }
        Ok((incoming, first.into()))
    }
}

impl Begun {
    /// Gives it to the user.
    pub(super) fn deliver(self, delivery: Delivery) -> Response {
        metrics::first(delivery.begun.elapsed());
        let headers = delivery.admission.headers();
        let mut response = match self {
            Self::Whole(errand, answer, amount) => whole(errand, *answer, amount, delivery),
            Self::Stream(errand, incoming, first) => streamed(errand, *incoming, first, delivery),
        };
        response.headers_mut().extend(headers);
        response
    }
}

fn whole(errand: Errand, answer: Answer, amount: Option<Amount>, delivery: Delivery) -> Response {
    settle(delivery.admission, amount.unwrap_or_else(|| claimed(&answer)));
    let mut response = ([(CONTENT_TYPE, "application/json")], answer.body.clone()).into_response();
    // Digits are a valid value.
    if let Some(Ok(receipt)) = receipt(&answer).map(HeaderValue::try_from) {
        response.headers_mut().insert(ANSWER_RECEIPT_HEADER, receipt);
    }
    errand.report(Ok(answer), true);
    response
}

fn settle(admission: Admission, amount: Amount) {
    metrics::tokens(amount);
    admission.settle(amount);
}

/// By which a user can check the answer.
fn receipt(answer: &Answer) -> Option<String> {
    let signed = SignedReceipt::from_text(answer.receipt.as_deref()?).ok()?;
    let envelope = answer.envelope.clone();
    Some(AnswerReceipt { envelope, signed }.to_text())
}

/// What the miner says that it read and wrote, where this validator cannot say.
fn claimed(answer: &Answer) -> Amount {
    let signed = answer
        .receipt
        .as_deref()
        .and_then(|text| SignedReceipt::from_text(text).ok());
    signed.map_or(Amount::default(), |signed| Amount {
        prompt_tokens: signed.receipt.prompt_tokens,
        completion_tokens: signed.receipt.completion_tokens,
    })
}

/// Holds its place until the user has read it or gone.
fn streamed(errand: Errand, incoming: Incoming, first: Bytes, delivery: Delivery) -> Response {
    // Bounded by the longest answer. A slow user must not make the miner look slow, so it is not waited for.
    let (pieces, from) = mpsc::unbounded_channel();
    let by = Instant::now() + incoming.deadline() + READING;
    let Delivery {
        work,
        admission,
        place,
        wants_receipt,
        ..
    } = delivery;
    // Read on in a task of its own: a user who has what was asked for and goes must not keep the end from being judged.
    let passage = Passage {
        errand,
        work,
        admission,
        wants_receipt,
        user: pieces,
    };
    tokio::spawn(passage.pass_on(incoming, first));
    let events = stream::unfold((from, place), move |(mut from, place)| async move {
        let piece: Bytes = from.recv().await?;
        let piece = match Instant::now() < by {
            true => Ok(piece),
            false => Err(io::Error::from(io::ErrorKind::TimedOut)),
        };
        Some((piece, (from, place)))
    });
    let headers = [(CONTENT_TYPE, "text/event-stream"), (CACHE_CONTROL, "no-cache")];
    (headers, Body::from_stream(events)).into_response()
}

/// A stream between a miner and a user.
struct Passage {
    errand: Errand,
    work: Arc<dyn Work>,
    admission: Admission,
    wants_receipt: bool,
    user: mpsc::UnboundedSender<Bytes>,
}

impl Passage {
    /// Hands on what comes until the end, or until the user goes.
    async fn pass_on(self, mut incoming: Incoming, first: Bytes) {
        // That the user is gone is seen below.
        let _ = self.user.send(first);
        loop {
            let next = tokio::select! {
                next = incoming.next() => next,
                // Hangs up; of half an answer nothing is said, but it was read.
                () = self.user.closed(), if !incoming.is_done() => {
                    let read = Amount {
                        prompt_tokens: self.errand.task.prompt_tokens,
                        completion_tokens: incoming.tokens(),
                    };
                    return settle(self.admission, read);
                }
            };
            match next {
                Ok(Some(bytes)) if bytes.is_empty() => {}
                Ok(Some(bytes)) => drop(self.user.send(bytes)),
                Ok(None) => break,
                Err(fault) => {
                    let _ = self.user.send(Refusal::broke_off().event().into());
                    self.errand.report(Err(fault), false);
                    return;
                }
            }
        }
        self.end(incoming.finish()).await;
    }

    /// `[DONE]` only behind an answer that holds, as far as a glance shows.
    async fn end(self, answer: Answer) {
        let glanced = self.work.glance(&self.errand.task, &answer).await;
        let is_good = !matches!(glanced, Ok(Err(_)));
        if is_good {
            let amount = glanced.ok().and_then(Result::ok);
            let _ = self.user.send(ending(&answer, self.wants_receipt).into());
            settle(self.admission, amount.unwrap_or_else(|| claimed(&answer)));
        } else {
            let _ = self.user.send(Refusal::does_not_hold().event().into());
        }
        self.errand.report(Ok(answer), is_good);
    }
}

/// `[DONE]`, and the receipt: behind it, where clients of the API no longer read, and if it is wanted also in a chunk before.
fn ending(answer: &Answer, wants_receipt: bool) -> String {
    let Some(receipt) = receipt(answer) else {
        return "data: [DONE]\n\n".into();
    };
    let chunk = if wants_receipt {
        receipt_chunk(answer, &receipt)
    } else {
        String::new()
    };
    format!("{chunk}data: [DONE]\n\nevent: {ANSWER_RECEIPT_HEADER}\ndata: {receipt}\n\n")
}

/// A chunk without choices, as the one that has the usage is.
fn receipt_chunk(answer: &Answer, receipt: &str) -> String {
    let Envelope { path, .. } = &answer.envelope;
    let (prefix, object) = match path.as_str() {
        "/v1/chat/completions" => ("chatcmpl", "chat.completion.chunk"),
        _ => ("cmpl", "text_completion"),
    };
    let id = format!("{prefix}-{}", hex::encode(answer.envelope.request_hash()));
    let chunk = json!({
        "id": id, "object": object, "created": now_ms() / 1_000, "model": "", "choices": [], "laurel_receipt": receipt,
    });
    format!("data: {chunk}\n\n")
}
