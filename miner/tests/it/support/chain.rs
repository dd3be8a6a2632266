//! A chain that does what the test says.
use async_trait::async_trait;
use futures::{stream::BoxStream, StreamExt};
use laurel_chain::{AccountId, ChainError};
use laurel_miner::Chain;
use laurel_types::{
    AcceptedModel, Axon, AxonAddress, BlockNumber, EpochIndex, Hyperparameters, Metagraph, ModelKind, ModelRoot,
    NetUid, NeuronInfo, NeuronScores, RegistrationId, SubnetInfo, TokenizerRoot, Uid, AXON_PROTOCOL_VERSION,
};
use std::sync::{Arc, Mutex};
use subxt_signer::sr25519::{dev, Keypair};
use tokio::sync::{broadcast, watch};

pub const GENESIS: [u8; 32] = [9; 32];
pub const NETUID: NetUid = NetUid(3);
pub const MODEL: ModelRoot = ModelRoot([5; 32]);
pub const AXON_LIFETIME: BlockNumber = 80;

pub struct FakeChain {
    pub metagraph: Mutex<Option<Metagraph<AccountId>>>,
    /// Whether transactions fail.
    pub refuses: Mutex<bool>,
    /// Whether its node is behind.
    pub syncing: Mutex<bool>,
    /// What was published, in order; failed attempts too.
    pub attempts: watch::Sender<Vec<(AxonAddress, ModelRoot)>>,
    /// How often the metagraph was read.
    pub looks: watch::Sender<u32>,
    blocks: broadcast::Sender<BlockNumber>,
}

fn neuron(uid: u16, key: &Keypair, stake: u64) -> NeuronInfo<AccountId> {
    NeuronInfo {
        uid: Uid(uid),
        hotkey: AccountId::from(key),
        coldkey: AccountId([0; 32]),
        registration: RegistrationId(uid.into()),
        registered_at: 1,
        stake,
        axon: None,
        last_update: 0,
        scores: NeuronScores::default(),
    }
}

fn subnet() -> SubnetInfo<AccountId> {
    SubnetInfo {
        netuid: NETUID,
        owner: AccountId([0; 32]),
        hyperparameters: Hyperparameters::default(),
        models: vec![AcceptedModel {
            root: MODEL,
            kind: ModelKind::Text,
            context: 512,
            tokenizer: TokenizerRoot([4; 32]),
            sampler: 1,
        }],
        neurons: 3,
        epoch: EpochIndex(0),
        epoch_started_at: 0,
        next_epoch_at: 100,
        pot: 0,
        emission_per_block: 0,
        registration_price: 1,
        last_epoch: None,
    }
}

impl FakeChain {
    /// Alice mines without stake, Bob validates with stake, Charlie is registered and has none.
    pub fn new() -> Arc<Self> {
        let neurons = vec![
            neuron(0, &dev::alice(), 0),
            neuron(1, &dev::bob(), 50),
            neuron(2, &dev::charlie(), 0),
        ];
        Arc::new(Self {
            metagraph: Mutex::new(Some(Metagraph {
                block: 10,
                subnet: subnet(),
                neurons,
            })),
            refuses: Mutex::new(false),
            syncing: Mutex::new(false),
            attempts: watch::Sender::new(Vec::new()),
            looks: watch::Sender::new(0),
            blocks: broadcast::Sender::new(64),
        })
    }

    /// Announces a block.
    pub fn block(&self, number: BlockNumber) {
        self.change(|metagraph| metagraph.block = number);
        self.blocks.send(number).unwrap();
    }

    pub fn change(&self, change: impl FnOnce(&mut Metagraph<AccountId>)) {
        change(self.metagraph.lock().unwrap().as_mut().unwrap());
    }

    /// Waits until the miner has subscribed, so that no block is lost on it.
    pub async fn watched(&self) {
        while self.blocks.receiver_count() == 0 {
            tokio::task::yield_now().await;
        }
    }

    /// Announces a block and waits until the miner has read the subnet because of it.
    pub async fn block_seen(&self, number: BlockNumber) {
        self.watched().await;
        let mut looks = self.looks.subscribe();
        looks.mark_unchanged();
        self.block(number);
        looks.changed().await.unwrap();
        // The read is answered; let the miner take it in.
        tokio::task::yield_now().await;
    }

    /// Waits for the given number of attempts to publish.
    pub async fn attempts(&self, count: usize) -> Vec<(AxonAddress, ModelRoot)> {
        self.attempts
            .subscribe()
            .wait_for(|attempts| attempts.len() >= count)
            .await
            .unwrap()
            .clone()
    }
}

#[async_trait]
impl Chain for FakeChain {
    fn genesis(&self) -> [u8; 32] {
        GENESIS
    }

    async fn is_syncing(&self) -> Result<bool, ChainError> {
        Ok(*self.syncing.lock().unwrap())
    }

    async fn metagraph(&self, netuid: NetUid) -> Result<Option<Metagraph<AccountId>>, ChainError> {
        self.looks.send_modify(|looks| *looks += 1);
        Ok(self
            .metagraph
            .lock()
            .unwrap()
            .clone()
            .filter(|metagraph| metagraph.subnet.netuid == netuid))
    }

    fn blocks(&self) -> BoxStream<'static, BlockNumber> {
        let blocks = self.blocks.subscribe();
        futures::stream::unfold(
            blocks,
            |mut blocks| async move { Some((blocks.recv().await.ok()?, blocks)) },
        )
        .boxed()
    }

    async fn publish_axon(&self, _: NetUid, address: AxonAddress, model: ModelRoot) -> Result<(), ChainError> {
        let refuses = *self.refuses.lock().unwrap();
        if !refuses {
            self.change(|metagraph| {
                let now = metagraph.block;
                metagraph.neurons[0].axon = Some(Axon {
                    address,
                    protocol: AXON_PROTOCOL_VERSION,
                    model,
                    published_at: now,
                    expires_at: now + AXON_LIFETIME,
                });
            });
        }
        self.attempts.send_modify(|attempts| attempts.push((address, model)));
        if refuses {
            return Err(ChainError::Lost("dropped"));
        }
        Ok(())
    }
}
