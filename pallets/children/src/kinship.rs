//! What one hotkey lends and borrows in one subnet, and what it is owed for it.
use crate::ChildTake;
use alloc::vec::Vec;
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use laurel_types::{Balance, BlockNumber, EpochIndex, Proportion, MAX_CHILDREN, MAX_PARENTS};
use scale_info::TypeInfo;

/// What a hotkey lends to a child.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Lent<AccountId> {
    /// To whom.
    pub child: AccountId,
    /// How much of the parent's own stake; never nothing.
    pub proportion: Proportion,
}

/// What a hotkey borrows from a parent.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Borrowed<AccountId> {
    /// From whom.
    pub parent: AccountId,
    /// How much of the parent's own stake. Nothing once the link has ended: then only what it earned is kept, until
    /// the epoch in which it ended is paid.
    pub proportion: Proportion,
    /// The parent's own stake-time at the last settlement.
    mark: u128,
    /// Leaf-blocks lent in the running epoch up to the last settlement.
    earned: u128,
}

impl<AccountId> Borrowed<AccountId> {
    /// Whether the link is in force.
    pub fn is_live(&self) -> bool {
        self.proportion > Proportion::ZERO
    }
}

/// When a settlement happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The present block.
    pub block: BlockNumber,
    /// The running epoch of the subnet.
    pub epoch: EpochIndex,
    /// Block in which that epoch began.
    pub epoch_began: BlockNumber,
}

/// A hotkey's links in one subnet, and its account of stake-time.
///
/// What backs the hotkey changes with its own stake, with its parents' and with the links. The first two are integrals that
/// staking keeps; here they are added up between settlements, and every change of a link settles first. So the
/// hotkey's stake-time is continuous, whatever is linked or cut in between, but for less than a leaf-block for each relative that a
/// settlement rounds off.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Kinship<AccountId> {
    /// To whom it lends; the proportions sum to at most all.
    pub children: BoundedVec<Lent<AccountId>, ConstU32<MAX_CHILDREN>>,
    /// From whom it borrows, ended links included.
    pub parents: BoundedVec<Borrowed<AccountId>, ConstU32<MAX_PARENTS>>,
    /// What its owner keeps of what parents' stake earns through it.
    pub take: ChildTake,
    /// Stake-time in the subnet up to the last settlement, in leaf-blocks.
    settled: u128,
    /// Own stake-time at the last settlement.
    own_mark: u128,
    /// Leaf-blocks of own stake that were not lent, in the running epoch up to the last settlement.
    own_earned: u128,
    /// Block of the last settlement.
    settled_at: BlockNumber,
    /// The epoch that what is earned belongs to.
    epoch: EpochIndex,
}

/// What backed a hotkey over some time: leaf-blocks of its own and of each parent, in the order of its parents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contributions {
    /// Own stake that was not lent.
    pub own: u128,
    /// What each parent lent.
    pub parents: Vec<u128>,
}

impl Contributions {
    /// All of it. Leaf-blocks of the whole supply for all blocks there can be stay far below 128 bits.
    pub fn total(&self) -> u128 {
        self.parents
            .iter()
            .fold(self.own, |sum, part| sum.saturating_add(*part))
    }

    /// The same proportions in 64 bits, own first.
    pub fn weights(&self) -> Vec<u64> {
        let excess = (u128::BITS - self.total().leading_zeros()).saturating_sub(u64::BITS);
        core::iter::once(&self.own)
            .chain(&self.parents)
            // No part is above the total, so it fits once the total does.
            .map(|part| u64::try_from(part >> excess).unwrap_or(u64::MAX))
            .collect()
    }
}

impl<AccountId: PartialEq> Kinship<AccountId> {
    /// A hotkey without links, whose own stake-time is `own_time` now.
    pub fn new(own_time: u128, now: Moment) -> Self {
        Self {
            children: BoundedVec::new(),
            parents: BoundedVec::new(),
            take: ChildTake::default(),
            settled: own_time,
            own_mark: own_time,
            own_earned: 0,
            settled_at: now.block,
            epoch: now.epoch,
        }
    }

    /// Whether the record says nothing that a hotkey without one would not have, but for its stake-time.
    pub fn is_idle(&self) -> bool {
        self.children.is_empty() && self.parents.is_empty() && self.take == ChildTake::default()
    }

    /// What is lent to `child`.
    pub fn lent_to(&self, child: &AccountId) -> Option<Proportion> {
        self.children
            .iter()
            .find(|lent| lent.child == *child)
            .map(|lent| lent.proportion)
    }

    /// Links to parents that are in force.
    pub fn live_parents(&self) -> impl Iterator<Item = &Borrowed<AccountId>> {
        self.parents.iter().filter(|link| link.is_live())
    }

    /// What stays of an amount of the hotkey's own after every child had its part, each rounded down.
    fn kept(&self, own: u128) -> u128 {
        let lent = self.children.iter().map(|lent| lent.proportion.of(own));
        // The proportions sum to at most all, so at most `own` is lent.
        lent.fold(own, u128::saturating_sub)
    }

    /// What backs the hotkey, in leaves, where `own` is its own stake and `stake` that of others.
    pub fn stake(&self, own: Balance, stake: impl Fn(&AccountId) -> Balance) -> Balance {
        let borrowed = self
            .live_parents()
            .map(|link| link.proportion.of(stake(&link.parent).into()));
        let sum = borrowed.fold(self.kept(own.into()), u128::saturating_add);
        // Every leaf is lent at most once, so the sum is part of the supply.
        Balance::try_from(sum).unwrap_or(Balance::MAX)
    }

    /// Leaf-blocks since the last settlement. `own_time` is the hotkey's own stake-time, `time` that of others.
    fn since_settlement(&self, own_time: u128, time: impl Fn(&AccountId) -> u128) -> Contributions {
        let lent = |link: &Borrowed<AccountId>| match link.is_live() {
            true => link.proportion.of(time(&link.parent).saturating_sub(link.mark)),
            false => 0,
        };
        Contributions {
            own: self.kept(own_time.saturating_sub(self.own_mark)),
            parents: self.parents.iter().map(lent).collect(),
        }
    }

    /// The hotkey's stake-time in the subnet, in leaf-blocks.
    pub fn stake_time(&self, own_time: u128, time: impl Fn(&AccountId) -> u128) -> u128 {
        self.settled
            .saturating_add(self.since_settlement(own_time, time).total())
    }

    /// What backed the hotkey in the epoch `ended`, which is over and not paid yet. Exact if links changed in that epoch or since
    /// the last pay; else the average since then, which is as long for everybody.
    pub fn contributions(&self, ended: EpochIndex, own_time: u128, time: impl Fn(&AccountId) -> u128) -> Contributions {
        let mut parts = self.since_settlement(own_time, time);
        if self.epoch == ended {
            parts.own = parts.own.saturating_add(self.own_earned);
            for (part, link) in parts.parents.iter_mut().zip(&self.parents) {
                *part = part.saturating_add(link.earned);
            }
        }
        parts
    }

    /// Brings the account up to now, so that links can change. What was earned in an epoch that is over is forgotten:
    /// it was paid, or there was nothing to pay.
    pub fn settle(&mut self, now: Moment, own_time: u128, time: impl Fn(&AccountId) -> u128) {
        let mut parts = self.since_settlement(own_time, &time);
        self.settled = self.settled.saturating_add(parts.total());
        if self.epoch != now.epoch {
            parts = parts.within(
                now.block.saturating_sub(now.epoch_began),
                now.block.saturating_sub(self.settled_at),
            );
            self.forget_earnings(now.epoch);
        }
        self.own_earned = self.own_earned.saturating_add(parts.own);
        for (link, part) in self.parents.iter_mut().zip(parts.parents) {
            link.earned = link.earned.saturating_add(part);
        }
        self.drop_ended();
        self.mark(now, own_time, time);
    }

    /// Brings the account up to now after the epoch before the running one was paid.
    pub fn settle_paid(&mut self, now: Moment, own_time: u128, time: impl Fn(&AccountId) -> u128) {
        let parts = self.since_settlement(own_time, &time);
        self.settled = self.settled.saturating_add(parts.total());
        self.forget_earnings(now.epoch);
        self.drop_ended();
        self.mark(now, own_time, time);
    }

    fn forget_earnings(&mut self, epoch: EpochIndex) {
        self.epoch = epoch;
        self.own_earned = 0;
        self.parents.iter_mut().for_each(|link| link.earned = 0);
    }

    fn drop_ended(&mut self) {
        self.parents.retain(|link| link.is_live() || link.earned > 0);
    }

    fn mark(&mut self, now: Moment, own_time: u128, time: impl Fn(&AccountId) -> u128) {
        self.settled_at = now.block;
        self.own_mark = own_time;
        for link in self.parents.iter_mut().filter(|link| link.is_live()) {
            link.mark = time(&link.parent);
        }
    }

    /// Lends to a child, or changes how much. Settle first. Fails if there are too many or would be lent more than all.
    pub fn lend(&mut self, child: AccountId, proportion: Proportion) -> Result<(), LinkFault> {
        let others = self.children.iter().filter(|lent| lent.child != child);
        others
            .map(|lent| lent.proportion)
            .try_fold(proportion, Proportion::checked_add)
            .ok_or(LinkFault::MoreThanAll)?;
        match self.children.iter_mut().find(|lent| lent.child == child) {
            Some(lent) => lent.proportion = proportion,
            None => {
                let lent = Lent { child, proportion };
                self.children.try_push(lent).map_err(|_| LinkFault::TooManyChildren)?;
            }
        }
        Ok(())
    }

    /// Borrows from a parent, whose own stake-time is `mark` now, or changes how much. Settle first. Fails if there are too
    /// many parents.
    pub fn borrow_from(&mut self, parent: AccountId, proportion: Proportion, mark: u128) -> Result<(), LinkFault> {
        match self.parents.iter_mut().find(|link| link.parent == parent) {
            Some(link) => {
                link.proportion = proportion;
                link.mark = mark;
            }
            None => {
                let link = Borrowed {
                    parent,
                    proportion,
                    mark,
                    earned: 0,
                };
                self.parents.try_push(link).map_err(|_| LinkFault::TooManyParents)?;
            }
        }
        Ok(())
    }

    /// Lends nothing to a child any more. Settle first.
    pub fn stop_lending(&mut self, child: &AccountId) {
        self.children.retain(|lent| lent.child != *child);
    }

    /// Borrows nothing from a parent any more; what it earned in the running epoch stays until that is paid. Settle first.
    pub fn stop_borrowing(&mut self, parent: &AccountId) {
        if let Some(link) = self.parents.iter_mut().find(|link| link.parent == *parent) {
            link.proportion = Proportion::ZERO;
        }
        self.drop_ended();
    }

    /// Replaces a hotkey by another one wherever it is named.
    pub fn rename(&mut self, old: &AccountId, new: &AccountId)
    where
        AccountId: Clone,
    {
        let children = self.children.iter_mut().map(|lent| &mut lent.child);
        let parents = self.parents.iter_mut().map(|link| &mut link.parent);
        for name in children.chain(parents).filter(|name| **name == *old) {
            *name = new.clone();
        }
    }
}

impl Contributions {
    /// The same for the last `part` of `whole` blocks, as if they had come evenly.
    fn within(self, part: BlockNumber, whole: BlockNumber) -> Self {
        if part >= whole {
            return self;
        }
        // Below 2⁹⁶ leaf-blocks times 32 bits. `whole` is above `part`, so not zero.
        let scale = |sum: u128| sum.saturating_mul(part.into()) / u128::from(whole);
        Self {
            own: scale(self.own),
            parents: self.parents.into_iter().map(scale).collect(),
        }
    }
}

/// Why two hotkeys cannot be linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkFault {
    /// The parent has as many children as it can.
    TooManyChildren,
    /// The child has as many parents as it can.
    TooManyParents,
    /// The proportions sum to more than all.
    MoreThanAll,
}
