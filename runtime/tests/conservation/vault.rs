//! A hotkey's pool, written down plainly: what each staker has is a number of its own, every payment is given to one after the other, and
//! what is on its way is moved along in every block. No shares.
use laurel_runtime::AccountId;
use laurel_types::{Balance, BlockNumber};
use sp_core::U256;
use std::collections::BTreeMap;

/// Bits behind the point of what a staker has.
const POINT: u32 = 64;

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Vault {
    /// Leaves that are the stakers' now.
    pub stake: Balance,
    /// Leaves on their way.
    pub unreleased: Balance,
    rate: Balance,
    end: BlockNumber,
    /// What each staker has, in 2⁻⁶⁴ leaves.
    parts: BTreeMap<AccountId, u128>,
    /// Operations since the last [`Self::account_for_rounding`], and what a share was worth then.
    operations: u128,
    price: u128,
    /// By how much the chain's numbers, which are whole shares, may differ from these by now, in 2⁻⁶⁴ leaves.
    rounded: u128,
}

impl Vault {
    /// All that the pool has in the pot.
    pub fn total(&self) -> Balance {
        self.stake + self.unreleased
    }

    /// What a staker has, in whole leaves.
    pub fn value(&self, who: &AccountId) -> Balance {
        whole(self.parts.get(who).copied().unwrap_or(0))
    }

    /// What somebody who leaves receives: the last one also what is on its way.
    pub fn parting(&self, who: &AccountId) -> Balance {
        if self.is_last(who) {
            self.total()
        } else {
            self.value(who)
        }
    }

    /// Everybody who has something.
    pub fn stakers(&self) -> impl Iterator<Item = &AccountId> {
        self.parts.keys()
    }

    /// Leaves by which the chain may differ: one for each side's rounding to whole leaves, and the shares that were rounded off.
    pub fn tolerance(&self) -> Balance {
        2 + whole(self.rounded)
    }

    /// Every operation since the last time rounded to a whole share, which is worth no more than the greater of the two prices.
    pub fn account_for_rounding(&mut self, stake: Balance, shares: u128) {
        let price = (u128::from(stake) << POINT)
            .checked_div(shares)
            .map_or(0, |price| price + 1);
        self.rounded += self.operations * price.max(self.price);
        (self.operations, self.price) = (0, price);
    }

    /// The next block: what was to arrive arrives.
    pub fn release(&mut self, now: BlockNumber) {
        if self.unreleased == 0 {
            return;
        }
        let arrives = if now >= self.end { self.unreleased } else { self.rate };
        self.unreleased -= arrives;
        self.stake += arrives;
        self.share_out();
    }

    /// Somebody puts leaves in.
    pub fn deposit(&mut self, who: &AccountId, amount: Balance) {
        if amount == 0 {
            return;
        }
        self.operations += 1;
        self.stake += amount;
        *self.parts.entry(who.clone()).or_default() += u128::from(amount) << POINT;
    }

    /// Leaves for everybody, over the next blocks: what is on its way already and what comes arrive together, after the mean of their times.
    pub fn reward(&mut self, amount: Balance, blocks: BlockNumber, now: BlockNumber) {
        self.operations += 1;
        if amount == 0 {
            return;
        }
        let left = u128::from(self.end.saturating_sub(now));
        let both = self.unreleased + amount;
        let time = u128::from(self.unreleased) * left + u128::from(amount) * u128::from(blocks);
        let duration = time.div_ceil(u128::from(both)) as BlockNumber;
        if duration == 0 {
            self.stake += amount;
            self.share_out();
        } else {
            (self.unreleased, self.rate, self.end) = (both, both / Balance::from(duration), now + duration);
        }
    }

    /// What somebody who asks for an amount, or for all, is to receive, where no less than `least` may stay: the lowest and the highest. The
    /// last one to leave receives what is on its way too; whoever passes on does not leave.
    ///
    /// `all` is what somebody has who takes all of it: [`Self::value`] to pass it on, [`Self::parting`] to leave.
    pub fn expected(
        &self,
        who: &AccountId,
        all: Balance,
        amount: Option<Balance>,
        least: Balance,
    ) -> (Balance, Balance) {
        let (value, tolerance) = (self.value(who), self.tolerance());
        match amount {
            None => (all.saturating_sub(tolerance), all + tolerance),
            Some(amount) => {
                let rest = value.saturating_sub(amount);
                let lowest = if rest + tolerance < least {
                    all.saturating_sub(tolerance)
                } else {
                    amount
                };
                let highest = if rest >= least.saturating_add(tolerance) {
                    amount
                } else {
                    all + tolerance
                };
                (lowest.min(highest), highest)
            }
        }
    }

    /// Somebody takes so many leaves out; `all` where nothing of its stays.
    pub fn withdraw(&mut self, who: &AccountId, amount: Balance, all: bool) {
        self.operations += 1;
        if all && self.is_last(who) {
            assert_eq!(amount, self.total(), "the last one to leave takes all");
            *self = Self::default();
            return;
        }
        self.stake -= amount;
        if all {
            self.parts.remove(who);
        } else if let Some(part) = self.parts.get_mut(who) {
            *part = part.saturating_sub(u128::from(amount) << POINT);
        }
        self.share_out();
    }

    /// Somebody passes leaves on to somebody else.
    pub fn pass(&mut self, from: &AccountId, to: &AccountId, amount: Balance, all: bool) {
        self.operations += 1;
        let had = self.parts.remove(from).unwrap_or(0);
        let passed = if all { had } else { had.min(u128::from(amount) << POINT) };
        if passed < had {
            self.parts.insert(from.clone(), had - passed);
        }
        *self.parts.entry(to.clone()).or_default() += passed;
    }

    /// What one staker had is another's from now on.
    pub fn rename(&mut self, old: &AccountId, new: &AccountId) {
        if let Some(part) = self.parts.remove(old) {
            self.parts.insert(new.clone(), part);
        }
    }

    /// Whether all others together have nothing but rounding.
    fn is_last(&self, who: &AccountId) -> bool {
        let others = self.parts.iter().filter(|(other, _)| *other != who);
        others.map(|(_, part)| part).sum::<u128>() <= self.rounded + self.operations
    }

    /// Makes the stakers' parts sum to the stake again, each in proportion.
    fn share_out(&mut self) {
        let sum: u128 = self.parts.values().sum();
        let target = u128::from(self.stake) << POINT;
        if sum == 0 || sum == target {
            return;
        }
        for part in self.parts.values_mut() {
            *part = (U256::from(*part) * U256::from(target) / U256::from(sum)).as_u128();
        }
    }
}

fn whole(part: u128) -> Balance {
    (part >> POINT) as Balance
}
