//! The first validator lends a part of its stake in the text subnet to the second, its child there, and is paid through it.
use super::{
    cast::{CHILD_TAKE, LENT},
    checks::Outcome,
    payday::{Earner, Payment},
    report::Leaves,
};
use laurel_chain::AccountId;
use laurel_types::{Balance, BlockNumber};
use serde::Serialize;

/// How far the parent's part may be from its part of the stake, as one part in this many. The chain divides by the blocks that stake
/// was there, the check by the stake at the end.
const TOLERANCE: u128 = 100;

/// Dividends of one epoch that a child and its parent divided.
#[derive(Clone, Debug, Serialize)]
pub struct FamilyPayout {
    /// The block in which the epoch was scored.
    pub block: BlockNumber,
    /// What the epoch gave the child.
    pub dividends: Leaves,
    /// What of it the parent was paid.
    pub parent: Leaves,
    /// What the child's owner kept of the parent's part.
    pub child_take: Leaves,
    /// What was the child's own.
    pub own: Leaves,
    /// The parent's stake before, of which it lends a part.
    pub parent_stake: Leaves,
    /// The child's own stake before.
    pub child_stake: Leaves,
}

impl FamilyPayout {
    /// What an epoch's payments say, and what the child earned as a miner; none if no parent was paid. What the epoch gave the
    /// child, and the stakes, they do not say.
    pub fn read(payments: &[Payment], (parent, child): (AccountId, AccountId)) -> Option<(Self, Balance)> {
        let of = |earner, hotkey| {
            let mut payments = payments.iter();
            payments.find(|payment| payment.earner == earner && payment.hotkey == hotkey)
        };
        let (parent, child) = (of(Earner::Parent, parent)?, of(Earner::Neuron, child)?);
        let paid = Self {
            block: 0,
            dividends: Leaves(0),
            parent: Leaves(parent.dividends),
            child_take: Leaves(child.child_take),
            own: Leaves(child.dividends),
            parent_stake: Leaves(0),
            child_stake: Leaves(0),
        };
        Some((paid, child.incentive))
    }

    /// Whether the parent's part is its part of the stake that backed the child.
    fn is_in_proportion(&self) -> bool {
        let lent = LENT.of(self.parent_stake.0.into());
        let backing = lent + u128::from(self.child_stake.0);
        let parents = u128::from(self.parent.0) + u128::from(self.child_take.0);
        let (got, expected) = (parents * backing, lent * u128::from(self.dividends.0));
        got.abs_diff(expected).saturating_mul(TOLERANCE) <= expected
    }
}

/// Every leaf of the child's dividends is the parent's, the take on it, or the child's own, in these proportions.
pub fn check(payouts: &[FamilyPayout]) -> Outcome {
    for (at, paid) in payouts.iter().enumerate() {
        let wrong = |what: &str| {
            Err(format!(
                "block {}: {what}: of {} leaves {} went to the parent, {} were kept, {} were its own",
                paid.block, paid.dividends.0, paid.parent.0, paid.child_take.0, paid.own.0
            ))
        };
        if paid.parent.0 + paid.child_take.0 + paid.own.0 != paid.dividends.0 {
            return wrong("the parts are not the whole");
        }
        if paid.child_take.0 != CHILD_TAKE.of(paid.parent.0 + paid.child_take.0) {
            return wrong("the child take is another");
        }
        // The first time the average since the child registered counts, when nobody lent yet.
        if at > 0 && !paid.is_in_proportion() {
            return wrong("the parts are not as the stake");
        }
    }
    let parents: Balance = payouts.iter().map(|paid| paid.parent.0).sum();
    let takes: Balance = payouts.iter().map(|paid| paid.child_take.0).sum();
    if parents == 0 {
        return Err("the parent was paid nothing".into());
    }
    Ok(format!(
        "{parents} leaves to the parent, {takes} kept as child take, in {} epochs",
        payouts.len()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 4000 LRL of which a fifth is lent to a child with 2,400: a quarter of its dividends is the parent's.
    fn payout(parents: Balance) -> FamilyPayout {
        let take = CHILD_TAKE.of(parents);
        FamilyPayout {
            block: 7,
            dividends: Leaves(1_000_000),
            parent: Leaves(parents - take),
            child_take: Leaves(take),
            own: Leaves(1_000_000 - parents),
            parent_stake: Leaves(4_000_000_000),
            child_stake: Leaves(2_400_000_000),
        }
    }

    #[test]
    fn a_parent_paid_too_little_or_a_lost_leaf_fails() {
        let first = payout(100_000);
        check(&[first.clone(), payout(250_000)]).unwrap();
        check(&[first.clone(), payout(252_000)]).unwrap();
        assert!(check(&[]).is_err());
        assert!(check(&[first.clone(), payout(247_000)]).is_err());
        let mut kept = payout(250_000);
        kept.child_take.0 += 1;
        kept.parent.0 -= 1;
        assert!(check(&[kept]).is_err());
        let mut lost = payout(250_000);
        lost.own.0 -= 1;
        assert!(check(&[lost]).is_err());
    }
}
