//! A miner asks what is wrong with it, and mends one thing after the other.
use super::chain::{said, text, Chain};
use laurel_chain::{Call, Keypair, SubmitOptions};
use laurel_daemon::wallet::Wallet;
use laurel_protocol::{Hotkey, Nonce, Recipient, NONCE_HEADER, SIGNATURE_HEADER};
use laurel_types::{ModelRoot, NetUid, AXON_PROTOCOL_VERSION};
use serde_json::{json, Value};
use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener},
    thread,
};

/// Root of a model that the story's subnet pays for.
const ROOT: [u8; 32] = [0x33; 32];

/// What `doctor` says: by what each check is about, its states; and everything as text.
fn doctor(chain: &Chain, healthy: bool, arguments: &[&str]) -> (Value, String) {
    let output = chain.run(&[&["doctor"][..], arguments].concat(), "");
    assert_eq!(output.status.code(), Some(i32::from(!healthy)), "{}", said(&output));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["healthy"], healthy);
    for check in document["checks"].as_array().unwrap() {
        let remedy = check["remedy"].as_str().unwrap_or_default();
        assert_eq!(
            check["state"] == "ok",
            remedy.is_empty(),
            "what is not well has a remedy: {check}"
        );
    }
    (document.clone(), document.to_string())
}

/// State of the last check about something.
fn state(document: &Value, about: &str) -> String {
    let checks = document["checks"].as_array().unwrap();
    let found = checks.iter().rev().find(|check| check["about"] == about);
    text(&found.unwrap_or_else(|| panic!("nothing about {about} in {document:#}"))["state"])
}

/// The nonce in the head of a request, if it has one.
fn nonce(head: &[String]) -> Option<Nonce> {
    let mut lines = head.iter().filter_map(|line| line.split_once(": "));
    let (_, digits) = lines.find(|(name, _)| name.eq_ignore_ascii_case(NONCE_HEADER))?;
    Some(Nonce(hex::decode(digits).unwrap().try_into().unwrap()))
}

/// A miner as far as its health goes, until the test ends. It answers as `name`, and signs with `key`.
fn serve(name: Recipient, key: Keypair) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            let body = if head.first().is_some_and(|line| line.contains("/ready")) {
                json!({ "ready": true, "reasons": [] })
            } else {
                json!({ "hotkey": name.hotkey, "model_root": hex::encode(ROOT) })
            };
            let body = body.to_string();
            let proof = nonce(&head).map(|nonce| name.prove_presence(nonce, body.as_bytes(), &key));
            let proof = proof.map_or_else(String::new, |proof| format!("{SIGNATURE_HEADER}: {proof}\r\n"));
            let length = body.len();
            // Whoever asked may have gone.
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\n{proof}connection: close\r\ncontent-length: {length}\r\n\r\n{body}"
            );
        }
    });
    address
}

/// From a wallet that does nothing to a miner that validators reach.
pub fn ask_the_doctor(chain: &Chain) {
    let (sound, _) = doctor(chain, true, &[]);
    for about in ["chain", "runtime", "sync", "finality", "blocks", "memory", "disk"] {
        assert_ne!(state(&sound, about), "fail", "{sound:#}");
    }
    let (_, nowhere) = doctor(chain, false, &["--chain=ws://127.0.0.1:1"]);
    assert!(nowhere.contains("no chain answers"), "{nowhere}");

    let model = format!("--root=0x{}:text:256:0x{}:1", hex::encode(ROOT), "cc".repeat(32));
    chain.send("alice", &["model", "accept", "--netuid=1", &model]);
    let about = ["--wallet=seven", "--netuid=1", "--data=."];
    let (idle, words) = doctor(chain, false, &about);
    assert_eq!(
        (state(&idle, "balance"), state(&idle, "registration")),
        ("fail".into(), "fail".into())
    );
    assert!(
        words.contains("laurel register --netuid 1") && words.contains("laurel transfer"),
        "{words}"
    );

    let registered = chain.send("seven", &["register", "--netuid=1", "--max-price=100"]);
    registered.event("Neurons", "NeuronRegistered");
    chain.send("seven", &["transfer", "--to=./seven#default", "--amount=1"]);
    let (silent, _) = doctor(chain, false, &about);
    assert_eq!(state(&silent, "registration"), "ok", "{silent:#}");
    assert_eq!(state(&silent, "axon"), "fail", "nobody serves: {silent:#}");

    let wallet = Wallet::open(chain.path("seven")).unwrap();
    let (hotkey, coldkey) = (wallet.hotkey("default").unwrap(), wallet.coldkey().unwrap());
    let recipient = Recipient {
        genesis: chain.client.genesis_hash().0,
        netuid: NetUid(1),
        hotkey: Hotkey::of(&hotkey),
    };
    let address = serve(recipient, hotkey.clone());
    let publish = Call::PublishAxon {
        netuid: NetUid(1),
        address: address.into(),
        protocol: AXON_PROTOCOL_VERSION,
        model: ModelRoot(ROOT),
    };
    let published = chain.client.submit(&hotkey, publish, SubmitOptions::default());
    chain.runtime.block_on(published).unwrap();
    let (serving, words) = doctor(chain, true, &about);
    assert_eq!(
        (state(&serving, "reachable"), state(&serving, "identity")),
        ("ok".into(), "ok".into()),
        "{serving:#}"
    );
    assert!(
        words.contains("an address of this machine"),
        "others cannot reach it: {words}"
    );
    let impostor = format!("--axon=http://{}", serve(recipient, coldkey));
    let (fooled, words) = doctor(chain, false, &[&about[..], &[&impostor]].concat());
    assert_eq!(
        (state(&fooled, "reachable"), state(&fooled, "identity")),
        ("ok".into(), "fail".into()),
        "{fooled:#}"
    );
    assert!(words.contains("start the miner with this hotkey"), "{words}");
    let elsewhere = "--axon=http://127.0.0.1:1";
    let (lost, _) = doctor(chain, false, &[&about[..], &[elsewhere]].concat());
    assert_eq!(state(&lost, "reachable"), "fail", "{lost:#}");
}
