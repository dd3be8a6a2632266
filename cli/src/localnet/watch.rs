//! Follows the finalised chain block by block and writes down what the checks need.
use super::{
    cast::{self, Behaviour, Role, NOMINATOR, SUBNETS, TEXT, VALIDATORS},
    lending::FamilyPayout,
    model_change::ModelChange,
    models::Models,
    payday::{Payday, Paydays, Payment},
    report::{
        BlockEmission, Dividends, Epoch, Finality, Leaves, Neuron, Nomination, Pool, Position, Record, RootSplit,
        SupplyRecord,
    },
    table::{Headline, Row},
    wallets::Wallets,
};
use anyhow::{Context, Result};
use laurel_chain::{AccountId, Block, BlockHash, ChainClient, Event};
use laurel_types::{Balance, BlockNumber, Metagraph, NetUid, NeuronInfo, RootInfo, SubnetInfo};
use std::collections::HashMap;

/// Who a hotkey belongs to in the cast.
struct Actor {
    name: &'static str,
    role: Role,
    behaviour: Option<Behaviour>,
}

/// The state of one finalised block that the next one is compared with.
struct Seen {
    block: Block,
    root: RootInfo<AccountId>,
}

/// Reads each finalised block once.
pub struct Watch {
    client: ChainClient,
    actors: HashMap<AccountId, Actor>,
    models: Models,
    /// The hotkey that is nominated, and lends to the child.
    backed: AccountId,
    child: AccountId,
    nominator: AccountId,
    last: Option<Seen>,
    paydays: Paydays,
    paid: HashMap<NetUid, u32>,
    record: Record,
}

impl Watch {
    /// Begins at the block that is finalised now: what an earlier run paid does not count.
    pub fn new(client: ChainClient, wallets: &Wallets, models: Models, change: ModelChange) -> Result<Self> {
        let mut actors = HashMap::new();
        for validator in VALIDATORS {
            let actor = Actor {
                name: validator.name,
                role: Role::Validator,
                behaviour: None,
            };
            actors.insert(wallets.get(validator.name)?.hotkey_address(), actor);
        }
        for miner in cast::miners() {
            let actor = Actor {
                name: miner.name,
                role: miner.behaviour.role(),
                behaviour: Some(miner.behaviour),
            };
            actors.insert(wallets.get(miner.name)?.hotkey_address(), actor);
        }
        Ok(Self {
            client,
            actors,
            models,
            backed: wallets.get(VALIDATORS[0].name)?.hotkey_address(),
            child: wallets.get(VALIDATORS[1].name)?.hotkey_address(),
            nominator: wallets.get(NOMINATOR)?.coldkey_address(),
            last: None,
            paydays: Paydays::after(0),
            paid: HashMap::new(),
            record: Record {
                model_change: Some(change),
                ..Record::default()
            },
        })
    }

    /// Paid epochs seen of the subnet that has the fewest.
    pub fn epochs_paid(&self) -> u32 {
        SUBNETS
            .iter()
            .map(|subnet| self.paid.get(&subnet.netuid).copied().unwrap_or(0))
            .min()
            .unwrap_or(0)
    }

    /// Whether an epoch was paid for weights of the model that was announced.
    pub fn change_is_paid(&self) -> bool {
        let change = self.record.model_change.as_ref();
        change.is_some_and(|change| self.record.epochs.iter().any(|epoch| change.is_paid_by(epoch)))
    }

    /// Takes in everything up to `tip`, and returns what to show for it.
    pub async fn advance(&mut self, tip: Block) -> Result<(Headline, Vec<Row>)> {
        let first = self.last.as_ref().map_or(tip.number, |seen| seen.block.number + 1);
        for number in first..=tip.number {
            let hash = if number == tip.number {
                tip.hash
            } else {
                self.client
                    .block_hash(number)
                    .await?
                    .with_context(|| format!("block {number} is finalised but unknown"))?
            };
            self.take_in(Block { number, hash }).await?;
        }
        self.show(tip).await
    }

    async fn take_in(&mut self, block: Block) -> Result<()> {
        let at = Some(block.hash);
        let subnets = self.client.subnets(at).await?;
        let root = self.client.root(at).await?;
        if let Some(last) = self.last.take() {
            self.note_split(&last, &block, &root, &subnets);
            let events = self.client.events(block.hash).await?;
            self.note_nomination(&events, last.block.hash, block).await?;
            for payday in self.paydays.take_in(block.number, &events)? {
                self.note_payday(&payday, block.hash).await?;
            }
        } else {
            self.paydays = Paydays::after(block.number);
        }
        self.last = Some(Seen { block, root });
        Ok(())
    }

    /// A split that is new in this block was made of the votes of the block before. A block's emission is compared
    /// with the split only where that did not change inside the block.
    fn note_split(
        &mut self,
        last: &Seen,
        block: &Block,
        root: &RootInfo<AccountId>,
        subnets: &[SubnetInfo<AccountId>],
    ) {
        let complete = |root: &RootInfo<AccountId>| {
            root.split.len() == SUBNETS.len() && root.seats.iter().filter(|seat| !seat.weights.is_empty()).count() >= 2
        };
        if !complete(&last.root) || !complete(root) {
            return;
        }
        if root.split != last.root.split {
            let votes = last
                .root
                .seats
                .iter()
                .map(|seat| (Leaves(seat.stake), seat.weights.clone()))
                .collect();
            self.record.splits.push(RootSplit {
                block: block.number,
                votes,
                split: root.split.clone(),
            });
        } else if !self.record.splits.is_empty() {
            let emission = subnets
                .iter()
                .map(|subnet| (subnet.netuid, Leaves(subnet.emission_per_block)))
                .collect();
            self.record.blocks.push(BlockEmission {
                block: block.number,
                emission,
                split: root.split.clone(),
            });
        }
    }

    /// An epoch that is paid up with the block `at`. One of which nothing was paid was carried over.
    async fn note_payday(&mut self, payday: &Payday, at: BlockHash) -> Result<()> {
        if payday.summary.carried == payday.summary.pot {
            return Ok(());
        }
        let Some(metagraph) = self.client.metagraph(payday.netuid, Some(at)).await? else {
            return Ok(());
        };
        if payday.netuid == TEXT {
            self.note_family(payday, &metagraph).await?;
        }
        let neurons = self.neurons(&metagraph);
        let paid = self.paid.entry(payday.netuid).or_default();
        *paid += 1;
        self.record
            .epochs
            .push(Epoch::new(payday, payday.sums(), *paid, neurons));
        Ok(())
    }

    /// What the child and its parent were paid, beside what both had before the epoch's first payment.
    async fn note_family(&mut self, payday: &Payday, metagraph: &Metagraph<AccountId>) -> Result<()> {
        let family = (self.backed, self.child);
        let Some((paid, incentive)) = FamilyPayout::read(&payday.payments, family) else {
            return Ok(());
        };
        let child = metagraph.neurons.iter().find(|neuron| neuron.hotkey == self.child);
        let earned = child.context("the child left the subnet that paid it")?.scores.emission;
        let before = self.client.block_hash(payday.summary.block.saturating_sub(1)).await?;
        let before = before.context("the block before an epoch is unknown")?;
        self.record.families.push(FamilyPayout {
            block: payday.summary.block,
            dividends: Leaves(earned.saturating_sub(incentive)),
            parent_stake: Leaves(self.stake(&self.backed, before).await?),
            child_stake: Leaves(self.stake(&self.child, before).await?),
            ..paid
        });
        Ok(())
    }

    async fn stake(&self, hotkey: &AccountId, at: BlockHash) -> Result<Balance> {
        let info = self.client.hotkey(hotkey, Some(at)).await?;
        Ok(info.context("a validator's hotkey is unknown")?.stake)
    }

    async fn note_nomination(&mut self, events: &[Event], before: BlockHash, block: Block) -> Result<()> {
        let mut payouts = Vec::new();
        for event in events {
            let backed = Payment::read(event)?
                .into_iter()
                .filter(|paid| paid.hotkey == self.backed && paid.dividends > 0);
            for paid in backed {
                let stakers = paid.dividends.checked_sub(paid.take);
                payouts.push(Dividends {
                    take: Leaves(paid.take),
                    stakers: Leaves(stakers.context("a take is more than the dividends")?),
                });
            }
        }
        if payouts.is_empty() {
            return Ok(());
        }
        let pool = self
            .client
            .hotkey(&self.backed, Some(before))
            .await?
            .context("the backed hotkey is unknown")?;
        self.record.nominations.push(Nomination {
            block: block.number,
            payouts,
            pool: Pool {
                stake: Leaves(pool.stake),
                unreleased: Leaves(pool.unreleased),
                released_per_block: Leaves(pool.released_per_block),
                stream_ends_at: pool.stream_ends_at,
            },
            before: self.nominated(before).await?,
            after: self.nominated(block.hash).await?,
        });
        Ok(())
    }

    async fn nominated(&self, at: BlockHash) -> Result<Position> {
        let positions = self.client.stake_of(&self.nominator, Some(at)).await?;
        let position = positions.iter().find(|position| position.hotkey == self.backed);
        Ok(Position {
            stake: Leaves(position.map_or(0, |position| position.stake)),
            unreleased: Leaves(position.map_or(0, |position| position.unreleased)),
        })
    }

    fn neurons(&self, metagraph: &Metagraph<AccountId>) -> Vec<Neuron> {
        metagraph.neurons.iter().map(|neuron| self.neuron(neuron)).collect()
    }

    fn neuron(&self, neuron: &NeuronInfo<AccountId>) -> Neuron {
        let actor = self.actors.get(&neuron.hotkey);
        Neuron {
            uid: neuron.uid,
            name: actor.map_or_else(|| neuron.hotkey.to_string(), |actor| actor.name.into()),
            role: actor.map_or(Role::Guest, |actor| actor.role),
            behaviour: actor.and_then(|actor| actor.behaviour),
            model: self.model(neuron),
            consensus: neuron.scores.consensus,
            incentive: neuron.scores.incentive,
            dividends: neuron.scores.dividends,
            emission: Leaves(neuron.scores.emission),
            stake: Leaves(neuron.stake),
        }
    }

    fn model(&self, neuron: &NeuronInfo<AccountId>) -> Option<String> {
        let root = neuron.axon?.model;
        let name = self.models.name(root).map(str::to_owned);
        Some(name.unwrap_or_else(|| "foreign".into()))
    }

    async fn show(&self, tip: Block) -> Result<(Headline, Vec<Row>)> {
        let best = self.client.best_block().await?;
        let mut headline = Headline {
            best: best.number,
            finalized: tip.number,
            subnets: Vec::new(),
        };
        let mut rows = Vec::new();
        let split: HashMap<_, _> = self
            .last
            .iter()
            .flat_map(|seen| seen.root.split.iter().copied())
            .collect();
        for subnet in SUBNETS {
            let Some(metagraph) = self.client.metagraph(subnet.netuid, Some(tip.hash)).await? else {
                continue;
            };
            let left = metagraph.subnet.next_epoch_at.saturating_sub(tip.number);
            let part = split.get(&subnet.netuid).copied().unwrap_or(0) as f64 / u64::MAX as f64 * 100.0;
            let paid = self.paid.get(&subnet.netuid).copied().unwrap_or(0);
            headline.subnets.push((subnet.label.into(), paid, left, part));
            let tempo = Balance::from(metagraph.subnet.hyperparameters.tempo);
            rows.extend(self.neurons(&metagraph).into_iter().map(|neuron| Row {
                netuid: subnet.netuid.0,
                uid: neuron.uid.0,
                name: neuron.name,
                role: neuron.role,
                model: neuron.model,
                consensus: neuron.consensus,
                incentive: neuron.incentive,
                dividends: neuron.dividends,
                emission_per_block: neuron.emission.0 / tempo.max(1),
                stake: neuron.stake.0,
            }));
        }
        Ok((headline, rows))
    }

    /// Reads the ledger and both authorities once more, and hands the record over.
    pub async fn finish(mut self, authorities: &[(&'static str, ChainClient)]) -> Result<Record> {
        let block = self.client.finalized_block().await?;
        let supply = self.client.supply(Some(block.hash)).await?;
        let accounts = self.client.accounts(block.hash).await?;
        self.record.supply = Some(SupplyRecord {
            block: block.number,
            issuance: Leaves(supply.issuance),
            genesis: Leaves(supply.genesis),
            block_emission: Leaves(supply.block_emission),
            sum_of_accounts: Leaves(
                accounts
                    .iter()
                    .map(|(_, balance)| balance.free + balance.reserved)
                    .sum(),
            ),
        });
        self.record.finality = finality(authorities).await?;
        Ok(self.record)
    }
}

async fn finality(authorities: &[(&'static str, ChainClient)]) -> Result<Vec<Finality>> {
    let mut heads = Vec::new();
    for (name, client) in authorities {
        // Best first: asked the other way round, a block between the two questions would count as lag.
        let best = client.best_block().await?.number;
        heads.push((*name, client, best, client.finalized_block().await?.number));
    }
    let common: BlockNumber = heads.iter().map(|head| head.3).min().unwrap_or(0);
    let mut all = Vec::new();
    for (authority, client, best, finalized) in heads {
        let hash = client
            .block_hash(common)
            .await?
            .context("a finalised block is unknown")?;
        all.push(Finality {
            authority,
            best,
            finalized,
            common_hash: hash.to_string(),
        });
    }
    Ok(all)
}
