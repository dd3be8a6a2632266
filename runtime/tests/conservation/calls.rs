//! What a step is on the chain as it stands: who signs, what is wrapped in what. What the call itself is, its domain's file says.
use crate::{
    aim::{aimed, pick},
    cast::{account, cold, has_key, hot, partners, COLDKEYS},
    deciding, hotkeys, money, places, prepaid,
    said::{self, Said},
    step::{Act, By, Way, Who, Wrap},
};
use codec::{Decode, Encode};
use frame_support::dispatch::GetDispatchInfo;
use laurel_runtime::{configs::EXISTENTIAL_DEPOSIT, AccountId, Multisig, Runtime, RuntimeCall, Staking, Subnets};
use laurel_support::{Hotkeys as _, Subnets as _};
use laurel_types::{NetUid, ProxyType, Setter};
use sp_io::hashing::blake2_256;

/// A call, and who makes it known: none where nobody signs.
pub struct Deed {
    pub signer: Option<AccountId>,
    pub call: RuntimeCall,
}

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
            call: places::work(self::netuid(netuid), &hot(hotkey), &cold(coldkey)),
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
        Act::StakingSettings { .. } | Act::SubnetSettings { .. } | Act::PrepaidTerms { .. } | Act::SafeMode { .. } => {
            true
        }
        Act::Pay { way, .. } => way == Way::Forced,
        Act::SetParameter { which, value, .. } => places::parameter(which, value).setter() == Setter::Root,
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
        Act::Draw { gateway, .. } => Some(hot(gateway)),
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
            let motion = deciding::motion(motion);
            let silent = (0..3).map(cold).filter(|member| !motion.has_voted(member));
            pick(silent.collect(), number)
        }
        Act::Vote { index, .. } => deciding::voter(index, number),
        Act::Announce { .. } | Act::TakeBack { .. } => prepaid::entitled(act, number),
        _ => None,
    };
    found.filter(has_key)
}

/// A subnet by its place among those there are, and one that is not there.
pub fn netuid(number: u8) -> NetUid {
    pick(Subnets::netuids().into_iter().chain([NetUid(999)]).collect(), number).expect("there is one at least")
}

/// The call of an account.
fn call(actor: &AccountId, act: Act, said: &mut Said) -> RuntimeCall {
    match act {
        Act::Pay { to, amount, way } => money::transfer(actor, account(to), amount, way),
        Act::AddStake { .. }
        | Act::RemoveStake { .. }
        | Act::RemoveAllStake { .. }
        | Act::MoveStake { .. }
        | Act::TransferStake { .. }
        | Act::ClearNomination { .. }
        | Act::SetTake { .. }
        | Act::StakingSettings { .. } => money::of_staking(actor, act).into(),
        Act::Register { .. } | Act::PublishAxon { .. } | Act::WithdrawAxon { .. } | Act::Protect { .. } => {
            places::of_neurons(actor, act).into()
        }
        Act::Commit { .. }
        | Act::Reveal { .. }
        | Act::SetWeights { .. }
        | Act::CommitEverywhere { .. }
        | Act::RevealEverywhere { .. }
        | Act::SetWeightsEverywhere { .. } => said::of_scoring(actor, act, said).into(),
        Act::TakeSeat { .. } | Act::LeaveSeat { .. } | Act::RootWeights { .. } => hotkeys::of_root(actor, act).into(),
        Act::SwapHotkey { .. }
        | Act::AnnounceSwap { .. }
        | Act::CancelSwap
        | Act::SwapColdkey { .. }
        | Act::ClearExpiredSwap { .. } => hotkeys::of_keys(actor, act).into(),
        Act::SetChildren { .. } | Act::AcceptParent { .. } | Act::RevokeLink { .. } | Act::ChildTake { .. } => {
            hotkeys::of_children(act).into()
        }
        Act::MoveToOpen { .. }
        | Act::MoveToCancel { .. }
        | Act::VoteOnMotion { .. }
        | Act::CloseMotion { .. }
        | Act::Vote { .. }
        | Act::Close { .. } => deciding::of_governance(act),
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
        Act::Prepay { .. }
        | Act::Announce { .. }
        | Act::TakeBack { .. }
        | Act::Draw { .. }
        | Act::PrepaidTerms { .. } => prepaid::call(actor, act).into(),
        Act::Remark => frame_system::Call::remark { remark: vec![1] }.into(),
        Act::Work { .. } => unreachable!("nobody signs work"),
        _ => places::of_subnets(act).into(),
    }
}
