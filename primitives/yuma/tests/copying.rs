//! What copying the last revealed weights earns, next to looking.
#[path = "../examples/copying/subnet.rs"]
mod subnet;

use subnet::{copiers_part, Setting};

/// A tenth of the miners changes in each epoch, and validators measure with a tenth of noise.
fn part(lag: usize, staleness_penalty: u16) -> f64 {
    copiers_part(Setting {
        lag,
        // What a copier can know is that old.
        compared: lag,
        change: 0.1,
        noise: 0.1,
        staleness_penalty,
        liquid_alpha: None,
    })
}

#[test]
fn weakness_1_bonds_alone_pay_a_copier_like_one_who_looks() {
    assert!(part(1, 0) > 0.95);
    assert!(part(2, 0) > 0.9);
}

#[test]
fn weakness_1_a_copier_earns_less_than_nine_tenths_and_less_than_six_where_one_more_epoch_is_hidden() {
    assert!(part(1, u16::MAX) < 0.9);
    assert!(part(2, u16::MAX) < 0.6);
}

#[test]
fn where_nothing_changes_nobody_loses() {
    let part = copiers_part(Setting {
        lag: 1,
        compared: 1,
        change: 0.0,
        noise: 0.0,
        staleness_penalty: u16::MAX,
        liquid_alpha: None,
    });
    assert!((part - 1.0).abs() < 0.01, "{part}");
}
