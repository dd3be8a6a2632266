//! Steps that could be about anything are mostly about something: without aim most of them would only be refused.
use crate::{calls::netuid, cast::place_of_hotkey, step::Act};
use laurel_runtime::{laurel_api, AccountId, Neurons, Runtime, Scoring, Staking};
use laurel_support::{Epochs as _, Hotkeys as _, Neurons as _};
use laurel_types::NetUid;

/// The step with its numbers naming something of the kind that it is about, where there is something.
pub fn aimed(act: Act, number: u8) -> Act {
    match act {
        Act::Commit { netuid, opinion, .. } => neuron(netuid, number).map(|hotkey| Act::Commit {
            netuid,
            hotkey,
            opinion,
        }),
        Act::SetWeights { netuid, opinion, .. } => neuron(netuid, number).map(|hotkey| Act::SetWeights {
            netuid,
            hotkey,
            opinion,
        }),
        Act::Reveal { netuid, opinion, .. } => committed(netuid, number).map(|hotkey| Act::Reveal {
            netuid,
            hotkey,
            opinion,
        }),
        Act::CommitEverywhere { opinion, .. } => {
            neuron(number, number).map(|hotkey| Act::CommitEverywhere { hotkey, opinion })
        }
        Act::SetWeightsEverywhere { opinion, .. } => {
            neuron(number, number).map(|hotkey| Act::SetWeightsEverywhere { hotkey, opinion })
        }
        Act::RevealEverywhere { opinion, .. } => {
            let everywhere = (0..4).find_map(|netuid| committed(netuid, number));
            everywhere.map(|hotkey| Act::RevealEverywhere { hotkey, opinion })
        }
        Act::PublishAxon { netuid, .. } => neuron(netuid, number).map(|hotkey| Act::PublishAxon { netuid, hotkey }),
        Act::WithdrawAxon { netuid, .. } => serving(netuid, number).map(|hotkey| Act::WithdrawAxon { netuid, hotkey }),
        Act::Protect { netuid, .. } => neuron(netuid, number).map(|hotkey| Act::Protect { netuid, hotkey }),
        Act::SetChildren {
            netuid, hotkey, other, ..
        } => neuron(netuid, number).map(|child| Act::SetChildren {
            netuid,
            hotkey,
            child,
            other,
        }),
        Act::AcceptParent { netuid, .. } => proposed(netuid, number),
        Act::RevokeLink { netuid, .. } => linked(netuid, number),
        Act::ClearNomination { .. } => nominated(number),
        _ => None,
    }
    .unwrap_or(act)
}

/// One of several.
pub fn pick<T>(mut of: Vec<T>, number: u8) -> Option<T> {
    (!of.is_empty()).then(|| of.swap_remove(usize::from(number) % of.len()))
}

fn neurons(netuid: NetUid) -> Vec<AccountId> {
    Neurons::neurons(netuid)
        .into_iter()
        .map(|neuron| neuron.hotkey)
        .collect()
}

fn neuron(number: u8, choice: u8) -> Option<u8> {
    place_of_hotkey(&pick(neurons(netuid(number)), choice)?)
}

/// A validator whose reveal is due.
fn committed(number: u8, choice: u8) -> Option<u8> {
    let netuid = netuid(number);
    let running = Scoring::current(netuid);
    let due = laurel_api::pending_commits(netuid).into_iter().filter(|commits| {
        commits
            .pending
            .first()
            .is_some_and(|commit| commit.reveal_epoch == running)
    });
    let uid = pick(due.collect(), choice)?.uid;
    place_of_hotkey(&Neurons::neuron(netuid, uid)?.hotkey)
}

/// A neuron with an axon.
fn serving(number: u8, choice: u8) -> Option<u8> {
    let netuid = netuid(number);
    let uids = pallet_laurel_neurons::Axons::<Runtime>::iter_key_prefix(netuid);
    let uid = pick(uids.collect(), choice)?;
    place_of_hotkey(&Neurons::neuron(netuid, uid)?.hotkey)
}

/// A child that somebody proposed.
fn proposed(number: u8, choice: u8) -> Option<Act> {
    let netuid = netuid(number);
    let (parent, set) = pick(
        pallet_laurel_children::Pending::<Runtime>::iter_prefix(netuid).collect(),
        choice,
    )?;
    let uid = set.children.iter().find(|child| !child.accepted)?.uid;
    let (hotkey, parent) = (
        place_of_hotkey(&Neurons::neuron(netuid, uid)?.hotkey)?,
        place_of_hotkey(&parent)?,
    );
    Some(Act::AcceptParent {
        netuid: number,
        hotkey,
        parent,
    })
}

/// A link that is there.
fn linked(number: u8, choice: u8) -> Option<Act> {
    let kin = pallet_laurel_children::Kin::<Runtime>::iter_prefix(netuid(number));
    let (parent, kin) = pick(kin.filter(|(_, kin)| !kin.children.is_empty()).collect(), choice)?;
    let (parent, child) = (
        place_of_hotkey(&parent)?,
        place_of_hotkey(&kin.children.first()?.child)?,
    );
    Some(Act::RevokeLink {
        netuid: number,
        parent,
        child,
    })
}

/// A nomination that is worth less than it must.
fn nominated(choice: u8) -> Option<Act> {
    use pallet_laurel_staking::{ColdkeyRecords, PoolHotkeys, Positions, StakingSettings};
    let least = StakingSettings::<Runtime>::get().min_nomination;
    let small = Positions::<Runtime>::iter().filter_map(|(coldkey, pool, shares)| {
        let coldkey = ColdkeyRecords::<Runtime>::get(coldkey)?.account;
        let hotkey = PoolHotkeys::<Runtime>::get(pool)?;
        let small = Staking::pool(&hotkey).value_of(shares) < least && Staking::owner(&hotkey) != Some(coldkey.clone());
        small.then_some((coldkey, hotkey))
    });
    let (coldkey, hotkey) = pick(small.collect(), choice)?;
    let coldkey = crate::cast::party(&coldkey)?;
    Some(Act::ClearNomination {
        coldkey,
        hotkey: place_of_hotkey(&hotkey)?,
    })
}
