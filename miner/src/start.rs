//! What must be true before a miner serves.
use crate::{Chain, LaurelChain, Limits, Membership, ServeArgs};
use laurel_chain::{AccountId, ChainClient, ChainError, ConnectOptions, Keypair};
use laurel_protocol::{Hotkey, Recipient};
use laurel_types::{AxonAddress, Metagraph, ModelKind, ModelRoot, NetUid};
use std::{fmt, net::SocketAddr, sync::Arc, time::Duration};
use tokio::net::TcpListener;

/// Who the miner is, on which chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Hash of block 0.
    pub genesis: [u8; 32],
    /// The subnet.
    pub netuid: NetUid,
    /// The miner's key.
    pub hotkey: Hotkey,
}

impl From<Identity> for Recipient {
    fn from(identity: Identity) -> Self {
        Self {
            genesis: identity.genesis,
            netuid: identity.netuid,
            hotkey: identity.hotkey,
        }
    }
}

/// Why a miner does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The chain does not answer, or is another one.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// There is no such subnet.
    #[error("subnet {netuid} does not exist on this chain: correct --netuid, `laurel subnets` lists those that do")]
    NoSubnet {
        /// The subnet.
        netuid: NetUid,
    },
    /// The hotkey holds no uid.
    #[error("the hotkey {hotkey} is not registered in subnet {netuid}: run `laurel register --netuid {netuid}` first")]
    NotRegistered {
        /// The hotkey.
        hotkey: Hotkey,
        /// The subnet.
        netuid: NetUid,
    },
    /// The subnet pays for none of the models.
    #[error(
        "subnet {netuid} does not pay for work with root {}: it accepts {}; serve one of these, a model with --model",
        Roots(.given), Roots(.accepted)
    )]
    ModelNotAccepted {
        /// The subnet.
        netuid: NetUid,
        /// Roots of the models given.
        given: Vec<ModelRoot>,
        /// Roots that would do.
        accepted: Vec<ModelRoot>,
    },
    /// The subnet asks for what a server behind the miner cannot give.
    #[error(
        "subnet {netuid} asks for activation proofs, which a server behind --engine openai cannot make: run the model with \
         --engine candle, or serve a subnet without them"
    )]
    ProofsAsked {
        /// The subnet.
        netuid: NetUid,
    },
    /// The address to listen on is taken, or not of this machine.
    #[error("cannot listen on {address} ({source}): stop what uses it, or choose another --listen address")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// Nobody could connect to the address to publish.
    #[error("{address} cannot be published, others could not connect to it: name the public address with --advertise")]
    NotDialable {
        /// The address.
        address: SocketAddr,
    },
}

/// Shows roots in hexadecimal.
pub(crate) struct Roots<'a>(pub(crate) &'a [ModelRoot]);

impl fmt::Display for Roots<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let roots: Vec<String> = self.0.iter().map(|root| hex::encode(root.0)).collect();
        f.write_str(if roots.is_empty() { "no model yet" } else { "" })?;
        f.write_str(&roots.join(" and "))
    }
}

/// A miner that is registered and has a port, but no model yet.
pub struct Start {
    pub(crate) identity: Identity,
    pub(crate) keypair: Keypair,
    pub(crate) chain: Arc<dyn Chain>,
    pub(crate) limits: Limits,
    pub(crate) listener: TcpListener,
    pub(crate) address: AxonAddress,
    metagraph: Metagraph<AccountId>,
}

impl fmt::Debug for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Start")
            .field("identity", &self.identity)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Start {
    /// Connects to the chain and checks what it says, and takes the port.
    ///
    /// # Errors
    /// What is missing and what to do about it, in one line.
    pub async fn connect(args: &ServeArgs, keypair: Keypair) -> Result<Self, StartError> {
        let options = ConnectOptions {
            deadline: Duration::from_secs(args.connect_deadline.into()),
            genesis: args.genesis,
            ..ConnectOptions::default()
        };
        let client = ChainClient::connect(&args.chain, options).await?;
        let chain = Arc::new(LaurelChain::new(client, keypair.clone()));
        Self::on(chain, keypair, args).await
    }

    /// The same on any chain and with any key; `args` names the rest.
    pub async fn on(chain: Arc<dyn Chain>, keypair: Keypair, args: &ServeArgs) -> Result<Self, StartError> {
        let netuid = args.netuid();
        let identity = Identity {
            genesis: chain.genesis(),
            netuid,
            hotkey: Hotkey::of(&keypair),
        };
        let metagraph = chain.metagraph(netuid).await?.ok_or(StartError::NoSubnet { netuid })?;
        if !metagraph
            .neurons
            .iter()
            .any(|neuron| neuron.hotkey.0 == identity.hotkey.0)
        {
            return Err(StartError::NotRegistered {
                hotkey: identity.hotkey,
                netuid,
            });
        }
        let listener = TcpListener::bind(args.listen)
            .await
            .map_err(|source| StartError::Listen {
                address: args.listen,
                source,
            })?;
        let address = public_address(&listener, args)?;
        Ok(Self {
            identity,
            keypair,
            chain,
            limits: args.limits,
            listener,
            address,
            metagraph,
        })
    }

    /// Checks that the subnet pays for one of the models given.
    pub fn require_one_of(&self, roots: &[ModelRoot]) -> Result<(), StartError> {
        let accepted: Vec<ModelRoot> = self.metagraph.subnet.models.iter().map(|model| model.root).collect();
        if roots.iter().any(|root| accepted.contains(root)) {
            return Ok(());
        }
        Err(StartError::ModelNotAccepted {
            netuid: self.identity.netuid,
            given: roots.to_vec(),
            accepted,
        })
    }

    /// Checks that a server may run a model of this kind here: it cannot make activation proofs, which are of texts.
    pub fn permit_upstream(&self, kind: ModelKind) -> Result<(), StartError> {
        if kind == ModelKind::Text && self.metagraph.subnet.hyperparameters.activation_proofs {
            let netuid = self.identity.netuid;
            return Err(StartError::ProofsAsked { netuid });
        }
        Ok(())
    }

    /// Who the miner is.
    pub fn identity(&self) -> Identity {
        self.identity
    }

    pub(crate) fn membership(&self) -> Membership {
        Membership::new(&self.metagraph, self.identity.hotkey, self.limits.min_sender_stake)
    }
}

/// What goes on chain: `--advertise`, or the address listened on if others can connect to it. Whether a loopback
/// address will do depends on the chain, which says so when it is published.
fn public_address(listener: &TcpListener, args: &ServeArgs) -> Result<AxonAddress, StartError> {
    let bound = listener.local_addr().map_err(|source| StartError::Listen {
        address: args.listen,
        source,
    })?;
    let socket = args.advertise.unwrap_or(bound);
    let address = AxonAddress::from(socket);
    match address.is_dialable(laurel_types::Loopback::Allowed) {
        true => Ok(address),
        false => Err(StartError::NotDialable { address: socket }),
    }
}
