//! What `--json` prints, from the schemas.
use crate::commands::schema::Schemas;
use serde_json::{Map, Value};
use std::fmt::Write;

const HEAD: &str = "# JSON

With `--json` a command prints one document on standard output, errors included, and nothing else there. This page is written from the JSON Schemas that `laurel schema NOUN VERB` \
prints; a test holds what commands print on a running chain against them.

Amounts are decimal strings of leaves, of which 1000000000 are one LRL; integers of at most 32 bits are numbers, wider ones strings; accounts are ss58; bytes are `0x` and hexadecimal \
digits; [below](#types) are the types. A field marked `?` can be null, one in brackets can be missing. A failure is [an error](errors.md) with its exit code:

```json
{ \"error\": { \"name\": \"Staking.NotEnoughStake\", \"message\": \"…\", \"code\": 3 } }
```

## Transactions

A command that sends a transaction prints, once it is in a final block:

```json
{
  \"call\": \"Staking.add_stake\",
  \"block\": { \"number\": 7, \"hash\": \"0x…\" },
  \"index\": 1,
  \"quote\": { \"amount\": \"1500000000\", \"on\": \"5F…\", \"signed_by\": \"5G…\", \"fee_at_most\": \"150000\" },
  \"fee\": \"149000\",
  \"events\": [{ \"pallet\": \"Staking\", \"name\": \"StakeAdded\", \"fields\": { \"coldkey\": \"5G…\", \"hotkey\": \"5F…\", \"amount\": \"1500000000\", \"shares\": \"1500000000\" } }]
}
```

With `--dry-run`: `{ \"dry_run\": true, \"call\": \"…\", \"call_hex\": \"0x…\", \"quote\": { … } }`, where the quote has the exact `fee`. With `--print-call`: `{ \"call_hex\": \"0x…\" }`.

What every quote has:
";

pub fn page() -> String {
    let schemas = Schemas::read().expect("the schemas are JSON");
    let mut page = HEAD.to_owned();
    table(&mut page, schemas.common_quote().expect("every quote has something"));
    page.push_str("\nAnd what it has beside that, by command:\n");
    for command in schemas.commands() {
        if let Some(own) = schemas.own_quote(command) {
            write!(page, "\n### {command}\n").unwrap();
            table(&mut page, own);
        }
    }
    page.push_str("\n## Documents\n\nWhat commands print that send nothing:\n");
    for command in schemas.commands() {
        if let Some(document) = schemas.document(command) {
            write!(page, "\n### {command}\n").unwrap();
            match document.get("one of") {
                Some(Value::Array(choices)) => {
                    for (choice, before) in choices.iter().zip(["One of:", "Or:", "Or:"]) {
                        write!(page, "\n{before}\n").unwrap();
                        table(&mut page, choice);
                    }
                }
                _ => table(&mut page, document),
            }
        }
    }
    page.push_str("\n## Types\n\n| type | meaning |\n|---|---|\n");
    for (kind, meaning) in schemas.kinds() {
        writeln!(page, "| `{kind}` | {meaning} |").unwrap();
    }
    page.push_str("\n## Records\n\nWhat several of them hold:\n");
    for (name, record) in schemas.records() {
        write!(page, "\n### {name}\n").unwrap();
        table(&mut page, record);
    }
    page
}

/// A table of all fields, those of inner objects by their path.
fn table(page: &mut String, short: &Value) {
    let mut rows = Vec::new();
    walk(short, "", &mut rows);
    page.push_str("\n| field | type | meaning |\n|---|---|---|\n");
    for (path, kind, words) in rows {
        let path = if path.is_empty() {
            "the document".into()
        } else {
            format!("`{path}`")
        };
        writeln!(page, "| {path} | {kind} | {words} |").unwrap();
    }
}

fn walk(short: &Value, path: &str, rows: &mut Vec<(String, String, String)>) {
    match short {
        Value::String(text) => {
            let (kind, words) = text.split_once(": ").unwrap_or((text, ""));
            rows.push((path.into(), kind.into(), words.into()));
        }
        Value::Array(items) => walk(&items[0], &format!("{path}[]"), rows),
        Value::Object(fields) => match fields.get("null or") {
            Some(other) => walk(other, &format!("{path}?"), rows),
            None => inside(fields, path, rows),
        },
        other => panic!("{other} is no schema"),
    }
}

fn inside(fields: &Map<String, Value>, path: &str, rows: &mut Vec<(String, String, String)>) {
    for (name, short) in fields {
        let name = match name.strip_suffix('?') {
            Some(name) => format!("[{name}]"),
            None => name.clone(),
        };
        let dot = if path.is_empty() { "" } else { "." };
        walk(short, &format!("{path}{dot}{name}"), rows);
    }
}
