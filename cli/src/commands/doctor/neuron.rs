//! The wallet's neuron: registered, paid for, published, reachable; and whether the subnet pays for its model.
use super::{
    axon::{self, Expected},
    keys::Keys,
    report::Report,
};
use crate::{commands::model, transaction::hex};
use anyhow::Result;
use laurel_chain::{AccountId, Call, ChainClient};
use laurel_protocol::{Hotkey, Recipient};
use laurel_types::Amount;
use laurel_types::{AxonAddress, Balance, Loopback, Metagraph, ModelRoot, NetUid, NeuronInfo, AXON_PROTOCOL_VERSION};
use std::path::Path;

/// An account wants the fee of so many transactions.
const FEES: Balance = 100;

/// Whom, and where.
pub struct Subject<'a> {
    /// The chain.
    pub client: &'a ChainClient,
    /// Its keys, as far as they are known.
    pub keys: Keys,
    /// Where it is, or should be, registered.
    pub netuid: Option<NetUid>,
    /// Where to reach it, if not where its axon says.
    pub axon: Option<&'a str>,
}

impl Subject<'_> {
    /// Looks at all of it.
    pub async fn look(&self, model: Option<&Path>, report: &mut Report) {
        if let Err(error) = self.balances(report).await {
            report.failed("balance", &error);
        }
        let metagraph = match self.netuid {
            Some(netuid) => self.subnet(netuid, report).await,
            None => None,
        };
        if let (Some(metagraph), Some(hotkey)) = (&metagraph, self.keys.hotkey) {
            if let Some(neuron) = self.registration(metagraph, &hotkey, report).await {
                self.axon(metagraph, neuron, report).await;
            }
        } else if let Some(url) = self.axon {
            axon::look(url, None, report).await;
        }
        if let Some(folder) = model {
            self.model(folder, metagraph.as_ref(), report).await;
        }
    }

    async fn balances(&self, report: &mut Report) -> Result<()> {
        let Some(some_account) = self.keys.coldkey.or(self.keys.hotkey) else {
            return Ok(());
        };
        let call = Call::Transfer {
            dest: some_account,
            value: 1,
        };
        let fee = self.client.fee_at_most(&call).await?;
        let enough = fee.saturating_mul(FEES);
        for (about, account) in [("coldkey", self.keys.coldkey), ("hotkey", self.keys.hotkey)] {
            let Some(account) = account else { continue };
            let free = self.client.balance(&account, None).await?.free;
            let says = format!(
                "the {about} has {} LRL free, a transfer costs {}",
                Amount(free),
                Amount(fee)
            );
            let remedy = format!("send it some: `laurel transfer --to {account} --amount 1`");
            match about {
                "hotkey" if free < fee => report.fail(
                    "balance",
                    format!("{says}; it pays for weights and axons, and has that back once they are in a block"),
                    remedy,
                ),
                _ if free < fee => report.fail("balance", says, remedy),
                _ if free < enough => report.warn("balance", says, remedy),
                _ => report.ok("balance", says),
            }
        }
        Ok(())
    }

    async fn subnet(&self, netuid: NetUid, report: &mut Report) -> Option<Metagraph<AccountId>> {
        match self.client.metagraph(netuid, None).await {
            Ok(Some(metagraph)) => return Some(metagraph),
            Ok(None) => report.fail(
                "subnet",
                format!("there is no subnet {netuid}"),
                "`laurel subnet list` lists those there are",
            ),
            Err(error) => report.failed("subnet", &error.into()),
        }
        None
    }

    async fn registration<'a>(
        &self,
        metagraph: &'a Metagraph<AccountId>,
        hotkey: &AccountId,
        report: &mut Report,
    ) -> Option<&'a NeuronInfo<AccountId>> {
        let netuid = metagraph.subnet.netuid;
        let Some(neuron) = metagraph.neurons.iter().find(|neuron| neuron.hotkey == *hotkey) else {
            report.fail(
                "registration",
                format!("the hotkey {hotkey} holds no uid in subnet {netuid}"),
                format!("`laurel register --netuid {netuid} --max-price LRL` gets it one"),
            );
            return None;
        };
        if self.keys.coldkey.is_some_and(|coldkey| coldkey != neuron.coldkey) {
            report.warn(
                "registration",
                format!(
                    "uid {} belongs to the coldkey {}, not to this wallet's",
                    neuron.uid, neuron.coldkey
                ),
                "what it earns goes there: use the wallet of that coldkey",
            );
        } else {
            report.ok(
                "registration",
                format!("uid {} since block {}", neuron.uid, neuron.registered_at),
            );
        }
        permit(neuron, report);
        immunity(metagraph, neuron, report);
        Some(neuron)
    }

    async fn axon(&self, metagraph: &Metagraph<AccountId>, neuron: &NeuronInfo<AccountId>, report: &mut Report) {
        let Some(axon) = neuron.axon else {
            if neuron.scores.permit {
                report.ok("axon", "none is published; a validator needs none");
            } else {
                report.fail(
                    "axon",
                    "none is published, so no validator asks this neuron",
                    "to mine, start laurel-miner, which publishes and renews it; to validate, stake on the hotkey until it holds a permit",
                );
            }
            if let Some(url) = self.axon {
                axon::look(url, Some(self.expected(metagraph, neuron, None)), report).await;
            }
            return;
        };
        let left = axon.expires_at.saturating_sub(metagraph.block);
        report.ok("axon", format!("{} is published, for {left} more blocks", axon.address));
        if axon.protocol != AXON_PROTOCOL_VERSION {
            report.fail(
                "axon",
                format!(
                    "it speaks version {} of the protocol, validators speak {AXON_PROTOCOL_VERSION}",
                    axon.protocol
                ),
                "run the miner of this release",
            );
        }
        let accepted = |root: ModelRoot| metagraph.subnet.models.iter().any(|model| model.root == root);
        if !accepted(axon.model) {
            report.fail(
                "axon",
                format!("it serves {}, for which the subnet does not pay", hex(&axon.model.0)),
                format!(
                    "`laurel model list --netuid {}` says what to serve",
                    metagraph.subnet.netuid
                ),
            );
        }
        if private(axon.address) {
            report.warn(
                "axon",
                format!("{} is an address of this machine or its network", axon.address),
                "validators elsewhere cannot reach it: give the miner a public address with --axon",
            );
        }
        let url = self
            .axon
            .map_or_else(|| format!("http://{}", axon.address), str::to_owned);
        let expected = self.expected(metagraph, neuron, Some(axon.model));
        axon::look(&url, Some(expected), report).await;
    }

    /// Who should answer at the neuron's axon.
    fn expected(
        &self,
        metagraph: &Metagraph<AccountId>,
        neuron: &NeuronInfo<AccountId>,
        model: Option<ModelRoot>,
    ) -> Expected {
        let recipient = Recipient {
            genesis: self.client.genesis_hash().0,
            netuid: metagraph.subnet.netuid,
            hotkey: Hotkey(neuron.hotkey.0),
        };
        Expected { recipient, model }
    }

    async fn model(&self, folder: &Path, metagraph: Option<&Metagraph<AccountId>>, report: &mut Report) {
        let manifest = match model::read(folder) {
            Ok(manifest) => manifest,
            Err(error) => return report.failed("model", &error),
        };
        let root = hex(&manifest.root.0);
        let Some(metagraph) = metagraph else {
            report.ok("model", format!("{root}; --netuid says whether a subnet pays for it"));
            return;
        };
        let netuid = metagraph.subnet.netuid;
        let lists = |models: &[laurel_types::AcceptedModel]| models.iter().any(|model| model.root == manifest.root);
        let announced = match model::announced(self.client, netuid).await {
            Ok(announced) => announced,
            Err(error) => return report.failed("model", &error),
        };
        let now = lists(&metagraph.subnet.models);
        let then = announced.as_ref().map(|(models, from)| (lists(models), from));
        let list = format!("`laurel model list --netuid {netuid}` says what it pays for");
        match (now, then) {
            (true, None | Some((true, _))) => report.ok("model", format!("{root}, accepted by subnet {netuid}")),
            (true, Some((false, from))) => report.warn(
                "model",
                format!("{root} is accepted by subnet {netuid} until epoch {from} begins"),
                list,
            ),
            (false, Some((true, from))) => report.warn(
                "model",
                format!("{root} is accepted by subnet {netuid} only from epoch {from} on"),
                "serve the one before until then: miner and validator take several --model",
            ),
            (false, _) => report.fail("model", format!("{root} is not accepted by subnet {netuid}"), list),
        }
    }
}

fn permit(neuron: &NeuronInfo<AccountId>, report: &mut Report) {
    let stake = Amount(neuron.stake);
    if neuron.scores.permit {
        report.ok("permit", format!("held, with {stake} LRL on the hotkey"));
    } else {
        report.ok(
            "permit",
            format!("not held, with {stake} LRL on the hotkey: a miner needs none"),
        );
    }
}

fn immunity(metagraph: &Metagraph<AccountId>, neuron: &NeuronInfo<AccountId>, report: &mut Report) {
    let params = &metagraph.subnet.hyperparameters;
    let until = neuron.registered_at.saturating_add(params.immunity_period);
    let left = until.saturating_sub(metagraph.block);
    if left > 0 {
        report.ok("immunity", format!("for {left} more blocks"));
    } else if neuron.scores.emission == 0 && metagraph.subnet.neurons >= params.max_uids {
        report.warn(
            "immunity",
            "over; the subnet is full, and the last epoch paid this neuron nothing",
            "it is among the first to be evicted: `laurel explain` with a validator's bundle says why it scores low",
        );
    } else {
        report.ok("immunity", "over");
    }
}

/// Whether only this machine or its own network can reach it.
fn private(address: AxonAddress) -> bool {
    let local = match address.socket().ip() {
        std::net::IpAddr::V4(ip) => ip.is_private() || ip.is_link_local(),
        std::net::IpAddr::V6(ip) => ip.is_unique_local() || ip.is_unicast_link_local(),
    };
    local || !address.is_dialable(Loopback::Refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_others_cannot_reach_are_told_apart() {
        let address = |text: &str| AxonAddress::from(text.parse::<std::net::SocketAddr>().unwrap());
        for text in [
            "127.0.0.1:1",
            "10.0.0.1:1",
            "192.168.1.1:1",
            "[fe80::1]:1",
            "[fd00::1]:1",
            "8.8.8.8:0",
        ] {
            assert!(private(address(text)), "{text}");
        }
        for text in ["8.8.8.8:1", "[2a00::1]:1"] {
            assert!(!private(address(text)), "{text}");
        }
    }
}
