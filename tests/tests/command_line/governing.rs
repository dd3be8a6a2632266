//! Council, seat owners and time instead of a sudo key.
use super::{
    chain::{leaves, text, Chain, REFUSED},
    next_version::with_next_version,
};
use sp_maybe_compressed_blob::{compress_weakly, CODE_BLOB_BOMB_LIMIT};

/// A seat owner votes on the split; the council proposes what only root may do, the seat owner agrees, time passes, it is done.
pub fn govern(chain: &Chain) -> u64 {
    let change = ["subnet", "set", "--netuid=1", "demand_half_life=30"];
    chain.refuse("alice", &change, (REFUSED, "Subnets.ParameterIsRoots"));
    let call = chain.read(&[&change[..], &["--wallet=alice", "--print-call"]].concat());
    let call = text(&call["call_hex"]);

    chain.send("ferdie", &["register", "--netuid=1", "--max-price=10"]);
    chain.send("ferdie", &["stake", "add", "--amount=1000"]);
    chain.refuse("ferdie", &["root", "weights", "1=1"], (REFUSED, "Root.NotSeated"));
    chain.send("ferdie", &["root", "register"]).event("Root", "SeatTaken");
    chain.send("ferdie", &["root", "weights", "1=3", "2=1"]);
    let split = chain.read(&["root", "split"]);
    let part = |at: usize| leaves(&split["subnets"][at]["next_part"]) as f64 / u64::MAX as f64;
    assert!(
        (part(0) - 0.75).abs() < 1e-3 && (part(1) - 0.25).abs() < 1e-3,
        "{split}"
    );

    chain.refuse(
        "ferdie",
        &["governance", "propose", "--call", &call],
        (REFUSED, "Council.NotMember"),
    );
    let motion = chain.send("alice", &["governance", "propose", "--call", &call]);
    let hash = text(&motion.event("Council", "Proposed")["proposal_hash"]);
    let close_motion = ["governance", "motion", "close", "--hash", &hash];
    chain.refuse("charlie", &close_motion, (REFUSED, "Council.TooEarly"));
    for member in ["alice", "charlie"] {
        chain.send(member, &["governance", "motion", "vote", "--hash", &hash, "--aye"]);
    }
    chain.send("charlie", &close_motion).event("Council", "Executed");
    let open = chain.read(&["governance", "list"]);
    let index = open["proposals"][0]["index"].to_string();
    let vote = ["governance", "vote", "--aye", "--index", &index];
    chain.refuse("charlie", &vote, (REFUSED, "Governance.NotAnElector"));
    chain.send("ferdie", &vote);
    chain.send("charlie", &["governance", "close", "--index", &index]);
    chain.until(1, |_, subnet| subnet.hyperparameters.demand_half_life == 30);
    assert_eq!(chain.read(&["governance", "list"])["proposals"], serde_json::json!([]));
    propose_upgrade(chain)
}

/// The council moves that the chain changes its runtime, and the seat owner agrees. Returns the proposal.
fn propose_upgrade(chain: &Chain) -> u64 {
    let (code, version) = chain.code();
    // As a build makes it: plain it has more bytes than a transaction.
    let next = compress_weakly(&with_next_version(code, version), CODE_BLOB_BOMB_LIMIT).unwrap();
    std::fs::write(chain.path("next.wasm"), next).unwrap();
    let upgrade = ["upgrade", "--runtime=next.wasm", "--by=governance"];
    chain.refuse("ferdie", &upgrade, (REFUSED, "Council.NotMember"));
    let moved = chain.send("alice", &upgrade);
    moved.event("Preimage", "Noted");
    let motion = text(&moved.event("Council", "Proposed")["proposal_hash"]);
    assert_eq!(text(&moved.0["quote"]["motion"]), motion);
    for member in ["alice", "charlie"] {
        chain.send(member, &["governance", "motion", "vote", "--hash", &motion, "--aye"]);
    }
    let closed = chain.send("charlie", &["governance", "motion", "close", "--hash", &motion]);
    let index = closed.event("Governance", "ProposalOpened")["index"].as_u64().unwrap();
    chain.send(
        "ferdie",
        &["governance", "vote", "--aye", "--index", &index.to_string()],
    );
    // The council could still take it back.
    let cancel = ["governance", "cancel", "--index", &index.to_string()];
    let foreseen = chain.read(&[&cancel[..], &["--wallet=alice", "--dry-run"]].concat());
    assert_eq!(
        foreseen["quote"]["proposal"].to_string().trim_matches('"'),
        index.to_string()
    );
    index
}

/// Closes the proposal: some blocks later the chain runs the new runtime, without anybody's key for everything.
pub fn enact(chain: &Chain, proposal: u64) {
    let (_, before) = chain.code();
    let close = ["governance", "close", "--index", &proposal.to_string()];
    let closed = chain.send("charlie", &close);
    let at = closed.event("Governance", "ProposalApproved")["at"].as_u64().unwrap();
    let waiting = chain.read(&["governance", "list"]);
    assert_eq!(waiting["enactments"][0]["index"], proposal, "{waiting}");
    // The code of a block counts from the next one on.
    chain.until_block(at + 1);
    assert_eq!(chain.code().1, before + 1);
    chain.send("charlie", &["transfer", "--to=./ferdie", "--amount=1"]);
}
