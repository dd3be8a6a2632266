//! What a validator earns that copies the last revealed weights, next to an honest one of equal stake.
//!
//! `cargo run --release -p laurel-yuma --example copying`
//!
//! The setting is described in docs/guarantees.md.
#[path = "copying/subnet.rs"]
mod subnet;

use subnet::{copiers_part, Setting};

const LIQUID: (u16, u16) = (45_875, 58_982);

fn main() {
    println!("copier's dividends in percent of an honest validator's\n");
    println!(
        "{:>7} {:>7}  {:34} {:>7} {:>7} {:>7}",
        "change", "noise", "rule", "plain", "hidden", "longer"
    );
    for change in [0.05, 0.1, 0.2] {
        for noise in [0.05, 0.1, 0.2] {
            let rules = [
                ("bonds alone", 0, None, 1),
                ("bonds, liquid alpha", 0, Some(LIQUID), 1),
                ("staleness, one epoch back", u16::MAX, None, 1),
                ("staleness, two epochs back", u16::MAX, None, 2),
                ("staleness, two back, liquid alpha", u16::MAX, Some(LIQUID), 2),
            ];
            for (name, staleness_penalty, liquid_alpha, compared) in rules {
                let part = |lag| {
                    100.0
                        * copiers_part(Setting {
                            lag,
                            compared,
                            change,
                            noise,
                            staleness_penalty,
                            liquid_alpha,
                        })
                };
                println!(
                    "{:>6.0}% {:>6.0}%  {name:34} {:>7.1} {:>7.1} {:>7.1}",
                    100.0 * change,
                    100.0 * noise,
                    part(0),
                    part(1),
                    part(2)
                );
            }
        }
    }
}
