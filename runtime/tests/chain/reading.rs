//! What clients read: the parts say the same as the whole.
use crate::{
    blocks::{genesis_of, run_block, run_to, signed},
    network::{commit, found_network, neuron, reveal, succeed, MODEL, SUBNET},
};
use laurel_runtime::{laurel_api, Runtime, System};
use laurel_types::{coldkey_swap_preimage, AxonAddress, NetUid, SignedBalance, StakeInfo, Uid, LRL};
use pallet_laurel_keys::{Call as Keys, ColdkeySwaps};
use sp_core::H256;
use sp_keyring::Sr25519Keyring::{Bob, Charlie, Dave, Eve, Ferdie};

#[test]
fn pages_put_together_are_the_metagraph() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        found_network();
        let whole = laurel_api::metagraph(SUBNET).unwrap().neurons;
        let page = |first, count| laurel_api::metagraph_page(SUBNET, Uid(first), count).unwrap();
        let pages = [page(0, 2).neurons, page(2, 2).neurons].concat();
        assert_eq!(pages, whole);
        assert_eq!((page(0, 2).total, page(9, 2).neurons.len()), (3, 0));
        assert_eq!(
            laurel_api::neuron(SUBNET, &Charlie.to_account_id()),
            Some(neuron(Charlie))
        );
        assert_eq!(laurel_api::neuron(SUBNET, &Ferdie.to_account_id()), None);
        assert_eq!(laurel_api::metagraph_page(NetUid(9), Uid(0), 1), None);
    });
}

#[test]
fn changes_are_those_after_a_block_and_everything_after_an_epoch() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        found_network();
        let founded = System::block_number();
        let changed = |since| {
            let neurons = laurel_api::metagraph_changes(SUBNET, since).unwrap().neurons;
            neurons.into_iter().map(|neuron| neuron.uid.0).collect::<Vec<_>>()
        };
        assert_eq!(changed(founded - 1), [0, 1, 2], "all registered in this block");
        run_block(Vec::new());
        assert!(changed(founded).is_empty());
        let publish = pallet_laurel_neurons::Call::publish_axon {
            netuid: SUBNET,
            address: AxonAddress::V4([127, 0, 0, 1], 8_091),
            protocol: 1,
            model: MODEL,
        };
        succeed(vec![signed(Charlie, 0, publish)]);
        assert_eq!(changed(founded), [1]);
        let published = System::block_number();
        assert!(changed(published).is_empty());
        assert!(neuron(Charlie).axon.is_some());
        let withdraw = pallet_laurel_neurons::Call::withdraw_axon { netuid: SUBNET };
        succeed(vec![signed(Charlie, 0, withdraw)]);
        assert_eq!(changed(published), [1], "it serves no longer");
        assert_eq!(neuron(Charlie).axon, None);
        let before = System::block_number();
        run_to(laurel_api::subnets()[0].next_epoch_at);
        assert_eq!(changed(before), [0, 1, 2], "the epoch gave new scores to all");
    });
}

#[test]
fn a_portfolio_is_everything_a_coldkey_has_with_the_pools_it_is_in() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        found_network();
        let portfolio = laurel_api::portfolio(&Eve.to_account_id());
        assert_eq!(portfolio.staked, 3_000 * LRL);
        let [position] = &portfolio.positions[..] else {
            panic!("Eve backs one hotkey: {portfolio:?}")
        };
        assert_eq!(position.pool.coldkey, Bob.to_account_id());
        assert_eq!(position.pool.stake, 4_000 * LRL);
        assert_eq!(position.stake, laurel_api::stake_of(&Eve.to_account_id())[0]);
        assert!(portfolio.free > 900_000 * LRL);
        assert!(laurel_api::portfolio(&Charlie.to_account_id()).positions.is_empty());
    });
}

#[test]
fn what_all_positions_earned_is_what_epochs_paid() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        found_network();
        let subnet = || laurel_api::subnets().remove(0);
        succeed(vec![commit()]);
        run_to(subnet().next_epoch_at);
        succeed(vec![reveal()]);
        run_to(subnet().next_epoch_at);
        let paid = subnet().last_epoch.unwrap();
        let everybody = [Bob, Charlie, Dave, Eve].map(|who| laurel_api::portfolio(&who.to_account_id()));
        let positions = || everybody.iter().flat_map(|portfolio| &portfolio.positions);
        for StakeInfo {
            stake,
            principal,
            earned,
            ..
        } in positions().map(|position| &position.stake)
        {
            assert_eq!(*earned, *stake as SignedBalance - principal);
        }
        let earned: SignedBalance = everybody.iter().map(|portfolio| portfolio.earned).sum();
        let on_its_way: SignedBalance = positions()
            .map(|position| position.stake.unreleased as SignedBalance)
            .sum();
        let rounded = (paid.miners + paid.validators) as SignedBalance - earned - on_its_way;
        assert!(earned > 0 && on_its_way > 0);
        // Less than a leaf of each position's worth and of its part of what is on its way.
        assert!(
            (0..2 * positions().count() as SignedBalance).contains(&rounded),
            "{rounded}"
        );
        assert_eq!(everybody[3].positions[0].stake.principal, 3_000 * LRL as SignedBalance);
    });
}

#[test]
fn deposits_are_found_by_gateway_and_by_payer() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        found_network();
        let (gateway, amount) = (Bob.to_account_id(), 2 * LRL);
        let deposit = pallet_laurel_prepaid::Call::deposit {
            gateway: gateway.clone(),
            amount,
        };
        succeed(vec![signed(Eve, 0, deposit.clone()), signed(Ferdie, 0, deposit)]);
        let (eve, ferdie) = (Eve.to_account_id(), Ferdie.to_account_id());
        let of_eve = laurel_api::prepaid(&gateway, &eve).unwrap();
        assert_eq!(
            (of_eve.amount, of_eve.drawable, of_eve.available),
            (amount, amount, amount)
        );
        assert_eq!(laurel_api::prepaid_by(&eve), [of_eve]);
        let first = laurel_api::prepaid_for(&gateway, None, 1);
        let rest = laurel_api::prepaid_for(&gateway, Some(&first[0].payer), 9);
        let mut payers: Vec<_> = first.iter().chain(&rest).map(|prepaid| prepaid.payer.clone()).collect();
        payers.sort();
        let mut expected = vec![eve, ferdie];
        expected.sort();
        assert_eq!(payers, expected);
        assert_eq!(laurel_api::prepaid_terms().notice, 30);
        assert_eq!(laurel_api::prepaid(&Ferdie.to_account_id(), &gateway), None);
    });
}

#[test]
fn a_gateway_counts_on_no_deposit_that_a_coldkey_swap_can_take_elsewhere_within_a_notice() {
    let late = |patch: &mut serde_json::Value| {
        patch["keys"]["settings"]["coldkeySwapDelay"] = 40.into();
        patch["keys"]["settings"]["coldkeySwapWindow"] = 5.into();
    };
    genesis_of("local_testnet", late).execute_with(|| {
        found_network();
        let (gateway, payer, amount) = (Bob.to_account_id(), Eve.to_account_id(), LRL);
        let deposit = pallet_laurel_prepaid::Call::deposit {
            gateway: gateway.clone(),
            amount,
        };
        succeed(vec![signed(Eve, 0, deposit)]);
        let read = || {
            let deposit = laurel_api::prepaid(&gateway, &payer).expect("there is a deposit");
            assert_eq!(laurel_api::prepaid_by(&payer), std::slice::from_ref(&deposit));
            assert_eq!(
                laurel_api::prepaid_for(&gateway, None, 9),
                std::slice::from_ref(&deposit)
            );
            (deposit.available, deposit.drawable)
        };
        let announce = || {
            let preimage = coldkey_swap_preimage(&payer, &Ferdie.to_account_id(), &[3; 32]);
            let digest = H256(sp_io::hashing::blake2_256(&preimage));
            succeed(vec![signed(Eve, 0, Keys::announce_coldkey_swap { digest })]);
            ColdkeySwaps::<Runtime>::get(&payer).expect("it was just announced")
        };
        let swap = announce();
        let from = swap.executable_at - laurel_api::prepaid_terms().notice;
        run_to(from - 1);
        assert_eq!(read(), (amount, amount), "there is a notice's time left for drawing");
        run_to(from);
        assert_eq!(read(), (0, amount));
        run_to(swap.expires_at - 1);
        assert_eq!(read(), (0, amount));
        run_to(swap.expires_at);
        assert_eq!(read(), (amount, amount), "what has expired is executed no more");
        succeed(vec![signed(Eve, 0, Keys::cancel_coldkey_swap {})]);
        run_to(announce().executable_at);
        assert_eq!(read(), (0, amount));
        succeed(vec![signed(Eve, 0, Keys::cancel_coldkey_swap {})]);
        assert_eq!(read(), (amount, amount), "it stays where it is");
    });
}

#[test]
fn the_next_split_is_what_the_split_becomes() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        found_network();
        assert!(laurel_api::root().split.is_empty());
        let next = laurel_api::next_split();
        assert_eq!(next.len(), 1);
        run_to(laurel_api::root().next_split_at);
        assert_eq!(laurel_api::root().split, next);
    });
}

#[test]
fn the_emission_schedule_begins_where_the_chain_stands() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        run_to(1);
        let (schedule, supply) = (laurel_api::emission_schedule(), laurel_api::supply());
        assert_eq!(schedule.circulating, supply.issuance - supply.burned);
        assert_eq!(schedule.per_block, supply.block_emission);
        let blocks = schedule.blocks_to_halving.unwrap();
        let (before, after) = (
            schedule.circulating + (blocks - 1) * LRL,
            schedule.circulating + blocks * LRL,
        );
        let halving = schedule.steps[1].from;
        assert!(before < halving && halving <= after);
    });
}
