//! The numbers by which the transaction pool names errors.
//!
//! Substrate's pool can answer no more than a byte: `InvalidTransaction::Custom(code)`, which reaches clients as `Custom error: N`. This table says what
//! each code means: the error that the call would have met in a block, and what to do about it. Codes never change their meaning.
//!
//! ```
//! let refusal = laurel_types::Refusal::of_message("Custom error: 250").unwrap();
//! assert_eq!((refusal.pallet, refusal.name), ("Runtime", "BadOrigin"));
//! ```

/// Why the pool refused a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The number in `InvalidTransaction::Custom`.
    pub code: u8,
    /// The pallet whose error it is, as the runtime names it; `Runtime` for errors of no pallet.
    pub pallet: &'static str,
    /// The error's name.
    pub name: &'static str,
    /// What is wrong and what to do. Left out of the runtime, which needs only the names.
    #[cfg(feature = "std")]
    pub remedy: &'static str,
}

impl Refusal {
    /// The code of an error that has none of its own.
    pub const UNLISTED: u8 = 255;

    /// What a code means.
    pub fn of(code: u8) -> Option<&'static Self> {
        REFUSALS.iter().find(|refusal| refusal.code == code)
    }

    /// The refusal of an error.
    pub fn named(pallet: &str, name: &str) -> Option<&'static Self> {
        REFUSALS
            .iter()
            .find(|refusal| refusal.pallet == pallet && refusal.name == name)
    }

    /// What a node's message `Custom error: N` means.
    pub fn of_message(message: &str) -> Option<&'static Self> {
        let (_, code) = message.rsplit_once("Custom error: ")?;
        let digits = code
            .find(|c: char| !c.is_ascii_digit())
            .map_or(code, |end| &code[..end]);
        digits.parse().ok().and_then(Self::of)
    }
}

macro_rules! refusals {
    ($( ($code:literal, $pallet:literal, $name:literal, $remedy:literal), )*) => {
        &[ $( Refusal {
            code: $code,
            pallet: $pallet,
            name: $name,
            #[cfg(feature = "std")]
            remedy: $remedy,
        }, )* ]
    };
}

/// All refusals, ascending by code.
#[rustfmt::skip]
pub const REFUSALS: &[Refusal] = refusals![
    // Laurel's pallets, kept by scripts/refusal-table.py.
    (1, "Governance", "UnknownProposal", "There is no such proposal, or it is decided and closed: read `Proposals`."),
    (2, "Governance", "NobodyCanVote", "No root seat has stake behind it, so nobody could approve: take seats and stake first."),
    (3, "Governance", "TooManyProposals", "As many proposals as can be are open, or wait for enactment: close or await one."),
    (4, "Governance", "NotAnElector", "The account owned no root seat with stake when the proposal was opened."),
    (5, "Governance", "VotingOver", "The time for votes is over: close the proposal."),
    (6, "Governance", "VotingOpen", "Neither side has its half of the stake, and there is time to vote: close it later."),
    (7, "Governance", "PreimageMissing", "The chain does not have the proposed call in this length: note its preimage first, and give its hash and length."),
    (8, "Governance", "IndicesExhausted", "Every index has been given."),
    (9, "Subnets", "SubnetDoesNotExist", "There is no subnet with this netuid."),
    (10, "Subnets", "NotSubnetOwner", "Only the subnet's owner or root can do this."),
    (11, "Subnets", "LockAboveMaximum", "The lock now costs more than the maximum given: ask for a new quote."),
    (12, "Subnets", "BalanceBelowLock", "The account cannot have the lock held and stay alive: fund it first."),
    (13, "Subnets", "SubnetCreatedTooRecently", "Another subnet was created a moment ago: wait for the rate limit."),
    (14, "Subnets", "TooManySubnets", "The chain holds as many subnets as it can."),
    (15, "Subnets", "NetUidsExhausted", "Every netuid has been given."),
    (16, "Subnets", "HyperparameterOutOfRange", "The value, or its combination with the other parameters, is out of range."),
    (17, "Subnets", "ChangedTooRecently", "The same thing was changed a moment ago: wait for its cool-down."),
    (18, "Subnets", "NoModels", "The list of models is empty: name at least one."),
    (19, "Subnets", "ModelListedTwice", "The list names a model root twice."),
    (20, "Subnets", "ModelWithoutContext", "A model's context is zero tokens."),
    (21, "Neurons", "SubnetDoesNotExist", "There is no subnet with this netuid."),
    (22, "Neurons", "RegistrationOff", "The subnet takes no registrations: its owner switched them off."),
    (23, "Neurons", "WorkOff", "The subnet takes no registrations by work: pay the price instead."),
    (24, "Neurons", "WorkBlockOutOfRange", "The work is bound to a block that is not 1 to 64 blocks old: solve it anew for a recent one."),
    (25, "Neurons", "WorkBelowDifficulty", "The seal does not meet the difficulty of this block: ask for it and search on."),
    (26, "Neurons", "WorkSpent", "Somebody registered by this seal already: solve it anew."),
    (27, "Neurons", "TooMuchWork", "So much work was accepted lately that no more is remembered: try again in some blocks."),
    (28, "Neurons", "AlreadyRegistered", "The hotkey already holds a uid in this subnet."),
    (29, "Neurons", "PriceAboveMaximum", "The price now is above the maximum given: ask for a new quote."),
    (30, "Neurons", "BalanceBelowPrice", "The coldkey cannot pay the price and stay alive: fund it first."),
    (31, "Neurons", "NoEvictableNeuron", "The subnet is full and holds nobody who can be evicted."),
    (32, "Neurons", "NotRegistered", "The hotkey holds no uid in this subnet: register it first."),
    (33, "Neurons", "AddressNotDialable", "No client could connect to this address; loopback counts only on development chains."),
    (34, "Neurons", "ModelNotAccepted", "The subnet does not pay for this model: serve one that it lists."),
    (35, "Neurons", "AxonRenewedTooSoon", "The same axon was published a moment ago: renew it later."),
    (36, "Neurons", "NoAxon", "The neuron has published no axon."),
    (37, "Neurons", "NotSubnetOwner", "Only the subnet's owner can choose which neuron stays."),
    (38, "Neurons", "NotOwnHotkey", "The hotkey does not belong to the signer: choose one of your own."),
    (39, "Staking", "HotkeyUnknown", "Nobody registered this hotkey: it must join a subnet or the root network first."),
    (40, "Staking", "HotkeyOwnedByAnother", "The hotkey belongs to another coldkey: use one of your own."),
    (41, "Staking", "ConsentMissing", "The hotkey is unknown and its consent is not there: sign `laurel_types::consent_preimage` with the hotkey and send the signature along."),
    (42, "Staking", "ConsentInvalid", "The consent is not the hotkey's signature for this coldkey on this chain: sign `laurel_types::consent_preimage` with this chain's genesis hash, this hotkey and the coldkey that signs the transaction."),
    (43, "Staking", "NotHotkeyOwner", "Only the coldkey that owns the hotkey can do this: sign with it."),
    (44, "Staking", "BelowMinimumStake", "Each addition must be at least the minimum stake: add more at one time."),
    (45, "Staking", "BelowMinimumNomination", "A position on a hotkey of another owner must be worth at least the minimum nomination: stake more."),
    (46, "Staking", "NotEnoughStake", "The coldkey has less stake on this hotkey, or none: read its positions, and ask for at most what is there."),
    (47, "Staking", "NotEnoughBalance", "The coldkey's balance, less the existential deposit that it keeps, is smaller: stake less."),
    (48, "Staking", "AmountZero", "Ask for at least one leaf."),
    (49, "Staking", "BelowShareResolution", "The amount buys so few shares of this pool that rounding would cost over a millionth of it: stake more."),
    (50, "Staking", "PoolOverflow", "The pool cannot hold that much: stake less, or on another hotkey."),
    (51, "Staking", "TakeUnchanged", "The hotkey has this take already: there is nothing to do."),
    (52, "Staking", "TakeTooHigh", "The take is above the maximum: choose a lower one."),
    (53, "Staking", "TakeTooLow", "The take is below the minimum: choose a higher one."),
    (54, "Staking", "TakeRaisedTooSoon", "The take was changed, or the hotkey became known, less than an interval ago: raise it later."),
    (55, "Staking", "TakeLoweredTooSoon", "The take was lowered less than an interval ago: lower it again later."),
    (56, "Staking", "PotBelowMinimum", "What would be left in the staking pot is below the existential deposit: remove a little less."),
    (57, "Staking", "PayoutBelowExistentialDeposit", "The coldkey's account does not exist, and this is less than an account must hold: remove more, or fund the account first."),
    (58, "Staking", "SameHotkey", "Both hotkeys are the same: name another one to move to."),
    (59, "Staking", "SameColdkey", "Both coldkeys are the same: name another one to transfer to."),
    (60, "Prepaid", "GatewayUnknown", "Nobody registered this hotkey: a gateway must join a subnet or the root network first."),
    (61, "Staking", "OwnerPosition", "The position is the hotkey owner's, which the minimum nomination does not bind: leave it."),
    (62, "Staking", "NominationLargeEnough", "The position is worth the minimum nomination: leave it."),
    (63, "Staking", "SettingsUnsound", "The settings do not fit together: existential deposit <= minimum stake <= minimum nomination, and minimum take <= maximum take <= 11796."),
    (64, "Staking", "HotkeyInUse", "The hotkey that is to take another one's place is known already: choose an unused one."),
    (65, "Staking", "ColdkeyInUse", "The coldkey that is to take another one's place owns hotkeys or has stake: choose an unused one."),
    (66, "Scoring", "UnknownSubnet", "There is no such subnet: check the netuid."),
    (67, "Scoring", "NotRegistered", "The signing hotkey holds no uid in the subnet: register it first."),
    (68, "Scoring", "NoValidatorPermit", "The neuron holds no validator permit: its hotkey needs more stake, and permits change when an epoch ends."),
    (69, "Scoring", "CommitRevealDisabled", "The subnet takes weights directly: use `set_weights`."),
    (70, "Scoring", "CommitRevealEnabled", "The subnet takes weights by commit and reveal: use `commit_weights`."),
    (71, "Scoring", "AlreadyCommitted", "The validator has committed in this epoch: one commit an epoch, and it cannot be replaced. Commit in the next one."),
    (72, "Scoring", "NoCommit", "There is no commit to reveal: commit first. An unrevealed commit expires with the epoch that it belonged in."),
    (73, "Scoring", "RevealTooEarly", "No commit is due in the running epoch: reveal when the epoch runs that the commit named."),
    (74, "Scoring", "HashMismatch", "What was revealed is not what was committed to: reveal the same row, receipts root, version key and salt."),
    (75, "Scoring", "UnknownUid", "A weight is about a uid that nobody holds: leave it out."),
    (76, "Scoring", "SelfWeight", "A validator cannot weigh itself: leave its own uid out."),
    (77, "Scoring", "TooFewWeights", "The row has fewer entries than the subnet's `min_allowed_weights`: say more."),
    (78, "Scoring", "MaxWeightExceeded", "One entry's share of the row is above the subnet's `max_weight_limit`: lower it."),
    (79, "Scoring", "OutdatedVersionKey", "The version key is below the subnet's `weights_version`: update the validator."),
    (80, "Scoring", "SettingWeightsTooFast", "The last direct weights are younger than the subnet's `weights_rate_limit`: wait."),
    (81, "Scoring", "EmptyBatch", "The batch has no items: name at least one."),
    (82, "Root", "NotHotkeyOwner", "The hotkey belongs to another coldkey: sign with the one that owns it."),
    (83, "Root", "AlreadySeated", "The hotkey holds a seat already."),
    (84, "Root", "NotSeated", "The hotkey holds no seat: register one first."),
    (85, "Root", "StakeTooLowForSeat", "All seats are taken, and none by a hotkey with less stake: stake more on this one."),
    (86, "Root", "SeatLeftTooSoon", "A seat must be held for a root tempo before it can be left: wait."),
    (87, "Root", "NoWeights", "The list of weights is empty: name at least one subnet."),
    (88, "Root", "WeightsNotAscending", "The weights are not in order: netuids must be strictly ascending."),
    (89, "Root", "ZeroWeight", "A weight of zero says nothing: leave the subnet out."),
    (90, "Root", "SubnetUnknown", "One of the subnets does not exist: leave it out."),
    (91, "Root", "WeightsSetTooSoon", "The seat set weights less than the rate limit ago: wait."),
    (92, "Rewards", "PotClosed", "What could not be placed could not go back to the pot either: the epoch is undone and its pot waits for the next."),
    (93, "Subnets", "SamplerDoesNotFitKind", "A text model needs the version of its sampler, an embedding model has none."),
    (94, "Subnets", "ParameterIsRoots", "Only root changes this parameter: propose it."),
    (95, "Subnets", "FrozenBeforeEpoch", "The epoch is about to end: change it when the next one has begun."),
    (96, "Subnets", "AllSubnetsImmune", "The chain is full and every subnet is in its immunity: wait until one is not."),
    (97, "Subnets", "RemovalsUnderWay", "So many ended subnets are still being removed that no further one can end: try again in some blocks."),
    (98, "Subnets", "DissolutionAnnouncedAlready", "The dissolution of this subnet is announced already."),
    (99, "Subnets", "NoDissolutionAnnounced", "No dissolution of this subnet is announced."),
    (100, "Subnets", "SubnetNotOffered", "The subnet is not offered to this account: ask its owner to."),
    (101, "Subnets", "OwnsSubnetAlready", "The account owns the subnet already."),
    (102, "Subnets", "IdentityWithoutName", "An identity needs a name, and all of its texts must be UTF-8."),
    (103, "Subnets", "NoIdentity", "There is no identity to remove."),
    (104, "Subnets", "BalanceBelowDeposit", "The account cannot have the deposit held and stay alive: fund it, or say less."),
    (105, "Subnets", "SettingsOutOfRange", "A setting is out of range."),
    (106, "Keys", "NotHotkeyOwner", "Only the coldkey that owns the hotkey can swap it."),
    (107, "Keys", "SameKey", "The new key is the old one: name another."),
    (108, "Keys", "NewHotkeyInUse", "The new hotkey is known, registered, seated or linked already: take one that was never used."),
    (109, "Keys", "HotkeySwappedTooSoon", "This coldkey swapped a hotkey less than an interval ago: wait."),
    (110, "Keys", "BalanceBelowCost", "The coldkey cannot pay the swap and stay alive: fund it first."),
    (111, "Keys", "AlreadyAnnounced", "The coldkey has announced a swap already: cancel it first."),
    (112, "Keys", "NotAnnounced", "The coldkey has announced no swap."),
    (113, "Keys", "SwapTooEarly", "The delay after the announcement is not over: wait."),
    (114, "Keys", "SwapExpired", "The announcement has expired: clear it, and announce again."),
    (115, "Keys", "SwapNotExpired", "The announcement has not expired; until then only the coldkey itself can cancel it."),
    (116, "Keys", "NotWhatWasAnnounced", "The new coldkey and the salt are not what was announced."),
    (117, "Keys", "NewColdkeyInUse", "The new coldkey owns hotkeys, stake, subnets or deposits for gateways, is a hotkey, or has announced a swap itself: announce a swap to a fresh one."),
    (118, "Children", "SubnetDoesNotExist", "There is no subnet with this netuid."),
    (119, "Children", "NotHotkeyOwner", "Only the coldkey that owns the hotkey can do this; to cut a link, the owner of either hotkey."),
    (120, "Prepaid", "BelowMinimumDeposit", "Each deposit must be at least the minimum: deposit more at one time."),
    (121, "Children", "NoChildren", "The hotkey has no children, none wait to be linked and none were named: name at least one."),
    (122, "Children", "ParentStakeTooLow", "The hotkey has less stake of its own than parents need: stake more on it first."),
    (123, "Children", "OwnChild", "A hotkey cannot be its own child: leave it out."),
    (124, "Children", "ZeroProportion", "A child with proportion 0 gets nothing: leave it out."),
    (125, "Children", "ChildNamedTwice", "A child is named twice: name it once, with the sum of the proportions."),
    (126, "Children", "MoreThanAll", "The proportions sum to more than all of the stake: lower them."),
    (127, "Children", "ChildNotRegistered", "The child holds no uid in the subnet: it must register first."),
    (128, "Children", "NotProposed", "No set of children that waits names this child unaccepted: the parent must propose it first."),
    (129, "Children", "NotLinked", "The two hotkeys are not linked, and no link is proposed: there is nothing to cut."),
    (130, "Children", "TakeTooHigh", "A child take is at most 18 %."),
    (131, "Children", "TakeRaisedTooSoon", "The child take was raised less than an interval ago: wait, or lower it."),
    (132, "Prepaid", "NotEnoughBalance", "The account cannot have the deposit and its record deposit held and stay alive: fund it first, or deposit less."),
    (133, "Prepaid", "NoDeposit", "The payer holds nothing for this gateway: deposit first."),
    (134, "Prepaid", "NotEnoughDeposited", "The deposit is smaller: read it, and announce at most what is there."),
    (135, "Prepaid", "NothingAnnounced", "Nothing is announced to be taken back: announce it with `withdraw` first."),
    (136, "Prepaid", "NoticeNotOver", "The notice is not over: take it back later, from the block on that the announcement names."),
    (137, "Prepaid", "TakeBackFirst", "What was announced before is free: take it back first."),
    (138, "Prepaid", "AmountZero", "Ask for at least one leaf."),
    (139, "Prepaid", "NothingToDraw", "Nothing of the deposit can be drawn: it is spent, or announced with its notice over."),
    (140, "Prepaid", "DrawBelowExistentialDeposit", "The owner's account does not exist, and this is less than an account must hold: draw more, or fund the account first."),
    (141, "Prepaid", "EmptyBatch", "The batch has no items: name at least one."),
    (142, "Prepaid", "TermsUnsound", "The terms need a least deposit and a notice of at least 1."),
    (143, "Prepaid", "KeyInUse", "The key that is to take another one's place has deposits already: choose an unused one."),
    // FRAME's pallets, kept by hand.
    (160, "System", "InvalidSpecName", "The code is another chain's: bring Laurel's."),
    (161, "System", "SpecVersionNeedsToIncrease", "The runtime's spec_version is not above the one that runs: raise it and build again."),
    (162, "System", "FailedToExtractRuntimeVersion", "The code is no runtime that this node can read: build it for wasm32v1-none."),
    (163, "System", "NonDefaultComposite", "The account still holds something of its own."),
    (164, "System", "NonZeroRefCount", "Something on the chain still refers to the account."),
    (165, "System", "CallFiltered", "This call is switched off on this chain, or while safe mode lasts."),
    (166, "System", "MultiBlockMigrationsOngoing", "An upgrade is still moving storage: wait until it is done."),
    (169, "System", "NothingAuthorized", "No upgrade is authorised: governance does that first."),
    (170, "System", "Unauthorized", "The code is not the one that was authorised: compare the hashes."),
    (171, "Grandpa", "PauseFailed", "Finality is paused already."),
    (172, "Grandpa", "ResumeFailed", "Finality is not paused."),
    (173, "Grandpa", "ChangePending", "A change of authorities is pending already."),
    (174, "Grandpa", "TooSoon", "A change of authorities was forced a moment ago: wait."),
    (175, "Grandpa", "InvalidKeyOwnershipProof", "The proof of who owns the key does not hold."),
    (176, "Grandpa", "InvalidEquivocationProof", "The proof of equivocation does not hold."),
    (177, "Grandpa", "DuplicateOffenceReport", "The offence was reported before."),
    (178, "Balances", "VestingBalance", "The tokens are vesting: wait until they are free."),
    (179, "Balances", "LiquidityRestrictions", "The tokens are locked: free them first."),
    (180, "Balances", "InsufficientBalance", "The account has less than that: send less, or fund it."),
    (181, "Balances", "ExistentialDeposit", "The receiving account would hold less than the existential deposit: send more."),
    (182, "Balances", "Expendability", "The account would be closed: send less, or use transfer_allow_death."),
    (183, "Balances", "ExistingVestingSchedule", "The account vests tokens already."),
    (184, "Balances", "DeadAccount", "The receiving account must exist first."),
    (185, "Balances", "TooManyReserves", "The account has as many named reserves as it can."),
    (186, "Balances", "TooManyHolds", "The account has as many holds as it can."),
    (187, "Balances", "TooManyFreezes", "The account has as many freezes as it can."),
    (188, "Balances", "IssuanceDeactivated", "The issuance cannot be changed."),
    (189, "Balances", "DeltaZero", "The change must not be zero."),
    (190, "Utility", "TooManyCalls", "The batch holds too many calls: split it."),
    (191, "Sudo", "RequireSudo", "Only the sudo key can do this."),
    (192, "Council", "NotMember", "Only a member of the council can do this."),
    (193, "Council", "DuplicateProposal", "The same motion is open already: vote on it."),
    (194, "Council", "ProposalMissing", "There is no such motion: it may be closed."),
    (195, "Council", "WrongIndex", "The index is not that of the motion with this hash."),
    (196, "Council", "DuplicateVote", "The member said the same before."),
    (197, "Council", "AlreadyInitialized", "The council has its members already."),
    (198, "Council", "TooEarly", "The motion can still go either way: close it later."),
    (199, "Council", "TooManyProposals", "As many motions as can be are open: close one."),
    (200, "Council", "WrongProposalWeight", "The weight bound is below the call's weight: raise it."),
    (201, "Council", "WrongProposalLength", "The length bound is below the call's length: raise it."),
    (202, "Council", "PrimeAccountNotMember", "The prime must be a member."),
    (203, "Council", "ProposalActive", "The motion is still open."),
    (204, "CouncilMembership", "AlreadyMember", "The account is a member already."),
    (205, "CouncilMembership", "NotMember", "The account is no member."),
    (206, "CouncilMembership", "TooManyMembers", "The council is full: remove a member first."),
    (207, "Scheduler", "FailedToSchedule", "The call could not be scheduled: the block may be full, or the name taken."),
    (208, "Scheduler", "NotFound", "There is no such scheduled call: it may have been made."),
    (209, "Scheduler", "TargetBlockNumberInPast", "The block has passed: name a later one."),
    (210, "Scheduler", "RescheduleNoChange", "The call is scheduled for that block already."),
    (211, "Scheduler", "Named", "The task has a name: use the call for named tasks."),
    (212, "Preimage", "TooBig", "The preimage is larger than 4 MiB."),
    (213, "Preimage", "AlreadyNoted", "The preimage is on the chain already: use it."),
    (214, "Preimage", "NotAuthorized", "Only who noted the preimage can remove it."),
    (215, "Preimage", "NotNoted", "No preimage with this hash is noted."),
    (216, "Preimage", "Requested", "Somebody still needs the preimage: wait."),
    (217, "Preimage", "NotRequested", "Nobody asked for this preimage."),
    (218, "Preimage", "TooMany", "Name fewer hashes."),
    (219, "Preimage", "TooFew", "Name at least one hash."),
    (220, "Proxy", "TooMany", "The account has as many proxies or announcements as it can: remove one."),
    (221, "Proxy", "NotFound", "There is no such proxy or announcement."),
    (222, "Proxy", "NotProxy", "The signer is no such proxy of that account."),
    (223, "Proxy", "Unproxyable", "The proxy's type does not admit this call."),
    (224, "Proxy", "Duplicate", "The account has this proxy already."),
    (225, "Proxy", "NoPermission", "The proxy would gain more than it has."),
    (226, "Proxy", "Unannounced", "The call was not announced, or its delay is not over."),
    (227, "Proxy", "NoSelfProxy", "An account cannot be its own proxy."),
    (228, "Multisig", "MinimumThreshold", "The threshold must be at least 2."),
    (229, "Multisig", "AlreadyApproved", "The signatory approved before."),
    (230, "Multisig", "NoApprovalsNeeded", "The call has all approvals: make it with as_multi."),
    (231, "Multisig", "TooFewSignatories", "Name at least one other signatory."),
    (232, "Multisig", "TooManySignatories", "Name fewer signatories."),
    (233, "Multisig", "SignatoriesOutOfOrder", "Sort the other signatories by public key."),
    (234, "Multisig", "SenderInSignatories", "Leave the signer out of the other signatories."),
    (235, "Multisig", "NotFound", "There is no such multisig operation: it may be done."),
    (236, "Multisig", "NotOwner", "Only who opened the operation can do this."),
    (237, "Multisig", "NoTimepoint", "The operation is open: give the block and index in which it was opened."),
    (238, "Multisig", "WrongTimepoint", "The operation was opened in another block: read its timepoint."),
    (239, "Multisig", "UnexpectedTimepoint", "The operation is not open yet: leave the timepoint out."),
    (240, "Multisig", "MaxWeightTooLow", "The call weighs more than the given maximum: raise it."),
    (241, "Multisig", "AlreadyStored", "The call is stored already."),
    (242, "SafeMode", "Entered", "The chain is in safe mode already."),
    (243, "SafeMode", "Exited", "The chain is not in safe mode."),
    (244, "SafeMode", "NotConfigured", "Nobody can buy this on this chain: the council or root does it."),
    (245, "SafeMode", "NoDeposit", "The account has no deposit here."),
    (246, "SafeMode", "AlreadyDeposited", "The account has a deposit here already."),
    (247, "SafeMode", "CannotReleaseYet", "The deposit is not free yet."),
    (248, "SafeMode", "CurrencyError", "The deposit could not be moved."),
    // Errors of no pallet.
    (250, "Runtime", "BadOrigin", "This account may not make this call: look who may."),
    (251, "Runtime", "Token", "The tokens cannot be moved: the account has too few that are free, or would be left with too few."),
    (252, "Runtime", "Arithmetic", "A number in the call is too large or too small."),
    (253, "Runtime", "Exhausted", "The chain has no room for more of this at present: try again later."),
    (254, "Runtime", "Unavailable", "Something that the call needs is not on the chain."),
    (255, "Runtime", "WouldFail", "The call would fail for a reason without a number of its own: update this program."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_ascend_and_names_are_unique() {
        assert!(REFUSALS.windows(2).all(|pair| pair[0].code < pair[1].code));
        for refusal in REFUSALS {
            assert_eq!(Refusal::named(refusal.pallet, refusal.name), Some(refusal));
            assert_ne!(refusal.code, 0, "zero is what a careless runtime answers");
        }
    }

    #[test]
    fn a_message_of_the_node_names_its_refusal() {
        let full = "Invalid Transaction: Custom error: 251";
        assert_eq!(Refusal::of_message(full).unwrap().name, "Token");
        assert_eq!(Refusal::of_message("Custom error: 251)").unwrap().name, "Token");
        assert_eq!(Refusal::of_message("Custom error: 0"), None);
        assert_eq!(Refusal::of_message("Transaction is outdated"), None);
    }
}
