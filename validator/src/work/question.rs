//! Requests in one spelling, so that a validator's own and those of its users look alike.
//!
//! Whoever asks, the body is written anew: the fields that count, in the order in which the API's own client sends them, none that means
//! nothing, the model by its root. What is left are the values, and those of tasks are drawn from users' ([`super::shape`]).
use laurel_engine::{ChatMessage, TextPrompt};
use laurel_protocol::{
    openai::{
        ChatRequest, CompletionRequest, EmbeddingInput, EmbeddingRequest, EncodingFormat, SinglePrompt, StreamOptions,
        TextParameters,
    },
    RequestError,
};
use laurel_types::ModelRoot;
use serde::{de::DeserializeOwned, Serialize};

/// Where vectors are asked for.
pub(super) const EMBEDDINGS: &str = "/v1/embeddings";

/// Which of the two APIs of text is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `/v1/completions`.
    Completion,
    /// `/v1/chat/completions`.
    Chat,
}

impl Dialect {
    /// Where it is spoken.
    pub fn path(self) -> &'static str {
        match self {
            Self::Completion => "/v1/completions",
            Self::Chat => "/v1/chat/completions",
        }
    }

    fn of(path: &str) -> Result<Self, RequestError> {
        let is_it = |dialect: &Self| dialect.path() == path;
        let found = [Self::Completion, Self::Chat].into_iter().find(is_it);
        found.ok_or(match path {
            EMBEDDINGS => RequestError::WrongKind { ours: "text" },
            _ => RequestError::NotFound,
        })
    }
}

/// A request for text.
#[derive(Clone, Debug, PartialEq)]
pub struct TextQuestion {
    /// By which API it came.
    pub dialect: Dialect,
    /// What is to be continued.
    pub prompt: TextPrompt,
    /// What it asks for, defaults filled in.
    pub parameters: TextParameters,
    /// Whether the answer is to come token by token.
    pub is_streamed: bool,
    /// Whether a stream is to say how many tokens it had.
    pub with_usage: bool,
    /// Which of the parameters are its own.
    named: Named,
}

/// The parameters that a request names itself, as integers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) max_tokens: Option<u32>,
    pub(super) temperature_milli: Option<u32>,
    pub(super) top_p_milli: Option<u32>,
    pub(super) top_k: Option<u32>,
}

/// A message as it is sent.
#[derive(Serialize)]
struct Turn<'a> {
    role: &'a str,
    content: &'a str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Continued<'a> {
    Text(&'a str),
    Tokens(&'a [u32]),
}

/// Fields that both APIs have, as they are sent.
#[derive(Serialize)]
struct Tail<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    stop: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<u32>,
}

#[derive(Serialize)]
struct ChatBody<'a> {
    messages: Vec<Turn<'a>>,
    model: String,
    #[serde(flatten)]
    tail: Tail<'a>,
}

#[derive(Serialize)]
struct CompletionBody<'a> {
    model: String,
    prompt: Continued<'a>,
    #[serde(flatten)]
    tail: Tail<'a>,
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, RequestError> {
    serde_json::from_slice(body).map_err(|error| RequestError::MalformedBody { why: error.to_string() })
}

/// As the sampler's thousandths.
fn milli(decimal: Option<f64>, rounded: u32) -> Option<u32> {
    decimal.map(|_| rounded)
}

fn decimal(milli: Option<u32>) -> Option<f64> {
    milli.map(|milli| f64::from(milli) / 1_000.0)
}

impl TextQuestion {
    /// Reads the body of a request to `path`.
    ///
    /// # Errors
    /// What a miner would refuse it for, as far as no model is needed to see it.
    pub fn read(path: &str, body: &[u8]) -> Result<Self, RequestError> {
        match Dialect::of(path)? {
            Dialect::Completion => Self::completion(parse(body)?),
            Dialect::Chat => Self::chat(parse(body)?),
        }
    }

    fn completion(request: CompletionRequest) -> Result<Self, RequestError> {
        let parameters = request.parameters()?;
        let named = Named::new(request.max_tokens, request.temperature, request.top_p, &parameters);
        let prompt = match request.prompt.single()? {
            SinglePrompt::Text(text) => TextPrompt::Text(text),
            SinglePrompt::Tokens(ids) => TextPrompt::Tokens(ids),
        };
        Ok(Self {
            dialect: Dialect::Completion,
            prompt,
            parameters,
            is_streamed: request.stream,
            with_usage: request.stream_options.is_some_and(|options| options.include_usage),
            named: Named {
                top_k: request.top_k,
                ..named
            },
        })
    }

    fn chat(request: ChatRequest) -> Result<Self, RequestError> {
        let parameters = request.parameters()?;
        let named = Named::new(parameters.max_tokens, request.temperature, request.top_p, &parameters);
        let messages = request.messages.into_iter().map(|message| ChatMessage {
            content: message.content.to_text(),
            role: message.role,
        });
        Ok(Self {
            dialect: Dialect::Chat,
            prompt: TextPrompt::Chat(messages.collect()),
            parameters,
            is_streamed: request.stream,
            with_usage: request.stream_options.is_some_and(|options| options.include_usage),
            named: Named {
                top_k: request.top_k,
                ..named
            },
        })
    }

    /// The parameters that it names itself.
    pub(super) fn named(&self) -> Named {
        self.named
    }

    /// The body as it is sent, for this model.
    pub(super) fn body(&self, model: ModelRoot) -> Result<Vec<u8>, RequestError> {
        let tail = Tail {
            max_tokens: self.named.max_tokens,
            stop: &self.parameters.stop,
            stream: self.is_streamed.then_some(true),
            stream_options: (self.is_streamed && self.with_usage).then_some(StreamOptions { include_usage: true }),
            temperature: decimal(self.named.temperature_milli),
            top_p: decimal(self.named.top_p_milli),
            top_k: self.named.top_k,
        };
        let model = hex::encode(model.0);
        let body = match &self.prompt {
            TextPrompt::Chat(messages) => serde_json::to_vec(&ChatBody {
                messages: messages
                    .iter()
                    .map(|message| Turn {
                        role: &message.role,
                        content: &message.content,
                    })
                    .collect(),
                model,
                tail,
            }),
            TextPrompt::Text(text) => serde_json::to_vec(&CompletionBody {
                model,
                prompt: Continued::Text(text),
                tail,
            }),
            TextPrompt::Tokens(ids) => serde_json::to_vec(&CompletionBody {
                model,
                prompt: Continued::Tokens(ids),
                tail,
            }),
        };
        body.map_err(|_| RequestError::Internal)
    }
}

impl Named {
    fn new(max_tokens: Option<u32>, temperature: Option<f64>, top_p: Option<f64>, all: &TextParameters) -> Self {
        Self {
            max_tokens,
            temperature_milli: milli(temperature, all.sampling.temperature_milli),
            top_p_milli: milli(top_p, all.sampling.top_p_milli),
            top_k: None,
        }
    }
}

/// A request for vectors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EmbeddingQuestion {
    pub(super) inputs: Vec<String>,
    /// Whether it is one text, not a list of one.
    pub(super) is_single: bool,
    pub(super) format: EncodingFormat,
}

#[derive(Serialize)]
struct EmbeddingBody<'a> {
    input: Inputs<'a>,
    model: String,
    encoding_format: EncodingFormat,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Inputs<'a> {
    One(&'a str),
    Many(&'a [String]),
}

impl EmbeddingQuestion {
    /// Reads the body of a request to `path`.
    pub(super) fn read(path: &str, body: &[u8]) -> Result<Self, RequestError> {
        if path != EMBEDDINGS {
            let is_text = Dialect::of(path).is_ok();
            return Err(if is_text {
                RequestError::WrongKind { ours: "embeddings" }
            } else {
                RequestError::NotFound
            });
        }
        let request: EmbeddingRequest = parse(body)?;
        Ok(Self {
            is_single: matches!(request.input, EmbeddingInput::One(_)),
            format: request.encoding_format,
            inputs: request.inputs()?,
        })
    }

    /// The body as it is sent, for this model.
    pub(super) fn body(&self, model: ModelRoot) -> Result<Vec<u8>, RequestError> {
        let input = match self.inputs.as_slice() {
            [one] if self.is_single => Inputs::One(one),
            many => Inputs::Many(many),
        };
        let body = EmbeddingBody {
            input,
            model: hex::encode(model.0),
            encoding_format: self.format,
        };
        serde_json::to_vec(&body).map_err(|_| RequestError::Internal)
    }
}

/// The body of a user's request to `path` as a miner with this model is sent it.
///
/// # Errors
/// What the request would be refused for, as far as no model is needed to see it.
pub(crate) fn spelled(path: &str, body: &[u8], model: ModelRoot) -> Result<Vec<u8>, RequestError> {
    match path {
        EMBEDDINGS => EmbeddingQuestion::read(path, body)?.body(model),
        _ => TextQuestion::read(path, body)?.body(model),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: ModelRoot = ModelRoot([7; 32]);

    fn spelled(path: &str, body: &str) -> String {
        let written = match path {
            EMBEDDINGS => EmbeddingQuestion::read(path, body.as_bytes()).unwrap().body(MODEL),
            _ => TextQuestion::read(path, body.as_bytes()).unwrap().body(MODEL),
        };
        let root = hex::encode(MODEL.0);
        String::from_utf8(written.unwrap()).unwrap().replace(&root, "ROOT")
    }

    #[test]
    fn every_spelling_of_a_request_becomes_the_same_one() {
        let chat = r#"{"messages":[{"role":"user","content":"Grüße"}],"model":"ROOT","max_tokens":9,"stop":["\n"],"stream":true,"stream_options":{"include_usage":true},"temperature":0.7,"top_p":0.9,"top_k":40}"#;
        for body in [
            chat,
            r#"{ "top_k": 40, "top_p": 0.9, "temperature": 0.7000001, "stream_options": {"include_usage": true}, "user": "me",
                "n": 1, "stream": true, "seed": 4, "max_completion_tokens": 9, "stop": "\n", "model": "mine",
                "messages": [{"content": [{"type": "text", "text": "Gr\u00fc"}, {"type": "text", "text": "\u00dfe"}], "role": "user", "name": "me"}]}"#,
        ] {
            assert_eq!(spelled("/v1/chat/completions", body), chat);
        }
        let plain = r#"{"model":"ROOT","prompt":"a"}"#;
        for body in [
            r#"{"prompt":"a"}"#,
            r#"{"prompt":["a"],"stream":false,"stream_options":null,"logprobs":null,"stop":[]}"#,
        ] {
            assert_eq!(spelled("/v1/completions", body), plain);
        }
        let tokens = r#"{"model":"ROOT","prompt":[1,2],"max_tokens":3,"temperature":0.0}"#;
        assert_eq!(spelled("/v1/completions", tokens), tokens);
        let vectors = r#"{"input":"a","model":"ROOT","encoding_format":"float"}"#;
        assert_eq!(
            spelled(EMBEDDINGS, r#"{"model":"x","input":"a","dimensions":null}"#),
            vectors
        );
        let list = r#"{"input":["a"],"model":"ROOT","encoding_format":"base64"}"#;
        assert_eq!(
            spelled(EMBEDDINGS, r#"{"encoding_format":"base64","input":["a"]}"#),
            list
        );
    }

    #[test]
    fn what_a_miner_would_refuse_is_refused_before_it_is_asked() {
        let code = |path, body: &str| TextQuestion::read(path, body.as_bytes()).unwrap_err().code();
        assert_eq!(code("/v1/completions", "{"), "malformed_body");
        assert_eq!(code("/v1/completions", r#"{"prompt":["a","b"]}"#), "invalid_parameter");
        assert_eq!(code("/v1/completions", r#"{"prompt":""}"#), "invalid_parameter");
        assert_eq!(code("/v1/completions", r#"{"prompt":"a","n":2}"#), "invalid_parameter");
        assert_eq!(code("/v1/chat/completions", r#"{"messages":[]}"#), "invalid_parameter");
        assert_eq!(code(EMBEDDINGS, r#"{"input":"a"}"#), "wrong_kind");
        let code = |path, body: &str| EmbeddingQuestion::read(path, body.as_bytes()).unwrap_err().code();
        assert_eq!(code(EMBEDDINGS, r#"{"input":[]}"#), "invalid_parameter");
        assert_eq!(code("/v1/completions", r#"{"prompt":"a"}"#), "wrong_kind");
    }
}
