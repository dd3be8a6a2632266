//! The epoch against a plain floating-point computation of the same formulas on dense matrices.
use laurel_yuma::{epoch, EpochInput, EpochParams, NeuronInput, PermitRule};
use proptest::{collection::vec, prelude::*};

type Matrix = Vec<Vec<f64>>;

struct Reference {
    consensus: Vec<f64>,
    incentive: Vec<f64>,
    dividends: Vec<f64>,
    bonds: Matrix,
    /// For each column the units of a bond, as stored, that one unit of 2^-32 of the largest fresh bond is: stake times weight is kept
    /// with that, here as on the classic chain.
    grain: Vec<f64>,
    /// Distance of the nearest stake sum to the point at which a median jumps: too near, and rounding decides.
    margin: f64,
}

fn normalised(values: &[f64]) -> Vec<f64> {
    let sum: f64 = values.iter().sum();
    values
        .iter()
        .map(|value| if sum == 0.0 { *value } else { value / sum })
        .collect()
}

fn transposed(matrix: &Matrix) -> Matrix {
    (0..matrix.len())
        .map(|column| matrix.iter().map(|row| row[column]).collect())
        .collect()
}

fn column_normalised(matrix: &Matrix) -> Matrix {
    transposed(&transposed(matrix).iter().map(|column| normalised(column)).collect())
}

/// The largest value that at least kappa of the stake supports, and how near the decision was.
fn median(column: &[f64], stake: &[f64], kappa: f64) -> (f64, f64) {
    let support = |value: f64| -> f64 {
        column
            .iter()
            .zip(stake)
            .filter(|(other, _)| **other >= value)
            .map(|(_, s)| s)
            .sum()
    };
    let margin = column
        .iter()
        .map(|value| (support(*value) - kappa).abs())
        .fold(f64::MAX, f64::min);
    (
        column
            .iter()
            .copied()
            .filter(|value| support(*value) >= kappa)
            .fold(0.0, f64::max),
        margin,
    )
}

/// All neurons hold permits and are active; `alpha` is the speed of bonds.
fn reference(stake: &[f64], weights: &Matrix, bonds: &Matrix, kappa: f64, penalty: f64, alpha: f64) -> Reference {
    let n = stake.len();
    let stake = normalised(stake);
    let mut weights = weights.clone();
    for (uid, row) in weights.iter_mut().enumerate() {
        row[uid] = 0.0;
        *row = normalised(row);
    }
    let medians: Vec<(f64, f64)> = transposed(&weights)
        .iter()
        .map(|column| median(column, &stake, kappa))
        .collect();
    let consensus: Vec<f64> = medians.iter().map(|(value, _)| *value).collect();
    let margin = medians.iter().map(|(_, margin)| *margin).fold(f64::MAX, f64::min);
    let weighted: Matrix = (0..n)
        .map(|i| (0..n).map(|j| weights[i][j].min(consensus[j]) * stake[i]).collect())
        .collect();
    let ranks: Vec<f64> = transposed(&weighted).iter().map(|column| column.iter().sum()).collect();
    let incentive = normalised(&ranks);
    let bonding: Matrix = (0..n)
        .map(|i| {
            (0..n)
                .map(|j| (weights[i][j] * (1.0 - penalty) + weights[i][j].min(consensus[j]) * penalty) * stake[i])
                .collect()
        })
        .collect();
    let grain = transposed(&bonding)
        .iter()
        .map(|column| column.iter().copied().fold(0.0, f64::max) * 4_294_967_296.0)
        .map(|largest| if largest > 0.0 { 65_535.0 / largest } else { 0.0 })
        .collect();
    let (fresh, past) = (column_normalised(&bonding), column_normalised(bonds));
    let average: Matrix = (0..n)
        .map(|i| {
            (0..n)
                .map(|j| alpha * fresh[i][j] + (1.0 - alpha) * past[i][j])
                .collect()
        })
        .collect();
    let bonds = column_normalised(&average);
    let earned: Vec<f64> = bonds
        .iter()
        .map(|row| row.iter().zip(&incentive).map(|(b, i)| b * i).sum())
        .collect();
    Reference {
        consensus,
        incentive,
        dividends: normalised(&earned),
        bonds,
        grain,
        margin,
    }
}

/// Values are zero or not tiny: a bond to a miner that nobody values has few significant bits of the 32.
fn dense(n: usize) -> impl Strategy<Value = Vec<Vec<u16>>> {
    vec(vec(prop_oneof![1 => Just(0u16), 4 => 2_000u16..], n), n)
}

fn near(name: &str, fixed: &[u16], exact: &[f64]) -> Result<(), TestCaseError> {
    for (uid, (fixed, exact)) in fixed.iter().zip(exact).enumerate() {
        let difference = f64::from(*fixed) - exact * 65_535.0;
        // Rounded down once; before that, divisions by small sums magnify the rounding of 32 fraction bits a little.
        prop_assert!(
            (-1.1..=0.1).contains(&difference),
            "{} of {}: {} for {}",
            name,
            uid,
            fixed,
            exact * 65_535.0
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn an_epoch_agrees_with_floating_point(
        (stakes, weights, bonds) in (2usize..20).prop_flat_map(|n| (vec(10_000_000_000u64..1_000_000_000_000, n), dense(n), dense(n))),
        kappa in 10_000u16..60_000,
        bonds_penalty in prop_oneof![Just(u16::MAX), Just(0), 0u16..],
        // Where next to nothing is kept, a column without fresh bonds is next to nothing too, and loses its bits.
        bonds_moving_average in 50_000u32..1_000_000,
    ) {
        let neurons: Vec<NeuronInput> = stakes
            .iter()
            .map(|stake| NeuronInput { stake: *stake, last_update: 2, registered_at: 1, permit: true })
            .collect();
        let rows = |matrix: &[Vec<u16>]| -> Vec<Vec<(u16, u16)>> {
            matrix.iter().map(|row| (0..).zip(row.iter().copied()).collect()).collect()
        };
        let output = epoch(&EpochInput {
            now: 3,
            params: EpochParams {
                kappa,
                activity_cutoff: 10,
                bonds_moving_average,
                bonds_penalty,
                max_validators: 256,
                liquid_alpha: None,
                permit_rule: PermitRule::PositiveStake,
            },
            neurons: &neurons,
            weights: &rows(&weights),
            bonds: &rows(&bonds),
        });
        let floats = |matrix: &[Vec<u16>]| -> Matrix {
            matrix.iter().map(|row| row.iter().copied().map(f64::from).collect()).collect()
        };
        let exact = reference(
            &stakes.iter().map(|stake| *stake as f64).collect::<Vec<_>>(),
            &floats(&weights),
            &floats(&bonds),
            f64::from(kappa) / 65_535.0,
            f64::from(bonds_penalty) / 65_535.0,
            1.0 - f64::from(bonds_moving_average) / 1e6,
        );
        prop_assume!(exact.margin > 1e-6);
        near("consensus", &output.consensus, &exact.consensus)?;
        near("incentive", &output.incentive, &exact.incentive)?;
        near("dividends", &output.dividends, &exact.dividends)?;
        let maxima: Vec<f64> =
            transposed(&exact.bonds).iter().map(|column| column.iter().copied().fold(0.0, f64::max)).collect();
        for (row, exact_row) in output.bonds.iter().zip(&exact.bonds) {
            for (miner, bond) in row {
                let scaled = exact_row[usize::from(*miner)] / maxima[usize::from(*miner)] * 65_535.0;
                let tolerance = 1.5 + 6.0 * exact.grain[usize::from(*miner)];
                prop_assert!((f64::from(*bond) - scaled).abs() < tolerance, "{} for {}", bond, scaled);
            }
        }
    }
}
