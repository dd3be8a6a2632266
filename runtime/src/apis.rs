//! What the node, its consensus, and clients call.
use crate::{
    admission, genesis, laurel_api, AccountId, Balance, BlockTime, Executive, Grandpa, InherentDataExt, Nonce, Runtime,
    RuntimeCall, RuntimeGenesisConfig, SessionKeys, System, TransactionPayment, VERSION,
};
use alloc::vec::Vec;
use frame_support::{
    genesis_builder_helper::{build_state, get_preset},
    weights::Weight,
};
use laurel_types::{
    BlockNumber, EmissionSchedule, HotkeyInfo, Metagraph, MetagraphChanges, MetagraphPage, NetUid, NeuronInfo,
    Portfolio, Prepaid, PrepaidTerms, RegistrationId, Replacement, RootInfo, StakeInfo, SubnetInfo, Supply, Uid,
    UnstakeQuote, ValidatorCommits, WeightRow,
};
use sp_api::impl_runtime_apis;
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_consensus_grandpa::AuthorityId as GrandpaId;
use sp_core::{crypto::KeyTypeId, OpaqueMetadata};
use sp_inherents::{CheckInherentsResult, InherentData};
use sp_runtime::{
    traits::{Block as BlockT, NumberFor},
    transaction_validity::{TransactionSource, TransactionValidity},
    ApplyExtrinsicResult,
};
use sp_session::OpaqueGeneratedSessionKeys;
use sp_version::RuntimeVersion;

type Block = crate::Block;

impl_runtime_apis! {
    impl sp_api::Core<Block> for Runtime {
        fn version() -> RuntimeVersion {
            VERSION
        }

        fn execute_block(block: <Block as BlockT>::LazyBlock) {
            Executive::execute_block(block)
        }

        fn initialize_block(header: &<Block as BlockT>::Header) -> sp_runtime::ExtrinsicInclusionMode {
            Executive::initialize_block(header)
        }
    }

    impl sp_api::Metadata<Block> for Runtime {
        fn metadata() -> OpaqueMetadata {
            OpaqueMetadata::new(Runtime::metadata().into())
        }

        fn metadata_at_version(version: u32) -> Option<OpaqueMetadata> {
            Runtime::metadata_at_version(version)
        }

        fn metadata_versions() -> Vec<u32> {
            Runtime::metadata_versions()
        }
    }

    impl frame_support::view_functions::runtime_api::RuntimeViewFunction<Block> for Runtime {
        fn execute_view_function(
            id: frame_support::view_functions::ViewFunctionId,
            input: Vec<u8>,
        ) -> Result<Vec<u8>, frame_support::view_functions::ViewFunctionDispatchError> {
            Runtime::execute_view_function(id, input)
        }
    }

    impl sp_block_builder::BlockBuilder<Block> for Runtime {
        fn apply_extrinsic(extrinsic: <Block as BlockT>::Extrinsic) -> ApplyExtrinsicResult {
            Executive::apply_extrinsic(extrinsic)
        }

        fn finalize_block() -> <Block as BlockT>::Header {
            Executive::finalize_block()
        }

        fn inherent_extrinsics(data: InherentData) -> Vec<<Block as BlockT>::Extrinsic> {
            data.create_extrinsics()
        }

        fn check_inherents(block: <Block as BlockT>::LazyBlock, data: InherentData) -> CheckInherentsResult {
            data.check_extrinsics(&block)
        }
    }

    impl sp_transaction_pool::runtime_api::TaggedTransactionQueue<Block> for Runtime {
        fn validate_transaction(
            source: TransactionSource,
            tx: <Block as BlockT>::Extrinsic,
            block_hash: <Block as BlockT>::Hash,
        ) -> TransactionValidity {
            admission::validate_transaction(source, tx, block_hash)
        }
    }

    impl sp_offchain::OffchainWorkerApi<Block> for Runtime {
        fn offchain_worker(header: &<Block as BlockT>::Header) {
            Executive::offchain_worker(header)
        }
    }

    impl sp_consensus_aura::AuraApi<Block, AuraId> for Runtime {
        fn slot_duration() -> sp_consensus_aura::SlotDuration {
            sp_consensus_aura::SlotDuration::from_millis(BlockTime::slot_duration())
        }

        fn authorities() -> Vec<AuraId> {
            pallet_aura::Authorities::<Runtime>::get().into_inner()
        }
    }

    impl sp_consensus_grandpa::GrandpaApi<Block> for Runtime {
        fn grandpa_authorities() -> sp_consensus_grandpa::AuthorityList {
            Grandpa::grandpa_authorities()
        }

        fn current_set_id() -> sp_consensus_grandpa::SetId {
            Grandpa::current_set_id()
        }

        fn submit_report_equivocation_unsigned_extrinsic(
            _equivocation_proof: sp_consensus_grandpa::EquivocationProof<
                <Block as BlockT>::Hash,
                NumberFor<Block>,
            >,
            _key_owner_proof: sp_consensus_grandpa::OpaqueKeyOwnershipProof,
        ) -> Option<()> {
            None
        }

        fn generate_key_ownership_proof(
            _set_id: sp_consensus_grandpa::SetId,
            _authority_id: GrandpaId,
        ) -> Option<sp_consensus_grandpa::OpaqueKeyOwnershipProof> {
            None
        }
    }

    impl sp_session::SessionKeys<Block> for Runtime {
        fn generate_session_keys(owner: Vec<u8>, seed: Option<Vec<u8>>) -> OpaqueGeneratedSessionKeys {
            SessionKeys::generate(&owner, seed).into()
        }

        fn decode_session_keys(encoded: Vec<u8>) -> Option<Vec<(Vec<u8>, KeyTypeId)>> {
            SessionKeys::decode_into_raw_public_keys(&encoded)
        }
    }

    impl frame_system_rpc_runtime_api::AccountNonceApi<Block, AccountId, Nonce> for Runtime {
        fn account_nonce(account: AccountId) -> Nonce {
            System::account_nonce(account)
        }
    }

    impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentApi<Block, Balance> for Runtime {
        fn query_info(
            uxt: <Block as BlockT>::Extrinsic,
            len: u32,
        ) -> pallet_transaction_payment_rpc_runtime_api::RuntimeDispatchInfo<Balance> {
            TransactionPayment::query_info(uxt, len)
        }

        fn query_fee_details(
            uxt: <Block as BlockT>::Extrinsic,
            len: u32,
        ) -> pallet_transaction_payment::FeeDetails<Balance> {
            TransactionPayment::query_fee_details(uxt, len)
        }

        fn query_weight_to_fee(weight: Weight) -> Balance {
            TransactionPayment::weight_to_fee(weight)
        }

        fn query_length_to_fee(length: u32) -> Balance {
            TransactionPayment::length_to_fee(length)
        }
    }

    impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentCallApi<Block, Balance, RuntimeCall>
        for Runtime
    {
        fn query_call_info(
            call: RuntimeCall,
            len: u32,
        ) -> pallet_transaction_payment::RuntimeDispatchInfo<Balance> {
            TransactionPayment::query_call_info(call, len)
        }

        fn query_call_fee_details(
            call: RuntimeCall,
            len: u32,
        ) -> pallet_transaction_payment::FeeDetails<Balance> {
            TransactionPayment::query_call_fee_details(call, len)
        }

        fn query_weight_to_fee(weight: Weight) -> Balance {
            TransactionPayment::weight_to_fee(weight)
        }

        fn query_length_to_fee(length: u32) -> Balance {
            TransactionPayment::length_to_fee(length)
        }
    }

    impl laurel_runtime_api::LaurelApi<Block, AccountId> for Runtime {
        fn subnets() -> Vec<SubnetInfo<AccountId>> {
            laurel_api::subnets()
        }

        fn metagraph(netuid: NetUid) -> Option<Metagraph<AccountId>> {
            laurel_api::metagraph(netuid)
        }

        fn metagraph_page(netuid: NetUid, first: Uid, count: u16) -> Option<MetagraphPage<AccountId>> {
            laurel_api::metagraph_page(netuid, first, count)
        }

        fn metagraph_changes(netuid: NetUid, since: BlockNumber) -> Option<MetagraphChanges<AccountId>> {
            laurel_api::metagraph_changes(netuid, since)
        }

        fn neuron(netuid: NetUid, hotkey: AccountId) -> Option<NeuronInfo<AccountId>> {
            laurel_api::neuron(netuid, &hotkey)
        }

        fn pending_commits(netuid: NetUid) -> Vec<ValidatorCommits> {
            laurel_api::pending_commits(netuid)
        }

        fn weights(netuid: NetUid) -> Vec<(RegistrationId, WeightRow)> {
            laurel_api::weights(netuid)
        }

        fn root() -> RootInfo<AccountId> {
            laurel_api::root()
        }

        fn next_split() -> Vec<(NetUid, u64)> {
            laurel_api::next_split()
        }

        fn portfolio(coldkey: AccountId) -> Portfolio<AccountId> {
            laurel_api::portfolio(&coldkey)
        }

        fn stake_of(coldkey: AccountId) -> Vec<StakeInfo<AccountId>> {
            laurel_api::stake_of(&coldkey)
        }

        fn hotkey(hotkey: AccountId) -> Option<HotkeyInfo<AccountId>> {
            laurel_api::hotkey(&hotkey)
        }

        fn quote_register(netuid: NetUid) -> Option<Balance> {
            laurel_api::quote_register(netuid)
        }

        fn quote_work(netuid: NetUid) -> Option<u64> {
            laurel_api::quote_work(netuid)
        }

        fn quote_create_subnet() -> Balance {
            laurel_api::quote_create_subnet()
        }

        fn quote_replacement() -> Option<Replacement<AccountId>> {
            laurel_api::quote_replacement()
        }

        fn quote_unstake(coldkey: AccountId, hotkey: AccountId, amount: Option<Balance>) -> Option<UnstakeQuote> {
            laurel_api::quote_unstake(&coldkey, &hotkey, amount)
        }

        fn prepaid(gateway: AccountId, payer: AccountId) -> Option<Prepaid<AccountId>> {
            laurel_api::prepaid(&gateway, &payer)
        }

        fn prepaid_by(payer: AccountId) -> Vec<Prepaid<AccountId>> {
            laurel_api::prepaid_by(&payer)
        }

        fn prepaid_for(gateway: AccountId, after: Option<AccountId>, count: u32) -> Vec<Prepaid<AccountId>> {
            laurel_api::prepaid_for(&gateway, after.as_ref(), count)
        }

        fn prepaid_terms() -> PrepaidTerms {
            laurel_api::prepaid_terms()
        }

        fn supply() -> Supply {
            laurel_api::supply()
        }

        fn emission_schedule() -> EmissionSchedule {
            laurel_api::emission_schedule()
        }
    }

    impl sp_genesis_builder::GenesisBuilder<Block> for Runtime {
        fn build_state(config: Vec<u8>) -> sp_genesis_builder::Result {
            build_state::<RuntimeGenesisConfig>(config)
        }

        fn get_preset(id: &Option<sp_genesis_builder::PresetId>) -> Option<Vec<u8>> {
            get_preset::<RuntimeGenesisConfig>(id, genesis::preset)
        }

        fn preset_names() -> Vec<sp_genesis_builder::PresetId> {
            genesis::preset_names()
        }
    }

    #[cfg(feature = "runtime-benchmarks")]
    impl frame_benchmarking::Benchmark<Block> for Runtime {
        fn benchmark_metadata(
            extra: bool,
        ) -> (Vec<frame_benchmarking::BenchmarkList>, Vec<frame_support::traits::StorageInfo>) {
            crate::benchmarks::metadata(extra)
        }

        fn dispatch_benchmark(
            config: frame_benchmarking::BenchmarkConfig,
        ) -> Result<Vec<frame_benchmarking::BenchmarkBatch>, alloc::string::String> {
            crate::benchmarks::dispatch(config)
        }
    }

    #[cfg(feature = "try-runtime")]
    impl frame_try_runtime::TryRuntime<Block> for Runtime {
        fn on_runtime_upgrade(checks: frame_try_runtime::UpgradeCheckSelect) -> (Weight, Weight) {
            // A failed check must stop the tool that called this; it never runs on a chain.
            let weight = Executive::try_runtime_upgrade(checks).expect("migrations and their checks hold");
            (weight, BlockTime::compute_budget())
        }

        fn execute_block(
            block: <Block as BlockT>::LazyBlock,
            state_root_check: bool,
            signature_check: bool,
            select: frame_try_runtime::TryStateSelect,
        ) -> Weight {
            Executive::try_execute_block(block, state_root_check, signature_check, select)
                .expect("the block executes and every try_state holds")
        }
    }
}
