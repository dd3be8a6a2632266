//! What is checked and what is not, over real HTTP: the validator's own tasks and users' requests alike.
use crate::support::{embedding_work, miner_key, serve, text_work, Conduct, GENESIS, MODEL, NETUID};
use laurel_protocol::{Hotkey, Recipient};
use laurel_types::{AxonAddress, EpochIndex, RegistrationId, Uid};
use laurel_validator::{
    ask::Asker,
    checking::{Asked, Checker, Finding, Outcome},
    evidence::{Evidence, Origin, Subject},
    pace::Pace,
    rate::{EpochSecret, Policy},
    rating::Record,
    store::{Identity, Kept, Store},
    work::{Task, Work, Works},
    Judgement, Score, Verdict,
};
use std::{sync::Arc, time::Duration};
use subxt_signer::sr25519::dev;

const EPOCH: EpochIndex = EpochIndex(8);
const REGISTRATION: RegistrationId = RegistrationId(41);

/// A validator's parts that judge one miner.
struct Bench {
    checker: Checker,
    store: Arc<Store>,
    work: Arc<dyn Work>,
    asker: Asker,
    _folder: tempfile::TempDir,
}

impl Bench {
    fn new(work: Arc<dyn Work>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let identity = Identity {
            genesis: GENESIS,
            netuid: NETUID,
            hotkey: Hotkey::of(&dev::alice()).0,
        };
        let store = Arc::new(Store::open(folder.path(), &identity).unwrap());
        Self {
            checker: Checker::new(Works::new(vec![work.clone()]), store.clone(), Policy::default()).unwrap(),
            store,
            work,
            asker: Asker::new(dev::alice(), Duration::from_secs(5)).unwrap(),
            _folder: folder,
        }
    }

    /// As if the miner had been checked often enough, and had been clean, for its rate to be this.
    fn set_rate(&self, rate: u32) {
        let mut record = Record::default();
        record.rating.rate = Score(rate);
        let judgement = Judgement::unchecked(Score::ONE);
        let (evidence, mut after) = Evidence::new(&subject(), (EPOCH, 1), judgement.into(), &record, Policy::default());
        after.rating.rate = Score(rate);
        let kept = Kept {
            summary: "",
            answer: None,
        };
        self.store.record(&evidence, &after, &kept).unwrap();
    }

    async fn ask(&self, address: AxonAddress, origin: Origin, task: Task) -> Outcome {
        let recipient = Recipient {
            genesis: GENESIS,
            netuid: NETUID,
            hotkey: Hotkey::of(&miner_key()),
        };
        let asked = Asked {
            subject: subject(),
            origin,
            answer: self.asker.ask(address, &recipient, &task).await,
            task,
        };
        self.checker.judge(asked, EPOCH).await
    }
}

fn subject() -> Subject {
    Subject {
        netuid: NETUID,
        uid: Uid(5),
        registration: REGISTRATION,
        hotkey: Hotkey::of(&miner_key()).0,
        model: MODEL,
    }
}

#[tokio::test]
async fn a_newcomers_answers_are_all_checked_and_a_trusted_miners_as_often_as_its_rate_says() {
    for work in [text_work(), embedding_work()] {
        let bench = Bench::new(work);
        let address = serve(Conduct::Honest).await;
        for number in 0..10 {
            let outcome = bench.ask(address, Origin::Task, bench.work.task(number).unwrap()).await;
            assert!(
                matches!(outcome.finding, Ok(Finding::Right(_))),
                "{:?}",
                outcome.finding
            );
        }
        bench.set_rate(200_000);
        let mut checked = 0;
        for number in 10..110 {
            let origin = [Origin::Task, Origin::User][number as usize % 2];
            let outcome = bench.ask(address, origin, bench.work.task(number).unwrap()).await;
            let draw = outcome.draw.unwrap();
            assert_eq!(draw.rate, Score(200_000));
            match outcome.finding {
                Ok(Finding::Right(_)) => assert!(draw.is_check()),
                Ok(Finding::Unchecked) => assert!(!draw.is_check()),
                other => panic!("{other:?}"),
            }
            checked += u32::from(draw.is_check());
        }
        // Twenty are expected; five standard deviations are twenty.
        assert!((1..=40).contains(&checked), "{checked}");
    }
}

#[tokio::test]
async fn what_was_drawn_can_be_shown_by_whoever_has_the_epochs_secret() {
    let bench = Bench::new(text_work());
    let address = serve(Conduct::Honest).await;
    let outcome = bench.ask(address, Origin::Task, bench.work.task(0).unwrap()).await;
    let answer = outcome.answer.unwrap();
    let shown = EpochSecret::new(&bench.store.task_key().unwrap(), EPOCH).key();
    let request_hash = answer.envelope.request_hash();
    let answer_hash = laurel_protocol::blake2b_256(&[&answer.body]);
    let draw = EpochSecret::shown(EPOCH, shown).draw(&request_hash, &answer_hash, Score::ONE);
    assert_eq!(outcome.draw, Some(draw));
}

#[tokio::test]
async fn what_can_be_seen_without_the_model_is_seen_however_low_the_rate() {
    for work in [text_work(), embedding_work()] {
        let bench = Bench::new(work);
        bench.set_rate(100_000);
        for (conduct, verdict) in [
            (Conduct::Unsigned, Verdict::Unsigned),
            (Conduct::Mismatched, Verdict::Mismatched),
            (Conduct::WrongModel, Verdict::WrongModel),
            (Conduct::Truncates, Verdict::Truncated),
            (Conduct::Garbage, Verdict::Malformed),
        ] {
            let address = serve(conduct).await;
            for number in 0..5 {
                let outcome = bench.ask(address, Origin::User, bench.work.task(number).unwrap()).await;
                match outcome.finding {
                    Ok(Finding::Wrong(fault)) => assert_eq!(fault.verdict, verdict, "{}", fault.reason),
                    other => panic!("{conduct:?}: {other:?}"),
                }
                assert_eq!(outcome.draw, None, "nothing was left to check");
            }
        }
    }
}

#[tokio::test]
async fn the_receipt_of_a_real_answer_follows_from_itself_and_has_no_word_of_a_users() {
    for work in [text_work(), embedding_work()] {
        let bench = Bench::new(work);
        let address = serve(Conduct::Honest).await;
        for origin in [Origin::Task, Origin::User] {
            let task = bench.work.task(7).unwrap();
            let outcome = bench.ask(address, origin, task.clone()).await;
            let body = outcome.answer.as_ref().unwrap().body.clone();
            assert!(outcome.amount.prompt_tokens > 0);
            let dossier = outcome.file(&Pace::default()).unwrap();
            match origin {
                Origin::Task => {
                    assert_eq!((&dossier.case.task.1, &dossier.summary), (&task.body, &task.summary));
                    assert_eq!(dossier.answer, Some(body));
                }
                Origin::User => {
                    assert_eq!((dossier.case.task.1.len(), dossier.answer.as_ref()), (0, None));
                    assert_eq!(dossier.summary, "a user's request");
                }
            }
            let (evidence, _) = Evidence::new(
                &subject(),
                (EPOCH, 9),
                dossier.case,
                &Record::default(),
                Policy::default(),
            );
            assert_eq!(evidence.verdict, Verdict::Correct);
            assert_eq!(evidence.contradiction(&GENESIS), None);
        }
    }
}
