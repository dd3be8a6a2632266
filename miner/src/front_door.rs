//! Where strangers stop.
use crate::{start::Identity, Limits, Membership};
use axum::{
    body::{Body, BodyDataStream},
    extract::Request,
    http::{header, HeaderMap},
};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use laurel_protocol::{
    Admitted, Expected, ReplayGuard, ReplayLimits, RequestError, SignedRequest, Target, VerifiedHead,
};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::{sync::watch, time::timeout};

/// How long the body may take after the headers.
const BODY_DEADLINE: Duration = Duration::from_secs(10);
/// What is read and thrown away of a refused body, so that the sender gets to read the answer.
const DRAIN: (usize, Duration) = (8 * 1024 * 1024, Duration::from_secs(1));

/// A request that was let in.
#[derive(Debug)]
pub struct Visitor {
    /// The request.
    pub request: Admitted,
    /// Unix time in milliseconds at which its headers were there.
    pub received_ms: u64,
}

/// Lets in requests that are signed by a hotkey that may ask, for this miner, in time, unaltered, for the first time.
#[derive(Debug)]
pub struct FrontDoor {
    identity: Identity,
    limits: Limits,
    membership: watch::Receiver<Membership>,
    replays: ReplayGuard,
}

/// Unix time in milliseconds.
pub(crate) fn now_ms() -> u64 {
    // A clock before 1970 or far beyond our time makes every request expired or not yet valid.
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

impl FrontDoor {
    /// A door that has seen nobody yet.
    pub fn new(identity: Identity, limits: Limits, membership: watch::Receiver<Membership>) -> Self {
        Self {
            identity,
            limits,
            membership,
            replays: ReplayGuard::new(ReplayLimits::default()),
        }
    }

    /// Checks a request. Nothing is read of the body before the signature over the headers is known to be good, and
    /// nothing is parsed of it before it is known to be the one that was signed.
    pub async fn admit(&self, request: Request) -> Result<Visitor, RequestError> {
        let received_ms = now_ms();
        let (parts, body) = request.into_parts();
        let path = parts
            .uri
            .path_and_query()
            .map_or(parts.uri.path(), |path| path.as_str());
        let target = Target {
            method: parts.method.as_str(),
            path,
        };
        let head = self.check_size(&parts.headers).and_then(|()| {
            let head = SignedRequest::verify_head(&parts.headers, target, &self.expected(received_ms))?;
            self.check_sender(head)
        });
        let head = match head {
            Ok(head) => head,
            Err(error) => {
                drain(body.into_data_stream()).await;
                return Err(error);
            }
        };
        let body = self.read(body).await?;
        let request = self.replays.admit(head.with_body(body)?, now_ms())?;
        Ok(Visitor { request, received_ms })
    }

    fn expected(&self, now_ms: u64) -> Expected {
        Expected {
            genesis: self.identity.genesis,
            netuid: self.identity.netuid,
            receiver: self.identity.hotkey,
            now_ms,
            max_lifetime_ms: u64::from(self.limits.max_lifetime) * 1_000,
        }
    }

    fn check_size(&self, headers: &HeaderMap) -> Result<(), RequestError> {
        let declared = headers
            .get(header::CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        match declared {
            Some(length) if length > self.limits.max_body as u64 => Err(RequestError::BodyTooLarge {
                limit: self.limits.max_body,
            }),
            _ => Ok(()),
        }
    }

    fn check_sender(&self, head: VerifiedHead) -> Result<VerifiedHead, RequestError> {
        let sender = head.sender();
        if !self.membership.borrow().permits(&sender) {
            return Err(RequestError::NotPermitted {
                sender,
                netuid: self.identity.netuid,
            });
        }
        Ok(head)
    }

    async fn read(&self, body: Body) -> Result<Bytes, RequestError> {
        let limit = self.limits.max_body;
        let mut chunks = body.into_data_stream();
        let mut read = BytesMut::new();
        let reading = async {
            while let Some(chunk) = chunks.next().await {
                let chunk = chunk.map_err(|_| RequestError::BodyUnreadable)?;
                if read.len() + chunk.len() > limit {
                    return Err(RequestError::BodyTooLarge { limit });
                }
                read.extend_from_slice(&chunk);
            }
            Ok(())
        };
        let done = timeout(BODY_DEADLINE, reading)
            .await
            .unwrap_or(Err(RequestError::BodyTimeout));
        match done {
            Ok(()) => Ok(read.freeze()),
            Err(error) => {
                drain(chunks).await;
                Err(error)
            }
        }
    }
}

/// Closing a connection on which the sender still writes would destroy the answer on its way to it.
async fn drain(mut chunks: BodyDataStream) {
    let (most, patience) = DRAIN;
    let mut left = most;
    let reading = async {
        while let Some(Ok(chunk)) = chunks.next().await {
            left = left.saturating_sub(chunk.len());
            if left == 0 {
                break;
            }
        }
    };
    // Out of patience is as good an end as any: the answer goes out either way.
    let _ = timeout(patience, reading).await;
}
