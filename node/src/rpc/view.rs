//! The records of `laurel_types` as readable JSON: amounts are decimal strings of leaves, because JSON numbers lose digits
//! above 2⁵³; accounts are ss58, model roots hexadecimal, endpoints `host:port`. Field names are those of the records.
//! Proportions stay numbers of 65535ths.
use laurel_runtime::AccountId;
use laurel_types::{
    AcceptedModel, Axon, Balance, BlockNumber, EpochIndex, EpochSummary, HotkeyInfo, Hyperparameters, Metagraph,
    ModelKind, ModelRoot, NetUid, NeuronInfo, NeuronScores, RegistrationId, RootInfo, RootSeat, SignedBalance,
    StakeInfo, SubnetInfo, Supply, Take, TokenizerRoot, Uid, UnstakeQuote,
};
use serde::{de, Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use std::{fmt, net::SocketAddr, str::FromStr};

/// A number that JSON cannot hold exactly, written as a decimal string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal(pub u64);

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parsed(deserializer).map(Self)
    }
}

impl From<Balance> for Decimal {
    fn from(amount: Balance) -> Self {
        Self(amount)
    }
}

/// The same for a number that can be below zero, with a `-` in front then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedDecimal(pub i64);

impl Serialize for SignedDecimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for SignedDecimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parsed(deserializer).map(Self)
    }
}

impl From<SignedBalance> for SignedDecimal {
    fn from(amount: SignedBalance) -> Self {
        Self(amount)
    }
}

/// 32 bytes as `0x` and 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hex32(pub [u8; 32]);

impl fmt::Display for Hex32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(self.0))
    }
}

impl FromStr for Hex32 {
    type Err = hex::FromHexError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text.trim_start_matches("0x"), &mut bytes)?;
        Ok(Self(bytes))
    }
}

impl Serialize for Hex32 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hex32 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parsed(deserializer)
    }
}

impl From<TokenizerRoot> for Hex32 {
    fn from(root: TokenizerRoot) -> Self {
        Self(root.0)
    }
}

impl From<ModelRoot> for Hex32 {
    fn from(root: ModelRoot) -> Self {
        Self(root.0)
    }
}

fn parsed<'de, D: Deserializer<'de>, T: FromStr<Err: fmt::Display>>(deserializer: D) -> Result<T, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
}

/// Declares a view with its fields, and how it follows from a record: each field converts by `Into`.
macro_rules! views {
    ($( $(#[$doc:meta])* $view:ident of $record:ty { $( $(#[$field_doc:meta])* $field:ident: $ty:ty, )* } )*) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $view {
            $( $(#[$field_doc])* pub $field: $ty, )*
        }

        impl From<$record> for $view {
            fn from(record: $record) -> Self {
                Self { $( $field: record.$field.into(), )* }
            }
        }
    )* };
}

pub(super) use views;

/// A list whose items convert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct List<T>(pub Vec<T>);

impl<T, U: From<T>> From<Vec<T>> for List<U> {
    fn from(items: Vec<T>) -> Self {
        Self(items.into_iter().map(U::from).collect())
    }
}

/// A record that may be missing, `null` then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Maybe<T>(pub Option<T>);

impl<T, U: From<T>> From<Option<T>> for Maybe<U> {
    fn from(item: Option<T>) -> Self {
        Self(item.map(U::from))
    }
}

views! {
    /// What one epoch paid.
    EpochView of EpochSummary {
        /// Which epoch.
        epoch: EpochIndex,
        /// Block in which it ran.
        block: BlockNumber,
        /// What the pot held.
        pot: Decimal,
        /// To the owner.
        owner: Decimal,
        /// To miners.
        miners: Decimal,
        /// To validators.
        validators: Decimal,
        /// Left in the pot.
        carried: Decimal,
    }

    /// A model that a subnet pays for.
    ModelView of AcceptedModel {
        /// Manifest root.
        root: Hex32,
        /// `text` or `embedding`.
        kind: ModelKind,
        /// Longest input plus output, in tokens.
        context: u32,
        /// Digest of its tokenizer.
        tokenizer: Hex32,
        /// Version of the sampler that checks its answers; 0 for embeddings.
        sampler: u32,
    }

    /// One subnet.
    SubnetView of SubnetInfo<AccountId> {
        /// Its number.
        netuid: NetUid,
        /// Who owns it.
        owner: AccountId,
        /// Parameters in force, by name.
        hyperparameters: HyperparametersView,
        /// Models it pays for.
        models: List<ModelView>,
        /// Neurons registered.
        neurons: u16,
        /// The running epoch.
        epoch: EpochIndex,
        /// Block in which it began.
        epoch_started_at: BlockNumber,
        /// Block at which the next is due.
        next_epoch_at: BlockNumber,
        /// Collected for the next payout.
        pot: Decimal,
        /// What the last block gave to the subnet.
        emission_per_block: Decimal,
        /// Price of registering in the next block.
        registration_price: Decimal,
        /// What the last epoch paid.
        last_epoch: Maybe<EpochView>,
    }

    /// Where a miner serves.
    AxonView of Axon {
        /// `host:port`.
        address: SocketAddrView,
        /// Version of the wire protocol.
        protocol: u16,
        /// Model it says it serves.
        model: Hex32,
        /// Block of the last renewal.
        published_at: BlockNumber,
        /// First block at which the record no longer counts.
        expires_at: BlockNumber,
    }

    /// What the last epoch said of a neuron.
    ScoresView of NeuronScores {
        /// Share of active stake.
        stake_weight: u16,
        /// Weight given to it that survived clipping.
        trust: u16,
        /// Score consensus.
        consensus: u16,
        /// Share of the miners' part.
        incentive: u16,
        /// Share of the validators' part.
        dividends: u16,
        /// As a validator: part of its weight that survived clipping.
        validator_trust: u16,
        /// What the epoch paid for it.
        emission: Decimal,
        /// Whether it may set weights in the running epoch.
        permit: bool,
        /// Whether its weights were fresh enough to count.
        active: bool,
    }

    /// One neuron.
    NeuronView of NeuronInfo<AccountId> {
        /// Its slot.
        uid: Uid,
        /// The key that signs its work.
        hotkey: AccountId,
        /// Who owns the hotkey.
        coldkey: AccountId,
        /// Names this registration for ever.
        registration: RegistrationId,
        /// Block of the registration.
        registered_at: BlockNumber,
        /// All stake on the hotkey.
        stake: Decimal,
        /// Where it serves; `null` without a live record.
        axon: Maybe<AxonView>,
        /// Block in which its weights were fixed.
        last_update: BlockNumber,
        /// What the last epoch said of it.
        scores: ScoresView,
    }

    /// A subnet with its neurons.
    MetagraphView of Metagraph<AccountId> {
        /// The block that was read.
        block: BlockNumber,
        /// The subnet.
        subnet: SubnetView,
        /// Its neurons by uid.
        neurons: List<NeuronView>,
    }

    /// One seat of the root network.
    SeatView of RootSeat<AccountId> {
        /// Who holds it.
        hotkey: AccountId,
        /// Stake behind it.
        stake: Decimal,
        /// Its weights on subnets.
        weights: List<RootWeightView>,
        /// Block of its last weights.
        last_update: BlockNumber,
    }

    /// The root network.
    RootView of RootInfo<AccountId> {
        /// Seats taken.
        seats: List<SeatView>,
        /// Split in force.
        split: List<SplitView>,
        /// Block at which the split is next recomputed.
        next_split_at: BlockNumber,
    }

    /// One position.
    StakeView of StakeInfo<AccountId> {
        /// The hotkey staked on.
        hotkey: AccountId,
        /// Whose stake.
        coldkey: AccountId,
        /// What it is worth.
        stake: Decimal,
        /// Its part of the pay that is still being released.
        unreleased: Decimal,
        /// What was put in less what was taken out since it began; below zero where more came out.
        principal: SignedDecimal,
        /// What it has earned since it began: what it is worth less its principal.
        earned: SignedDecimal,
    }

    /// What removing stake would do in the next block.
    UnstakeView of UnstakeQuote {
        /// What comes back to the balance.
        returned: Decimal,
        /// What the position is worth afterwards.
        remaining: Decimal,
        /// What is given up of the pay that is still being released.
        forfeited: Decimal,
    }

    /// A hotkey's pool.
    HotkeyView of HotkeyInfo<AccountId> {
        /// The hotkey.
        hotkey: AccountId,
        /// Its owner.
        coldkey: AccountId,
        /// The owner's part of dividends, in 65535ths.
        take: Take,
        /// All stake on it.
        stake: Decimal,
        /// Pay that is still being released to its stakers.
        unreleased: Decimal,
        /// How much of that with each block.
        released_per_block: Decimal,
        /// Block with which all of it is released.
        stream_ends_at: BlockNumber,
        /// Where it holds a uid.
        registrations: List<RegistrationView>,
    }

    /// Where every token is.
    SupplyView of Supply {
        /// All tokens.
        issuance: Decimal,
        /// Issuance at genesis.
        genesis: Decimal,
        /// Minted since.
        minted: Decimal,
        /// In the burn account.
        burned: Decimal,
        /// In the staking pot.
        staked: Decimal,
        /// In the subnets' pots and the reserve.
        pending: Decimal,
        /// Locked for subnets.
        locked: Decimal,
        /// What the next block mints.
        block_emission: Decimal,
    }
}

/// Weight of a root seat on one subnet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RootWeightView {
    /// The subnet.
    pub netuid: NetUid,
    /// Relative to the seat's other weights.
    pub weight: u16,
}

impl From<(NetUid, u16)> for RootWeightView {
    fn from((netuid, weight): (NetUid, u16)) -> Self {
        Self { netuid, weight }
    }
}

/// One subnet's part of each block's emission.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SplitView {
    /// The subnet.
    pub netuid: NetUid,
    /// Its part in 18446744073709551615ths.
    pub part: Decimal,
    /// The same as a fraction of one, rounded.
    pub share: f64,
}

impl From<(NetUid, u64)> for SplitView {
    fn from((netuid, part): (NetUid, u64)) -> Self {
        Self {
            netuid,
            part: Decimal(part),
            share: part as f64 / u64::MAX as f64,
        }
    }
}

/// A uid that a hotkey holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RegistrationView {
    /// Where.
    pub netuid: NetUid,
    /// Which.
    pub uid: Uid,
}

impl From<(NetUid, Uid)> for RegistrationView {
    fn from((netuid, uid): (NetUid, Uid)) -> Self {
        Self { netuid, uid }
    }
}

/// `host:port`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SocketAddrView(pub SocketAddr);

impl From<laurel_types::AxonAddress> for SocketAddrView {
    fn from(address: laurel_types::AxonAddress) -> Self {
        Self(address.socket())
    }
}

/// Hyperparameters by name, 64-bit ones as decimal strings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HyperparametersView(pub Map<String, Value>);

/// Whether JSON numbers cannot hold this hyperparameter exactly.
fn is_wide(name: &str) -> bool {
    let mut rows = Hyperparameters::DESCRIPTIONS.iter();
    rows.any(|row| row.name == name && ["u64", "Balance"].contains(&row.ty))
}

impl From<Hyperparameters> for HyperparametersView {
    fn from(hyperparameters: Hyperparameters) -> Self {
        let Ok(Value::Object(mut by_name)) = serde_json::to_value(hyperparameters) else {
            unreachable!("a struct of numbers, flags and pairs serializes to an object");
        };
        for (name, value) in &mut by_name {
            if is_wide(name) {
                *value = Value::String(value.to_string());
            }
        }
        Self(by_name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use laurel_types::AxonAddress;
    use serde_json::json;

    fn account(byte: u8) -> AccountId {
        AccountId::new([byte; 32])
    }

    fn neuron() -> NeuronInfo<AccountId> {
        NeuronInfo {
            uid: Uid(3),
            hotkey: account(1),
            coldkey: account(2),
            registration: RegistrationId(9),
            registered_at: 5,
            stake: u64::MAX,
            axon: Some(Axon {
                address: AxonAddress::V4([127, 0, 0, 1], 8_091),
                protocol: 1,
                model: ModelRoot([0xab; 32]),
                published_at: 6,
                expires_at: 126,
            }),
            last_update: 7,
            scores: NeuronScores {
                incentive: 65_535,
                emission: 9_007_199_254_740_993,
                ..Default::default()
            },
        }
    }

    #[test]
    fn a_neuron_reads_without_losing_a_leaf() {
        let json = serde_json::to_value(NeuronView::from(neuron())).unwrap();
        assert_eq!(json["stake"], "18446744073709551615");
        assert_eq!(json["scores"]["emission"], "9007199254740993");
        assert_eq!(json["axon"]["address"], "127.0.0.1:8091");
        assert_eq!(json["axon"]["model"], format!("0x{}", "ab".repeat(32)));
        assert_eq!(json["hotkey"], "5C62Ck4UrFPiBtoCmeSrgF7x9yv9mn38446dhCpsi2mLHiFT");
        assert_eq!(json["uid"], 3);
    }

    #[test]
    fn what_a_server_writes_a_client_reads_back() {
        let view = NeuronView::from(neuron());
        let text = serde_json::to_string(&view).unwrap();
        assert_eq!(serde_json::from_str::<NeuronView>(&text).unwrap(), view);
    }

    #[test]
    fn every_hyperparameter_that_can_pass_two_to_the_53_is_a_string() {
        let widest = Hyperparameters {
            max_difficulty: u64::MAX,
            weights_version: u64::MAX,
            ..Default::default()
        };
        let json = serde_json::to_value(HyperparametersView::from(widest)).unwrap();
        assert_eq!(json["max_difficulty"], "18446744073709551615");
        assert_eq!(json["min_burn"], "1000000");
        assert_eq!(json["tempo"], 360);
        let numbers = json.as_object().unwrap().values().filter_map(Value::as_u64);
        assert!(numbers.max().unwrap() <= u64::from(u32::MAX));
    }

    #[test]
    fn a_split_shows_its_part_exactly_and_its_share_readably() {
        let json = serde_json::to_value(SplitView::from((NetUid(1), u64::MAX))).unwrap();
        assert_eq!(
            json,
            json!({ "netuid": 1, "part": "18446744073709551615", "share": 1.0 })
        );
    }
}
