//! Transactions, signed before anything is measured.
use crate::genesis::{account, id};
use codec::Encode;
use laurel_runtime::{
    signing::{signed, ChainFacts},
    RuntimeCall,
};
use laurel_types::{NetUid, Uid, WeightRow};
use sp_core::sr25519;

/// An encoded transaction.
pub type Bytes = Vec<u8>;

/// Signs for one chain.
pub struct Signer {
    chain: ChainFacts,
}

impl Signer {
    pub fn new(chain: ChainFacts) -> Self {
        Self { chain }
    }

    /// `count` transfers of one leaf more each round, from each account in turn to the next one.
    pub fn transfers(&self, accounts: u32, count: u64) -> Vec<Bytes> {
        let pairs: Vec<_> = (0..accounts).map(account).collect();
        let targets: Vec<_> = pairs.iter().map(id).collect();
        (0..count)
            .map(|n| {
                let from = (n % u64::from(accounts)) as usize;
                let nonce = (n / u64::from(accounts)) as u32;
                let call = pallet_balances::Call::transfer_keep_alive {
                    dest: targets[(from + 1) % targets.len()].clone().into(),
                    value: 1_000 + u64::from(nonce),
                };
                self.sign(&pairs[from], nonce, call.into())
            })
            .collect()
    }

    /// What each validator says of all others in each subnet, so many times.
    pub fn weights(&self, validators: &[sr25519::Pair], subnets: u16, times: u32) -> Vec<Bytes> {
        // After the calls of genesis, which were dispatched without transactions, every account's nonce is 0.
        let mut calls = Vec::new();
        for round in 0..times {
            for netuid in 1..=subnets {
                for (uid, pair) in validators.iter().enumerate() {
                    let call = pallet_laurel_scoring::Call::set_weights {
                        netuid: NetUid(netuid),
                        row: row(uid as u16, validators.len() as u16),
                        receipts_root: [round as u8; 32],
                        version_key: 0,
                    };
                    let nonce = round * u32::from(subnets) + u32::from(netuid) - 1;
                    calls.push(self.sign(pair, nonce, call.into()));
                }
            }
        }
        calls
    }

    fn sign(&self, signer: &sr25519::Pair, nonce: u32, call: RuntimeCall) -> Bytes {
        signed(&self.chain, signer, nonce, 0, call).encode()
    }
}

/// Everybody but oneself, each differently.
fn row(own: u16, uids: u16) -> WeightRow {
    let entries = (0..uids)
        .filter(|uid| *uid != own)
        .map(|uid| (Uid(uid), 1 + uid.wrapping_mul(7_919) % 60_000));
    WeightRow::new(entries.collect()).expect("ascending and positive; qed")
}
