//! What commands print, held against the schemas that `laurel schema` prints.
use super::chain::said;
use boon::{Compiler, SchemaIndex, Schemas};
use laurel_tests::local_network::binary;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
    sync::Mutex,
};

/// Where every schema stands.
fn place(command: &str) -> String {
    format!("http://laurel/{}", command.replace(' ', "-"))
}

/// The schema of every command, and which of them were printed.
pub struct Published {
    schemas: Schemas,
    commands: BTreeMap<String, SchemaIndex>,
    seen: Mutex<BTreeSet<String>>,
}

fn laurel_schema(command: &str) -> Value {
    let output = Command::new(binary("laurel"))
        .arg("schema")
        .args(command.split_whitespace())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

impl Published {
    /// Reads all of them.
    pub fn read() -> Self {
        let names: Vec<String> = serde_json::from_value(laurel_schema("")).unwrap();
        let (mut schemas, mut commands) = (Schemas::new(), BTreeMap::new());
        for name in names {
            let mut compiler = Compiler::new();
            compiler.add_resource(&place(&name), laurel_schema(&name)).unwrap();
            let index = compiler.compile(&place(&name), &mut schemas);
            commands.insert(name.clone(), index.unwrap_or_else(|error| panic!("{name}: {error:#}")));
        }
        Self {
            schemas,
            commands,
            seen: Mutex::default(),
        }
    }

    /// The command in these arguments: its words come first.
    fn command(&self, arguments: &[&str]) -> Option<&String> {
        let longest = (1..=arguments.len().min(3)).rev();
        longest
            .map(|words| arguments[..words].join(" "))
            .find_map(|name| self.commands.get_key_value(&name).map(|(name, _)| name))
    }

    /// Fails unless the document is one that the command says it prints.
    #[track_caller]
    pub fn hold(&self, arguments: &[&str], document: &Value) {
        let name = self.command(arguments);
        let name = name.unwrap_or_else(|| panic!("no command with a schema begins like {arguments:?}"));
        if let Err(error) = self.schemas.validate(document, self.commands[name]) {
            panic!("{arguments:?} printed {document:#}, which is not as published: {error:#}");
        }
        if document.get("error").is_none() {
            self.seen.lock().unwrap().insert(name.clone());
        }
    }

    /// Commands of which no document was seen.
    pub fn unseen(&self) -> Vec<&str> {
        let seen = self.seen.lock().unwrap();
        let commands = self.commands.keys().map(String::as_str);
        commands.filter(|command| !seen.contains(*command)).collect()
    }
}

#[test]
fn a_document_with_another_shape_is_noticed() {
    let published = Published::read();
    let transfer = ["transfer", "--to=x"];
    let document = |amount: Value| {
        serde_json::json!({ "dry_run": true, "call": "Balances.transfer_keep_alive", "call_hex": "0x00", "quote": {
            "amount": amount, "to": "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY", "free_now": "1",
            "signed_by": "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY", "fee_at_most": "1", "fee": "1",
        } })
    };
    published.hold(&transfer, &document("1".into()));
    for wrong in [1.into(), Value::Null, "1.5".into()] {
        let document = document(wrong);
        let index = published.commands["transfer"];
        assert!(published.schemas.validate(&document, index).is_err(), "{document}");
    }
}
