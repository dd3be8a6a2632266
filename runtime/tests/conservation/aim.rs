//! Steps that could be about anything are mostly about something: without aim most of them would only be refused.
use crate::{
    calls::netuid,
    cast::{hotkeys, place_of_hotkey},
    deciding, prepaid,
    step::Act,
};
use laurel_runtime::{laurel_api, AccountId, Neurons, Runtime, Scoring, Staking, Subnets};
use laurel_support::{Epochs as _, Hotkeys as _, Neurons as _, Stake as _, Subnets as _};
use laurel_types::{CommitItem, NetUid};

/// The step with its numbers naming something of the kind that it is about, where there is something; else, for some, what has to come before.
pub fn aimed(act: Act, number: u8) -> Act {
    match act {
        Act::Commit { netuid, opinion, .. } => committing(netuid, number).map(|(netuid, hotkey)| Act::Commit {
            netuid,
            hotkey,
            opinion,
        }),
        Act::SetWeights { netuid, opinion, .. } => neuron(netuid, number).map(|hotkey| Act::SetWeights {
            netuid,
            hotkey,
            opinion,
        }),
        Act::Reveal {
            netuid,
            hotkey,
            opinion,
        } => Some(match committed(netuid, number) {
            Some((netuid, hotkey)) => Act::Reveal {
                netuid,
                hotkey,
                opinion,
            },
            None => aimed(
                Act::Commit {
                    netuid,
                    hotkey,
                    opinion,
                },
                number,
            ),
        }),
        Act::CommitEverywhere { opinion, .. } => {
            committing(number, number).map(|(_, hotkey)| Act::CommitEverywhere { hotkey, opinion })
        }
        Act::SetWeightsEverywhere { opinion, .. } => {
            neuron(number, number).map(|hotkey| Act::SetWeightsEverywhere { hotkey, opinion })
        }
        Act::RevealEverywhere { opinion, .. } => {
            committed(number, number).map(|(_, hotkey)| Act::RevealEverywhere { hotkey, opinion })
        }
        Act::PublishAxon { netuid, .. } => neuron(netuid, number).map(|hotkey| Act::PublishAxon { netuid, hotkey }),
        Act::WithdrawAxon { netuid, .. } => serving(netuid, number).map(|hotkey| Act::WithdrawAxon { netuid, hotkey }),
        Act::Protect { netuid, .. } => neuron(netuid, number).map(|hotkey| Act::Protect { netuid, hotkey }),
        Act::SetChildren {
            netuid, hotkey, other, ..
        } => family(netuid, hotkey, number).map(|(netuid, hotkey, child)| Act::SetChildren {
            netuid,
            hotkey,
            child,
            other,
        }),
        Act::AcceptParent { netuid, hotkey, parent } => Some(proposed(netuid, number).unwrap_or_else(|| {
            let (child, other) = (parent, 100);
            let proposal = Act::SetChildren {
                netuid,
                hotkey,
                child,
                other,
            };
            aimed(proposal, number)
        })),
        Act::RevokeLink { netuid, parent, child } => Some(linked(netuid, number).unwrap_or_else(|| {
            let hotkey = child;
            aimed(Act::AcceptParent { netuid, hotkey, parent }, number)
        })),
        Act::ClearNomination { .. } => nominated(number),
        Act::Close { .. }
        | Act::Vote { .. }
        | Act::CloseMotion { .. }
        | Act::VoteOnMotion { .. }
        | Act::MoveToCancel { .. } => Some(deciding::next(act, number)),
        Act::Prepay { .. } | Act::Announce { .. } | Act::TakeBack { .. } | Act::Draw { .. } => {
            prepaid::aimed(act, number)
        }
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

/// The first subnet from that place on in which something is found, by its place.
fn somewhere<T>(number: u8, find: impl Fn(NetUid) -> Option<T>) -> Option<(u8, T)> {
    let places = (0..=Subnets::netuids().len() as u8).map(|ahead| number.wrapping_add(ahead));
    places.into_iter().find_map(|place| Some((place, find(netuid(place))?)))
}

/// A validator that may commit.
fn committing(number: u8, choice: u8) -> Option<(u8, u8)> {
    somewhere(number, |netuid| {
        let item = CommitItem { netuid, hash: [0; 32] };
        let may = |hotkey: &AccountId| Scoring::check_commit_weights(hotkey, &item).is_ok();
        place_of_hotkey(&pick(neurons(netuid).into_iter().filter(may).collect(), choice)?)
    })
}

/// A validator whose reveal is due.
fn committed(number: u8, choice: u8) -> Option<(u8, u8)> {
    somewhere(number, |netuid| {
        let running = Scoring::current(netuid);
        let due = laurel_api::pending_commits(netuid).into_iter().filter(|commits| {
            commits
                .pending
                .first()
                .is_some_and(|commit| commit.reveal_epoch == running)
        });
        let uid = pick(due.collect(), choice)?.uid;
        place_of_hotkey(&Neurons::neuron(netuid, uid)?.hotkey)
    })
}

/// A hotkey with so much stake that it may have children, and a neuron beside it.
fn family(number: u8, parent: u8, choice: u8) -> Option<(u8, u8, u8)> {
    let least = pallet_laurel_children::Settings::<Runtime>::get().min_parent_stake;
    let rich = |hotkey: &AccountId| Staking::stake(hotkey) >= least;
    let parent = pick(hotkeys().filter(rich).collect(), parent)?;
    let (netuid, child) = somewhere(number, |netuid| {
        let others = neurons(netuid).into_iter().filter(|hotkey| *hotkey != parent);
        place_of_hotkey(&pick(others.collect(), choice)?)
    })?;
    Some((netuid, place_of_hotkey(&parent)?, child))
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
    let (netuid, (hotkey, parent)) = somewhere(number, |netuid| {
        let asked = pallet_laurel_children::Pending::<Runtime>::iter_prefix(netuid).filter_map(|(parent, set)| {
            let uid = set.children.iter().find(|child| !child.accepted)?.uid;
            Some((Neurons::neuron(netuid, uid)?.hotkey, parent))
        });
        let (child, parent) = pick(asked.collect(), choice)?;
        Some((place_of_hotkey(&child)?, place_of_hotkey(&parent)?))
    })?;
    Some(Act::AcceptParent { netuid, hotkey, parent })
}

/// A link that is there.
fn linked(number: u8, choice: u8) -> Option<Act> {
    let (netuid, (parent, child)) = somewhere(number, |netuid| {
        let kin = pallet_laurel_children::Kin::<Runtime>::iter_prefix(netuid);
        let links = kin.filter_map(|(parent, kin)| Some((parent, kin.children.first()?.child.clone())));
        let (parent, child) = pick(links.collect(), choice)?;
        Some((place_of_hotkey(&parent)?, place_of_hotkey(&child)?))
    })?;
    Some(Act::RevokeLink { netuid, parent, child })
}

/// A nomination that is worth less than it must.
fn nominated(choice: u8) -> Option<Act> {
    use pallet_laurel_staking::{ColdkeyRecords, PoolHotkeys, Positions, StakingSettings};
    let least = StakingSettings::<Runtime>::get().min_nomination;
    let small = Positions::<Runtime>::iter().filter_map(|(coldkey, pool, held)| {
        let coldkey = ColdkeyRecords::<Runtime>::get(coldkey)?.account;
        let hotkey = PoolHotkeys::<Runtime>::get(pool)?;
        let small =
            Staking::pool(&hotkey).value_of(held.shares) < least && Staking::owner(&hotkey) != Some(coldkey.clone());
        small.then_some((coldkey, hotkey))
    });
    let (coldkey, hotkey) = pick(small.collect(), choice)?;
    let coldkey = crate::cast::party(&coldkey)?;
    Some(Act::ClearNomination {
        coldkey,
        hotkey: place_of_hotkey(&hotkey)?,
    })
}
