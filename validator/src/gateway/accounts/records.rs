//! What the gateway must not forget: keys, what they used, what is owed, and draws that are under way.
//!
//! One SQLite file, `gateway.db`. It holds a digest of each key, and of requests only how many tokens they took: no key, no prompt, no
//! answer. `laurel gateway key` writes to it while the gateway runs.
use super::{
    key::{ApiKey, KeyId, KeyRecord, NewKey},
    ledger::{DrawItem, SignedDraw, StoredDraw},
    limits::Limits,
    UnixMs,
};
use crate::store::{
    database::{Database, Layout},
    sql, StoreError,
};
use laurel_chain::AccountId;
use laurel_protocol::Hash;
use laurel_types::{Balance, BlockNumber};
use rusqlite::{params, Connection, OptionalExtension, Row, Transaction};
use std::path::Path;

const FILE: &str = "gateway.db";
/// What keys used is kept for so many days.
const KEEP_DAYS: u64 = 400;

const LAYOUT: Layout = Layout {
    steps: &["
        CREATE TABLE identity (name TEXT PRIMARY KEY, value BLOB NOT NULL);
        CREATE TABLE keys (
            id INTEGER PRIMARY KEY AUTOINCREMENT, hash BLOB NOT NULL UNIQUE, start TEXT NOT NULL, name TEXT NOT NULL, coldkey BLOB,
            created INTEGER NOT NULL, revoked INTEGER, allowed TEXT NOT NULL, chosen TEXT NOT NULL);
        CREATE INDEX keys_by_coldkey ON keys (coldkey);
        CREATE TABLE usage (
            key INTEGER NOT NULL, day INTEGER NOT NULL, requests INTEGER NOT NULL, free_tokens INTEGER NOT NULL,
            paid_tokens INTEGER NOT NULL, given_tokens INTEGER NOT NULL, leaves INTEGER NOT NULL, PRIMARY KEY (key, day)) WITHOUT ROWID;
        CREATE TABLE coldkeys (
            coldkey BLOB PRIMARY KEY, owed INTEGER NOT NULL, free_parts BLOB NOT NULL, free_at INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE draws (
            id INTEGER PRIMARY KEY AUTOINCREMENT, state TEXT NOT NULL, extrinsic BLOB NOT NULL, after INTEGER NOT NULL,
            until INTEGER NOT NULL);
        CREATE TABLE draw_items (
            draw INTEGER NOT NULL, coldkey BLOB NOT NULL, asked INTEGER NOT NULL, drawn INTEGER NOT NULL, PRIMARY KEY (draw, coldkey)
        ) WITHOUT ROWID;"],
    unnumbered: |_| Ok(0),
};

/// How a request is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payment {
    /// By the free quota of the key's coldkey.
    Free,
    /// By its deposit, in leaves.
    Paid(Balance),
    /// By nobody: the operator gave the key away.
    Given,
}

/// What one request took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settlement {
    pub(super) key: KeyId,
    pub(super) day: u64,
    pub(super) tokens: u64,
    pub(super) payment: Payment,
    /// What is left free to the key's coldkey then.
    pub(super) free: Option<FreeLeft>,
}

/// What is left of a coldkey's free quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FreeLeft {
    pub(super) coldkey: AccountId,
    /// See [`super::bucket::Bucket`].
    pub(super) parts: u128,
    pub(super) at: UnixMs,
}

/// What is known of a coldkey.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct StoredColdkey {
    pub(super) owed: Balance,
    pub(super) free_parts: u128,
    pub(super) free_at: UnixMs,
}

/// What a key used in some time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Requests that were answered.
    pub requests: u64,
    /// Tokens that the free quota paid for.
    pub free_tokens: u64,
    /// Tokens that the deposit paid for.
    pub paid_tokens: u64,
    /// Tokens that nobody paid for.
    pub given_tokens: u64,
    /// What was spent of the deposit, in leaves.
    pub leaves: Balance,
}

impl Usage {
    /// All tokens.
    pub fn tokens(&self) -> u64 {
        self.free_tokens + self.paid_tokens + self.given_tokens
    }
}

/// The file.
#[derive(Debug)]
pub struct Records {
    pub(super) database: Database,
}

impl Records {
    /// Opens or creates the file in a data folder, for the gateway of this hotkey.
    pub fn open(folder: &Path, genesis: &Hash, hotkey: &AccountId) -> Result<Self, StoreError> {
        let database = Database::open(folder.join(FILE), LAYOUT)?;
        database.claim("genesis", genesis, "chain")?;
        database.claim("hotkey", &hotkey.0, "hotkey")?;
        Ok(Self { database })
    }

    /// Opens the file in a data folder that exists, to look after its keys, also while the gateway runs.
    pub fn of_operator(folder: &Path) -> Result<Self, StoreError> {
        if !folder.is_dir() {
            return Err(StoreError::Missing(folder.into()));
        }
        let database = Database::open(folder.join(FILE), LAYOUT)?;
        Ok(Self { database })
    }

    /// Makes a key. It is on disk, as a digest, when it is handed out.
    pub fn create_key(&self, new: &NewKey) -> Result<(ApiKey, KeyRecord), StoreError> {
        let key = ApiKey::generate();
        let id = self.database.with(|db| {
            db.execute(
                "INSERT INTO keys (hash, start, name, coldkey, created, allowed, chosen) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    key.hash().as_slice(),
                    key.start(),
                    new.name,
                    new.coldkey.map(|coldkey| coldkey.0.to_vec()),
                    sql(new.created.0),
                    new.allowed.to_string(),
                    new.chosen.to_string(),
                ],
            )?;
            Ok(db.last_insert_rowid())
        })?;
        let record = KeyRecord {
            id: KeyId(id as u64),
            start: key.start().into(),
            name: new.name.clone(),
            coldkey: new.coldkey,
            created_ms: new.created.0,
            revoked_ms: None,
            allowed: new.allowed,
            chosen: new.chosen,
        };
        Ok((key, record))
    }

    /// The key with this digest.
    pub(super) fn key_by_hash(&self, hash: &Hash) -> Result<Option<KeyRecord>, StoreError> {
        self.keys_where("hash = ?1", hash.as_slice()).map(|mut keys| keys.pop())
    }

    /// The key of this number.
    pub fn key(&self, id: KeyId) -> Result<Option<KeyRecord>, StoreError> {
        self.keys_where("id = ?1", sql(id.0)).map(|mut keys| keys.pop())
    }

    /// All keys, or those of a coldkey, oldest first.
    pub fn keys(&self, coldkey: Option<&AccountId>) -> Result<Vec<KeyRecord>, StoreError> {
        match coldkey {
            Some(coldkey) => self.keys_where("coldkey = ?1 ORDER BY id", coldkey.0.as_slice()),
            None => self.keys_where("?1 ORDER BY id", true),
        }
    }

    fn keys_where(&self, which: &str, value: impl rusqlite::ToSql) -> Result<Vec<KeyRecord>, StoreError> {
        let columns = "id, start, name, coldkey, created, revoked, allowed, chosen";
        let rows: Vec<Option<KeyRecord>> = self.database.with(|db| {
            let mut rows = db.prepare_cached(&format!("SELECT {columns} FROM keys WHERE {which}"))?;
            let keys = rows.query_map([value], read_key)?;
            keys.collect()
        })?;
        rows.into_iter()
            .map(|key| key.ok_or_else(|| self.database.damaged("a key")))
            .collect()
    }

    /// Revokes a key that is not revoked yet; says whether it was so.
    pub fn revoke(&self, id: KeyId, now: UnixMs) -> Result<bool, StoreError> {
        let changed = self.database.with(|db| {
            db.execute(
                "UPDATE keys SET revoked = ?2 WHERE id = ?1 AND revoked IS NULL",
                params![sql(id.0), sql(now.0)],
            )
        })?;
        Ok(changed > 0)
    }

    /// Sets what the operator allows a key.
    pub fn allow(&self, id: KeyId, limits: &Limits) -> Result<(), StoreError> {
        self.set_limits("UPDATE keys SET allowed = ?2 WHERE id = ?1", id, limits)
    }

    /// Sets what its owner wants a key to be kept to.
    pub fn choose(&self, id: KeyId, limits: &Limits) -> Result<(), StoreError> {
        self.set_limits("UPDATE keys SET chosen = ?2 WHERE id = ?1", id, limits)
    }

    fn set_limits(&self, statement: &str, id: KeyId, limits: &Limits) -> Result<(), StoreError> {
        let limits = limits.to_string();
        self.database
            .with(|db| db.execute(statement, params![sql(id.0), limits]))
            .map(drop)
    }

    /// The coldkeys that have a key which is not revoked.
    pub(super) fn coldkeys_with_keys(&self) -> Result<Vec<AccountId>, StoreError> {
        let rows: Vec<Vec<u8>> = self.database.with(|db| {
            let sql = "SELECT DISTINCT coldkey FROM keys WHERE revoked IS NULL AND coldkey IS NOT NULL";
            let mut rows = db.prepare_cached(sql)?;
            let coldkeys = rows.query_map([], |row| row.get(0))?;
            coldkeys.collect()
        })?;
        rows.into_iter()
            .map(|bytes| account(bytes).ok_or_else(|| self.database.damaged("a coldkey")))
            .collect()
    }

    /// What is known of a coldkey; nothing owed and nothing left if it is not known.
    pub(super) fn coldkey(&self, coldkey: &AccountId) -> Result<StoredColdkey, StoreError> {
        type Columns = (i64, Vec<u8>, i64);
        let found: Option<Columns> = self.database.with(|db| {
            db.prepare_cached("SELECT owed, free_parts, free_at FROM coldkeys WHERE coldkey = ?1")?
                .query_row([coldkey.0.as_slice()], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })
                .optional()
        })?;
        let Some((owed, parts, at)) = found else {
            return Ok(StoredColdkey::default());
        };
        let parts = parts.try_into().map_err(|_| self.database.damaged("a free quota"))?;
        Ok(StoredColdkey {
            owed: owed as u64,
            free_parts: u128::from_le_bytes(parts),
            free_at: UnixMs(at as u64),
        })
    }

    /// Writes down what requests took, all or none.
    pub(super) fn settle(&self, settlements: &[Settlement]) -> Result<(), StoreError> {
        self.database.with(|db| {
            let all = db.transaction()?;
            settlements.iter().try_for_each(|settlement| settle(&all, settlement))?;
            all.commit()
        })
    }

    /// Writes down what is left of free quotas, and lets old usage go.
    pub(super) fn keep_free(&self, left: &[FreeLeft], today: u64) -> Result<(), StoreError> {
        self.database.with(|db| {
            let all = db.transaction()?;
            left.iter().try_for_each(|left| put_free(&all, left, 0))?;
            let oldest = today.saturating_sub(KEEP_DAYS);
            all.execute("DELETE FROM usage WHERE day < ?1", [sql(oldest)])?;
            all.commit()
        })
    }

    /// What a key used since a day, which is counted in.
    pub fn usage_since(&self, key: KeyId, day: u64) -> Result<Usage, StoreError> {
        let read = |row: &Row<'_>| {
            let number = |at| row.get::<_, Option<i64>>(at).map(|sum| sum.unwrap_or_default() as u64);
            Ok(Usage {
                requests: number(0)?,
                free_tokens: number(1)?,
                paid_tokens: number(2)?,
                given_tokens: number(3)?,
                leaves: number(4)?,
            })
        };
        self.database.with(|db| {
            db.prepare_cached(
                "SELECT SUM(requests), SUM(free_tokens), SUM(paid_tokens), SUM(given_tokens), SUM(leaves) FROM usage
                 WHERE key = ?1 AND day >= ?2",
            )?
            .query_row(params![sql(key.0), sql(day)], read)
        })
    }

    /// The first day of the month in which `now` is.
    pub fn month_of(&self, now: UnixMs) -> Result<u64, StoreError> {
        let sql_now = sql(now.seconds());
        let day: i64 = self.database.with(|db| {
            db.prepare_cached("SELECT unixepoch(?1, 'unixepoch', 'start of month') / 86400")?
                .query_row([sql_now], |row| row.get(0))
        })?;
        Ok(day as u64)
    }

    /// Everybody who owes something, with how much.
    pub(super) fn debts(&self) -> Result<Vec<DrawItem>, StoreError> {
        self.items("SELECT coldkey, owed FROM coldkeys WHERE owed > ?1", 0)
    }

    fn items(&self, query: &str, value: i64) -> Result<Vec<DrawItem>, StoreError> {
        let rows: Vec<(Vec<u8>, i64)> = self.database.with(|db| {
            let mut rows = db.prepare_cached(query)?;
            let items = rows.query_map([value], |row| Ok((row.get(0)?, row.get(1)?)))?;
            items.collect()
        })?;
        rows.into_iter()
            .map(|(payer, amount)| {
                let payer = account(payer).ok_or_else(|| self.database.damaged("a coldkey"))?;
                let amount = amount as u64;
                Ok(DrawItem { payer, amount })
            })
            .collect()
    }

    /// Writes a signed draw down before it is sent. It is on disk when this returns.
    pub(super) fn begin_draw(&self, items: &[DrawItem], signed: &SignedDraw) -> Result<(), StoreError> {
        self.database.with(|db| {
            let all = db.transaction()?;
            all.execute(
                "INSERT INTO draws (state, extrinsic, after, until) VALUES ('sent', ?1, ?2, ?3)",
                params![signed.extrinsic, signed.after, signed.until],
            )?;
            let draw = all.last_insert_rowid();
            for item in items {
                all.execute(
                    "INSERT INTO draw_items (draw, coldkey, asked, drawn) VALUES (?1, ?2, ?3, 0)",
                    params![draw, item.payer.0.as_slice(), sql(item.amount)],
                )?;
            }
            all.commit()
        })
    }

    /// The draw of which it is not known yet what became of it. There is one at most.
    pub(super) fn draw_under_way(&self) -> Result<Option<StoredDraw>, StoreError> {
        self.database.with(|db| {
            let sql = "SELECT id, extrinsic, after, until FROM draws WHERE state = 'sent' ORDER BY id DESC LIMIT 1";
            let read = |row: &Row<'_>| {
                Ok(StoredDraw {
                    id: row.get(0)?,
                    signed: SignedDraw {
                        extrinsic: row.get(1)?,
                        after: row.get(2)?,
                        until: row.get(3)?,
                    },
                })
            };
            db.query_row(sql, [], read).optional()
        })
    }

    /// What a draw was to take.
    pub(super) fn asked_of(&self, draw: i64) -> Result<Vec<DrawItem>, StoreError> {
        self.items("SELECT coldkey, asked FROM draw_items WHERE draw = ?1", draw)
    }

    /// Notes what was drawn, and takes it off what is owed: both or neither. Without items the draw came to nothing.
    pub(super) fn end_draw(&self, draw: i64, drawn: &[DrawItem], at: BlockNumber) -> Result<(), StoreError> {
        self.database.with(|db| {
            let all = db.transaction()?;
            let state = if drawn.is_empty() { "void" } else { "drawn" };
            let ended = all.execute(
                "UPDATE draws SET state = ?2, until = ?3 WHERE id = ?1 AND state = 'sent'",
                params![draw, state, at],
            )?;
            if ended == 0 {
                return Ok(());
            }
            for item in drawn {
                let payer = item.payer.0.as_slice();
                all.execute(
                    "UPDATE draw_items SET drawn = ?3 WHERE draw = ?1 AND coldkey = ?2",
                    params![draw, payer, sql(item.amount)],
                )?;
                all.execute(
                    "UPDATE coldkeys SET owed = max(owed - ?2, 0) WHERE coldkey = ?1",
                    params![payer, sql(item.amount)],
                )?;
            }
            all.commit()
        })
    }
}

fn settle(db: &Transaction<'_>, settlement: &Settlement) -> rusqlite::Result<()> {
    let tokens = sql(settlement.tokens);
    let (free, paid, given, leaves) = match settlement.payment {
        Payment::Free => (tokens, 0, 0, 0),
        Payment::Paid(leaves) => (0, tokens, 0, leaves),
        Payment::Given => (0, 0, tokens, 0),
    };
    db.prepare_cached(
        "INSERT INTO usage (key, day, requests, free_tokens, paid_tokens, given_tokens, leaves) VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6)
         ON CONFLICT (key, day) DO UPDATE SET requests = requests + 1, free_tokens = free_tokens + excluded.free_tokens,
         paid_tokens = paid_tokens + excluded.paid_tokens, given_tokens = given_tokens + excluded.given_tokens,
         leaves = leaves + excluded.leaves",
    )?
    .execute(params![sql(settlement.key.0), sql(settlement.day), free, paid, given, sql(leaves)])?;
    match &settlement.free {
        Some(left) => put_free(db, left, leaves),
        None => Ok(()),
    }
}

/// Writes down what is left free, and adds to what is owed.
fn put_free(db: &Connection, left: &FreeLeft, owed: Balance) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO coldkeys (coldkey, owed, free_parts, free_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (coldkey) DO UPDATE SET owed = owed + excluded.owed, free_parts = excluded.free_parts, free_at = excluded.free_at",
    )?
    .execute(params![
        left.coldkey.0.as_slice(),
        sql(owed),
        left.parts.to_le_bytes().as_slice(),
        sql(left.at.0)
    ])?;
    Ok(())
}

fn account(bytes: Vec<u8>) -> Option<AccountId> {
    bytes.try_into().ok().map(AccountId)
}

fn read_key(row: &Row<'_>) -> rusqlite::Result<Option<KeyRecord>> {
    let coldkey: Option<Vec<u8>> = row.get(3)?;
    let (allowed, chosen): (String, String) = (row.get(6)?, row.get(7)?);
    let (Ok(allowed), Ok(chosen)) = (allowed.parse(), chosen.parse()) else {
        return Ok(None);
    };
    let coldkey = match coldkey.map(account) {
        Some(None) => return Ok(None),
        found => found.flatten(),
    };
    Ok(Some(KeyRecord {
        id: KeyId(row.get::<_, i64>(0)? as u64),
        start: row.get(1)?,
        name: row.get(2)?,
        coldkey,
        created_ms: row.get::<_, i64>(4)? as u64,
        revoked_ms: row.get::<_, Option<i64>>(5)?.map(|at| at as u64),
        allowed,
        chosen,
    }))
}
