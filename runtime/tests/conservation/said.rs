//! Calls by which validators say what they think of the others: at once, or committed to and revealed.
use crate::{calls::netuid as netuid_at, step::Act};
use laurel_runtime::{laurel_api, AccountId, Neurons, Runtime, Subnets};
use laurel_support::{Neurons as _, Subnets as _};
use laurel_types::{commit_hash_preimage, CommitItem, NetUid, RegistrationId, RevealItem, Uid, WeightRow, WeightsItem};
use sp_core::H256;
use sp_io::hashing::blake2_256;
use std::collections::BTreeMap;

const SALT: [u8; 32] = [3; 32];
const RECEIPTS: [u8; 32] = [9; 32];

/// What validators committed to, by its hash, so that they can reveal it.
pub type Said = BTreeMap<H256, RevealItem>;

/// What a hotkey says of the others in a subnet.
fn row(netuid: NetUid, hotkey: &AccountId, opinion: u8) -> WeightRow {
    let own = Neurons::uid_of(netuid, hotkey);
    let others = (0..Neurons::count(netuid)).map(Uid).filter(|uid| Some(*uid) != own);
    let weight = |uid: Uid| 1 + (u16::from(opinion) * 7 + uid.0 * 13) % 50;
    // Every seventh says nothing of the first, so that rows differ in length.
    let said = others
        .filter(|uid| !opinion.is_multiple_of(7) || uid.0 != 0)
        .map(|uid| (uid, weight(uid)));
    WeightRow::new(said.collect()).expect("uids ascend and no weight is zero")
}

fn revealed(netuid: NetUid, hotkey: &AccountId, opinion: u8) -> RevealItem {
    let (row, receipts_root) = (row(netuid, hotkey, opinion), RECEIPTS);
    RevealItem {
        netuid,
        row,
        receipts_root,
        version_key: u64::from(opinion % 3),
        salt: SALT,
    }
}

fn commitment(netuid: NetUid, hotkey: &AccountId, opinion: u8, said: &mut Said) -> CommitItem {
    let item = revealed(netuid, hotkey, opinion);
    let uid = Neurons::uid_of(netuid, hotkey);
    let neuron = uid.and_then(|uid| Neurons::neuron(netuid, uid));
    let registration = neuron.map_or(RegistrationId(0), |neuron| neuron.registration);
    let preimage = commit_hash_preimage(
        netuid,
        registration,
        &item.row,
        &item.receipts_root,
        item.version_key,
        &item.salt,
    );
    let hash = blake2_256(&preimage);
    said.insert(H256(hash), item);
    CommitItem { netuid, hash }
}

/// What the hotkey has committed to first and not revealed, or something else.
fn revelation(netuid: NetUid, hotkey: &AccountId, opinion: u8, said: &Said) -> RevealItem {
    let uid = Neurons::uid_of(netuid, hotkey);
    let pending = laurel_api::pending_commits(netuid)
        .into_iter()
        .find(|commits| Some(commits.uid) == uid);
    let first = pending.and_then(|commits| said.get(&H256(commits.pending.first()?.hash)).cloned());
    first.unwrap_or_else(|| revealed(netuid, hotkey, opinion))
}

pub fn of_scoring(hotkey: &AccountId, act: Act, said: &mut Said) -> pallet_laurel_scoring::Call<Runtime> {
    use pallet_laurel_scoring::Call;
    let weights = |netuid, opinion| {
        let RevealItem {
            netuid,
            row,
            receipts_root,
            version_key,
            ..
        } = revealed(netuid, hotkey, opinion);
        WeightsItem {
            netuid,
            row,
            receipts_root,
            version_key,
        }
    };
    match act {
        Act::Commit { netuid, opinion, .. } => {
            let CommitItem { netuid, hash } = commitment(netuid_at(netuid), hotkey, opinion, said);
            Call::commit_weights {
                netuid,
                hash: H256(hash),
            }
        }
        Act::Reveal { netuid, opinion, .. } => {
            let RevealItem {
                netuid,
                row,
                receipts_root,
                version_key,
                salt,
            } = revelation(netuid_at(netuid), hotkey, opinion, said);
            Call::reveal_weights {
                netuid,
                row,
                receipts_root,
                version_key,
                salt,
            }
        }
        Act::SetWeights { netuid, opinion, .. } => {
            let WeightsItem {
                netuid,
                row,
                receipts_root,
                version_key,
            } = weights(netuid_at(netuid), opinion);
            Call::set_weights {
                netuid,
                row,
                receipts_root,
                version_key,
            }
        }
        Act::CommitEverywhere { opinion, .. } => {
            let items = everywhere()
                .map(|netuid| commitment(netuid, hotkey, opinion, said))
                .collect::<Vec<_>>();
            Call::batch_commit_weights {
                items: items.try_into().expect("there are few subnets"),
            }
        }
        Act::RevealEverywhere { opinion, .. } => {
            let items = everywhere()
                .map(|netuid| revelation(netuid, hotkey, opinion, said))
                .collect::<Vec<_>>();
            Call::batch_reveal_weights {
                items: items.try_into().expect("there are few subnets"),
            }
        }
        Act::SetWeightsEverywhere { opinion, .. } => {
            let items = everywhere().map(|netuid| weights(netuid, opinion)).collect::<Vec<_>>();
            Call::batch_set_weights {
                items: items.try_into().expect("there are few subnets"),
            }
        }
        other => unreachable!("{other:?} is not of scoring"),
    }
}

/// Every subnet, and one that is not there.
fn everywhere() -> impl Iterator<Item = NetUid> {
    Subnets::netuids().into_iter().chain([NetUid(999)])
}
