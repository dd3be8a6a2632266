//! Keys that owners of coldkeys get and look after by themselves, over HTTP.
use super::*;
use crate::gateway::accounts::challenge::LIFETIME_MS;
use reqwest::Client;
use serde_json::{json, Value};
use subxt_signer::sr25519::{dev, Keypair};

/// A gateway that answers over HTTP what the accounts answer.
struct Site {
    world: World,
    url: String,
}

impl Site {
    async fn new(terms: Terms) -> Self {
        let mut world = World::new(terms);
        world.block().await;
        let mut site = Self {
            world,
            url: String::new(),
        };
        site.serve().await;
        site
    }

    async fn serve(&mut self) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        self.url = format!("http://{}", listener.local_addr().unwrap());
        let router = self.world.accounts.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
    }

    async fn get(&self, path: &str, key: Option<&str>) -> (u16, Value) {
        let mut asking = client().get(format!("{}/laurel/v1/{path}", self.url));
        if let Some(key) = key {
            asking = asking.bearer_auth(key);
        }
        let response = asking.send().await.unwrap();
        assert_eq!(response.headers()["access-control-allow-origin"], "*");
        (response.status().as_u16(), response.json().await.unwrap())
    }

    async fn post(&self, message: &str, signature: &str) -> (u16, Value) {
        let body = json!({ "message": message, "signature": signature });
        let response = client()
            .post(format!("{}/laurel/v1/keys", self.url))
            .json(&body)
            .send()
            .await
            .unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    async fn challenge(&self, key: &Keypair, action: &str) -> String {
        let coldkey = AccountId::from(key);
        let action = action.replace(' ', "%20");
        let (status, body) = self
            .get(&format!("challenge?coldkey={coldkey}&action={action}"), None)
            .await;
        assert_eq!(status, 200, "{body}");
        body["message"].as_str().unwrap().to_owned()
    }

    /// Does something as the owner of a coldkey.
    async fn act(&self, key: &Keypair, action: &str) -> (u16, Value) {
        let message = self.challenge(key, action).await;
        self.post(&message, &sign(key, &message)).await
    }
}

fn client() -> Client {
    Client::builder().no_proxy().build().unwrap()
}

fn sign(key: &Keypair, message: &str) -> String {
    format!("0x{}", hex::encode(key.sign(message.as_bytes()).0))
}

fn code(body: &Value) -> &str {
    let error = &body["error"];
    assert!(!error["message"].as_str().unwrap().is_empty() && !error["remedy"].as_str().unwrap().is_empty());
    error["code"].as_str().unwrap()
}

async fn site_of_alice() -> (Site, Keypair) {
    let site = Site::new(Terms {
        free_per_day: 86_400,
        ..terms()
    })
    .await;
    let alice = dev::alice();
    site.world.chain.stake_of(AccountId::from(&alice), 5);
    (site, alice)
}

#[tokio::test]
async fn who_stakes_gets_a_key_uses_it_and_sees_what_is_left() {
    let (mut site, alice) = site_of_alice().await;
    let (status, made) = site.act(&alice, "create name=laptop requests_per_minute=7").await;
    assert_eq!(status, 200, "{made}");
    let secret = made["secret"].as_str().unwrap().to_owned();
    assert_eq!(
        (&made["key"]["name"], &made["key"]["limits"]["requests_per_minute"]),
        (&json!("laptop"), &json!(7))
    );
    site.world.clock.pass(10_000);
    site.world.block().await;
    site.world.clock.pass(100_000);
    let admission = site.world.admit(&bearer(&secret), 90).await.unwrap();
    admission.settle(amount(40));
    let (status, usage) = site.get("usage", Some(&secret)).await;
    assert_eq!(status, 200, "{usage}");
    assert_eq!(usage["today"]["free_tokens"], 40);
    assert_eq!(usage["month"]["requests"], 1);
    assert_eq!(usage["account"]["free"], json!({ "per_day": 86_400, "left": 60 }));
    assert_eq!(site.get("usage", None).await.0, 401);
}

#[tokio::test]
async fn a_browser_wallets_wrapping_and_kind_byte_are_understood() {
    let (site, alice) = site_of_alice().await;
    let message = site.challenge(&alice, "list").await;
    let wrapped = sign(&alice, &format!("<Bytes>{message}</Bytes>"));
    assert_eq!(site.post(&message, &wrapped).await.0, 200);
    let message = site.challenge(&alice, "list").await;
    let with_kind = sign(&alice, &message).replace("0x", "0x01");
    assert_eq!(site.post(&message, &with_kind).await.0, 200);
}

#[tokio::test]
async fn challenges_are_good_once_here_soon_and_for_their_coldkey() {
    let (mut site, alice) = site_of_alice().await;
    let message = site.challenge(&alice, "create").await;
    let refused = |answer: (u16, Value)| (answer.0, code(&answer.1).to_owned());

    let by_bob = site.post(&message, &sign(&dev::bob(), &message)).await;
    assert_eq!(refused(by_bob), (401, "bad_signature".into()));
    let garbled = site.post(&message, "0x1234").await;
    assert_eq!(refused(garbled), (401, "bad_signature".into()));
    for (from, to, status, name) in [
        (GATEWAY, AccountId::from(&dev::bob()), 403, "wrong_gateway"),
        (
            AccountId::from(&alice),
            AccountId::from(&dev::bob()),
            401,
            "challenge_unknown",
        ),
    ] {
        let other = message.replace(&from.to_string(), &to.to_string());
        let answer = site.post(&other, &sign(&alice, &other)).await;
        assert_eq!(refused(answer), (status, name.into()));
    }
    let other = message.replace(&hex::encode(GENESIS), &hex::encode([6; 32]));
    assert_eq!(
        refused(site.post(&other, &sign(&alice, &other)).await),
        (403, "wrong_chain".into())
    );
    let other = message.replace("action: create", "action: create name=x");
    assert_eq!(
        refused(site.post(&other, &sign(&alice, &other)).await),
        (401, "challenge_unknown".into())
    );
    let other = format!("{message}\n");
    assert_eq!(
        refused(site.post(&other, &sign(&alice, &other)).await),
        (400, "malformed_challenge".into())
    );

    let signature = sign(&alice, &message);
    assert_eq!(site.post(&message, &signature).await.0, 200);
    assert_eq!(
        refused(site.post(&message, &signature).await),
        (401, "challenge_used".into())
    );

    let message = site.challenge(&alice, "create").await;
    site.world.clock.pass(LIFETIME_MS);
    assert_eq!(
        refused(site.post(&message, &sign(&alice, &message)).await),
        (401, "challenge_expired".into())
    );

    let message = site.challenge(&alice, "create").await;
    site.world.die();
    site.world.block().await;
    site.serve().await;
    assert_eq!(
        refused(site.post(&message, &sign(&alice, &message)).await),
        (401, "challenge_unknown".into())
    );
}

#[tokio::test]
async fn of_many_answers_to_one_challenge_one_makes_a_key() {
    let (site, alice) = site_of_alice().await;
    let message = site.challenge(&alice, "create").await;
    let signature = sign(&alice, &message);
    let answers = futures::future::join_all((0..8).map(|_| site.post(&message, &signature))).await;
    let made = answers.iter().filter(|(status, _)| *status == 200).count();
    assert_eq!(made, 1, "{answers:?}");
    assert_eq!(site.world.records().keys(None).unwrap().len(), 1);
}

#[tokio::test]
async fn owners_look_after_their_own_keys_and_no_others() {
    let (site, alice) = site_of_alice().await;
    let bob = dev::bob();
    site.world.chain.stake_of(AccountId::from(&bob), 1);
    let (_, made) = site.act(&alice, "create").await;
    site.act(&bob, "create name=bobs").await;
    let id = made["key"]["id"].as_u64().unwrap();
    let (_, list) = site.act(&alice, "list").await;
    assert_eq!(list["keys"].as_array().unwrap().len(), 1);
    assert!(!list.to_string().contains(made["secret"].as_str().unwrap()));

    let (status, body) = site.act(&bob, &format!("revoke {id}")).await;
    assert_eq!((status, code(&body)), (404, "no_such_key"));
    let (_, limited) = site.act(&alice, &format!("limit {id} concurrency=1")).await;
    assert_eq!(limited["key"]["limits"]["concurrency"], 1);
    let (_, revoked) = site.act(&alice, &format!("revoke {id}")).await;
    assert!(revoked["key"]["revoked_ms"].is_u64());
    let key = bearer(made["secret"].as_str().unwrap());
    assert_eq!(site.world.admit(&key, 1).await.err(), Some("revoked_api_key"));
}

#[tokio::test]
async fn keys_are_given_to_who_has_something_to_spend_and_not_without_end() {
    let (site, alice) = site_of_alice().await;
    let (status, body) = site.act(&dev::bob(), "create").await;
    assert_eq!((status, code(&body)), (402, "nothing_to_spend"));
    for _ in 0..20 {
        assert_eq!(site.act(&alice, "create").await.0, 200);
    }
    let (status, body) = site.act(&alice, "create").await;
    assert_eq!((status, code(&body)), (403, "too_many_keys"));

    let mut site = Site::new(paid()).await;
    site.world.chain.stake_of(AccountId::from(&alice), 5);
    assert_eq!(code(&site.act(&alice, "create").await.1), "nothing_to_spend");
    site.world.chain.deposit_of(AccountId::from(&alice), 50);
    site.world.block().await;
    let (status, made) = site.act(&alice, "create").await;
    assert_eq!(status, 200, "{made}");
    let (_, usage) = site.get("usage", made["secret"].as_str()).await;
    assert_eq!(
        (&usage["account"]["deposit"], &usage["account"]["spendable"]),
        (&json!("50"), &json!("50"))
    );

    let site = Site::new(terms()).await;
    assert_eq!(code(&site.act(&alice, "create").await.1), "keys_from_operator");
}

#[tokio::test]
async fn terms_are_public_and_mistakes_are_named() {
    let site = Site::new(Terms {
        defaults: "concurrency=8,monthly_tokens=none".parse().unwrap(),
        ..paid()
    })
    .await;
    let (status, terms) = site.get("terms", None).await;
    assert_eq!(
        (status, &terms["hotkey"], &terms["keys"]),
        (200, &json!(GATEWAY), &json!("required"))
    );
    assert_eq!(
        terms["prices"],
        json!({ "input_per_million": "1000000", "output_per_million": "1000000" })
    );
    assert_eq!(terms["limits"], json!({ "concurrency": 8 }));
    let alice = AccountId::from(&dev::alice());
    for path in [
        "challenge".to_owned(),
        "challenge?coldkey=5abc".into(),
        format!("challenge?coldkey={alice}&action=steal"),
    ] {
        let (status, body) = site.get(&path, None).await;
        assert_eq!((status, code(&body)), (400, "invalid_request"));
    }
    for body in [
        "",
        "{}",
        "{\"message\": \"a\", \"signature\": \"b\", \"more\": 1}",
        &"x".repeat(9_000),
    ] {
        let response = client()
            .post(format!("{}/laurel/v1/keys", site.url))
            .body(body.to_owned())
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 400);
        assert_eq!(code(&response.json().await.unwrap()), "invalid_request");
    }
}
