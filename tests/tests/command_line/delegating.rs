//! Who acts for whom.
use super::chain::{leaves, text, Chain, REFUSED};
use serde_json::json;

/// A newcomer gets tokens, lets somebody else stake for it and nothing more, and passes all on to a new coldkey.
pub fn delegate_and_pass_on(chain: &Chain) {
    for wallet in ["young", "heir"] {
        chain.read(&["wallet", "create", "--wallet", wallet]);
    }
    // More than there is: nothing is sent.
    chain.refuse(
        "charlie",
        &["transfer", "--to=./young", "--amount=99999999"],
        (REFUSED, "Balances.InsufficientBalance"),
    );
    chain.send("one", &["transfer", "--to=./young", "--amount=100"]);
    chain.send("one", &["register", "--netuid=2", "--max-price=10"]);
    let announced = chain.send(
        "young",
        &["swap", "coldkey", "announce", "--to=./heir", "--save=young.swap"],
    );
    let digest = text(&announced.event("Keys", "ColdkeySwapAnnounced")["digest"]);
    let status = chain.read(&["swap", "coldkey", "status", "--wallet=young"]);
    assert_eq!(text(&status["announced"]["digest"]), digest);
    let executable_at = status["announced"]["executable_at"].as_u64().unwrap();
    let execute = ["swap", "coldkey", "execute", "--from=young.swap"];
    chain.refuse("one", &execute, (REFUSED, "Keys.SwapTooEarly"));

    let (account, hotkey) = (chain.coldkey("young"), chain.hotkey("bob"));
    chain.send("young", &["proxy", "add", "--delegate=./one", "--type=staking"]);
    let stake = [
        "stake",
        "add",
        "--hotkey-address",
        &hotkey,
        "--amount=5",
        "--proxy-for",
        &account,
    ];
    chain.send("one", &stake).event("Proxy", "ProxyExecuted");
    chain.refuse(
        "one",
        &["transfer", "--to=./one", "--amount=1", "--proxy-for", &account],
        (REFUSED, "System.CallFiltered"),
    );
    let proxies = chain.read(&["proxy", "list", "--wallet=young"]);
    assert_eq!(proxies["proxies"][0]["proxy_type"], "Staking");
    chain.send("young", &["proxy", "remove", "--delegate=./one", "--type=staking"]);
    chain.refuse("one", &stake, (REFUSED, "Proxy.NotProxy"));

    chain.until_block(executable_at);
    chain.send("one", &execute).event("Keys", "ColdkeySwapped");
    let inherited = chain.read(&["stake", "show", "--wallet=heir"]);
    assert!(leaves(&inherited["staked"]) >= 4_999_999_999, "{inherited}");
    assert!(leaves(&inherited["free"]) > 90_000_000_000, "{inherited}");
}

/// Who must announce what it does for another one can be stopped in time.
pub fn act_announced(chain: &Chain) {
    let real = chain.coldkey("four");
    chain.send(
        "four",
        &["proxy", "add", "--delegate=./five", "--type=transfer", "--delay=8"],
    );
    let transfer = ["transfer", "--to=./five", "--amount=2"];
    let call = chain.read(&[&transfer[..], &["--wallet=five", "--print-call"]].concat());
    let call = text(&call["call_hex"]);
    let at_once = [&transfer[..], &["--proxy-for", &real]].concat();
    chain.refuse("five", &at_once, (REFUSED, "Proxy.Unannounced"));
    let announce = ["proxy", "announce", "--real=./four", "--call", &call];
    let execute = ["proxy", "execute", "--real=./four", "--call", &call];
    chain.refuse("five", &execute, (REFUSED, "Proxy.Unannounced"));

    let announced = chain.send("five", &announce);
    let hash = text(&announced.event("Proxy", "Announced")["call_hash"]);
    let announcements = || chain.read(&["proxy", "list", "--wallet=five"])["announcements"].clone();
    let listed = announcements();
    assert_eq!(
        (text(&listed[0]["real"]), text(&listed[0]["call_hash"])),
        (real, hash.clone())
    );
    chain.refuse("five", &execute, (REFUSED, "Proxy.Unannounced"));
    chain.until_block(announced.0["block"]["number"].as_u64().unwrap() + 8);
    let free = || leaves(&chain.read(&["balance", "--wallet=four"])["free"]);
    let before = free();
    chain.send("five", &execute).event("Proxy", "ProxyExecuted");
    assert_eq!(before - free(), 2_000_000_000, "the proxy pays the fee");
    assert_eq!(announcements(), json!([]));

    chain.send("five", &announce);
    let reject = ["proxy", "reject", "--delegate=./five", "--hash", &hash];
    chain.send("four", &reject);
    assert_eq!(announcements(), json!([]));
    chain.refuse("four", &reject, (REFUSED, "Proxy.NotFound"));
    chain.send("five", &announce);
    chain.send("five", &["proxy", "withdraw", "--real=./four", "--hash", &hash]);
    assert_eq!(announcements(), json!([]));
}
