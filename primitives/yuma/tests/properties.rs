//! What must hold for every input, not only for sensible ones.
use laurel_yuma::{apportion, epoch, EpochInput, EpochOutput, EpochParams, NeuronInput, PermitRule};
use proptest::{collection::vec, prelude::*};

fn stake() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), Just(u64::MAX), 0u64..10, any::<u64>()]
}

fn block() -> impl Strategy<Value = u32> {
    prop_oneof![3 => 0u32..20, 1 => any::<u32>()]
}

fn neuron() -> impl Strategy<Value = NeuronInput> {
    (stake(), block(), block(), any::<bool>()).prop_map(|(stake, last_update, registered_at, permit)| NeuronInput {
        stake,
        last_update,
        registered_at,
        permit,
    })
}

/// Rows as no chain would store them: unsorted, repeated and unknown uids, more or fewer rows than neurons.
fn rows() -> impl Strategy<Value = Vec<Vec<(u16, u16)>>> {
    let uid = prop_oneof![9 => 0u16..14, 1 => any::<u16>()];
    let value = prop_oneof![Just(0), Just(u16::MAX), any::<u16>()];
    vec(vec((uid, value), 0..14), 0..14)
}

/// The entries of a row that count, in order.
fn ascending(row: &[(u16, u16)]) -> Vec<(u16, u16)> {
    let mut kept: Vec<(u16, u16)> = vec![];
    for entry in row {
        if kept.last().is_none_or(|last| last.0 < entry.0) {
            kept.push(*entry);
        }
    }
    kept
}

fn params() -> impl Strategy<Value = EpochParams> {
    let fraction = || prop_oneof![Just(0), Just(u16::MAX), Just(32_767), any::<u16>()];
    let moving_average = prop_oneof![Just(0), Just(900_000), Just(1_000_000), any::<u32>()];
    let liquid = proptest::option::of((fraction(), fraction()));
    let rule = prop_oneof![Just(PermitRule::PositiveStake), Just(PermitRule::Classic)];
    (fraction(), block(), moving_average, fraction(), 0u16..20, liquid, rule).prop_map(
        |(kappa, activity_cutoff, bonds_moving_average, bonds_penalty, max_validators, liquid_alpha, permit_rule)| {
            EpochParams {
                kappa,
                activity_cutoff,
                bonds_moving_average,
                bonds_penalty,
                max_validators,
                liquid_alpha,
                permit_rule,
            }
        },
    )
}

fn total(shares: &[u64]) -> u128 {
    shares.iter().copied().map(u128::from).sum()
}

/// Shares are rounded down once each, so they miss at most one unit of 2^-32 a neuron.
fn is_whole_or_nothing(shares: &[u64]) -> bool {
    let missing = (1u128 << 32).checked_sub(total(shares));
    total(shares) == 0 || missing.is_some_and(|missing| missing <= shares.len() as u128)
}

fn check_lengths(output: &EpochOutput, n: usize) -> Result<(), TestCaseError> {
    for values in [
        &output.stake_weight,
        &output.trust,
        &output.consensus,
        &output.incentive,
        &output.dividends,
        &output.validator_trust,
        &output.pruning_scores,
    ] {
        prop_assert_eq!(values.len(), n);
    }
    for flags in [&output.active, &output.permits] {
        prop_assert_eq!(flags.len(), n);
    }
    prop_assert_eq!(output.bonds.len(), n);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn an_epoch_never_panics_and_its_shares_are_whole(
        neurons in vec(neuron(), 0..14),
        weights in rows(),
        bonds in rows(),
        params in params(),
        now in block(),
        amount: u64,
    ) {
        let output = epoch(&EpochInput { now, params, neurons: &neurons, weights: &weights, bonds: &bonds });
        check_lengths(&output, neurons.len())?;
        prop_assert!(is_whole_or_nothing(&output.incentive_share), "{:?}", output.incentive_share);
        prop_assert!(is_whole_or_nothing(&output.dividend_share), "{:?}", output.dividend_share);

        // Whatever there is to pay is paid to the last unit, in both manners.
        let by_incentive = apportion(amount, &output.incentive_share);
        prop_assert!(total(&by_incentive) == u128::from(amount) || total(&output.incentive_share) == 0);
        let (server, validator, combined) = output.split_emission(amount);
        let staked = neurons.iter().any(|neuron| neuron.stake > 0);
        prop_assert_eq!(total(&combined), if staked { u128::from(amount) } else { 0 });
        for ((server, validator), sum) in server.iter().zip(&validator).zip(&combined) {
            prop_assert_eq!(server.checked_add(*validator), Some(*sum));
        }

        let granted = output.permits.iter().filter(|permit| **permit).count();
        prop_assert!(granted <= usize::from(params.max_validators));
        if params.permit_rule == PermitRule::PositiveStake {
            prop_assert!(output.permits.iter().zip(&neurons).all(|(permit, neuron)| !permit || neuron.stake > 0));
        }
        for ((row, permit), neuron) in output.bonds.iter().zip(&output.permits).zip(&neurons) {
            prop_assert!(*permit || !neuron.permit || row.is_empty());
            if *permit {
                prop_assert!(row.windows(2).all(|pair| pair[0].0 < pair[1].0));
            }
        }
    }

    #[test]
    fn entries_out_of_order_change_nothing(
        neurons in vec(neuron(), 0..14),
        weights in rows(),
        bonds in rows(),
        params in params(),
        now in block(),
    ) {
        let run = |weights: &[Vec<(u16, u16)>], bonds: &[Vec<(u16, u16)>]| {
            let mut output = epoch(&EpochInput { now, params, neurons: &neurons, weights, bonds });
            // Who has no permit keeps its bonds as they are.
            for (row, (permit, neuron)) in output.bonds.iter_mut().zip(output.permits.iter().zip(&neurons)) {
                if !permit && !neuron.permit {
                    row.clear();
                }
            }
            output
        };
        // What is not below the number of neurons ends a row, as nothing can ascend from there.
        let sorted = |rows: &[Vec<(u16, u16)>]| rows.iter().map(|row| ascending(row)).collect::<Vec<_>>();
        prop_assert_eq!(run(&weights, &bonds), run(&sorted(&weights), &sorted(&bonds)));
    }

    #[test]
    fn neither_self_weights_nor_those_without_a_permit_change_anything(
        neurons in vec(neuron(), 2..10),
        weights in rows(),
        now in 0u32..20,
        uid in 0usize..10,
        said in 1u16..,
    ) {
        let params = EpochParams {
            kappa: 32_767,
            activity_cutoff: 10,
            bonds_moving_average: 900_000,
            bonds_penalty: u16::MAX,
            max_validators: 5,
            liquid_alpha: None,
            permit_rule: PermitRule::PositiveStake,
        };
        let uid = uid % neurons.len();
        let mut weights: Vec<Vec<(u16, u16)>> = weights.iter().map(|row| ascending(row)).collect();
        weights.resize(neurons.len(), vec![]);
        let run = |weights: &[Vec<(u16, u16)>]| {
            epoch(&EpochInput { now, params, neurons: &neurons, weights, bonds: &[] })
        };
        weights[uid].retain(|entry| usize::from(entry.0) != uid);
        let without = run(&weights);
        let mut with_self = weights.clone();
        let place = with_self[uid].partition_point(|entry| usize::from(entry.0) < uid);
        with_self[uid].insert(place, (uid as u16, said));
        prop_assert_eq!(&run(&with_self), &without);
        if !neurons[uid].permit {
            weights[uid] = vec![];
            prop_assert_eq!(&run(&weights), &without);
        }
    }
}
