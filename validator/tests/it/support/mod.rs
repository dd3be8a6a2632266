//! Miners of our own making, honest and not, with models that cost nothing.
mod miner;
mod models;

pub use miner::{answer_of, miner_key, serve, Conduct, Spoken};
pub use models::{embedding_work, embedding_work_with, text_work};

use laurel_protocol::{Hash, Hotkey, Recipient};
use laurel_types::{AxonAddress, ModelRoot, NetUid};
use laurel_validator::{
    ask::Asker,
    work::{Amount, Answer, Findings, Task, Work},
    Fault,
};
use std::time::Duration;
use subxt_signer::sr25519::dev;
use tokio::net::TcpListener;

pub const MODEL: ModelRoot = ModelRoot([7; 32]);
pub const NETUID: NetUid = NetUid(3);
pub const GENESIS: Hash = [5; 32];
/// Short, so that a late miner is late soon; honest answers take a few milliseconds.
pub const DEADLINE: Duration = Duration::from_millis(1_500);

/// An address at which nobody listens.
pub async fn nobody() -> AxonAddress {
    TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap()
        .into()
}

pub fn recipient() -> Recipient {
    Recipient {
        genesis: GENESIS,
        netuid: NETUID,
        hotkey: Hotkey::of(&miner_key()),
    }
}

pub async fn ask(address: AxonAddress, task: &Task) -> Result<Answer, Fault> {
    let asker = Asker::new(dev::alice(), DEADLINE).unwrap();
    asker.ask(address, &recipient(), task).await
}

/// Asks once; glances, and checks.
pub async fn judge(work: &dyn Work, address: AxonAddress, task: &Task) -> Result<(Amount, Findings), Fault> {
    judge_answer(work, task, &ask(address, task).await?).await
}

pub async fn judge_answer(work: &dyn Work, task: &Task, answer: &Answer) -> Result<(Amount, Findings), Fault> {
    let amount = work.glance(task, answer).await.unwrap()?;
    Ok((amount, work.check(task, answer).await.unwrap()?))
}
