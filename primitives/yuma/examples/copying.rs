//! What a validator earns that copies the last revealed weights, or looks badly or seldom, next to honest ones of equal stake.
//!
//! `cargo run --release -p laurel-yuma --example copying`
//!
//! The setting is described in docs/guarantees.md.
#[path = "copying/subnet.rs"]
mod subnet;

use subnet::{others_part, Conduct, Setting};

const CONDUCTS: [(&str, Conduct); 9] = [
    ("copy", Conduct::Copies),
    ("older", Conduct::CopiesOlder),
    ("+noise", Conduct::CopiesWithNoise(0.2)),
    ("equal", Conduct::CallsAllEqual),
    ("+equal", Conduct::CopiesTowardsEqual),
    ("mix", Conduct::Mixes),
    ("noise x2", Conduct::Measures(2.0)),
    ("noise x3", Conduct::Measures(3.0)),
    ("slow", Conduct::MeasuresEverySecondEpoch),
];

fn main() {
    println!("dividends in percent of an honest validator's\n");
    print!(
        "{:>6} {:>6} {:>6} {:>7} {:>8}",
        "miners", "change", "noise", "hidden", "penalty"
    );
    for (name, _) in CONDUCTS {
        print!(" {name:>8}");
    }
    println!();
    for newcomers in [false, true] {
        for change in [0.0, 0.05, 0.1, 0.2] {
            for noise in [0.05, 0.1, 0.2] {
                for hidden in [0, 1, 2] {
                    for staleness_penalty in [0, u16::MAX] {
                        let miners = if newcomers { "new" } else { "same" };
                        print!(
                            "{miners:>6} {:>5.0}% {:>5.0}% {hidden:>7} {:>8}",
                            100.0 * change,
                            100.0 * noise,
                            staleness_penalty / u16::MAX
                        );
                        for (_, conduct) in CONDUCTS {
                            let part = others_part(Setting {
                                hidden,
                                change,
                                newcomers,
                                noise,
                                staleness_penalty,
                                conduct,
                            });
                            print!(" {:>8.1}", 100.0 * part);
                        }
                        println!();
                    }
                }
            }
        }
    }
}
