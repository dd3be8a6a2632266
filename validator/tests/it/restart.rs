//! A validator that dies between commit and reveal loses nothing.
use async_trait::async_trait;
use laurel_chain::{Call, ChainError, DispatchFailure};
use laurel_protocol::blake2b_256;
use laurel_types::{commit_hash_preimage, EpochIndex, NetUid, RegistrationId, Uid, WeightRow};
use laurel_validator::{
    announce::{Announcer, Committed, Moment, Sends},
    store::{CommitState, Identity, Store},
};
use std::{
    path::Path,
    sync::{Arc, Mutex},
};
use tokio::sync::Notify;

const NETUID: NetUid = NetUid(1);
const REGISTRATION: RegistrationId = RegistrationId(11);

/// How the chain answers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answers {
    /// Includes what it gets in the first epoch; a commit is to be revealed in the second.
    Included(u64, u64),
    /// Says nothing, as when the validator is killed while it waits.
    Never,
    /// Fails with this error.
    Fails(&'static str),
    /// Cannot be reached.
    Unreachable,
}

/// A chain that remembers what it got.
struct FakeChain {
    answers: Mutex<Answers>,
    got: Mutex<Vec<Call>>,
    arrived: Notify,
}

impl FakeChain {
    fn new(answers: Answers) -> Arc<Self> {
        Arc::new(Self {
            answers: Mutex::new(answers),
            got: Mutex::default(),
            arrived: Notify::new(),
        })
    }

    fn calls(&self) -> Vec<Call> {
        self.got.lock().unwrap().clone()
    }
}

#[async_trait]
impl Sends for FakeChain {
    async fn send(&self, call: Call) -> Result<Option<Committed>, ChainError> {
        self.got.lock().unwrap().push(call);
        self.arrived.notify_one();
        let answers = *self.answers.lock().unwrap();
        match answers {
            Answers::Included(epoch, reveal_epoch) => Ok(Some(Committed {
                epoch: EpochIndex(epoch),
                reveal_epoch: EpochIndex(reveal_epoch),
            })),
            Answers::Never => std::future::pending().await,
            Answers::Fails(name) => {
                let failure = DispatchFailure {
                    pallet: "Scoring".into(),
                    name: name.into(),
                    remedy: String::new(),
                };
                Err(ChainError::Dispatch(failure))
            }
            Answers::Unreachable => Err(ChainError::Unreachable {
                urls: String::new(),
                reason: String::new(),
            }),
        }
    }
}

fn store(folder: &Path) -> Arc<Store> {
    let identity = Identity {
        genesis: [1; 32],
        netuid: NETUID,
        hotkey: [2; 32],
    };
    Arc::new(Store::open(folder, &identity).unwrap())
}

fn moment(epoch: u64, block: u32) -> Moment {
    Moment {
        block,
        epoch: EpochIndex(epoch),
        next_epoch_at: (epoch as u32 + 1) * 12,
        tempo: 12,
        commit_reveal: true,
        reveal_period: 1,
        registration: REGISTRATION,
        permitted: true,
        direct_from: 0,
    }
}

fn row() -> WeightRow {
    WeightRow::new(vec![(Uid(2), 65_535), (Uid(4), 1_234)]).unwrap()
}

/// The hash of a commit call.
fn committed(call: &Call) -> [u8; 32] {
    match call {
        Call::CommitWeights { netuid, hash } => {
            assert_eq!(*netuid, NETUID);
            *hash
        }
        other => panic!("expected a commit, got {other:?}"),
    }
}

/// The hash that a reveal call opens.
fn revealed(call: &Call) -> [u8; 32] {
    match call {
        Call::RevealWeights {
            netuid,
            row,
            receipts_root,
            version_key,
            salt,
        } => blake2b_256(&[&commit_hash_preimage(
            *netuid,
            REGISTRATION,
            row,
            receipts_root,
            *version_key,
            salt,
        )]),
        other => panic!("expected a reveal, got {other:?}"),
    }
}

#[tokio::test]
async fn a_commit_is_revealed_in_the_next_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let chain = FakeChain::new(Answers::Included(5, 6));
    let mut announcer = Announcer::new(NETUID, chain.clone(), store.clone());
    assert!(
        !announcer.wants_weights(&moment(5, 66)).unwrap(),
        "too early in the epoch"
    );
    assert!(announcer.wants_weights(&moment(5, 69)).unwrap());
    announcer.announce(&moment(5, 69), row()).unwrap();
    announcer.settled().await.unwrap();
    assert!(!announcer.wants_weights(&moment(5, 70)).unwrap(), "one commit an epoch");
    assert_eq!(announcer.epoch_of_receipts(EpochIndex(5)).unwrap(), EpochIndex(6));

    announcer.advance(&moment(6, 72)).unwrap();
    announcer.settled().await.unwrap();
    announcer.advance(&moment(6, 73)).unwrap();
    let calls = chain.calls();
    assert_eq!(calls.len(), 2, "{calls:?}");
    assert_eq!(committed(&calls[0]), revealed(&calls[1]));
    assert_eq!(
        store.commit_of(EpochIndex(5)).unwrap().unwrap().state,
        CommitState::Revealed
    );
}

#[tokio::test]
async fn a_validator_killed_after_sending_its_commit_reveals_it_after_the_restart() {
    let folder = tempfile::tempdir().unwrap();
    let before = FakeChain::new(Answers::Never);
    {
        let mut announcer = Announcer::new(NETUID, before.clone(), store(folder.path()));
        announcer.announce(&moment(5, 69), row()).unwrap();
        before.arrived.notified().await;
        // Killed: no destructor runs, nothing is closed.
        std::mem::forget(announcer);
    }
    let after = FakeChain::new(Answers::Included(5, 6));
    let mut announcer = Announcer::new(NETUID, after.clone(), store(folder.path()));
    announcer.advance(&moment(6, 73)).unwrap();
    announcer.settled().await.unwrap();
    assert_eq!(committed(&before.calls()[0]), revealed(&after.calls()[0]));
}

#[tokio::test]
async fn a_validator_that_restarts_in_the_same_epoch_sends_the_same_commit_again() {
    let folder = tempfile::tempdir().unwrap();
    let before = FakeChain::new(Answers::Never);
    {
        let mut announcer = Announcer::new(NETUID, before.clone(), store(folder.path()));
        announcer.announce(&moment(5, 69), row()).unwrap();
        before.arrived.notified().await;
        std::mem::forget(announcer);
    }
    let after = FakeChain::new(Answers::Fails("AlreadyCommitted"));
    let store = store(folder.path());
    let mut announcer = Announcer::new(NETUID, after.clone(), store.clone());
    assert!(
        !announcer.wants_weights(&moment(5, 70)).unwrap(),
        "other weights cannot be committed any more"
    );
    announcer.advance(&moment(5, 70)).unwrap();
    announcer.settled().await.unwrap();
    assert_eq!(committed(&before.calls()[0]), committed(&after.calls()[0]));
    assert_eq!(
        store.commit_of(EpochIndex(5)).unwrap().unwrap().state,
        CommitState::Committed
    );
}

#[tokio::test]
async fn a_commit_that_a_later_epoch_included_is_revealed_one_epoch_later() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let chain = FakeChain::new(Answers::Included(6, 7));
    let mut announcer = Announcer::new(NETUID, chain.clone(), store.clone());
    announcer.announce(&moment(5, 71), row()).unwrap();
    announcer.settled().await.unwrap();
    announcer.advance(&moment(6, 75)).unwrap();
    assert_eq!(
        chain.calls().len(),
        1,
        "it cannot be revealed in the epoch of its commit"
    );
    announcer.advance(&moment(7, 84)).unwrap();
    announcer.settled().await.unwrap();
    let calls = chain.calls();
    assert_eq!(committed(&calls[0]), revealed(&calls[1]));
}

#[tokio::test]
async fn a_reveal_is_tried_again_until_the_chain_can_be_reached() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let chain = FakeChain::new(Answers::Included(5, 6));
    let mut announcer = Announcer::new(NETUID, chain.clone(), store.clone());
    announcer.announce(&moment(5, 69), row()).unwrap();
    announcer.settled().await.unwrap();
    *chain.answers.lock().unwrap() = Answers::Unreachable;
    announcer.advance(&moment(6, 72)).unwrap();
    announcer.settled().await.unwrap();
    *chain.answers.lock().unwrap() = Answers::Included(6, 7);
    announcer.advance(&moment(6, 73)).unwrap();
    announcer.settled().await.unwrap();
    assert_eq!(chain.calls().len(), 3);
    assert_eq!(
        store.commit_of(EpochIndex(5)).unwrap().unwrap().state,
        CommitState::Revealed
    );
}

#[tokio::test]
async fn a_commit_whose_window_has_passed_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let chain = FakeChain::new(Answers::Included(5, 6));
    let mut announcer = Announcer::new(NETUID, chain.clone(), store.clone());
    announcer.announce(&moment(5, 69), row()).unwrap();
    announcer.settled().await.unwrap();
    announcer.advance(&moment(8, 100)).unwrap();
    assert_eq!(chain.calls().len(), 1);
    assert_eq!(
        store.commit_of(EpochIndex(5)).unwrap().unwrap().state,
        CommitState::Void
    );
}

#[tokio::test]
async fn where_weights_are_hidden_for_longer_the_reveal_waits_as_long() {
    let at = |epoch, block| Moment {
        reveal_period: 2,
        ..moment(epoch, block)
    };
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let chain = FakeChain::new(Answers::Included(5, 7));
    let mut announcer = Announcer::new(NETUID, chain.clone(), store.clone());
    announcer.announce(&at(5, 69), row()).unwrap();
    announcer.settled().await.unwrap();
    announcer.advance(&at(6, 72)).unwrap();
    announcer.drain(std::time::Duration::from_secs(10)).await.unwrap();
    assert_eq!(chain.calls().len(), 1, "not yet");
    announcer.advance(&at(7, 84)).unwrap();
    announcer.settled().await.unwrap();
    let calls = chain.calls();
    assert_eq!(committed(&calls[0]), revealed(&calls[1]));
    assert_eq!(
        store.commit_of(EpochIndex(5)).unwrap().unwrap().state,
        CommitState::Revealed
    );
}

#[tokio::test]
async fn a_shorter_reveal_period_does_not_move_the_reveals_of_commits_under_way() {
    let of_period = |reveal_period, epoch, block| Moment {
        reveal_period,
        ..moment(epoch, block)
    };
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let chain = FakeChain::new(Answers::Included(5, 7));
    let mut announcer = Announcer::new(NETUID, chain.clone(), store.clone());
    announcer.announce(&of_period(2, 5, 69), row()).unwrap();
    announcer.settled().await.unwrap();

    // The period shrinks with the end of epoch 5. By the new one the commit would have to be revealed in 6.
    announcer.advance(&of_period(1, 6, 72)).unwrap();
    announcer.drain(std::time::Duration::from_secs(10)).await.unwrap();
    assert_eq!(chain.calls().len(), 1, "the chain would refuse it");
    *chain.answers.lock().unwrap() = Answers::Included(6, 7);
    announcer.announce(&of_period(1, 6, 81), row()).unwrap();
    announcer.settled().await.unwrap();

    // Both are due in 7, one transaction after the other.
    for block in [84, 85] {
        announcer.advance(&of_period(1, 7, block)).unwrap();
        announcer.settled().await.unwrap();
    }
    let calls = chain.calls();
    assert_eq!(committed(&calls[0]), revealed(&calls[2]));
    assert_eq!(committed(&calls[1]), revealed(&calls[3]));
    for epoch in [5, 6] {
        let state = store.commit_of(EpochIndex(epoch)).unwrap().unwrap().state;
        assert_eq!(state, CommitState::Revealed, "{epoch}");
    }
}

#[tokio::test]
async fn a_commit_whose_late_inclusion_nobody_saw_is_revealed_when_the_chain_lets_it() {
    let folder = tempfile::tempdir().unwrap();
    let before = FakeChain::new(Answers::Never);
    {
        let mut announcer = Announcer::new(NETUID, before.clone(), store(folder.path()));
        announcer.announce(&moment(5, 71), row()).unwrap();
        before.arrived.notified().await;
        std::mem::forget(announcer);
    }
    // A block of epoch 6 took it.
    let after = FakeChain::new(Answers::Fails("RevealTooEarly"));
    let mut announcer = Announcer::new(NETUID, after.clone(), store(folder.path()));
    announcer.advance(&moment(6, 73)).unwrap();
    announcer.settled().await.unwrap();
    assert!(
        !announcer.wants_weights(&moment(6, 81)).unwrap(),
        "epoch 6 has its commit"
    );
    *after.answers.lock().unwrap() = Answers::Included(7, 8);
    announcer.advance(&moment(7, 84)).unwrap();
    announcer.settled().await.unwrap();
    assert_eq!(committed(&before.calls()[0]), revealed(&after.calls()[1]));
}

#[tokio::test]
async fn where_commit_reveal_is_off_weights_are_set_directly_once_an_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let chain = FakeChain::new(Answers::Included(5, 6));
    let mut announcer = Announcer::new(NETUID, chain.clone(), store.clone());
    let direct = Moment {
        commit_reveal: false,
        ..moment(5, 69)
    };
    assert!(
        !announcer
            .wants_weights(&Moment {
                direct_from: 70,
                ..direct
            })
            .unwrap(),
        "the rate limit"
    );
    assert!(announcer.wants_weights(&direct).unwrap());
    announcer.announce(&direct, row()).unwrap();
    announcer.settled().await.unwrap();
    assert!(matches!(&chain.calls()[..], [Call::SetWeights { row: sent, .. }] if *sent == row()));
    assert!(!announcer.wants_weights(&direct).unwrap());
}
