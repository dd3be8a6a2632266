//! The thread that owns a text model and its cache.
//!
//! It goes in steps. In each, every text that is being written gets its next token, and texts that are being read (prompts,
//! and answers to be checked) share a bounded number of tokens, in rotation: so a long prompt holds nobody up. Texts join and
//! leave between steps. What a text's numbers are does not depend on what else is in a step, nor on where it was cut.
use super::sequence::{Job, Judged, Sequence};
use crate::blocks::Blocks;
use crate::decoder::{Cache, Decoder, Segment};
use crate::queue::Jobs;
use crate::{EngineError, TextTokenizer};
use candle_core::Tensor;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

/// Memory for logits: so many rows of them as fit are computed at once, so that a long check takes no more.
const LOGIT_BYTES: usize = 16 << 20;

/// Bounds of a step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Most texts at once.
    pub(super) batch: usize,
    /// Most tokens of prompts and checks in a step.
    pub(super) prefill: usize,
}

pub(super) struct Worker {
    pub(super) model: Decoder,
    pub(super) tokenizer: Arc<TextTokenizer>,
    pub(super) cache: Cache,
    pub(super) blocks: Blocks,
    pub(super) pace: Pace,
    pub(super) generated: Arc<AtomicU64>,
}

/// A sequence's part of a step: which, and how many of its tokens.
struct Share {
    sequence: usize,
    tokens: usize,
}

impl Worker {
    pub(super) fn run(mut self, jobs: Jobs<Job>) {
        let tokenizer = self.tokenizer.clone();
        let mut running: Vec<Sequence> = Vec::new();
        let mut turn = 0;
        while !jobs.closed() {
            if running.is_empty() && !jobs.wait() {
                break;
            }
            self.admit(&jobs, &mut running, &tokenizer);
            self.dismiss(&mut running, |sequence| sequence.is_abandoned().then_some(None));
            if running.is_empty() {
                continue;
            }
            let shares = self.shares(&running, turn);
            turn += 1;
            if let Err(error) = self.step(&mut running, &shares) {
                // No one text is to blame for it; each hears of it.
                let reason = error.to_string();
                tracing::error!(%reason, "a step failed");
                self.dismiss(&mut running, |_| Some(Some(EngineError::Compute(reason.clone()))));
            }
        }
        self.dismiss(&mut running, |_| Some(Some(EngineError::Stopped)));
    }

    fn admit<'a>(&mut self, jobs: &Jobs<Job>, running: &mut Vec<Sequence<'a>>, tokenizer: &'a TextTokenizer) {
        while running.len() < self.pace.batch {
            let begun = jobs.choose(|waiting| {
                let job = next_of(waiting, running)?;
                let (tokens, positions) = job.extent();
                match self.blocks.admit(&tokens, job.silent(), positions) {
                    Some(place) => Some((job, tokens, place)),
                    // It stays the next; if others slipped past, a long text might wait for ever.
                    None => {
                        waiting.push_front(job);
                        None
                    }
                }
            });
            let Some((job, tokens, place)) = begun else { return };
            match Sequence::new(job, tokens, place, tokenizer) {
                Ok(sequence) => running.push(sequence),
                Err(error) => tracing::error!(%error, "a request that was accepted cannot be begun"),
            }
        }
    }

    /// Ends the sequences for which `verdict` says so, with an error or without.
    fn dismiss(
        &mut self,
        running: &mut Vec<Sequence>,
        mut verdict: impl FnMut(&Sequence) -> Option<Option<EngineError>>,
    ) {
        let mut index = 0;
        while index < running.len() {
            match verdict(&running[index]) {
                Some(failure) => self.blocks.release(running.remove(index).end(failure)),
                None => index += 1,
            }
        }
    }

    /// Who has how many tokens in the next step. Who has one ahead always gets it; the others have turns.
    fn shares(&self, running: &[Sequence], turn: usize) -> Vec<Share> {
        let mut room = self.pace.prefill;
        let mut shares = Vec::with_capacity(running.len());
        for offset in 0..running.len() {
            let sequence = (turn + offset) % running.len();
            let tokens = match running[sequence].ahead() {
                1 => 1,
                ahead => {
                    let share = ahead.min(room);
                    room -= share;
                    share
                }
            };
            if tokens > 0 {
                shares.push(Share { sequence, tokens });
            }
        }
        shares
    }

    fn step(&mut self, running: &mut Vec<Sequence>, shares: &[Share]) -> Result<(), EngineError> {
        let segments: Vec<Segment> = shares
            .iter()
            .map(|share| {
                let sequence = &running[share.sequence];
                Segment {
                    tokens: &sequence.tokens[sequence.seen..sequence.seen + share.tokens],
                    start: sequence.seen,
                    blocks: sequence.table.numbers(),
                    wanted: sequence.first_wanted(share.tokens),
                }
            })
            .collect();
        let states = self.model.read(&self.cache, &segments)?;
        let wanted: Vec<(usize, usize)> = shares
            .iter()
            .zip(&segments)
            .flat_map(|(share, segment)| {
                (segment.wanted..segment.tokens.len()).map(|row| (share.sequence, segment.start + row))
            })
            .collect();
        for share in shares {
            let sequence = &mut running[share.sequence];
            sequence.seen += share.tokens;
            self.blocks
                .filled(&mut sequence.table, &sequence.tokens[..sequence.seen]);
        }
        match states {
            Some(states) => self.judge(running, &wanted, &states),
            None => Ok(()),
        }
    }

    /// Takes what follows from states, each of a sequence at a position. A sequence whose logits are no numbers fails alone.
    fn judge(
        &mut self,
        running: &mut Vec<Sequence>,
        wanted: &[(usize, usize)],
        states: &Tensor,
    ) -> Result<(), EngineError> {
        let vocabulary = self.model.architecture().vocab_size;
        let observed = wanted.iter().any(|(sequence, _)| running[*sequence].wants_states());
        let observed: Option<Vec<Vec<f32>>> = observed.then(|| states.to_vec2()).transpose()?;
        let rows = (LOGIT_BYTES / (4 * vocabulary)).clamp(8, 256);
        let mut ended: Vec<Option<Option<EngineError>>> = running.iter().map(|_| None).collect();
        for (chunk, wanted) in wanted.chunks(rows).enumerate() {
            let first = chunk * rows;
            let logits = self.model.logits(&states.narrow(0, first, wanted.len())?)?;
            let rows = wanted.iter().zip(logits.chunks_exact(vocabulary));
            for (row, ((sequence, position), logits)) in rows.enumerate() {
                if ended[*sequence].is_some() {
                    continue;
                }
                let state = observed.as_ref().map(|states| states[first + row].as_slice());
                match self.go_on(&mut running[*sequence], *position, logits, state) {
                    Ok(false) => (),
                    Ok(true) => ended[*sequence] = Some(None),
                    Err(error) => ended[*sequence] = Some(Some(error)),
                }
            }
        }
        let mut ended = ended.into_iter();
        self.dismiss(running, |_| ended.next().flatten());
        Ok(())
    }

    /// Takes what follows from the token at `position`; answers whether the sequence is done.
    fn go_on(
        &self,
        sequence: &mut Sequence,
        position: usize,
        logits: &[f32],
        state: Option<&[f32]>,
    ) -> Result<bool, EngineError> {
        if let Some(state) = state {
            sequence.observe(state)?;
        }
        let judged = sequence.judge(position, logits)?;
        if matches!(judged, Judged::Picked(_)) {
            self.generated.fetch_add(1, Ordering::Relaxed);
        }
        sequence.accept(judged)
    }
}

/// The job to begin next: of the caller with the fewest running, the oldest. Abandoned jobs are dropped.
fn next_of(waiting: &mut VecDeque<Job>, running: &[Sequence]) -> Option<Job> {
    waiting.retain(|job| !job.is_abandoned());
    let load = |job: &Job| {
        let of_caller = running.iter().filter(|sequence| sequence.caller() == job.caller());
        of_caller.count()
    };
    let index = (0..waiting.len()).min_by_key(|index| load(&waiting[*index]))?;
    waiting.remove(index)
}
