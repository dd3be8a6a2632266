//! Every preset builds a genesis that the runtime can go on from.
use crate::blocks::{check_books, genesis_of, run_to};
use frame_support::traits::Get;
use laurel_runtime::{configs::BlockWeights, genesis, laurel_api, Aura, BlockTime, Grandpa, Runtime, System};
use laurel_types::{Hyperparameters, LRL};
use serde_json::json;
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};

#[test]
fn the_presets_for_one_machine_run_at_one_second_with_the_authorities_they_name() {
    for (preset, authorities) in [("development", 1), ("local_testnet", 2)] {
        genesis_of(preset, |_| {}).execute_with(|| {
            assert_eq!(Aura::authorities_len(), authorities, "{preset}");
            assert_eq!(Grandpa::grandpa_authorities().len(), authorities, "{preset}");
            assert_eq!(BlockTime::slot_duration(), 1_000, "{preset}");
            assert_eq!(
                pallet_sudo::Key::<Runtime>::get(),
                Some(Sr25519Keyring::Alice.to_account_id())
            );
            run_to(40);
            let supply = laurel_api::supply();
            assert_eq!(supply.minted, 40 * LRL, "a token a block");
            assert_eq!(supply.genesis / LRL, 6_000_000);
            assert_eq!(supply.block_emission, LRL, "below the first halving");
        });
    }
}

#[test]
fn the_production_preset_gives_nothing_away_and_runs_once_authorities_are_filled_in() {
    let authorities = |patch: &mut serde_json::Value| {
        patch["aura"] = json!({ "authorities": [Sr25519Keyring::Eve.to_account_id()] });
        patch["grandpa"] = json!({ "authorities": [[Ed25519Keyring::Eve.to_account_id(), 1]] });
    };
    genesis_of("production", authorities).execute_with(|| {
        assert_eq!(BlockTime::slot_duration(), 12_000);
        assert_eq!(pallet_sudo::Key::<Runtime>::get(), None);
        let genesis = laurel_api::supply().genesis;
        assert_eq!(
            genesis, 1_000,
            "only the existential deposits of the reserve and the burn account"
        );
        let settings = pallet_laurel_subnets::Settings::<Runtime>::get();
        assert_eq!(settings.default_params, Hyperparameters::default());
        assert_eq!(settings.default_params.tempo, 360);
        run_to(5);
        assert_eq!(laurel_api::supply().issuance, genesis + 5 * LRL);
    });
}

#[test]
fn a_block_computes_for_two_fifths_of_its_slot() {
    let millis =
        |preset| genesis_of(preset, |_| {}).execute_with(|| BlockWeights::get().max_block.ref_time() / 1_000_000_000);
    assert_eq!(millis("local_testnet"), 400);
    assert_eq!(millis("production"), 4_800);
}

#[test]
fn every_preset_name_has_a_preset_and_no_other_has() {
    for name in genesis::preset_names() {
        genesis_of(&name, |_| {}).execute_with(|| {
            assert_eq!(System::block_number(), 0);
            check_books();
        });
    }
    assert!(genesis::preset(&"mainnet".into()).is_none());
}
