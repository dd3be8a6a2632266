//! Reads what documentation needs out of source files.
use std::{collections::BTreeMap, fs, path::Path};
use syn::{Arm, Attribute, Expr, ExprCall, File, ImplItem, ImplItemFn, Item, ItemEnum, Lit, Pat, Stmt, Type};

/// A source file of the repository.
pub fn file(path: &str) -> File {
    let full = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    let text = fs::read_to_string(&full).unwrap_or_else(|error| panic!("{}: {error}", full.display()));
    syn::parse_file(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The sentences above an item, on one line.
pub fn docs(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter(|attribute| attribute.path().is_ident("doc"));
    let lines = lines.filter_map(|attribute| match &attribute.meta.require_name_value().ok()?.value {
        Expr::Lit(literal) => string(&literal.lit),
        _ => None,
    });
    super::cell(&lines.collect::<Vec<_>>().join(" "))
}

fn string(literal: &Lit) -> Option<String> {
    match literal {
        Lit::Str(text) => Some(text.value()),
        _ => None,
    }
}

/// An enum of a file.
pub fn item_enum<'a>(file: &'a File, name: &str) -> &'a ItemEnum {
    let found = file.items.iter().find_map(|item| match item {
        Item::Enum(item) if item.ident == name => Some(item),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("there is no enum {name}"))
}

/// What `#[error("…")]` of a variant says, with `…` for what is filled in; none where it passes another error on.
pub fn error_message(attributes: &[Attribute]) -> Option<String> {
    let attribute = attributes.iter().find(|attribute| attribute.path().is_ident("error"))?;
    let format = attribute.parse_args_with(|input: syn::parse::ParseStream<'_>| {
        let text: syn::LitStr = input.parse()?;
        input.parse::<proc_macro2::TokenStream>()?;
        Ok(text.value())
    });
    format.ok().map(|format| filled(&format))
}

/// A format string with `…` for what is filled in.
pub fn filled(format: &str) -> String {
    let mut text = String::new();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        text.push('…');
        rest = after.split_once('}').map_or("", |(_, behind)| behind);
    }
    text.push_str(rest);
    super::cell(&text)
}

/// The functions in all `impl` of a file.
fn methods(file: &File) -> impl Iterator<Item = &ImplItemFn> {
    let items = file.items.iter().filter_map(|item| match item {
        Item::Impl(found) => Some(&found.items),
        _ => None,
    });
    items.flatten().filter_map(|item| match item {
        ImplItem::Fn(function) => Some(function),
        _ => None,
    })
}

/// A refusal over HTTP that code makes by `Self::new(StatusCode::NAME, code, message, remedy)`.
pub struct Refused {
    /// Name of the status.
    pub status: String,
    pub code: String,
    pub message: String,
    pub remedy: String,
}

/// The refusals that a file's methods make, in their order.
pub fn refusals(file: &File) -> Vec<Refused> {
    let mut found = Vec::new();
    for method in methods(file) {
        let mut named = BTreeMap::new();
        for statement in &method.block.stmts {
            match statement {
                Stmt::Local(local) => {
                    if let (Pat::Ident(name), Some(init)) = (&local.pat, &local.init) {
                        named.insert(name.ident.to_string(), text(&init.expr));
                    }
                }
                Stmt::Expr(expression, _) => made(expression, &named, &mut found),
                _ => {}
            }
        }
    }
    found
}

fn made(expression: &Expr, named: &BTreeMap<String, Option<String>>, found: &mut Vec<Refused>) {
    match expression {
        Expr::MethodCall(call) => made(&call.receiver, named, found),
        Expr::Struct(of) => of.rest.iter().for_each(|rest| made(rest, named, found)),
        Expr::Match(of) => of.arms.iter().for_each(|arm| made(&arm.body, named, found)),
        Expr::Call(call) => found.extend(refused(call, named)),
        _ => {}
    }
}

fn refused(call: &ExprCall, named: &BTreeMap<String, Option<String>>) -> Option<Refused> {
    let [status, code, message, remedy] = call.args.iter().collect::<Vec<_>>()[..] else {
        return None;
    };
    let Expr::Path(status) = status else { return None };
    let said = |expression: &Expr| match expression {
        Expr::Path(path) => named.get(&path.path.get_ident()?.to_string())?.clone(),
        other => text(other),
    };
    Some(Refused {
        status: status.path.segments.last()?.ident.to_string(),
        code: text(code)?,
        message: said(message)?,
        remedy: said(remedy)?,
    })
}

/// For each variant, the arm of `match self` in the method of this name.
pub fn arms(file: &File, method: &str) -> Vec<(String, Expr)> {
    let methods = methods(file).filter(|function| function.sig.ident == method);
    let arms = methods
        .flat_map(|function| &function.block.stmts)
        .filter_map(|statement| match statement {
            Stmt::Expr(expression, _) => match_of(expression),
            _ => None,
        });
    arms.flatten()
        .flat_map(|arm| {
            variants(&arm.pat)
                .into_iter()
                .map(move |name| (name, (*arm.body).clone()))
        })
        .collect()
}

/// The `match`, also where it is the right side of a sum.
fn match_of(expression: &Expr) -> Option<&Vec<Arm>> {
    match expression {
        Expr::Match(found) => Some(&found.arms),
        Expr::Binary(sum) => match_of(&sum.right),
        _ => None,
    }
}

fn variants(pattern: &syn::Pat) -> Vec<String> {
    let last = |path: &syn::Path| path.segments.last().map(|segment| segment.ident.to_string());
    match pattern {
        syn::Pat::Or(several) => several.cases.iter().flat_map(variants).collect(),
        syn::Pat::Path(path) => last(&path.path).into_iter().collect(),
        syn::Pat::Struct(of) => last(&of.path).into_iter().collect(),
        syn::Pat::TupleStruct(of) => last(&of.path).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// The arm of a variant.
pub fn arm<'a>(arms: &'a [(String, Expr)], variant: &str) -> &'a Expr {
    let found = arms.iter().find(|(name, _)| name == variant);
    &found.unwrap_or_else(|| panic!("no arm for {variant}")).1
}

/// The first text in an expression, as a format string with `…`.
pub fn text(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Lit(literal) => string(&literal.lit).map(|text| filled(&text)),
        Expr::MethodCall(call) => text(&call.receiver),
        Expr::Block(block) => block.block.stmts.iter().find_map(|statement| match statement {
            Stmt::Expr(expression, _) => text(expression),
            Stmt::Macro(of) => format_string(&of.mac),
            _ => None,
        }),
        Expr::Macro(of) => format_string(&of.mac),
        _ => None,
    }
}

fn format_string(of: &syn::Macro) -> Option<String> {
    let first = of.parse_body_with(|input: syn::parse::ParseStream<'_>| {
        let text: syn::LitStr = input.parse()?;
        input.parse::<proc_macro2::TokenStream>()?;
        Ok(text.value())
    });
    first.ok().map(|format| filled(&format))
}

/// The number that an expression is.
pub fn number(expression: &Expr) -> Option<i64> {
    match expression {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(number) => number.base10_parse().ok(),
            _ => None,
        },
        _ => None,
    }
}

/// The last name of a type, and those of its parameters.
pub fn named(ty: &Type) -> (String, Vec<Type>) {
    match ty {
        Type::Reference(reference) => named(&reference.elem),
        Type::Path(path) => {
            let segment = path.path.segments.last().expect("a path has a segment");
            let parameters = match &segment.arguments {
                syn::PathArguments::AngleBracketed(of) => of.args.iter().filter_map(|argument| match argument {
                    syn::GenericArgument::Type(ty) => Some(ty.clone()),
                    _ => None,
                }),
                _ => return (segment.ident.to_string(), Vec::new()),
            };
            (segment.ident.to_string(), parameters.collect())
        }
        _ => ("()".into(), Vec::new()),
    }
}
