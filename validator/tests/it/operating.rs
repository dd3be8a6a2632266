//! What operators rely on: the documents say what the program has, the examples load, dashboards and alerts name what there is.
use clap::CommandFactory;
use laurel_daemon::{
    config::{matches, Read},
    reference::{metrics, metrics_named, require_section, settings},
    Metric,
};
use laurel_validator::{
    gateway::{self, accounts},
    metrics::METRICS,
    Command,
};
use std::path::{Path, PathBuf};

fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

#[test]
fn the_documents_list_every_setting_and_metric() {
    let configuration = in_repository("docs/reference/configuration.md");
    require_section(
        &configuration,
        "laurel-validator",
        &settings(Command::command(), "LAUREL"),
    )
    .unwrap();
    let document = in_repository("docs/reference/metrics.md");
    require_section(&document, "laurel-validator", &metrics(METRICS)).unwrap();
    require_section(&document, "gateway", &metrics(gateway::METRICS)).unwrap();
    require_section(&document, "accounts", &metrics(accounts::METRICS)).unwrap();
}

#[test]
fn the_example_file_loads() {
    let file = in_repository("deploy/config/validator.toml");
    let line = ["laurel-validator".into(), "--config".into(), file.into()];
    let read = matches(Command::command(), "NO_ENVIRONMENT", line.into()).unwrap();
    assert!(matches!(read, Read::Run(matches) if matches.get_one::<u16>("netuid") == Some(&1)));
}

#[test]
fn dashboard_and_alerts_name_metrics_that_there_are() {
    let (dashboard, alerts) = (
        in_repository("deploy/grafana/laurel.json"),
        in_repository("deploy/prometheus/alerts.yml"),
    );
    let all: [(&str, &[Metric]); 3] = [
        ("laurel_validator_", METRICS),
        ("laurel_gateway_", gateway::METRICS),
        ("laurel_accounts_", accounts::METRICS),
    ];
    for (prefix, metrics) in all {
        let named = metrics_named(&[&dashboard, &alerts], prefix).unwrap();
        assert!(named.len() > 2, "{named:?}");
        for name in named {
            assert!(metrics.iter().any(|metric| metric.name == name), "{name}");
        }
    }
}
