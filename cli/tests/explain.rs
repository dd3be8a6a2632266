//! A score that one machine wrote down, recomputed on another: a validator's own store, the small model of this repository, and the
//! command as a process of its own.
use codec::Encode;
use laurel_engine::{
    CallerId, FinishReason, SamplerKey, SamplingParams, TextEngine, TextEvent, TextOptions, TextRequest,
};
use laurel_protocol::{
    openai::{self, CompletionChoice, CompletionResponse, TextExtension},
    output_hash_text, proof_hash, Envelope, Hotkey, Receipt, Recipient, Target, Work as Done,
};
use laurel_types::{EpochIndex, ModelRoot, NetUid, RegistrationId, Uid, WeightRow};
use laurel_validator::{
    checking::{Asked, Checker},
    evidence::{receipts_root, Evidence, Origin, Subject},
    explain::{
        bundle::{Bundle, Place},
        recount::{self, recount, Comparison, Recount},
    },
    pace::Pace,
    rate::{Odds, Policy},
    rating::Record,
    store::{CommitState, Identity, Kept, Store, StoredCommit},
    work::{Answer, Task, Works},
    Fault, Judgement, Score, Verdict,
};
use serde_json::{json, Value};
use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};
use subxt_signer::sr25519::{dev, Keypair};

const NETUID: NetUid = NetUid(1);
const EPOCH: EpochIndex = EpochIndex(7);
const GENESIS: [u8; 32] = [1; 32];
/// Of the miner that is asked.
const UID: Uid = Uid(3);

fn model_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/tiny")
}

/// A validator with its data folder, and a miner beside it.
struct Scene {
    folder: tempfile::TempDir,
    store: Arc<Store>,
    checker: Checker,
    model: ModelRoot,
    engine: TextEngine,
    miner: Keypair,
}

impl Scene {
    fn new(policy: Policy) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let identity = Identity {
            genesis: GENESIS,
            netuid: NETUID,
            hotkey: Hotkey::of(&dev::alice()).0,
        };
        let store = Arc::new(Store::open(folder.path(), &identity).unwrap());
        let works = recount::load(&[model_folder()], Some(1)).unwrap();
        let options = TextOptions {
            threads: Some(1),
            ..Default::default()
        };
        Self {
            checker: Checker::new(works, store.clone(), policy).unwrap(),
            model: laurel_models::manifest(&model_folder()).unwrap().root,
            engine: TextEngine::load(&model_folder(), options).unwrap(),
            miner: dev::bob(),
            folder,
            store,
        }
    }

    fn subject(&self, uid: Uid) -> Subject {
        Subject {
            netuid: NETUID,
            uid,
            registration: RegistrationId(u64::from(uid.0) + 40),
            hotkey: Hotkey::of(&self.miner).0,
            model: self.model,
        }
    }

    fn task(&self, prompt: &str) -> Task {
        let body = json!({ "prompt": prompt, "max_tokens": 20, "temperature": 0.8 }).to_string();
        let work = self.checker.works().of(self.model).unwrap();
        let task = work.request("/v1/completions", body.as_bytes()).unwrap();
        Task {
            wants_proof: true,
            ..task
        }
    }

    /// What the miner answers: with the model's tokens, or with another one in their midst.
    fn answer(&self, task: &Task, prompt: &str, is_honest: bool) -> Answer {
        let recipient = Recipient {
            genesis: GENESIS,
            netuid: NETUID,
            hotkey: Hotkey::of(&self.miner),
        };
        let target = Target {
            method: "POST",
            path: task.path,
        };
        let envelope = Envelope::new(&recipient, target, &task.body, Hotkey::of(&dev::alice()), 99_000);
        let prompt = self.engine.tokenizer().encode(prompt).unwrap();
        let request = TextRequest {
            prompt: prompt.clone(),
            max_tokens: 20,
            stop: Vec::new(),
            sampling: SamplingParams {
                temperature_milli: 800,
                top_k: 0,
                top_p_milli: 1_000,
            },
            key: SamplerKey(envelope.sampler_key()),
            caller: CallerId::default(),
            proof: true,
        };
        let mut events = self.engine.submit(request).unwrap();
        let (finish, mut tokens, proof) = loop {
            match events.blocking_recv().unwrap() {
                TextEvent::Token { .. } => {}
                TextEvent::Done {
                    finish,
                    completion,
                    proof,
                    ..
                } => break (finish, completion, proof.unwrap().to_bytes()),
                TextEvent::Failed(error) => panic!("{error}"),
            }
        };
        if !is_honest {
            tokens[1] = if tokens[1] == 300 { 301 } else { 300 };
        }
        let done = Done {
            model: self.model,
            output_hash: output_hash_text(&tokens),
            proof_hash: Some(proof_hash(&proof)),
            prompt_tokens: prompt.len() as u32,
            completion_tokens: tokens.len() as u32,
            received_ms: 1_000,
            completed_ms: 1_050,
        };
        let receipt = Receipt::new(&envelope, &done).sign(&self.miner).to_text();
        let (_, text) = self.engine.read_completion(&tokens, 20, &[]).unwrap();
        let response = CompletionResponse {
            id: "cmpl-1".into(),
            object: "text_completion".into(),
            created: 1,
            model: "tiny".into(),
            choices: vec![CompletionChoice {
                index: 0,
                text,
                finish_reason: Some(match finish {
                    FinishReason::Stop => openai::FinishReason::Stop,
                    FinishReason::Length => openai::FinishReason::Length,
                }),
            }],
            usage: None,
            laurel: Some(TextExtension {
                token_ids: tokens,
                prompt_token_ids: None,
                activation_proof: Some(proof),
            }),
        };
        Answer {
            envelope,
            receipt: Some(receipt),
            body: serde_json::to_vec(&response).unwrap(),
            is_streamed: false,
            first_ms: 50,
            latency_ms: 50,
            deadline_ms: 8_000,
        }
    }
}

impl Scene {
    /// Judges a request as a validator does, and writes it down; `is_kept` says whether the answer's body is.
    async fn judge(
        &self,
        subject: Subject,
        asked: Result<(Task, Answer), Fault>,
        (epoch, origin, is_kept): (EpochIndex, Origin, bool),
    ) {
        let (task, answer) = match asked {
            Ok((task, answer)) => (task, Ok(answer)),
            Err(fault) => (self.task("Nobody"), Err(fault)),
        };
        let asked = Asked {
            subject,
            origin,
            task,
            answer,
        };
        let outcome = self.checker.judge(asked, epoch).await;
        let dossier = outcome.file(&Pace::default()).unwrap();
        let record = self.store.record_of(subject.registration).unwrap();
        let (evidence, record) = Evidence::new(&subject, (epoch, 100), dossier.case, &record, self.checker.policy());
        let kept = Kept {
            summary: &dossier.summary,
            answer: dossier.answer.as_deref().filter(|_| is_kept),
        };
        self.store.record(&evidence, &record, &kept).unwrap();
    }

    /// Asks for a text and judges it.
    async fn ask(&self, prompt: &str, is_honest: bool, how: (EpochIndex, Origin, bool)) {
        let task = self.task(prompt);
        let answer = tokio::task::block_in_place(|| self.answer(&task, prompt, is_honest));
        self.judge(self.subject(UID), Ok((task, answer)), how).await;
    }
}

fn outcomes(recount: &Recount) -> Vec<&'static str> {
    let outcome = |comparison: &Comparison| match comparison {
        Comparison::Same => "recomputed",
        Comparison::Differs(_) => "differs",
        Comparison::Cannot(_) => "cannot",
    };
    recount
        .receipts
        .iter()
        .map(|receipt| outcome(&receipt.comparison))
        .collect()
}

/// A bundle of one epoch whose weights and those of the next are fixed, so that the root is known and the secret is shown.
fn bundle(scene: &Scene) -> Bundle {
    for epoch in [EPOCH, EPOCH.next()] {
        let commit = StoredCommit {
            epoch,
            reveal_epoch: epoch.next(),
            registration: RegistrationId(0),
            row: WeightRow::new(vec![(UID, 1)]).unwrap(),
            receipts_root: receipts_root(&scene.store.leaves(epoch).unwrap()),
            version_key: 1,
            salt: [0; 32],
            state: CommitState::Revealed,
        };
        scene.store.put_commit(&commit).unwrap();
    }
    Bundle::export(NETUID, UID, scene.folder.path(), 1).unwrap()
}

/// Of the epoch: one without an answer, right, a user's, one whose answer is lost, another miner's, wrong and right. And one before it.
async fn scene() -> (Scene, Bundle) {
    let odds = Odds {
        detection: Score::ONE,
        gain: Score::ONE,
    };
    let scene = Scene::new(Policy::new(Score::ONE, 32, odds).unwrap());
    let own = (EPOCH, Origin::Task, true);
    let before = (EpochIndex(EPOCH.0 - 1), Origin::Task, true);
    scene.ask("There was a time", true, before).await;
    let down = Fault::new(Verdict::Down, "connection refused");
    scene.judge(scene.subject(UID), Err(down), own).await;
    scene.ask("It was a fine morning", true, own).await;
    scene
        .ask("The old house stood", true, (EPOCH, Origin::User, false))
        .await;
    scene
        .ask("She had never seen", true, (EPOCH, Origin::Task, false))
        .await;
    let away = Fault::new(Verdict::NoAxon, "no axon is published");
    scene.judge(scene.subject(Uid(4)), Err(away), own).await;
    scene.ask("He went to the window", false, own).await;
    scene.ask("After the rain", true, own).await;
    let bundle = bundle(&scene);
    (scene, bundle)
}

/// The bundle after its validator wrote something else in a receipt, and committed to that.
fn forged(bundle: &Bundle, leaf: usize, forge: impl Fn(&mut Evidence)) -> Bundle {
    let mut forged = bundle.clone();
    let epoch = &mut forged.epochs[0];
    let mut evidence = Evidence::read(&epoch.leaves[leaf].receipt).unwrap();
    forge(&mut evidence);
    epoch.leaves[leaf].receipt = evidence.encode();
    let root = epoch.root();
    epoch.place = epoch.place.map(|place| Place { root, ..place });
    forged
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_validator_wrote_comes_out_to_the_last_digit_and_every_forgery_is_found() {
    let (scene, bundle) = scene().await;
    let works = scene.checker.works();
    let honest = recount(&bundle, works).await;
    assert_eq!(
        outcomes(&honest),
        ["cannot", "recomputed", "cannot", "cannot", "recomputed", "recomputed"],
        "{honest}"
    );
    assert!(!honest.differs());
    let verdicts: Vec<Verdict> = honest.receipts.iter().map(|receipt| receipt.written.0).collect();
    assert_eq!(verdicts[1], Verdict::Correct);
    assert_eq!(verdicts[4], Verdict::WrongContent);
    for why in [
        "a user's request",
        "nothing came back",
        "no longer kept",
        "not compared, no chain",
    ] {
        assert!(honest.to_string().contains(why), "{why}\n{honest}");
    }

    let found = async |bundle: Bundle, what: &str| {
        let recount = recount::recount(&bundle, works).await;
        assert!(recount.differs(), "{what}: nothing was found\n{recount}");
        assert!(recount.to_string().contains(what), "{what}\n{recount}");
    };
    found(
        forged(&bundle, 1, |it| it.score = Score(it.score.0 - 1)),
        "the scores do not follow",
    )
    .await;
    found(
        forged(&bundle, 1, |it| it.after.value = Score(1)),
        "the rating does not follow",
    )
    .await;
    found(
        forged(&bundle, 1, |it| it.medians.first_us = Some(1)),
        "the scores do not follow",
    )
    .await;
    let faster = |it: &mut Evidence| it.answered.as_mut().unwrap().timing.amount.completion_tokens += 1;
    found(forged(&bundle, 1, faster), "amount of work").await;
    let lot = |it: &mut Evidence| it.draw.as_mut().unwrap().lot = Score(1);
    found(forged(&bundle, 1, lot), "draw").await;
    let nonce = |it: &mut Evidence| it.sent.as_mut().unwrap().nonce = [9; 16];
    found(forged(&bundle, 1, nonce), "the miner's receipt").await;
    let deviation = |it: &mut Evidence| it.deviation.as_mut().unwrap().different += 1;
    found(forged(&bundle, 1, deviation), "deviation").await;
    // An honest answer that is called wrong, with all that follows from it.
    let slander = |it: &mut Evidence| {
        let record = Record {
            rating: it.before,
            window: Default::default(),
        };
        let judgement = Judgement::fault(Fault::new(Verdict::WrongContent, "so it is said"));
        let (judgement, after) = record.with(judgement, &it.policy);
        (it.verdict, it.deviation, it.window) = (judgement.verdict, None, None);
        (it.correctness, it.speed, it.score) = (judgement.correctness, judgement.speed, judgement.score);
        it.after = after.rating;
    };
    found(
        forged(&bundle, 6, slander),
        "verdict: wrong_content is written, correct comes out",
    )
    .await;
    let rating = |it: &mut Evidence| it.before.value = Score::ONE;
    found(forged(&bundle, 3, rating), "rating before").await;

    let altered = |change: fn(&mut Bundle)| {
        let mut altered = bundle.clone();
        change(&mut altered);
        altered
    };
    let answer = altered(|it| it.epochs[0].leaves[1].answer.as_mut().unwrap()[5] ^= 1);
    found(answer, "answer: it is not the one of the receipt").await;
    found(altered(|it| drop(it.epochs[0].leaves.remove(4))), "another root").await;
    found(altered(|it| it.epochs[0].leaves.swap(0, 1)), "another root").await;
    found(altered(|it| it.epochs[0].leaves[4].receipt[40] ^= 1), "another root").await;
    found(altered(|it| it.validator = [7; 32]), "another hotkey").await;
    found(altered(|it| it.genesis = [7; 32]), "the miner's receipt").await;

    let without = recount::recount(&bundle, &Works::new(Vec::new())).await;
    assert!(!without.differs());
    assert_eq!(outcomes(&without), ["cannot"; 6]);
    assert!(without.to_string().contains("give its folder with --model"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_was_not_drawn_comes_out_as_not_checked() {
    let scene = Scene::new(Policy::default());
    let is_unchecked = || {
        let leaves = scene.store.leaves(EPOCH).unwrap();
        Evidence::read(leaves.last().unwrap()).unwrap().verdict == Verdict::Unchecked
    };
    // The rate falls with every clean answer: that all of forty are checked happens once in 10³⁰ times.
    for _ in 0..40 {
        scene.ask("There was no moon", true, (EPOCH, Origin::Task, true)).await;
        if is_unchecked() {
            break;
        }
    }
    assert!(is_unchecked());
    let bundle = bundle(&scene);
    let recount = recount::recount(&bundle, scene.checker.works()).await;
    assert!(
        outcomes(&recount).iter().all(|outcome| *outcome == "recomputed"),
        "{recount}"
    );
    let last = bundle.epochs[0].leaves.len() - 1;
    let luckier = |it: &mut Evidence| it.draw.as_mut().unwrap().lot = Score(it.draw.unwrap().lot.0 + 1);
    let recount = recount::recount(&forged(&bundle, last, luckier), scene.checker.works()).await;
    assert!(recount.to_string().contains("differs: draw"), "{recount}");
}

/// Fails unless the document is one that `laurel schema explain` publishes.
fn hold(document: &Value) {
    let schema = Command::new(env!("CARGO_BIN_EXE_laurel"))
        .args(["schema", "explain"])
        .output()
        .unwrap();
    let mut compiler = boon::Compiler::new();
    let schema = serde_json::from_slice(&schema.stdout).unwrap();
    compiler.add_resource("http://laurel/explain", schema).unwrap();
    let mut schemas = boon::Schemas::new();
    let index = compiler.compile("http://laurel/explain", &mut schemas).unwrap();
    let held = schemas.validate(document, index);
    assert!(held.is_ok(), "{document:#}: {:#}", held.unwrap_err());
}

/// Runs the command; returns its exit code and the JSON that it printed, which is as it is published.
fn laurel(arguments: &[&str]) -> (i32, Value) {
    let output = Command::new(env!("CARGO_BIN_EXE_laurel"))
        .arg("explain")
        .args(arguments)
        .arg("--json")
        .output()
        .unwrap();
    let json = serde_json::from_slice(&output.stdout);
    let json = json.unwrap_or_else(|_| panic!("{output:?}"));
    hold(&json);
    (output.status.code().unwrap(), json)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_process_recomputes_a_bundle_and_exits_with_5_where_something_differs() {
    let (scene, bundle) = scene().await;
    let path = |name: &str| scene.folder.path().join(name).display().to_string();
    let (data, file, forgery) = (
        scene.folder.path().display().to_string(),
        path("bundle"),
        path("forgery"),
    );
    let (code, json) = laurel(&[
        "--netuid=1",
        "--uid=3",
        "--epochs=1",
        &format!("--data={data}"),
        &format!("--export={file}"),
    ]);
    assert_eq!((code, &json["receipts"]), (0, &json!(7)));
    assert_eq!(Bundle::read(Path::new(&file)).unwrap().epochs[0].leaves.len(), 7);

    let model = format!("--model={}", model_folder().display());
    let (code, json) = laurel(&[&format!("--bundle={file}"), &model, "--threads=1"]);
    let outcome = |json: &Value, at: usize| json["receipts"][at]["outcome"].as_str().unwrap().to_owned();
    assert_eq!((code, &json["differs"]), (0, &json!(false)), "{json:#}");
    assert_eq!(
        [outcome(&json, 0), outcome(&json, 1), outcome(&json, 4)],
        ["cannot", "recomputed", "recomputed"]
    );
    assert_eq!(json["epochs"][0]["on_chain"]["outcome"], "not_compared");

    let forged = forged(&bundle, 1, |it| it.score = Score(it.score.0 - 1));
    forged.write(Path::new(&forgery)).unwrap();
    let (code, json) = laurel(&[&format!("--bundle={forgery}"), &model, "--threads=1"]);
    assert_eq!((code, outcome(&json, 1).as_str()), (5, "differs"), "{json:#}");

    std::fs::write(&forgery, b"a letter to my aunt").unwrap();
    let (code, json) = laurel(&[&format!("--bundle={forgery}")]);
    assert_eq!((code, &json["error"]["name"]), (1, &json!("Local")));
}
