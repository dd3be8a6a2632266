//! What the work promises to both sides.
use laurel_miner::Solve;
use laurel_protocol::CustomWork;
use laurel_validator::{
    rand::{rngs::StdRng, seq::SliceRandom, SeedableRng},
    work::Judge,
    Score,
};
use my_subnet::{
    work::{Answer, Task},
    Tours,
};

fn task(seed: u64) -> Task {
    Tours.task(&mut StdRng::seed_from_u64(seed))
}

fn score(task: &Task, tour: Vec<usize>) -> Result<Score, String> {
    Tours.score(task, &Answer { tour }).map(|scored| scored.score)
}

#[test]
fn a_miner_that_works_is_paid_and_better_work_is_paid_better() {
    for seed in 0..10 {
        let task = task(seed);
        let mut answer = Tours.solve(&task).unwrap();
        let honest = score(&task, answer.tour.clone()).unwrap();
        assert!(honest > Score(200_000) && honest < Score::ONE, "{honest}");
        // Two points exchanged: as a tour it holds, but it is longer.
        answer.tour.swap(10, 100);
        assert!(score(&task, answer.tour).unwrap() < honest);
    }
}

#[test]
fn what_costs_nothing_is_worth_nothing() {
    let task = task(1);
    let mut any: Vec<usize> = (0..task.points.len()).collect();
    any.shuffle(&mut StdRng::seed_from_u64(2));
    assert_eq!(score(&task, any), Ok(Score::ZERO));
}

#[test]
fn a_tour_that_leaves_out_a_point_repeats_one_or_makes_one_up_is_no_answer() {
    let square = Task {
        points: vec![(9, 9), (0, 0), (9, 0), (0, 9)],
    };
    assert!(score(&square, vec![0, 2, 1, 3]).is_ok());
    for (tour, why) in [
        (vec![0, 2, 1], "point 3 is not visited"),
        (vec![0, 2, 1, 1], "point 1 is visited twice"),
        (vec![0, 2, 1, 4], "there is no point 4 among 4"),
        (vec![], "point 0 is not visited"),
    ] {
        assert_eq!(score(&square, tour), Err(why.to_owned()));
    }
}

#[test]
fn the_best_tour_of_a_square_is_what_the_specification_says() {
    // Round the corners costs 4 × 9; the tree needs 3 × 9; going to the nearest finds the best tour itself, so there is nothing to gain.
    let corners = Task {
        points: vec![(0, 0), (9, 0), (9, 9), (0, 9)],
    };
    let scored = Tours.score(&corners, &Tours.solve(&corners).unwrap()).unwrap();
    assert_eq!(scored.score, Score::ZERO);
    assert_eq!(
        scored.reason,
        "a tour of 36000; 36000 costs nothing, 27000 cannot be reached"
    );
}

#[test]
fn a_task_is_never_the_same_twice_and_always_the_same_for_the_same_random_numbers() {
    assert_eq!(task(1), task(1));
    assert_ne!(task(1), task(2));
}

#[test]
fn tasks_and_answers_are_the_json_of_the_specification() {
    for (example, is_task) in [
        (r#"{ "points": [[9, 9], [0, 0], [9, 0], [0, 9]] }"#, true),
        (r#"{ "tour": [0, 2, 1, 3] }"#, false),
    ] {
        assert!(Tours::SPECIFICATION.contains(example));
        assert_eq!(serde_json::from_str::<Task>(example).is_ok(), is_task);
        assert_eq!(serde_json::from_str::<Answer>(example).is_ok(), !is_task);
    }
}

#[test]
fn a_stranger_s_task_cannot_keep_a_miner_busy() {
    let endless = Task {
        points: vec![(0, 0); 100_000],
    };
    assert!(Tours.solve(&endless).is_err());
    for few in 0..4 {
        let points = vec![(u32::MAX, 0); few];
        assert_eq!(Tours.solve(&Task { points }).unwrap().tour.len(), few);
    }
}
