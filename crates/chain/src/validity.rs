//! What a transaction would cost, and whether the chain would take it, before it is sent.
use crate::{
    error::PoolRefusal, follow::Transaction, read_call, sign, submit::Trail, AccountId, Block, Call, ChainClient,
    ChainError, Included, Keypair, SubmitOptions, Wait, Watcher,
};
use codec::{Compact, Decode, Encode};
use laurel_types::Balance;
use tokio::time::{timeout_at, Instant};

/// What a call weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Dispatch weight: picoseconds of computation.
    pub ref_time: u64,
    /// Dispatch weight: bytes of proof.
    pub proof_size: u64,
}

/// `pallet_transaction_payment::RuntimeDispatchInfo`.
#[derive(Decode)]
struct DispatchInfo {
    weight: (Compact<u64>, Compact<u64>),
    _class: u8,
    partial_fee: Balance,
}

impl ChainClient {
    /// What a call weighs before it is made.
    pub async fn cost(&self, call: &Call) -> Result<Cost, ChainError> {
        let mut args = self.encode_call(call).await?;
        let length = args.len() as u32;
        length.encode_to(&mut args);
        let info: DispatchInfo = self
            .state_call("TransactionPaymentCallApi_query_call_info", args, None)
            .await?;
        Ok(Cost {
            ref_time: info.weight.0 .0,
            proof_size: info.weight.1 .0,
        })
    }

    /// The fee, in leaves, that a transaction with this call costs at most now, before anything of it comes back.
    pub async fn fee_at_most(&self, call: &Call) -> Result<Balance, ChainError> {
        let runtime = self.runtime().await?;
        let (best, birth) = self.birth().await?;
        // The fee depends on the length, which no nonce makes longer than this one, and not on who signs.
        let nobody = subxt_signer::sr25519::dev::alice();
        let bytes = sign::sign(&runtime, &nobody, call, u32::MAX.into(), 0, birth)?;
        self.fee(bytes, best).await
    }

    /// The fee of a signed transaction.
    async fn fee(&self, transaction: Vec<u8>, best: Block) -> Result<Balance, ChainError> {
        // A transaction is bounded far below 2³² bytes.
        let length = transaction.len() as u32;
        let mut args = transaction;
        length.encode_to(&mut args);
        let info: DispatchInfo = self
            .state_call("TransactionPaymentApi_query_info", args, Some(best.hash))
            .await?;
        Ok(info.partial_fee)
    }

    /// A call as the chain's runtime decodes it.
    pub async fn encode_call(&self, call: &Call) -> Result<Vec<u8>, ChainError> {
        call.encode(&self.runtime().await?.metadata)
    }

    /// What an encoded call says, see [`read_call`].
    pub async fn read_call(&self, bytes: &[u8]) -> Result<serde_json::Value, ChainError> {
        read_call(&self.runtime().await?.metadata, bytes)
    }

    /// Asks the chain whether its pool would take the call, signed by this key, now. Sends nothing. Returns the fee of exactly this
    /// transaction, in leaves, before anything of it comes back.
    ///
    /// # Errors
    /// [`ChainError::Refused`] with the reason if it would not.
    pub async fn foresee(&self, key: &Keypair, call: &Call) -> Result<Balance, ChainError> {
        let runtime = self.runtime().await?;
        let (best, birth) = self.birth().await?;
        let account = subxt::utils::AccountId32(AccountId::from(key).0);
        let nonce = self
            .request("the nonce", |rpc| async move {
                rpc.system_account_next_index(&account).await
            })
            .await?;
        let bytes = sign::sign(&runtime, key, call, nonce, 0, birth)?;
        self.validate(bytes.clone(), best).await?;
        self.fee(bytes, best).await
    }

    pub(crate) async fn validate(&self, transaction: Vec<u8>, best: Block) -> Result<(), ChainError> {
        // The source is "external": as if it came from the network.
        let mut args = vec![2];
        args.extend(transaction);
        args.extend(best.hash.0);
        // The whole answer is of interest only where it is an error; a valid transaction's has variable parts.
        let answer: Answer = self
            .state_call("TaggedTransactionQueue_validate_transaction", args, Some(best.hash))
            .await?;
        match answer {
            Answer::Valid => Ok(()),
            Answer::Refused(message) => Err(ChainError::Refused(PoolRefusal::new(1010, &message))),
            Answer::Unknown => Err(ChainError::Refused(PoolRefusal::new(1011, ""))),
        }
    }

    /// Sends a call that needs no signer, as a registration by work, and waits until it is included.
    ///
    /// # Errors
    /// As [`Self::submit`].
    pub async fn submit_authorized(
        &self,
        call: Call,
        options: SubmitOptions,
        watcher: &dyn Watcher,
    ) -> Result<Included, ChainError> {
        let deadline = Instant::now() + options.deadline;
        let mut trail = Trail::new(watcher);
        let settled = timeout_at(deadline, self.settle_authorized(&call, options.wait, &mut trail)).await;
        settled.unwrap_or_else(|_| Err(trail.late(call.name(), options.deadline)))
    }

    async fn settle_authorized(&self, call: &Call, wait: Wait, trail: &mut Trail<'_>) -> Result<Included, ChainError> {
        let runtime = self.runtime().await?;
        let (_, birth) = self.birth().await?;
        let bytes = sign::authorized(&runtime, call, birth)?;
        let transaction = Transaction::new(bytes, runtime, birth.number, sign::LIFETIME.into());
        trail.begin(&transaction)?;
        let statuses = match self.hand_over(&transaction).await {
            Ok(statuses) => Some(statuses),
            // It is not known whether the node took it.
            Err(error) if error.is_connection() || matches!(error, ChainError::Deadline { .. }) => None,
            Err(error) => {
                trail.end();
                return Err(error);
            }
        };
        let concluded = self.outcome(&transaction, statuses, wait, trail).await;
        if matches!(concluded, Err(ChainError::Lost(_))) {
            trail.end();
        }
        trail.conclude(concluded)
    }
}

/// `TransactionValidity`, as far as a client needs it.
enum Answer {
    Valid,
    Refused(String),
    Unknown,
}

impl Decode for Answer {
    fn decode<I: codec::Input>(input: &mut I) -> Result<Self, codec::Error> {
        let answer = match <(u8, u8)>::decode(input)? {
            (1, 0) => Self::Refused(match input.read_byte()? {
                0 => "call is not expected".into(),
                1 => "Inability to pay some fees".into(),
                2 => "valid in the future".into(),
                3 => "outdated".into(),
                4 => "bad signature".into(),
                5 => "ancient birth block".into(),
                6 => "exhaust the resources".into(),
                7 => format!("Custom error: {}", input.read_byte()?),
                8 | 9 => "a mandatory call".into(),
                10 => "Invalid signing address".into(),
                11 => "the implicit data was unable to be calculated".into(),
                12 => "did not authorize any origin".into(),
                // A reason that came with a later runtime.
                other => format!("Custom error: reason {other}"),
            }),
            (1, _) => Self::Unknown,
            _ => Self::Valid,
        };
        // Priority, tags and longevity of a valid transaction are the pool's business.
        while input.remaining_len()?.is_some_and(|left| left > 0) {
            input.read_byte()?;
        }
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use laurel_types::Refusal;

    #[test]
    fn a_foreseen_refusal_has_the_name_of_the_error_that_it_would_meet() {
        let code = Refusal::named("Staking", "NotEnoughStake").unwrap().code;
        let Ok(Answer::Refused(message)) = Answer::decode(&mut [1u8, 0, 7, code].as_slice()) else {
            panic!("it is a refusal");
        };
        let refusal = PoolRefusal::new(1010, &message);
        assert_eq!(
            (refusal.pallet.as_deref(), refusal.name.as_str()),
            (Some("Staking"), "NotEnoughStake")
        );
        let Ok(Answer::Refused(message)) = Answer::decode(&mut [1u8, 0, 1].as_slice()) else {
            panic!("it is a refusal");
        };
        assert_eq!(PoolRefusal::new(1010, &message).name, "Payment");
    }

    #[test]
    fn a_valid_transaction_is_valid_whatever_its_tags() {
        let mut input = [0u8, 9, 9, 9, 9].as_slice();
        assert!(matches!(Answer::decode(&mut input), Ok(Answer::Valid)));
        assert!(input.is_empty());
    }
}
