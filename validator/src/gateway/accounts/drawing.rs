//! Keeping up with the chain: deposits, stake, and drawing what is owed, once.
//!
//! A draw is signed, written down, and only then sent. The chain takes the same signed bytes once at most, and only for some blocks. So
//! whenever the gateway dies, it finds after its restart what became of the draw by looking for those bytes in the finalized blocks: there,
//! what was drawn is no longer owed; not there while they can still come, they are sent again; not there and too late for them, all is owed
//! still and is drawn anew. There is never more than one draw under way.
//!
//! A gateway that was away for so long that its node has forgotten what the block did takes the draw for done: nobody pays twice.
use super::{
    ledger::{DrawItem, EndedDraw, Found, Ledger, LedgerError, Outcome},
    metrics, Kept, UnixMs,
};
use crate::store::StoreError;
use futures::{stream, StreamExt, TryStreamExt};
use laurel_chain::{AccountId, Block};
use laurel_types::{Balance, BlockNumber};
use std::{future::Future, sync::Arc};
use tokio_util::sync::CancellationToken;

/// How often stakes are looked at.
const SHARE_MS: u64 = 10_000;
/// Reads under way at one time.
const READS: usize = 16;
/// What a node that keeps as much as it does by itself still has, in blocks.
const KEPT: BlockNumber = 256;

/// When what is owed is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrawPolicy {
    /// After so many blocks …
    pub every: BlockNumber,
    /// … or as soon as this much can be drawn, in leaves.
    pub above: Balance,
}

/// A step that could not be taken; the next block brings another try.
#[derive(Debug, thiserror::Error)]
enum Stopped {
    #[error("{0}")]
    Ledger(#[from] LedgerError),
    #[error("{0}")]
    Store(#[from] StoreError),
}

/// Follows the chain.
pub(super) struct Keeper {
    kept: Arc<Kept>,
    /// The last block in which the draw under way was looked for.
    looked_at: BlockNumber,
    /// When the last draw was sent, or the gateway started.
    drawn_at: Option<BlockNumber>,
    /// No draw before this block, because the last one failed.
    not_before: BlockNumber,
    shared_at: Option<UnixMs>,
    is_behind: bool,
}

impl Keeper {
    pub(super) fn new(kept: Arc<Kept>) -> Self {
        Self {
            kept,
            looked_at: 0,
            drawn_at: None,
            not_before: 0,
            shared_at: None,
            is_behind: false,
        }
    }

    /// Follows until the end.
    pub(super) async fn run(mut self, shutdown: CancellationToken) {
        let mut blocks = self.kept.ledger.blocks();
        loop {
            let block = tokio::select! {
                () = shutdown.cancelled() => return,
                block = blocks.next() => block,
            };
            let Some(block) = block else { return };
            // What is cut short is taken up again after the restart, whatever it was.
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = self.keep_up(block) => {}
            }
        }
    }

    /// Takes all steps for a finalized block, or as many as can be taken.
    pub(super) async fn keep_up(&mut self, block: Block) {
        match self.on_block(block).await {
            Ok(()) => self.is_behind = false,
            // Said once, not with each block.
            Err(error) if self.is_behind => tracing::debug!(block = block.number, %error, "accounts are still behind"),
            Err(error) => {
                self.is_behind = true;
                tracing::warn!(block = block.number, %error, "accounts cannot keep up with the chain, trying again with the next block");
            }
        }
    }

    async fn on_block(&mut self, block: Block) -> Result<(), Stopped> {
        self.drawn_at.get_or_insert(block.number);
        let ended = self.look_for_draw(block).await?;
        let now = self.kept.clock.now();
        let watched = self.kept.book().watched(now)?;
        let deposits = self
            .read_all(
                watched,
                |ledger, payer| async move { ledger.deposit(payer, block).await },
            )
            .await?;
        self.kept.book().advance((block, now), ended.as_ref(), &deposits)?;
        if let Some(ended) = &ended {
            self.looked_at = 0;
            say(ended);
        }
        self.share(block).await?;
        self.draw(block).await?;
        metrics::owed(self.kept.book().owed());
        Ok(())
    }

    /// Reads something of many accounts; all of it or nothing.
    async fn read_all<T, F>(
        &self,
        accounts: Vec<AccountId>,
        read: impl Fn(Arc<dyn Ledger>, AccountId) -> F,
    ) -> Result<Vec<(AccountId, T)>, LedgerError>
    where
        F: Future<Output = Result<T, LedgerError>>,
    {
        let reads = accounts.into_iter().map(|account| {
            let reading = read(self.kept.ledger.clone(), account);
            async move { Ok((account, reading.await?)) }
        });
        stream::iter(reads).buffer_unordered(READS).try_collect().await
    }

    /// What became of the draw under way, if that is known by now.
    async fn look_for_draw(&mut self, block: Block) -> Result<Option<EndedDraw>, Stopped> {
        let Some(draw) = self.kept.records.draw_under_way()? else {
            return Ok(None);
        };
        let ledger = &self.kept.ledger;
        let ended = |outcome, block| {
            let id = draw.id;
            Ok(Some(EndedDraw { id, outcome, block }))
        };
        let first = self.looked_at.max(draw.signed.after).saturating_add(1);
        for number in first..=block.number.min(draw.signed.until) {
            let at = match number == block.number {
                true => block,
                false => ledger.block(number).await?,
            };
            match ledger.find(&draw.signed, at).await? {
                Found::Nothing => self.looked_at = number,
                Found::Drawn(items) => return ended(Outcome::Drawn(items), number),
                Found::Failed(reason) => {
                    self.not_before = block.number.saturating_add(self.kept.terms.draw.every);
                    return ended(Outcome::Failed(reason), number);
                }
                Found::Unreadable if block.number.saturating_sub(number) < KEPT => {
                    return Err(LedgerError(format!("the node does not say what its block {number} did")).into());
                }
                Found::Unreadable => {
                    tracing::warn!(
                        block = number,
                        "the node no longer knows whether a draw succeeded: it counts as done, so that nobody pays twice"
                    );
                    return ended(Outcome::Drawn(self.kept.records.asked_of(draw.id)?), number);
                }
            }
        }
        if block.number >= draw.signed.until {
            return ended(Outcome::Late, block.number);
        }
        // It may have been lost on the way, or with a node; sent twice it is taken once.
        if let Err(error) = ledger.send(&draw.signed).await {
            tracing::debug!(%error, "cannot send a draw again");
        }
        Ok(None)
    }

    /// Lets free tokens flow by the parts of the stake as they are now.
    async fn share(&mut self, block: Block) -> Result<(), Stopped> {
        let per_day = self.kept.terms.free_per_day;
        let now = self.kept.clock.now();
        let is_due = self
            .shared_at
            .is_none_or(|then| now.0.saturating_sub(then.0) >= SHARE_MS);
        if per_day == 0 || !is_due {
            return Ok(());
        }
        let coldkeys = self.kept.records.coldkeys_with_keys()?;
        let all = self.kept.ledger.all_stake(block).await?;
        let stakes = self
            .read_all(
                coldkeys,
                |ledger, coldkey| async move { ledger.stake(coldkey, block).await },
            )
            .await?;
        let quotas: Vec<_> = stakes
            .into_iter()
            .map(|(coldkey, stake)| (coldkey, part_of(per_day, stake, all)))
            .collect();
        self.kept.book().share(&quotas, now)?;
        self.shared_at = Some(now);
        Ok(())
    }

    /// Draws what is owed, if it is time.
    async fn draw(&mut self, block: Block) -> Result<(), Stopped> {
        let kept = &self.kept;
        if kept.records.draw_under_way()?.is_some() || block.number < self.not_before {
            return Ok(());
        }
        let (mut items, somebody_leaves) = kept.book().to_draw();
        let DrawPolicy { every, above } = kept.terms.draw;
        let is_time = self
            .drawn_at
            .is_some_and(|then| block.number.saturating_sub(then) >= every);
        if items.is_empty() || !(is_time || somebody_leaves || sum(&items) >= above) {
            return Ok(());
        }
        items.truncate(kept.ledger.max_items());
        let signed = kept.ledger.sign(&items).await?;
        kept.records.begin_draw(&items, &signed)?;
        self.looked_at = 0;
        self.drawn_at = Some(block.number);
        tracing::info!(
            block = block.number,
            payers = items.len(),
            leaves = sum(&items),
            "drawing what is owed"
        );
        Ok(kept.ledger.send(&signed).await?)
    }
}

/// Tells the operator what became of a draw, once that is written down.
fn say(ended: &EndedDraw) {
    metrics::draw_ended(&ended.outcome);
    let block = ended.block;
    match &ended.outcome {
        Outcome::Drawn(items) => tracing::info!(block, payers = items.len(), leaves = sum(items), "a draw is final"),
        Outcome::Failed(reason) => {
            tracing::warn!(
                block,
                reason,
                "a draw failed and its fee is lost; what is owed is owed still"
            );
        }
        Outcome::Late => tracing::warn!(block, "a draw was not taken in time, drawing anew"),
    }
}

fn sum(items: &[DrawItem]) -> Balance {
    items
        .iter()
        .fold(0, |sum: Balance, item| sum.saturating_add(item.amount))
}

/// The part of `amount` that `stake` is of `all`, rounded down, so that the parts together are never more.
fn part_of(amount: u64, stake: Balance, all: Balance) -> u64 {
    let part = u128::from(amount) * u128::from(stake.min(all)) / u128::from(all.max(1));
    // Not more than the whole.
    part as u64
}
