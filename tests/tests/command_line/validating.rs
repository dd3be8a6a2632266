//! A validator's weights and children.
use super::chain::{leaves, text, Chain, REFUSED};

/// A validator commits and reveals, and lends stake to a child that registered by work.
pub fn validate(chain: &Chain) {
    chain.refuse(
        "bob",
        &["register", "--netuid=1", "--max-price=10"],
        (REFUSED, "Neurons.AlreadyRegistered"),
    );
    chain.refuse(
        "eve",
        &["register", "--netuid=1", "--max-price=0.000000001"],
        (REFUSED, "Neurons.PriceAboveMaximum"),
    );
    let worked = chain.send("eve", &["register", "--netuid=1", "--pow"]);
    assert_eq!(worked.event("Neurons", "WorkAccepted")["netuid"], 1);
    let staked = chain.send("bob", &["stake", "add", "--amount=100"]);
    assert_eq!(
        leaves(&staked.event("Staking", "StakeAdded")["amount"]),
        100_000_000_000
    );

    let (parent, child) = (chain.hotkey("bob"), chain.hotkey("eve"));
    let lent = format!("{child}=50");
    let accept = ["child", "accept", "--netuid=1", "--parent", &parent];
    chain.refuse("eve", &accept, (REFUSED, "Children.NotProposed"));
    chain.send("bob", &["child", "set", "--netuid=1", &lent]);
    chain.send("eve", &accept);
    chain.send("eve", &["child", "take", "--netuid=1", "--take=9"]);

    // The hotkey signs weights, and pays a fee that comes back.
    chain.refuse(
        "bob",
        &["weights", "commit", "--netuid=1", "1=1"],
        (REFUSED, "Pool.Payment"),
    );
    chain.send("bob", &["transfer", "--to=./bob#default", "--amount=1"]);
    chain.refuse(
        "bob",
        &["weights", "set", "--netuid=1", "1=1"],
        (REFUSED, "Scoring.CommitRevealEnabled"),
    );
    chain.until_epoch_is_young(1, 10);
    let committed = chain.send("bob", &["weights", "commit", "--netuid=1", "--save=commit.json", "1=1"]);
    let reveal_epoch = leaves(&committed.event("Scoring", "WeightsCommitted")["reveal_epoch"]);
    chain.refuse(
        "bob",
        &["weights", "commit", "--netuid=1", "--save=another.json", "1=1"],
        (REFUSED, "Scoring.AlreadyCommitted"),
    );
    let reveal = ["weights", "reveal", "--from=commit.json"];
    chain.refuse("bob", &reveal, (REFUSED, "Scoring.RevealTooEarly"));
    let pending = chain.read(&["weights", "pending", "--netuid=1"]);
    assert_eq!(pending[0]["pending"][0]["reveal_epoch"], reveal_epoch, "{pending}");
    chain.until_epoch(1, reveal_epoch);
    chain.send("bob", &reveal).event("Scoring", "WeightsRevealed");
    assert_eq!(chain.read(&["weights", "pending", "--netuid=1"]), serde_json::json!([]));

    // The link is as old as the epoch.
    let show = ["child", "show", "--netuid=1", "--hotkey", &parent];
    assert_eq!(text(&chain.read(&show)["children"][0]["child"]), child);
    let cut = ["child", "revoke", "--netuid=1", "--parent", &parent, "--child", &child];
    chain.send("eve", &cut).event("Children", "LinkRevoked");
    assert_eq!(chain.read(&show)["children"], serde_json::json!([]));
}
