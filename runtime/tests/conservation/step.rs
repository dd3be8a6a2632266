//! What can happen on the chain, and how a row of bytes says it: the one language of the property test and of the fuzz target.
//!
//! A step is [`STEP_BYTES`] bytes, so that a fuzzer that changes a byte changes one step and one that drops some drops one. Every row of bytes is
//! a step, and every step prints as the Rust that makes it.

/// Bytes of one step.
pub const STEP_BYTES: usize = 8;

/// Coldkeys and hotkeys, by their place in the cast, and accounts that nobody has a key of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Cold(u8),
    Hot(u8),
    StakingPot,
    Burn,
    Reserve,
    Pot(u8),
    Multisig,
}

/// Who signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Whoever is entitled to what is done; of several, or where nobody is, the coldkey of that number.
    Entitled(u8),
    /// The coldkey of that number, entitled or not.
    Cold(u8),
}

/// How many leaves, seen from all that there could be of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    Zero,
    One,
    BelowDeposit,
    Deposit,
    MinStake,
    MinNomination,
    AllButOne,
    All,
    MoreThanAll,
    Max,
    /// So many 256ths of all.
    Part(u8),
    /// `mantissa × 2^exponent`.
    Leaves(u8, u8),
}

/// How a transfer is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    AllowDeath,
    KeepAlive,
    All,
    AllKeepAlive,
    /// By root.
    Forced,
    /// What no account may do.
    Burned,
}

/// What a call is wrapped in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrap {
    Bare,
    /// After a small transfer, in a batch that stops where something fails.
    Batch,
    /// The same, undone where something fails.
    BatchAll,
    /// The same, going on where something fails.
    ForceBatch,
    /// By a proxy of the signer.
    Proxy,
    /// By the account of a multisig of one signature.
    Multisig,
    /// By the account of a multisig of two signatures, the other of which may be there already.
    MultisigOfTwo,
    /// By root in the signer's name.
    SudoAs,
}

/// One thing that somebody does. Numbers name what there is of a kind, beginning anew after the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Pay {
        to: Who,
        amount: Amount,
        way: Way,
    },
    AddStake {
        hotkey: u8,
        amount: Amount,
    },
    RemoveStake {
        hotkey: u8,
        amount: Amount,
    },
    RemoveAllStake {
        hotkey: u8,
    },
    MoveStake {
        from: u8,
        to: u8,
        amount: Option<Amount>,
    },
    TransferStake {
        hotkey: u8,
        to: Who,
        amount: Option<Amount>,
    },
    ClearNomination {
        coldkey: Who,
        hotkey: u8,
    },
    SetTake {
        hotkey: u8,
        take: u8,
    },
    StakingSettings {
        choice: u8,
    },
    Register {
        netuid: u8,
        hotkey: u8,
        max_price: Amount,
    },
    Work {
        netuid: u8,
        hotkey: u8,
        coldkey: u8,
    },
    PublishAxon {
        netuid: u8,
        hotkey: u8,
    },
    WithdrawAxon {
        netuid: u8,
        hotkey: u8,
    },
    Protect {
        netuid: u8,
        hotkey: u8,
    },
    CreateSubnet {
        max_lock: Amount,
    },
    SetParameter {
        netuid: u8,
        which: u8,
        value: u8,
    },
    SetModels {
        netuid: u8,
        models: u8,
    },
    Dissolve {
        netuid: u8,
    },
    CancelDissolution {
        netuid: u8,
    },
    Offer {
        netuid: u8,
        to: Option<u8>,
    },
    Accept {
        netuid: u8,
    },
    SubnetIdentity {
        netuid: u8,
        length: u8,
    },
    ClearSubnetIdentity {
        netuid: u8,
    },
    Identity {
        length: u8,
    },
    ClearIdentity,
    SubnetSettings {
        choice: u8,
    },
    Commit {
        netuid: u8,
        hotkey: u8,
        opinion: u8,
    },
    Reveal {
        netuid: u8,
        hotkey: u8,
        opinion: u8,
    },
    SetWeights {
        netuid: u8,
        hotkey: u8,
        opinion: u8,
    },
    CommitEverywhere {
        hotkey: u8,
        opinion: u8,
    },
    RevealEverywhere {
        hotkey: u8,
        opinion: u8,
    },
    SetWeightsEverywhere {
        hotkey: u8,
        opinion: u8,
    },
    TakeSeat {
        hotkey: u8,
    },
    LeaveSeat {
        hotkey: u8,
    },
    RootWeights {
        hotkey: u8,
        weights: u8,
    },
    SwapHotkey {
        hotkey: u8,
        new: u8,
    },
    AnnounceSwap {
        new: u8,
    },
    CancelSwap,
    SwapColdkey {
        old: u8,
        new: u8,
    },
    ClearExpiredSwap {
        coldkey: u8,
    },
    SetChildren {
        netuid: u8,
        hotkey: u8,
        child: u8,
        other: u8,
    },
    AcceptParent {
        netuid: u8,
        hotkey: u8,
        parent: u8,
    },
    RevokeLink {
        netuid: u8,
        parent: u8,
        child: u8,
    },
    ChildTake {
        netuid: u8,
        hotkey: u8,
        take: u8,
    },
    /// A motion of the council to put a call of root to the vote of the seats.
    MoveToOpen {
        choice: u8,
    },
    /// A motion of the council to take a proposal back.
    MoveToCancel {
        index: u8,
    },
    VoteOnMotion {
        motion: u8,
        aye: bool,
    },
    CloseMotion {
        motion: u8,
    },
    Vote {
        index: u8,
        aye: bool,
    },
    Close {
        index: u8,
    },
    AddProxy {
        delegate: u8,
    },
    RemoveProxy {
        delegate: u8,
    },
    SafeMode {
        on: bool,
    },
    Prepay {
        gateway: u8,
        amount: Amount,
    },
    Announce {
        gateway: u8,
        amount: Amount,
    },
    TakeBack {
        gateway: u8,
    },
    Draw {
        gateway: u8,
        choice: u8,
    },
    PrepaidTerms {
        choice: u8,
    },
    Remark,
}

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The block ends, and so many empty ones follow.
    EndBlock(u8),
    /// A transaction in the block that is being made.
    Send { by: By, wrap: Wrap, act: Act },
}

/// The steps that the bytes say; an incomplete one at the end says nothing.
pub fn decode(bytes: &[u8]) -> Vec<Step> {
    let steps = bytes.chunks_exact(STEP_BYTES);
    steps
        .map(|chunk| Step::decode(&mut Dice { bytes: chunk, at: 0 }))
        .collect()
}

/// Reads one step's bytes.
struct Dice<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Dice<'_> {
    fn byte(&mut self) -> u8 {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        byte
    }

    fn below(&mut self, end: u8) -> u8 {
        self.byte() % end
    }

    fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    /// Mostly a party that can have tokens.
    fn who(&mut self) -> Who {
        match self.byte() {
            number @ 0..=159 => Who::Cold(number % 10),
            number @ 160..=219 => Who::Hot(number % 10),
            220..=226 => Who::StakingPot,
            227..=233 => Who::Burn,
            234..=239 => Who::Reserve,
            number @ 240..=247 => Who::Pot(number % 4),
            248..=255 => Who::Multisig,
        }
    }

    fn amount(&mut self) -> Amount {
        match self.byte() {
            0..=7 => Amount::Zero,
            8..=15 => Amount::One,
            16..=23 => Amount::BelowDeposit,
            24..=39 => Amount::Deposit,
            40..=59 => Amount::MinStake,
            60..=79 => Amount::MinNomination,
            80..=95 => Amount::AllButOne,
            96..=119 => Amount::All,
            120..=127 => Amount::MoreThanAll,
            128..=135 => Amount::Max,
            136..=207 => Amount::Part(self.byte()),
            exponent @ 208..=255 => Amount::Leaves(self.byte(), exponent - 208),
        }
    }

    fn some_amount(&mut self) -> Option<Amount> {
        let amount = self.amount();
        (amount != Amount::Max).then_some(amount)
    }
}

impl Step {
    fn decode(dice: &mut Dice) -> Self {
        let kind = dice.byte();
        if kind < 68 {
            let rest = dice.byte();
            // Mostly the next block, now and then most of an epoch.
            return Self::EndBlock(if rest < 200 { 0 } else { rest % 8 });
        }
        let (by, wrap) = (dice.byte(), dice.byte());
        let by = if by < 208 {
            By::Entitled(if by < 176 { by % 6 } else { by % 10 })
        } else {
            By::Cold(by % 10)
        };
        let wrap = match wrap {
            0..=199 => Wrap::Bare,
            200..=207 => Wrap::Batch,
            208..=215 => Wrap::BatchAll,
            216..=223 => Wrap::ForceBatch,
            224..=231 => Wrap::Proxy,
            232..=239 => Wrap::Multisig,
            240..=247 => Wrap::MultisigOfTwo,
            248..=255 => Wrap::SudoAs,
        };
        let act = match kind {
            68..=79 => Act::of_deposits(dice, kind),
            80..=159 => Act::of_money(dice, kind),
            160..=199 => Act::of_scoring(dice, kind),
            _ => Act::of_order(dice, kind),
        };
        Self::Send { by, wrap, act }
    }
}

impl Act {
    /// Tokens and stake.
    fn of_money(dice: &mut Dice, kind: u8) -> Self {
        match kind {
            80..=91 => Self::Pay {
                to: dice.who(),
                amount: dice.amount(),
                way: match dice.byte() {
                    0..=89 => Way::AllowDeath,
                    90..=179 => Way::KeepAlive,
                    180..=209 => Way::All,
                    210..=229 => Way::AllKeepAlive,
                    230..=249 => Way::Forced,
                    250..=255 => Way::Burned,
                },
            },
            92..=111 => Self::AddStake {
                hotkey: dice.below(10),
                amount: dice.amount(),
            },
            112..=121 => Self::RemoveStake {
                hotkey: dice.below(10),
                amount: dice.amount(),
            },
            122..=127 => Self::RemoveAllStake { hotkey: dice.below(10) },
            128..=135 => Self::MoveStake {
                from: dice.below(10),
                to: dice.below(10),
                amount: dice.some_amount(),
            },
            136..=142 => Self::TransferStake {
                hotkey: dice.below(10),
                to: dice.who(),
                amount: dice.some_amount(),
            },
            143..=146 => Self::ClearNomination {
                coldkey: Who::Cold(dice.below(10)),
                hotkey: dice.below(10),
            },
            147..=150 => Self::SetTake {
                hotkey: dice.below(10),
                take: dice.byte(),
            },
            151..=153 => Self::StakingSettings { choice: dice.byte() },
            154..=155 => Self::AddProxy {
                delegate: dice.below(6),
            },
            156 => Self::RemoveProxy {
                delegate: dice.below(6),
            },
            157 => match dice.below(8) {
                0 => Self::SafeMode { on: true },
                _ => Self::SafeMode { on: false },
            },
            _ => Self::Remark,
        }
    }

    /// Deposits for gateways.
    fn of_deposits(dice: &mut Dice, kind: u8) -> Self {
        let gateway = dice.below(10);
        match kind {
            68..=71 => Self::Prepay {
                gateway,
                amount: dice.amount(),
            },
            72..=74 => Self::Announce {
                gateway,
                amount: dice.amount(),
            },
            75..=76 => Self::TakeBack { gateway },
            77..=78 => Self::Draw {
                gateway,
                choice: dice.byte(),
            },
            _ => Self::PrepaidTerms { choice: dice.byte() },
        }
    }

    /// Neurons and what they say.
    fn of_scoring(dice: &mut Dice, kind: u8) -> Self {
        let (netuid, hotkey) = (dice.below(4), dice.below(10));
        match kind {
            160..=169 => Self::Register {
                netuid,
                hotkey,
                max_price: if dice.flag() {
                    Amount::MoreThanAll
                } else {
                    dice.amount()
                },
            },
            170 => Self::Work {
                netuid,
                hotkey,
                coldkey: dice.below(10),
            },
            171..=172 => Self::PublishAxon { netuid, hotkey },
            173 => Self::WithdrawAxon { netuid, hotkey },
            174..=175 => Self::Protect { netuid, hotkey },
            176..=181 => Self::Commit {
                netuid,
                hotkey,
                opinion: dice.byte(),
            },
            182..=187 => Self::Reveal {
                netuid,
                hotkey,
                opinion: dice.byte(),
            },
            188..=193 => Self::SetWeights {
                netuid,
                hotkey,
                opinion: dice.byte(),
            },
            194..=195 => Self::CommitEverywhere {
                hotkey,
                opinion: dice.byte(),
            },
            196..=197 => Self::RevealEverywhere {
                hotkey,
                opinion: dice.byte(),
            },
            _ => Self::SetWeightsEverywhere {
                hotkey,
                opinion: dice.byte(),
            },
        }
    }

    /// Subnets, root, keys, children, decisions.
    fn of_order(dice: &mut Dice, kind: u8) -> Self {
        let (netuid, hotkey, value) = (dice.below(4), dice.below(10), dice.byte());
        match kind {
            200..=202 => Self::CreateSubnet {
                max_lock: if value < 192 { Amount::Max } else { dice.amount() },
            },
            203..=206 => Self::SetParameter {
                netuid,
                which: value,
                value: dice.byte(),
            },
            207 => Self::SetModels { netuid, models: value },
            208 => Self::Dissolve { netuid },
            209 => Self::CancelDissolution { netuid },
            210 => Self::Offer {
                netuid,
                to: (value < 224).then_some(value % 10),
            },
            211..=212 => Self::Accept { netuid },
            213 => Self::SubnetIdentity { netuid, length: value },
            214 => Self::ClearSubnetIdentity { netuid },
            215 => Self::Identity { length: value },
            216 => Self::ClearIdentity,
            217 => Self::SubnetSettings { choice: value },
            218..=220 => Self::TakeSeat { hotkey },
            221 => Self::LeaveSeat { hotkey },
            222..=225 => Self::RootWeights { hotkey, weights: value },
            226..=227 => Self::SwapHotkey {
                hotkey,
                new: value % 10,
            },
            228 => Self::AnnounceSwap { new: value % 10 },
            229 if value < 64 => Self::CancelSwap,
            229..=230 => Self::SwapColdkey {
                old: hotkey,
                new: value % 10,
            },
            231 => Self::ClearExpiredSwap { coldkey: hotkey },
            232..=234 => Self::SetChildren {
                netuid,
                hotkey,
                child: value % 10,
                other: dice.byte(),
            },
            235..=237 => Self::AcceptParent {
                netuid,
                hotkey,
                parent: value % 10,
            },
            238 => Self::RevokeLink {
                netuid,
                parent: hotkey,
                child: value % 10,
            },
            239 => Self::ChildTake {
                netuid,
                hotkey,
                take: value,
            },
            240..=242 => Self::MoveToOpen { choice: value },
            243..=244 => Self::MoveToCancel { index: value % 16 },
            245..=248 => Self::VoteOnMotion {
                motion: hotkey,
                aye: value < 224,
            },
            249..=251 => Self::CloseMotion { motion: hotkey },
            252..=254 => Self::Vote {
                index: hotkey,
                aye: dice.flag() || value < 160,
            },
            _ => Self::Close { index: hotkey },
        }
    }
}
