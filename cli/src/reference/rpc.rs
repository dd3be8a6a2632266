//! The methods `laurel_*` of the node, from the trait that declares them.
use super::source::{docs, file, named};
use std::{collections::BTreeMap, fmt::Write, fs, path::Path};
use syn::{
    braced,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
    Attribute, File, FnArg, Ident, Item, Pat, ReturnType, Token, TraitItem, TraitItemFn, Type,
};

const FOLDER: &str = "node/src/rpc";

const HEAD: &str = r#"# RPC

What a node answers over HTTP and WebSocket beside the methods of every Substrate node (`chain_*`, `state_*`, `author_*`, `system_*`, `chainHead_*`, `archive_*`, `payment_*`,
`grandpa_*`), written from the trait that declares it. Refusals have numbers from 7001 on and names: [errors](errors.md#refusals-of-the-nodes-rpc).

```sh
curl -s http://127.0.0.1:9944 -H 'content-type: application/json' \
  -d '{"jsonrpc": "2.0", "id": 1, "method": "laurel_token", "params": []}'
```

Parameters are given in order. `at` is the hash of the block to read; without it, the best block is read. A node that prunes keeps the states of recent blocks only.
"#;

/// A record that methods answer with.
struct Record {
    docs: String,
    fields: Vec<(String, Type, String)>,
}

type Records = BTreeMap<String, Record>;

pub fn page() -> String {
    let mut page = HEAD.to_owned();
    let records = records();
    page.push_str("\n## Methods\n");
    for method in methods(&file(&format!("{FOLDER}/laurel.rs"))) {
        describe(&mut page, &method, &records);
    }
    page.push_str("\n## Records\n");
    for (name, record) in &records {
        write!(
            page,
            "\n### {name}\n\n{}\n\n| field | type | meaning |\n|---|---|---|\n",
            record.docs
        )
        .unwrap();
        for (field, ty, docs) in &record.fields {
            writeln!(page, "| `{field}` | {} | {docs} |", json_type(ty, &records)).unwrap();
        }
    }
    page
}

/// The functions of the trait, in its order.
fn methods(file: &File) -> Vec<TraitItemFn> {
    let traits = file.items.iter().filter_map(|item| match item {
        Item::Trait(found) if found.ident == "LaurelRpc" => Some(&found.items),
        _ => None,
    });
    let functions = traits.flatten().filter_map(|item| match item {
        TraitItem::Fn(function) => Some(function.clone()),
        _ => None,
    });
    functions.collect()
}

/// The name in `#[method(name = "…", …)]`.
fn method_name(attributes: &[Attribute]) -> String {
    let attribute = attributes.iter().find(|attribute| attribute.path().is_ident("method"));
    let mut name = String::new();
    let parsed = attribute
        .expect("every function is a method")
        .parse_nested_meta(|meta| {
            if meta.path.is_ident("name") {
                name = meta.value()?.parse::<syn::LitStr>()?.value();
            }
            Ok(())
        });
    parsed.expect("the attribute is one of jsonrpsee's");
    name
}

fn describe(page: &mut String, method: &TraitItemFn, records: &Records) {
    write!(
        page,
        "\n### laurel_{}\n\n{}\n",
        method_name(&method.attrs),
        docs(&method.attrs)
    )
    .unwrap();
    let mut parameters = Vec::new();
    for input in &method.sig.inputs {
        let FnArg::Typed(typed) = input else { continue };
        let Pat::Ident(name) = &*typed.pat else { continue };
        parameters.push(format!("`{}` ({})", name.ident, json_type(&typed.ty, records)));
    }
    let parameters = if parameters.is_empty() {
        "none".into()
    } else {
        parameters.join(", ")
    };
    let ReturnType::Type(_, answer) = &method.sig.output else {
        panic!("every method answers");
    };
    let (result, inner) = named(answer);
    assert_eq!(result, "RpcResult");
    write!(
        page,
        "\nParameters: {parameters}. Answers: {}.\n",
        json_type(&inner[0], records)
    )
    .unwrap();
}

/// A type as JSON has it.
fn json_type(ty: &Type, records: &Records) -> String {
    let (name, inner) = named(ty);
    let of = |index: usize| inner.get(index).map_or_else(String::new, |ty| json_type(ty, records));
    match name.as_str() {
        "List" | "Vec" => format!("list of {}", of(0)),
        "Maybe" | "Option" => format!("{}, or `null`", of(0)),
        "AccountId" => "ss58 address".into(),
        "Decimal" | "Signed" | "SignedDecimal" => "decimal string".into(),
        "Hash" | "Hex32" => "`0x` and 64 digits".into(),
        "bool" => "`true` or `false`".into(),
        "ModelKind" => "`text` or `embedding`".into(),
        "SocketAddrView" => "`host:port`".into(),
        "HyperparametersView" => "object by name".into(),
        "Take" => "number of 65535ths".into(),
        "String" | "str" => "text".into(),
        "f64" => "number".into(),
        "u8" | "u16" | "u32" | "u64" | "NetUid" | "Uid" | "BlockNumber" | "EpochIndex" | "RegistrationId" => {
            "number".into()
        }
        record if records.contains_key(record) => format!("[{record}](#{})", record.to_lowercase()),
        other => panic!("say in cli/src/reference/rpc.rs how {other} reads in JSON"),
    }
}

/// `views! { … }`: declarations of records by how they follow from others.
struct Views(Vec<(Ident, Record)>);

impl Parse for Views {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut views = Vec::new();
        while !input.is_empty() {
            let attributes = input.call(Attribute::parse_outer)?;
            let name: Ident = input.parse()?;
            input.parse::<Ident>()?;
            input.parse::<Type>()?;
            let inside;
            braced!(inside in input);
            let fields = Punctuated::<ViewField, Token![,]>::parse_terminated(&inside)?;
            let record = Record {
                docs: docs(&attributes),
                fields: fields.into_iter().map(|field| field.0).collect(),
            };
            views.push((name, record));
        }
        Ok(Self(views))
    }
}

struct ViewField((String, Type, String));

impl Parse for ViewField {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let name: Ident = input.parse()?;
        input.parse::<Token![:]>()?;
        Ok(Self((name.to_string(), input.parse()?, docs(&attributes))))
    }
}

/// Every record of the folder with named fields.
fn records() -> Records {
    let mut records = Records::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(FOLDER);
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        for item in file(&format!("{FOLDER}/{name}")).items {
            match item {
                Item::Macro(of) if of.mac.path.is_ident("views") => {
                    let Views(views) = of.mac.parse_body().expect("views! is as declared");
                    records.extend(views.into_iter().map(|(name, record)| (name.to_string(), record)));
                }
                Item::Struct(of)
                    if of.ident.to_string().ends_with("View")
                        && of.fields.iter().all(|field| field.ident.is_some()) =>
                {
                    let field = |field: &syn::Field| {
                        let name = field.ident.as_ref().expect("the fields have names").to_string();
                        (name, field.ty.clone(), docs(&field.attrs))
                    };
                    let record = Record {
                        docs: docs(&of.attrs),
                        fields: of.fields.iter().map(field).collect(),
                    };
                    records.insert(of.ident.to_string(), record);
                }
                _ => {}
            }
        }
    }
    records
}
