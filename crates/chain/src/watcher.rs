//! Who is told what becomes of a transaction, so that a person sees where it is, and a program that dies leaves a record of it.
use crate::{Block, SignedTransaction};
use std::io;

/// Where a transaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// In the node's pool, behind earlier ones of its account that are missing.
    Queued,
    /// In the node's pool.
    Pool,
    /// In a block, which is not final yet.
    InBlock(Block),
    /// Nobody tells any more: every block is looked through, and it is offered again.
    Searched,
}

/// Is told what becomes of a transaction.
pub trait Watcher: Sync {
    /// This will be sent once the call returns. One that was named before can no longer be included.
    ///
    /// # Errors
    /// When it cannot be written down where it must be; it is then not sent.
    fn sending(&self, _: &SignedTransaction) -> io::Result<()> {
        Ok(())
    }

    /// It is here now. It can go back: out of a block that lost to another.
    fn reached(&self, _: Stage) {}

    /// What was named last is in a block, as final as was asked for, or can no longer be included.
    fn decided(&self) {}
}

/// Nobody watches.
impl Watcher for () {}
