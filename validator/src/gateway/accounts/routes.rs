//! What the accounts answer themselves: terms, challenges, keys, usage.
use super::{
    action::Action, key::KeyRecord, key::Presented, metrics, records::Usage, refusal::Refusal, Kept, Keys, Prices,
};
use axum::{
    body::{to_bytes, Body},
    extract::{Query, State},
    http::{header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderMap, HeaderValue, StatusCode},
    middleware::map_response,
    response::{IntoResponse, Response},
    routing::{get, post},
    Json, Router,
};
use laurel_chain::AccountId;
use laurel_types::Balance;
use serde::Deserialize;
use serde_json::{json, Value};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// Largest body, in bytes.
const MAX_BODY: usize = 8 * 1024;
/// How long a body may take.
const BODY_DEADLINE: Duration = Duration::from_secs(10);
/// Keys that a coldkey can have at one time.
const MAX_KEYS: usize = 20;

type Answer = Result<Json<Value>, Refusal>;

pub(super) fn router(kept: Arc<Kept>) -> Router {
    Router::new()
        .route("/laurel/v1/terms", get(terms))
        .route("/laurel/v1/challenge", get(challenge))
        .route("/laurel/v1/keys", post(keys))
        .route("/laurel/v1/usage", get(usage))
        .layer(map_response(for_any_page))
        .with_state(kept)
}

/// Lets pages of other origins read the answer: nothing here goes by cookies.
async fn for_any_page(mut response: Response) -> Response {
    let any = HeaderValue::from_static("*");
    response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, any);
    response
}

fn invalid(message: impl Into<String>, remedy: &str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "invalid_request", message, remedy)
}

/// Leaves as programs read them: JSON's numbers end below some balances.
fn leaves(amount: Balance) -> Value {
    Value::String(amount.to_string())
}

fn prices(prices: Option<Prices>) -> Value {
    prices.map_or(
        Value::Null,
        |prices| json!({ "input_per_million": leaves(prices.input), "output_per_million": leaves(prices.output) }),
    )
}

async fn terms(State(kept): State<Arc<Kept>>) -> Json<Value> {
    let terms = &kept.terms;
    Json(json!({
        "hotkey": terms.hotkey,
        "genesis": format!("0x{}", hex::encode(terms.genesis)),
        "keys": match terms.keys { Keys::Open => "open", Keys::Required => "required" },
        "free_tokens_per_day": terms.free_per_day,
        "prices": prices(terms.prices),
        "limits": terms.defaults.json(),
    }))
}

#[derive(Deserialize)]
struct Asked {
    coldkey: Option<String>,
    action: Option<String>,
}

async fn challenge(
    State(kept): State<Arc<Kept>>,
    asked: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
) -> Answer {
    let Query(asked) = asked.map_err(|error| invalid(error.body_text(), "write ?coldkey=ADDRESS&action=create"))?;
    let address = asked
        .coldkey
        .ok_or_else(|| invalid("no coldkey is named", "write ?coldkey=ADDRESS"))?;
    let coldkey: AccountId = address
        .parse()
        .map_err(|error: laurel_chain::NotAnAddress| invalid(error.to_string(), "give the coldkey's address"))?;
    let action: Action = asked
        .action
        .as_deref()
        .unwrap_or("create")
        .parse()
        .map_err(|error: super::action::NotAnAction| invalid(error.to_string(), "correct the action"))?;
    let given = kept.challenges.give(coldkey, action, kept.clock.now());
    Ok(Json(json!({ "message": given.text(), "expires": given.expires })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Signed {
    message: String,
    signature: String,
}

async fn keys(State(kept): State<Arc<Kept>>, body: Body) -> Response {
    match act(&kept, body).await {
        Ok(answer) => answer.into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// Does what was signed.
async fn act(kept: &Kept, body: Body) -> Answer {
    let body = timeout(BODY_DEADLINE, to_bytes(body, MAX_BODY)).await;
    let body = body
        .ok()
        .and_then(Result::ok)
        .ok_or_else(|| invalid("the body is too large or too slow", "send message and signature only"))?;
    let remedy = "send {\"message\": …, \"signature\": \"0x…\"}";
    let signed: Signed = serde_json::from_slice(&body).map_err(|error| invalid(error.to_string(), remedy))?;
    let now = kept.clock.now();
    let challenge = kept.challenges.check(&signed.message, &signed.signature, now)?;
    let own = kept.records.keys(Some(&challenge.coldkey))?;
    if let Action::Create { .. } = &challenge.action {
        may_have_another(kept, &challenge.coldkey, &own).await?;
    }
    if let Action::Revoke(id) | Action::Limit(id, _) = &challenge.action {
        if !own.iter().any(|key| key.id == *id) {
            return Err(Refusal::new(
                StatusCode::NOT_FOUND,
                "no_such_key",
                format!("this coldkey has no key {id}"),
                "look at its keys with the action `list`",
            ));
        }
    }
    kept.challenges.use_up(&challenge, now)?;
    let answer = perform(kept, &challenge.coldkey, &challenge.action)?;
    metrics::key_action(challenge.action.verb());
    tracing::info!(coldkey = %challenge.coldkey, action = challenge.action.verb(), "keys were looked after by their owner");
    Ok(Json(answer))
}

/// Whether a coldkey may have one more key: it has something to spend here, and not too many keys.
async fn may_have_another(kept: &Kept, coldkey: &AccountId, own: &[KeyRecord]) -> Result<(), Refusal> {
    if own.iter().filter(|key| key.revoked_ms.is_none()).count() >= MAX_KEYS {
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "too_many_keys",
            format!("this coldkey has {MAX_KEYS} keys"),
            "revoke one that is not needed",
        ));
    }
    let terms = &kept.terms;
    let (free, paid) = (terms.free_per_day > 0, terms.prices.is_some());
    if !free && !paid {
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "keys_from_operator",
            "this gateway has neither a free quota nor prices",
            "ask its operator for a key",
        ));
    }
    let _place = kept.logins.try_acquire().map_err(|_| Refusal::chain_unknown())?;
    let at = kept.book().at().ok_or_else(Refusal::chain_unknown)?;
    if free && kept.ledger.stake(*coldkey, at).await? > 0 {
        return Ok(());
    }
    if paid && kept.ledger.deposit(*coldkey, at).await?.available > 0 {
        return Ok(());
    }
    let hotkey = &terms.hotkey;
    Err(Refusal::new(
        StatusCode::PAYMENT_REQUIRED,
        "nothing_to_spend",
        "this coldkey has neither stake on this gateway's hotkey nor a deposit for it, in the last finalized block",
        match (free, paid) {
            (true, false) => format!("stake on {hotkey} with `laurel stake add`, and try again when that is final"),
            (false, _) => {
                format!("deposit for {hotkey} with `laurel prepaid deposit`, and try again when that is final")
            }
            (true, true) => {
                format!("stake on {hotkey} or deposit for it with `laurel prepaid deposit`, and try again when that is final")
            }
        },
    ))
}

fn perform(kept: &Kept, coldkey: &AccountId, action: &Action) -> Result<Value, Refusal> {
    let records = &kept.records;
    let changed = |id| {
        let key = records.key(id)?.ok_or_else(Refusal::unavailable)?;
        Ok(json!({ "key": key.json(&kept.terms.defaults) }))
    };
    match action {
        Action::Create { name, limits } => {
            let new = super::NewKey {
                name: name.clone(),
                coldkey: Some(*coldkey),
                chosen: *limits,
                created: kept.clock.now(),
                ..Default::default()
            };
            let (secret, key) = records.create_key(&new)?;
            Ok(json!({ "secret": secret.expose(), "key": key.json(&kept.terms.defaults) }))
        }
        Action::List => {
            let keys = records.keys(Some(coldkey))?;
            let keys: Vec<_> = keys.iter().map(|key| key.json(&kept.terms.defaults)).collect();
            Ok(json!({ "keys": keys }))
        }
        Action::Revoke(id) => {
            records.revoke(*id, kept.clock.now())?;
            changed(*id)
        }
        Action::Limit(id, limits) => {
            records.choose(*id, limits)?;
            changed(*id)
        }
    }
}

fn used(usage: &Usage) -> Value {
    json!({
        "requests": usage.requests,
        "tokens": usage.tokens(),
        "free_tokens": usage.free_tokens,
        "paid_tokens": usage.paid_tokens,
        "given_tokens": usage.given_tokens,
        "spent": leaves(usage.leaves),
    })
}

async fn usage(State(kept): State<Arc<Kept>>, headers: HeaderMap) -> Response {
    match look(&kept, &headers).await {
        Ok(response) => response,
        Err(refusal) => refusal.into_response(),
    }
}

async fn look(kept: &Kept, headers: &HeaderMap) -> Result<Response, Refusal> {
    // Also where requests need no key, this is about one.
    let key = match Presented::of(headers) {
        Presented::Nothing => return Err(Refusal::missing_key()),
        _ => kept.key(headers)?.ok_or_else(Refusal::invalid_key)?,
    };
    let now = kept.clock.now();
    let (mut left, mut limit_headers, at) = kept.book().look(&key, now)?;
    let is_unknown = left.is_some_and(|left| left.deposit.is_none()) && kept.terms.prices.is_some();
    if let (Some(coldkey), Some(at), true) = (key.coldkey, at, is_unknown) {
        let deposit = kept.ledger.deposit(coldkey, at).await?;
        kept.book().learn(coldkey, deposit, at);
        (left, limit_headers, _) = kept.book().look(&key, now)?;
    }
    let month = kept.records.month_of(now)?;
    let coldkey = left.map(|left| {
        json!({
            "free": { "per_day": left.free_per_day, "left": left.free },
            "deposit": left.deposit.map(|deposit| leaves(deposit.available)),
            "owed": leaves(left.owed),
            "reserved": leaves(left.reserved),
            "spendable": left.spendable.map(leaves),
        })
    });
    let body = json!({
        "key": key.json(&kept.terms.defaults),
        "today": used(&kept.records.usage_since(key.id, now.day())?),
        "month": used(&kept.records.usage_since(key.id, month)?),
        "account": coldkey,
        "prices": prices(kept.terms.prices),
    });
    Ok((limit_headers, Json(body)).into_response())
}
