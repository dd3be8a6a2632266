//! One miner's answer on its way to a user. Until something is there to hand on, another miner can still be asked.
use super::{refusal::Refusal, Errand};
use crate::{ask::Incoming, work::Work, Fault};
use axum::{
    body::{Body, Bytes},
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use futures::stream;
use laurel_protocol::RECEIPT_HEADER;
use std::{convert::Infallible, sync::Arc};
use tokio::sync::{mpsc, OwnedSemaphorePermit};

/// An answer in one piece, if the miner gives one at which a glance finds nothing wrong.
pub(super) async fn whole(errand: Errand, work: &dyn Work) -> Option<Response> {
    let Errand { shared, miner, task } = &errand;
    let answer = match shared.asker.ask(miner.address, &errand.recipient(), task).await {
        Ok(answer) => answer,
        Err(fault) => {
            errand.report(Err(fault));
            return None;
        }
    };
    // If this validator cannot say, the user may have it.
    let is_wrong = matches!(work.glance(task, &answer).await, Ok(Err(_)));
    let response = (!is_wrong).then(|| {
        let json = [(CONTENT_TYPE.as_str(), "application/json".to_owned())];
        let receipt = answer.receipt.clone().map(|receipt| [(RECEIPT_HEADER, receipt)]);
        match receipt {
            Some(receipt) => (json, receipt, answer.body.clone()).into_response(),
            None => (json, answer.body.clone()).into_response(),
        }
    });
    errand.report(Ok(answer));
    response
}

/// A stream, once its first token is there. It then holds the place until its end.
pub(super) async fn streamed(errand: Errand, place: &mut Option<OwnedSemaphorePermit>) -> Option<Response> {
    let (incoming, first) = match begin(&errand).await {
        Ok(begun) => begun,
        Err(fault) => {
            errand.report(Err(fault));
            return None;
        }
    };
    // Bounded by the longest answer. A slow user must not make the miner look slow, so it is not waited for.
    let (pieces, from) = mpsc::unbounded_channel();
    let place = place.take().map(Arc::new);
    // Read on in a task of its own: a user who has what was asked for and goes must not keep the end from being judged.
    tokio::spawn(pass_on(errand, incoming, (first, pieces), place.clone()));
    let events = stream::unfold((from, place), |(mut from, place)| async move {
        let piece: Bytes = from.recv().await?;
        Some((Ok::<_, Infallible>(piece), (from, place)))
    });
    let headers = [(CONTENT_TYPE, "text/event-stream"), (CACHE_CONTROL, "no-cache")];
    Some((headers, Body::from_stream(events)).into_response())
}

/// Waits for the first token.
async fn begin(errand: &Errand) -> Result<(Incoming, Bytes), Fault> {
    let (asker, address) = (&errand.shared.asker, errand.miner.address);
    let mut incoming = asker.begin(address, &errand.recipient(), &errand.task).await?;
    let mut first = Vec::new();
    while !incoming.has_token() {
        match incoming.next().await? {
            Some(bytes) => first.extend_from_slice(&bytes),
            None => break,
        }
    }
    Ok((incoming, first.into()))
}

/// Hands on what comes until the end, or until the user goes.
async fn pass_on(
    errand: Errand,
    mut incoming: Incoming,
    (first, user): (Bytes, mpsc::UnboundedSender<Bytes>),
    _place: Option<Arc<OwnedSemaphorePermit>>,
) {
    // That the user is gone is seen below.
    let _ = user.send(first);
    loop {
        let next = tokio::select! {
            next = incoming.next() => next,
            // Hangs up; of half an answer nothing is said.
            () = user.closed(), if !incoming.is_done() => return,
        };
        match next {
            Ok(Some(bytes)) if bytes.is_empty() => {}
            Ok(Some(bytes)) => drop(user.send(bytes)),
            Ok(None) => break,
            Err(fault) => {
                let _ = user.send(Refusal::broke_off().event().into());
                errand.report(Err(fault));
                return;
            }
        }
    }
    errand.report(Ok(incoming.finish()));
}
