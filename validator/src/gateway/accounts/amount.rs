//! Amounts of LRL as people write them, and what tokens cost.
use crate::work::Amount;
use laurel_types::{Balance, DECIMALS, LRL};
use std::{fmt, str::FromStr};

/// An amount, written in LRL with at most nine decimals and kept in leaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lrl(pub Balance);

/// The text is no amount, or would have to be rounded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not an amount: write it in LRL with at most {DECIMALS} decimals, like 1.5")]
pub struct NotLrl(String);

impl FromStr for Lrl {
    type Err = NotLrl;

    fn from_str(text: &str) -> Result<Self, NotLrl> {
        let wrong = || NotLrl(text.into());
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(fraction) || fraction.len() > usize::from(DECIMALS) {
            return Err(wrong());
        }
        let whole: Balance = whole.parse().map_err(|_| wrong())?;
        let fraction: Balance = format!("{fraction:0<9}").parse().map_err(|_| wrong())?;
        let leaves = whole.checked_mul(LRL).and_then(|leaves| leaves.checked_add(fraction));
        leaves.map(Self).ok_or_else(wrong)
    }
}

impl fmt::Display for Lrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:09}", self.0 / LRL, self.0 % LRL);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

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
    fn amounts_are_exact_or_refused() {
        for (text, leaves) in [("1.5", 1_500_000_000), ("0.000000001", 1), ("7", 7 * LRL), ("0", 0)] {
            assert_eq!(text.parse(), Ok(Lrl(leaves)));
            assert_eq!(Lrl(leaves).to_string(), text);
        }
        for wrong in ["", ".5", "1.", "-1", "1e3", "0.0000000001", "99999999999999999999"] {
            assert!(wrong.parse::<Lrl>().is_err(), "{wrong}");
        }
    }

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
