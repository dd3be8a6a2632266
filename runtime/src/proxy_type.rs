//! What a proxy may do: for each type the calls that it admits, and nothing else.
//!
//! Every call of the runtime has a line in [`CALLS`]. A call without one, as a new one would be, is admitted by `Any` alone, so that no upgrade can
//! widen what somebody once signed for; and a test fails until the new call has its line.
use crate::RuntimeCall;
use frame_support::traits::{GetCallMetadata, InstanceFilter};
use laurel_types::{
    ProxyType::{self, *},
    SMALL_TRANSFER,
};

/// Wrappers that every type admits: what they wrap is asked about in its turn.
const WRAPPER: &[ProxyType] = ProxyType::ALL;

/// For `Any` alone: it moves keys or power, or only root can call it.
const ANY_ONLY: &[ProxyType] = &[];

/// Every call of the runtime, with the types beside `Any` that admit it.
pub const CALLS: &[(&str, &[&str], &[ProxyType])] = &[
    (
        "System",
        &[
            "remark",
            "remark_with_event",
            "set_heap_pages",
            "set_code",
            "set_code_without_checks",
            "set_storage",
            "kill_storage",
            "kill_prefix",
            "authorize_upgrade",
            "authorize_upgrade_without_checks",
            "apply_authorized_upgrade",
        ],
        ANY_ONLY,
    ),
    ("Timestamp", &["set"], ANY_ONLY),
    (
        "Grandpa",
        &["report_equivocation", "report_equivocation_unsigned", "note_stalled"],
        ANY_ONLY,
    ),
    // `transfer_all` and `transfer_allow_death` can end the account, but move nothing more than a transfer may.
    (
        "Balances",
        &["transfer_allow_death", "transfer_keep_alive"],
        &[Transfer, SmallTransfer],
    ),
    ("Balances", &["transfer_all"], &[Transfer]),
    (
        "Balances",
        &[
            "force_transfer",
            "force_unreserve",
            "upgrade_accounts",
            "force_set_balance",
            "force_adjust_total_issuance",
            "burn",
        ],
        ANY_ONLY,
    ),
    ("Utility", &["batch", "batch_all", "force_batch"], WRAPPER),
    (
        "Utility",
        &[
            "as_derivative",
            "dispatch_as",
            "with_weight",
            "if_else",
            "dispatch_as_fallible",
        ],
        ANY_ONLY,
    ),
    (
        "Sudo",
        &["sudo", "sudo_unchecked_weight", "set_key", "sudo_as", "remove_key"],
        ANY_ONLY,
    ),
    ("Council", &["propose", "vote", "close"], &[Governance]),
    (
        "Council",
        &[
            "set_members",
            "execute",
            "disapprove_proposal",
            "kill",
            "release_proposal_cost",
        ],
        ANY_ONLY,
    ),
    (
        "CouncilMembership",
        &[
            "add_member",
            "remove_member",
            "swap_member",
            "reset_members",
            "change_key",
            "set_prime",
            "clear_prime",
        ],
        ANY_ONLY,
    ),
    (
        "Scheduler",
        &[
            "schedule",
            "cancel",
            "schedule_named",
            "cancel_named",
            "schedule_after",
            "schedule_named_after",
            "set_retry",
            "set_retry_named",
            "cancel_retry",
            "cancel_retry_named",
        ],
        ANY_ONLY,
    ),
    ("Preimage", &["note_preimage", "unnote_preimage"], &[Governance]),
    (
        "Preimage",
        &["request_preimage", "unrequest_preimage", "ensure_updated"],
        ANY_ONLY,
    ),
    // A proxy that could call for another account would carry that account's permission past its own type.
    (
        "Proxy",
        &[
            "proxy",
            "proxy_announced",
            "add_proxy",
            "remove_proxy",
            "remove_proxies",
            "create_pure",
            "kill_pure",
            "announce",
            "remove_announcement",
            "reject_announcement",
            "poke_deposit",
        ],
        ANY_ONLY,
    ),
    (
        "Multisig",
        &[
            "as_multi_threshold_1",
            "as_multi",
            "approve_as_multi",
            "cancel_as_multi",
            "poke_deposit",
        ],
        ANY_ONLY,
    ),
    (
        "SafeMode",
        &[
            "enter",
            "force_enter",
            "extend",
            "force_extend",
            "force_exit",
            "force_slash_deposit",
            "release_deposit",
            "force_release_deposit",
        ],
        ANY_ONLY,
    ),
    ("Governance", &["open", "vote", "close", "cancel"], &[Governance]),
    // Creating locks tokens of the account, the others end or move what it owns: they need the account itself.
    (
        "Subnets",
        &[
            "create_subnet",
            "announce_dissolution",
            "offer_subnet",
            "accept_subnet",
            "set_settings",
        ],
        ANY_ONLY,
    ),
    (
        "Subnets",
        &[
            "set_hyperparameter",
            "set_models",
            "cancel_dissolution",
            "set_subnet_identity",
            "clear_subnet_identity",
            "set_identity",
            "clear_identity",
        ],
        &[Owner],
    ),
    ("Neurons", &["burned_register"], &[Registration]),
    // Carries no signer, so no proxy has a use for it.
    ("Neurons", &["pow_register"], ANY_ONLY),
    ("Neurons", &["protect_neuron"], &[Owner]),
    ("Neurons", &["publish_axon", "withdraw_axon"], &[Weights]),
    (
        "Staking",
        &[
            "add_stake",
            "remove_stake",
            "remove_all_stake",
            "set_take",
            "move_stake",
            "clear_nomination",
        ],
        &[Staking],
    ),
    // To another coldkey, or for root.
    ("Staking", &["transfer_stake", "set_settings"], ANY_ONLY),
    (
        "Scoring",
        &[
            "commit_weights",
            "reveal_weights",
            "set_weights",
            "batch_set_weights",
            "batch_commit_weights",
            "batch_reveal_weights",
        ],
        &[Weights],
    ),
    ("Root", &["register_seat"], &[Registration]),
    ("Root", &["leave_seat"], ANY_ONLY),
    ("Root", &["set_root_weights"], &[RootWeights]),
    // Whoever swaps keys takes over the account or its hotkeys.
    (
        "Keys",
        &[
            "swap_hotkey",
            "announce_coldkey_swap",
            "cancel_coldkey_swap",
            "swap_coldkey",
            "clear_expired_swap",
        ],
        ANY_ONLY,
    ),
    (
        "Children",
        &["set_children", "accept_parent", "revoke_link", "set_child_take"],
        &[ChildKeys],
    ),
    // A gateway can draw all that is deposited for it, whoever owns it: to deposit is to transfer.
    ("Prepaid", &["deposit", "withdraw", "take_back"], &[Transfer]),
    // The hotkey answers for what its users paid; the terms are for root.
    ("Prepaid", &["draw", "set_terms"], ANY_ONLY),
];

/// The types beside `Any` that admit a call; none if nobody said.
pub fn admitting(pallet: &str, call: &str) -> Option<&'static [ProxyType]> {
    CALLS
        .iter()
        .find(|(listed, calls, _)| *listed == pallet && calls.contains(&call))
        .map(|(_, _, types)| *types)
}

/// Whether the amount is within a type's bound.
fn within_bound(proxy: ProxyType, call: &RuntimeCall) -> bool {
    use pallet_balances::Call;
    match (proxy, call) {
        (
            SmallTransfer,
            RuntimeCall::Balances(Call::transfer_keep_alive { value, .. } | Call::transfer_allow_death { value, .. }),
        ) => *value <= SMALL_TRANSFER,
        _ => true,
    }
}

impl InstanceFilter<RuntimeCall> for ProxyType {
    fn filter(&self, call: &RuntimeCall) -> bool {
        if *self == Any {
            return true;
        }
        let names = call.get_call_metadata();
        let admits = admitting(names.pallet_name, names.function_name).is_some_and(|types| types.contains(self));
        admits && within_bound(*self, call)
    }

    fn is_superset(&self, other: &Self) -> bool {
        match (self, other) {
            (Any, _) | (Transfer, SmallTransfer) => true,
            _ => self == other,
        }
    }
}
