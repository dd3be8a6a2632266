//! Puts the node together: client, transaction pool, network, Aura, GRANDPA, RPC.
use crate::{chain_metrics, chain_spec, rpc};
use futures::FutureExt;
use laurel_runtime::{apis::RuntimeApi, Hash, OpaqueBlock as Block};
use sc_chain_spec::GenesisBlockBuilder;
use sc_client_api::{Backend, BlockBackend};
use sc_consensus_aura::{ImportQueueParams, SlotProportion, StartAuraParams};
use sc_consensus_grandpa::{FinalityProofProvider, SharedVoterState};
use sc_network::{config::FullNetworkConfiguration, NetworkBackend};
use sc_service::{Configuration, Error, TaskManager, WarpSyncConfig};
use sc_telemetry::{Telemetry, TelemetryWorker};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_api::ProvideRuntimeApi;
use sp_consensus_aura::{
    inherents::InherentDataProvider as SlotProvider,
    sr25519::{AuthorityId as AuraId, AuthorityPair as AuraPair},
    AuraApi,
};
use sp_timestamp::InherentDataProvider as TimestampProvider;
use std::{sync::Arc, time::Duration};

/// Holds and runs the chain.
pub type Client = sc_service::TFullClient<Block, RuntimeApi, sc_executor::WasmExecutor<sp_io::SubstrateHostFunctions>>;
type FullBackend = sc_service::TFullBackend<Block>;
type SelectChain = sc_consensus::LongestChain<FullBackend, Block>;
type GrandpaImport = sc_consensus_grandpa::GrandpaBlockImport<FullBackend, Block, Client, SelectChain>;
type GrandpaLink = sc_consensus_grandpa::LinkHalf<Block, Client, SelectChain>;

/// Transactions waiting for a block.
pub type Pool = sc_transaction_pool::TransactionPoolHandle<Block, Client>;

/// The parts that need no network; commands on the database use them too.
pub type Parts = sc_service::PartialComponents<
    Client,
    FullBackend,
    SelectChain,
    sc_consensus::DefaultImportQueue<Block>,
    Pool,
    (GrandpaImport, GrandpaLink, Option<Telemetry>),
>;

/// Blocks after which a justification is kept at the latest, for those who sync by proofs.
const JUSTIFICATION_PERIOD: u32 = 512;

/// Longest time that a GRANDPA message is expected to take; a quarter of the slot where that is shorter, so that
/// finality keeps up with fast chains.
const MAX_GOSSIP: Duration = Duration::from_millis(333);

/// Part of a slot in which a block is put together; the rest is for the network.
const PROPOSAL_PORTION: f32 = 0.5;

/// Opens the database and builds everything that needs no network.
pub fn parts(config: &Configuration) -> Result<Parts, Error> {
    let telemetry = config
        .telemetry_endpoints
        .clone()
        .filter(|endpoints| !endpoints.is_empty())
        .map(|endpoints| -> Result<_, sc_telemetry::Error> {
            let worker = TelemetryWorker::new(16)?;
            let telemetry = worker.handle().new_telemetry(endpoints);
            Ok((worker, telemetry))
        })
        .transpose()?;

    let executor = sc_service::new_wasm_executor(&config.executor);
    let backend = sc_service::new_db_backend(config.db_config())?;
    let genesis = config
        .chain_spec
        .as_storage_builder()
        .build_storage()
        .map_err(Error::Other)?;
    let genesis_root = chain_spec::state_root(genesis.clone());
    let genesis_builder =
        GenesisBlockBuilder::new_with_storage(genesis, !config.no_genesis(), backend.clone(), executor.clone())?;
    let (client, backend, keystore_container, task_manager) =
        sc_service::new_full_parts_with_genesis_builder::<Block, RuntimeApi, _, _>(
            config,
            telemetry.as_ref().map(|(_, telemetry)| telemetry.handle()),
            executor,
            backend,
            genesis_builder,
            false,
        )?;
    let client = Arc::new(client);
    require_genesis(&client, genesis_root)?;
    require_authorities(&client)?;

    let telemetry = telemetry.map(|(worker, telemetry)| {
        task_manager.spawn_handle().spawn("telemetry", None, worker.run());
        telemetry
    });
    let select_chain = sc_consensus::LongestChain::new(backend.clone());
    let transaction_pool = Arc::new(
        sc_transaction_pool::Builder::new(
            task_manager.spawn_essential_handle(),
            client.clone(),
            config.role.is_authority().into(),
        )
        .with_options(config.transaction_pool.clone())
        .with_prometheus(config.prometheus_registry())
        .build(),
    );
    let (grandpa_import, grandpa_link) = sc_consensus_grandpa::block_import(
        client.clone(),
        JUSTIFICATION_PERIOD,
        &client,
        select_chain.clone(),
        telemetry.as_ref().map(Telemetry::handle),
    )?;

    let slot_duration = sc_consensus_aura::slot_duration(&*client)?;
    let import_queue = sc_consensus_aura::import_queue::<AuraPair, _, _, _, _, _>(ImportQueueParams {
        block_import: grandpa_import.clone(),
        justification_import: Some(Box::new(grandpa_import.clone())),
        client: client.clone(),
        create_inherent_data_providers: move |_, ()| async move { Ok(slot_and_time(slot_duration)) },
        spawner: &task_manager.spawn_essential_handle(),
        registry: config.prometheus_registry(),
        check_for_equivocation: Default::default(),
        telemetry: telemetry.as_ref().map(Telemetry::handle),
        compatibility_mode: Default::default(),
    })?;

    Ok(Parts {
        client,
        backend,
        task_manager,
        import_queue,
        keystore_container,
        select_chain,
        transaction_pool,
        other: (grandpa_import, grandpa_link, telemetry),
    })
}

/// A database that began with another genesis belongs to another chain, whatever its name.
fn require_genesis(client: &Client, state_root: Hash) -> Result<(), Error> {
    let hash = client.chain_info().genesis_hash;
    let header = client.header(hash)?.ok_or("the database has no genesis block")?;
    if header.state_root != state_root {
        return Err(Error::Other(format!(
            "the database holds another chain, with genesis {hash:?}: give another --base-path, or remove it with `laurel-node \
             purge-chain`"
        )));
    }
    Ok(())
}

/// A chain without authorities can neither start nor go on; the production preset leaves them to be filled in.
fn require_authorities(client: &Client) -> Result<(), Error> {
    // Not the genesis block's: a node that keeps the latest states only forgets that one.
    let best = client.chain_info().best_hash;
    let authorities: Vec<AuraId> = client
        .runtime_api()
        .authorities(best)
        .map_err(|error| Error::Application(error.into()))?;
    if authorities.is_empty() {
        return Err(Error::Other(
            "this chain has no authorities: export it with `laurel-node export-chain-spec --chain production`, fill in \
             aura and grandpa authorities and the members of the first council (councilMembership), and start with \
             --chain FILE and an empty --base-path"
                .into(),
        ));
    }
    Ok(())
}

/// What an author says of slot and time, now.
fn slot_and_time(slot_duration: sp_consensus_aura::SlotDuration) -> (SlotProvider, TimestampProvider) {
    let timestamp = TimestampProvider::from_system_time();
    (
        SlotProvider::from_timestamp_and_slot_duration(*timestamp, slot_duration),
        timestamp,
    )
}

/// Starts the node. The tasks run until the manager that is returned is dropped.
pub fn start<N: NetworkBackend<Block, Hash>>(config: Configuration) -> Result<TaskManager, Error> {
    let parts = parts(&config)?;
    let genesis = parts.client.block_hash(0)?.ok_or("the database has no genesis block")?;

    let mut net_config =
        FullNetworkConfiguration::<_, _, N>::new(&config.network, config.prometheus_registry().cloned());
    let metrics = N::register_notification_metrics(config.prometheus_registry());
    let grandpa_protocol = sc_consensus_grandpa::protocol_standard_name(&genesis, &config.chain_spec);
    let (grandpa_notifications, grandpa_service) = sc_consensus_grandpa::grandpa_peers_set_config::<_, N>(
        grandpa_protocol.clone(),
        metrics.clone(),
        net_config.peer_store_handle(),
    );
    net_config.add_notification_protocol(grandpa_notifications);

    let Parts {
        client,
        backend,
        mut task_manager,
        import_queue,
        keystore_container,
        select_chain,
        transaction_pool,
        other: (grandpa_import, grandpa_link, mut telemetry),
    } = parts;
    let warp_sync = sc_consensus_grandpa::warp_proof::NetworkProvider::new(
        backend.clone(),
        grandpa_link.shared_authority_set().clone(),
        Vec::new(),
    );
    let (network, system_rpc_tx, tx_handler_controller, sync_service, _) =
        sc_service::build_network(sc_service::BuildNetworkParams {
            config: &config,
            net_config,
            client: client.clone(),
            transaction_pool: transaction_pool.clone(),
            spawn_handle: task_manager.spawn_handle(),
            spawn_essential_handle: task_manager.spawn_essential_handle(),
            import_queue,
            block_announce_validator_builder: None,
            warp_sync_config: Some(WarpSyncConfig::WithProvider(Arc::new(warp_sync))),
            block_relay: None,
            metrics,
            gap_sync_body_policy: None,
        })?;

    if config.offchain_worker.enabled {
        let workers = sc_offchain::OffchainWorkers::new(sc_offchain::OffchainWorkerOptions {
            runtime_api_provider: client.clone(),
            is_validator: config.role.is_authority(),
            keystore: Some(keystore_container.keystore()),
            offchain_db: backend.offchain_storage(),
            transaction_pool: Some(OffchainTransactionPoolFactory::new(transaction_pool.clone())),
            network_provider: Arc::new(network.clone()),
            enable_http_requests: false,
            custom_extensions: |_| vec![],
        })?;
        let run = workers.run(client.clone(), task_manager.spawn_handle()).boxed();
        task_manager
            .spawn_handle()
            .spawn("offchain-workers-runner", "offchain-worker", run);
    }

    let shared_voter_state = SharedVoterState::empty();
    let rpc_builder = {
        let client = client.clone();
        let pool = transaction_pool.clone();
        let grandpa = rpc::GrandpaParts {
            shared_voter_state: shared_voter_state.clone(),
            shared_authority_set: grandpa_link.shared_authority_set().clone(),
            justification_stream: grandpa_link.justification_stream(),
            finality_proofs: FinalityProofProvider::new_for_service(
                backend.clone(),
                Some(grandpa_link.shared_authority_set().clone()),
            ),
        };
        Box::new(move |executor| {
            rpc::module(client.clone(), pool.clone(), &grandpa, executor)
                .map_err(|error| Error::Application(error.into()))
        })
    };

    let role = config.role;
    let force_authoring = config.force_authoring;
    let node_name = config.network.node_name.clone();
    let enable_grandpa = !config.disable_grandpa;
    let prometheus_registry = config.prometheus_registry().cloned();
    if let Some(registry) = &prometheus_registry {
        chain_metrics::register(client.clone(), registry).map_err(|error| Error::Application(error.into()))?;
    }
    sc_service::spawn_tasks(sc_service::SpawnTasksParams {
        config,
        client: client.clone(),
        backend,
        task_manager: &mut task_manager,
        keystore: keystore_container.keystore(),
        transaction_pool: transaction_pool.clone(),
        rpc_builder,
        network: Arc::new(network.clone()),
        system_rpc_tx,
        tx_handler_controller,
        sync_service: sync_service.clone(),
        telemetry: telemetry.as_mut(),
        tracing_execute_block: None,
    })?;

    let slot_duration = sc_consensus_aura::slot_duration(&*client)?;
    if role.is_authority() {
        let proposer_factory = sc_basic_authorship::ProposerFactory::new(
            task_manager.spawn_handle(),
            client.clone(),
            transaction_pool.clone(),
            prometheus_registry.as_ref(),
            telemetry.as_ref().map(Telemetry::handle),
        );
        let aura = sc_consensus_aura::start_aura::<AuraPair, _, _, _, _, _, _, _, _, _, _>(StartAuraParams {
            slot_duration,
            client,
            select_chain,
            block_import: grandpa_import,
            proposer_factory,
            create_inherent_data_providers: move |_, ()| async move { Ok(slot_and_time(slot_duration)) },
            force_authoring,
            backoff_authoring_blocks: None::<()>,
            keystore: keystore_container.keystore(),
            sync_oracle: sync_service.clone(),
            justification_sync_link: sync_service.clone(),
            block_proposal_slot_portion: SlotProportion::new(PROPOSAL_PORTION),
            max_block_proposal_slot_portion: None,
            telemetry: telemetry.as_ref().map(Telemetry::handle),
            compatibility_mode: Default::default(),
        })?;
        // A node that cannot make blocks any more must stop, so that its operator sees it.
        task_manager
            .spawn_essential_handle()
            .spawn_blocking("aura", Some("block-authoring"), aura);
    }

    if enable_grandpa {
        let voter = sc_consensus_grandpa::run_grandpa_voter(sc_consensus_grandpa::GrandpaParams {
            config: sc_consensus_grandpa::Config {
                gossip_duration: MAX_GOSSIP.min(slot_duration.as_duration() / 4),
                justification_generation_period: JUSTIFICATION_PERIOD,
                name: Some(node_name),
                observer_enabled: false,
                keystore: role.is_authority().then(|| keystore_container.keystore()),
                local_role: role,
                telemetry: telemetry.as_ref().map(Telemetry::handle),
                protocol_name: grandpa_protocol,
            },
            link: grandpa_link,
            network,
            sync: Arc::new(sync_service),
            notification_service: grandpa_service,
            // The usual rule also stays two blocks behind the best one, against forks at the head. Aura gives each slot to one
            // authority, so such forks are rare, and finality is two blocks sooner without it.
            voting_rule: sc_consensus_grandpa::VotingRulesBuilder::new()
                .add(sc_consensus_grandpa::ThreeQuartersOfTheUnfinalizedChain)
                .build(),
            prometheus_registry,
            shared_voter_state,
            telemetry: telemetry.as_ref().map(Telemetry::handle),
            offchain_tx_pool_factory: OffchainTransactionPoolFactory::new(transaction_pool),
        })?;
        task_manager
            .spawn_essential_handle()
            .spawn_blocking("grandpa-voter", None, voter);
    }
    Ok(task_manager)
}
