//! Amounts of LRL as people write and read them.
use crate::{Balance, SignedBalance, DECIMALS, LRL};
use alloc::{format, string::String};
use core::{fmt, str::FromStr};

/// An amount, written in LRL with at most nine decimals and kept in leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount(pub Balance);

/// Why a text is not an amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAnAmount {
    /// Something else than digits and one point.
    Malformed(String),
    /// It would have to be rounded.
    TooFine(String),
    /// It does not fit.
    TooLarge(String),
}

impl fmt::Display for NotAnAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(text) => write!(f, "'{text}' is not an amount: write it in LRL, like 1.5"),
            Self::TooFine(text) => write!(
                f,
                "'{text}' has more than {DECIMALS} decimals: the smallest unit is 0.000000001 LRL"
            ),
            Self::TooLarge(text) => write!(f, "'{text}' is more than there can ever be"),
        }
    }
}

impl core::error::Error for NotAnAmount {}

impl FromStr for Amount {
    type Err = NotAnAmount;

    fn from_str(text: &str) -> Result<Self, NotAnAmount> {
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        if !digits(whole) || !digits(fraction) {
            return Err(NotAnAmount::Malformed(text.into()));
        }
        if fraction.len() > usize::from(DECIMALS) {
            return Err(NotAnAmount::TooFine(text.into()));
        }
        let too_large = || NotAnAmount::TooLarge(text.into());
        let whole: Balance = whole.parse().map_err(|_| too_large())?;
        let fraction: Balance = format!("{fraction:0<9}").parse().map_err(|_| too_large())?;
        whole
            .checked_mul(LRL)
            .and_then(|leaves| leaves.checked_add(fraction))
            .map(Self)
            .ok_or_else(too_large)
    }
}

/// A difference of amounts in leaves, written in LRL with its sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference(pub SignedBalance);

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        f.pad(&format!("{sign}{}", Amount(self.0.unsigned_abs())))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:09}", self.0 / LRL, self.0 % LRL);
        f.pad(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_or_refused() {
        assert_eq!("1.5".parse(), Ok(Amount(1_500_000_000)));
        assert_eq!("0.000000001".parse(), Ok(Amount(1)));
        assert!(matches!("0.0000000001".parse::<Amount>(), Err(NotAnAmount::TooFine(_))));
        assert!(matches!(
            "99999999999999999999".parse::<Amount>(),
            Err(NotAnAmount::TooLarge(_))
        ));
        assert_eq!("18446744073.709551615".parse(), Ok(Amount(Balance::MAX)));
        for over in ["18446744073.709551616", "18446744074", "99999999999999999999.1"] {
            assert!(
                matches!(over.parse::<Amount>(), Err(NotAnAmount::TooLarge(_))),
                "{over}"
            );
        }
        // Also where the digits that are too many are zeros: whoever writes them means something else.
        for fine in ["1.0000000001", "1.0000000000", "0.9999999999"] {
            assert!(matches!(fine.parse::<Amount>(), Err(NotAnAmount::TooFine(_))), "{fine}");
        }
        assert_eq!("007.5".parse(), Ok(Amount(7_500_000_000)));
        for wrong in [
            "", ".", "1.", ".5", "-1", "+1", "1e9", "1,5", " 1", "1 ", "1_000", "1.5.1", "0x1", "NaN", "\u{661}",
            "1LRL", "1.-5",
        ] {
            assert!(
                matches!(wrong.parse::<Amount>(), Err(NotAnAmount::Malformed(_))),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_difference_has_its_sign() {
        let text = |leaves| Difference(leaves).to_string();
        assert_eq!(text(1_500_000_000), "1.5");
        assert_eq!((text(0), text(-1)), ("0".into(), "-0.000000001".into()));
        assert_eq!(text(SignedBalance::MIN), "-9223372036.854775808");
    }

    #[test]
    fn an_amount_reads_as_it_was_written() {
        for text in [
            "0",
            "1.5",
            "21000000",
            "0.000000001",
            "18446744073.709551615",
            "10",
            "100.000000001",
        ] {
            assert_eq!(text.parse::<Amount>().unwrap().to_string(), text);
        }
    }
}
