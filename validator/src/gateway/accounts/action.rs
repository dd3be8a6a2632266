//! What the owner of a coldkey wants done with its keys, in one line that people read before they sign it.
use super::{key::KeyId, limits::Limits};
use std::{fmt, str::FromStr};

/// Longest name of a key, in characters.
const MAX_NAME: usize = 64;

/// A wish about keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// `create name=NAME LIMITS`: a new key; name and limits may be left out.
    Create {
        /// What it is called.
        name: String,
        /// What it is to be kept to.
        limits: Limits,
    },
    /// `list`: the coldkey's keys.
    List,
    /// `revoke NUMBER`: one of its keys is to be good for nothing.
    Revoke(KeyId),
    /// `limit NUMBER LIMITS`: one of its keys is to be kept to these limits, and to no others of its owner's.
    Limit(KeyId, Limits),
}

impl Action {
    /// Its first word.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::List => "list",
            Self::Revoke(_) => "revoke",
            Self::Limit(..) => "limit",
        }
    }
}

/// The line says no wish.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not understood: write `create`, `create name=NAME LIMITS`, `list`, `revoke NUMBER` or `limit NUMBER LIMITS`")]
pub struct NotAnAction(String);

/// Whether a key can be called so: letters, digits, `.`, `-` and `_`.
pub fn is_name(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(is_allowed)
}

impl FromStr for Action {
    type Err = NotAnAction;

    fn from_str(text: &str) -> Result<Self, NotAnAction> {
        let wrong = || NotAnAction(text.chars().take(100).collect());
        let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
        let number = |text: &str| text.parse().map(KeyId).map_err(|_| wrong());
        let limits = |text: &str| text.parse().map_err(|_| wrong());
        match verb {
            "create" => {
                let (name, rest) = match rest.strip_prefix("name=") {
                    Some(named) => named.split_once(' ').unwrap_or((named, "")),
                    None => ("", rest),
                };
                if !name.is_empty() && !is_name(name) {
                    return Err(wrong());
                }
                Ok(Self::Create {
                    name: name.into(),
                    limits: limits(rest)?,
                })
            }
            "list" if rest.is_empty() => Ok(Self::List),
            "revoke" => number(rest).map(Self::Revoke),
            "limit" => {
                let (id, rest) = rest.split_once(' ').unwrap_or((rest, ""));
                Ok(Self::Limit(number(id)?, limits(rest)?))
            }
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.verb())?;
        let limits = match self {
            Self::Create { name, limits } => {
                if !name.is_empty() {
                    write!(f, " name={name}")?;
                }
                limits
            }
            Self::List => return Ok(()),
            Self::Revoke(id) => return write!(f, " {id}"),
            Self::Limit(id, limits) => {
                write!(f, " {id}")?;
                limits
            }
        };
        match limits == &Limits::default() {
            true => Ok(()),
            false => write!(f, " {limits}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_read_as_it_is_written() {
        for text in [
            "create",
            "create name=laptop",
            "create name=a.b-c_1 requests_per_minute=6,monthly_budget=0.5",
            "create tokens_per_minute=9",
            "list",
            "revoke 7",
            "limit 7 concurrency=2",
            "limit 7",
        ] {
            assert_eq!(text.parse::<Action>().unwrap().to_string(), text);
        }
        for wrong in [
            "",
            "delete 3",
            "list 3",
            "revoke",
            "revoke x",
            "create name=",
            "create name=a/b",
            "limit x",
            "create\nlist",
        ] {
            let read = wrong.parse::<Action>();
            assert!(
                read.as_ref().map_or(true, |action| action.to_string() != wrong),
                "{wrong}: {read:?}"
            );
        }
    }
}
