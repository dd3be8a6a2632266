//! Calls by which a coldkey does something with its hotkeys: root seats, swaps, children.
use crate::{
    aim::pick,
    calls::netuid as netuid_at,
    cast::{cold, consent, hot, hotkeys, COLDKEYS},
    step::Act,
};
use laurel_runtime::{AccountId, Runtime, Staking, Subnets};
use laurel_support::{Hotkeys as _, Subnets as _};
use laurel_types::{coldkey_swap_preimage, Proportion, Take};
use sp_core::H256;
use sp_io::hashing::blake2_256;

const SALT: [u8; 32] = [3; 32];

pub fn of_root(actor: &AccountId, act: Act) -> pallet_laurel_root::Call<Runtime> {
    use pallet_laurel_root::Call;
    match act {
        Act::TakeSeat { hotkey } => Call::register_seat {
            hotkey: hot(hotkey),
            consent: consent(&hot(hotkey), actor),
        },
        Act::LeaveSeat { hotkey } => Call::leave_seat { hotkey: hot(hotkey) },
        Act::RootWeights { hotkey, weights } => {
            let weight = |place: usize| u16::from(weights) >> (2 * place);
            let row = Subnets::netuids()
                .into_iter()
                .enumerate()
                .map(|(place, netuid)| (netuid, weight(place)));
            // Zero is refused where somebody says it.
            let row: Vec<_> = row.filter(|entry| entry.1 > 0 || weights == 0).collect();
            Call::set_root_weights {
                hotkey: hot(hotkey),
                weights: row.try_into().expect("there are few subnets"),
            }
        }
        other => unreachable!("{other:?} is not of root"),
    }
}

/// Fixes what a coldkey will be swapped for.
fn swap_digest(old: &AccountId, new: &AccountId) -> H256 {
    H256(blake2_256(&coldkey_swap_preimage(old, new, &SALT)))
}

pub fn of_keys(actor: &AccountId, act: Act) -> pallet_laurel_keys::Call<Runtime> {
    use pallet_laurel_keys::{Call, ColdkeySwaps};
    match act {
        Act::SwapHotkey { hotkey, new } => {
            // Mostly one that nobody knows.
            let unknown: Vec<_> = hotkeys().filter(|hotkey| Staking::owner(hotkey).is_none()).collect();
            let new_hotkey = pick(unknown, new).unwrap_or_else(|| hot(new));
            Call::swap_hotkey {
                hotkey: hot(hotkey),
                consent: consent(&new_hotkey, actor),
                new_hotkey,
            }
        }
        Act::AnnounceSwap { new } => Call::announce_coldkey_swap {
            digest: swap_digest(actor, &cold(new)),
        },
        Act::CancelSwap => Call::cancel_coldkey_swap {},
        Act::SwapColdkey { old, new } => {
            let announced = pick(ColdkeySwaps::<Runtime>::iter().collect(), old);
            let (coldkey, new_coldkey) = match announced {
                Some((coldkey, swap)) => {
                    let meant = (0..COLDKEYS)
                        .map(cold)
                        .find(|new| swap_digest(&coldkey, new) == swap.digest);
                    (coldkey, meant.unwrap_or_else(|| cold(new)))
                }
                None => (cold(old), cold(new)),
            };
            Call::swap_coldkey {
                coldkey,
                new_coldkey,
                salt: SALT,
            }
        }
        Act::ClearExpiredSwap { coldkey } => {
            let announced = pick(ColdkeySwaps::<Runtime>::iter_keys().collect(), coldkey);
            Call::clear_expired_swap {
                coldkey: announced.unwrap_or_else(|| cold(coldkey)),
            }
        }
        other => unreachable!("{other:?} is not of keys"),
    }
}

pub fn of_children(act: Act) -> pallet_laurel_children::Call<Runtime> {
    use pallet_laurel_children::Call;
    match act {
        Act::SetChildren {
            netuid,
            hotkey,
            child,
            other,
        } => {
            let half = Proportion(u64::MAX / 2);
            let children = match other {
                0..=31 => vec![],
                32..=191 => vec![(half, hot(child))],
                192..=239 => vec![(half, hot(child)), (Proportion(u64::from(other)), hot(other % 10))],
                240..=255 => vec![(Proportion::ALL, hot(child))],
            };
            let children = children.try_into().expect("there are two at most");
            Call::set_children {
                hotkey: hot(hotkey),
                netuid: netuid_at(netuid),
                children,
            }
        }
        Act::AcceptParent { netuid, hotkey, parent } => Call::accept_parent {
            hotkey: hot(hotkey),
            netuid: netuid_at(netuid),
            parent: hot(parent),
        },
        Act::RevokeLink { netuid, parent, child } => Call::revoke_link {
            netuid: netuid_at(netuid),
            parent: hot(parent),
            child: hot(child),
        },
        Act::ChildTake { netuid, hotkey, take } => Call::set_child_take {
            hotkey: hot(hotkey),
            netuid: netuid_at(netuid),
            take: Take(u16::from(take) * 47),
        },
        other => unreachable!("{other:?} is not of children"),
    }
}
