//! The pallets together: a small network registers, stakes, votes, scores and is paid, and every unit stays accounted for.
use crate::blocks::{author, genesis_of, run_block, run_to, signed};
use frame_support::traits::fungible::Inspect;
use laurel_runtime::{laurel_api, AccountId, Balance, Balances, RuntimeCall, System, UncheckedExtrinsic};
use laurel_types::{
    commit_hash_preimage, consent_preimage, AcceptedModel, AxonAddress, HotkeyConsent, ModelKind, ModelRoot, NetUid,
    NeuronInfo, TokenizerRoot, Uid, WeightRow, LRL,
};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve, Ferdie};

pub const SUBNET: NetUid = NetUid(1);
const SALT: [u8; 32] = [7; 32];
const RECEIPTS: [u8; 32] = [9; 32];
pub const MODEL: ModelRoot = ModelRoot([1; 32]);

/// Applies all and demands that all succeed.
pub fn succeed(transactions: Vec<UncheckedExtrinsic>) {
    for result in run_block(transactions) {
        result.expect("the transaction is valid").expect("the call succeeds");
    }
}

/// The hotkey's signature that it belongs to the coldkey.
pub fn consent(hotkey: Sr25519Keyring, coldkey: Sr25519Keyring) -> Option<HotkeyConsent> {
    let genesis = System::block_hash(0);
    let message = consent_preimage(&genesis, &hotkey.to_account_id(), &coldkey.to_account_id());
    Some(HotkeyConsent(hotkey.sign(&message).0))
}

pub fn register_call(coldkey: Sr25519Keyring, hotkey: Sr25519Keyring) -> RuntimeCall {
    RuntimeCall::Neurons(pallet_laurel_neurons::Call::burned_register {
        netuid: SUBNET,
        hotkey: hotkey.to_account_id(),
        max_price: LRL,
        consent: consent(hotkey, coldkey),
    })
}

fn register(coldkey: Sr25519Keyring, ahead: u32, hotkey: Sr25519Keyring) -> UncheckedExtrinsic {
    signed(coldkey, ahead, register_call(coldkey, hotkey))
}

pub fn stake(coldkey: Sr25519Keyring, ahead: u32, hotkey: Sr25519Keyring, amount: Balance) -> UncheckedExtrinsic {
    signed(
        coldkey,
        ahead,
        pallet_laurel_staking::Call::add_stake {
            hotkey: hotkey.to_account_id(),
            amount,
        },
    )
}

pub fn neuron(hotkey: Sr25519Keyring) -> NeuronInfo<AccountId> {
    let neurons = laurel_api::metagraph(SUBNET).unwrap().neurons;
    neurons
        .into_iter()
        .find(|neuron| neuron.hotkey == hotkey.to_account_id())
        .unwrap()
}

/// Alice creates the subnet and names its model.
pub fn found_subnet() -> Vec<UncheckedExtrinsic> {
    let models = vec![AcceptedModel {
        root: MODEL,
        kind: ModelKind::Text,
        context: 512,
        tokenizer: TokenizerRoot([3; 32]),
        sampler: 1,
    }]
    .try_into()
    .unwrap();
    vec![
        signed(
            Alice,
            0,
            pallet_laurel_subnets::Call::create_subnet { max_lock: 100 * LRL },
        ),
        signed(
            Alice,
            1,
            pallet_laurel_subnets::Call::set_models { netuid: SUBNET, models },
        ),
    ]
}

/// Alice owns the subnet; Bob's validator (his own key) and Charlie's and Dave's miners are registered; Eve backs Bob; Bob holds a root
/// seat and votes for the subnet.
pub fn found_network() {
    let rest = vec![
        register(Bob, 0, Bob),
        register(Charlie, 0, Charlie),
        register(Dave, 0, Dave),
        stake(Bob, 1, Bob, 1_000 * LRL),
        stake(Eve, 0, Bob, 3_000 * LRL),
        signed(
            Bob,
            2,
            pallet_laurel_root::Call::register_seat {
                hotkey: Bob.to_account_id(),
                consent: None,
            },
        ),
        signed(
            Bob,
            3,
            pallet_laurel_root::Call::set_root_weights {
                hotkey: Bob.to_account_id(),
                weights: vec![(SUBNET, 1)].try_into().unwrap(),
            },
        ),
    ];
    succeed([found_subnet(), rest].concat());
}

/// Three parts for Charlie's miner, one for Dave's.
fn opinion() -> WeightRow {
    WeightRow::new(vec![(Uid(1), 300), (Uid(2), 100)]).unwrap()
}

pub fn commit() -> UncheckedExtrinsic {
    let preimage = commit_hash_preimage(SUBNET, neuron(Bob).registration, &opinion(), &RECEIPTS, 0, &SALT);
    let hash = sp_io::hashing::blake2_256(&preimage).into();
    signed(
        Bob,
        0,
        pallet_laurel_scoring::Call::commit_weights { netuid: SUBNET, hash },
    )
}

pub fn reveal() -> UncheckedExtrinsic {
    let call = pallet_laurel_scoring::Call::reveal_weights {
        netuid: SUBNET,
        row: opinion(),
        receipts_root: RECEIPTS,
        version_key: 0,
        salt: SALT,
    };
    signed(Bob, 0, call)
}

#[test]
fn a_network_pays_its_miners_validators_and_owner_and_loses_no_leaf() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        found_network();
        assert!(
            neuron(Bob).scores.permit,
            "the most staked may speak before the first epoch"
        );
        succeed(vec![commit()]);
        let first_end = laurel_api::subnets()[0].next_epoch_at;
        run_to(first_end);
        let carried = laurel_api::subnets()[0].last_epoch.unwrap();
        assert_eq!(
            carried.carried, carried.pot,
            "nothing is paid before weights were revealed"
        );

        succeed(vec![reveal()]);
        let before = laurel_api::stake_of(&Eve.to_account_id())[0].stake;
        let owner_before = Balances::total_balance(&Alice.to_account_id());
        run_to(laurel_api::subnets()[0].next_epoch_at);

        let paid = laurel_api::subnets()[0].last_epoch.unwrap();
        assert!(paid.pot > 10 * LRL, "{paid:?}");
        assert_eq!(paid.owner + paid.miners + paid.validators + paid.carried, paid.pot);
        assert_eq!(paid.owner, paid.pot * 18 / 100);
        assert!(paid.miners.abs_diff(paid.pot * 41 / 100) <= 1);
        assert!(paid.validators.abs_diff(paid.pot * 41 / 100) <= 1);
        assert!(Balances::total_balance(&Alice.to_account_id()) >= owner_before + paid.owner);

        let (honest, lesser) = (neuron(Charlie), neuron(Dave));
        assert!(honest.scores.emission > 2 * lesser.scores.emission && lesser.scores.emission > 0);
        assert_eq!(honest.scores.emission + lesser.scores.emission, paid.miners);
        assert_eq!(
            honest.stake, honest.scores.emission,
            "a miner's pay is its owner's stake"
        );

        // 82 % of the dividends are left after the take, which became Bob's stake at once; the rest is on its way to all that is
        // staked now, of which Eve has three thousand, and has arrived when the next epoch ends.
        let take = laurel_types::Take::MAX.of(paid.validators);
        let staked = 4_000 * LRL + take;
        let expected = (u128::from(paid.validators - take) * u128::from(3_000 * LRL) / u128::from(staked)) as Balance;
        let eve = || laurel_api::stake_of(&Eve.to_account_id()).remove(0);
        assert_eq!(eve().stake, before, "nothing is released yet");
        assert!(
            eve().unreleased.abs_diff(expected) <= 2,
            "{:?} instead of {expected}",
            eve()
        );
        run_to(laurel_api::subnets()[0].next_epoch_at);
        let earned = eve().stake - before;
        assert!(earned.abs_diff(expected) <= 2, "earned {earned}, expected {expected}");
    });
}

#[test]
fn emission_waits_in_the_reserve_until_the_root_votes_for_somebody() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        run_to(5);
        let waiting = laurel_api::supply().pending;
        assert_eq!(waiting, 5 * LRL + laurel_runtime::configs::EXISTENTIAL_DEPOSIT);
        found_network();
        run_to(laurel_api::root().next_split_at + 1);
        let subnet = &laurel_api::subnets()[0];
        assert!(subnet.pot > 10 * LRL, "the reserve went to the only subnet: {subnet:?}");
        assert_eq!(laurel_api::root().split.len(), 1);
    });
}

#[test]
fn fees_go_to_the_author_and_a_transfer_costs_about_a_ten_thousandth_of_a_token() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        let transfer = |ahead| {
            let call = pallet_balances::Call::transfer_keep_alive {
                dest: Dave.to_account_id().into(),
                value: LRL,
            };
            signed(Charlie, ahead, call)
        };
        let before = Balances::total_balance(&Charlie.to_account_id());
        let authors =
            || Balances::total_balance(&Alice.to_account_id()) + Balances::total_balance(&Bob.to_account_id());
        let authors_before = authors();
        let author_before = |account: &AccountId| Balances::total_balance(account);
        let alice_before = author_before(&Alice.to_account_id());
        succeed(vec![transfer(0)]);
        let fee = before - LRL - Balances::total_balance(&Charlie.to_account_id());
        assert!((LRL / 20_000..LRL / 5_000).contains(&fee), "the fee is {fee} leaves");
        assert_eq!(authors() - authors_before, fee);
        let alice_earned = author_before(&Alice.to_account_id()) - alice_before;
        assert_eq!(alice_earned, if author() == Alice.to_account_id() { fee } else { 0 });
    });
}

#[test]
fn weights_that_succeed_return_their_fee() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        found_network();
        let before = Balances::total_balance(&Bob.to_account_id());
        // Bob is an authority too, so what he pays must not come back to him as the author's fee.
        while author() == Alice.to_account_id() {
            run_block(Vec::new());
        }
        succeed(vec![commit()]);
        assert_eq!(author(), Alice.to_account_id());
        assert_eq!(Balances::total_balance(&Bob.to_account_id()), before);
    });
}

#[test]
fn dust_goes_to_the_burn_account() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        let newcomer = Sr25519Keyring::One;
        let pay = |to: Sr25519Keyring, value| pallet_balances::Call::transfer_allow_death {
            dest: to.to_account_id().into(),
            value,
        };
        succeed(vec![signed(Ferdie, 0, pay(newcomer, LRL))]);
        let burned = laurel_api::supply().burned;
        let call: RuntimeCall = pay(Ferdie, LRL - 1_000_000).into();
        let fee_less = signed(newcomer, 0, call);
        succeed(vec![fee_less]);
        let left = Balances::total_balance(&newcomer.to_account_id());
        // The fee left less than a million leaves; now leave less than the existential deposit.
        let spend = left - fee_of(newcomer, left) - 400;
        succeed(vec![signed(newcomer, 0, pay(Ferdie, spend))]);
        assert_eq!(Balances::total_balance(&newcomer.to_account_id()), 0);
        assert_eq!(laurel_api::supply().burned - burned, 400);
    });
}

/// What a transfer by `from` costs.
fn fee_of(from: Sr25519Keyring, value: Balance) -> Balance {
    let call = pallet_balances::Call::transfer_allow_death {
        dest: Ferdie.to_account_id().into(),
        value,
    };
    let transaction = signed(from, 0, call);
    let length = codec::Encode::encoded_size(&transaction) as u32;
    laurel_runtime::TransactionPayment::query_info(transaction, length).partial_fee
}

#[test]
fn an_axon_on_this_machine_counts_on_a_local_chain_and_expires() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        found_network();
        let publish = pallet_laurel_neurons::Call::publish_axon {
            netuid: SUBNET,
            address: AxonAddress::V4([127, 0, 0, 1], 8_091),
            protocol: 1,
            model: MODEL,
        };
        succeed(vec![signed(Charlie, 0, publish)]);
        let axon = neuron(Charlie).axon.expect("the axon was just published");
        run_to(axon.expires_at - 1);
        assert!(neuron(Charlie).axon.is_some());
        run_block(Vec::new());
        assert_eq!(neuron(Charlie).axon, None);
        assert_eq!(System::block_number(), axon.expires_at);
    });
}

#[test]
fn quotes_are_what_is_charged_in_the_next_block() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        found_network();
        let price = laurel_api::quote_register(SUBNET).unwrap();
        let burned = laurel_api::supply().burned;
        succeed(vec![register(Eve, 0, Eve)]);
        assert_eq!(laurel_api::supply().burned - burned, price);

        let lock = laurel_api::quote_create_subnet();
        let locked = laurel_api::supply().locked;
        succeed(vec![signed(
            Eve,
            0,
            pallet_laurel_subnets::Call::create_subnet { max_lock: lock },
        )]);
        assert_eq!(laurel_api::supply().locked - locked, lock);
        assert_eq!(laurel_api::quote_register(NetUid(9)), None);
    });
}
