//! Deposits for gateways: the calls, what they should do to the ledger, and where the chain disagrees.
use crate::{
    aim::pick,
    cast::{cold, hot, hotkeys, name, place_of_hotkey, spendable},
    ledger::{Hold, Ledger},
    step::Act,
};
use laurel_runtime::{configs::EXISTENTIAL_DEPOSIT, AccountId, Prepaid, Runtime, Staking, System};
use laurel_support::Hotkeys as _;
use laurel_types::{Balance, BlockNumber, PrepaidTerms, LRL};
use pallet_laurel_prepaid::{Call, Deposits, GatewayIds, Gateways, Payers, Terms};
use std::collections::BTreeMap;

/// What one payer holds for one gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Purse {
    amount: Balance,
    record_deposit: Balance,
    /// How much is announced to be taken back, and from which block on.
    back: Option<(Balance, BlockNumber)>,
}

/// By gateway and payer.
pub type Purses = BTreeMap<(AccountId, AccountId), Purse>;

/// Gateways that something is held for.
fn gateways() -> Vec<AccountId> {
    GatewayIds::<Runtime>::iter_keys().collect()
}

/// Who holds something for a gateway.
fn payers(gateway: &AccountId) -> Vec<AccountId> {
    let deposits = Prepaid::prepaid_for(gateway, None, u32::MAX);
    deposits.into_iter().map(|prepaid| prepaid.payer).collect()
}

/// The step about a deposit that is there; else the one that has to come before.
pub fn aimed(act: Act, number: u8) -> Option<Act> {
    let known = |number| {
        place_of_hotkey(&pick(
            hotkeys().filter(|hotkey| Staking::owner(hotkey).is_some()).collect(),
            number,
        )?)
    };
    let gateway = || place_of_hotkey(&pick(gateways(), number)?);
    match act {
        Act::Prepay { gateway, amount } => Some(Act::Prepay {
            gateway: known(gateway)?,
            amount,
        }),
        Act::Announce { amount, .. } => gateway().map(|gateway| Act::Announce { gateway, amount }),
        Act::TakeBack { .. } => gateway().map(|gateway| Act::TakeBack { gateway }),
        Act::Draw { choice, .. } => gateway().map(|gateway| Act::Draw { gateway, choice }),
        _ => None,
    }
}

/// Who may do it.
pub fn entitled(act: Act, number: u8) -> Option<AccountId> {
    let (Act::Announce { gateway, .. } | Act::TakeBack { gateway }) = act else {
        return None;
    };
    pick(payers(&hot(gateway)), number)
}

pub fn call(actor: &AccountId, act: Act) -> Call<Runtime> {
    match act {
        Act::Prepay { gateway, amount } => Call::deposit {
            gateway: hot(gateway),
            amount: amount.of(spendable(actor)),
        },
        Act::Announce { gateway, amount } => {
            let all = Prepaid::prepaid(&hot(gateway), actor).map_or(0, |prepaid| prepaid.amount);
            Call::withdraw {
                gateway: hot(gateway),
                amount: amount.of(all),
            }
        }
        Act::TakeBack { gateway } => Call::take_back { gateway: hot(gateway) },
        Act::Draw { gateway, choice } => Call::draw {
            items: items(&hot(gateway), choice).try_into().expect("there are few payers"),
        },
        Act::PrepaidTerms { choice } => Call::set_terms {
            terms: PrepaidTerms {
                min_deposit: [LRL / 10, 1, 0, LRL][usize::from(choice % 4)],
                record_deposit: [LRL / 100, 0, EXISTENTIAL_DEPOSIT][usize::from(choice / 4 % 3)],
                notice: [3, 8, 0, 1][usize::from(choice / 16 % 4)],
            },
        },
        other => unreachable!("{other:?} is not of deposits"),
    }
}

/// A part of what each payer holds, or all, or more; among them somebody who may hold nothing, and somebody twice.
fn items(gateway: &AccountId, choice: u8) -> Vec<(AccountId, Balance)> {
    let part = |all: Balance| match choice % 4 {
        0 => all,
        1 => all.saturating_add(1),
        _ => (u128::from(all) * u128::from(choice) / 512) as Balance,
    };
    let amount = |payer: &AccountId| Prepaid::prepaid(gateway, payer).map_or(0, |prepaid| part(prepaid.amount));
    let mut items: Vec<_> = payers(gateway)
        .into_iter()
        .map(|payer| (payer.clone(), amount(&payer)))
        .collect();
    items.extend(items.first().cloned().filter(|_| choice.is_multiple_of(5)));
    if choice.is_multiple_of(3) {
        items.insert(0, (cold(choice), LRL));
    }
    items
}

impl Ledger {
    /// What a call about deposits does.
    pub fn deposited_by(&mut self, by: Option<&AccountId>, call: &Call<Runtime>) {
        let now = System::block_number();
        match (by, call) {
            (Some(by), Call::deposit { gateway, amount }) => {
                let first = !self.purses.contains_key(&(gateway.clone(), by.clone()));
                let record_deposit = if first {
                    Terms::<Runtime>::get().record_deposit
                } else {
                    0
                };
                let purse = self.purses.entry((gateway.clone(), by.clone())).or_default();
                (purse.amount, purse.record_deposit) = (purse.amount + amount, purse.record_deposit + record_deposit);
                self.set_hold(Hold::Prepaid, by, self.hold(Hold::Prepaid, by) + amount);
                self.set_hold(Hold::Record, by, self.hold(Hold::Record, by) + record_deposit);
            }
            (Some(by), Call::withdraw { gateway, amount }) => {
                let purse = self.purse(gateway, by);
                assert!(*amount <= purse.amount, "more is announced than is there");
                assert!(purse.back.is_none_or(|(_, from)| from > now), "something lay ready");
                let kept = purse.back.filter(|(before, _)| amount <= before);
                let from = kept.map_or(now + Terms::<Runtime>::get().notice, |(_, from)| from);
                purse.back = (*amount > 0).then_some((*amount, from));
            }
            (Some(by), Call::take_back { gateway }) => self.take_back(by, gateway, now),
            (Some(gateway), Call::draw { items }) => {
                for (payer, asked) in items {
                    self.draw(gateway, payer, *asked, now);
                }
            }
            (None, Call::set_terms { .. }) => {}
            _ => panic!("{call:?} must not succeed"),
        }
    }

    fn purse(&mut self, gateway: &AccountId, payer: &AccountId) -> &mut Purse {
        let key = (gateway.clone(), payer.clone());
        self.purses.get_mut(&key).expect("there is a deposit")
    }

    /// Only what was announced a notice ago comes back; with the last leaf the record deposit.
    fn take_back(&mut self, payer: &AccountId, gateway: &AccountId, now: BlockNumber) {
        let purse = self.purse(gateway, payer);
        let back = purse
            .back
            .filter(|(_, from)| *from <= now)
            .map_or(0, |(amount, _)| amount);
        assert!(
            back > 0 || purse.amount == 0,
            "{} took back what was not announced",
            name(payer)
        );
        if back > 0 {
            (purse.amount, purse.back) = (purse.amount - back, None);
        }
        let (rest, record_deposit) = (purse.amount, purse.record_deposit);
        self.set_hold(Hold::Prepaid, payer, self.hold(Hold::Prepaid, payer) - back);
        if rest == 0 {
            self.purses.remove(&(gateway.clone(), payer.clone()));
            self.set_hold(Hold::Record, payer, self.hold(Hold::Record, payer) - record_deposit);
        }
    }

    /// The owner gets what was asked for, and no more than what is there less what the payer may take back already.
    fn draw(&mut self, gateway: &AccountId, payer: &AccountId, asked: Balance, now: BlockNumber) {
        let owner = self.owners.get(gateway).expect("a gateway's hotkey is known").clone();
        let Some(purse) = self.purses.get(&(gateway.clone(), payer.clone())) else {
            return;
        };
        let ready = purse
            .back
            .filter(|(_, from)| *from <= now)
            .map_or(0, |(amount, _)| amount);
        let drawn = asked.min(purse.amount - ready);
        if self.total(&owner) + drawn < EXISTENTIAL_DEPOSIT {
            return;
        }
        let purse = self.purse(gateway, payer);
        purse.amount -= drawn;
        let rest = purse.amount;
        purse.back = purse
            .back
            .map(|(amount, from)| (amount.min(rest), from))
            .filter(|(amount, _)| *amount > 0);
        self.set_hold(Hold::Prepaid, payer, self.hold(Hold::Prepaid, payer) - drawn);
        self.transfer(payer, &owner, drawn);
    }

    /// Demands that the chain agrees.
    pub fn compare_purses(&self) {
        let chain: Purses = Deposits::<Runtime>::iter()
            .map(|(gateway, payer, deposit)| {
                let gateway = Gateways::<Runtime>::get(gateway).expect("a gateway is known").account;
                let payer = Payers::<Runtime>::get(payer).expect("a payer is known").account;
                let back = deposit
                    .withdrawal
                    .map(|withdrawal| (withdrawal.amount, withdrawal.free_at));
                let (amount, record_deposit) = (deposit.amount, deposit.record_deposit);
                (
                    (gateway, payer),
                    Purse {
                        amount,
                        record_deposit,
                        back,
                    },
                )
            })
            .collect();
        assert_eq!(chain, self.purses, "the deposits for gateways are others");
    }
}
