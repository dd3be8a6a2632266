//! `laurel register`.
use crate::{
    failure,
    output::Output,
    quote::Quote,
    sent::Sent,
    transaction::{receipt, Plan, SendArgs, Session, Signer},
    work,
};
use anyhow::{Context, Result};
use clap::Args;
use laurel_chain::{calls, consent, AccountId, Call, SubmitOptions, Wait};
use laurel_types::Amount;
use laurel_types::{NetUid, Work};
use serde_json::json;
use std::time::Duration;

#[derive(Args, Debug)]
pub struct RegisterArgs {
    #[command(flatten)]
    send: SendArgs,
    /// The subnet.
    #[arg(long)]
    netuid: u16,
    #[command(flatten)]
    how: HowArgs,
    /// Threads that search for the seal of work; by default one a core.
    #[arg(long, requires = "pow", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

/// How the registration is paid.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub struct HowArgs {
    /// Pay the price of the block, and at most this, in LRL.
    #[arg(long)]
    max_price: Option<Amount>,
    /// Work for it: needs no tokens, takes time. Progress is shown; interrupting costs nothing.
    #[arg(long)]
    pow: bool,
}

/// Registers the wallet's hotkey.
pub async fn run(args: RegisterArgs, output: Output) -> Result<()> {
    let session = args.send.open(output).await?;
    match args.how.max_price {
        Some(most) => burn(&session, NetUid(args.netuid), most).await,
        None => pow(&session, &args, output).await,
    }
}

async fn burn(session: &Session<'_>, netuid: NetUid, most: Amount) -> Result<()> {
    let hotkey = session.hotkey(None)?;
    let price = session.client.quote_register(netuid, None).await?.ok_or_else(|| {
        failure::refused(
            "Neurons.RegistrationOff",
            format!("subnet {netuid} takes no registrations now: `laurel subnet list` lists the subnets"),
        )
    })?;
    if price > most.0 {
        return Err(failure::refused(
            "Neurons.PriceAboveMaximum",
            format!(
                "registering costs {} LRL now: wait, or raise --max-price",
                Amount(price)
            ),
        ));
    }
    let free = session.client.balance(&session.account()?, None).await?.free;
    let quote = Quote::default()
        .text("netuid", netuid)
        .text("hotkey", hotkey)
        .leaves("price_now", price)
        .leaves("price_at_most", most.0)
        .leaves("free_now", free);
    let call = Call::BurnedRegister {
        netuid,
        hotkey,
        max_price: most.0,
        consent: session.consent().await?,
    };
    let done = format!("registered {hotkey} in subnet {netuid}");
    session.run(Plan::new(call, done).quoting(quote)).await.map(drop)
}

/// The difficulty now, in expected tries; refused where the subnet takes no work.
async fn difficulty(session: &Session<'_>, netuid: NetUid) -> Result<u64> {
    session.client.quote_work(netuid, None).await?.ok_or_else(|| {
        failure::refused(
            "Neurons.WorkOff",
            format!("subnet {netuid} takes no registrations by work: pay the price with --max-price"),
        )
    })
}

async fn pow(session: &Session<'_>, args: &RegisterArgs, output: Output) -> Result<()> {
    if args.send.proxy_for.is_some() {
        return Err(failure::usage("work needs no proxy: it names the coldkey itself"));
    }
    let netuid = NetUid(args.netuid);
    let hotkey = session.hotkey(None)?;
    let coldkey: AccountId = session.wallet.coldkey_address()?.into();
    let threads = args.threads.map(usize::from).unwrap_or_else(work::default_threads);
    let wanted = difficulty(session, netuid).await?;
    // Found out now, and not after a long search.
    let known = session.client.hotkey(&hotkey, None).await?;
    if known.is_some_and(|known| known.registrations.iter().any(|(held, _)| *held == netuid)) {
        return Err(failure::refused(
            "Neurons.AlreadyRegistered",
            format!("{hotkey} holds a uid in subnet {netuid}: choose another hotkey with --hotkey"),
        ));
    }
    let rate = work::measure(threads, Duration::from_millis(500));
    let quote = Quote::default()
        .text("netuid", netuid)
        .text("hotkey", hotkey)
        .text("signed_by", hotkey)
        .leaves("fee_at_most", 0)
        .text("difficulty", wanted)
        .text("seals_a_second", rate as u64)
        .text("expected_seconds", (wanted as f64 / rate.max(1.0)) as u64);
    if !output.json {
        say!("Neurons.pow_register\n{}", quote.to_string().trim_end());
    }
    if session.only_looks() {
        output.show(
            || say!("nothing was searched or sent"),
            || json!({ "dry_run": true, "call": "Neurons.pow_register", "quote": quote.json() }),
        );
        return Ok(());
    }
    session.confirm()?;
    let key = session
        .key(Signer::Hotkey)
        .context("the hotkey must sign that it belongs to the coldkey")?;
    let consent = consent(session.client.genesis_hash(), &key, &coldkey);
    let work = solve(session, netuid, (hotkey, coldkey), threads).await?;
    let call = calls::neurons::pow_register(netuid, &hotkey, &coldkey, work, consent);
    let options = SubmitOptions {
        wait: Wait::Finalized,
        ..SubmitOptions::default()
    };
    let sent = Sent::new(
        session.wallet.path(),
        session.client.genesis_hash(),
        "Neurons.pow_register",
    );
    let submitted = session.client.submit_authorized(call, options, &sent).await;
    let included = submitted.map_err(|error| sent.failed(error))?;
    output.show(
        || {
            say!(
                "registered {hotkey} in subnet {netuid}, in block {}",
                included.block.number
            )
        },
        || receipt("Neurons.pow_register", &quote, &included),
    );
    Ok(())
}

/// Searches until a seal meets the difficulty; takes a younger block and asks for the difficulty again before a search is too old.
async fn solve(
    session: &Session<'_>,
    netuid: NetUid,
    (hotkey, coldkey): (AccountId, AccountId),
    threads: usize,
) -> Result<Work> {
    let genesis = session.client.genesis_hash().0;
    let progress = work::Progress::new();
    loop {
        let block = session.client.best_block().await?;
        let wanted = difficulty(session, netuid).await?;
        let digest = work::digest(&genesis, netuid, &block, &hotkey, &coldkey);
        let search = work::Search::start(digest, wanted, threads);
        match search.wait(&progress, wanted, &session.client, block.number).await? {
            Some(nonce) => {
                progress.finish();
                return Ok(Work {
                    block: block.number,
                    nonce,
                });
            }
            // The block is getting too old to be included in time.
            None => continue,
        }
    }
}
