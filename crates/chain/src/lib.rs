//! The chain client: typed reads, transactions, events, reconnecting.
//!
//! A [`ChainClient`] holds one WebSocket connection to one of the given endpoints and replaces it when it breaks.
//! Reads are runtime-API calls that decode into the records of `laurel_types`; transactions are encoded from a
//! [`Call`] with the pallet and call numbers of the chain's own metadata. No code is generated from a runtime, so a
//! runtime upgrade that keeps names and records needs no new client.
//!
//! ```no_run
//! use laurel_chain::{Call, ChainClient, ConnectOptions, SubmitOptions};
//! use laurel_types::{NetUid, LRL};
//!
//! # async fn example(key: &subxt_signer::sr25519::Keypair) -> Result<(), laurel_chain::ChainError> {
//! let client = ChainClient::connect(&["ws://127.0.0.1:9944".into()], ConnectOptions::default()).await?;
//! if let Some(metagraph) = client.metagraph(NetUid(1), None).await? {
//!     println!("{} neurons at block {}", metagraph.neurons.len(), metagraph.block);
//! }
//! let hotkey = key.public_key().into();
//! // The key is its own coldkey here, and says so.
//! let consent = Some(laurel_chain::consent(client.genesis_hash(), key, &hotkey));
//! let register = Call::BurnedRegister { netuid: NetUid(1), hotkey, max_price: LRL, consent };
//! let included = client.submit(key, register, SubmitOptions::default()).await?;
//! println!("registered in block {}", included.block.number);
//! # Ok(())
//! # }
//! ```

mod account;
mod ahead;
mod blocks;
mod call;
pub mod calls;
mod connection;
mod consent;
mod constant;
mod error;
mod event;
mod follow;
mod nonce;
mod offline;
mod read;
mod record;
mod runtime;
mod sign;
mod storage;
mod submit;
mod validity;
mod watcher;

pub use account::{AccountId, NotAnAddress};
pub use ahead::SignedAhead;
pub use blocks::{Block, BlockHash};
pub use call::{call_hash, Argument, Call, NamedCall};
pub use connection::{ChainClient, ConnectOptions};
pub use consent::consent;
pub use error::{ChainError, DispatchFailure, PoolRefusal};
pub use event::{module_failure, Event};
pub use offline::{Described, OpenTransaction, SignedTransaction, UnsignedTransaction, MAX_LIFETIME};
pub use read::AccountBalance;
pub use record::read_call;
pub use storage::Key;
pub use submit::{Included, SubmitOptions, Wait};
pub use validity::Cost;
pub use watcher::{Stage, Watcher};

/// The key type that signs transactions.
pub use subxt_signer::sr25519::Keypair;
