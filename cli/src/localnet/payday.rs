//! An epoch's pay, followed through the blocks that it takes.
//!
//! The chain scores an epoch in one block and pays it there and, where the block has no room, in the ones that follow; `EpochPaid` is the end of it.
//! So an epoch is known by its subnet and the block in which it was scored, not by the block in which it is paid up.
use super::report::{Leaves, Payments};
use anyhow::{bail, Context, Result};
use laurel_chain::{AccountId, Event};
use laurel_types::{Balance, BlockNumber, EpochIndex, EpochSummary, NetUid};
use serde_json::Value;
use std::collections::HashMap;

/// As what a hotkey is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Earner {
    /// It earned it itself.
    Neuron,
    /// It lends to the neuron that did.
    Parent,
}

/// What one hotkey was paid of an epoch, in leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Who.
    pub hotkey: AccountId,
    /// As what.
    pub earner: Earner,
    /// As a miner.
    pub incentive: Balance,
    /// As a validator or as a parent.
    pub dividends: Balance,
    /// What its owner keeps of the dividends.
    pub take: Balance,
    /// What its owner keeps of its parents' dividends.
    pub child_take: Balance,
}

impl Payment {
    /// The payments that an event tells of.
    ///
    /// # Errors
    /// Where the chain's events have another form.
    pub fn read(event: &Event) -> Result<Vec<Self>> {
        if !event.is("Rewards", "HotkeysPaid") {
            return Ok(Vec::new());
        }
        let listed = event.fields()["payments"].as_array().into_iter().flatten();
        let payments: Option<Vec<Self>> = listed.map(Self::of).collect();
        payments
            .filter(|payments| !payments.is_empty())
            .with_context(|| format!("an event of payments has another form: {event}"))
    }

    fn of(record: &Value) -> Option<Self> {
        let leaves = |name: &str| record[name].as_str()?.parse().ok();
        Some(Self {
            hotkey: record["hotkey"].as_str()?.parse().ok()?,
            earner: match record["role"].as_str()? {
                "Neuron" => Earner::Neuron,
                "Parent" => Earner::Parent,
                _ => return None,
            },
            incentive: leaves("incentive")?,
            dividends: leaves("dividends")?,
            take: leaves("take")?,
            child_take: leaves("child_take")?,
        })
    }
}

/// An epoch that is paid up.
#[derive(Clone, Debug, PartialEq)]
pub struct Payday {
    /// The subnet.
    pub netuid: NetUid,
    /// What the chain says of it; its block is the one in which it was scored.
    pub summary: EpochSummary,
    /// Block of the last payment.
    pub paid_up: BlockNumber,
    /// What the owner was paid.
    pub owner: Balance,
    /// What hotkeys were, in all blocks, in the order in which the chain paid.
    pub payments: Vec<Payment>,
}

/// An epoch that may not be paid up.
#[derive(Debug, Default)]
struct Begun {
    owner: Balance,
    payments: Vec<Payment>,
}

/// Puts epochs together from the events of one block after another.
#[derive(Debug)]
pub struct Paydays {
    /// The first block whose events are taken in.
    from: BlockNumber,
    begun: HashMap<NetUid, Begun>,
}

impl Paydays {
    /// Nothing yet; the block after `block` is the first to be taken in.
    pub fn after(block: BlockNumber) -> Self {
        Self {
            from: block + 1,
            begun: HashMap::new(),
        }
    }

    /// Takes in the events of the next block, and returns the epochs that are paid up with it. One that was scored before the first block
    /// that was taken in is left out, because its first payments were not seen.
    ///
    /// # Errors
    /// Where the chain's events have another form.
    pub fn take_in(&mut self, block: BlockNumber, events: &[Event]) -> Result<Vec<Payday>> {
        let mut paid_up = Vec::new();
        for event in events.iter().filter(|event| event.pallet == "Rewards") {
            let netuid = || -> Result<NetUid> {
                let number = event.number("netuid").and_then(|number| u16::try_from(number).ok());
                Ok(NetUid(
                    number.with_context(|| format!("an event names no subnet: {event}"))?,
                ))
            };
            match event.name.as_str() {
                "OwnerPaid" => self.begun.entry(netuid()?).or_default().owner += amount(event, "amount")?,
                "HotkeysPaid" => {
                    let begun = self.begun.entry(netuid()?).or_default();
                    begun.payments.extend(Payment::read(event)?);
                }
                "EpochPaid" => {
                    let (netuid, summary) = (netuid()?, summary(event)?);
                    let Begun { owner, payments } = self.begun.remove(&netuid).unwrap_or_default();
                    if summary.block >= self.from {
                        paid_up.push(Payday {
                            netuid,
                            summary,
                            paid_up: block,
                            owner,
                            payments,
                        });
                    }
                }
                "EpochFailed" => bail!("an epoch could not be scored or paid: {event}"),
                // The subnet ended: what was not paid by then will not be.
                "PotClosed" => drop(self.begun.remove(&netuid()?)),
                _ => {}
            }
        }
        Ok(paid_up)
    }
}

fn amount(event: &Event, field: &str) -> Result<Balance> {
    let amount = event.number(field).and_then(|amount| amount.try_into().ok());
    amount.with_context(|| format!("an event has no amount {field}: {event}"))
}

fn summary(event: &Event) -> Result<EpochSummary> {
    let amount = |name: &str| amount(event, &format!("summary.{name}"));
    Ok(EpochSummary {
        epoch: EpochIndex(amount("epoch")?),
        block: amount("block")?.try_into()?,
        pot: amount("pot")?,
        owner: amount("owner")?,
        miners: amount("miners")?,
        validators: amount("validators")?,
        carried: amount("carried")?,
    })
}

impl Payday {
    /// What was paid to whom, summed over the payments.
    pub fn sums(&self) -> Payments {
        // What was paid was in the pot, which fits.
        let sum = |part: fn(&Payment) -> Balance| Leaves(self.payments.iter().map(part).sum());
        Payments {
            owner: Leaves(self.owner),
            miners: sum(|payment| payment.incentive),
            validators: sum(|payment| payment.dividends + payment.child_take),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(name: &str, fields: Value) -> Event {
        Event::of_hook("Rewards", name, fields)
    }

    fn paid(netuid: u16, payments: &[(&str, &str, &str)]) -> Event {
        let record = |(role, incentive, dividends): &(&str, &str, &str)| {
            json!({
                "hotkey": AccountId([7; 32]), "uid": 0, "role": role, "incentive": incentive, "dividends": dividends,
                "take": "0", "child_take": if *role == "Neuron" { "1" } else { "0" }, "shares": "0",
            })
        };
        let payments: Vec<Value> = payments.iter().map(record).collect();
        event("HotkeysPaid", json!({ "netuid": netuid, "payments": payments }))
    }

    fn closed(netuid: u16, epoch: &str, block: u32) -> Event {
        let summary = json!({
            "epoch": epoch, "block": block, "pot": "100", "owner": "18", "miners": "41", "validators": "41", "carried": "0",
        });
        event("EpochPaid", json!({ "netuid": netuid, "summary": summary }))
    }

    /// What subnet 1 pays for the epoch scored in block 7: the owner and a neuron, and then a neuron and a parent.
    fn epoch_of_one() -> (Vec<Event>, Vec<Event>) {
        let owner = event("OwnerPaid", json!({ "netuid": 1, "amount": "18" }));
        (
            vec![owner, paid(1, &[("Neuron", "40", "10")])],
            vec![
                paid(1, &[("Neuron", "1", "20"), ("Parent", "0", "9")]),
                closed(1, "3", 7),
            ],
        )
    }

    #[test]
    fn an_epoch_paid_in_two_blocks_is_whole_and_keeps_its_block() {
        let (first, second) = epoch_of_one();
        let mut paydays = Paydays::after(6);
        assert_eq!(paydays.take_in(7, &first).unwrap(), []);
        // Another subnet's in between does not mix in.
        let other = [paid(2, &[("Neuron", "5", "5")]), closed(2, "9", 8)];
        let others = paydays.take_in(8, &other).unwrap();
        assert_eq!(
            (others.len(), others[0].netuid, others[0].payments.len()),
            (1, NetUid(2), 1)
        );

        let ours = paydays.take_in(9, &second).unwrap();
        let [payday] = ours.as_slice() else { panic!("{ours:?}") };
        assert_eq!((payday.netuid, payday.summary.epoch), (NetUid(1), EpochIndex(3)));
        assert_eq!((payday.summary.block, payday.paid_up), (7, 9));
        let sums = payday.sums();
        assert_eq!((sums.owner.0, sums.miners.0, sums.validators.0), (18, 41, 41));
        // The next epoch begins with nothing.
        let next = paydays.take_in(22, &[closed(1, "4", 22)]).unwrap();
        assert_eq!(next[0].payments, []);
    }

    #[test]
    fn an_epoch_in_one_block_is_the_same_epoch() {
        let (first, second) = epoch_of_one();
        let (mut one, mut two) = (Paydays::after(6), Paydays::after(6));
        let whole = one.take_in(7, &[first.clone(), second.clone()].concat()).unwrap();
        two.take_in(7, &first).unwrap();
        let halves = two.take_in(8, &second).unwrap();
        assert_eq!(whole[0].payments, halves[0].payments);
        assert_eq!(whole[0].summary, halves[0].summary);
    }

    #[test]
    fn an_owner_paid_twice_for_an_epoch_was_paid_both() {
        let (first, second) = epoch_of_one();
        let mut paydays = Paydays::after(6);
        let owner = first[0].clone();
        let paid = paydays.take_in(7, &[vec![owner], first, second].concat()).unwrap();
        assert_eq!(paid[0].sums().owner.0, 36);
    }

    #[test]
    fn an_epoch_whose_beginning_was_not_seen_does_not_count() {
        let (_, second) = epoch_of_one();
        let mut paydays = Paydays::after(7);
        assert_eq!(paydays.take_in(8, &second).unwrap(), []);
        assert_eq!(paydays.take_in(22, &[closed(1, "4", 22)]).unwrap().len(), 1);
    }

    #[test]
    fn an_event_of_another_form_is_an_error_and_not_a_zero() {
        let mut paydays = Paydays::after(0);
        for broken in [
            event("EpochPaid", json!({ "netuid": 1 })),
            event("OwnerPaid", json!({ "netuid": 1 })),
            event("EpochFailed", json!({ "netuid": 1 })),
            event("HotkeysPaid", json!({ "netuid": 1 })),
            event("HotkeysPaid", json!({ "netuid": 1, "payments": [{}] })),
            paid(1, &[("Uncle", "1", "1")]),
        ] {
            assert!(paydays.take_in(1, std::slice::from_ref(&broken)).is_err(), "{broken}");
        }
    }
}
