//! Short tours through random points: the task, the check, the score, and a miner's answer.
//!
//! A tour is easy to check and hard to shorten, so whoever computes better is paid better. The numbers are whole ones throughout: everybody
//! who has a task and an answer comes to the same score, on any machine.
use laurel_miner::Solve;
use laurel_protocol::CustomWork;
use laurel_validator::{
    rand::{Rng, RngCore},
    work::{Judge, Scored},
    Score,
};
use serde::{Deserialize, Serialize};

/// Points of a task.
const POINTS: usize = 200;
/// The side of the square that they are in.
const SIDE: u32 = 10_000;
/// Most points that a miner takes on: its work grows with their square.
const MOST_POINTS: usize = 1_000;

/// The work.
pub struct Tours;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// Where to go.
    pub points: Vec<(u32, u32)>,
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Indices of the points, in the order in which they are visited.
    pub tour: Vec<usize>,
}

impl CustomWork for Tours {
    const SPECIFICATION: &'static str = include_str!("../SPECIFICATION.md");
    type Task = Task;
    type Answer = Answer;
}

impl Judge for Tours {
    fn task(&self, random: &mut dyn RngCore) -> Task {
        let mut coordinate = || random.random_range(0..SIDE);
        Task {
            points: (0..POINTS).map(|_| (coordinate(), coordinate())).collect(),
        }
    }

    fn score(&self, task: &Task, answer: &Answer) -> Result<Scored, String> {
        let points = &task.points;
        check(points.len(), &answer.tour)?;
        let length = length(points, &answer.tour);
        let nothing = length_of_nearest(points);
        let unreachable = spanning_tree(points);
        // A tree is shorter than any tour, so the whole is above 0 wherever the part is.
        let gained = nothing.saturating_sub(length);
        let score = match gained {
            0 => Score::ZERO,
            _ => Score::ratio(gained, nothing.saturating_sub(unreachable)),
        };
        Ok(Scored {
            score,
            reason: format!("a tour of {length}; {nothing} costs nothing, {unreachable} cannot be reached"),
        })
    }
}

impl Solve for Tours {
    fn solve(&self, task: &Task) -> Result<Answer, String> {
        if task.points.len() > MOST_POINTS {
            return Err(format!("at most {MOST_POINTS} points are taken on"));
        }
        let mut tour = nearest(&task.points);
        shorten(&task.points, &mut tour);
        Ok(Answer { tour })
    }
}

/// Whether a tour visits each of so many points once.
fn check(points: usize, tour: &[usize]) -> Result<(), String> {
    let mut visited = vec![false; points];
    for &at in tour {
        match visited.get_mut(at) {
            Some(seen) if !*seen => *seen = true,
            Some(_) => return Err(format!("point {at} is visited twice")),
            None => return Err(format!("there is no point {at} among {points}")),
        }
    }
    match visited.iter().position(|seen| !seen) {
        Some(missed) => Err(format!("point {missed} is not visited")),
        None => Ok(()),
    }
}

/// In thousandths, rounded down.
fn distance((ax, ay): (u32, u32), (bx, by): (u32, u32)) -> u64 {
    let (dx, dy) = (u64::from(ax.abs_diff(bx)), u64::from(ay.abs_diff(by)));
    // Validators keep coordinates below 10 000; what others send must not overflow either.
    let square = u128::from(dx * dx) + u128::from(dy * dy);
    (square * 1_000_000).isqrt() as u64
}

/// The length of a tour, with the way back.
fn length(points: &[(u32, u32)], tour: &[usize]) -> u64 {
    let next = tour.iter().cycle().skip(1);
    tour.iter()
        .zip(next)
        .map(|(&a, &b)| distance(points[a], points[b]))
        .sum()
}

/// What costs nothing: always on to the nearest point.
fn nearest(points: &[(u32, u32)]) -> Vec<usize> {
    let mut left: Vec<usize> = (1..points.len()).collect();
    let mut tour: Vec<usize> = (0..points.len().min(1)).collect();
    while let Some(&here) = tour.last() {
        let by_distance = |(_, &at): &(usize, &usize)| (distance(points[here], points[at]), at);
        let Some((place, _)) = left.iter().enumerate().min_by_key(by_distance) else {
            break;
        };
        tour.push(left.swap_remove(place));
    }
    tour
}

fn length_of_nearest(points: &[(u32, u32)]) -> u64 {
    length(points, &nearest(points))
}

/// The length of a minimum spanning tree: a tour without one of its ways is a tree, so none is shorter.
fn spanning_tree(points: &[(u32, u32)]) -> u64 {
    let mut outside: Vec<(u64, usize)> = (1..points.len())
        .map(|at| (distance(points[0], points[at]), at))
        .collect();
    let mut length = 0;
    while let Some((place, &(way, joined))) = outside.iter().enumerate().min_by_key(|(_, point)| **point) {
        length += way;
        outside.swap_remove(place);
        for (near, at) in &mut outside {
            *near = distance(points[joined], points[*at]).min(*near);
        }
    }
    length
}

/// Turns parts of the tour round as long as that shortens it. A miner with a better idea earns more.
fn shorten(points: &[(u32, u32)], tour: &mut [usize]) {
    let between = |tour: &[usize], a: usize, b: usize| distance(points[tour[a]], points[tour[b % tour.len()]]);
    let mut is_shorter = true;
    while is_shorter {
        is_shorter = false;
        for i in 0..tour.len().saturating_sub(1) {
            for j in i + 1..tour.len() {
                let now = between(tour, i, i + 1) + between(tour, j, j + 1);
                if between(tour, i, j) + between(tour, i + 1, j + 1) < now {
                    tour[i + 1..=j].reverse();
                    is_shorter = true;
                }
            }
        }
    }
}
