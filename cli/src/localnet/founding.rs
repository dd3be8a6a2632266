//! From an empty chain to two subnets with everybody registered, staked and voting: all by signed transactions.
use super::{
    cast::{self, CHILD_TAKE, LENT, NOMINATED, NOMINATOR, OWNER, SUBNETS, TEXT, VALIDATORS},
    models::Models,
    wallets::{Keys, Wallets},
};
use anyhow::{ensure, Context, Result};
use laurel_chain::{calls::children, consent, Call, ChainClient, Keypair, SubmitOptions, Wait};
use laurel_types::{Balance, Hyperparameter, NetUid, LRL};
use subxt_signer::sr25519::dev;

/// What a hotkey is given for fees, which come back when its weights or axon are accepted.
const HOTKEY_FEES: Balance = LRL;
/// The most that anyone pays to register.
const MAX_PRICE: Balance = 50 * LRL;
/// The most that the owner locks for a subnet.
const MAX_LOCK: Balance = 500 * LRL;

/// Whether the cast's subnets are there with all of their neurons.
pub async fn is_founded(client: &ChainClient) -> Result<bool> {
    let subnets = client.subnets(None).await?;
    let seats = client.root(None).await?.seats;
    Ok(subnets.len() >= SUBNETS.len()
        && seats.len() >= VALIDATORS.len()
        && subnets
            .iter()
            .zip(&SUBNETS)
            .all(|(subnet, cast)| usize::from(subnet.neurons) >= VALIDATORS.len() + cast.miners.len()))
}

/// Founds the network. `step` is told what is being done.
pub async fn found(client: &ChainClient, wallets: &Wallets, models: &Models, step: impl Fn(&str)) -> Result<()> {
    step("funding accounts");
    submit(client, vec![(dev::alice(), fund(wallets)?)]).await?;
    step("creating the subnets");
    submit(client, vec![(wallets.get(OWNER)?.coldkey.clone(), create(models))]).await?;
    let created: Vec<_> = client.subnets(None).await?.iter().map(|subnet| subnet.netuid).collect();
    ensure!(
        created == SUBNETS.map(|subnet| subnet.netuid),
        "the chain has subnets {created:?}, not those of a fresh local network: start with --fresh"
    );
    step("registering miners and validators, staking, taking root seats");
    let mut transactions = Vec::new();
    for validator in VALIDATORS {
        let wallet = wallets.get(validator.name)?;
        let hotkey = wallet.hotkey_address();
        let mut calls: Vec<_> = SUBNETS.map(|subnet| register(client, subnet.netuid, wallet)).into();
        calls.push(Call::AddStake {
            hotkey,
            amount: validator.stake,
        });
        // Its registrations, in the same batch, have made the hotkey known.
        calls.push(Call::RegisterSeat { hotkey, consent: None });
        let weights = SUBNETS
            .iter()
            .zip(validator.root_weights)
            .map(|(subnet, weight)| (subnet.netuid, weight))
            .collect();
        calls.push(Call::SetRootWeights { hotkey, weights });
        transactions.push((wallet.coldkey.clone(), Call::Batch(calls)));
    }
    for subnet in SUBNETS {
        for miner in subnet.miners {
            let wallet = wallets.get(miner.name)?;
            transactions.push((wallet.coldkey.clone(), register(client, subnet.netuid, wallet)));
        }
    }
    submit(client, transactions).await?;
    step("nominating, lending stake to a child hotkey");
    let (parent, child) = (wallets.get(VALIDATORS[0].name)?, wallets.get(VALIDATORS[1].name)?);
    let (lender, borrower) = (parent.hotkey_address(), child.hotkey_address());
    let nominate = Call::AddStake {
        hotkey: lender,
        amount: NOMINATED,
    };
    let lend = children::set_children(&lender, TEXT, &[(LENT, borrower)]);
    let take = children::set_child_take(&borrower, TEXT, CHILD_TAKE);
    let first = vec![
        (wallets.get(NOMINATOR)?.coldkey.clone(), nominate),
        (parent.coldkey.clone(), lend),
        (child.coldkey.clone(), take),
    ];
    submit(client, first).await?;
    // Nobody becomes a child unasked.
    let accept = children::accept_parent(&borrower, TEXT, &lender);
    submit(client, vec![(child.coldkey.clone(), accept)]).await
}

fn fund(wallets: &Wallets) -> Result<Call> {
    let mut transfers = Vec::new();
    for (name, balance) in cast::wallets() {
        let wallet = wallets.get(name)?;
        transfers.push(Call::Transfer {
            dest: wallet.coldkey_address(),
            value: balance,
        });
        if name != OWNER && name != NOMINATOR {
            transfers.push(Call::Transfer {
                dest: wallet.hotkey_address(),
                value: HOTKEY_FEES,
            });
        }
    }
    Ok(Call::Batch(transfers))
}

fn create(models: &Models) -> Call {
    let mut calls = vec![Call::CreateSubnet { max_lock: MAX_LOCK }; SUBNETS.len()];
    for subnet in SUBNETS {
        calls.push(Call::SetModels {
            netuid: subnet.netuid,
            models: vec![models.first(subnet.kind).accepted],
        });
    }
    // In force from the second epoch on.
    calls.push(Call::SetHyperparameter {
        netuid: TEXT,
        change: Hyperparameter::ActivationProofs(true),
    });
    Call::Batch(calls)
}

fn register(client: &ChainClient, netuid: NetUid, keys: &Keys) -> Call {
    Call::BurnedRegister {
        netuid,
        hotkey: keys.hotkey_address(),
        max_price: MAX_PRICE,
        consent: Some(consent(client.genesis_hash(), &keys.hotkey, &keys.coldkey_address())),
    }
}

async fn submit(client: &ChainClient, transactions: Vec<(Keypair, Call)>) -> Result<()> {
    let options = SubmitOptions {
        wait: Wait::InBlock,
        ..SubmitOptions::default()
    };
    let names: Vec<_> = transactions.iter().map(|(_, call)| call.name()).collect();
    for (result, (pallet, call)) in client.submit_all(transactions, options).await.into_iter().zip(names) {
        result.with_context(|| format!("founding the network: {pallet}.{call}"))?;
    }
    Ok(())
}
