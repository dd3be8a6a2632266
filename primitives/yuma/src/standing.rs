//! Who has to make room for a newcomer, among neurons as among subnets.

/// How well somebody stands. The least goes first: the fields in their order are the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Standing {
    /// Whether it is too new to be judged. Such a one goes only where all are.
    pub immune: bool,
    /// What it earns; any unit.
    pub worth: u64,
    /// Block in which it came. Among equals the first to come goes first.
    pub since: u32,
    /// Its uid or netuid. The lowest goes first.
    pub id: u16,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(immune: bool, worth: u64, since: u32, id: u16) -> Standing {
        Standing {
            immune,
            worth,
            since,
            id,
        }
    }

    #[test]
    fn immunity_counts_before_worth_before_age_before_the_number() {
        let mut all = [
            standing(true, 0, 0, 0),
            standing(false, 1, 5, 1),
            standing(false, 1, 4, 3),
            standing(false, 1, 4, 2),
            standing(false, 0, 9, 9),
        ];
        all.sort();
        assert_eq!(all.map(|standing| standing.id), [9, 2, 3, 1, 0]);
    }
}
