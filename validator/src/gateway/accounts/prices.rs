//! What tokens cost.
use crate::work::Amount;
use laurel_types::Balance;

/// What tokens cost, in leaves for a million of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prices {
    /// Tokens read.
    pub input: Balance,
    /// Tokens written.
    pub output: Balance,
}

impl Prices {
    /// What so much costs, in leaves, rounded up.
    pub fn of(&self, amount: Amount) -> Balance {
        let cost = u128::from(amount.prompt_tokens) * u128::from(self.input)
            + u128::from(amount.completion_tokens) * u128::from(self.output);
        // More than there can ever be is refused as such.
        u64::try_from(cost.div_ceil(1_000_000)).unwrap_or(u64::MAX)
    }
}

impl Amount {
    /// Tokens read and written.
    pub(super) fn tokens(self) -> u64 {
        u64::from(self.prompt_tokens) + u64::from(self.completion_tokens)
    }

    /// At most `limit`, of each kind.
    pub(super) fn at_most(self, limit: Self) -> Self {
        Self {
            prompt_tokens: self.prompt_tokens.min(limit.prompt_tokens),
            completion_tokens: self.completion_tokens.min(limit.completion_tokens),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_started_leaf_is_paid_in_full_and_nothing_overflows() {
        let prices = Prices {
            input: 3,
            output: 500_000,
        };
        let amount = |prompt_tokens, completion_tokens| Amount {
            prompt_tokens,
            completion_tokens,
        };
        assert_eq!(prices.of(amount(0, 0)), 0);
        assert_eq!(prices.of(amount(1, 0)), 1);
        assert_eq!(prices.of(amount(0, 2)), 1);
        assert_eq!(prices.of(amount(1, 2)), 2);
        let dear = Prices {
            input: u64::MAX,
            output: u64::MAX,
        };
        assert_eq!(dear.of(amount(u32::MAX, u32::MAX)), u64::MAX);
    }
}
