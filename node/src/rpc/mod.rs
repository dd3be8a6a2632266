//! JSON-RPC: what every Substrate node answers, plus the `laurel_*` methods.
pub mod deposit;
pub mod error;
pub mod laurel;
pub mod portion;
pub mod view;

use crate::service::{Client, Pool};
use jsonrpsee::{server::RegisterMethodError, RpcModule};
use laurel::{Laurel, LaurelRpcServer};
use laurel_runtime::OpaqueBlock as Block;
use sc_consensus_grandpa::{FinalityProofProvider, GrandpaJustificationStream, SharedAuthoritySet, SharedVoterState};
use sc_consensus_grandpa_rpc::{Grandpa, GrandpaApiServer};
use sc_rpc::SubscriptionTaskExecutor;
use std::sync::Arc;

/// What the finality methods read.
pub struct GrandpaParts {
    /// State of the voter's rounds.
    pub shared_voter_state: SharedVoterState,
    /// Who votes.
    pub shared_authority_set: SharedAuthoritySet<laurel_runtime::Hash, laurel_runtime::BlockNumber>,
    /// Proofs of finality as they are made.
    pub justification_stream: GrandpaJustificationStream<Block>,
    /// Proofs of finality kept in the database.
    pub finality_proofs: Arc<FinalityProofProvider<sc_service::TFullBackend<Block>, Block>>,
}

/// All methods beside those that `sc-service` adds itself (chain, state, author, system, chainHead, archive, chainSpec).
pub fn module(
    client: Arc<Client>,
    pool: Arc<Pool>,
    grandpa: &GrandpaParts,
    executor: SubscriptionTaskExecutor,
) -> Result<RpcModule<()>, RegisterMethodError> {
    use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};
    use substrate_frame_rpc_system::{System, SystemApiServer};

    let mut module = RpcModule::new(());
    module.merge(Laurel::new(client.clone()).into_rpc())?;
    module.merge(System::new(client.clone(), pool).into_rpc())?;
    module.merge(TransactionPayment::new(client.clone()).into_rpc())?;
    module.merge(
        Grandpa::new(
            executor,
            grandpa.shared_authority_set.clone(),
            grandpa.shared_voter_state.clone(),
            grandpa.justification_stream.clone(),
            grandpa.finality_proofs.clone(),
        )
        .into_rpc(),
    )?;
    Ok(module)
}
