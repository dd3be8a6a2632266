//! Stake and the keys that hold it.
use super::chain::{leaves, text, Chain, REFUSED};

/// A miner stakes, moves and takes back stake, replaces its hotkey, and calls the change of its coldkey off.
pub fn stake_and_swap(chain: &Chain) {
    chain.send("dave", &["register", "--netuid=2", "--max-price=10"]);
    chain.send("dave", &["stake", "add", "--amount=50"]);
    chain.refuse(
        "dave",
        &["stake", "remove", "--amount=51"],
        (REFUSED, "Staking.NotEnoughStake"),
    );
    chain.send("dave", &["stake", "remove", "--percent=20"]);
    let shown = chain.read(&["stake", "show", "--wallet=dave"]);
    assert_eq!(leaves(&shown["staked"]), 40_000_000_000, "{shown}");
    chain.send("dave", &["take", "set", "--take=10"]);
    chain.refuse(
        "dave",
        &["take", "set", "--take=9"],
        (REFUSED, "Staking.TakeLoweredTooSoon"),
    );
    chain.refuse("dave", &["take", "set", "--take=19"], (2, "Usage"));

    // To another hotkey, and to another coldkey.
    let (bobs, eve) = (chain.hotkey("bob"), chain.coldkey("eve"));
    chain.send("dave", &["stake", "move", "--to", &bobs, "--amount=10"]);
    chain.send("dave", &["stake", "transfer", "--to", &eve, "--amount=10"]);
    let shown = chain.read(&["stake", "show", "--wallet=eve"]);
    assert!(shown["positions"].as_array().unwrap().len() == 1, "{shown}");

    chain.read(&["wallet", "add-hotkey", "--wallet=dave", "--hotkey=second"]);
    let swapped = chain.send("dave", &["swap", "hotkey", "--new-hotkey=second"]);
    let new = text(&swapped.event("Keys", "HotkeySwapped")["new"]);
    chain.refuse(
        "dave",
        &["swap", "hotkey", "--hotkey=second", "--new-hotkey=default"],
        (REFUSED, "Keys.HotkeySwappedTooSoon"),
    );
    chain.until(2, |_, subnet| {
        subnet.neurons == 2 && !subnet.hyperparameters.commit_reveal
    });
    let metagraph = chain.read(&["metagraph", "--netuid=2"]);
    let neurons = metagraph["neurons"].as_array().unwrap();
    assert!(
        neurons.iter().any(|neuron| neuron["hotkey"] == new.as_str()),
        "{neurons:?}"
    );
    let shown = chain.read(&["stake", "show", "--wallet=dave"]);
    let positions = shown["positions"].as_array().unwrap();
    assert!(
        positions.iter().any(|position| position["hotkey"] == new.as_str()),
        "the stake moved along"
    );

    // Weights at once, because the subnet switched commit-reveal off.
    let other = neurons.iter().position(|neuron| neuron["hotkey"] != new.as_str());
    let other = other.expect("there are two neurons");
    let (own, other) = (format!("{}=1", 1 - other), format!("{other}=1"));
    let weigh = ["weights", "set", "--netuid=2", "--hotkey=second"];
    chain.send("dave", &["transfer", "--to=./dave#second", "--amount=1"]);
    chain.refuse("dave", &[&weigh[..], &[&own]].concat(), (REFUSED, "Scoring.SelfWeight"));
    let dry = [&weigh[..], &[&other, "--wallet=dave", "--dry-run"]].concat();
    assert!(text(&chain.read(&dry)["quote"]["fee_returned"]).contains("succeeds"));
    // In two subnets at once, of which one does not exist: the other's are set all the same.
    let (here, nowhere) = (format!("--row=2:{other}"), "--row=9:0=1");
    let both = ["weights", "set", "--hotkey=second", &here, nowhere];
    let failed = chain.refuse("dave", &both, (REFUSED, "BatchIncomplete"));
    assert!(failed.contains("subnet 9: Scoring.UnknownSubnet"), "{failed}");
    let metagraph = chain.read(&["metagraph", "--netuid=2"]);
    let mut neurons = metagraph["neurons"].as_array().unwrap().iter();
    let weigher = neurons.find(|neuron| neuron["hotkey"] == new.as_str()).unwrap();
    assert!(weigher["last_update"].as_u64() > Some(0), "{weigher}");

    chain.read(&["wallet", "create", "--wallet=never"]);
    chain.send(
        "dave",
        &["swap", "coldkey", "announce", "--to=./never", "--save=never.swap"],
    );
    let status = ["swap", "coldkey", "status", "--wallet=dave"];
    assert!(chain.read(&status)["announced"]["executable_at"].is_u64());
    chain.send("dave", &["swap", "coldkey", "cancel"]);
    assert!(chain.read(&status)["announced"].is_null());
}
