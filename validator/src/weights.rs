//! Ratings into a weight row that the subnet's rules admit.
use crate::Score;
use laurel_types::{Hyperparameters, Uid, WeightRow};

/// Version of this validator's rules, carried by its weight rows.
pub const VERSION_KEY: u64 = 1;

/// Ratings below this part of the best are left out: what is left of a miner that went away.
const FLOOR: u64 = 100;
/// The weight of an entry that is there only because the subnet asks for so many.
const FILLER: u16 = 1;

/// The weight row of the neuron `own` for these ratings, in a subnet of `neurons` uids; none if nobody deserves anything.
///
/// A weight is the square of the rating: a miner that answers half as well is not worth half, because a user can go to the better one.
/// Entries above the subnet's `max_weight_limit` are cut to it.
pub fn weight_row(ratings: &[(Uid, Score)], own: Uid, neurons: u16, params: &Hyperparameters) -> Option<WeightRow> {
    let best = ratings
        .iter()
        .filter(|(uid, _)| *uid != own)
        .map(|(_, rating)| u64::from(rating.0))
        .max()?;
    if best == 0 {
        return None;
    }
    let mut entries: Vec<(Uid, u16)> = ratings
        .iter()
        .filter(|(uid, rating)| *uid != own && uid.0 < neurons && u64::from(rating.0) * FLOOR >= best)
        .map(|(uid, rating)| {
            let rating = u64::from(rating.0);
            // At most u16::MAX, because no rating is above the best; at least 6, because of the floor.
            (*uid, (rating * rating * u64::from(u16::MAX) / (best * best)) as u16)
        })
        .collect();
    entries.sort_by_key(|(uid, _)| *uid);
    entries.dedup_by_key(|(uid, _)| *uid);
    fill_up(&mut entries, own, neurons, params.min_allowed_weights);
    cut_to_limit(&mut entries, params.max_weight_limit);
    WeightRow::new(entries).ok()
}

/// Adds the smallest entries until the row has as many as the subnet asks for, or one for each other neuron.
fn fill_up(entries: &mut Vec<(Uid, u16)>, own: Uid, neurons: u16, min_allowed: u16) {
    let fewest = usize::from(min_allowed.min(neurons.saturating_sub(1)));
    for uid in (0..neurons).map(Uid).filter(|uid| *uid != own) {
        if entries.len() >= fewest {
            return;
        }
        if let Err(at) = entries.binary_search_by_key(&uid, |entry| entry.0) {
            entries.insert(at, (uid, FILLER));
        }
    }
}

/// Lowers the largest entries until none has more than `limit` 65535ths of the row; as far as it goes, if the row is too short for that.
fn cut_to_limit(entries: &mut [(Uid, u16)], limit: u16) {
    let fits = |cap: u16| {
        let values = || entries.iter().map(|entry| u64::from(entry.1.min(cap)));
        let (largest, sum) = (values().max().unwrap_or(0), values().sum::<u64>());
        largest * u64::from(u16::MAX) <= sum * u64::from(limit)
    };
    if limit == u16::MAX || fits(u16::MAX) {
        return;
    }
    // A lower cap makes the row more even, so caps that fit are all below those that do not. No entry is below 1.
    let (mut low, mut high) = (1, u16::MAX);
    while low + 1 < high {
        let middle = low + (high - low) / 2;
        if fits(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    for entry in entries.iter_mut() {
        entry.1 = entry.1.min(low);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: Uid = Uid(0);

    fn row(ratings: &[(u16, u32)], params: &Hyperparameters) -> Vec<(u16, u16)> {
        let ratings: Vec<_> = ratings
            .iter()
            .map(|(uid, rating)| (Uid(*uid), Score(*rating)))
            .collect();
        let row = weight_row(&ratings, OWN, 8, params);
        row.map_or(Vec::new(), |row| {
            row.entries().iter().map(|(uid, weight)| (uid.0, *weight)).collect()
        })
    }

    #[test]
    fn a_cheater_is_not_in_the_row_and_the_best_has_the_largest_weight() {
        let params = Hyperparameters::default();
        let ratings = [(3, 1_000_000), (1, 900_000), (2, 0), (4, 9_999)];
        assert_eq!(row(&ratings, &params), [(1, 53_083), (3, 65_535)]);
    }

    #[test]
    fn there_is_no_row_when_nobody_deserves_anything() {
        let params = Hyperparameters::default();
        assert!(row(&[(1, 0), (2, 0)], &params).is_empty());
        assert!(row(&[], &params).is_empty());
    }

    #[test]
    fn a_validator_never_weighs_itself() {
        let params = Hyperparameters::default();
        assert_eq!(row(&[(0, 1_000_000), (5, 500_000)], &params), [(5, 65_535)]);
    }

    #[test]
    fn the_row_has_as_many_entries_as_the_subnet_asks_for() {
        let params = Hyperparameters {
            min_allowed_weights: 3,
            ..Default::default()
        };
        assert_eq!(row(&[(5, 1_000_000)], &params), [(1, 1), (2, 1), (5, 65_535)]);
    }

    #[test]
    fn no_entry_is_above_the_limit_where_the_row_is_long_enough() {
        let params = Hyperparameters {
            max_weight_limit: 26_214,
            ..Default::default()
        };
        let entries = row(&[(1, 1_000_000), (2, 500_000), (3, 500_000), (4, 300_000)], &params);
        let sum: u64 = entries.iter().map(|entry| u64::from(entry.1)).sum();
        let largest = entries.iter().map(|entry| u64::from(entry.1)).max().unwrap();
        assert!(largest * 65_535 <= sum * 26_214, "{entries:?}");
        // Nothing more than needed is cut: one more would be too much.
        assert!((largest + 1) * 65_535 > (sum + 1) * 26_214, "{entries:?}");
        let values: Vec<u16> = entries.iter().map(|entry| entry.1).collect();
        assert!(laurel_yuma::within_max_weight(&values, params.max_weight_limit));
    }
}
