//! Server-sent events as they arrive, bounded, with a deadline.
use super::UpstreamError;
use bytes::{Buf, Bytes, BytesMut};
use futures::{stream::BoxStream, StreamExt};
use std::time::Duration;
use tokio::time::{timeout_at, Instant};

/// Longest line that is taken. A token with its text and likelihoods has some hundred bytes.
pub(super) const MAX_LINE: usize = 256 * 1024;

/// What was due when, for the message if it does not come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    at: Instant,
    within: Duration,
    awaited: &'static str,
}

impl Deadline {
    pub(super) fn new(awaited: &'static str, within: Duration) -> Self {
        Self {
            at: Instant::now() + within,
            within,
            awaited,
        }
    }

    /// What the future says, unless it takes too long.
    pub(super) async fn hold<T>(self, future: impl std::future::Future<Output = T>) -> Result<T, UpstreamError> {
        timeout_at(self.at, future).await.map_err(|_| UpstreamError::Stalled {
            awaited: self.awaited,
            within: self.within,
        })
    }
}

/// The events of one answer. Dropping them closes the connection.
pub(super) struct Events {
    bytes: BoxStream<'static, reqwest::Result<Bytes>>,
    buffer: BytesMut,
}

impl Events {
    pub(super) fn new(response: reqwest::Response) -> Self {
        Self {
            bytes: response.bytes_stream().boxed(),
            buffer: BytesMut::new(),
        }
    }

    /// The data of the next event; none at `[DONE]` and at the end. Comments and other fields are passed over.
    pub(super) async fn next(&mut self, deadline: Deadline) -> Result<Option<String>, UpstreamError> {
        loop {
            while let Some(line) = self.line()? {
                match line.strip_prefix("data:").map(str::trim) {
                    Some("[DONE]") => return Ok(None),
                    Some(data) if !data.is_empty() => return Ok(Some(data.to_owned())),
                    _ => {}
                }
            }
            match deadline.hold(self.bytes.next()).await? {
                Some(Ok(more)) => self.buffer.extend_from_slice(&more),
                Some(Err(error)) => return Err(UpstreamError::BrokeOff { why: error.to_string() }),
                None => return Ok(None),
            }
        }
    }

    /// The next whole line that is there, without its end.
    fn line(&mut self) -> Result<Option<String>, UpstreamError> {
        let end = self.buffer.iter().position(|byte| *byte == b'\n');
        if end.unwrap_or(self.buffer.len()) > MAX_LINE {
            return Err(UpstreamError::TooLong { limit: MAX_LINE });
        }
        let Some(end) = end else { return Ok(None) };
        let line = self.buffer.split_to(end);
        self.buffer.advance(1);
        let line = std::str::from_utf8(&line).map_err(|_| UpstreamError::Malformed {
            why: "a line is not UTF-8".into(),
        })?;
        Ok(Some(line.trim_end_matches('\r').to_owned()))
    }
}
