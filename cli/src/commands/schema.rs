//! `laurel schema`: what `--json` of each command prints, as JSON Schema.
//!
//! The files in `schemas/` say it in short: a field is `"kind"`, `"kind?"` where it can be null, or `"kind: what it is"`; kinds are those of `definitions.json` and
//! `records.json`. `[x]` is a list; `{ "one of": […] }` and `{ "null or": x }` are choices; the field `*` stands for any others, and a name that ends in `?` need not
//! be there. What a command that sends a transaction prints is the same for all but its quote, which `quotes.json` has.
use crate::failure;
use anyhow::Result;
use clap::Args;
use serde_json::{json, Map, Value};

const DEFINITIONS: &str = include_str!("../../schemas/definitions.json");
const RECORDS: &str = include_str!("../../schemas/records.json");
const DOCUMENTS: &str = include_str!("../../schemas/documents.json");
const QUOTES: &str = include_str!("../../schemas/quotes.json");

#[derive(Args, Debug)]
pub struct SchemaArgs {
    /// The command, as `stake show`; without one, the commands that have a schema are listed.
    command: Vec<String>,
}

/// Prints the schema of a command, or which there are. Both are JSON whatever the flags.
pub fn run(args: &SchemaArgs) -> Result<()> {
    let schemas = Schemas::read()?;
    if args.command.is_empty() {
        say!("{:#}", json!(schemas.commands()));
        return Ok(());
    }
    let command = args.command.join(" ");
    let schema = schemas.of(&command).ok_or_else(|| {
        failure::usage(format!(
            "no command '{command}' prints JSON: `laurel schema` lists those that do"
        ))
    })?;
    say!("{schema:#}");
    Ok(())
}

/// The files, read.
pub struct Schemas {
    definitions: Map<String, Value>,
    /// What several documents hold, in short.
    #[cfg(test)]
    records: Map<String, Value>,
    /// By command: what it prints.
    documents: Map<String, Value>,
    /// By command: the quote of its transaction.
    quotes: Map<String, Value>,
}

impl Schemas {
    /// Reads what is part of this program.
    pub fn read() -> Result<Self> {
        let mut definitions: Map<String, Value> = serde_json::from_str(DEFINITIONS)?;
        let records: Map<String, Value> = serde_json::from_str(RECORDS)?;
        definitions.extend(records.iter().map(|(name, short)| (name.clone(), expand(short))));
        Ok(Self {
            definitions,
            #[cfg(test)]
            records,
            documents: serde_json::from_str(DOCUMENTS)?,
            quotes: serde_json::from_str(QUOTES)?,
        })
    }

    /// The kinds of single values, by name, with what they are.
    #[cfg(test)]
    pub fn kinds(&self) -> impl Iterator<Item = (&String, &str)> {
        let single = self
            .definitions
            .iter()
            .filter(|(name, _)| !self.records.contains_key(*name));
        single.filter_map(|(name, schema)| Some((name, schema["description"].as_str()?)))
    }

    /// What several documents hold, in short, by name.
    #[cfg(test)]
    pub fn records(&self) -> &Map<String, Value> {
        &self.records
    }

    /// Every command that prints JSON, sorted.
    pub fn commands(&self) -> Vec<&str> {
        let mut commands: Vec<&str> = self
            .documents
            .keys()
            .chain(self.quotes.keys())
            .map(String::as_str)
            .collect();
        commands.retain(|command| *command != "*");
        commands.sort_unstable();
        commands
    }

    /// What a command that sends nothing prints, in short.
    pub fn document(&self, command: &str) -> Option<&Value> {
        self.documents.get(command)
    }

    /// What the quote of every transaction has, in short.
    pub fn common_quote(&self) -> Option<&Value> {
        self.quotes.get("*")
    }

    /// What the quote of a command has beside that.
    pub fn own_quote(&self, command: &str) -> Option<&Value> {
        self.quotes.get(command)
    }

    /// The whole quote of a command that sends a transaction, in short.
    fn quote(&self, command: &str) -> Option<Value> {
        let mut fields = self.common_quote()?.as_object()?.clone();
        fields.extend(self.own_quote(command)?.as_object()?.clone());
        Some(Value::Object(fields))
    }

    /// The schema of a command; none if it prints no JSON.
    pub fn of(&self, command: &str) -> Option<Value> {
        let mut choices = match self.document(command) {
            Some(document) => vec![expand(document)],
            None => transaction(&self.quote(command)?),
        };
        choices.push(expand(&json!("error")));
        Some(json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": format!("laurel {command} --json"),
            "anyOf": choices,
            "$defs": self.definitions,
        }))
    }
}

/// What a command that sends a transaction prints: once it is in a block, for a dry run, for `--print-call` and for `--export`.
fn transaction(quote: &Value) -> Vec<Value> {
    let sent = json!({
        "call": "text: pallet and call",
        "block": { "number": "block", "hash": "hash" },
        "index": "count: position in the block",
        "quote": quote,
        "fee": "leaves?: what it cost in the end, null where nobody pays",
        "events": "events",
    });
    let dry = json!({ "dry_run": "boolean", "call": "text: pallet and call", "call_hex?": "hex", "quote": quote });
    let printed = json!({ "call_hex": "hex: the call as the chain decodes it" });
    let exported = json!({
        "exported": "text: the file for `laurel sign`",
        "call": "text: pallet and call",
        "account": "address: whose key is to sign",
        "nonce": "count",
        "last_block": "block: the last that can hold it",
        "metadata_hash": "hash",
        "checks_metadata": "boolean: whether the chain refuses a signature over another metadata",
        "quote": quote,
    });
    [sent, dry, printed, exported].iter().map(expand).collect()
}

/// JSON Schema of what is written in short.
pub fn expand(short: &Value) -> Value {
    match short {
        Value::String(text) => {
            let (kind, words) = text.split_once(": ").unwrap_or((text, ""));
            let (kind, nullable) = match kind.strip_suffix('?') {
                Some(kind) => (kind, true),
                None => (kind, false),
            };
            let reference = json!({ "$ref": format!("#/$defs/{kind}") });
            let mut schema = if nullable {
                json!({ "anyOf": [reference, { "type": "null" }] })
            } else {
                reference
            };
            if !words.is_empty() {
                schema["description"] = words.into();
            }
            schema
        }
        Value::Array(items) => json!({ "type": "array", "items": items.first().map(expand) }),
        Value::Object(fields) => match (fields.get("one of"), fields.get("null or")) {
            (Some(Value::Array(choices)), _) => json!({ "anyOf": choices.iter().map(expand).collect::<Vec<_>>() }),
            (_, Some(other)) => json!({ "anyOf": [expand(other), { "type": "null" }] }),
            _ => object(fields),
        },
        other => other.clone(),
    }
}

fn object(fields: &Map<String, Value>) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    let mut others = json!(false);
    for (name, short) in fields {
        match name.strip_suffix('?') {
            _ if name == "*" => others = expand(short),
            Some(name) => drop(properties.insert(name.into(), expand(short))),
            None => {
                required.push(name);
                properties.insert(name.clone(), expand(short));
            }
        }
    }
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": others })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Cli;
    use clap::CommandFactory;

    /// Commands whose output is no document: a script for a shell, and a network that runs until it is stopped.
    const WITHOUT: [&str; 2] = ["completion", "localnet"];

    fn verbs(command: &clap::Command, path: &str, found: &mut Vec<String>) {
        if !command.has_subcommands() {
            found.push(path.to_owned());
        }
        for verb in command.get_subcommands() {
            verbs(verb, format!("{path} {}", verb.get_name()).trim(), found);
        }
    }

    #[test]
    fn every_command_has_a_schema_and_every_schema_a_command() {
        let mut found = Vec::new();
        verbs(&Cli::command(), "", &mut found);
        found.retain(|command| !WITHOUT.contains(&command.as_str()));
        found.sort();
        let schemas = Schemas::read().unwrap();
        assert_eq!(schemas.commands(), found);
    }

    #[test]
    fn every_schema_refers_only_to_what_is_defined() {
        fn references<'a>(schema: &'a Value, found: &mut Vec<&'a str>) {
            match schema {
                Value::Object(fields) => {
                    found.extend(fields.get("$ref").and_then(Value::as_str));
                    fields.values().for_each(|value| references(value, found));
                }
                Value::Array(items) => items.iter().for_each(|value| references(value, found)),
                _ => {}
            }
        }
        let schemas = Schemas::read().unwrap();
        for command in schemas.commands() {
            let schema = schemas.of(command).unwrap();
            let mut found = Vec::new();
            references(&schema, &mut found);
            for reference in found {
                let name = reference.trim_start_matches("#/$defs/");
                assert!(schemas.definitions.contains_key(name), "{command}: {reference}");
            }
        }
    }

    #[test]
    fn what_is_written_in_short_is_a_schema() {
        assert_eq!(
            expand(&json!({ "a": "block?: when", "b?": ["text"], "*": "any" })),
            json!({
                "type": "object",
                "properties": {
                    "a": { "anyOf": [{ "$ref": "#/$defs/block" }, { "type": "null" }], "description": "when" },
                    "b": { "type": "array", "items": { "$ref": "#/$defs/text" } },
                },
                "required": ["a"],
                "additionalProperties": { "$ref": "#/$defs/any" },
            })
        );
    }
}
