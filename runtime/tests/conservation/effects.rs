//! What a call that succeeded does to the ledger.
use crate::{
    cast::name,
    ledger::{Hold, Ledger, Lot},
    principal::rename,
};
use frame_support::traits::GetCallMetadata;
use laurel_runtime::{
    configs::EXISTENTIAL_DEPOSIT, AccountId, Address, Rewards, Runtime, RuntimeCall, RuntimeEvent, Staking, System,
};
use laurel_types::Balance;
use std::collections::VecDeque;

/// What was told while a call ran, the first first.
pub struct Told(VecDeque<RuntimeEvent>);

impl Told {
    pub fn new(events: impl IntoIterator<Item = RuntimeEvent>) -> Self {
        Self(events.into_iter().collect())
    }

    /// The next event of a kind; those before it are no longer looked at.
    fn next<T>(&mut self, pick: impl Fn(&RuntimeEvent) -> Option<T>) -> Option<T> {
        self.split(pick).map(|(_, found)| found)
    }

    /// The same, with what was told before it.
    fn split<T>(&mut self, pick: impl Fn(&RuntimeEvent) -> Option<T>) -> Option<(Self, T)> {
        let (at, found) = self
            .0
            .iter()
            .enumerate()
            .find_map(|(at, event)| Some((at, pick(event)?)))?;
        let rest = self.0.split_off(at + 1);
        let mut before = std::mem::replace(&mut self.0, rest);
        before.pop_back();
        Some((Self(before), found))
    }
}

/// How a part of a batch ended.
enum Item {
    Done,
    Failed,
    Interrupted,
}

fn id(address: &Address) -> AccountId {
    match address {
        Address::Id(account) => account.clone(),
        other => panic!("no step names an account as {other:?}"),
    }
}

impl Ledger {
    /// `by` made the call, or root where it is none, and it succeeded.
    pub fn succeeded(&mut self, by: Option<&AccountId>, call: &RuntimeCall, told: &mut Told) {
        let names = call.get_call_metadata();
        self.made.insert((names.pallet_name, names.function_name));
        match call {
            RuntimeCall::Utility(call) => self.batched(by, call, told),
            RuntimeCall::Sudo(pallet_sudo::Call::sudo { call }) => self.as_root(call, told),
            RuntimeCall::Sudo(pallet_sudo::Call::sudo_as { who, call }) => self.in_the_name_of(id(who), call, told),
            RuntimeCall::Proxy(pallet_proxy::Call::proxy { real, call, .. }) => self.by_proxy(id(real), call, told),
            RuntimeCall::Multisig(
                pallet_multisig::Call::as_multi_threshold_1 { call, .. } | pallet_multisig::Call::as_multi { call, .. },
            ) => self.by_multisig(call, told),
            RuntimeCall::Balances(call) => self.paid_by(by, call, told),
            RuntimeCall::Staking(call) => self.staked_by(by, call, told),
            RuntimeCall::Neurons(call) => self.registered_by(by, call, told),
            RuntimeCall::Root(pallet_laurel_root::Call::register_seat { hotkey, .. }) => {
                self.bind(hotkey, by.expect("root takes no seat"));
            }
            RuntimeCall::Subnets(call) => self.subnets_changed_by(by, call, told),
            RuntimeCall::Keys(call) => self.keys_changed_by(by, call),
            RuntimeCall::Prepaid(call) => self.deposited_by(by, call),
            // The rest moves nothing, or nothing but deposits between an account's free and held balance.
            _ => {}
        }
    }

    fn batched(&mut self, by: Option<&AccountId>, call: &pallet_utility::Call<Runtime>, told: &mut Told) {
        use pallet_utility::{Call, Event};
        let (Call::batch { calls } | Call::batch_all { calls } | Call::force_batch { calls }) = call else {
            panic!("no step makes {call:?}");
        };
        for call in calls {
            let ended = told.split(|event| match event {
                RuntimeEvent::Utility(Event::ItemCompleted) => Some(Item::Done),
                RuntimeEvent::Utility(Event::ItemFailed { .. }) => Some(Item::Failed),
                RuntimeEvent::Utility(Event::BatchInterrupted { .. }) => Some(Item::Interrupted),
                _ => None,
            });
            match ended.expect("a batch tells of every item") {
                (mut told, Item::Done) => self.succeeded(by, call, &mut told),
                (_, Item::Failed) => {}
                (_, Item::Interrupted) => return,
            }
        }
    }

    fn as_root(&mut self, call: &RuntimeCall, told: &mut Told) {
        let ended = told.split(|event| match event {
            RuntimeEvent::Sudo(pallet_sudo::Event::Sudid { sudo_result }) => Some(sudo_result.is_ok()),
            _ => None,
        });
        if let (mut told, true) = ended.expect("sudo tells what became of the call") {
            self.succeeded(None, call, &mut told);
        }
    }

    fn in_the_name_of(&mut self, who: AccountId, call: &RuntimeCall, told: &mut Told) {
        let ended = told.split(|event| match event {
            RuntimeEvent::Sudo(pallet_sudo::Event::SudoAsDone { sudo_result }) => Some(sudo_result.is_ok()),
            _ => None,
        });
        if let (mut told, true) = ended.expect("sudo tells what became of the call") {
            self.succeeded(Some(&who), call, &mut told);
        }
    }

    fn by_proxy(&mut self, real: AccountId, call: &RuntimeCall, told: &mut Told) {
        let ended = told.split(|event| match event {
            RuntimeEvent::Proxy(pallet_proxy::Event::ProxyExecuted { result }) => Some(result.is_ok()),
            _ => None,
        });
        if let (mut told, true) = ended.expect("a proxy tells what became of the call") {
            self.succeeded(Some(&real), call, &mut told);
        }
    }

    /// Only the last of the signatures makes the call.
    fn by_multisig(&mut self, call: &RuntimeCall, told: &mut Told) {
        let ended = told.split(|event| match event {
            RuntimeEvent::Multisig(pallet_multisig::Event::MultisigExecuted { multisig, result, .. }) => {
                Some((multisig.clone(), result.is_ok()))
            }
            _ => None,
        });
        if let Some((mut told, (multisig, true))) = ended {
            self.succeeded(Some(&multisig), call, &mut told);
        }
    }

    fn paid_by(&mut self, by: Option<&AccountId>, call: &pallet_balances::Call<Runtime>, told: &mut Told) {
        use pallet_balances::Call;
        let (from, to, amount) = match (by, call) {
            (Some(from), Call::transfer_allow_death { dest, value } | Call::transfer_keep_alive { dest, value }) => {
                (from.clone(), id(dest), *value)
            }
            (None, Call::force_transfer { source, dest, value }) => (id(source), id(dest), *value),
            (Some(from), Call::transfer_all { dest, keep_alive }) => {
                let amount = told.next(|event| match event {
                    RuntimeEvent::Balances(pallet_balances::Event::Transfer { amount, .. }) => Some(*amount),
                    _ => None,
                });
                let amount = amount.unwrap_or(0);
                let left = self.total(from) - amount;
                assert!(*keep_alive || from == &id(dest) || left == 0 || left >= EXISTENTIAL_DEPOSIT);
                (from.clone(), id(dest), amount)
            }
            _ => panic!("{call:?} must not succeed"),
        };
        self.transfer(&from, &to, amount);
        if to == Staking::pot() && from != to {
            self.gifts += amount;
        }
    }

    fn staked_by(&mut self, by: Option<&AccountId>, call: &pallet_laurel_staking::Call<Runtime>, told: &mut Told) {
        use pallet_laurel_staking::{Call, Event};
        let removed = |told: &mut Told| {
            let amount = told.next(|event| match event {
                RuntimeEvent::Staking(
                    Event::StakeRemoved { amount, .. }
                    | Event::NominationCleared { amount, .. }
                    | Event::StakeMoved { amount, .. }
                    | Event::StakeTransferred { amount, .. },
                ) => Some(*amount),
                _ => None,
            });
            amount.expect("whatever takes stake away tells how much")
        };
        match (by, call) {
            (Some(by), Call::add_stake { hotkey, amount }) => {
                self.transfer(by, &Staking::pot(), *amount);
                self.vaults.entry(hotkey.clone()).or_default().deposit(by, *amount);
                self.put_in(by, hotkey, i128::from(*amount));
            }
            (Some(by), Call::remove_stake { hotkey, amount }) => {
                self.unstake(by, hotkey, Some(*amount), removed(told));
            }
            (Some(by), Call::remove_all_stake { hotkey }) => self.unstake(by, hotkey, None, removed(told)),
            (Some(_), Call::clear_nomination { coldkey, hotkey }) => {
                self.unstake(coldkey, hotkey, None, removed(told));
            }
            (Some(by), Call::move_stake { from, to, amount }) => {
                let (amount, cost) = self.withdraw(by, from, *amount, removed(told));
                self.vaults.entry(to.clone()).or_default().deposit(by, amount);
                // What a position earned stays there, and goes along only where it ends.
                self.put_in(by, to, cost.unwrap_or(i128::from(amount)));
            }
            (Some(by), Call::transfer_stake { hotkey, to, amount }) => {
                let passed = removed(told);
                let value = self.vaults.entry(hotkey.clone()).or_default().value(by);
                let all = self.expect_amount(by, hotkey, (value, *amount), passed);
                self.vaults.entry(hotkey.clone()).or_default().pass(by, to, passed, all);
                self.take_out(by, hotkey, passed, all);
                self.put_in(to, hotkey, i128::from(passed));
            }
            (Some(by), Call::set_take { hotkey, .. }) => {
                assert_eq!(
                    self.owners.get(hotkey),
                    Some(by),
                    "somebody else set the take of {}",
                    name(hotkey)
                );
            }
            (None, Call::set_settings { .. }) => {}
            _ => panic!("{call:?} must not succeed"),
        }
    }

    fn unstake(&mut self, coldkey: &AccountId, hotkey: &AccountId, asked: Option<Balance>, got: Balance) {
        let (amount, _) = self.withdraw(coldkey, hotkey, asked, got);
        self.transfer(&Staking::pot(), coldkey, amount);
    }

    /// Takes what somebody got out of a pool, where that was what it should have got. Says how much, and what the position had cost if
    /// nothing of it stays.
    fn withdraw(
        &mut self,
        who: &AccountId,
        hotkey: &AccountId,
        asked: Option<Balance>,
        got: Balance,
    ) -> (Balance, Option<i128>) {
        let has = self.vaults.entry(hotkey.clone()).or_default().parting(who);
        let all = self.expect_amount(who, hotkey, (has, asked), got);
        self.vaults.entry(hotkey.clone()).or_default().withdraw(who, got, all);
        (got, self.take_out(who, hotkey, got, all))
    }

    /// Demands that what was received is what should be for what was asked. Says whether nothing of the position stays.
    fn expect_amount(
        &mut self,
        who: &AccountId,
        hotkey: &AccountId,
        (has, asked): (Balance, Option<Balance>),
        got: Balance,
    ) -> bool {
        let settings = pallet_laurel_staking::StakingSettings::<Runtime>::get();
        let is_owner = self.owners.get(hotkey) == Some(who);
        let least = if is_owner {
            settings.min_stake
        } else {
            settings.min_nomination
        };
        let vault = self.vaults.entry(hotkey.clone()).or_default();
        let (lowest, highest) = vault.expected(who, has, asked, least);
        assert!(
            (lowest..=highest).contains(&got),
            "{} asked for {asked:?} of its stake on {} and got {got}, not {lowest} to {highest}",
            name(who),
            name(hotkey)
        );
        // What is nearly all and all can be the same to the leaf; the chain knows which it was.
        Staking::position(who, hotkey) == 0
    }

    /// A hotkey that nobody owned is the coldkey's from now on.
    fn bind(&mut self, hotkey: &AccountId, coldkey: &AccountId) {
        let owner = self.owners.entry(hotkey.clone()).or_insert_with(|| coldkey.clone());
        assert_eq!(owner, coldkey, "{} is somebody else's", name(hotkey));
    }

    fn registered_by(&mut self, by: Option<&AccountId>, call: &pallet_laurel_neurons::Call<Runtime>, told: &mut Told) {
        use pallet_laurel_neurons::{Call, Event};
        match (by, call) {
            (Some(by), Call::burned_register { hotkey, max_price, .. }) => {
                let price = told.next(|event| match event {
                    RuntimeEvent::Neurons(Event::NeuronRegistered { price, .. }) => Some(*price),
                    _ => None,
                });
                let price = price.expect("a registration tells its price");
                assert!(
                    price <= *max_price && price > 0,
                    "{price} leaves were paid, at most {max_price} were offered"
                );
                self.transfer(by, &Rewards::burn_account(), price);
                self.bind(hotkey, by);
            }
            (None, Call::pow_register { hotkey, coldkey, .. }) => self.bind(hotkey, coldkey),
            (Some(_), Call::publish_axon { .. } | Call::withdraw_axon { .. } | Call::protect_neuron { .. }) => {}
            _ => panic!("{call:?} must not succeed"),
        }
    }

    fn subnets_changed_by(
        &mut self,
        by: Option<&AccountId>,
        call: &pallet_laurel_subnets::Call<Runtime>,
        told: &mut Told,
    ) {
        use pallet_laurel_subnets::{Call, Event};
        match (by, call) {
            (Some(by), Call::create_subnet { max_lock }) => {
                let created = told.next(|event| match event {
                    RuntimeEvent::Subnets(Event::SubnetCreated { netuid, lock, .. }) => Some((*netuid, *lock)),
                    _ => None,
                });
                let (netuid, lock) = created.expect("a creation tells its lock");
                assert!(
                    lock <= *max_lock,
                    "{lock} leaves are locked, at most {max_lock} were offered"
                );
                self.set_hold(Hold::Lock, by, self.hold(Hold::Lock, by) + lock);
                let (owner, created_at) = (by.clone(), System::block_number());
                self.lots.insert(
                    netuid,
                    Lot {
                        owner,
                        lock,
                        identity: 0,
                        created_at,
                    },
                );
            }
            (Some(by), Call::accept_subnet { netuid }) => {
                let mut lot = self.lots[netuid].clone();
                let old = std::mem::replace(&mut lot.owner, by.clone());
                self.move_hold(Hold::Lock, &old, by, lot.lock);
                self.move_hold(Hold::Identity, &old, by, lot.identity);
                self.lots.insert(*netuid, lot);
            }
            (Some(by), Call::set_subnet_identity { netuid, .. }) => {
                let deposit = told.next(|event| match event {
                    RuntimeEvent::Subnets(Event::SubnetIdentitySet { deposit, .. }) => Some(*deposit),
                    _ => None,
                });
                self.identify_subnet(netuid, deposit.expect("an identity tells its deposit"));
                assert_eq!(self.lots[netuid].owner, *by);
            }
            (_, Call::clear_subnet_identity { netuid }) => self.identify_subnet(netuid, 0),
            (Some(by), Call::set_identity { .. }) => {
                let deposit = told.next(|event| match event {
                    RuntimeEvent::Subnets(Event::IdentitySet { deposit, .. }) => Some(*deposit),
                    _ => None,
                });
                self.identify(by, deposit.expect("an identity tells its deposit"));
            }
            (Some(by), Call::clear_identity {}) => self.identify(by, 0),
            // The rest moves nothing; what ends was told.
            _ => {}
        }
    }

    fn identify_subnet(&mut self, netuid: &laurel_types::NetUid, deposit: Balance) {
        let lot = self.lots.get_mut(netuid).expect("the subnet is there");
        let before = std::mem::replace(&mut lot.identity, deposit);
        let owner = lot.owner.clone();
        self.set_hold(
            Hold::Identity,
            &owner,
            self.hold(Hold::Identity, &owner) + deposit - before,
        );
    }

    fn identify(&mut self, who: &AccountId, deposit: Balance) {
        let before = self.identities.insert(who.clone(), deposit).unwrap_or(0);
        self.set_hold(Hold::Identity, who, self.hold(Hold::Identity, who) + deposit - before);
    }

    /// What is held of one account is held of another from now on.
    fn move_hold(&mut self, hold: Hold, from: &AccountId, to: &AccountId, amount: Balance) {
        self.set_hold(hold, from, self.hold(hold, from) - amount);
        self.set_hold(hold, to, self.hold(hold, to) + amount);
        self.transfer(from, to, amount);
    }

    fn keys_changed_by(&mut self, by: Option<&AccountId>, call: &pallet_laurel_keys::Call<Runtime>) {
        use pallet_laurel_keys::Call;
        let settings = pallet_laurel_keys::Settings::<Runtime>::get();
        let by = by.expect("root has no keys");
        match call {
            Call::swap_hotkey { hotkey, new_hotkey, .. } => {
                self.transfer(by, &Rewards::burn_account(), settings.hotkey_swap_cost);
                let owner = self.owners.remove(hotkey).expect("a hotkey is swapped that is known");
                assert_eq!(owner, *by, "somebody else swapped {}", name(hotkey));
                self.owners.insert(new_hotkey.clone(), owner);
                if let Some(vault) = self.vaults.remove(hotkey) {
                    self.vaults.insert(new_hotkey.clone(), vault);
                }
                rename(&mut self.principals, (hotkey, new_hotkey), |(_, hotkey)| hotkey);
                rename(&mut self.purses, (hotkey, new_hotkey), |(gateway, _)| gateway);
            }
            Call::announce_coldkey_swap { .. } => self.set_hold(Hold::Swap, by, settings.coldkey_swap_cost),
            Call::cancel_coldkey_swap {} => self.set_hold(Hold::Swap, by, 0),
            Call::clear_expired_swap { coldkey } => self.set_hold(Hold::Swap, coldkey, 0),
            Call::swap_coldkey {
                coldkey, new_coldkey, ..
            } => self.pass_on(coldkey, new_coldkey),
            _ => panic!("no step makes {call:?}"),
        }
    }

    /// Everything of one coldkey is another's, but for what other pallets hold of it, and the deposit that keeps the account open then.
    fn pass_on(&mut self, old: &AccountId, new: &AccountId) {
        let cost = self.hold(Hold::Swap, old);
        self.set_hold(Hold::Swap, old, 0);
        self.transfer(old, &Rewards::burn_account(), cost);
        for hold in [Hold::Lock, Hold::Identity, Hold::Prepaid, Hold::Record] {
            let amount = self.hold(hold, old);
            self.set_hold(hold, old, 0);
            self.set_hold(hold, new, self.hold(hold, new) + amount);
        }
        // The others' holds, which the swap leaves where they are.
        let stays = pallet_balances::Holds::<Runtime>::get(old)
            .iter()
            .map(|held| held.amount)
            .sum::<Balance>()
            + reserved(old);
        let keeps = if stays > 0 { stays + EXISTENTIAL_DEPOSIT } else { 0 };
        let moved = self.total(old).saturating_sub(keeps);
        if self.total(new) + moved >= EXISTENTIAL_DEPOSIT {
            self.transfer(old, new, moved);
        }
        for lot in self.lots.values_mut().filter(|lot| lot.owner == *old) {
            lot.owner = new.clone();
        }
        for owner in self.owners.values_mut().filter(|owner| *owner == old) {
            *owner = new.clone();
        }
        for vault in self.vaults.values_mut() {
            vault.rename(old, new);
        }
        rename(&mut self.principals, (old, new), |(coldkey, _)| coldkey);
        rename(&mut self.purses, (old, new), |(_, payer)| payer);
        if let Some(deposit) = self.identities.remove(old) {
            self.identities.insert(new.clone(), deposit);
        }
    }
}

/// What is reserved without a hold that says why, as proxies and multisigs do.
fn reserved(who: &AccountId) -> Balance {
    let all = frame_system::Account::<Runtime>::get(who).data.reserved;
    let holds: Balance = pallet_balances::Holds::<Runtime>::get(who)
        .iter()
        .map(|held| held.amount)
        .sum();
    all - holds
}
