//! A chain without a node: a preset's genesis in memory, and blocks executed as the node executes them.
use codec::Encode;
use frame_support::genesis_builder_helper::{build_state, get_preset};
use laurel_runtime::{
    genesis, laurel_api,
    signing::{extension, seal},
    Aura, Balance, Balances, BlockTime, Executive, Header, Runtime, RuntimeCall, RuntimeGenesisConfig, SignedPayload,
    System, UncheckedExtrinsic,
};
use serde_json::Value;
use sp_consensus_aura::{Slot, AURA_ENGINE_ID};
use sp_io::TestExternalities;
use sp_keyring::Sr25519Keyring;
use sp_runtime::{traits::Header as _, ApplyExtrinsicResult, Digest, DigestItem};

/// The state right after the genesis of a preset, as `GenesisBuilder` makes it from the preset's patch; `change` may fill the
/// patch in before.
pub fn genesis_of(preset: &str, change: impl FnOnce(&mut Value)) -> TestExternalities {
    let mut state = TestExternalities::new_empty();
    state.execute_with(|| {
        let read = |json: Option<Vec<u8>>| serde_json::from_slice::<Value>(&json.unwrap()).unwrap();
        let mut config = read(get_preset::<RuntimeGenesisConfig>(&None, genesis::preset));
        let mut patch = read(get_preset::<RuntimeGenesisConfig>(
            &Some(preset.into()),
            genesis::preset,
        ));
        change(&mut patch);
        merge(&mut config, patch);
        build_state::<RuntimeGenesisConfig>(serde_json::to_vec(&config).unwrap()).unwrap();
    });
    state
}

/// JSON merge patch (RFC 7386), as chain specs apply it.
fn merge(target: &mut Value, patch: Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (key, value) in patch {
                merge(target.entry(key).or_insert(Value::Null), value);
            }
        }
        (target, patch) => *target = patch,
    }
}

/// Executes the next block with these transactions and checks that the books still balance. Returns what became of each.
pub fn run_block(transactions: Vec<UncheckedExtrinsic>) -> Vec<ApplyExtrinsicResult> {
    begin_block();
    let results = transactions.into_iter().map(Executive::apply_extrinsic).collect();
    Executive::finalize_block();
    check_books();
    results
}

/// Begins the next block and sets its time.
pub fn begin_block() {
    let number = System::block_number() + 1;
    let slot = next_slot();
    let digest = Digest {
        logs: vec![DigestItem::PreRuntime(AURA_ENGINE_ID, slot.encode())],
    };
    Executive::initialize_block(&Header::new(
        number,
        Default::default(),
        Default::default(),
        parent_hash(),
        digest,
    ));
    let now = *slot * BlockTime::slot_duration();
    let set_time = RuntimeCall::Timestamp(pallet_timestamp::Call::set { now });
    Executive::apply_extrinsic(UncheckedExtrinsic::new_bare(set_time))
        .unwrap()
        .unwrap();
}

/// Executes empty blocks until `number` is done.
pub fn run_to(number: u32) {
    while System::block_number() < number {
        run_block(Vec::new());
    }
}

fn next_slot() -> Slot {
    // Not from zero, so that the first block too is later than the genesis.
    (*pallet_aura::CurrentSlot::<Runtime>::get())
        .max(1_000)
        .saturating_add(1)
        .into()
}

/// Stands for the hash of the parent: every block needs another one, and the genesis block has one.
fn parent_hash() -> sp_core::H256 {
    match System::block_number() {
        0 => System::block_hash(0),
        number => sp_core::H256::from_low_u64_be(u64::from(number)),
    }
}

/// Issuance is what genesis and blocks made, and exactly what lies in accounts and claims.
pub fn check_books() {
    let supply = laurel_api::supply();
    assert_eq!(supply.issuance, Balances::total_issuance());
    assert_eq!(
        supply.issuance,
        supply.genesis + supply.minted,
        "issuance = genesis + minted"
    );
    let accounts: Balance = frame_system::Account::<Runtime>::iter_values()
        .map(|account| account.data.free + account.data.reserved)
        .sum();
    assert_eq!(supply.issuance, accounts, "issuance = the sum of all accounts");
    let pools: Balance = pallet_laurel_staking::Hotkeys::<Runtime>::iter_values()
        .map(|hotkey| hotkey.pool.total())
        .sum();
    assert_eq!(supply.staked, pools, "the staking pot = the sum of all pools");
    let held: Balance = laurel_api::subnets()
        .iter()
        .map(|subnet| {
            pallet_laurel_subnets::Subnets::<Runtime>::get(subnet.netuid)
                .unwrap()
                .lock
        })
        .sum();
    assert_eq!(supply.locked, held, "locks = what is held from owners");
}

/// `call`, signed by `signer` with the next of its nonces that is `ahead` of the stored one.
pub fn signed(signer: Sr25519Keyring, ahead: u32, call: impl Into<RuntimeCall>) -> UncheckedExtrinsic {
    signed_with_tip(signer, ahead, call, 0)
}

/// The same with a tip.
pub fn signed_with_tip(
    signer: Sr25519Keyring,
    ahead: u32,
    call: impl Into<RuntimeCall>,
    tip: Balance,
) -> UncheckedExtrinsic {
    let account = signer.to_account_id();
    let nonce = System::account_nonce(&account) + ahead;
    let payload = SignedPayload::new(call.into(), extension(nonce, tip)).unwrap();
    seal(&signer.pair(), payload)
}

/// Who made the block that was executed last.
pub fn author() -> laurel_runtime::AccountId {
    let slot = *pallet_aura::CurrentSlot::<Runtime>::get();
    let index = slot as usize % Aura::authorities_len();
    let authority = pallet_aura::Authorities::<Runtime>::get()[index].clone();
    sp_core::sr25519::Public::from(authority).into()
}
