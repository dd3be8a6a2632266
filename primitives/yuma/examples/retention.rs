//! How useful an honest majority has to be to keep its part of the stake, whatever a cabal says.
//!
//! `cargo run --release -p laurel-yuma --example retention [folder]`
//!
//! Prints the utility that is needed and draws it into `retention.svg` in the folder, `docs` if none is named. The setting is
//! described in docs/guarantees.md.
use anyhow::{Context, Result};
use std::{fs, path::PathBuf};

#[path = "retention/game.rs"]
mod game;
#[path = "retention/picture.rs"]
mod picture;

use game::{Game, Rules};
use picture::Panel;

/// Honest stake of the lines that are drawn.
const STAKES: [f64; 8] = [0.51, 0.55, 0.6, 0.65, 0.7, 0.8, 0.9, 0.99];
/// What the cabal gives itself, from nothing to everything.
const STEPS: usize = 20;

fn main() -> Result<()> {
    let folder = std::env::args()
        .nth(1)
        .map_or_else(|| PathBuf::from("docs"), PathBuf::from);
    let noise = [0.0, 0.2, 0.4].map(|noise| Rules {
        noise,
        ..Rules::default()
    });
    let penalty = [0.0, 0.5, 1.0].map(|penalty| Rules {
        penalty,
        ..Rules::default()
    });
    let kappa = [0.4, 0.5, 0.6].map(|kappa| Rules {
        kappa,
        ..Rules::default()
    });
    let mut panels = Vec::new();
    println!("honest utility that keeps 60 % of stake");
    for rules in noise.into_iter().chain(penalty).chain(kappa) {
        let needed = Game::new(0.6, rules).needed(STEPS);
        println!(
            "noise {:.1}, bonds penalty {:.1}, kappa {:.1}: {:5.1} %",
            rules.noise,
            rules.penalty,
            rules.kappa,
            100.0 * needed
        );
        let line = |stake: f64| (stake, Game::new(stake, rules).line(STEPS));
        panels.push(Panel {
            title: format!(
                "noise {:.1}, penalty {:.1}, κ {:.1}",
                rules.noise, rules.penalty, rules.kappa
            ),
            note: format!("60 % needs {:.0} %", 100.0 * needed),
            lines: STAKES.map(line).to_vec(),
        });
    }
    let path = folder.join("retention.svg");
    fs::write(&path, picture::draw(&panels)).with_context(|| format!("cannot write {}", path.display()))?;
    println!("drawn into {}", path.display());
    Ok(())
}
