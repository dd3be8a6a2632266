//! How a store of receipts is laid out.
use super::database::Layout;
use rusqlite::Connection;

/// See [`Layout::steps`].
const STEPS: [&str; 3] = [
    // A file whose first opening was cut short has some of the tables.
    "CREATE TABLE IF NOT EXISTS identity (name TEXT PRIMARY KEY, value BLOB NOT NULL);
     CREATE TABLE IF NOT EXISTS receipts (
         id INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, uid INTEGER NOT NULL, summary TEXT NOT NULL,
         evidence BLOB NOT NULL, answer BLOB);
     CREATE INDEX IF NOT EXISTS receipts_by_epoch ON receipts (epoch, uid);
     CREATE TABLE IF NOT EXISTS ratings (registration INTEGER PRIMARY KEY, rating BLOB NOT NULL);
     CREATE TABLE IF NOT EXISTS commits (
         epoch INTEGER PRIMARY KEY, registration INTEGER NOT NULL, weights BLOB NOT NULL, receipts_root BLOB NOT NULL,
         version_key INTEGER NOT NULL, salt BLOB NOT NULL, state TEXT NOT NULL);",
    // A commit has its own reveal epoch. Of older ones it is not known, but at least one epoch after; where the chain says that this is too
    // early, the validator puts it off.
    "ALTER TABLE commits ADD COLUMN reveal_epoch INTEGER NOT NULL DEFAULT 0;
     UPDATE commits SET reveal_epoch = epoch + 1;",
    // How often a registration is checked: always, where nothing is known; and its last checked answers, of which there are none.
    "ALTER TABLE ratings ADD COLUMN rate INTEGER NOT NULL DEFAULT 1000000;
     ALTER TABLE ratings ADD COLUMN last_checked BLOB NOT NULL DEFAULT x'';",
];

/// The layout of this release.
pub(super) const LAYOUT: Layout = Layout {
    steps: &STEPS,
    unnumbered,
};

/// The first two layouts did not write their number down.
fn unnumbered(db: &Connection) -> rusqlite::Result<i64> {
    let mut columns = db.prepare("SELECT name FROM pragma_table_info('commits')")?;
    let columns = columns.query_map([], |row| row.get(0))?;
    let columns: Vec<String> = columns.collect::<rusqlite::Result<_>>()?;
    Ok(match columns.iter().any(|column| column == "reveal_epoch") {
        true => 2,
        false if columns.is_empty() => 0,
        false => 1,
    })
}

#[cfg(test)]
mod tests {
    use super::{
        super::{tests::IDENTITY, *},
        LAYOUT, STEPS,
    };
    use crate::evidence::tests::{first_leaf, FirstRating};
    use std::fs;

    const CURRENT: i64 = LAYOUT.current();

    /// A file after the first `steps`, as a release wrote it that knew no more; it did not number them.
    fn written_before(folder: &Path, steps: usize) -> Connection {
        let db = Connection::open(file(folder, NetUid(2))).unwrap();
        for step in &STEPS[..steps] {
            db.execute_batch(step).unwrap();
        }
        db
    }

    fn number(folder: &Path) -> i64 {
        let db = Connection::open(file(folder, NetUid(2))).unwrap();
        db.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    }

    /// What the first release knew of a miner.
    const RATED: FirstRating = FirstRating {
        value: Score(900_000),
        tasks: 7,
        probation: 0,
    };

    /// Puts in what the first release did, word for word, and returns the leaf.
    fn first_release(db: &Connection) -> Vec<u8> {
        let leaf = first_leaf(6, 5, RATED);
        for (name, value) in [
            ("genesis", IDENTITY.genesis.to_vec()),
            ("netuid", IDENTITY.netuid.encode()),
            ("hotkey", IDENTITY.hotkey.to_vec()),
            ("task_key", vec![9; 32]),
            ("next_task", 12u64.to_le_bytes().to_vec()),
        ] {
            db.execute("INSERT OR IGNORE INTO identity VALUES (?1, ?2)", params![name, value])
                .unwrap();
        }
        db.execute(
            "INSERT INTO receipts (epoch, uid, summary, evidence, answer) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![6, 5, "a task", leaf, b"an answer".as_slice()],
        )
        .unwrap();
        db.execute(
            "INSERT OR REPLACE INTO ratings VALUES (?1, ?2)",
            params![105, RATED.encode()],
        )
        .unwrap();
        let row = WeightRow::new(vec![(Uid(5), 7)]).unwrap();
        db.execute(
            "INSERT OR REPLACE INTO commits VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                6,
                100,
                row.encode(),
                [4u8; 32].as_slice(),
                1,
                [8u8; 32].as_slice(),
                "committed"
            ],
        )
        .unwrap();
        leaf
    }

    /// What is shown of that leaf.
    fn assert_shown(store: &Store, leaf: &[u8]) {
        assert_eq!(
            store.leaves(EpochIndex(6)).unwrap(),
            [leaf],
            "it stays the leaf that was committed to"
        );
        let receipts = store.receipts_of(Uid(5), 1).unwrap();
        let evidence = &receipts[0].evidence;
        assert_eq!((evidence.version, evidence.after.value), (1, RATED.value));
        assert!(
            !evidence.is_consistent(&IDENTITY.genesis),
            "it is not judged by later rules"
        );
    }

    #[test]
    fn a_folder_of_the_first_release_goes_on_where_it_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let leaf = first_release(&written_before(folder.path(), 1));
        for _ in 0..2 {
            let store = Store::open(folder.path(), &IDENTITY).unwrap();
            let commit = StoredCommit {
                epoch: EpochIndex(6),
                reveal_epoch: EpochIndex(7),
                registration: RegistrationId(100),
                row: WeightRow::new(vec![(Uid(5), 7)]).unwrap(),
                receipts_root: [4; 32],
                version_key: 1,
                salt: [8; 32],
                state: CommitState::Committed,
            };
            assert_eq!(
                store.open_commits(EpochIndex(6)).unwrap(),
                std::slice::from_ref(&commit)
            );
            let record = store.record_of(RegistrationId(105)).unwrap();
            assert_eq!(
                record.rating,
                Rating {
                    value: RATED.value,
                    tasks: RATED.tasks,
                    ..Default::default()
                }
            );
            assert_eq!(record.window, Window::default());
            assert_shown(&store, &leaf);
            assert_eq!(store.task_key().unwrap(), [9; 32]);
            assert_eq!(number(folder.path()), CURRENT);
            // What it writes it reads, in the columns where they are now.
            store.put_commit(&commit).unwrap();
        }
        let store = Store::open(folder.path(), &IDENTITY).unwrap();
        assert_eq!(store.take_task_number().unwrap(), 12);
    }

    #[test]
    fn receipts_of_the_first_release_are_read_without_changing_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let leaf = first_release(&written_before(folder.path(), 1));
        let store = Store::open_to_read(folder.path(), NetUid(2)).unwrap();
        assert_shown(&store, &leaf);
        assert_eq!(number(folder.path()), 0);
    }

    #[test]
    fn a_folder_that_has_a_column_but_no_number_does_not_get_the_column_again() {
        let folder = tempfile::tempdir().unwrap();
        let db = written_before(folder.path(), 2);
        db.execute(
            "INSERT INTO commits (epoch, reveal_epoch, registration, weights, receipts_root, version_key, salt, state)
             VALUES (6, 9, 100, ?1, ?2, 1, ?2, 'prepared')",
            params![
                WeightRow::new(vec![(Uid(5), 7)]).unwrap().encode(),
                [4u8; 32].as_slice()
            ],
        )
        .unwrap();
        let store = Store::open(folder.path(), &IDENTITY).unwrap();
        let commits = store.open_commits(EpochIndex(6)).unwrap();
        assert_eq!(commits[0].reveal_epoch, EpochIndex(9), "the step was not taken twice");
        assert_eq!(number(folder.path()), CURRENT);
    }

    #[test]
    fn a_folder_of_a_later_release_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        drop(Store::open(folder.path(), &IDENTITY).unwrap());
        let path = file(folder.path(), NetUid(2));
        let later = Connection::open(&path).unwrap();
        later.pragma_update(None, "user_version", CURRENT + 1).unwrap();
        drop(later);
        let before = fs::read(&path).unwrap();
        for refused in [
            Store::open(folder.path(), &IDENTITY).map(drop),
            Store::open_to_read(folder.path(), NetUid(2)).map(drop),
        ] {
            let refused = refused.unwrap_err();
            assert!(matches!(refused, StoreError::Newer { .. }), "{refused}");
            assert!(refused.to_string().contains("later release"), "{refused}");
        }
        assert_eq!(fs::read(&path).unwrap(), before);
    }
}
