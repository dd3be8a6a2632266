//! The accounts as they are now: what each key and each coldkey may still take.
//!
//! What requests under way may take at most is taken off when they are admitted, and what they did not take is put back when they are
//! settled. So whatever runs at the same time, the sum of what is admitted never exceeds what there is:
//!
//! - free tokens of all coldkeys, since the gateway was started: at most `free_per_day` for each day of it, and what was left before;
//! - paid requests of a coldkey: at most its deposit, less what it owes.
use super::{
    bucket::{Bucket, Rate},
    clock::DAY_MS,
    key::{KeyId, KeyRecord},
    ledger::{Deposit, DrawItem, EndedDraw},
    limits::Limits,
    records::{FreeLeft, Payment, Records, Settlement},
    refusal::Refusal,
    standing::{self, KeyState},
    Terms, UnixMs,
};
use crate::{store::StoreError, work::Amount};
use axum::http::HeaderMap;
use laurel_chain::{AccountId, Block};
use laurel_types::Balance;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// For so long what was read of the chain is believed: far less than the notice after which a deposit can be taken back.
const STALE_MS: u64 = 600_000;
/// For so long after its last request a coldkey's deposit is read with each block.
const WATCHED_MS: u64 = 600_000;

/// What was reserved for a request.
#[derive(Clone, Debug)]
pub(super) struct Ticket {
    key: KeyId,
    coldkey: Option<AccountId>,
    limits: Limits,
    estimate: Amount,
    /// With the most that it can cost.
    payment: Payment,
}

impl Ticket {
    pub(super) fn payment(&self) -> Payment {
        self.payment
    }
}

/// What becomes of a request.
pub(super) enum Reserved {
    /// It may go on.
    Yes(Box<Ticket>, HeaderMap),
    /// It may not.
    No(Refusal),
    /// It depends on a deposit that is to be read at this block.
    DepositUnknown(AccountId, Block),
}

/// One coldkey.
#[derive(Debug)]
pub(super) struct ColdkeyState {
    free: Bucket,
    /// Free tokens a day; none until its stake was looked at.
    rate: Option<Rate>,
    /// None until it was looked at.
    deposit: Option<Deposit>,
    /// Settled and not seen drawn in a finalized block.
    owed: Balance,
    /// For requests under way.
    reserved: Balance,
    last_used: UnixMs,
}

const NO_RATE: Rate = Rate {
    amount: u64::MAX,
    period_ms: DAY_MS,
};

impl ColdkeyState {
    fn rate(&self) -> Rate {
        // What was left before the gateway was started stays until the stake is known.
        self.rate.unwrap_or(NO_RATE)
    }

    fn fill(&mut self, now: UnixMs) {
        if let Some(rate) = self.rate {
            self.free.fill(rate, now);
        }
    }

    fn free_left(&self) -> u64 {
        self.free.left(self.rate())
    }

    /// What can be spent of a deposit.
    fn spendable(&self, deposit: Deposit) -> Balance {
        deposit
            .available
            .saturating_sub(self.owed)
            .saturating_sub(self.reserved)
    }

    fn left(&self, coldkey: AccountId, now: UnixMs) -> FreeLeft {
        FreeLeft {
            coldkey,
            parts: self.free.parts(),
            at: now,
        }
    }
}

/// What is left to a coldkey, for people.
#[derive(Clone, Copy, Debug)]
pub(super) struct ColdkeyLeft {
    pub(super) free_per_day: Option<u64>,
    pub(super) free: u64,
    pub(super) deposit: Option<Deposit>,
    pub(super) owed: Balance,
    pub(super) reserved: Balance,
    pub(super) spendable: Option<Balance>,
}

/// All of them.
pub(super) struct Book {
    terms: Terms,
    records: Arc<Records>,
    keys: HashMap<KeyId, KeyState>,
    coldkeys: HashMap<AccountId, ColdkeyState>,
    /// The finalized block at which deposits are known.
    at: Option<Block>,
    /// When that was looked at.
    advanced: UnixMs,
    /// What could not be written down yet. While there is any nobody is admitted.
    unsaved: Vec<Settlement>,
    /// A day, and the first day of its month.
    month: Option<(u64, u64)>,
}

impl Book {
    pub(super) fn new(terms: Terms, records: Arc<Records>) -> Self {
        Self {
            terms,
            records,
            keys: HashMap::new(),
            coldkeys: HashMap::new(),
            at: None,
            advanced: UnixMs(0),
            unsaved: Vec::new(),
            month: None,
        }
    }

    fn month(&mut self, now: UnixMs) -> Result<u64, StoreError> {
        match self.month {
            Some((day, month)) if day == now.day() => Ok(month),
            _ => {
                let month = self.records.month_of(now)?;
                self.month = Some((now.day(), month));
                Ok(month)
            }
        }
    }

    /// Brings a key and its coldkey up to now, reading what is not known yet.
    fn bring_up_to(&mut self, key: &KeyRecord, limits: &Limits, now: UnixMs) -> Result<(), StoreError> {
        let month = self.month(now)?;
        let (requests, tokens) = standing::rates(limits);
        if self.keys.get(&key.id).is_none_or(|state| state.month != month) {
            let used = self.records.usage_since(key.id, month)?;
            let state = self.keys.entry(key.id).or_insert_with(|| KeyState {
                requests: Bucket::full(requests, now),
                tokens: Bucket::full(tokens, now),
                under_way: 0,
                month,
                month_tokens: 0,
                month_leaves: 0,
            });
            (state.month, state.month_tokens, state.month_leaves) = (month, used.tokens(), used.leaves);
        }
        if let Some(state) = self.keys.get_mut(&key.id) {
            state.requests.fill(requests, now);
            state.tokens.fill(tokens, now);
        }
        if let Some(coldkey) = key.coldkey {
            let state = self.coldkey(coldkey)?;
            state.fill(now);
            state.last_used = now;
        }
        Ok(())
    }

    fn coldkey(&mut self, coldkey: AccountId) -> Result<&mut ColdkeyState, StoreError> {
        let stored = match self.coldkeys.contains_key(&coldkey) {
            true => None,
            false => Some(self.records.coldkey(&coldkey)?),
        };
        Ok(self.coldkeys.entry(coldkey).or_insert_with(|| {
            let stored = stored.unwrap_or_default();
            ColdkeyState {
                free: Bucket::with_parts(stored.free_parts, stored.free_at),
                rate: None,
                deposit: None,
                owed: stored.owed,
                reserved: 0,
                last_used: UnixMs(0),
            }
        }))
    }

    /// Takes off what a request may take, all of it or nothing.
    pub(super) fn reserve(&mut self, key: &KeyRecord, estimate: Amount, now: UnixMs) -> Result<Reserved, StoreError> {
        self.save()?;
        let limits = key.limits(&self.terms.defaults);
        self.bring_up_to(key, &limits, now)?;
        let payment = match self.payment(key, estimate, now) {
            Ok(payment) => payment,
            Err(stop) => return Ok(stop),
        };
        let Some(state) = self.keys.get_mut(&key.id) else {
            return Ok(Reserved::No(Refusal::unavailable()));
        };
        if let Some(refusal) = state.refusal(&limits, estimate.tokens(), payment) {
            let headers = state.headers(&limits);
            return Ok(Reserved::No(refusal.with(headers)));
        }
        state.take(&limits, estimate.tokens(), payment);
        let headers = state.headers(&limits);
        if let Some(owner) = key.coldkey.and_then(|coldkey| self.coldkeys.get_mut(&coldkey)) {
            match payment {
                // It is there: the payment was chosen by that.
                Payment::Free => drop(owner.free.take(estimate.tokens(), owner.rate())),
                Payment::Paid(leaves) => owner.reserved = owner.reserved.saturating_add(leaves),
                Payment::Given => {}
            }
        }
        let ticket = Ticket {
            key: key.id,
            coldkey: key.coldkey,
            limits,
            estimate,
            payment,
        };
        Ok(Reserved::Yes(Box::new(ticket), headers))
    }

    /// What pays for a request: the free quota where it is enough, else the deposit.
    fn payment(&self, key: &KeyRecord, estimate: Amount, now: UnixMs) -> Result<Payment, Reserved> {
        let Some(coldkey) = key.coldkey else {
            return Ok(Payment::Given);
        };
        let Some(owner) = self.coldkeys.get(&coldkey) else {
            return Err(Reserved::No(Refusal::unavailable()));
        };
        let (tokens, free) = (estimate.tokens(), owner.free_left());
        if tokens <= free {
            return Ok(Payment::Free);
        }
        let Some(prices) = self.terms.prices else {
            return Err(Reserved::No(match owner.rate {
                _ if self.terms.free_per_day == 0 => Refusal::nothing_offered(),
                None => Refusal::chain_unknown(),
                Some(rate) => Refusal::free_quota(tokens, free, owner.free.until(tokens, rate), &self.terms.hotkey),
            }));
        };
        if now.0.saturating_sub(self.advanced.0) > STALE_MS {
            return Err(Reserved::No(Refusal::chain_unknown()));
        }
        let cost = prices.of(estimate);
        match (owner.deposit, self.at) {
            (Some(deposit), _) if cost <= owner.spendable(deposit) => Ok(Payment::Paid(cost)),
            (Some(deposit), _) => {
                let spendable = owner.spendable(deposit);
                Err(Reserved::No(Refusal::deposit(cost, spendable, &self.terms.hotkey)))
            }
            (None, Some(block)) => Err(Reserved::DepositUnknown(coldkey, block)),
            (None, None) => Err(Reserved::No(Refusal::chain_unknown())),
        }
    }

    /// Learns what a coldkey has deposited, unless a later block was looked at meanwhile.
    pub(super) fn learn(&mut self, coldkey: AccountId, deposit: Deposit, at: Block) {
        if self.at != Some(at) {
            return;
        }
        if let Some(owner) = self.coldkeys.get_mut(&coldkey) {
            owner.deposit = Some(deposit);
        }
    }

    /// Puts back what was reserved; nothing is counted.
    pub(super) fn release(&mut self, ticket: &Ticket) {
        self.put_back(ticket, 0, 0);
    }

    /// Puts back all but what was used, and says so of what was reserved for money.
    fn put_back(&mut self, ticket: &Ticket, used: u64, cost: Balance) {
        let unused = ticket.estimate.tokens().saturating_sub(used);
        if let Some(state) = self.keys.get_mut(&ticket.key) {
            state.under_way = state.under_way.saturating_sub(1);
            state.tokens.put_back(unused, standing::rates(&ticket.limits).1);
            state.month_tokens = state.month_tokens.saturating_sub(unused);
            if let Payment::Paid(reserved) = ticket.payment {
                state.month_leaves = state.month_leaves.saturating_sub(reserved.saturating_sub(cost));
            }
        }
        let Some(owner) = ticket.coldkey.and_then(|coldkey| self.coldkeys.get_mut(&coldkey)) else {
            return;
        };
        match ticket.payment {
            Payment::Free => owner.free.put_back(unused, owner.rate()),
            Payment::Paid(reserved) => {
                owner.reserved = owner.reserved.saturating_sub(reserved);
                owner.owed = owner.owed.saturating_add(cost);
            }
            Payment::Given => {}
        }
    }

    /// Counts what a request took, and writes it down. Returns how it was paid for.
    pub(super) fn settle(&mut self, ticket: &Ticket, used: Amount, now: UnixMs) -> (Amount, Payment) {
        let used = used.at_most(ticket.estimate);
        let payment = match (ticket.payment, self.terms.prices) {
            (Payment::Paid(reserved), Some(prices)) => Payment::Paid(prices.of(used).min(reserved)),
            (payment, _) => payment,
        };
        let cost = match payment {
            Payment::Paid(cost) => cost,
            Payment::Free | Payment::Given => 0,
        };
        self.put_back(ticket, used.tokens(), cost);
        let owner = ticket
            .coldkey
            .and_then(|coldkey| Some((coldkey, self.coldkeys.get(&coldkey)?)));
        self.unsaved.push(Settlement {
            key: ticket.key,
            day: now.day(),
            tokens: used.tokens(),
            payment,
            free: owner.map(|(coldkey, owner)| owner.left(coldkey, now)),
        });
        if let Err(error) = self.save() {
            tracing::error!(%error, "cannot write down what a request took: no more are admitted until it can be");
        }
        (used, payment)
    }

    /// Writes down what is not yet.
    fn save(&mut self) -> Result<(), StoreError> {
        if self.unsaved.is_empty() {
            return Ok(());
        }
        self.records.settle(&self.unsaved)?;
        self.unsaved.clear();
        Ok(())
    }

    /// Whose deposit is to be read with the next block: of those who asked lately, and who owe something.
    pub(super) fn watched(&mut self, now: UnixMs) -> Result<Vec<AccountId>, StoreError> {
        for debt in self.records.debts()? {
            self.coldkey(debt.payer)?;
        }
        let takes_money = self.terms.prices.is_some();
        let is_watched = |owner: &ColdkeyState| {
            let is_recent = now.0.saturating_sub(owner.last_used.0) < WATCHED_MS;
            owner.owed > 0 || owner.reserved > 0 || (takes_money && is_recent)
        };
        for owner in self.coldkeys.values_mut().filter(|owner| !is_watched(owner)) {
            owner.deposit = None;
        }
        let watched = self.coldkeys.iter().filter(|(_, owner)| is_watched(owner));
        Ok(watched.map(|(coldkey, _)| *coldkey).collect())
    }

    /// Goes on to a finalized block: what was drawn until then is no longer owed, and these are the deposits that are left.
    pub(super) fn advance(
        &mut self,
        (at, now): (Block, UnixMs),
        ended: Option<&EndedDraw>,
        deposits: &[(AccountId, Deposit)],
    ) -> Result<(), StoreError> {
        if let Some(ended) = ended {
            self.records.end_draw(ended.id, ended.drawn(), ended.block)?;
            for item in ended.drawn() {
                // Whoever owes something is in the book, see `watched`.
                if let Some(owner) = self.coldkeys.get_mut(&item.payer) {
                    owner.owed = owner.owed.saturating_sub(item.amount);
                }
            }
        }
        (self.at, self.advanced) = (Some(at), now);
        let mut known: HashMap<_, _> = deposits.iter().copied().collect();
        for (coldkey, owner) in &mut self.coldkeys {
            owner.deposit = known.remove(coldkey);
        }
        Ok(())
    }

    /// What can be drawn now, most first, and whether somebody who owes something is about to take the deposit back.
    pub(super) fn to_draw(&self) -> (Vec<DrawItem>, bool) {
        let mut leaving = false;
        let mut items: Vec<DrawItem> = self
            .coldkeys
            .iter()
            .filter_map(|(payer, owner)| {
                let deposit = owner.deposit?;
                let amount = owner.owed.min(deposit.drawable);
                leaving |= amount > 0 && deposit.available < deposit.drawable;
                (amount > 0).then_some(DrawItem { payer: *payer, amount })
            })
            .collect();
        items.sort_by_key(|item| (std::cmp::Reverse(item.amount), item.payer));
        (items, leaving)
    }

    /// Sets what flows to whom, by parts of the stake that were all read at one block.
    pub(super) fn share(&mut self, quotas: &[(AccountId, u64)], now: UnixMs) -> Result<(), StoreError> {
        for (coldkey, quota) in quotas {
            let owner = self.coldkey(*coldkey)?;
            let rate = Rate {
                amount: *quota,
                period_ms: DAY_MS,
            };
            match owner.rate {
                Some(held) => owner.free.fill(held, now),
                None => owner.free = Bucket::with_parts(owner.free.parts(), now),
            }
            // What is kept is at most a day's worth of the new rate.
            owner.free.fill(rate, now);
            owner.rate = Some(rate);
        }
        let named: HashSet<_> = quotas.iter().map(|(coldkey, _)| *coldkey).collect();
        for (coldkey, owner) in &mut self.coldkeys {
            if !named.contains(coldkey) {
                owner.fill(now);
                owner.rate = None;
            }
        }
        let left: Vec<_> = quotas
            .iter()
            .filter_map(|(coldkey, _)| Some(self.coldkeys.get(coldkey)?.left(*coldkey, now)))
            .collect();
        self.records.keep_free(&left, now.day())
    }

    /// What is owed by all, in leaves.
    pub(super) fn owed(&self) -> Balance {
        self.coldkeys
            .values()
            .fold(0, |sum: Balance, owner| sum.saturating_add(owner.owed))
    }

    /// What is left to a key's coldkey, and the headers that say what is left of its limits.
    pub(super) fn look(
        &mut self,
        key: &KeyRecord,
        now: UnixMs,
    ) -> Result<(Option<ColdkeyLeft>, HeaderMap, Option<Block>), StoreError> {
        let limits = key.limits(&self.terms.defaults);
        self.bring_up_to(key, &limits, now)?;
        let headers = self.keys.get(&key.id).map(|state| state.headers(&limits));
        let owner = key.coldkey.and_then(|coldkey| self.coldkeys.get(&coldkey));
        let left = owner.map(|owner| ColdkeyLeft {
            free_per_day: owner.rate.map(|rate| rate.amount),
            free: owner.free_left(),
            deposit: owner.deposit,
            owed: owner.owed,
            reserved: owner.reserved,
            spendable: owner.deposit.map(|deposit| owner.spendable(deposit)),
        });
        Ok((left, headers.unwrap_or_default(), self.at))
    }

    /// The finalized block at which deposits are known.
    pub(super) fn at(&self) -> Option<Block> {
        self.at
    }
}
