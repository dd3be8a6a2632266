//! The chain under test beside its ledger: blocks as the node executes them, with real transactions.
use crate::{
    blocks::{author, begin_block},
    books,
    calls::{deed, Deed},
    cast::signed,
    effects::Told,
    ledger::Ledger,
    said::Said,
    step::Step,
};
use codec::Encode;
use frame_support::{
    dispatch::GetDispatchInfo,
    storage::{storage_prefix, unhashed, with_transaction, TransactionOutcome},
    traits::{Get, OnFinalize, OnIdle},
};
use laurel_runtime::{
    configs::BlockWeights, signing::unsigned, AccountId, AllPalletsWithSystem, Executive, Runtime, RuntimeCall,
    RuntimeEvent, System, TransactionPayment, UncheckedExtrinsic,
};
use sp_runtime::DispatchError;
use std::collections::BTreeMap;

/// Blocks after which everything is checked, and not only what lies on the surface.
const THOROUGHLY: u32 = 20;
/// Of so many transactions one that fails is looked at in every entry of storage.
const ENTRIES: u32 = 16;

/// What happened, for tests that ask whether enough did.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub blocks: u32,
    pub sent: u32,
    /// Of them, those that were no valid transaction or failed.
    pub refused: u32,
    /// How often something happened that takes more than one call.
    pub events: BTreeMap<&'static str, u32>,
}

/// See the module. Lives in externalities.
#[derive(Clone)]
pub struct Chain {
    pub ledger: Ledger,
    pub tally: Tally,
    said: Said,
    /// Events of this block that the ledger knows.
    seen: usize,
}

impl Chain {
    /// Right after genesis.
    pub fn of_genesis() -> Self {
        Self {
            ledger: Ledger::of_genesis(),
            tally: Tally::default(),
            said: Said::new(),
            seen: 0,
        }
    }

    /// Goes through the steps, checks after each block, and everything in the end.
    pub fn run(&mut self, steps: &[Step]) {
        self.begin();
        for step in steps {
            match *step {
                Step::EndBlock(empty) => {
                    for _ in 0..=empty {
                        self.end();
                        self.begin();
                    }
                }
                Step::Send { by, wrap, act } => {
                    let deed = deed(by, wrap, act, &mut self.said);
                    self.send(deed);
                }
            }
        }
        self.end();
        books::check_all();
    }

    fn begin(&mut self) {
        begin_block();
        self.seen = 0;
        self.ledger.begin_block();
        // Now and not with the first transaction, so that what polls did is told from what that does.
        Executive::inherents_applied();
        self.hear();
    }

    fn end(&mut self) {
        finish_block();
        self.hear();
        self.tally.blocks += 1;
        self.ledger.compare();
        books::check();
        if self.tally.blocks.is_multiple_of(THOROUGHLY) {
            books::check_all();
        }
    }

    /// What was told since the ledger last listened.
    fn news(&mut self) -> Vec<RuntimeEvent> {
        let news: Vec<_> = System::read_events_no_consensus()
            .skip(self.seen)
            .map(|record| record.event)
            .collect();
        self.seen += news.len();
        for event in &news {
            if let Some(notable) = notable(event) {
                *self.tally.events.entry(notable).or_default() += 1;
            }
        }
        news
    }

    /// Tells the ledger what happened of itself.
    fn hear(&mut self) {
        for event in self.news() {
            self.ledger.happened(&event);
        }
    }

    fn send(&mut self, Deed { signer, call }: Deed) {
        self.tally.sent += 1;
        let transaction = match &signer {
            Some(signer) => signed(signer, call.clone()),
            None => unsigned(call.clone()),
        };
        let fee = fee_of(&transaction);
        let before = (self.tally.sent.is_multiple_of(ENTRIES)).then(entries);
        // As an author does: what is no valid transaction does not get into the block, and leaves nothing.
        let outcome = with_transaction(|| match Executive::apply_extrinsic(transaction) {
            Ok(outcome) => TransactionOutcome::Commit(Ok::<_, DispatchError>(Some(outcome))),
            Err(_) => TransactionOutcome::Rollback(Ok(None)),
        });
        let outcome = outcome.expect("one layer more is possible");
        self.tally.refused += u32::from(!matches!(outcome, Some(Ok(()))));
        let Some(outcome) = outcome else {
            return;
        };
        let news = self.news();
        if let Some(signer) = &signer {
            self.ledger.charge(signer, fee);
        }
        match outcome {
            Ok(()) => self.succeeded(signer.as_ref(), &call, &news),
            Err(_) => self.failed(signer.as_ref(), before, &call),
        }
        if let Some(signer) = &signer {
            self.ledger.refund(signer, fee, actual_fee(&news), &author());
        }
    }

    fn succeeded(&mut self, signer: Option<&AccountId>, call: &RuntimeCall, news: &[RuntimeEvent]) {
        for event in news {
            self.ledger.happened(event);
        }
        self.ledger
            .succeeded(signer, call, &mut Told::new(news.iter().cloned()));
        for event in news {
            books::check_event(event);
        }
    }

    /// Nothing differs but what every transaction changes.
    fn failed(&self, signer: Option<&AccountId>, before: Option<Entries>, call: &RuntimeCall) {
        let Some(before) = before else { return };
        let author = author();
        let touched: Vec<_> = signer
            .into_iter()
            .chain([&author])
            .map(frame_system::Account::<Runtime>::hashed_key_for)
            .collect();
        let after = entries();
        let changed = before
            .iter()
            .filter(|(key, value)| after.get(*key) != Some(value))
            .map(|(key, _)| key);
        let added = after.keys().filter(|key| !before.contains_key(*key));
        for key in changed.chain(added) {
            assert!(
                touched.contains(key) || every_transaction_changes(key),
                "{call:?} failed and left something under {key:02x?}"
            );
        }
    }
}

/// What sequences should get to.
fn notable(event: &RuntimeEvent) -> Option<&'static str> {
    use pallet_laurel_prepaid::Event as Prepaid;
    use pallet_laurel_rewards::{Event as Rewards, Role};
    use pallet_laurel_subnets::{Event as Subnets, Reason};
    Some(match event {
        RuntimeEvent::Rewards(Rewards::EpochPaid { summary, .. }) if summary.miners > 0 => "an epoch paid",
        RuntimeEvent::Rewards(Rewards::EpochPaid { .. }) => "an epoch paid nobody",
        RuntimeEvent::Rewards(Rewards::EpochFailed { .. }) => "an epoch failed",
        RuntimeEvent::Neurons(pallet_laurel_neurons::Event::NeuronEvicted { .. }) => "a neuron was evicted",
        RuntimeEvent::Subnets(Subnets::SubnetEnded {
            reason: Reason::Dissolved,
            ..
        }) => "a subnet was dissolved",
        RuntimeEvent::Subnets(Subnets::SubnetEnded {
            reason: Reason::Replaced,
            ..
        }) => "a subnet was replaced",
        RuntimeEvent::Subnets(Subnets::SubnetRemoved { .. }) => "a subnet was removed",
        RuntimeEvent::Rewards(Rewards::HotkeysPaid { payments, .. })
            if payments.iter().any(|paid| paid.role == Role::Parent) =>
        {
            "a parent was paid"
        }
        RuntimeEvent::Scoring(pallet_laurel_scoring::Event::CommitExpired { .. }) => "a commit expired",
        RuntimeEvent::Scoring(pallet_laurel_scoring::Event::WeightsRevealed { .. }) => "a row was revealed",
        RuntimeEvent::Children(pallet_laurel_children::Event::LinkRevoked { .. }) => "a link was revoked",
        RuntimeEvent::Governance(pallet_laurel_governance::Event::ProposalOpened { .. }) => "a proposal was opened",
        RuntimeEvent::Governance(pallet_laurel_governance::Event::ProposalCancelled { .. }) => {
            "a proposal was cancelled"
        }
        RuntimeEvent::Governance(pallet_laurel_governance::Event::ProposalApproved { .. }) => "a proposal was approved",
        RuntimeEvent::Scheduler(pallet_scheduler::Event::Dispatched { result: Ok(()), .. }) => "a proposal was enacted",
        RuntimeEvent::Scheduler(pallet_scheduler::Event::Canceled { .. }) => "an approved proposal was cancelled",
        RuntimeEvent::Balances(pallet_balances::Event::DustLost { .. }) => "an account became dust",
        RuntimeEvent::Multisig(pallet_multisig::Event::MultisigExecuted { result: Ok(()), .. }) => "a multisig acted",
        RuntimeEvent::Proxy(pallet_proxy::Event::ProxyExecuted { result: Ok(()) }) => "a proxy acted",
        RuntimeEvent::Prepaid(Prepaid::Drawn { amount, asked, .. }) if amount < asked => {
            "a gateway drew less than it asked for"
        }
        RuntimeEvent::Prepaid(Prepaid::Drawn { .. }) => "a gateway drew",
        RuntimeEvent::Prepaid(Prepaid::DrawRefused { .. }) => "a draw was refused",
        RuntimeEvent::Prepaid(Prepaid::TakenBack {
            record_deposit: 1.., ..
        }) => "a deposit ended",
        _ => return None,
    })
}

/// What the transaction pays before it is known what it takes.
fn fee_of(transaction: &UncheckedExtrinsic) -> u64 {
    TransactionPayment::compute_fee(transaction.encoded_size() as u32, &transaction.get_dispatch_info(), 0)
}

/// What it paid in the end.
fn actual_fee(news: &[RuntimeEvent]) -> u64 {
    let paid = news.iter().find_map(|event| match event {
        RuntimeEvent::TransactionPayment(pallet_transaction_payment::Event::TransactionFeePaid {
            actual_fee, ..
        }) => Some(*actual_fee),
        _ => None,
    });
    paid.expect("a transaction tells its fee")
}

/// Raw storage.
type Entries = BTreeMap<Vec<u8>, Vec<u8>>;

/// All of it.
fn entries() -> Entries {
    let mut entries = Entries::new();
    let mut key = Vec::new();
    while let Some(next) = sp_io::storage::next_key(&key) {
        entries.insert(next.clone(), sp_io::storage::get(&next).unwrap_or_default().to_vec());
        key = next;
    }
    entries
}

/// Events, weights, lengths, the transaction itself: everything of the frame but accounts. And where the fee goes meanwhile.
fn every_transaction_changes(key: &[u8]) -> bool {
    let of_system = key.starts_with(&sp_io::hashing::twox_128(b"System"));
    let is_account = key.starts_with(&storage_prefix(b"System", b"Account"));
    let of_fees = key.starts_with(&sp_io::hashing::twox_128(b"TransactionPayment"));
    (of_system && !is_account) || of_fees || key.starts_with(b":")
}

/// What `Executive::finalize_block` does, but for the root of the state's trie: it costs more than all the rest, and nobody here looks at it.
fn finish_block() {
    System::note_finished_extrinsics();
    let (now, whole) = (System::block_number(), BlockWeights::get().max_block);
    let left = whole.saturating_sub(System::block_weight().total());
    AllPalletsWithSystem::on_idle(now, left);
    AllPalletsWithSystem::on_finalize(now);
    for item in ["ExecutionPhase", "BlockSize", "InherentsApplied", "ExtrinsicCount"] {
        unhashed::kill(&storage_prefix(b"System", item.as_bytes()));
    }
    let _ = unhashed::clear_prefix(&storage_prefix(b"System", b"ExtrinsicData"), None, None);
    unhashed::kill(sp_core::storage::well_known_keys::INTRABLOCK_ENTROPY);
}
