//! What a step is on the chain as it stands: numbers become what there is, amounts what they are of.
use crate::{
    aim::{aimed, pick},
    cast::{account, cold, consent, has_key, hot, hotkeys, partners, spendable, COLDKEYS},
    step::{Act, Amount, By, Way, Who, Wrap},
};
use codec::{Decode, Encode};
use frame_support::{
    dispatch::GetDispatchInfo,
    traits::{fungible::Inspect, Bounded},
    weights::Weight,
};
use laurel_runtime::{
    configs::{CouncilInstance, EXISTENTIAL_DEPOSIT},
    genesis, laurel_api, AccountId, Balances, Multisig, Neurons, Runtime, RuntimeCall, Staking, Subnets, System,
};
use laurel_support::{Hotkeys as _, Neurons as _, Subnets as _};
use laurel_types::{
    coldkey_swap_preimage, commit_hash_preimage, meets_difficulty, seal_preimage, work_preimage, AcceptedModel,
    AxonAddress, Balance, CommitItem, Hyperparameter, Hyperparameters, ModelKind, ModelRoot, NetUid, Proportion,
    ProxyType, RegistrationId, RevealItem, Setter, Take, TokenizerRoot, Uid, WeightRow, WeightsItem, Work, LRL,
};
use pallet_laurel_subnets::{Identity, SubnetSettings, Text};
use sp_core::H256;
use sp_io::hashing::blake2_256;
use std::collections::BTreeMap;

const SALT: [u8; 32] = [3; 32];
const RECEIPTS: [u8; 32] = [9; 32];
/// The model that every subnet can accept.
const MODEL: ModelRoot = ModelRoot([1; 32]);
/// Nonces that are tried for a registration by work; with some luck enough for the least difficulty.
const TRIES: u64 = 4_000;

/// A call, and who makes it known: none where nobody signs.
pub struct Deed {
    pub signer: Option<AccountId>,
    pub call: RuntimeCall,
}

/// What validators committed to, by its hash, so that they can reveal it.
pub type Said = BTreeMap<H256, RevealItem>;

/// The deed of a step.
pub fn deed(by: By, wrap: Wrap, act: Act, said: &mut Said) -> Deed {
    let number = match by {
        By::Entitled(number) | By::Cold(number) => number,
    };
    if let Act::Work {
        netuid,
        hotkey,
        coldkey,
    } = act
    {
        return Deed {
            signer: None,
            call: work(self::netuid(netuid), &hot(hotkey), &cold(coldkey)),
        };
    }
    // Sudo asks no filter, and could so take tokens out of the ledger, as root could in other ways; it is in no chain of value.
    let burns = matches!(act, Act::Pay { way: Way::Burned, .. });
    let wrap = if burns && wrap == Wrap::SudoAs {
        Wrap::Bare
    } else {
        wrap
    };
    let entitled = matches!(by, By::Entitled(_));
    let act = if entitled { aimed(act, number) } else { act };
    if entitled && is_for_root(act) {
        let call = call(&cold(0), act, said);
        let key = pallet_sudo::Key::<Runtime>::get()
            .filter(has_key)
            .unwrap_or_else(|| cold(0));
        return Deed {
            signer: Some(key),
            call: pallet_sudo::Call::sudo { call: Box::new(call) }.into(),
        };
    }
    let actor = hotkey_of(act).or_else(|| entitled_to(act, number).filter(|_| entitled));
    let actor = actor.unwrap_or_else(|| cold(number));
    wrapped(actor, number, wrap, |actor| call(actor, act, said))
}

/// Puts a call of `actor` into a wrapper.
fn wrapped(actor: AccountId, number: u8, wrap: Wrap, call: impl FnOnce(&AccountId) -> RuntimeCall) -> Deed {
    let signed = |signer: AccountId, call: RuntimeCall| Deed {
        signer: Some(signer),
        call,
    };
    let after_a_transfer = |call: RuntimeCall| {
        let (dest, value) = (cold(number).into(), EXISTENTIAL_DEPOSIT);
        vec![pallet_balances::Call::transfer_keep_alive { dest, value }.into(), call]
    };
    match wrap {
        Wrap::Bare => {
            let call = call(&actor);
            signed(actor, call)
        }
        Wrap::Batch | Wrap::BatchAll | Wrap::ForceBatch => {
            let calls = after_a_transfer(call(&actor));
            let batch = match wrap {
                Wrap::Batch => pallet_utility::Call::batch { calls },
                Wrap::BatchAll => pallet_utility::Call::batch_all { calls },
                _ => pallet_utility::Call::force_batch { calls },
            };
            signed(actor, batch.into())
        }
        Wrap::Proxy => {
            let (delegates, _) = pallet_proxy::Proxies::<Runtime>::get(&actor);
            let delegate = delegates.first().map(|proxy| proxy.delegate.clone()).filter(has_key);
            let (call, real) = (Box::new(call(&actor)), actor.into());
            let call = pallet_proxy::Call::proxy {
                real,
                force_proxy_type: None,
                call,
            };
            signed(delegate.unwrap_or_else(|| cold(number)), call.into())
        }
        Wrap::Multisig => {
            let other = if actor == cold(0) { cold(1) } else { cold(0) };
            let mut both = [actor.clone(), other.clone()];
            both.sort();
            let call = Box::new(call(&Multisig::multi_account_id(&both, 1)));
            let other_signatories = vec![other];
            signed(
                actor,
                pallet_multisig::Call::as_multi_threshold_1 {
                    other_signatories,
                    call,
                }
                .into(),
            )
        }
        Wrap::MultisigOfTwo => {
            let call = call(&account(Who::Multisig));
            let [first, second] = partners();
            let (signer, other) = if number.is_multiple_of(2) {
                (first, second)
            } else {
                (second, first)
            };
            let open = pallet_multisig::Multisigs::<Runtime>::get(account(Who::Multisig), blake2_256(&call.encode()));
            let approve = pallet_multisig::Call::as_multi {
                threshold: 2,
                other_signatories: vec![other],
                maybe_timepoint: open.map(|open| timepoint(&open)),
                max_weight: call.get_dispatch_info().call_weight,
                call: Box::new(call),
            };
            signed(signer, approve.into())
        }
        Wrap::SudoAs => {
            let (call, who) = (Box::new(call(&actor)), actor.into());
            signed(cold(0), pallet_sudo::Call::sudo_as { who, call }.into())
        }
    }
}

/// The first field of an open multisig, which it keeps to itself.
fn timepoint(open: &impl Encode) -> pallet_multisig::Timepoint<u32> {
    Decode::decode(&mut open.encode().as_slice()).expect("an open multisig begins with its time")
}

/// Whether only root can do it.
fn is_for_root(act: Act) -> bool {
    match act {
        Act::StakingSettings { .. } | Act::SubnetSettings { .. } | Act::SafeMode { .. } => true,
        Act::Pay { way, .. } => way == Way::Forced,
        Act::SetParameter { which, value, .. } => parameter(which, value).setter() == Setter::Root,
        _ => false,
    }
}

/// The hotkey that signs, for what hotkeys sign.
fn hotkey_of(act: Act) -> Option<AccountId> {
    match act {
        Act::PublishAxon { hotkey, .. }
        | Act::WithdrawAxon { hotkey, .. }
        | Act::Commit { hotkey, .. }
        | Act::Reveal { hotkey, .. }
        | Act::SetWeights { hotkey, .. }
        | Act::CommitEverywhere { hotkey, .. }
        | Act::RevealEverywhere { hotkey, .. }
        | Act::SetWeightsEverywhere { hotkey, .. } => Some(hot(hotkey)),
        _ => None,
    }
}

/// Who may do it, if anybody of the cast.
fn entitled_to(act: Act, number: u8) -> Option<AccountId> {
    let of_hotkey = |hotkey: u8| Some(Staking::owner(&hot(hotkey)).unwrap_or_else(|| cold(hotkey % 6)));
    let of_subnet = |number: u8| Subnets::owner(netuid(number));
    let staker = |hotkey: u8| {
        let stakers = (0..COLDKEYS)
            .map(cold)
            .filter(|coldkey| Staking::position(coldkey, &hot(hotkey)) > 0);
        pick(stakers.collect(), number)
    };
    let found = match act {
        Act::RemoveStake { hotkey, .. } | Act::RemoveAllStake { hotkey } => staker(hotkey),
        Act::MoveStake { from, .. } => staker(from),
        Act::TransferStake { hotkey, .. } => staker(hotkey),
        Act::SetTake { hotkey, .. }
        | Act::Register { hotkey, .. }
        | Act::TakeSeat { hotkey }
        | Act::LeaveSeat { hotkey }
        | Act::RootWeights { hotkey, .. }
        | Act::SwapHotkey { hotkey, .. }
        | Act::SetChildren { hotkey, .. }
        | Act::AcceptParent { hotkey, .. }
        | Act::ChildTake { hotkey, .. } => of_hotkey(hotkey),
        Act::RevokeLink { parent, child, .. } => of_hotkey(if number.is_multiple_of(2) { parent } else { child }),
        Act::SetParameter { netuid, .. }
        | Act::SetModels { netuid, .. }
        | Act::Dissolve { netuid }
        | Act::CancelDissolution { netuid }
        | Act::Offer { netuid, .. }
        | Act::SubnetIdentity { netuid, .. }
        | Act::ClearSubnetIdentity { netuid }
        | Act::Protect { netuid, .. } => of_subnet(netuid),
        Act::Accept { netuid } => pallet_laurel_subnets::Offers::<Runtime>::get(self::netuid(netuid)),
        Act::CancelSwap => pick(
            pallet_laurel_keys::ColdkeySwaps::<Runtime>::iter_keys().collect(),
            number,
        ),
        Act::ClearIdentity => pick(
            pallet_laurel_subnets::Identities::<Runtime>::iter_keys().collect(),
            number,
        ),
        Act::MoveToOpen { .. } | Act::MoveToCancel { .. } => Some(cold(number % 3)),
        Act::VoteOnMotion { motion, .. } => {
            let votes = votes_on(self::motion(motion).0);
            let silent = (0..3).map(cold).filter(|member| !votes.contains(member));
            pick(silent.collect(), number)
        }
        Act::Vote { index, .. } => pallet_laurel_governance::Proposals::<Runtime>::get(proposal(index))
            .and_then(|open| Some(pick(open.electorate.electors().to_vec(), number)?.account)),
        _ => None,
    };
    found.filter(has_key)
}

/// A subnet by its place among those there are, and one that is not there.
pub fn netuid(number: u8) -> NetUid {
    pick(Subnets::netuids().into_iter().chain([NetUid(999)]).collect(), number).expect("there is one at least")
}

impl Amount {
    /// In leaves, where there are `all`.
    fn of(self, all: Balance) -> Balance {
        let settings = pallet_laurel_staking::StakingSettings::<Runtime>::get();
        match self {
            Self::Zero => 0,
            Self::One => 1,
            Self::BelowDeposit => EXISTENTIAL_DEPOSIT - 1,
            Self::Deposit => EXISTENTIAL_DEPOSIT,
            Self::MinStake => settings.min_stake,
            Self::MinNomination => settings.min_nomination,
            Self::AllButOne => all.saturating_sub(1),
            Self::All => all,
            Self::MoreThanAll => all.saturating_add(1),
            Self::Max => Balance::MAX,
            Self::Part(part) => (u128::from(all) * u128::from(part) / 256) as Balance,
            Self::Leaves(mantissa, exponent) => Balance::from(mantissa) << exponent,
        }
    }
}

/// The call of an account.
fn call(actor: &AccountId, act: Act, said: &mut Said) -> RuntimeCall {
    match act {
        Act::Pay { to, amount, way } => transfer(actor, account(to), amount, way),
        Act::AddStake { .. }
        | Act::RemoveStake { .. }
        | Act::RemoveAllStake { .. }
        | Act::MoveStake { .. }
        | Act::TransferStake { .. }
        | Act::ClearNomination { .. }
        | Act::SetTake { .. }
        | Act::StakingSettings { .. } => of_staking(actor, act).into(),
        Act::Register { .. } | Act::PublishAxon { .. } | Act::WithdrawAxon { .. } | Act::Protect { .. } => {
            of_neurons(actor, act).into()
        }
        Act::Commit { .. }
        | Act::Reveal { .. }
        | Act::SetWeights { .. }
        | Act::CommitEverywhere { .. }
        | Act::RevealEverywhere { .. }
        | Act::SetWeightsEverywhere { .. } => of_scoring(actor, act, said).into(),
        Act::TakeSeat { .. } | Act::LeaveSeat { .. } | Act::RootWeights { .. } => of_root(actor, act).into(),
        Act::SwapHotkey { .. }
        | Act::AnnounceSwap { .. }
        | Act::CancelSwap
        | Act::SwapColdkey { .. }
        | Act::ClearExpiredSwap { .. } => of_keys(actor, act).into(),
        Act::SetChildren { .. } | Act::AcceptParent { .. } | Act::RevokeLink { .. } | Act::ChildTake { .. } => {
            of_children(act).into()
        }
        Act::MoveToOpen { .. }
        | Act::MoveToCancel { .. }
        | Act::VoteOnMotion { .. }
        | Act::CloseMotion { .. }
        | Act::Vote { .. }
        | Act::Close { .. } => of_governance(act),
        Act::AddProxy { delegate } => pallet_proxy::Call::add_proxy {
            delegate: cold(delegate).into(),
            proxy_type: ProxyType::Any,
            delay: 0,
        }
        .into(),
        Act::RemoveProxy { delegate } => pallet_proxy::Call::remove_proxy {
            delegate: cold(delegate).into(),
            proxy_type: ProxyType::Any,
            delay: 0,
        }
        .into(),
        Act::SafeMode { on: true } => pallet_safe_mode::Call::force_enter {}.into(),
        Act::SafeMode { on: false } => pallet_safe_mode::Call::force_exit {}.into(),
        Act::Remark => frame_system::Call::remark { remark: vec![1] }.into(),
        Act::Work { .. } => unreachable!("nobody signs work"),
        _ => of_subnets(act).into(),
    }
}

fn transfer(from: &AccountId, to: AccountId, amount: Amount, way: Way) -> RuntimeCall {
    use pallet_balances::Call;
    let (dest, all) = (to.into(), spendable(from));
    let call = match way {
        Way::AllowDeath => Call::transfer_allow_death {
            dest,
            value: amount.of(Balances::balance(from)),
        },
        Way::KeepAlive => Call::transfer_keep_alive {
            dest,
            value: amount.of(all),
        },
        Way::All => Call::transfer_all {
            dest,
            keep_alive: false,
        },
        Way::AllKeepAlive => Call::transfer_all { dest, keep_alive: true },
        Way::Forced => Call::force_transfer {
            source: from.clone().into(),
            dest,
            value: amount.of(all),
        },
        Way::Burned => Call::burn {
            value: amount.of(all),
            keep_alive: true,
        },
    };
    call.into()
}

fn of_staking(actor: &AccountId, act: Act) -> pallet_laurel_staking::Call<Runtime> {
    use pallet_laurel_staking::{Call, Settings};
    let value = |hotkey: u8| Staking::position_value(actor, &hot(hotkey));
    match act {
        Act::AddStake { hotkey, amount } => Call::add_stake {
            hotkey: hot(hotkey),
            amount: amount.of(spendable(actor)),
        },
        Act::RemoveStake { hotkey, amount } => Call::remove_stake {
            hotkey: hot(hotkey),
            amount: amount.of(value(hotkey)),
        },
        Act::RemoveAllStake { hotkey } => Call::remove_all_stake { hotkey: hot(hotkey) },
        Act::MoveStake { from, to, amount } => Call::move_stake {
            from: hot(from),
            to: hot(to),
            amount: amount.map(|amount| amount.of(value(from))),
        },
        Act::TransferStake { hotkey, to, amount } => Call::transfer_stake {
            hotkey: hot(hotkey),
            to: account(to),
            amount: amount.map(|amount| amount.of(value(hotkey))),
        },
        Act::ClearNomination { coldkey, hotkey } => Call::clear_nomination {
            coldkey: account(coldkey),
            hotkey: hot(hotkey),
        },
        Act::SetTake { hotkey, take } => Call::set_take {
            hotkey: hot(hotkey),
            take: Take(u16::from(take) * 47), // up to a little above the highest
        },
        Act::StakingSettings { choice } => {
            let min_stake = [LRL / 1_000, EXISTENTIAL_DEPOSIT, LRL][usize::from(choice % 3)];
            let nominations = [LRL / 10, min_stake, 100 * LRL, 0];
            let settings = Settings {
                min_stake,
                min_nomination: nominations[usize::from(choice / 3 % 4)],
                ..pallet_laurel_staking::StakingSettings::<Runtime>::get()
            };
            Call::set_settings { settings }
        }
        other => unreachable!("{other:?} is not of staking"),
    }
}

fn of_neurons(actor: &AccountId, act: Act) -> pallet_laurel_neurons::Call<Runtime> {
    use pallet_laurel_neurons::Call;
    match act {
        Act::Register {
            netuid,
            hotkey,
            max_price,
        } => {
            let (netuid, hotkey) = (self::netuid(netuid), hot(hotkey));
            Call::burned_register {
                netuid,
                max_price: max_price.of(Neurons::quote_at(netuid, System::block_number()).unwrap_or(LRL)),
                consent: consent(&hotkey, actor),
                hotkey,
            }
        }
        Act::PublishAxon { netuid, hotkey } => Call::publish_axon {
            netuid: self::netuid(netuid),
            address: AxonAddress::V4([127, 0, 0, 1], 8_000 + u16::from(hotkey)),
            protocol: 1,
            model: MODEL,
        },
        Act::WithdrawAxon { netuid, .. } => Call::withdraw_axon {
            netuid: self::netuid(netuid),
        },
        Act::Protect { netuid, hotkey } => Call::protect_neuron {
            netuid: self::netuid(netuid),
            hotkey: hot(hotkey),
        },
        other => unreachable!("{other:?} is not of neurons"),
    }
}

/// A registration by work, bound to the block before.
fn work(netuid: NetUid, hotkey: &AccountId, coldkey: &AccountId) -> RuntimeCall {
    let block = System::block_number().saturating_sub(1);
    let (genesis, hash) = (System::block_hash(0), System::block_hash(block));
    let digest = blake2_256(&work_preimage(&genesis.0, netuid, (block, &hash.0), hotkey, coldkey));
    let difficulty = Neurons::difficulty_quote_at(netuid, System::block_number()).unwrap_or(1);
    let meets = |nonce: &u64| meets_difficulty(&blake2_256(&seal_preimage(*nonce, &digest)), difficulty);
    let nonce = (0..TRIES).find(meets).unwrap_or(0);
    let call = pallet_laurel_neurons::Call::pow_register {
        netuid,
        hotkey: hotkey.clone(),
        coldkey: coldkey.clone(),
        work: Work { block, nonce },
        consent: consent(hotkey, coldkey).expect("hotkeys have keys"),
    };
    call.into()
}

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

fn of_scoring(hotkey: &AccountId, act: Act, said: &mut Said) -> pallet_laurel_scoring::Call<Runtime> {
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
            let CommitItem { netuid, hash } = commitment(self::netuid(netuid), hotkey, opinion, said);
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
            } = revelation(self::netuid(netuid), hotkey, opinion, said);
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
            } = weights(self::netuid(netuid), opinion);
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

fn of_root(actor: &AccountId, act: Act) -> pallet_laurel_root::Call<Runtime> {
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

fn of_keys(actor: &AccountId, act: Act) -> pallet_laurel_keys::Call<Runtime> {
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

fn of_children(act: Act) -> pallet_laurel_children::Call<Runtime> {
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
                netuid: self::netuid(netuid),
                children,
            }
        }
        Act::AcceptParent { netuid, hotkey, parent } => Call::accept_parent {
            hotkey: hot(hotkey),
            netuid: self::netuid(netuid),
            parent: hot(parent),
        },
        Act::RevokeLink { netuid, parent, child } => Call::revoke_link {
            netuid: self::netuid(netuid),
            parent: hot(parent),
            child: hot(child),
        },
        Act::ChildTake { netuid, hotkey, take } => Call::set_child_take {
            hotkey: hot(hotkey),
            netuid: self::netuid(netuid),
            take: Take(u16::from(take) * 47),
        },
        other => unreachable!("{other:?} is not of children"),
    }
}

/// What the council proposes that root does.
fn decision(choice: u8) -> RuntimeCall {
    let netuid = self::netuid(choice / 4);
    match choice % 4 {
        0 => of_staking(&cold(0), Act::StakingSettings { choice: choice / 4 }).into(),
        1 => pallet_laurel_subnets::Call::announce_dissolution { netuid }.into(),
        2 => pallet_laurel_subnets::Call::set_hyperparameter {
            netuid,
            change: Hyperparameter::MaxUids(5),
        }
        .into(),
        _ => pallet_safe_mode::Call::force_exit {}.into(),
    }
}

/// The open proposal of that place.
fn proposal(number: u8) -> u32 {
    let mut open: Vec<_> = pallet_laurel_governance::Proposals::<Runtime>::iter_keys().collect();
    open.sort_unstable();
    pick(open, number).unwrap_or(u32::from(number))
}

fn of_governance(act: Act) -> RuntimeCall {
    use pallet_collective::Call as Council;
    use pallet_laurel_governance::{Call, Vote};
    let motion = |call: RuntimeCall| -> RuntimeCall {
        let length_bound = call.encoded_size() as u32;
        Council::<Runtime, CouncilInstance>::propose {
            threshold: 2,
            proposal: Box::new(call),
            length_bound,
        }
        .into()
    };
    match act {
        Act::MoveToOpen { choice } => {
            let inline = decision(choice).encode().try_into().expect("decisions are short");
            motion(
                Call::open {
                    call: Bounded::Inline(inline),
                }
                .into(),
            )
        }
        Act::MoveToCancel { index } => {
            let waiting = pallet_laurel_governance::Enactments::<Runtime>::get();
            let approved = waiting.last().filter(|_| index >= 8).map(|enactment| enactment.index);
            motion(
                Call::cancel {
                    index: approved.unwrap_or_else(|| proposal(index)),
                }
                .into(),
            )
        }
        Act::VoteOnMotion { motion, aye } => {
            let (proposal, index, _) = self::motion(motion);
            Council::<Runtime, CouncilInstance>::vote {
                proposal,
                index,
                approve: aye,
            }
            .into()
        }
        Act::CloseMotion { motion } => {
            let (proposal_hash, index, call) = self::motion(motion);
            let bounds = call.map(|call| (call.get_dispatch_info().call_weight, call.encoded_size() as u32));
            let (proposal_weight_bound, length_bound) = bounds.unwrap_or((Weight::zero(), 0));
            Council::<Runtime, CouncilInstance>::close {
                proposal_hash,
                index,
                proposal_weight_bound,
                length_bound,
            }
            .into()
        }
        Act::Vote { index, aye } => {
            let vote = if aye { Vote::Aye } else { Vote::Nay };
            Call::vote {
                index: proposal(index),
                vote,
            }
            .into()
        }
        Act::Close { index } => Call::close { index: proposal(index) }.into(),
        other => unreachable!("{other:?} is not of governance"),
    }
}

/// A motion of the council: hash, index, what it would do.
fn motion(number: u8) -> (H256, u32, Option<RuntimeCall>) {
    use pallet_collective::{ProposalOf, Proposals, Voting};
    let open = Proposals::<Runtime, CouncilInstance>::get().into_inner();
    let hash = pick(open, number).unwrap_or_default();
    // The index is the first field of the votes, which the council keeps to itself.
    let votes = Voting::<Runtime, CouncilInstance>::get(hash)
        .map(|votes| votes.encode())
        .unwrap_or_default();
    let index = u32::decode(&mut votes.as_slice()).unwrap_or(0);
    (hash, index, ProposalOf::<Runtime, CouncilInstance>::get(hash))
}

/// Who voted on a motion.
fn votes_on(motion: H256) -> Vec<AccountId> {
    use pallet_collective::Voting;
    let votes = Voting::<Runtime, CouncilInstance>::get(motion)
        .map(|votes| votes.encode())
        .unwrap_or_default();
    // Index, threshold, ayes, nays and more, which the council keeps to itself.
    let votes = <(u32, u32, Vec<AccountId>, Vec<AccountId>)>::decode(&mut votes.as_slice());
    votes
        .map(|(_, _, ayes, nays)| [ayes, nays].concat())
        .unwrap_or_default()
}

/// One of the changes of a subnet's parameters that turn something on its head.
fn parameter(which: u8, value: u8) -> Hyperparameter {
    let flag = value.is_multiple_of(2);
    match which % 20 {
        0 => Hyperparameter::Tempo([5, 6, 8, 0][usize::from(value % 4)]),
        1 => Hyperparameter::MaxUids(u16::from(value % 4) + 3),
        2 => Hyperparameter::MaxValidators(u16::from(value % 4) + 1),
        3 => Hyperparameter::ImmunityPeriod(u32::from(value % 3) * 4),
        4 => Hyperparameter::RegistrationAllowed(!value.is_multiple_of(4)),
        5 => Hyperparameter::CommitReveal(flag),
        6 => Hyperparameter::PowAllowed(!value.is_multiple_of(4)),
        7 => Hyperparameter::MinBurn(if flag { 1 } else { LRL }),
        8 => Hyperparameter::MaxBurn(if flag { LRL } else { 10 * LRL }),
        9 => Hyperparameter::BondsPenalty(u16::from(value) * 257),
        10 => Hyperparameter::MaxStake(if flag { LRL } else { Balance::MAX }),
        11 => Hyperparameter::RevealPeriod(u16::from(value % 3) + 1),
        12 => Hyperparameter::ActivityCutoff(if flag { 10 } else { 5_000 }),
        13 => Hyperparameter::LiquidAlpha(flag.then_some((40_000, 60_000))),
        14 => Hyperparameter::WeightsRateLimit(u32::from(value % 4)),
        15 => Hyperparameter::Kappa(if flag { 13_107 } else { 58_982 }),
        16 => Hyperparameter::WeightsVersion(u64::from(value % 3)),
        17 => Hyperparameter::StalenessPenalty(u16::from(value) * 257),
        18 => Hyperparameter::BondsMovingAverage(if flag { 0 } else { 999_999 }),
        _ => Hyperparameter::MaxWeightLimit(if flag { 30_000 } else { u16::MAX }),
    }
}

fn of_subnets(act: Act) -> pallet_laurel_subnets::Call<Runtime> {
    use pallet_laurel_subnets::Call;
    match act {
        Act::CreateSubnet { max_lock } => Call::create_subnet {
            max_lock: max_lock.of(laurel_api::quote_create_subnet()),
        },
        Act::SetParameter { netuid, which, value } => Call::set_hyperparameter {
            netuid: self::netuid(netuid),
            change: parameter(which, value),
        },
        Act::SetModels { netuid, models } => Call::set_models {
            netuid: self::netuid(netuid),
            models: self::models(models),
        },
        Act::Dissolve { netuid } => Call::announce_dissolution {
            netuid: self::netuid(netuid),
        },
        Act::CancelDissolution { netuid } => Call::cancel_dissolution {
            netuid: self::netuid(netuid),
        },
        Act::Offer { netuid, to } => Call::offer_subnet {
            netuid: self::netuid(netuid),
            to: to.map(cold),
        },
        Act::Accept { netuid } => Call::accept_subnet {
            netuid: self::netuid(netuid),
        },
        Act::SubnetIdentity { netuid, length } => Call::set_subnet_identity {
            netuid: self::netuid(netuid),
            identity: identity(length),
        },
        Act::ClearSubnetIdentity { netuid } => Call::clear_subnet_identity {
            netuid: self::netuid(netuid),
        },
        Act::Identity { length } => Call::set_identity {
            identity: identity(length),
        },
        Act::ClearIdentity => Call::clear_identity {},
        Act::SubnetSettings { choice } => Call::set_settings {
            settings: settings(choice),
        },
        other => unreachable!("{other:?} is not of subnets"),
    }
}

/// The first list is empty, which is refused.
fn models(number: u8) -> pallet_laurel_subnets::Models {
    let model = |number: u8| AcceptedModel {
        root: ModelRoot([number; 32]),
        kind: ModelKind::Embedding,
        context: 512,
        tokenizer: TokenizerRoot([1; 32]),
        sampler: 0,
    };
    let models: Vec<_> = (0..number % 4).map(|place| model(place + 1)).collect();
    models.try_into().expect("there are three at most")
}

/// None of nothing is refused.
fn identity(length: u8) -> Identity {
    Identity {
        name: Text::truncate_from(vec![b'x'; usize::from(length % 60)]),
        ..Identity::default()
    }
}

/// With these everything happens within a few blocks.
pub fn settings(choice: u8) -> SubnetSettings {
    let of = |values: [u32; 4], place: u8| values[usize::from(choice >> (2 * place) & 3)];
    SubnetSettings {
        default_params: params(),
        max_subnets: of([3, 2, 4, 1], 0),
        immunity_period: of([10, 0, 20, 10], 1),
        lock_reduction_interval: 20,
        lock_vesting: of([60, 0, 200, 60], 2),
        early_end_burn: of([50, 100, 0, 50], 3) as u8,
        dissolution_delay: 5,
        parameter_cooldown: 2,
        create_rate_limit: 1,
        freeze_window: 1,
        min_lock: 100 * LRL,
        ..SubnetSettings::default()
    }
}

/// The parameters with which subnets begin: short epochs, few places, easy work.
fn params() -> Hyperparameters {
    Hyperparameters {
        tempo: 5,
        immunity_period: 4,
        max_uids: 5,
        max_validators: 3,
        weights_rate_limit: 2,
        demand_half_life: 10,
        min_difficulty: 1_000,
        axon_lifetime: 10,
        axon_interval: 2,
        ..genesis::local_params()
    }
}
