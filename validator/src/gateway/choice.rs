//! Which miner gets a user's request.
use crate::{
    asking::{Directory, LiveMiner},
    Score,
};
use laurel_types::ModelRoot;
use rand::Rng;

/// Miners that are tried for one request.
const TRIES: usize = 3;

/// The miners to try, one after the other, until one answers: by lot, in proportion to their ratings. Unrated ones only where none is rated.
pub(super) fn to_try(directory: &Directory, model: ModelRoot) -> Vec<LiveMiner> {
    let mut random = rand::rng();
    let serves = |(miner, _): &&(LiveMiner, Score)| miner.subject.model == model;
    let is_any_rated = directory.miners.iter().filter(serves).any(|(_, rating)| rating.0 > 0);
    let mut lots: Vec<(f64, LiveMiner)> = directory
        .miners
        .iter()
        .filter(serves)
        .filter(|(_, rating)| rating.0 > 0 || !is_any_rated)
        .map(|(miner, rating)| {
            // The smallest of exponential times is of a miner with a probability in proportion to its rate, and so on among the others.
            let rate = f64::from(rating.0.max(1));
            (-(1.0 - random.random::<f64>()).ln() / rate, *miner)
        })
        .collect();
    lots.sort_by(|a, b| a.0.total_cmp(&b.0));
    lots.into_iter().take(TRIES).map(|(_, miner)| miner).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Subject;
    use laurel_types::{AxonAddress, NetUid, RegistrationId, Uid};

    const MODEL: ModelRoot = ModelRoot([7; 32]);

    fn directory(ratings: &[(u16, u32, ModelRoot)]) -> Directory {
        let miner = |&(uid, rating, model): &(u16, u32, ModelRoot)| {
            let subject = Subject {
                netuid: NetUid(1),
                uid: Uid(uid),
                registration: RegistrationId(u64::from(uid)),
                hotkey: [uid as u8; 32],
                model,
            };
            let address = AxonAddress::V4([127, 0, 0, 1], 1);
            (LiveMiner { subject, address }, Score(rating))
        };
        Directory {
            miners: ratings.iter().map(miner).collect(),
            ..Directory::default()
        }
    }

    fn first(directory: &Directory) -> Option<Uid> {
        to_try(directory, MODEL).first().map(|miner| miner.subject.uid)
    }

    #[test]
    fn miners_are_chosen_in_proportion_to_their_ratings() {
        let directory = directory(&[
            (1, 750_000, MODEL),
            (2, 250_000, MODEL),
            (3, 0, MODEL),
            (4, 900_000, ModelRoot([8; 32])),
        ]);
        let mut chosen = [0; 5];
        for _ in 0..4_000 {
            chosen[usize::from(first(&directory).unwrap().0)] += 1;
        }
        // 3000 on average; the standard deviation is 27.
        assert!((2_800..3_200).contains(&chosen[1]), "{chosen:?}");
        assert_eq!(
            chosen[1] + chosen[2],
            4_000,
            "neither the unrated one nor one with another model"
        );
        assert_eq!(to_try(&directory, MODEL).len(), 2, "each once");
    }

    #[test]
    fn unrated_miners_are_asked_where_nobody_is_rated_and_where_nobody_serves_nobody_is() {
        let unrated = directory(&[(1, 0, MODEL), (2, 0, MODEL)]);
        assert!((0..100).any(|_| first(&unrated) == Some(Uid(1))));
        assert!((0..100).any(|_| first(&unrated) == Some(Uid(2))));
        assert_eq!(first(&directory(&[(1, 5, ModelRoot([8; 32]))])), None);
        let many: Vec<_> = (0..9).map(|uid| (uid, 5, MODEL)).collect();
        assert_eq!(to_try(&directory(&many), MODEL).len(), TRIES);
    }
}
