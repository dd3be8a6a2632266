//! What requests look like, without their words: which API, how long, how sampled. Tasks take the shapes of users' requests, so that a
//! miner cannot tell by them who asks.
use super::question::{Dialect, EmbeddingQuestion, Named, TextQuestion};
use crate::corpus::Phrases;
use laurel_engine::TextPrompt;
use laurel_protocol::openai::EncodingFormat;
use rand::{rngs::ThreadRng, seq::IndexedRandom, Rng};
use serde_json::{json, Value};
use std::sync::{Mutex, PoisonError};

/// Shapes of users' requests that are remembered. A new one takes a place by lot, so old ones fade.
const REMEMBERED: usize = 256;
/// How much the built-in shapes count, in requests of users: with fewer, a single user's habits would show in the tasks.
const BUILT_IN: usize = 32;
/// Words of a text that are worth a token of a list of tokens, in hundredths.
const WORDS_A_HUNDRED_TOKENS: usize = 75;
/// Fewest words of a text.
const FEWEST_WORDS: usize = 4;
/// Fewest tokens that a smaller shape asks for.
const FEWEST_TOKENS: u32 = 16;
/// Most turns and texts whose lengths are remembered.
const MOST_PARTS: usize = 256;
/// What stop strings a task has: their number is the users', their words are not.
const STOPS: [&str; 6] = ["\n\n", "\n", "###", ".", "User:", "</s>"];
const SYSTEM: [&str; 3] = [
    "You are a helpful assistant.",
    "You are a careful writer. Go on in the style of the text.",
    "Answer briefly.",
];
/// Temperatures, in thousandths, as people ask for them; most leave it out.
const TEMPERATURES: [Option<u32>; 8] = [
    None,
    None,
    Some(0),
    Some(200),
    Some(500),
    Some(700),
    Some(1_000),
    Some(1_200),
];
const TOP_PS: [Option<u32>; 6] = [None, None, None, None, Some(900), Some(950)];
const TOP_KS: [Option<u32>; 6] = [None, None, None, None, Some(40), Some(50)];

/// Shapes of users' requests.
#[derive(Debug)]
pub(super) struct Shapes<S>(Mutex<Vec<S>>);

impl<S> Default for Shapes<S> {
    fn default() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}

impl<S: Clone> Shapes<S> {
    /// Remembers a user's.
    pub(super) fn note(&self, shape: S) {
        // A shape is put in at once, so a panic elsewhere leaves the list whole.
        let mut shapes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if shapes.len() < REMEMBERED {
            shapes.push(shape);
        } else {
            shapes[rand::rng().random_range(0..REMEMBERED)] = shape;
        }
    }

    /// One for a task: a user's, or where these are few also one that `built_in` makes.
    pub(super) fn draw(&self, built_in: impl FnOnce(&mut ThreadRng) -> S) -> S {
        let mut random = rand::rng();
        let shapes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lot = random.random_range(0..shapes.len() + BUILT_IN);
        match shapes.get(lot) {
            Some(shape) => shape.clone(),
            None => built_in(&mut random),
        }
    }
}

/// Who speaks in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    System,
    User,
    Assistant,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }

    fn of(name: &str) -> Option<Self> {
        [Self::System, Self::User, Self::Assistant]
            .into_iter()
            .find(|role| role.name() == name)
    }
}

/// The shape of a request for text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TextShape {
    dialect: Dialect,
    /// Who speaks, and in how many words; a completion has one.
    turns: Vec<(Role, usize)>,
    /// Whether the prompt is a list of tokens.
    is_tokens: bool,
    named: Named,
    stops: usize,
    is_streamed: bool,
    with_usage: bool,
}

fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

impl TextShape {
    /// Of a user's request; none if it is one that a task cannot imitate.
    pub(super) fn of(question: &TextQuestion) -> Option<Self> {
        let turns = match &question.prompt {
            TextPrompt::Text(text) => vec![(Role::User, words(text))],
            TextPrompt::Tokens(ids) => vec![(Role::User, ids.len() * WORDS_A_HUNDRED_TOKENS / 100)],
            TextPrompt::Chat(messages) => messages
                .iter()
                .map(|message| Some((Role::of(&message.role)?, words(&message.content))))
                .collect::<Option<Vec<_>>>()?,
        };
        (turns.len() <= MOST_PARTS).then(|| Self {
            dialect: question.dialect,
            turns,
            is_tokens: matches!(question.prompt, TextPrompt::Tokens(_)),
            named: question.named(),
            stops: question.parameters.stop.len(),
            is_streamed: question.is_streamed,
            with_usage: question.with_usage,
        })
    }

    /// What people are thought to ask for, until there are users.
    pub(super) fn built_in(random: &mut ThreadRng) -> Self {
        let dialect = if random.random_bool(0.6) {
            Dialect::Chat
        } else {
            Dialect::Completion
        };
        let mut turns = vec![(Role::User, random.random_range(6..60))];
        if dialect == Dialect::Chat && random.random_bool(0.15) {
            turns.push((Role::Assistant, random.random_range(6..30)));
            turns.push((Role::User, random.random_range(6..30)));
        }
        if dialect == Dialect::Chat && random.random_bool(0.3) {
            turns.insert(0, (Role::System, 0));
        }
        let is_streamed = random.random_bool(0.5);
        Self {
            dialect,
            turns,
            is_tokens: dialect == Dialect::Completion && random.random_bool(0.1),
            named: Named {
                max_tokens: Some(random.random_range(16..=64)),
                temperature_milli: pick(&TEMPERATURES, random),
                top_p_milli: pick(&TOP_PS, random),
                top_k: pick(&TOP_KS, random),
            },
            stops: usize::from(random.random_bool(0.1)),
            is_streamed,
            with_usage: is_streamed && random.random_bool(0.3),
        }
    }

    /// The same with half of everything, for a model whose context is small; after some rounds one that every model takes.
    pub(super) fn smaller(self, round: usize) -> Self {
        let half = |words: usize| (words / 2).max(FEWEST_WORDS);
        let mut smaller = self;
        smaller.named.max_tokens = smaller.named.max_tokens.map(|tokens| (tokens / 2).max(FEWEST_TOKENS));
        smaller.turns.iter_mut().for_each(|(_, words)| *words = half(*words));
        if round >= 3 {
            smaller.dialect = Dialect::Completion;
            smaller.turns.truncate(1);
            smaller.is_tokens = false;
        }
        smaller
    }

    /// Where a request of this shape goes.
    pub(super) fn path(&self) -> &'static str {
        self.dialect.path()
    }

    /// A request of this shape about the passage number `index`; `ids` cuts a text into tokens.
    pub(super) fn body<E>(
        &self,
        phrases: &Phrases,
        index: u64,
        ids: impl FnOnce(&str) -> Result<Vec<u32>, E>,
    ) -> Result<Value, E> {
        let total: usize = self.turns.iter().map(|(_, words)| *words).sum();
        let passage = phrases.passage(index, total.max(FEWEST_WORDS));
        let mut rest = passage.split_whitespace();
        let mut random = rand::rng();
        let mut body = match self.dialect {
            Dialect::Completion if self.is_tokens => json!({ "prompt": ids(&passage)? }),
            Dialect::Completion => json!({ "prompt": passage }),
            Dialect::Chat => {
                let last = self.turns.len().saturating_sub(1);
                let messages = self.turns.iter().enumerate().map(|(at, (role, words))| {
                    let take = if at == last { usize::MAX } else { *words };
                    let own: Vec<&str> = rest.by_ref().take(take).collect();
                    let content = match role {
                        Role::System if own.is_empty() => pick(&SYSTEM, &mut random).to_owned(),
                        _ => own.join(" "),
                    };
                    json!({ "role": role.name(), "content": content })
                });
                json!({ "messages": messages.collect::<Vec<_>>() })
            }
        };
        let stops: Vec<&str> = STOPS.choose_multiple(&mut random, self.stops).copied().collect();
        let milli = |value: Option<u32>| value.map(|milli| f64::from(milli) / 1_000.0);
        body["max_tokens"] = json!(self.named.max_tokens);
        body["temperature"] = json!(milli(self.named.temperature_milli));
        body["top_p"] = json!(milli(self.named.top_p_milli));
        body["top_k"] = json!(self.named.top_k);
        body["stop"] = if stops.is_empty() { Value::Null } else { json!(stops) };
        body["stream"] = json!(self.is_streamed);
        body["stream_options"] = json!({ "include_usage": self.with_usage });
        Ok(body)
    }
}

/// One of some, each as likely.
fn pick<T: Copy, const N: usize>(choices: &[T; N], random: &mut ThreadRng) -> T {
    choices[random.random_range(0..N)]
}

/// The shape of a request for vectors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EmbeddingShape {
    /// Words of each text.
    words: Vec<usize>,
    is_single: bool,
    format: EncodingFormat,
}

impl EmbeddingShape {
    /// Of a user's request.
    pub(super) fn of(question: &EmbeddingQuestion) -> Self {
        Self {
            words: question.inputs.iter().map(|input| words(input)).collect(),
            is_single: question.is_single,
            format: question.format,
        }
    }

    /// What people are thought to ask for, until there are users.
    pub(super) fn built_in(random: &mut ThreadRng) -> Self {
        let is_single = random.random_bool(0.3);
        let texts = if is_single { 1 } else { random.random_range(1..=8) };
        let is_exact = random.random_bool(0.8);
        Self {
            words: (0..texts).map(|_| random.random_range(5..60)).collect(),
            is_single,
            format: if is_exact {
                EncodingFormat::Base64
            } else {
                EncodingFormat::Float
            },
        }
    }

    /// A request of this shape, whose first text is about the passage number `index`.
    pub(super) fn body(&self, phrases: &Phrases, index: u64) -> Value {
        let mut random = rand::rng();
        let texts: Vec<String> = self
            .words
            .iter()
            .enumerate()
            .map(|(at, words)| {
                let index = if at == 0 { index } else { random.random() };
                phrases.passage(index, (*words).max(FEWEST_WORDS))
            })
            .collect();
        let input = match texts.as_slice() {
            [one] if self.is_single => json!(one),
            many => json!(many),
        };
        json!({ "input": input, "encoding_format": self.format })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Corpus;

    const CHAT: &str = r#"{"messages":[{"role":"system","content":"secret one two"},{"role":"user","content":"secret three four five"}],
        "max_tokens":33,"temperature":0.3,"stop":["secret","x"],"stream":true}"#;

    #[test]
    fn a_task_of_a_users_shape_differs_from_the_request_in_words_only() {
        let phrases = Phrases::new(Corpus::built_in(), [1; 32]);
        for (path, body) in [
            ("/v1/chat/completions", CHAT),
            (
                "/v1/completions",
                r#"{"prompt":"a secret of seven words for us","top_k":7,"top_p":0.5}"#,
            ),
        ] {
            let asked = TextQuestion::read(path, body.as_bytes()).unwrap();
            let shape = TextShape::of(&asked).unwrap();
            let task = shape.body(&phrases, 5, |_| Ok::<_, ()>(vec![])).unwrap().to_string();
            assert!(!task.contains("secret"), "{task}");
            let task = TextQuestion::read(shape.path(), task.as_bytes()).unwrap();
            assert_eq!(TextShape::of(&task), Some(shape));
            assert_eq!(task.parameters.stop.len(), asked.parameters.stop.len());
        }
        let asked = EmbeddingQuestion::read("/v1/embeddings", br#"{"input":["one two three four five","x"]}"#).unwrap();
        let task = EmbeddingShape::of(&asked).body(&phrases, 5);
        assert_eq!(task["encoding_format"], "float");
        let lengths: Vec<usize> = task["input"]
            .as_array()
            .unwrap()
            .iter()
            .map(|text| words(text.as_str().unwrap()))
            .collect();
        assert_eq!(lengths, [5, FEWEST_WORDS]);
    }

    #[test]
    fn users_shapes_crowd_out_the_built_in_ones_and_stay_bounded() {
        let shapes = Shapes::default();
        assert_eq!(shapes.draw(|_| 0), 0);
        for shape in 1..=1_000 {
            shapes.note(shape);
        }
        let drawn: Vec<i32> = (0..1_000).map(|_| shapes.draw(|_| 0)).collect();
        let users = drawn.iter().filter(|shape| **shape > 0).count();
        // 256 of 288 on average; ten standard deviations are allowed.
        assert!((780..=990).contains(&users), "{users}");
        assert_eq!(shapes.0.lock().unwrap().len(), REMEMBERED);
    }
}
