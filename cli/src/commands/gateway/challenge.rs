//! Showing a gateway that one has a coldkey, by signing what it asks to sign, and nothing else.
use super::{
    site::{self, Site},
    SigningArgs,
};
use crate::{failure, password, transaction::confirm};
use anyhow::Result;
use laurel_chain::{AccountId, Keypair};
use laurel_daemon::wallet::{Key, Wallet};
use laurel_validator::gateway::accounts::{Action, Described};
use serde_json::Value;

/// Asks for a challenge, shows and signs it, and hands it back.
pub async fn by_owner(gateway: &str, signing: &SigningArgs, action: Action) -> Result<Value> {
    let folder = signing.wallet.as_ref();
    let folder = folder.ok_or_else(|| failure::usage("whose? name the wallet with --wallet or LAUREL_WALLET"))?;
    let wallet = Wallet::open(folder)?;
    let coldkey = AccountId(wallet.coldkey_address()?.0);
    let site = Site::new(gateway)?;
    let message = site.challenge(&coldkey, &action).await?;
    check_challenge(&message, &coldkey, &action, signing.gateway_hotkey)?;
    eprintln!("{message}\n");
    confirm(signing.yes, "sign this with the coldkey?")?;
    let key = password::unlock(&wallet.file(Key::Coldkey)?, &signing.password)?;
    answer(&site, &key, &action, message).await
}

/// Signs and hands back. Of a gateway that was started again since, or where the person took too long, another challenge for the same is
/// signed without asking anew.
async fn answer(site: &Site, key: &Keypair, action: &Action, message: String) -> Result<Value> {
    let sign = |message: &str| key.sign(message.as_bytes()).0;
    let answered = site.answer(&message, &sign(&message)).await;
    let (Err(error), Some(described)) = (&answered, Described::read(&message)) else {
        return answered;
    };
    if !site::is_stale(error) {
        return answered;
    }
    let again = site.challenge(&described.coldkey, action).await?;
    check_challenge(&again, &described.coldkey, action, Some(described.gateway))?;
    site.answer(&again, &sign(&again)).await
}

/// Refuses to sign anything but a challenge for what was asked for: a gateway could send another text.
fn check_challenge(message: &str, coldkey: &AccountId, action: &Action, hotkey: Option<AccountId>) -> Result<()> {
    let refuse = |remedy: String| Err(failure::refused("ForeignChallenge", remedy));
    let Some(described) = Described::read(message) else {
        return refuse("the gateway sent another text than a challenge, which was not signed".into());
    };
    if described.coldkey != *coldkey || described.action != *action {
        return refuse("the gateway's challenge is for something else than what was asked, and was not signed".into());
    }
    match hotkey {
        Some(hotkey) if hotkey != described.gateway => refuse(format!(
            "the challenge is for the gateway of {}, not of {hotkey}, and was not signed",
            described.gateway
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{
        extract::Query,
        http::StatusCode,
        routing::{get, post},
        Json, Router,
    };
    use serde_json::json;
    use std::{
        collections::HashMap,
        sync::{
            atomic::{AtomicUsize, Ordering::SeqCst},
            Arc,
        },
    };
    use tokio::net::TcpListener;

    #[test]
    fn nothing_but_the_challenge_that_was_asked_for_is_signed() {
        let (coldkey, other) = (AccountId([1; 32]), AccountId([2; 32]));
        let message = |action: &str, coldkey: AccountId| {
            let (zeros, title) = ("00".repeat(32), Described::TITLE);
            format!("{title}\naction: {action}\ncoldkey: {coldkey}\ngateway: {other}\nchain: 0x{zeros}\nnonce: {zeros}\nexpires: 7")
        };
        let good = message("list", coldkey);
        check_challenge(&good, &coldkey, &Action::List, Some(other)).unwrap();
        for (text, hotkey) in [
            (good.clone(), Some(coldkey)),
            (message("revoke 3", coldkey), None),
            (message("list", other), None),
            ("an innocent poem".into(), None),
            (format!("{good}\nand all my money"), None),
        ] {
            let refused = check_challenge(&text, &coldkey, &Action::List, hotkey).unwrap_err();
            assert!(refused.to_string().contains("not signed"), "{refused}");
        }
    }

    /// A gateway that gives challenges for its own hotkey, and refuses the first answers as one does that was started again.
    async fn forgetful(refusals: usize, hotkeys: [AccountId; 2]) -> Site {
        let (given, answered) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let challenge = move |Query(asked): Query<HashMap<String, String>>| async move {
            let nonce = given.fetch_add(1, SeqCst);
            let (coldkey, action, hotkey) = (&asked["coldkey"], &asked["action"], hotkeys[nonce.min(1)]);
            let (title, zeros) = (Described::TITLE, "00".repeat(32));
            let text = format!(
                "{title}\naction: {action}\ncoldkey: {coldkey}\ngateway: {hotkey}\nchain: 0x{zeros}\nnonce: {nonce:064x}\nexpires: 7"
            );
            Json(json!({ "message": text }))
        };
        let keys = move |Json(signed): Json<Value>| async move {
            if answered.fetch_add(1, SeqCst) < refusals {
                let error = json!({ "code": "challenge_unknown", "message": "who?", "remedy": "ask again" });
                return (StatusCode::UNAUTHORIZED, Json(json!({ "error": error })));
            }
            (StatusCode::OK, Json(signed))
        };
        let routes = Router::new().route("/laurel/v1/challenge", get(challenge));
        let routes = routes.route("/laurel/v1/keys", post(keys));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Site::new(&url).unwrap()
    }

    #[tokio::test]
    async fn a_gateway_that_was_started_again_is_answered_anew_once_and_only_for_the_same_hotkey() {
        let key = subxt_signer::sr25519::dev::alice();
        let (coldkey, own, other) = (AccountId::from(&key), AccountId([1; 32]), AccountId([2; 32]));
        for (refusals, hotkeys, expected) in [
            (0, [own, own], Ok(0)),
            (1, [own, own], Ok(1)),
            (2, [own, own], Err("challenge_unknown")),
            (1, [own, other], Err("not signed")),
        ] {
            let site = forgetful(refusals, hotkeys).await;
            let message = site.challenge(&coldkey, &Action::List).await.unwrap();
            match (answer(&site, &key, &Action::List, message).await, expected) {
                (Ok(signed), Ok(nonce)) => {
                    let text = signed["message"].as_str().unwrap();
                    assert!(text.contains(&format!("nonce: {nonce:064x}")), "{text}");
                }
                (Err(error), Err(why)) => assert!(error.to_string().contains(why), "{error}"),
                (other, _) => panic!("{refusals}: {other:?}"),
            }
        }
    }
}
