//! Whom a validator asks, and how often.
use crate::support::{embedding_work, embedding_work_with, Conduct, MODEL};
use laurel_chain::AccountId;
use laurel_types::{
    AcceptedModel, Axon, AxonAddress, EpochIndex, Hyperparameters, Metagraph, ModelKind, ModelRoot, NetUid, NeuronInfo,
    NeuronScores, RegistrationId, SubnetInfo, TokenizerRoot, Uid,
};
use laurel_validator::{
    announce::Moment,
    app::check_models,
    ask::Asker,
    asking::{absence, standing, Round, Standing},
    checking::Checker,
    rate::Policy,
    store::{Identity, Store},
    work::Works,
    Verdict,
};
use std::{sync::Arc, time::Duration};
use subxt_signer::sr25519::dev;

const OTHER: ModelRoot = ModelRoot([8; 32]);
const OWN: AccountId = AccountId([0; 32]);
const NOW: u32 = 100;

fn neuron(uid: u16, axon: Option<Axon>) -> NeuronInfo<AccountId> {
    NeuronInfo {
        uid: Uid(uid),
        hotkey: AccountId([uid as u8; 32]),
        coldkey: AccountId([200; 32]),
        registration: RegistrationId(u64::from(uid) + 1_000),
        registered_at: 1,
        stake: 0,
        axon,
        last_update: 0,
        scores: NeuronScores::default(),
    }
}

fn axon(model: ModelRoot, expires_at: u32, address: AxonAddress) -> Axon {
    Axon {
        address,
        protocol: laurel_protocol::PROTOCOL_VERSION,
        model,
        published_at: 1,
        expires_at,
    }
}

fn local(port: u16) -> AxonAddress {
    AxonAddress::V4([127, 0, 0, 1], port)
}

fn accepted() -> Vec<AcceptedModel> {
    let model = |root| AcceptedModel {
        root,
        kind: ModelKind::Embedding,
        context: 256,
        tokenizer: TokenizerRoot([4; 32]),
        sampler: 0,
    };
    vec![model(MODEL), model(OTHER)]
}

fn metagraph(neurons: Vec<NeuronInfo<AccountId>>) -> Metagraph<AccountId> {
    Metagraph {
        block: NOW,
        subnet: SubnetInfo {
            netuid: NetUid(3),
            owner: AccountId([201; 32]),
            hyperparameters: Hyperparameters {
                tempo: 12,
                ..Default::default()
            },
            models: accepted(),
            neurons: neurons.len() as u16,
            epoch: EpochIndex(8),
            epoch_started_at: 96,
            next_epoch_at: 108,
            pot: 0,
            emission_per_block: 0,
            registration_price: 1,
            last_epoch: None,
        },
        neurons,
    }
}

fn works() -> Works {
    Works::new(vec![embedding_work()])
}

/// A round with a store of its own, which is there as long as the folder.
fn round(concurrency: usize, works: Works) -> (Round, tempfile::TempDir) {
    let asker = Asker::new(dev::alice(), Duration::from_secs(2)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let identity = Identity {
        genesis: crate::support::GENESIS,
        netuid: NetUid(3),
        hotkey: OWN.0,
    };
    let store = Arc::new(Store::open(folder.path(), &identity).unwrap());
    let checker = Checker::new(works, store, Policy::default()).unwrap();
    (Round::new(crate::support::GENESIS, asker, checker, concurrency), folder)
}

#[tokio::test]
async fn an_axon_tells_whether_its_miner_can_be_asked() {
    let of = |axon| standing(&neuron(1, axon), NOW, &accepted(), &works());
    assert_eq!(of(Some(axon(MODEL, NOW + 1, local(7)))), Standing::Live(local(7)));
    assert_eq!(of(None), Standing::NoAxon);
    assert_eq!(of(Some(axon(MODEL, NOW, local(7)))), Standing::NoAxon, "expired");
    assert_eq!(of(Some(axon(OTHER, NOW + 1, local(7)))), Standing::OtherModel);
    assert_eq!(
        of(Some(axon(ModelRoot([9; 32]), NOW + 1, local(7)))),
        Standing::Unacceptable
    );
    let foreign = Axon {
        protocol: 99,
        ..axon(MODEL, NOW + 1, local(7))
    };
    assert_eq!(of(Some(foreign)), Standing::Unacceptable);
}

#[test]
fn absence_counts_against_a_miner_and_another_accepted_model_does_not() {
    assert_eq!(absence(Standing::NoAxon).unwrap().verdict, Verdict::NoAxon);
    let late = absence(Standing::Unacceptable).unwrap().verdict;
    assert_eq!(late, Verdict::NotAccepted);
    assert!(
        !late.is_proof_of_cheating(),
        "the chain took its axon: it only did not follow"
    );
    assert_eq!(absence(Standing::OtherModel), None);
    assert_eq!(absence(Standing::Live(local(1))), None);
}

#[tokio::test]
async fn every_live_miner_is_asked_in_turn_a_few_at_a_time_and_not_again_too_soon() {
    let address = crate::support::serve(Conduct::Honest).await;
    let mut neurons = vec![neuron(0, Some(axon(MODEL, 500, address))), neuron(9, None)];
    neurons.extend((1..=5).map(|uid| neuron(uid, Some(axon(MODEL, 500, address)))));
    let metagraph = metagraph(neurons);
    let (mut round, _folder) = round(2, works());
    let miners = round.live_miners(&metagraph, &OWN);
    assert_eq!(miners.len(), 5, "neither the validator itself nor whoever has no axon");

    let mut asked = Vec::new();
    for wave in [2, 2, 1] {
        let due = round.due(&miners, NOW, 12);
        assert_eq!(due.len(), wave);
        for (n, miner) in due.into_iter().enumerate() {
            asked.push(miner.subject.uid);
            let task = embedding_work().task(asked.len() as u64 * 4 + n as u64).unwrap();
            round.ask(miner, task, (EpochIndex(8), NOW));
        }
        assert!(round.due(&miners, NOW, 12).len() <= round.free());
        while round.free() < 2 {
            round.next().await;
        }
    }
    asked.sort();
    assert_eq!(asked, (1..=5).map(Uid).collect::<Vec<_>>());
    assert!(
        round.due(&miners, NOW + 3, 12).is_empty(),
        "all were asked three blocks ago"
    );
    assert_eq!(round.due(&miners, NOW + 4, 12).len(), 2);
    assert!(
        round.due(&miners, NOW + 29, 360).is_empty(),
        "in a long epoch the interval is a twelfth of it"
    );
}

#[test]
fn weights_go_out_near_the_end_of_an_epoch_by_whoever_may_speak() {
    let mut validator = neuron(0, None);
    let other = neuron(1, None);
    let at = |block, neurons: Vec<_>| Metagraph {
        block,
        ..metagraph(neurons)
    };
    let before = at(104, vec![validator.clone(), other.clone()]);
    let moment = Moment::of(&before, &validator);
    assert!(moment.permitted, "no epoch has given permits yet");
    assert!(!moment.is_closing());
    assert!(Moment { block: 105, ..moment }.is_closing());
    assert!(
        Moment { block: 110, ..moment }.is_closing(),
        "a late epoch is still closing"
    );

    let mut permitted = other;
    permitted.scores.permit = true;
    let after = at(104, vec![validator.clone(), permitted]);
    assert!(!Moment::of(&after, &validator).permitted);
    validator.scores.permit = true;
    assert!(Moment::of(&after, &validator).permitted);
}

#[tokio::test]
async fn a_validator_that_holds_the_next_model_too_follows_the_change() {
    let next = ModelRoot([6; 32]);
    let address = crate::support::serve(Conduct::Honest).await;
    let (stays, moves) = (axon(MODEL, 500, address), axon(next, 500, address));
    let before = metagraph(vec![neuron(1, Some(stays)), neuron(2, Some(stays))]);
    let mut after = metagraph(vec![neuron(1, Some(stays)), neuron(2, Some(moves))]);
    after.subnet.models = vec![AcceptedModel {
        root: next,
        ..accepted()[0]
    }];

    let works = Works::new(vec![embedding_work(), embedding_work_with(next)]);
    let (round, _folder) = round(2, works.clone());
    let asked = |metagraph| -> Vec<(Uid, ModelRoot)> {
        let miners = round.live_miners(metagraph, &OWN);
        miners
            .iter()
            .map(|miner| (miner.subject.uid, miner.subject.model))
            .collect()
    };
    assert_eq!(asked(&before), [(Uid(1), MODEL), (Uid(2), MODEL)]);
    assert_eq!(asked(&after), [(Uid(2), next)]);
    check_models(&before, &works).unwrap();
    check_models(&after, &works).unwrap();

    // Whoever stayed behind is not paid, whatever its rating; nor is one whose axon expired.
    let can = |axon| standing(&neuron(1, axon), NOW, &after.subnet.models, &works).can_be_asked();
    assert!(can(Some(moves)) && !can(Some(stays)) && !can(None));

    let left_behind = Works::new(vec![embedding_work()]);
    check_models(&before, &left_behind).unwrap();
    let error = check_models(&after, &left_behind).unwrap_err().to_string();
    assert!(
        error.contains(&hex::encode(next.0)) && error.contains(&hex::encode(MODEL.0)),
        "{error}"
    );
}

#[test]
fn a_task_names_the_model_that_is_to_answer() {
    let task = embedding_work().task(0).unwrap();
    let body: serde_json::Value = serde_json::from_slice(&task.body).unwrap();
    assert_eq!(body["model"], hex::encode(MODEL.0));
}
