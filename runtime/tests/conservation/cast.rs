//! Who acts: six coldkeys that begin with tokens and four that do not, ten hotkeys, and the accounts that nobody has a key of.
use crate::step::Who;
use frame_support::traits::fungible::Inspect as _;
use laurel_runtime::{
    signing::{extension, seal},
    AccountId, Balances, Multisig, Rewards, RuntimeCall, SignedPayload, Staking, System, UncheckedExtrinsic,
};
use laurel_types::{consent_preimage, Balance, HotkeyConsent, NetUid};
use sp_core::{sr25519, Pair};
use sp_keyring::Sr25519Keyring;
use std::{collections::BTreeMap, sync::LazyLock};

/// Coldkeys. The first six are the endowed ones of the presets for one machine: of them the first holds the sudo key, the first two make
/// blocks, the first three are the council.
pub const COLDKEYS: u8 = 10;
/// Hotkeys.
pub const HOTKEYS: u8 = 10;

/// Keys by account.
struct Cast {
    pairs: Vec<sr25519::Pair>,
    places: BTreeMap<AccountId, usize>,
}

static CAST: LazyLock<Cast> = LazyLock::new(|| {
    use Sr25519Keyring::{Alice, Bob, Charlie, Dave, Eve, Ferdie};
    let derived = |kind: &str, number: u8| {
        sr25519::Pair::from_string(&format!("//{kind}//{number}"), None).expect("the path is well formed")
    };
    let mut pairs: Vec<_> = [Alice, Bob, Charlie, Dave, Eve, Ferdie]
        .map(Sr25519Keyring::pair)
        .to_vec();
    pairs.extend((6..COLDKEYS).map(|number| derived("cold", number)));
    pairs.extend((0..HOTKEYS).map(|number| derived("hot", number)));
    let places = pairs
        .iter()
        .enumerate()
        .map(|(place, pair)| (pair.public().into(), place))
        .collect();
    Cast { pairs, places }
});

/// The coldkey of that number.
pub fn cold(number: u8) -> AccountId {
    CAST.pairs[usize::from(number % COLDKEYS)].public().into()
}

/// The hotkey of that number.
pub fn hot(number: u8) -> AccountId {
    CAST.pairs[usize::from(COLDKEYS + number % HOTKEYS)].public().into()
}

/// Every hotkey.
pub fn hotkeys() -> impl Iterator<Item = AccountId> {
    (0..HOTKEYS).map(hot)
}

/// Whose account it is.
pub fn account(who: Who) -> AccountId {
    match who {
        Who::Cold(number) => cold(number),
        Who::Hot(number) => hot(number),
        Who::StakingPot => Staking::pot(),
        Who::Burn => Rewards::burn_account(),
        Who::Reserve => Rewards::reserve_account(),
        Who::Pot(netuid) => Rewards::pot_account(NetUid(u16::from(netuid))),
        Who::Multisig => Multisig::multi_account_id(&partners(), 2),
    }
}

/// The two who share an account, in the order that a multisig wants.
pub fn partners() -> [AccountId; 2] {
    let mut partners = [cold(2), cold(3)];
    partners.sort();
    partners
}

/// An account's name in the steps.
pub fn name(account: &AccountId) -> String {
    match CAST.places.get(account) {
        Some(place) if *place < usize::from(COLDKEYS) => format!("Cold({place})"),
        Some(place) => format!("Hot({})", place - usize::from(COLDKEYS)),
        None => (0..64)
            .map(Who::Pot)
            .chain([Who::StakingPot, Who::Burn, Who::Reserve, Who::Multisig])
            .find(|who| self::account(*who) == *account)
            .map_or_else(|| account.to_string(), |who| format!("{who:?}")),
    }
}

/// The number of a hotkey of the cast.
pub fn place_of_hotkey(account: &AccountId) -> Option<u8> {
    let place = *CAST.places.get(account)? as u8;
    place.checked_sub(COLDKEYS)
}

/// Who of the cast an account is, if it has a key.
pub fn party(account: &AccountId) -> Option<Who> {
    let place = *CAST.places.get(account)? as u8;
    Some(place.checked_sub(COLDKEYS).map_or(Who::Cold(place), Who::Hot))
}

/// All that an account could spend and stay.
pub fn spendable(account: &AccountId) -> Balance {
    Balances::balance(account).saturating_sub(laurel_runtime::configs::EXISTENTIAL_DEPOSIT)
}

/// Whether the cast has the account's key.
pub fn has_key(account: &AccountId) -> bool {
    CAST.places.contains_key(account)
}

/// The hotkey's signature that it belongs to the coldkey; none from an account without a key.
pub fn consent(hotkey: &AccountId, coldkey: &AccountId) -> Option<HotkeyConsent> {
    let pair = &CAST.pairs[*CAST.places.get(hotkey)?];
    let message = consent_preimage(&System::block_hash(0), hotkey, coldkey);
    Some(HotkeyConsent(pair.sign(&message).0))
}

/// The call, signed by an account of the cast with its next nonce.
pub fn signed(signer: &AccountId, call: RuntimeCall) -> UncheckedExtrinsic {
    let payload = SignedPayload::new(call, extension(System::account_nonce(signer), 0));
    seal(
        &CAST.pairs[CAST.places[signer]],
        payload.expect("nothing has to be looked up"),
    )
}
