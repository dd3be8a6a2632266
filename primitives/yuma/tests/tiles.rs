//! Subnets of several tiles: nothing depends on where columns are cut, nor on the form in which rows are kept.
use laurel_yuma::{epoch, epoch_in_detail, Entries, EpochInput, EpochParams, Fixed, NeuronInput, PermitRule};
use proptest::{collection::vec, prelude::*};

const NEURONS: u16 = 400;

type Pairs = Vec<(u16, u16)>;

/// The rows of a few validators, each of which names so many percent of all columns.
fn rows(validators: usize) -> impl Strategy<Value = Vec<Pairs>> {
    let row = prop_oneof![Just(100u8), Just(95), Just(30), Just(2), Just(0)].prop_flat_map(|percent| {
        vec((0u8..100, 1u16..), usize::from(NEURONS)).prop_map(move |entries| {
            let named = (0..).zip(entries).filter(|(_, (lot, _))| *lot < percent);
            named.map(|(uid, (_, value))| (uid, value)).collect()
        })
    });
    vec(row, validators)
}

fn neurons(validators: u16) -> Vec<NeuronInput> {
    let neuron = |uid| NeuronInput {
        stake: if uid < validators {
            1_000 + 7 * u64::from(uid)
        } else {
            0
        },
        last_update: 5,
        // Some joined after the rows were fixed, which all rows have to look at then.
        registered_at: if validators.is_multiple_of(2) && uid % 50 == 49 {
            6
        } else {
            1
        },
        permit: uid < validators,
    };
    (0..NEURONS).map(neuron).collect()
}

fn input<'a, R>(neurons: &'a [NeuronInput], weights: &'a [R], bonds: &'a [R]) -> EpochInput<'a, R> {
    EpochInput {
        now: 10,
        params: EpochParams {
            kappa: 32_767,
            activity_cutoff: 100,
            bonds_moving_average: 900_000,
            bonds_penalty: 50_000,
            max_validators: 8,
            liquid_alpha: None,
            permit_rule: PermitRule::PositiveStake,
        },
        neurons,
        weights,
        bonds,
    }
}

fn packed(row: &Pairs) -> Vec<u32> {
    row.iter()
        .map(|(uid, value)| (u32::from(*uid) << 16) | u32::from(*value))
        .collect()
}

fn dense(row: &Pairs) -> Vec<u16> {
    let mut values = vec![0; usize::from(NEURONS)];
    for (uid, value) in row {
        values[usize::from(*uid)] = *value;
    }
    values
}

/// The same with entries that do not count: a zero, or repeated ones and some that come too late.
fn with_noise(row: &Pairs) -> Pairs {
    if row.len().is_multiple_of(2) {
        // Only at the end: nothing after it would ascend.
        return row.iter().copied().chain([(NEURONS - 1, 0)]).collect();
    }
    let late = |uid: u16| (uid > 100).then_some((3, 9));
    row.iter()
        .flat_map(|entry| [Some(*entry), Some((entry.0, 7)), late(entry.0)])
        .flatten()
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_form_of_a_row_says_the_same(
        (weights, bonds) in (1usize..6).prop_flat_map(|validators| (rows(validators), rows(validators))),
    ) {
        let neurons = neurons(weights.len() as u16);
        let expected = epoch(&input(&neurons, &weights, &bonds));
        let forms = |rows: &[Pairs]| -> (Vec<Vec<u32>>, Vec<Vec<u16>>, Vec<Pairs>) {
            (
                rows.iter().map(packed).collect(),
                rows.iter().map(dense).collect(),
                rows.iter().map(with_noise).collect(),
            )
        };
        let ((packed_weights, dense_weights, noisy_weights), (packed_bonds, dense_bonds, noisy_bonds)) =
            (forms(&weights), forms(&bonds));
        let (a, b): (Vec<Entries>, Vec<Entries>) = (
            packed_weights.iter().map(|row| Entries::Packed(row)).collect(),
            dense_bonds.iter().map(|row| Entries::Dense(row)).collect(),
        );
        prop_assert_eq!(&epoch(&input(&neurons, &a, &b)), &expected, "packed weights and dense bonds");
        let (a, b): (Vec<Entries>, Vec<Entries>) = (
            dense_weights.iter().map(|row| Entries::Dense(row)).collect(),
            packed_bonds.iter().map(|row| Entries::Packed(row)).collect(),
        );
        prop_assert_eq!(&epoch(&input(&neurons, &a, &b)), &expected, "dense weights and packed bonds");
        prop_assert_eq!(&epoch(&input(&neurons, &noisy_weights, &noisy_bonds)), &expected, "entries that do not count");
    }

    #[test]
    fn columns_of_all_tiles_follow_the_definitions(
        (weights, bonds) in (1usize..6).prop_flat_map(|validators| (rows(validators), rows(validators))),
    ) {
        let neurons = neurons(weights.len() as u16);
        let (_, detail) = epoch_in_detail(&input(&neurons, &weights, &bonds));
        let mut preranks = vec![0; neurons.len()];
        for (author, row) in weights.iter().enumerate() {
            let counts = |uid: usize| uid != author && neurons[uid].registered_at < neurons[author].last_update;
            let row: Vec<(usize, u64)> = row
                .iter()
                .map(|(uid, value)| (usize::from(*uid), u64::from(*value)))
                .filter(|(uid, _)| counts(*uid))
                .collect();
            let sum: u64 = row.iter().map(|entry| entry.1).sum();
            let stake = detail.active_stake[author].raw_part().min(u32::MAX.into());
            let mut trust = 0;
            for (uid, value) in row {
                let score = (value * (1u64 << 63).div_ceil(sum)) >> 31;
                preranks[uid] += (stake * score) >> 32;
                trust += score.min(detail.consensus[uid].raw_part());
            }
            prop_assert_eq!(detail.validator_trust[author], Fixed::from_raw(trust as i64));
        }
        let expected: Vec<Fixed> = preranks.into_iter().map(|raw: u64| Fixed::from_raw(raw as i64)).collect();
        prop_assert_eq!(&detail.preranks, &expected);
        let mut held = vec![Fixed::ZERO; neurons.len()];
        for row in &detail.bonds {
            prop_assert!(row.windows(2).all(|pair| pair[0].0 < pair[1].0));
            row.iter().for_each(|(uid, bond)| held[usize::from(*uid)] += *bond);
        }
        for (uid, held) in held.iter().enumerate() {
            let rounded_off = Fixed::from_raw(weights.len() as i64);
            prop_assert!(*held == Fixed::ZERO || (Fixed::ONE - rounded_off..=Fixed::ONE).contains(held), "{uid}");
        }
    }
}
