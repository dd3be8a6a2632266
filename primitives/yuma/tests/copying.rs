//! What copying the last revealed weights earns, next to looking.
#[path = "../examples/copying/subnet.rs"]
mod subnet;

use subnet::{others_part, Conduct, Setting};

/// A tenth of the miners changes in each epoch, and validators measure with a tenth of noise.
const USUAL: Setting = Setting {
    hidden: 1,
    change: 0.1,
    newcomers: false,
    noise: 0.1,
    staleness_penalty: u16::MAX,
    conduct: Conduct::Copies,
};

#[test]
fn weakness_1_bonds_alone_pay_a_copier_like_one_who_looks() {
    for hidden in [1, 2] {
        let part = others_part(Setting {
            hidden,
            staleness_penalty: 0,
            ..USUAL
        });
        assert!(part > 0.9, "{part}");
    }
}

/// The part that goes to one of this conduct at most, over the rates of change that a subnet usually has, whether miners improve or are
/// replaced.
fn at_most(hidden: usize, conduct: Conduct) -> f64 {
    let settings = [0.05, 0.1].into_iter().flat_map(|change| {
        let noises = [0.05, 0.1, 0.2].into_iter();
        noises.flat_map(move |noise| [false, true].map(|newcomers| (change, noise, newcomers)))
    });
    let parts = settings.map(|(change, noise, newcomers)| {
        others_part(Setting {
            hidden,
            change,
            newcomers,
            noise,
            conduct,
            ..USUAL
        })
    });
    parts.fold(0.0, f64::max)
}

#[test]
fn weakness_1_a_copier_earns_less_than_nine_tenths_and_less_than_six_where_one_more_epoch_is_hidden() {
    for conduct in [
        Conduct::Copies,
        Conduct::CopiesOlder,
        Conduct::CopiesWithNoise(0.2),
        Conduct::CopiesTowardsEqual,
        Conduct::CallsAllEqual,
    ] {
        let (one, two) = (at_most(1, conduct), at_most(2, conduct));
        assert!(one < 0.9, "{conduct:?}: {one}");
        assert!(two < 0.6, "{conduct:?}: {two}");
    }
}

#[test]
fn who_half_copies_loses_about_half_of_what_a_copier_does() {
    let of = |conduct| others_part(Setting { conduct, ..USUAL });
    let (copies, mixes) = (of(Conduct::Copies), of(Conduct::Mixes));
    assert!((mixes - (1.0 + copies) / 2.0).abs() < 0.05, "{mixes} {copies}");
}

#[test]
fn noise_of_its_own_costs_an_honest_validator_nothing_more() {
    for change in [0.0, 0.05, 0.1, 0.2] {
        for times in [2.0, 3.0] {
            let with = |staleness_penalty| {
                others_part(Setting {
                    change,
                    staleness_penalty,
                    conduct: Conduct::Measures(times),
                    ..USUAL
                })
            };
            let (bonds_alone, with) = (with(0), with(u16::MAX));
            assert!(with > bonds_alone - 0.025, "{change} {times}: {with} {bonds_alone}");
        }
    }
}

#[test]
fn who_looks_in_every_second_epoch_keeps_more_than_half_where_a_copier_keeps_a_quarter() {
    let of = |conduct| others_part(Setting { conduct, ..USUAL });
    let (slow, copies) = (of(Conduct::MeasuresEverySecondEpoch), of(Conduct::Copies));
    assert!(slow > 0.55 && copies < 0.3, "{slow} {copies}");
}

#[test]
fn where_nothing_changes_nobody_loses() {
    for noise in [0.0, 0.05] {
        let part = others_part(Setting {
            change: 0.0,
            noise,
            ..USUAL
        });
        assert!((part - 1.0).abs() < 0.03, "{part}");
    }
}
