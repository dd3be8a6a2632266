//! The cases of `docs/verification.md`, a few requests each: honest answers pass, others do not.
#[path = "../benches/verify/cases.rs"]
#[allow(dead_code)]
mod cases;

use cases::{text, Effort};
use std::path::Path;
use std::time::Duration;

#[tokio::test]
async fn windows_of_honest_answers_pass_and_with_activation_proofs_every_cheat_is_caught() {
    let effort = Effort {
        requests: 16,
        windows: 0,
        time: Duration::ZERO,
        steps: 4,
    };
    let folder = tempfile::tempdir().unwrap();
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/tiny");
    let rows = text::all(&model, folder.path(), effort).await.unwrap();
    assert!(rows.len() >= 14, "{} cases", rows.len());
    for row in &rows {
        let [with, without] = &row.tallies;
        assert!(with.runs > 0, "{}", row.name);
        if with.is_honest() {
            assert_eq!((with.caught, without.caught), (0, 0), "{}: {:?}", row.name, with.reason);
        } else {
            assert_eq!(with.caught, with.runs, "{} escaped", row.name);
        }
    }
}
