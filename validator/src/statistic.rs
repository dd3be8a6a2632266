//! What one checked answer says, in whole numbers, so that anyone who recomputes a score gets the same one.
use codec::{Decode, Encode};
use laurel_engine::CheckReport;
use laurel_protocol::openai::Sampling;

/// Largest margin that counts, in thousandths of a nat: what lies beyond is wrong however far it lies.
const CAP_MILLI: f32 = 1_000.0;

/// Whether top_k or top_p leave tokens out.
///
/// A token on the edge of what they leave in can be in on one machine and out on another, whatever the margin of the scores. It happens to
/// one token in some hundred thousand, so one such token in an answer is an accident, and two are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Every token can be chosen.
    None,
    /// Some cannot.
    Edge,
}

impl From<Sampling> for Cut {
    fn from(sampling: Sampling) -> Self {
        let cuts = sampling.temperature_milli > 0 && (sampling.top_k > 0 || sampling.top_p_milli < 1000);
        if cuts {
            Self::Edge
        } else {
            Self::None
        }
    }
}

/// How far one checked answer is from the registered model's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Deviation {
    /// Tokens compared.
    pub tokens: u32,
    /// Tokens that are not the canonical ones.
    pub differ: u32,
    /// Sum of the margins, each at most one nat, in thousandths of a nat.
    pub margin_milli: u32,
}

impl Deviation {
    /// Of the tokens of one answer. Where `cut` leaves tokens out, the worst one counts as an accident.
    pub fn of(report: &CheckReport, cut: Cut) -> Self {
        let checks = &report.tokens;
        let mut margins: Vec<u32> = checks.iter().map(|check| capped(check.margin)).collect();
        if cut == Cut::Edge {
            let worst = margins.iter().enumerate().max_by_key(|(_, margin)| **margin);
            if let Some(at) = worst.map(|(at, _)| at) {
                margins.swap_remove(at);
            }
        }
        Self {
            // A context of 2³² tokens does not exist.
            tokens: checks.len() as u32,
            differ: checks.iter().filter(|check| check.claimed != check.expected).count() as u32,
            margin_milli: margins.into_iter().fold(0, u32::saturating_add),
        }
    }
}

/// A margin in thousandths; what is no number counts fully.
fn capped(margin: f32) -> u32 {
    let milli = margin * 1_000.0;
    if milli.is_nan() || milli >= CAP_MILLI {
        return CAP_MILLI as u32;
    }
    milli.max(0.0).round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use laurel_engine::TokenCheck;

    #[test]
    fn margins_are_summed_up_to_a_cap_and_one_accident_at_an_edge_is_let_pass() {
        let check = |margin| TokenCheck {
            claimed: 1,
            expected: if margin == 0.0 { 1 } else { 2 },
            margin,
        };
        let report = |tokens| CheckReport {
            tokens,
            windows: Vec::new(),
        };
        let checks = report(vec![check(0.0), check(0.0123), check(f32::INFINITY)]);
        let all = Deviation::of(&checks, Cut::None);
        assert_eq!((all.tokens, all.differ, all.margin_milli), (3, 2, 1_012));
        assert_eq!(Deviation::of(&checks, Cut::Edge).margin_milli, 12);
        assert_eq!(
            Deviation::of(&report(vec![check(f32::NAN)]), Cut::None).margin_milli,
            1_000
        );
    }
}
