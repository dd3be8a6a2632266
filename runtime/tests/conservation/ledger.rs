//! The reference: who has how much, by the rules as they are written down, and no other way than by adding and subtracting.
//!
//! It knows nothing of storage: calls that succeeded and payouts that were announced change it, and [`Ledger::compare`] then says where the chain
//! disagrees. Every account is compared to the leaf; positions in pools within the rounding to whole shares ([`Vault::tolerance`]).
use crate::{
    cast::name,
    prepaid::Purses,
    principal::{positions, Principals},
    vault::Vault,
};
use laurel_runtime::{
    configs::EXISTENTIAL_DEPOSIT, AccountId, Balances, Rewards, Root, Runtime, RuntimeEvent, RuntimeHoldReason,
    Staking, System,
};
use laurel_support::{Neurons as _, Split as _, Subnets as _};
use laurel_types::{Balance, BlockNumber, EpochSummary, NetUid, Take};
use std::collections::{BTreeMap, BTreeSet};

/// What Laurel's pallets hold tokens for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hold {
    Lock,
    Identity,
    Swap,
    Prepaid,
    Record,
}

impl Hold {
    /// The chain's name of it; none for what other pallets hold.
    fn named(reason: &RuntimeHoldReason) -> Option<Self> {
        use pallet_laurel_keys::HoldReason::ColdkeySwap;
        use pallet_laurel_prepaid::HoldReason::{Deposit, Record};
        use pallet_laurel_subnets::HoldReason::{Identity, SubnetLock};
        match reason {
            RuntimeHoldReason::Subnets(SubnetLock) => Some(Self::Lock),
            RuntimeHoldReason::Subnets(Identity) => Some(Self::Identity),
            RuntimeHoldReason::Keys(ColdkeySwap) => Some(Self::Swap),
            RuntimeHoldReason::Prepaid(Deposit) => Some(Self::Prepaid),
            RuntimeHoldReason::Prepaid(Record) => Some(Self::Record),
            _ => None,
        }
    }
}

/// A subnet, as far as tokens go.
#[derive(Clone, Debug)]
pub struct Lot {
    pub owner: AccountId,
    pub lock: Balance,
    pub identity: Balance,
    pub created_at: BlockNumber,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Ledger {
    genesis: Balance,
    minted: Balance,
    /// Free and held together.
    accounts: BTreeMap<AccountId, Balance>,
    pub holds: BTreeMap<(Hold, AccountId), Balance>,
    pub vaults: BTreeMap<AccountId, Vault>,
    /// What positions cost.
    pub principals: Principals,
    /// Deposits for gateways.
    pub purses: Purses,
    /// The coldkey of each hotkey.
    pub owners: BTreeMap<AccountId, AccountId>,
    pub lots: BTreeMap<NetUid, Lot>,
    /// Deposits for coldkeys' identities.
    pub identities: BTreeMap<AccountId, Balance>,
    /// Plain transfers to the staking pot, which belong to nobody.
    pub gifts: Balance,
    /// Calls that succeeded, however they were wrapped, by pallet and name.
    pub made: BTreeSet<(&'static str, &'static str)>,
    /// Paid out of each pot by announcements since its last summary.
    pub paid: BTreeMap<NetUid, Balance>,
}

impl Ledger {
    /// The ledger of a chain that has only its genesis.
    pub fn of_genesis() -> Self {
        Self {
            genesis: pallet_laurel_rewards::Genesis::<Runtime>::get(),
            minted: 0,
            accounts: balances(),
            holds: BTreeMap::new(),
            vaults: BTreeMap::new(),
            principals: Principals::new(),
            purses: Purses::new(),
            owners: BTreeMap::new(),
            lots: BTreeMap::new(),
            identities: BTreeMap::new(),
            gifts: 0,
            made: BTreeSet::new(),
            paid: BTreeMap::new(),
        }
    }

    /// What an account has.
    pub fn total(&self, who: &AccountId) -> Balance {
        self.accounts.get(who).copied().unwrap_or(0)
    }

    /// What is held of it for a reason.
    pub fn hold(&self, hold: Hold, who: &AccountId) -> Balance {
        self.holds.get(&(hold, who.clone())).copied().unwrap_or(0)
    }

    /// Sets what is held for a reason.
    pub fn set_hold(&mut self, hold: Hold, who: &AccountId, amount: Balance) {
        match amount {
            0 => self.holds.remove(&(hold, who.clone())),
            _ => self.holds.insert((hold, who.clone()), amount),
        };
    }

    /// Gives; what is too little to open an account is burned.
    pub fn give(&mut self, to: &AccountId, amount: Balance) {
        if amount == 0 {
            return;
        }
        let has = self.total(to) + amount;
        if has < EXISTENTIAL_DEPOSIT {
            let burn = Rewards::burn_account();
            assert_ne!(*to, burn, "the burn account is open");
            self.give(&burn, amount);
        } else {
            self.accounts.insert(to.clone(), has);
        }
    }

    /// Takes; what is too little to keep an account open is burned.
    pub fn take(&mut self, from: &AccountId, amount: Balance) {
        let has = self.total(from);
        let rest = has.checked_sub(amount).unwrap_or_else(|| {
            panic!("{} should pay {amount} leaves, but has {has}", name(from));
        });
        self.accounts.remove(from);
        if rest >= EXISTENTIAL_DEPOSIT {
            self.accounts.insert(from.clone(), rest);
        } else {
            self.give(&Rewards::burn_account(), rest);
        }
    }

    /// Moves leaves from one account to another.
    pub fn transfer(&mut self, from: &AccountId, to: &AccountId, amount: Balance) {
        if from != to {
            self.take(from, amount);
            self.give(to, amount);
        }
    }

    /// What the beginning of a block does: streams go on, and the block's emission is divided.
    pub fn begin_block(&mut self) {
        let now = System::block_number();
        for vault in self.vaults.values_mut() {
            vault.release(now);
        }
        self.distribute();
    }

    /// The emission with the reserve, by the split, among those who can pay; each part within one leaf of its exact size, and all of them
    /// with what stays in the reserve to the leaf.
    fn distribute(&mut self) {
        let (burn, reserve) = (Rewards::burn_account(), Rewards::reserve_account());
        let issuance: Balance = self.accounts.values().sum();
        let mut credit = laurel_yuma::block_emission(issuance - self.total(&burn));
        self.minted += credit;
        let can_pay = |netuid: NetUid| {
            laurel_runtime::Subnets::params(netuid).is_some_and(|params| params.registration_allowed)
                && laurel_runtime::Neurons::count(netuid) > 0
        };
        let (paid, barred): (Vec<_>, Vec<_>) = Root::split().into_iter().partition(|(netuid, _)| can_pay(*netuid));
        if !paid.is_empty() {
            let saved = self.total(&reserve) - EXISTENTIAL_DEPOSIT;
            self.accounts.insert(reserve.clone(), EXISTENTIAL_DEPOSIT);
            credit += saved;
        }
        let open: Vec<_> = paid
            .into_iter()
            .filter(|(netuid, _)| self.open_pot(*netuid, &mut credit))
            .collect();
        let whole = u128::from(u64::MAX) - barred.iter().map(|(_, part)| u128::from(*part)).sum::<u128>();
        let received = pallet_laurel_rewards::LastDistribution::<Runtime>::get();
        assert_eq!(
            received.len(),
            open.len(),
            "the emission went to others than the split says"
        );
        let mut given = 0;
        for ((netuid, part), (to, amount)) in open.into_iter().zip(received) {
            let exact = (u128::from(credit) * u128::from(part) / whole) as Balance;
            assert_eq!(netuid, to, "the emission went to others than the split says");
            assert!(
                (exact..=exact + 1).contains(&amount),
                "{netuid} received {amount} leaves of {exact}"
            );
            self.give(&Rewards::pot_account(netuid), amount);
            given += amount;
        }
        self.give(&reserve, credit - given);
    }

    /// A pot is opened with the existential deposit, out of the emission.
    fn open_pot(&mut self, netuid: NetUid, credit: &mut Balance) -> bool {
        let pot = Rewards::pot_account(netuid);
        let is_open = self.total(&pot) >= EXISTENTIAL_DEPOSIT;
        if !is_open && *credit >= EXISTENTIAL_DEPOSIT {
            *credit -= EXISTENTIAL_DEPOSIT;
            self.give(&pot, EXISTENTIAL_DEPOSIT);
        }
        is_open || self.total(&pot) >= EXISTENTIAL_DEPOSIT
    }

    /// What happened of itself, in a hook or as a consequence of somebody's call.
    pub fn happened(&mut self, event: &RuntimeEvent) {
        use pallet_laurel_rewards::Event as Paid;
        match event {
            RuntimeEvent::Rewards(Paid::HotkeysPaid { netuid, payments }) => {
                for paid in payments {
                    let owners = paid.incentive + paid.child_take;
                    self.pay(*netuid, &paid.hotkey, owners, (paid.dividends, paid.take));
                }
            }
            RuntimeEvent::Rewards(Paid::OwnerPaid { netuid, owner, amount }) => {
                assert_eq!(
                    *owner, self.lots[netuid].owner,
                    "somebody else was paid as the owner of {netuid}"
                );
                self.pay_from_pot(*netuid, owner, *amount);
            }
            RuntimeEvent::Rewards(Paid::EpochPaid { netuid, summary }) => self.check_epoch(*netuid, summary),
            RuntimeEvent::Rewards(Paid::PotClosed { netuid, amount }) => {
                let pot = Rewards::pot_account(*netuid);
                assert_eq!(
                    *amount,
                    self.total(&pot),
                    "the pot of {netuid} closed with another amount"
                );
                self.transfer(&pot, &Rewards::reserve_account(), *amount);
            }
            RuntimeEvent::Subnets(pallet_laurel_subnets::Event::SubnetEnded {
                netuid,
                refunded,
                burned,
                ..
            }) => {
                self.end_subnet(*netuid, *refunded, *burned);
            }
            _ => {}
        }
    }

    fn pay_from_pot(&mut self, netuid: NetUid, to: &AccountId, amount: Balance) {
        self.transfer(&Rewards::pot_account(netuid), to, amount);
        *self.paid.entry(netuid).or_default() += amount;
    }

    /// A hotkey is paid: its owner's part and its take become the owner's stake, the rest flows to everybody in the pool.
    fn pay(&mut self, netuid: NetUid, hotkey: &AccountId, owners: Balance, (dividends, take): (Balance, Balance)) {
        self.pay_from_pot(netuid, &Staking::pot(), owners + dividends);
        let owner = self
            .owners
            .get(hotkey)
            .unwrap_or_else(|| panic!("{} was paid, but is unknown", name(hotkey)));
        let share = pallet_laurel_staking::Hotkeys::<Runtime>::get(hotkey).map_or(Take(0), |known| known.take);
        let vault = self.vaults.entry(hotkey.clone()).or_default();
        let nobody_is_there = vault.total() == 0;
        let expected = if nobody_is_there {
            dividends
        } else {
            share.of(dividends)
        };
        assert_eq!(take, expected, "the take of {} is another", name(hotkey));
        vault.deposit(owner, owners + take);
        // Over as many blocks as the epoch has that now runs.
        let params = laurel_runtime::Subnets::params(netuid).expect("a subnet pays that there is");
        let blocks = params.tempo.into();
        vault.reward(dividends - take, blocks, System::block_number());
    }

    /// 18, 41 and 41 of a hundred, each within one leaf or less where somebody could not be paid; and what was announced is what was paid.
    fn check_epoch(&mut self, netuid: NetUid, summary: &EpochSummary) {
        let EpochSummary {
            pot,
            owner,
            miners,
            validators,
            carried,
            ..
        } = *summary;
        assert_eq!(
            owner + miners + validators + carried,
            pot,
            "{summary:?} does not sum to its pot"
        );
        assert_eq!(
            self.paid.remove(&netuid).unwrap_or(0),
            owner + miners + validators,
            "{summary:?} is not what was paid"
        );
        for (paid, hundredths) in [(owner, 18), (miners, 41), (validators, 41)] {
            let exact = (u128::from(pot) * hundredths / 100) as Balance;
            assert!(paid <= exact + 1, "{summary:?} pays somebody too much");
        }
    }

    /// The owner has back what is not burned of a young subnet's lock, and the identity's deposit.
    fn end_subnet(&mut self, netuid: NetUid, refunded: Balance, burned: Balance) {
        let lot = self.lots.remove(&netuid).expect("a subnet ends that there was");
        let settings = pallet_laurel_subnets::Settings::<Runtime>::get();
        let age = System::block_number() - lot.created_at;
        let young = u128::from(settings.lock_vesting.saturating_sub(age));
        let hundredths = u128::from(lot.lock) * u128::from(settings.early_end_burn) * young;
        let expected = hundredths.div_ceil(100 * u128::from(settings.lock_vesting.max(1))) as Balance;
        assert_eq!(
            (refunded, burned),
            (lot.lock - expected, expected),
            "the lock of {netuid} ends otherwise"
        );
        let Lot {
            owner, lock, identity, ..
        } = lot;
        self.set_hold(Hold::Lock, &owner, self.hold(Hold::Lock, &owner) - lock);
        self.set_hold(Hold::Identity, &owner, self.hold(Hold::Identity, &owner) - identity);
        self.transfer(&owner, &Rewards::burn_account(), burned);
    }

    /// A transaction's fee: all of it before the call, the author's in the end, and what is returned only to an account that is there still.
    pub fn charge(&mut self, signer: &AccountId, fee: Balance) {
        self.take(signer, fee);
    }

    /// See [`Self::charge`].
    pub fn refund(&mut self, signer: &AccountId, fee: Balance, actual: Balance, author: &AccountId) {
        let returned = if self.total(signer) > 0 { fee - actual } else { 0 };
        self.give(signer, returned);
        self.give(author, fee - returned);
    }

    /// Demands that the chain agrees.
    pub fn compare(&mut self) {
        let chain = balances();
        for who in chain.keys().chain(self.accounts.keys()) {
            let (has, should) = (chain.get(who).copied().unwrap_or(0), self.total(who));
            assert_eq!(has, should, "{} has not what it should have", name(who));
        }
        let sum: Balance = chain.values().sum();
        assert_eq!(
            sum,
            Balances::total_issuance(),
            "the accounts do not sum to the issuance"
        );
        assert_eq!(
            sum,
            self.genesis + self.minted,
            "issuance is not what genesis and blocks made"
        );
        let supply = Rewards::supply();
        assert_eq!((supply.genesis, supply.minted), (self.genesis, self.minted));
        assert_eq!(supply.burned, self.total(&Rewards::burn_account()));
        assert_eq!(supply.locked, self.lots.values().map(|lot| lot.lock).sum::<Balance>());
        self.compare_holds();
        self.compare_purses();
        self.compare_principals();
        self.compare_pools();
    }

    fn compare_holds(&self) {
        let mut chain = BTreeMap::new();
        for (who, holds) in pallet_balances::Holds::<Runtime>::iter() {
            for held in holds {
                if let Some(hold) = Hold::named(&held.id).filter(|_| held.amount > 0) {
                    chain.insert((hold, who.clone()), held.amount);
                }
            }
        }
        assert_eq!(chain, self.holds, "something else is held");
    }

    fn compare_pools(&mut self) {
        let mut total = self.gifts;
        for (hotkey, vault) in &mut self.vaults {
            let pool = Staking::pool(hotkey);
            let hotkey = name(hotkey);
            assert_eq!(
                (pool.staked(), pool.stream().unreleased()),
                (vault.stake, vault.unreleased),
                "the pool of {hotkey} has not the stake and the stream that it should have"
            );
            vault.account_for_rounding(pool.staked(), pool.shares());
            total += pool.total();
        }
        assert_eq!(
            self.total(&Staking::pot()),
            total,
            "the staking pot is not the sum of the pools"
        );
        let mut seen = 0;
        for (coldkey, hotkey, held) in positions() {
            let value = Staking::pool(&hotkey).value_of(held.shares);
            let vault = self.vaults.get(&hotkey).expect("a position is in a pool");
            let (should, tolerance) = (vault.value(&coldkey), vault.tolerance());
            let named = || format!("{} on {}", name(&coldkey), name(&hotkey));
            assert!(
                value.abs_diff(should) <= tolerance,
                "{} has {value} of {should} leaves",
                named()
            );
            seen += 1;
        }
        let real = |vault: &Vault| {
            vault
                .stakers()
                .filter(|who| vault.value(who) > vault.tolerance())
                .count()
        };
        let expected: usize = self.vaults.values().map(real).sum();
        assert!(seen >= expected, "{expected} positions should be there, {seen} are");
    }
}

/// What every account has.
fn balances() -> BTreeMap<AccountId, Balance> {
    let accounts = frame_system::Account::<Runtime>::iter();
    let totals = accounts.map(|(who, account)| (who, account.data.free + account.data.reserved));
    totals.filter(|(_, total)| *total > 0).collect()
}
