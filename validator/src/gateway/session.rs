//! What belongs together: requests of one session go to one miner, which then has their common beginning in its cache.
use crate::work::Task;
use axum::http::HeaderMap;
use laurel_protocol::{blake2b_256, Hash};
use serde::Deserialize;
use serde_json::Value;

/// A header in which a user names the session.
pub(super) const SESSION_HEADER: &str = "x-laurel-session";
/// How much of a text is its beginning, in bytes.
const BEGINNING: usize = 512;

/// What of a task's JSON says where a conversation began.
#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    messages: Vec<Turn>,
    #[serde(default)]
    prompt: Value,
}

#[derive(Deserialize)]
struct Turn {
    role: String,
    content: String,
}

/// The session of a request: the one that a header names, else the conversation up to the user's first words, or the beginning of a text.
/// What has no beginning is a session of its own.
pub(super) fn session(headers: &HeaderMap, task: &Task) -> Hash {
    if let Some(name) = headers.get(SESSION_HEADER) {
        return blake2b_256(&[b"named", name.as_bytes()]);
    }
    beginning(task).unwrap_or_else(rand::random)
}

fn beginning(task: &Task) -> Option<Hash> {
    let Asked { messages, prompt } = serde_json::from_slice(&task.body).ok()?;
    if let Some(first) = messages.iter().position(|turn| turn.role == "user") {
        let turns = &messages[..=first];
        let parts = turns.iter().flat_map(|turn| [&turn.role, "\n", &turn.content, "\n"]);
        let said: Vec<&[u8]> = parts.map(str::as_bytes).collect();
        return Some(blake2b_256(&said));
    }
    match prompt {
        Value::Null => None,
        Value::String(text) => Some(blake2b_256(&[&text.as_bytes()[..text.len().min(BEGINNING)]])),
        tokens => {
            let tokens = tokens.to_string();
            Some(blake2b_256(&[&tokens.as_bytes()[..tokens.len().min(BEGINNING)]]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(body: Value) -> Hash {
        named(body, None)
    }

    fn named(body: Value, name: Option<&str>) -> Hash {
        let task = Task {
            path: "/v1/chat/completions",
            body: body.to_string().into(),
            is_streamed: false,
            size: 1,
            prompt_tokens: 1,
            wants_proof: false,
            summary: String::new(),
        };
        let headers = name.map(|name| (SESSION_HEADER.parse().unwrap(), name.parse().unwrap()));
        session(&headers.into_iter().collect(), &task)
    }

    fn chat(said: &[(&str, &str)]) -> Value {
        let turns = said
            .iter()
            .map(|(role, content)| json!({ "role": role, "content": content }));
        json!({ "messages": turns.collect::<Vec<_>>() })
    }

    #[test]
    fn a_conversation_stays_one_session_as_it_goes_on() {
        let begun = [("system", "be brief"), ("user", "who is Emma?")];
        let later = [begun[0], begun[1], ("assistant", "a heroine"), ("user", "of what?")];
        assert_eq!(of(chat(&begun)), of(chat(&later)));
        assert_ne!(of(chat(&begun)), of(chat(&begun[1..])));
        assert_ne!(of(chat(&begun)), of(chat(&[begun[0], ("user", "who is Anne?")])));
    }

    #[test]
    fn a_long_text_stays_one_session_as_it_grows() {
        let text = "word ".repeat(200);
        assert_eq!(
            of(json!({ "prompt": text })),
            of(json!({ "prompt": format!("{text} more") }))
        );
        assert_ne!(of(json!({ "prompt": "a" })), of(json!({ "prompt": "b" })));
        let ids: Vec<u32> = (0..900).collect();
        assert_eq!(of(json!({ "prompt": ids })), of(json!({ "prompt": ids[..800] })));
    }

    #[test]
    fn a_header_names_a_session_and_what_has_no_beginning_is_alone() {
        assert_eq!(
            named(json!({ "input": "a" }), Some("me")),
            named(chat(&[("user", "b")]), Some("me"))
        );
        assert_ne!(
            named(json!({ "input": "a" }), Some("me")),
            named(json!({ "input": "a" }), Some("you"))
        );
        assert_ne!(of(json!({ "input": "a" })), of(json!({ "input": "a" })));
    }
}
