//! What the chain says of itself, as metrics for Prometheus.
//!
//! Read from the best block each time somebody asks, so that nothing is stale and subnets that ended are gone. A block that cannot be
//! read, as while a node fetches the state of the chain, leaves these metrics out.
use crate::service::Client;
use laurel_runtime::AccountId;
use laurel_runtime_api::LaurelApi as _;
use laurel_types::{Balance, BlockNumber, SubnetInfo, Supply, LRL};
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use std::sync::Arc;
use substrate_prometheus_endpoint::{
    prometheus::{
        core::{Collector, Desc},
        proto::MetricFamily,
        Gauge, GaugeVec,
    },
    Opts, PrometheusError, Registry,
};

/// The label of what is said of each subnet.
const NETUID: &str = "netuid";

/// A metric: its name, what it says, and how it is read.
type Of<T> = (&'static str, &'static str, fn(&T) -> f64);

/// What is said of the whole chain.
const CHAIN: [Of<Seen>; 12] = [
    ("laurel_chain_subnets", "Subnets that there are", |seen| {
        seen.subnets.len() as f64
    }),
    (
        "laurel_chain_epochs_waiting",
        "Subnets whose epoch is over and not settled yet",
        |seen| seen.subnets.iter().filter(|subnet| seen.overdue(subnet) > 0).count() as f64,
    ),
    (
        "laurel_chain_epoch_overdue_blocks",
        "Blocks for which the longest waiting epoch has been over",
        |seen| {
            seen.subnets
                .iter()
                .map(|subnet| seen.overdue(subnet))
                .max()
                .unwrap_or(0)
                .into()
        },
    ),
    (
        "laurel_chain_emission_tokens",
        "Tokens that the next block mints",
        |seen| tokens(seen.supply.block_emission),
    ),
    ("laurel_chain_issuance_tokens", "All tokens in existence", |seen| {
        tokens(seen.supply.issuance)
    }),
    (
        "laurel_chain_genesis_tokens",
        "Tokens that there were at genesis",
        |seen| tokens(seen.supply.genesis),
    ),
    ("laurel_chain_minted_tokens", "Tokens minted since genesis", |seen| {
        tokens(seen.supply.minted)
    }),
    ("laurel_chain_burned_tokens", "Tokens in the burn account", |seen| {
        tokens(seen.supply.burned)
    }),
    ("laurel_chain_staked_tokens", "Tokens in the staking pot", |seen| {
        tokens(seen.supply.staked)
    }),
    (
        "laurel_chain_pending_tokens",
        "Tokens in the subnets' pots and the reserve",
        |seen| tokens(seen.supply.pending),
    ),
    ("laurel_chain_locked_tokens", "Tokens locked for subnets", |seen| {
        tokens(seen.supply.locked)
    }),
    (
        "laurel_chain_block",
        "Block that the other laurel_chain metrics are read at",
        |seen| seen.block.into(),
    ),
];

/// What is said of each subnet.
const SUBNET: [Of<SubnetInfo<AccountId>>; 6] = [
    (
        "laurel_chain_subnet_epoch",
        "Running epoch: as many have been settled",
        |subnet| subnet.epoch.0 as f64,
    ),
    (
        "laurel_chain_subnet_next_epoch_block",
        "Block at which the running epoch is over",
        |subnet| subnet.next_epoch_at.into(),
    ),
    ("laurel_chain_subnet_neurons", "Neurons registered", |subnet| {
        subnet.neurons.into()
    }),
    (
        "laurel_chain_subnet_emission_tokens",
        "Tokens that the last block gave to the subnet",
        |subnet| tokens(subnet.emission_per_block),
    ),
    (
        "laurel_chain_subnet_pot_tokens",
        "Tokens collected for the end of the epoch",
        |subnet| tokens(subnet.pot),
    ),
    (
        "laurel_chain_subnet_price_tokens",
        "Price of registering in the next block",
        |subnet| tokens(subnet.registration_price),
    ),
];

/// The chain at one block.
struct Seen {
    block: BlockNumber,
    supply: Supply,
    subnets: Vec<SubnetInfo<AccountId>>,
}

impl Seen {
    /// Blocks for which the subnet's epoch has been over. A block settles what became due in it, where it has room.
    fn overdue(&self, subnet: &SubnetInfo<AccountId>) -> BlockNumber {
        self.block.saturating_sub(subnet.next_epoch_at)
    }
}

/// As a number that charts can show; the ledger itself has no floats.
fn tokens(leaves: Balance) -> f64 {
    leaves as f64 / LRL as f64
}

/// Reads the chain for Prometheus.
struct ChainMetrics {
    client: Arc<Client>,
    descriptions: Vec<Desc>,
}

/// Adds the chain's metrics to the node's.
pub fn register(client: Arc<Client>, registry: &Registry) -> Result<(), PrometheusError> {
    let describe = |name: &str, help: &str, labels: Vec<String>| Desc::new(name.into(), help.into(), labels, [].into());
    let chain = CHAIN.iter().map(|(name, help, _)| describe(name, help, Vec::new()));
    let subnet = SUBNET
        .iter()
        .map(|(name, help, _)| describe(name, help, vec![NETUID.into()]));
    let descriptions = chain.chain(subnet).collect::<Result<_, _>>()?;
    registry.register(Box::new(ChainMetrics { client, descriptions }))
}

impl ChainMetrics {
    fn see(&self) -> Result<Seen, sp_api::ApiError> {
        let best = self.client.info();
        let api = self.client.runtime_api();
        Ok(Seen {
            block: best.best_number,
            supply: api.supply(best.best_hash)?,
            subnets: api.subnets(best.best_hash)?,
        })
    }
}

/// Fails only for names and labels that Prometheus does not take, and those are constants.
fn families(seen: &Seen) -> Result<Vec<MetricFamily>, PrometheusError> {
    let mut families = Vec::with_capacity(CHAIN.len() + SUBNET.len());
    for (name, help, read) in CHAIN {
        let gauge = Gauge::new(name, help)?;
        gauge.set(read(seen));
        families.extend(gauge.collect());
    }
    for (name, help, read) in SUBNET {
        let gauges = GaugeVec::new(Opts::new(name, help), &[NETUID])?;
        for subnet in &seen.subnets {
            gauges
                .with_label_values(&[&subnet.netuid.to_string()])
                .set(read(subnet));
        }
        families.extend(gauges.collect());
    }
    Ok(families)
}

impl Collector for ChainMetrics {
    fn desc(&self) -> Vec<&Desc> {
        self.descriptions.iter().collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let seen = self
            .see()
            .map_err(|error| log::debug!("cannot read the chain for Prometheus: {error}"));
        seen.ok().and_then(|seen| families(&seen).ok()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use laurel_daemon::{
        reference::{metrics, metrics_named, require_section},
        Metric,
    };
    use laurel_types::{EpochIndex, Hyperparameters, NetUid};
    use std::{collections::BTreeSet, path::Path};

    fn subnet(netuid: u16, next_epoch_at: BlockNumber) -> SubnetInfo<AccountId> {
        SubnetInfo {
            netuid: NetUid(netuid),
            owner: AccountId::new([0; 32]),
            hyperparameters: Hyperparameters::default(),
            models: Vec::new(),
            neurons: 7,
            epoch: EpochIndex(3),
            epoch_started_at: 1,
            next_epoch_at,
            pot: 2 * LRL,
            emission_per_block: LRL / 2,
            registration_price: LRL,
            last_epoch: None,
        }
    }

    /// Every series by name and netuid, at block 20 with these subnets.
    fn series(subnets: Vec<SubnetInfo<AccountId>>) -> Vec<(String, String, f64)> {
        let supply = Supply {
            issuance: 30 * LRL,
            genesis: 10 * LRL,
            minted: 20 * LRL,
            burned: 0,
            staked: 5 * LRL,
            pending: 0,
            locked: 0,
            block_emission: LRL,
        };
        let block = 20;
        let seen = Seen { block, supply, subnets };
        let mut series = Vec::new();
        for family in families(&seen).unwrap() {
            for metric in family.get_metric() {
                let netuid = metric.get_label().first().map_or("", |label| label.get_value());
                series.push((family.get_name().into(), netuid.into(), metric.get_gauge().get_value()));
            }
        }
        series
    }

    #[test]
    fn subnets_whose_epoch_is_over_are_counted_and_amounts_are_tokens() {
        let series = series(vec![subnet(1, 20), subnet(2, 15), subnet(3, 18)]);
        let value = |name: &str, netuid: &str| {
            let found = series.iter().find(|(of, label, _)| of == name && label == netuid);
            found.map(|(_, _, value)| *value)
        };
        assert_eq!(value("laurel_chain_epochs_waiting", ""), Some(2.0));
        assert_eq!(value("laurel_chain_epoch_overdue_blocks", ""), Some(5.0));
        assert_eq!(value("laurel_chain_issuance_tokens", ""), Some(30.0));
        assert_eq!(value("laurel_chain_subnet_emission_tokens", "2"), Some(0.5));
        assert_eq!(value("laurel_chain_subnet_epoch", "3"), Some(3.0));
        assert_eq!(value("laurel_chain_subnet_epoch", "4"), None);
    }

    #[test]
    fn the_document_has_all_of_them_and_dashboard_and_alerts_no_others() {
        let chain = CHAIN.iter().map(|(name, help, _)| Metric::gauge(name, &[], help));
        let subnet_ones = SUBNET
            .iter()
            .map(|(name, help, _)| Metric::gauge(name, &[NETUID], help));
        let all: Vec<Metric> = chain.chain(subnet_ones).collect();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        require_section(&root.join("docs/reference/metrics.md"), "chain", &metrics(&all)).unwrap();
        let (dashboard, alerts) = (
            root.join("deploy/grafana/laurel.json"),
            root.join("deploy/prometheus/alerts.yml"),
        );
        let named = metrics_named(&[&dashboard, &alerts], "laurel_chain_").unwrap();
        let seen: BTreeSet<String> = series(vec![subnet(1, 20)])
            .into_iter()
            .map(|(name, _, _)| name)
            .collect();
        assert!(named.is_subset(&seen), "{named:?} {seen:?}");
        assert_eq!(seen.len(), all.len());
    }
}
