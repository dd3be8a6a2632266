//! The files in deploy/ against what every program has.
use laurel_daemon::{
    reference::{metrics, metrics_named, require_section},
    COMMON,
};
use std::path::{Path, PathBuf};

/// How the names of the other programs' metrics begin; their own tests look at those.
const OTHERS: [&str; 5] = [
    "laurel_chain_",
    "laurel_miner_",
    "laurel_validator_",
    "laurel_gateway_",
    "laurel_accounts_",
];

fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

#[test]
fn dashboard_and_alerts_name_metrics_that_there_are() {
    let (dashboard, alerts) = (
        in_repository("deploy/grafana/laurel.json"),
        in_repository("deploy/prometheus/alerts.yml"),
    );
    let named = metrics_named(&[&dashboard, &alerts], "laurel_").unwrap();
    let own = named
        .iter()
        .filter(|name| !OTHERS.iter().any(|prefix| name.starts_with(prefix)));
    for name in own {
        assert!(COMMON.iter().any(|metric| metric.name == name), "{name}");
    }
}

#[test]
fn the_document_lists_what_every_program_has() {
    require_section(&in_repository("docs/reference/metrics.md"), "common", &metrics(COMMON)).unwrap();
}
