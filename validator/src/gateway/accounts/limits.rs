//! What one key is kept to.
use laurel_types::Amount;
use serde_json::Value;
use std::{fmt, str::FromStr};

/// No limit, where one could be.
const NONE: u64 = u64::MAX;

/// The limits of one key. What is absent is not said here; `u64::MAX` says that there is none.
///
/// They are written as on the command line: `requests_per_minute=60,monthly_budget=1.5`, with `none` for no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Requests that are admitted in a minute.
    pub requests_per_minute: Option<u64>,
    /// Tokens, read and written, in a minute.
    pub tokens_per_minute: Option<u64>,
    /// Requests that are served at one time.
    pub concurrency: Option<u64>,
    /// Tokens, free and paid, in a calendar month (UTC).
    pub monthly_tokens: Option<u64>,
    /// What may be spent in a calendar month (UTC), in leaves.
    pub monthly_budget: Option<u64>,
}

/// The text says no limits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a limit: write NAME=NUMBER or NAME=none, with NAME one of {names}; a budget is in LRL", names = NAMES.join(", "))]
pub struct NotLimits(String);

const NAMES: [&str; 5] = [
    "requests_per_minute",
    "tokens_per_minute",
    "concurrency",
    "monthly_tokens",
    "monthly_budget",
];

impl Limits {
    fn fields(&self) -> [Option<u64>; 5] {
        [
            self.requests_per_minute,
            self.tokens_per_minute,
            self.concurrency,
            self.monthly_tokens,
            self.monthly_budget,
        ]
    }

    fn from_fields(
        [requests_per_minute, tokens_per_minute, concurrency, monthly_tokens, monthly_budget]: [Option<u64>; 5],
    ) -> Self {
        Self {
            requests_per_minute,
            tokens_per_minute,
            concurrency,
            monthly_tokens,
            monthly_budget,
        }
    }

    fn with(&self, other: &Self, of_two: impl Fn(Option<u64>, Option<u64>) -> Option<u64>) -> Self {
        let (mine, others) = (self.fields(), other.fields());
        Self::from_fields(std::array::from_fn(|at| of_two(mine[at], others[at])))
    }

    /// What is said, by name.
    fn named(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let said = NAMES.into_iter().zip(self.fields());
        said.filter_map(|(name, limit)| Some((name, limit?)))
    }

    /// The limits that there are, by name; a budget is a decimal string of leaves.
    pub fn json(&self) -> Value {
        let said = self.named().filter(|(_, limit)| *limit != NONE);
        let shown = said.map(|(name, limit)| {
            let value = match name {
                "monthly_budget" => Value::String(limit.to_string()),
                _ => limit.into(),
            };
            (name.to_owned(), value)
        });
        Value::Object(shown.collect())
    }

    /// These, and those of `other` that are not said here.
    pub fn or(&self, other: &Self) -> Self {
        self.with(other, Option::or)
    }

    /// The lower of both, each where both say something.
    pub fn lower_of(&self, other: &Self) -> Self {
        self.with(other, |one, two| match (one, two) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        })
    }
}

impl FromStr for Limits {
    type Err = NotLimits;

    fn from_str(text: &str) -> Result<Self, NotLimits> {
        let mut fields = [None; 5];
        for part in text.split([',', ' ']).filter(|part| !part.is_empty()) {
            let wrong = || NotLimits(part.into());
            let (name, value) = part.split_once('=').ok_or_else(wrong)?;
            let at = NAMES.iter().position(|known| *known == name).ok_or_else(wrong)?;
            let number = match value {
                "none" => NONE,
                _ if name == "monthly_budget" => value.parse::<Amount>().map_err(|_| wrong())?.0,
                _ => value.parse().map_err(|_| wrong())?,
            };
            // A limit that is said twice is a mistake.
            if fields[at].replace(number).is_some() {
                return Err(wrong());
            }
        }
        Ok(Self::from_fields(fields))
    }
}

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut between = "";
        for (name, limit) in self.named() {
            match limit {
                NONE => write!(f, "{between}{name}=none")?,
                leaves if name == "monthly_budget" => write!(f, "{between}{name}={}", Amount(leaves))?,
                limit => write!(f, "{between}{name}={limit}")?,
            }
            between = ",";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_as_they_are_written() {
        let text = "requests_per_minute=60,concurrency=none,monthly_budget=1.5";
        let limits: Limits = text.parse().unwrap();
        assert_eq!(limits.to_string(), text);
        assert_eq!(limits.monthly_budget, Some(1_500_000_000));
        assert_eq!((limits.concurrency, limits.tokens_per_minute), (Some(NONE), None));
        assert_eq!("".parse(), Ok(Limits::default()));
        for wrong in [
            "rpm=3",
            "concurrency",
            "concurrency=-1",
            "concurrency=1,concurrency=2",
            "monthly_budget=1e3",
        ] {
            assert!(wrong.parse::<Limits>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_owner_can_tighten_what_the_operator_allows_but_not_widen_it() {
        let of = |text: &str| text.parse::<Limits>().unwrap();
        let defaults = of("requests_per_minute=60,tokens_per_minute=1000");
        let allowed = of("requests_per_minute=600,concurrency=none");
        let chosen = of("requests_per_minute=900,tokens_per_minute=10,concurrency=2");
        let kept_to = allowed.or(&defaults).lower_of(&chosen);
        assert_eq!(
            kept_to,
            of("requests_per_minute=600,tokens_per_minute=10,concurrency=2")
        );
    }
}
