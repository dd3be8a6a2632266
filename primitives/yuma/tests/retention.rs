//! The guarantees that the classic protocol's authors published for its consensus, on ours.
#[path = "../examples/retention/game.rs"]
mod game;

use game::{Game, Rules};

/// The utility that keeps 60 % of stake, in percent.
fn needed(rules: Rules) -> f64 {
    100.0 * Game::new(0.6, rules).needed(10)
}

fn assert_near(rules: Rules, published: f64) {
    let needed = needed(rules);
    assert!((needed - published).abs() <= 2.0, "{rules:?}: {needed} for {published}");
}

#[test]
fn an_honest_majority_needs_more_utility_the_less_its_validators_agree() {
    for (noise, published) in [(0.0, 60.0), (0.2, 67.0), (0.4, 73.0)] {
        assert_near(
            Rules {
                noise,
                ..Rules::default()
            },
            published,
        );
    }
}

#[test]
fn an_honest_majority_needs_less_utility_the_more_of_a_cabals_excess_leaves_its_bonds() {
    for (penalty, published) in [(0.0, 78.0), (0.5, 76.0), (1.0, 73.0)] {
        assert_near(
            Rules {
                penalty,
                ..Rules::default()
            },
            published,
        );
    }
}
