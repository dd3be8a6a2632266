//! Who answers first: one miner, another one if it fails, and another one beside it if it is slow.
//!
//! Slow is who shows nothing within the time that 19 of 20 answers of the model's miners need, or, where too few were measured, within half
//! of what a miner may take. A request is sent twice at most once, and only one in 20 are. Whoever shows something first is handed on; the
//! other one is hung up on, and the validator says nothing about it. But a slow one that was overtaken is left alone for a while, as if it
//! had failed.
use super::{
    metrics,
    passing::{Begun, Errand},
    Shared,
};
use crate::{
    asking::{Directory, LiveMiner},
    work::{Task, Work},
};
use futures::{stream::FuturesUnordered, StreamExt};
use laurel_types::ModelRoot;
use std::{sync::Arc, time::Duration};
use tokio::time::{sleep, Instant};

/// Miners that are tried for one request.
const TRIES: usize = 3;
/// Shorter is nobody slow: what a busy machine's clock may miss.
const LEAST: Duration = Duration::from_millis(100);
/// What each token that may be written, or text to be embedded, adds to what a whole answer may take.
const EACH: Duration = Duration::from_millis(100);

/// How long is waited before another miner is asked too.
pub(super) fn patience(directory: &Directory, model: ModelRoot, task: &Task, deadline: Duration) -> Duration {
    let tail = directory.tails.get(&model).copied().unwrap_or_default();
    let (tail, longest) = match task.is_streamed {
        true => (tail.first_us, deadline / 2),
        false => (tail.whole_us, (deadline + EACH * task.size) / 2),
    };
    tail.map_or(longest, Duration::from_micros)
        .clamp(LEAST.min(longest), longest)
}

/// The first answer of which there is something to hand on; how many were asked in vain if there is none.
pub(super) async fn run(
    shared: &Arc<Shared>,
    work: &Arc<dyn Work>,
    task: &Task,
    order: Vec<LiveMiner>,
    patience: Duration,
) -> Result<Begun, usize> {
    let start = |miner, is_second| {
        let errand = Errand::new(shared, miner, task.clone());
        async move { (is_second, errand.begin(&**work).await) }
    };
    let mut waiting = order.into_iter().take(TRIES).peekable();
    let mut running = FuturesUnordered::new();
    let Some(mut first) = waiting.next() else { return Err(0) };
    running.push(start(first, false));
    let mut tried = 1;
    let slow = sleep(patience);
    tokio::pin!(slow);
    let (mut may_hedge, mut is_hedged) = (true, false);
    while !running.is_empty() {
        tokio::select! {
            Some((is_second, begun)) = running.next() => {
                if let Some(begun) = begun {
                    if is_hedged {
                        metrics::hedge(if is_second { "won" } else { "lost" });
                    }
                    if is_second && !running.is_empty() {
                        shared.traffic.overtaken(first.subject.registration);
                    }
                    return Ok(begun);
                }
                if let (true, Some(miner)) = (running.is_empty(), waiting.next()) {
                    metrics::retry();
                    first = miner;
                    running.push(start(first, false));
                    tried += 1;
                    slow.as_mut().reset(Instant::now() + patience);
                }
            }
            () = &mut slow, if may_hedge => {
                may_hedge = false;
                if waiting.peek().is_none() {
                    continue;
                }
                is_hedged = shared.traffic.may_hedge();
                if !is_hedged {
                    metrics::hedge("denied");
                    continue;
                }
                running.extend(waiting.next().map(|miner| start(miner, true)));
                tried += 1;
            }
        }
    }
    Err(tried)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pace::Tail;
    use std::collections::HashMap;

    #[test]
    fn slow_is_what_nineteen_of_twenty_are_not_within_bounds() {
        let deadline = Duration::from_secs(8);
        let of = |tail: Option<Tail>, is_streamed| {
            let model = ModelRoot([1; 32]);
            let tails: HashMap<_, _> = tail.map(|tail| (model, tail)).into_iter().collect();
            let directory = Directory {
                tails,
                ..Directory::default()
            };
            let task = Task {
                path: "/v1/completions",
                body: Vec::new(),
                is_streamed,
                size: 40,
                prompt_tokens: 1,
                wants_proof: false,
                summary: String::new(),
            };
            patience(&directory, model, &task, deadline)
        };
        let tail = |us| {
            Some(Tail {
                first_us: Some(us),
                whole_us: Some(us * 2),
            })
        };
        assert_eq!(of(tail(700_000), true), Duration::from_millis(700));
        assert_eq!(of(tail(700_000), false), Duration::from_millis(1_400));
        assert_eq!(of(tail(5), true), LEAST);
        assert_eq!(of(tail(u64::MAX / 4), true), Duration::from_secs(4));
        assert_eq!(of(None, true), Duration::from_secs(4));
        assert_eq!(of(None, false), Duration::from_secs(6));
    }
}
