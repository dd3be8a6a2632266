//! What must hold after a run. Pure functions of the record, so that each can be seen to fail.
use super::{
    cast::Role,
    explaining, lending, model_change,
    report::{BlockEmission, Check, Dividends, Epoch, Finality, Nomination, Payments, Record, RootSplit, SupplyRecord},
    user,
};
use laurel_types::{Balance, NetUid, Take};

/// A cheat's incentive must stay below this part of an honest miner's, in percent.
const CHEAT_LIMIT_PERCENT: u32 = 5;
/// From this paid epoch on.
const CHEAT_FROM_EPOCH: u32 = 2;
/// How far emission may be from the votes, as one part in this many.
const SPLIT_TOLERANCE: u128 = 1_000;
/// Rounding of one pool operation, in leaves.
const POOL_ROUNDING: Balance = 2;
/// Blocks by which finality may trail the best block.
const FINALITY_LAG: u32 = 3;

/// All checks over a record; `epochs` is how many paid epochs of each of `netuids` were asked for.
pub fn all(record: &Record, netuids: &[NetUid], epochs: u32) -> Vec<Check> {
    vec![
        check(
            "every subnet paid the epochs that were asked for",
            paid_epochs(&record.epochs, netuids, epochs),
        ),
        check(
            "a cheating miner earns under 5 % of an honest one from the second paid epoch on",
            cheats(&record.epochs, epochs),
        ),
        check(
            "emission between subnets matches the root votes within 0.1 %",
            split(&record.splits, &record.blocks),
        ),
        check("each epoch pays 18/41/41 to the unit", shares(&record.epochs)),
        check(
            "the nominator's stake grows by its share of dividends after take",
            nominator(&record.nominations),
        ),
        check(
            "a parent is paid through its child, to the unit, after child take",
            lending::check(&record.families),
        ),
        check(
            "the subnet's model changed: who followed is paid, nobody is for the old one",
            model_change::check(record.model_change.as_ref(), &record.epochs, epochs),
        ),
        check(
            "a user is answered through a validator",
            user::check(record.served.as_ref()),
        ),
        check(
            "the scores of cheats and of an honest miner are recomputed from a bundle, to the last digit",
            explaining::check(&record.explained),
        ),
        check(
            "issuance = genesis + emission × blocks = sum of all accounts, to the unit",
            supply(record.supply.as_ref()),
        ),
        check(
            "both authorities finalised the same chain, at most 3 blocks behind",
            finality(&record.finality),
        ),
    ]
}

/// The figures behind a check that held, or what was wrong.
pub type Outcome = Result<String, String>;

fn check(name: &'static str, outcome: Outcome) -> Check {
    let ok = outcome.is_ok();
    let (Ok(detail) | Err(detail)) = outcome;
    Check { name, ok, detail }
}

fn paid_epochs(epochs: &[Epoch], netuids: &[NetUid], wanted: u32) -> Outcome {
    for netuid in netuids {
        let paid = epochs.iter().filter(|epoch| epoch.netuid == *netuid).count();
        if paid < wanted as usize {
            return Err(format!("subnet {netuid} paid {paid} of {wanted} epochs"));
        }
    }
    Ok(format!("{} epochs of {} subnets", epochs.len(), netuids.len()))
}

fn cheats(epochs: &[Epoch], asked: u32) -> Outcome {
    let mut worst: Option<(f64, String)> = None;
    for epoch in epochs.iter().filter(|epoch| epoch.paid >= CHEAT_FROM_EPOCH) {
        let of_role = |role| epoch.neurons.iter().filter(move |neuron| neuron.role == role);
        let Some(honest) = of_role(Role::HonestMiner).map(|neuron| neuron.incentive).min() else {
            continue;
        };
        if honest == 0 {
            return Err(format!(
                "subnet {} epoch {}: an honest miner earned nothing",
                epoch.netuid, epoch.epoch
            ));
        }
        for cheat in of_role(Role::CheatingMiner) {
            let part = f64::from(cheat.incentive) / f64::from(honest);
            if u32::from(cheat.incentive) * 100 >= u32::from(honest) * CHEAT_LIMIT_PERCENT {
                return Err(format!(
                    "subnet {} epoch {}: {} has incentive {} where an honest miner has {honest}",
                    epoch.netuid, epoch.epoch, cheat.name, cheat.incentive
                ));
            }
            if worst.as_ref().is_none_or(|(highest, _)| part > *highest) {
                worst = Some((part, cheat.name.clone()));
            }
        }
    }
    match worst {
        Some((part, name)) => Ok(format!("at most {:.2} % ({name})", part * 100.0)),
        None if asked < CHEAT_FROM_EPOCH => Ok("no second paid epoch was asked for".into()),
        None => Err("no second paid epoch was seen".into()),
    }
}

/// The part of emission that the votes give to each subnet, in `u64::MAX`ths: each seat's weights normalised, times
/// its share of the stake. Equals the root split wherever every seat votes for every subnet, since trust is then
/// the same for all.
fn voted(votes: &[(Balance, Vec<(NetUid, u16)>)], netuid: NetUid) -> u128 {
    let total: u128 = votes.iter().map(|(stake, _)| u128::from(*stake)).sum();
    votes
        .iter()
        .map(|(stake, weights)| {
            let sum: u128 = weights.iter().map(|(_, weight)| u128::from(*weight)).sum();
            let own = weights
                .iter()
                .find(|(to, _)| *to == netuid)
                .map_or(0, |(_, weight)| u128::from(*weight));
            // Below u64::MAX each: no overflow.
            u128::from(u64::MAX) * own / sum.max(1) * u128::from(*stake) / total.max(1)
        })
        .sum()
}

fn within(value: u128, expected: u128) -> bool {
    value.abs_diff(expected).saturating_mul(SPLIT_TOLERANCE) <= expected
}

fn split(splits: &[RootSplit], blocks: &[BlockEmission]) -> Outcome {
    if splits.is_empty() || blocks.is_empty() {
        return Err("no root split was seen in force".into());
    }
    for seen in splits {
        let votes: Vec<_> = seen
            .votes
            .iter()
            .map(|(stake, weights)| (stake.0, weights.clone()))
            .collect();
        for (netuid, part) in &seen.split {
            let expected = voted(&votes, *netuid);
            if !within(u128::from(*part), expected) {
                return Err(format!(
                    "block {}: subnet {netuid} has {:.4} % of the split, the votes give it {:.4} %",
                    seen.block,
                    percent(u128::from(*part)),
                    percent(expected)
                ));
            }
        }
    }
    for block in blocks {
        let total: u128 = block.emission.iter().map(|(_, amount)| u128::from(amount.0)).sum();
        let whole: u128 = block.split.iter().map(|(_, part)| u128::from(*part)).sum();
        for (netuid, part) in &block.split {
            let got = block
                .emission
                .iter()
                .find(|(to, _)| to == netuid)
                .map_or(0, |(_, amount)| u128::from(amount.0));
            let expected = total * u128::from(*part) / whole.max(1);
            if !within(got, expected) {
                return Err(format!(
                    "block {}: subnet {netuid} got {got} of {total} leaves, not {expected}",
                    block.block
                ));
            }
        }
    }
    let last = &splits[splits.len() - 1].split;
    let parts: Vec<_> = last
        .iter()
        .map(|(to, part)| format!("{to}: {:.3} %", percent(u128::from(*part))))
        .collect();
    Ok(format!(
        "{} blocks under {} splits, the last {}",
        blocks.len(),
        splits.len(),
        parts.join(", ")
    ))
}

fn percent(part: u128) -> f64 {
    part as f64 / u64::MAX as f64 * 100.0
}

/// A part is right if it is its percentage of the pot rounded either way: the largest remainder decides which.
fn is_share(part: Balance, pot: Balance, percent: u128) -> bool {
    let exact = u128::from(pot) * percent;
    (u128::from(part) * 100).abs_diff(exact) < 100
}

fn shares(epochs: &[Epoch]) -> Outcome {
    for epoch in epochs {
        let sum = epoch.owner.0 + epoch.miners.0 + epoch.validators.0 + epoch.carried.0;
        let parts = [(epoch.owner.0, 18), (epoch.miners.0, 41), (epoch.validators.0, 41)];
        let neurons: Balance = epoch.neurons.iter().map(|neuron| neuron.emission.0).sum();
        let summed = Payments {
            owner: epoch.owner,
            miners: epoch.miners,
            validators: epoch.validators,
        };
        let right = sum == epoch.pot.0
            && epoch.carried.0 == 0
            && epoch.payments == summed
            && neurons == epoch.miners.0 + epoch.validators.0
            && parts
                .iter()
                .all(|(part, percent)| is_share(*part, epoch.pot.0, *percent));
        if !right {
            return Err(format!(
                "subnet {} epoch {}: pot {} paid {} + {} + {}, carried {}, neurons {neurons}, in payments {:?}",
                epoch.netuid,
                epoch.epoch,
                epoch.pot.0,
                epoch.owner.0,
                epoch.miners.0,
                epoch.validators.0,
                epoch.carried.0,
                epoch.payments
            ));
        }
    }
    let total: Balance = epochs.iter().map(|epoch| epoch.pot.0).sum();
    Ok(format!("{total} leaves in {} epochs", epochs.len()))
}

/// What the nominator must have after the payouts of one block, and all that is then in the pool.
///
/// First the block releases what it is due to release, in proportion to stake. Then each payout puts the stakers' part on its way to the
/// pool and buys the owner new shares with the take, which leaves the worth of the others as it is and gives the owner a part of
/// what is on its way.
fn expected(paid: &Nomination) -> (Balance, Balance, Balance) {
    let pool = &paid.pool;
    let due = if paid.block >= pool.stream_ends_at {
        pool.unreleased.0
    } else {
        pool.released_per_block.0
    };
    let before = u128::from(pool.stake.0).max(1);
    let stake = u128::from(paid.before.stake.0) * (before + u128::from(due)) / before;
    let sum = |part: fn(&Dividends) -> Balance| paid.payouts.iter().map(part).sum::<Balance>();
    let (takes, stakers) = (sum(|paid| paid.take.0), sum(|paid| paid.stakers.0));
    let staked = pool.stake.0 + due + takes;
    let coming = pool.unreleased.0 - due + stakers;
    let unreleased = u128::from(coming) * stake / u128::from(staked).max(1);
    (stake as Balance, unreleased as Balance, staked + coming)
}

fn nominator(nominations: &[Nomination]) -> Outcome {
    let mut grown = 0;
    let mut last: Option<(Balance, &Nomination)> = None;
    for paid in nominations {
        for payout in &paid.payouts {
            let dividends = payout.take.0 + payout.stakers.0;
            if payout.take.0 != Take::MAX.of(dividends) {
                return Err(format!(
                    "block {}: the take of {dividends} was {}",
                    paid.block, payout.take.0
                ));
            }
        }
        let (stake, unreleased, pool_after) = expected(paid);
        let off = |has: Balance, expected: Balance| has.abs_diff(expected) > POOL_ROUNDING;
        if off(paid.after.stake.0, stake) || off(paid.after.unreleased.0, unreleased) {
            return Err(format!(
                "block {}: has {} leaves and {} to come, its share is {stake} and {unreleased}",
                paid.block, paid.after.stake.0, paid.after.unreleased.0
            ));
        }
        // Where nobody came or went since the payout before, nothing of it was lost on its way.
        if let Some((pool, before)) = last.filter(|(pool, _)| *pool == paid.pool.stake.0 + paid.pool.unreleased.0) {
            if off(paid.before.claim(), before.after.claim()) {
                return Err(format!(
                    "block {}: of a pool of {pool} leaves it had {}, and has {}",
                    paid.block,
                    before.after.claim(),
                    paid.before.claim()
                ));
            }
        }
        last = Some((pool_after, paid));
        grown += paid.after.claim().saturating_sub(paid.before.claim());
    }
    if grown == 0 {
        return Err("the nominator earned nothing".into());
    }
    Ok(format!("{grown} leaves in {} blocks that paid", nominations.len()))
}

fn supply(supply: Option<&SupplyRecord>) -> Outcome {
    let supply = supply.ok_or("the ledger was not read")?;
    let expected = supply.genesis.0 + supply.block_emission.0 * Balance::from(supply.block);
    if supply.issuance.0 != expected {
        return Err(format!(
            "block {}: issuance {} is not {expected}",
            supply.block, supply.issuance.0
        ));
    }
    if supply.issuance.0 != supply.sum_of_accounts.0 {
        return Err(format!(
            "issuance {}, accounts hold {}",
            supply.issuance.0, supply.sum_of_accounts.0
        ));
    }
    Ok(format!("{} leaves at block {}", supply.issuance.0, supply.block))
}

fn finality(authorities: &[Finality]) -> Outcome {
    let [first, rest @ ..] = authorities else {
        return Err("no authority was asked".into());
    };
    for authority in authorities {
        let lag = authority.best.saturating_sub(authority.finalized);
        if lag > FINALITY_LAG {
            return Err(format!("{} is {lag} blocks behind", authority.authority));
        }
    }
    if rest.is_empty() || rest.iter().any(|other| other.common_hash != first.common_hash) {
        return Err("the authorities finalised different chains".into());
    }
    let states: Vec<_> = authorities
        .iter()
        .map(|a| format!("{} {}/{}", a.authority, a.finalized, a.best))
        .collect();
    Ok(format!("finalised/best: {}", states.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::localnet::report::{Leaves, Neuron, Pool, Position};
    use laurel_types::{EpochIndex, Uid};

    fn neuron(role: Role, incentive: u16, emission: Balance) -> Neuron {
        Neuron {
            uid: Uid(0),
            name: "someone".into(),
            role,
            behaviour: None,
            model: None,
            consensus: 0,
            incentive,
            dividends: 0,
            emission: Leaves(emission),
            stake: Leaves(0),
        }
    }

    fn epoch(cheat: u16) -> Epoch {
        Epoch {
            netuid: NetUid(1),
            paid: 2,
            epoch: EpochIndex(3),
            block: 60,
            paid_up: 61,
            pot: Leaves(1_000),
            owner: Leaves(180),
            miners: Leaves(410),
            validators: Leaves(410),
            carried: Leaves(0),
            payments: Payments {
                owner: Leaves(180),
                miners: Leaves(410),
                validators: Leaves(410),
            },
            neurons: vec![
                neuron(Role::HonestMiner, 30_000, 820),
                neuron(Role::CheatingMiner, cheat, 0),
            ],
        }
    }

    #[test]
    fn a_cheat_at_five_percent_of_an_honest_miner_fails() {
        assert!(cheats(&[epoch(1_499)], 2).is_ok());
        assert!(cheats(&[epoch(1_500)], 2).is_err());
        assert!(cheats(&[], 2).is_err());
        assert!(cheats(&[], 1).is_ok());
    }

    #[test]
    fn a_unit_too_many_for_the_owner_fails() {
        assert!(shares(&[epoch(0)]).is_ok());
        let mut wrong = epoch(0);
        wrong.owner.0 += 1;
        wrong.miners.0 -= 1;
        wrong.payments.owner.0 += 1;
        wrong.payments.miners.0 -= 1;
        assert!(shares(&[wrong]).is_err());
    }

    #[test]
    fn an_epoch_of_which_a_payment_is_missing_fails() {
        let mut missing = epoch(0);
        missing.payments.validators.0 -= 1;
        assert!(shares(&[missing]).is_err());
    }

    fn votes() -> Vec<(Leaves, Vec<(NetUid, u16)>)> {
        vec![
            (Leaves(3_000), vec![(NetUid(1), 70), (NetUid(2), 30)]),
            (Leaves(2_000), vec![(NetUid(1), 50), (NetUid(2), 50)]),
        ]
    }

    #[test]
    fn a_split_beside_the_votes_fails() {
        // 0.6 × 70 % + 0.4 × 50 % = 62 %.
        let at = |percent: u64| {
            vec![
                (NetUid(1), u64::MAX / 100 * percent),
                (NetUid(2), u64::MAX / 100 * (100 - percent)),
            ]
        };
        let run = |percent: u64, leaves: Balance| {
            let splits = [RootSplit {
                block: 9,
                votes: votes(),
                split: at(percent),
            }];
            let emission = vec![(NetUid(1), Leaves(leaves)), (NetUid(2), Leaves(1_000_000 - leaves))];
            split(
                &splits,
                &[BlockEmission {
                    block: 10,
                    emission,
                    split: at(percent),
                }],
            )
        };
        assert!(run(62, 620_000).is_ok());
        assert!(run(63, 630_000).is_err());
        assert!(run(62, 621_000).is_err());
    }

    /// Two payouts of a million in one block to a pool of 4,000 in which 400 leaves are on their way, 40 a block; a quarter is the
    /// nominator's.
    fn nomination(stake: Balance, unreleased: Balance) -> Nomination {
        let take = Take::MAX.of(1_000_000);
        let payout = || Dividends {
            take: Leaves(take),
            stakers: Leaves(1_000_000 - take),
        };
        let position = |stake, unreleased| Position {
            stake: Leaves(stake),
            unreleased: Leaves(unreleased),
        };
        Nomination {
            block: 1,
            payouts: vec![payout(), payout()],
            pool: Pool {
                stake: Leaves(4_000),
                unreleased: Leaves(400),
                released_per_block: Leaves(40),
                stream_ends_at: 10,
            },
            before: position(1_000, 100),
            after: position(stake, unreleased),
        }
    }

    #[test]
    fn a_nominator_paid_beside_its_share_fails() {
        let take = Take::MAX.of(1_000_000);
        let coming = (360 + 2 * (1_000_000 - take)) * 1_010 / (4_040 + 2 * take);
        assert!(nominator(&[nomination(1_010, coming)]).is_ok());
        // At once instead of block by block, and without the take.
        assert!(nominator(&[nomination(1_010 + coming, 0)]).is_err());
        assert!(nominator(&[nomination(1_010, 500_000)]).is_err());
        assert!(nominator(&[]).is_err());
    }

    #[test]
    fn pay_lost_on_its_way_fails() {
        let take = Take::MAX.of(1_000_000);
        let first = nomination(1_010, (360 + 2 * (1_000_000 - take)) * 1_010 / (4_040 + 2 * take));
        let pool = 4_400 + 2_000_000;
        let later = |claim: Balance| {
            let position = Position {
                stake: Leaves(claim),
                unreleased: Leaves(0),
            };
            Nomination {
                block: 20,
                payouts: Vec::new(),
                pool: Pool {
                    stake: Leaves(pool),
                    unreleased: Leaves(0),
                    released_per_block: Leaves(0),
                    stream_ends_at: 0,
                },
                before: position.clone(),
                after: position,
            }
        };
        assert!(nominator(&[first.clone(), later(first.after.claim())]).is_ok());
        assert!(nominator(&[first.clone(), later(first.after.claim() - 10)]).is_err());
    }

    #[test]
    fn a_lost_leaf_fails() {
        let ledger = |issuance, accounts| SupplyRecord {
            block: 10,
            issuance: Leaves(issuance),
            genesis: Leaves(5),
            block_emission: Leaves(100),
            sum_of_accounts: Leaves(accounts),
        };
        assert!(supply(Some(&ledger(1_005, 1_005))).is_ok());
        assert!(supply(Some(&ledger(1_004, 1_004))).is_err());
        assert!(supply(Some(&ledger(1_005, 1_004))).is_err());
    }

    #[test]
    fn two_chains_or_a_long_lag_fail() {
        let authority = |best, hash: &str| Finality {
            authority: "alice",
            best,
            finalized: 10,
            common_hash: hash.into(),
        };
        assert!(finality(&[authority(13, "a"), authority(12, "a")]).is_ok());
        assert!(finality(&[authority(14, "a"), authority(12, "a")]).is_err());
        assert!(finality(&[authority(13, "a"), authority(12, "b")]).is_err());
    }
}
