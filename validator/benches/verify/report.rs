//! The tables.
use super::text::Row;
use super::Tally;
use laurel_validator::statistic::Deviation;

/// Prints what was caught, then what was not caught looks like.
pub fn print(title: &str, rows: &[Row]) {
    println!("\n## {title}\n");
    println!("| case | requests | tokens | caught with proofs | after tokens (median, most) | caught without proofs |");
    println!("|---|---|---|---|---|---|");
    for row in rows {
        let [with, without] = &row.tallies;
        println!(
            "| {}{} | {} | {} | {} | {} | {} |",
            if with.is_honest() { "honest: " } else { "" },
            row.name,
            with.requests,
            with.tokens,
            share(with),
            until(with),
            if row.has_proofs { share(without) } else { "–".into() }
        );
    }
    if rows.iter().any(|row| row.has_proofs) {
        deviations(rows);
    }
    for row in rows {
        for tally in row.tallies.iter().take(if row.has_proofs { 2 } else { 1 }) {
            if let Some(reason) = tally.reason.as_ref().filter(|_| tally.is_honest()) {
                println!("\nThe first false alarm of {}: {reason}", row.name);
            }
        }
    }
}

/// Runs of up to 300 tokens that were not caught without proofs: what thresholds must let pass, or cannot tell apart.
fn deviations(rows: &[Row]) {
    println!("\n| runs that were not caught without proofs: median, 99 %, most | runs | tokens that differ | margins, millionths of a nat a grain | accidents | mantissas, thousandths a grain | other exponents, in a thousand |");
    println!("|---|---|---|---|---|---|---|");
    for row in rows {
        let [with, without] = &row.tallies;
        if without.sums.is_empty() {
            continue;
        }
        let of = |tally: &Tally, what: &dyn Fn(&Deviation) -> u32| spread(tally.sums.iter().map(what).collect());
        println!(
            "| {} | {} | {} | {} | {} | {} | {} |",
            row.name,
            without.sums.len(),
            of(without, &|sum| sum.different),
            of(without, &|sum| sum.margins_micro),
            of(without, &|sum| sum.accidents),
            of(with, &Deviation::mantissa),
            of(with, &|sum| sum.exponents * 1000 / sum.values.max(1)),
        );
    }
}

fn spread(mut values: Vec<u32>) -> String {
    values.sort_unstable();
    let Some(last) = values.len().checked_sub(1) else {
        return "–".into();
    };
    let at = |share: usize| values[(last * share).div_ceil(100).min(last)];
    format!("{}, {}, {}", at(50), at(99), values[last])
}

/// `caught / runs`, in per cent; where it is none or all, the bound of the other share with 95 % confidence, 3 / runs.
fn share(tally: &Tally) -> String {
    let (caught, runs) = (tally.caught, tally.runs);
    let percent = 100.0 * caught as f64 / runs.max(1) as f64;
    let bound = 300.0 / runs.max(1) as f64;
    match caught {
        0 => format!("0 of {runs} (≤ {bound:.2} %)"),
        all if all == runs => format!("all of {runs} (≥ {:.2} %)", 100.0 - bound),
        some => format!("{some} of {runs} = {percent:.2} %"),
    }
}

fn until(tally: &Tally) -> String {
    let mut tokens = tally.until.clone();
    tokens.sort_unstable();
    match tokens.last() {
        Some(last) => format!("{}, {last}", tokens[tokens.len() / 2]),
        None => "–".into(),
    }
}
