//! A subnet's owner: what it says of itself, what it pays for, how it passes the subnet on, and how the subnet ends.
use super::chain::{leaves, said, text, Chain, REFUSED};
use laurel_types::NetUid;
use serde_json::{json, Value};
use sp_io::hashing::{twox_128, twox_64};

/// A subnet of its own: named, given models, passed on, dissolved and gone.
pub fn own(chain: &Chain) {
    let created = chain.send("two", &["subnet", "create", "--max-lock=2000"]);
    let created = created.event("Subnets", "SubnetCreated");
    let netuid = NetUid(created["netuid"].as_u64().unwrap().try_into().unwrap());
    let of = format!("--netuid={netuid}");
    let lock = leaves(&created["lock"]);
    assert_eq!(held(chain, "two"), lock);
    identify(chain, &of);
    assert_eq!(held(chain, "two"), lock, "the deposit is back");
    let from = announce_models(chain, &of);
    pass_on(chain, &of);
    assert_eq!((held(chain, "two"), held(chain, "three")), (0, lock));

    chain.send("two", &["register", &of, "--max-price=10"]);
    let at = announce_dissolution(chain, &of);
    chain.until_epoch(netuid.0, from);
    let shown = show(chain, &of);
    assert_eq!(shown["models"][0]["root"], format!("0x{}", "22".repeat(32)), "{shown}");
    assert_eq!(shown["pending_models"], Value::Null);
    assert!(keys_of(chain, netuid).len() > 5, "there is something to be removed");

    let names = [("Subnets", "SubnetEnded"), ("Subnets", "SubnetRemoved")];
    let [ended, _] = chain.await_events(at, netuid, names);
    assert_eq!(leaves(&ended["refunded"]) + leaves(&ended["burned"]), lock, "{ended}");
    assert_eq!((&ended["reason"], held(chain, "three")), (&json!("Dissolved"), 0));
    assert_eq!(keys_of(chain, netuid), Vec::<String>::new());
    let gone = chain.run(&["subnet", "show", &of], "");
    assert_eq!(gone.status.code(), Some(REFUSED), "{}", said(&gone));
    assert!(said(&gone).contains("Subnets.SubnetDoesNotExist"), "{}", said(&gone));
}

fn show(chain: &Chain, of: &str) -> Value {
    chain.read(&["subnet", "show", of])
}

fn held(chain: &Chain, wallet: &str) -> u64 {
    leaves(&chain.read(&["balance", "--wallet", wallet])["held"])
}

fn identify(chain: &Chain, of: &str) {
    let say = [
        "subnet",
        "identity",
        "set",
        of,
        "--name=L'été",
        "--url=https://example.org",
        "--description=Answers in French",
    ];
    let clear = ["subnet", "identity", "clear", of];
    chain.refuse("three", &say, (REFUSED, "Subnets.NotSubnetOwner"));
    chain.refuse("two", &clear, (REFUSED, "Subnets.NoIdentity"));
    let named = chain.send("two", &say);
    let deposit = &named.event("Subnets", "SubnetIdentitySet")["deposit"];
    assert_eq!(deposit, &named.0["quote"]["deposit"], "what was quoted is held");
    let identity = &show(chain, of)["identity"];
    assert_eq!(
        (text(&identity["name"]).as_str(), text(&identity["url"]).as_str()),
        ("L'été", "https://example.org"),
        "{identity}"
    );
    assert_eq!((&identity["contact"], &identity["deposit"]), (&json!(""), deposit));
    chain.send("two", &clear).event("Subnets", "SubnetIdentityCleared");
    assert_eq!(show(chain, of)["identity"], Value::Null);
}

/// The first list counts at once, the second one a whole epoch later. Returns the epoch from which on that counts.
fn announce_models(chain: &Chain, of: &str) -> u64 {
    let model = |root: &str| format!("--root=0x{}:text:256:0x{}:1", root.repeat(32), "cc".repeat(32));
    let (first, second) = (model("11"), model("22"));
    let accept = ["model", "accept", of];
    chain.refuse(
        "two",
        &[&accept[..], &[&first, &first]].concat(),
        (REFUSED, "Subnets.ModelListedTwice"),
    );
    chain.send("two", &[&accept[..], &[&first]].concat());
    let nobodys = format!("--root=0x{}", "44".repeat(32));
    chain.refuse("two", &[&accept[..], &[&nobodys]].concat(), (2, "Usage"));
    // By its root alone: the chain has the rest. It would be listed twice.
    let known = format!("--root=0x{}", "11".repeat(32));
    let again = [&accept[..], &[&known]].concat();
    chain.refuse("two", &again, (REFUSED, "Subnets.ModelListedTwice"));
    let set = chain.send("two", &[&accept[..], &[&second, "--only"]].concat());
    assert_eq!(text(&set.0["quote"]["accepted_then"]), format!("0x{}", "22".repeat(32)));
    let from = leaves(&set.event("Subnets", "ModelsSet")["from"]);
    let shown = show(chain, of);
    assert_eq!(shown["models"][0]["root"], format!("0x{}", "11".repeat(32)), "{shown}");
    assert_eq!(leaves(&shown["pending_models"]["from"]), from, "{shown}");
    assert_eq!(text(&set.0["quote"]["from_epoch"]), from.to_string(), "what was quoted");
    let listed = chain.read(&["model", "list", of]);
    assert_eq!(listed["models"], shown["models"], "{listed}");
    assert_eq!(
        listed["announced"]["models"][0]["root"],
        format!("0x{}", "22".repeat(32)),
        "{listed}"
    );
    from
}

fn pass_on(chain: &Chain, of: &str) {
    let owner = |verb: &'static str| ["subnet", "owner", verb, of];
    let offer = [&owner("offer")[..], &["--to=./three"]].concat();
    chain.refuse("three", &owner("accept"), (REFUSED, "Subnets.SubnetNotOffered"));
    chain.send("two", &offer);
    let three = chain.coldkey("three");
    assert_eq!(show(chain, of)["offered_to"], three.as_str());
    chain.send("two", &owner("withdraw"));
    chain.refuse("three", &owner("accept"), (REFUSED, "Subnets.SubnetNotOffered"));
    chain.send("two", &offer);
    chain.send("three", &owner("accept"));
    let shown = show(chain, of);
    assert_eq!((&shown["owner"], &shown["offered_to"]), (&json!(three), &Value::Null));
    chain.refuse("two", &offer, (REFUSED, "Subnets.NotSubnetOwner"));
}

/// Announces the end, calls it off, and announces it again. Returns the block in which it comes.
fn announce_dissolution(chain: &Chain, of: &str) -> u64 {
    let announce = ["subnet", "dissolve", "announce", of];
    let cancel = ["subnet", "dissolve", "cancel", of];
    chain.refuse("three", &cancel, (REFUSED, "Subnets.NoDissolutionAnnounced"));
    chain.send("three", &announce);
    chain.refuse("three", &announce, (REFUSED, "Subnets.DissolutionAnnouncedAlready"));
    assert!(show(chain, of)["dissolved_at"].is_u64());
    chain.send("three", &cancel);
    assert_eq!(show(chain, of)["dissolved_at"], Value::Null);
    let announced = chain.send("three", &announce);
    let at = announced.event("Subnets", "DissolutionAnnounced")["at"]
        .as_u64()
        .unwrap();
    assert_eq!(show(chain, of)["dissolved_at"], at);
    at
}

/// Keys of the chain's storage under a netuid: the first of a map's, or what `Neurons.Uids` is about.
fn keys_of(chain: &Chain, netuid: NetUid) -> Vec<String> {
    let number = netuid.0.to_le_bytes();
    let sign = hex::encode([&twox_64(&number)[..], &number].concat());
    let uids = hex::encode([twox_128(b"Neurons"), twox_128(b"Uids")].concat());
    let of_it = |key: &String| {
        let key = key.trim_start_matches("0x");
        key.get(64..).is_some_and(|rest| rest.starts_with(&sign)) || key.starts_with(&uids) && key.ends_with(&sign)
    };
    let mut keys = chain.storage_keys();
    keys.retain(of_it);
    keys
}

/// Where all places are taken, a new subnet ends the weakest one, and its owner is told so before.
pub fn replace(chain: &Chain) {
    chain.limit_subnets(2);
    let create = ["subnet", "create", "--wallet=six", "--max-lock=100000"];
    let dry = chain.read(&[&create[..], &["--dry-run"]].concat());
    let quote = &dry["quote"];
    assert_eq!(quote["replaces_netuid"], "2", "a quarter of the emission: {quote}");
    assert_eq!(text(&quote["replaces_owner"]), chain.coldkey("alice"));
    assert!(text(&quote["replaces_why"]).contains("all places are taken"), "{quote}");
    let split = chain.read(&["root", "split"]);
    let part = leaves(&split["subnets"][1]["part"]) as f64 / u64::MAX as f64 * 100.0;
    assert!((part - 25.0).abs() < 0.1, "{split}");
    assert!(
        text(&quote["replaces_why"]).contains(&format!("{part:.2} %")),
        "{quote}"
    );
    let table = chain.run_for_people(&[&create[..], &["--dry-run"]].concat());
    assert!(
        table.contains("replaces netuid") && table.contains("replaces lock refunded"),
        "{table}"
    );

    let created = chain.send("six", &["subnet", "create", "--max-lock=100000"]);
    let ended = created.event("Subnets", "SubnetEnded");
    assert_eq!((&ended["netuid"], &ended["reason"]), (&json!(2), &json!("Replaced")));
    // The refund grows with each block.
    let (refunded, burned) = (leaves(&ended["refunded"]), leaves(&ended["burned"]));
    assert!(refunded >= leaves(&quote["replaces_lock_refunded"]), "{ended}, {quote}");
    let lock = leaves(&quote["replaces_lock_refunded"]) + leaves(&quote["replaces_lock_burned"]);
    assert_eq!(refunded + burned, lock);
}
