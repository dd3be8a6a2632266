//! The chain as [`Ledger`]: deposits of the prepaid pallet, stake on the gateway's hotkey, draws signed by it.
use super::ledger::{Deposit, DrawItem, Found, Ledger, LedgerError, SignedDraw};
use async_trait::async_trait;
use futures::stream::BoxStream;
use laurel_chain::{AccountId, Argument, Block, Call, ChainClient, ChainError, Included, Keypair, NamedCall};
use laurel_types::{Balance, BlockNumber};
use serde::Deserialize;
use serde_json::{json, Value};

/// The prepaid pallet's bound of one draw.
const MAX_DRAWS: usize = 256;

/// The chain, for the gateway of one hotkey.
pub struct OnChain {
    client: ChainClient,
    key: Keypair,
    hotkey: AccountId,
}

impl OnChain {
    /// The gateway's hotkey signs draws.
    pub fn new(client: ChainClient, key: Keypair) -> Self {
        Self {
            client,
            hotkey: AccountId::from(&key),
            key,
        }
    }
}

impl From<ChainError> for LedgerError {
    fn from(error: ChainError) -> Self {
        Self(error.to_string())
    }
}

/// What `laurel_prepaid` answers, as far as it matters here: amounts are decimal strings of leaves.
#[derive(Deserialize)]
struct PrepaidView {
    available: String,
    drawable: String,
}

impl PrepaidView {
    fn deposit(&self) -> Option<Deposit> {
        Some(Deposit {
            available: self.available.parse().ok()?,
            drawable: self.drawable.parse().ok()?,
        })
    }
}

/// Reads the answer to `laurel_prepaid`, which is null where there is no deposit.
fn read_deposit(answer: Value) -> Result<Deposit, LedgerError> {
    let view: Option<PrepaidView> = serde_json::from_value(answer).map_err(|error| unreadable(&error.to_string()))?;
    match view {
        None => Ok(Deposit::default()),
        Some(view) => view.deposit().ok_or_else(|| unreadable("an amount is no number")),
    }
}

fn unreadable(why: &str) -> LedgerError {
    LedgerError(format!(
        "the node's answer to laurel_prepaid does not fit this program ({why}): use the release that fits the node"
    ))
}

fn draw_call(items: &[DrawItem]) -> Call {
    let items: Vec<(AccountId, Balance)> = items.iter().map(|item| (item.payer, item.amount)).collect();
    NamedCall::new("Prepaid", "draw")
        .with("items", Argument::scale(&items))
        .into()
}

/// What a draw's events say was drawn.
fn drawn(included: &Included) -> Vec<DrawItem> {
    let drawn = included.events.iter().filter(|event| event.is("Prepaid", "Drawn"));
    drawn
        .filter_map(|event| {
            Some(DrawItem {
                payer: event.account("payer")?,
                amount: event.number("amount")?.try_into().ok()?,
            })
        })
        .collect()
}

#[async_trait]
impl Ledger for OnChain {
    fn blocks(&self) -> BoxStream<'static, Block> {
        self.client.finalized_blocks()
    }

    async fn block(&self, number: BlockNumber) -> Result<Block, LedgerError> {
        let hash = self.client.block_hash(number).await?;
        let hash = hash.ok_or_else(|| LedgerError(format!("the node does not know its block {number}")))?;
        Ok(Block { number, hash })
    }

    async fn deposit(&self, payer: AccountId, at: Block) -> Result<Deposit, LedgerError> {
        let parameters = [json!(self.hotkey), json!(payer), json!(at.hash)];
        read_deposit(self.client.rpc("laurel_prepaid", &parameters).await?)
    }

    async fn stake(&self, coldkey: AccountId, at: Block) -> Result<Balance, LedgerError> {
        let positions = self.client.stake_of(&coldkey, Some(at.hash)).await?;
        let own = positions.iter().find(|position| position.hotkey == self.hotkey);
        Ok(own.map_or(0, |position| position.stake))
    }

    async fn all_stake(&self, at: Block) -> Result<Balance, LedgerError> {
        let pool = self.client.hotkey(&self.hotkey, Some(at.hash)).await?;
        Ok(pool.map_or(0, |pool| pool.stake))
    }

    async fn sign(&self, items: &[DrawItem]) -> Result<SignedDraw, LedgerError> {
        let signed = self.client.sign_ahead(&self.key, &draw_call(items)).await?;
        Ok(SignedDraw {
            extrinsic: signed.bytes,
            after: signed.after,
            until: signed.until,
        })
    }

    async fn send(&self, draw: &SignedDraw) -> Result<(), LedgerError> {
        Ok(self.client.send_ahead(&draw.extrinsic).await?)
    }

    async fn find(&self, draw: &SignedDraw, at: Block) -> Result<Found, LedgerError> {
        match self.client.find_ahead(&draw.extrinsic, at).await {
            Ok(None) => Ok(Found::Nothing),
            Ok(Some(included)) => Ok(Found::Drawn(drawn(&included))),
            Err(ChainError::Dispatch(failure)) => Ok(Found::Failed(failure.to_string())),
            Err(ChainError::UnknownBlock(_)) => Ok(Found::Unreadable),
            Err(error) => Err(error.into()),
        }
    }

    fn max_items(&self) -> usize {
        MAX_DRAWS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deposit_is_read_as_the_node_says_it_and_none_is_nothing() {
        let answer = json!({ "gateway": "5…", "amount": "12", "drawable": "9007199254740993", "available": "7", "free_at": null });
        let deposit = Deposit {
            available: 7,
            drawable: 9_007_199_254_740_993,
        };
        assert_eq!(read_deposit(answer), Ok(deposit));
        assert_eq!(read_deposit(Value::Null), Ok(Deposit::default()));
        for wrong in [
            json!({ "available": "7" }),
            json!({ "available": "7", "drawable": "seven" }),
            json!([]),
        ] {
            assert!(read_deposit(wrong).unwrap_err().to_string().contains("laurel_prepaid"));
        }
    }
}
