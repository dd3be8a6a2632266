//! Everything that can go wrong, with what to do about it.
use super::{
    cell,
    source::{arm, arms, docs, error_message, file, item_enum, number, refusals, text},
};
use crate::failure;
use laurel_chain::PoolRefusal;
use laurel_types::REFUSALS;
use reqwest::StatusCode;
use std::{collections::BTreeMap, fmt::Write};

const HEAD: &str = "# Errors

Every error has a name and says what to do; this page is written from the code. `laurel` prints them as `error: NAME: what happened: what to do`, with `--json` as \
`{ \"error\": { \"name\": …, \"message\": …, \"code\": … } }`, where `code` is the exit code.

## Exit codes

| code | meaning |
|---|---|
";

pub fn page() -> String {
    let mut page = HEAD.to_owned();
    for (code, meaning) in failure::EXIT_CODES {
        writeln!(page, "| {code} | {meaning} |").unwrap();
    }
    command(&mut page);
    pool(&mut page);
    runtime(&mut page);
    rpc(&mut page);
    protocol(&mut page);
    gateway(&mut page);
    files(&mut page);
    page
}

fn command(page: &mut String) {
    page.push_str("\n## Of the command\n\n| name | exit code | what it means and what to do |\n|---|---|---|\n");
    for (name, code, meaning) in failure::NAMES {
        writeln!(page, "| `{name}` | {code} | {} |", cell(meaning)).unwrap();
    }
}

fn pool(page: &mut String) {
    page.push_str(
        "\n## Of the transaction pool\n\nWhat is wrong with a transaction itself. Nothing was changed or paid; the exit code is 3. Where the pool foresees that a call would fail, it is named \
         as in the next table.\n\n| name | what to do | again without change? |\n|---|---|---|\n",
    );
    for refusal in PoolRefusal::known() {
        let again = if refusal.transient { "can succeed" } else { "no" };
        writeln!(
            page,
            "| `Pool.{}` | {} | {again} |",
            refusal.name,
            cell(&refusal.remedy)
        )
        .unwrap();
    }
}

fn runtime(page: &mut String) {
    page.push_str(
        "\n## Of the runtime\n\n`Pallet.Error`, the same whether the pool foresaw it or a block met it; in a block it has cost the fee. The number is that of the pool's `Custom error: N`, for \
         clients that read it themselves (`laurel_refusals` lists them).\n",
    );
    let mut pallets: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for refusal in REFUSALS {
        pallets.entry(refusal.pallet).or_default().push(refusal);
    }
    for (pallet, refusals) in pallets {
        write!(
            page,
            "\n### {pallet}\n\n| name | number | what is wrong and what to do |\n|---|---|---|\n"
        )
        .unwrap();
        for refusal in refusals {
            let remedy = cell(refusal.remedy);
            writeln!(page, "| `{pallet}.{}` | {} | {remedy} |", refusal.name, refusal.code).unwrap();
        }
    }
}

fn rpc(page: &mut String) {
    page.push_str(
        "\n## Refusals of the node's RPC\n\nErrors of the `laurel_*` methods, with their JSON-RPC codes; the name is in `data.name`. `laurel` calls them `Rpc.NAME`.\n\n| name | code | message \
         |\n|---|---|---|\n",
    );
    let file = file("node/src/rpc/error.rs");
    let (codes, explanations) = (arms(&file, "code"), arms(&file, "explanation"));
    for variant in &item_enum(&file, "Refusal").variants {
        let name = variant.ident.to_string();
        let code = 7_001 + number(arm(&codes, &name)).expect("codes are numbers");
        let explanation = text(arm(&explanations, &name)).expect("explanations are texts");
        writeln!(page, "| `{name}` | {code} | {explanation} |").unwrap();
    }
}

fn protocol(page: &mut String) {
    page.push_str(
        "\n## Of miners and gateways\n\nAnswers to requests that are not a success, in the shape of the OpenAI API with `remedy` added ([the protocol](../protocol.md)).\n\n| code | status | message | \
         what to do |\n|---|---|---|---|\n",
    );
    let file = file("crates/protocol/src/error.rs");
    let (codes, statuses, remedies) = (arms(&file, "code"), arms(&file, "status"), arms(&file, "remedy"));
    for variant in &item_enum(&file, "RequestError").variants {
        let name = variant.ident.to_string();
        let code = text(arm(&codes, &name)).expect("codes are texts");
        let status = number(arm(&statuses, &name)).expect("statuses are numbers");
        let remedy = text(arm(&remedies, &name)).expect("remedies are texts");
        let message = error_message(&variant.attrs).expect("every variant has a message");
        writeln!(page, "| `{code}` | {status} | {message} | {remedy} |").unwrap();
    }
}

fn gateway(page: &mut String) {
    page.push_str(
        "\n## Of gateways alone\n\nIn the same shape. `laurel gateway` calls them `Gateway`, and names the code in its message.\n\n| code | status | message | what to do |\n|---|---|---|---|\n",
    );
    for path in [
        "validator/src/gateway/refusal.rs",
        "validator/src/gateway/accounts/refusal.rs",
    ] {
        let refusals = refusals(&file(path));
        assert!(!refusals.is_empty(), "{path} makes its refusals in another way");
        for refused in refusals {
            let status = status(&refused.status);
            let [code, message, remedy] = [&refused.code, &refused.message, &refused.remedy].map(|text| cell(text));
            writeln!(page, "| `{code}` | {status} | {message} | {remedy} |").unwrap();
        }
    }
}

/// The number of an HTTP status by its name in code.
fn status(name: &str) -> u16 {
    let is = |status: &StatusCode| {
        let reason = status.canonical_reason().unwrap_or_default();
        reason.to_uppercase().replace([' ', '-'], "_") == name
    };
    let mut statuses = (400..600).filter_map(|number| StatusCode::from_u16(number).ok());
    statuses
        .find(is)
        .unwrap_or_else(|| panic!("no status is named {name}"))
        .as_u16()
}

fn files(page: &mut String) {
    page.push_str(
        "\n## Of wallets and models\n\nWhat the programs say of key files and model folders. The exit code is 1.\n\n| name | what | message |\n|---|---|---|\n",
    );
    for (path, of) in [
        ("crates/daemon/src/wallet/error.rs", "Wallet"),
        ("crates/models/src/error.rs", "Model"),
    ] {
        let file = file(path);
        for variant in &item_enum(&file, &format!("{of}Error")).variants {
            let message = error_message(&variant.attrs).unwrap_or_else(|| "as the engine says it".into());
            writeln!(
                page,
                "| `{of}.{}` | {} | {message} |",
                variant.ident,
                docs(&variant.attrs)
            )
            .unwrap();
        }
    }
}
