//! Child hotkeys in the whole runtime: a validator with borrowed stake speaks, is paid, and its parents with it.
use crate::{
    blocks::{check_books, genesis_of, run_to, signed},
    network::{commit, found_network, neuron, reveal, stake, succeed, SUBNET},
};
use laurel_runtime::{laurel_api, AccountId, Children, Runtime, Staking, System};
use laurel_support::Stake as _;
use laurel_types::{Balance, Proportion, Take, LRL};
use sp_keyring::Sr25519Keyring::{Bob, Charlie, Ferdie};

const ALL: Proportion = Proportion::ALL;

fn held(hotkey: &AccountId) -> Balance {
    let info = laurel_api::hotkey(hotkey).unwrap();
    info.stake + info.unreleased
}

/// Charlie's hotkey, a miner of [`found_network`], lends everything that Ferdie staked on it to Bob's validator.
pub fn lend() {
    succeed(vec![
        stake(Ferdie, 0, Charlie, 12_000 * LRL),
        signed(
            Charlie,
            0,
            pallet_laurel_children::Call::set_children {
                hotkey: Charlie.to_account_id(),
                netuid: SUBNET,
                children: vec![(ALL, Bob.to_account_id())].try_into().unwrap(),
            },
        ),
    ]);
    succeed(vec![
        signed(
            Bob,
            0,
            pallet_laurel_children::Call::accept_parent {
                hotkey: Bob.to_account_id(),
                netuid: SUBNET,
                parent: Charlie.to_account_id(),
            },
        ),
        signed(
            Bob,
            1,
            pallet_laurel_children::Call::set_child_take {
                hotkey: Bob.to_account_id(),
                netuid: SUBNET,
                take: Take(6_554),
            },
        ),
    ]);
}

#[test]
fn a_parent_is_paid_for_what_it_lent_and_no_leaf_is_lost() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        let (bob, charlie) = (Bob.to_account_id(), Charlie.to_account_id());
        found_network();
        lend();
        run_to(laurel_api::subnets()[0].next_epoch_at);
        assert_eq!(Children::stake_on(SUBNET, &charlie), 0);
        assert_eq!(
            Children::stake_on(SUBNET, &bob),
            Staking::stake(&bob) + Staking::stake(&charlie)
        );

        succeed(vec![commit()]);
        run_to(laurel_api::subnets()[0].next_epoch_at);
        succeed(vec![reveal()]);
        run_to(laurel_api::subnets()[0].next_epoch_at - 1);
        let (own, lent) = (Staking::stake(&bob), Staking::stake(&charlie));
        let before = (held(&bob), held(&charlie));
        System::reset_events();
        run_to(System::block_number() + 1);

        let paid = laurel_api::subnets()[0].last_epoch.unwrap();
        assert!(paid.validators > LRL, "{paid:?}");
        let mined = neuron(Charlie).scores.emission;
        let (bobs, charlies) = (held(&bob) - before.0, held(&charlie) - before.1 - mined);
        assert_eq!(
            bobs + charlies,
            paid.validators,
            "child and parent share the dividends to the unit"
        );
        // Stakes did not change in the epoch but by what was released before, a trifle.
        let part = (u128::from(paid.validators) * u128::from(lent) / u128::from(own + lent)) as Balance;
        let expected = part - Take(6_554).of(part);
        assert!(
            charlies.abs_diff(expected) <= expected / 1_000,
            "{charlies} instead of {expected}"
        );
        check_books();
    });
}

#[test]
fn what_is_borrowed_counts_for_permits_and_is_gone_with_the_uid() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        let (bob, charlie) = (Bob.to_account_id(), Charlie.to_account_id());
        found_network();
        lend();
        run_to(laurel_api::subnets()[0].next_epoch_at);
        // From here on the only stake behind Charlie's neuron is lent to Bob's: it must not speak.
        run_to(laurel_api::subnets()[0].next_epoch_at);
        run_to(laurel_api::subnets()[0].next_epoch_at);
        assert!(neuron(Bob).scores.permit);
        assert!(!neuron(Charlie).scores.permit, "nothing is left behind it");

        let uid = neuron(Bob).uid;
        use laurel_support::OnNeuronReplaced;
        <Children as OnNeuronReplaced>::on_neuron_replaced(SUBNET, uid);
        assert_eq!(Children::stake_on(SUBNET, &charlie), Staking::stake(&charlie));
        assert_eq!(pallet_laurel_children::Kin::<Runtime>::get(SUBNET, &bob), None);
    });
}
