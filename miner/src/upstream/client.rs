//! HTTP to the server, with deadlines and bounds.
use super::{
    events::{Deadline, Events},
    UpstreamError, UpstreamOptions,
};
use bytes::BytesMut;
use futures::StreamExt;
use reqwest::{redirect, Method, Response, StatusCode};
use serde::{de::DeserializeOwned, Deserialize};
use serde_json::Value;
use std::{fmt, path::Path, time::Duration};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long short questions may take: which models there are, which tokens a text is.
const QUESTION: Duration = Duration::from_secs(5);
/// Largest body that is not streamed: 256 vectors of 4096 numbers in decimals have about 20 MB.
const MAX_BODY: usize = 64 * 1024 * 1024;
/// What is kept of the body of an error.
const MAX_REASON: usize = 300;

/// A key that does not show itself.
struct Key(String);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

/// The server.
#[derive(Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    /// Without a slash at its end, and without `/v1`.
    url: String,
    key: Option<Key>,
    /// Its name for the model.
    pub(super) model: String,
}

#[derive(Deserialize)]
struct Models {
    data: Vec<Model>,
}

#[derive(Deserialize)]
struct Model {
    id: String,
}

impl Client {
    /// Looks whether the server is there and has the model.
    pub(super) async fn open(options: &UpstreamOptions) -> Result<Self, UpstreamError> {
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|error| UpstreamError::Url {
                url: options.url.clone(),
                why: reason(&error),
            })?;
        let mut client = Self {
            http,
            url: base(&options.url)?,
            key: options.key_file.as_deref().map(read_key).transpose()?,
            model: String::new(),
        };
        client.is_ready().await?;
        let offered = client.models().await?;
        let named = options.model.clone().or_else(|| offered.first().cloned());
        client.model = named
            .filter(|name| offered.contains(name))
            .ok_or_else(|| UpstreamError::NoSuchModel {
                named: options.model.clone().unwrap_or_else(|| "anything".into()),
                offered: if offered.is_empty() {
                    "none".into()
                } else {
                    offered.join(", ")
                },
            })?;
        Ok(client)
    }

    /// Asks `/health`, which not every server has.
    async fn is_ready(&self) -> Result<(), UpstreamError> {
        let asked = self.ask(
            Method::GET,
            "/health",
            None,
            Deadline::new("word of its health", QUESTION),
        );
        match asked.await {
            Err(UpstreamError::Refused { status: 503, .. }) => Err(UpstreamError::Loading),
            Err(UpstreamError::Refused { .. }) | Ok(_) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Names of the models that it offers.
    pub(super) async fn models(&self) -> Result<Vec<String>, UpstreamError> {
        let deadline = Deadline::new("list of its models", QUESTION);
        let response = self.ask(Method::GET, "/v1/models", None, deadline).await?;
        let models: Models = read_json(response, deadline).await?;
        Ok(models.data.into_iter().map(|model| model.id).collect())
    }

    /// A short question.
    pub(super) async fn question<T: DeserializeOwned>(
        &self,
        path: &'static str,
        body: &Value,
    ) -> Result<T, UpstreamError> {
        self.whole(path, body, Deadline::new("answer", QUESTION)).await
    }

    /// A question whose answer comes in one piece.
    pub(super) async fn whole<T: DeserializeOwned>(
        &self,
        path: &'static str,
        body: &Value,
        deadline: Deadline,
    ) -> Result<T, UpstreamError> {
        let response = self.ask(Method::POST, path, Some(body), deadline).await?;
        read_json(response, deadline).await
    }

    /// A question whose answer comes as events.
    pub(super) async fn stream(
        &self,
        path: &'static str,
        body: &Value,
        deadline: Deadline,
    ) -> Result<Events, UpstreamError> {
        let response = self.ask(Method::POST, path, Some(body), deadline).await?;
        Ok(Events::new(response))
    }

    async fn ask(
        &self,
        method: Method,
        path: &'static str,
        body: Option<&Value>,
        deadline: Deadline,
    ) -> Result<Response, UpstreamError> {
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        if let Some(body) = body {
            request = request.json(body);
        }
        if let Some(Key(key)) = &self.key {
            request = request.bearer_auth(key);
        }
        let sent = deadline.hold(request.send()).await?;
        let response = sent.map_err(|error| match error.is_connect() || error.is_timeout() {
            true => UpstreamError::Unreachable {
                url: self.url.clone(),
                why: reason(&error),
            },
            false => UpstreamError::BrokeOff { why: reason(&error) },
        })?;
        if response.status() == StatusCode::OK {
            return Ok(response);
        }
        let status = response.status().as_u16();
        let body = read_body(response, deadline, MAX_REASON).await.unwrap_or_default();
        Err(UpstreamError::Refused {
            path,
            status,
            why: String::from_utf8_lossy(&body).trim().to_owned(),
        })
    }
}

/// The address without what every path begins with.
fn base(url: &str) -> Result<String, UpstreamError> {
    let wrong = |why: String| UpstreamError::Url { url: url.into(), why };
    let parsed = reqwest::Url::parse(url).map_err(|error| wrong(error.to_string()))?;
    if parsed.scheme() != "http" {
        return Err(wrong(format!("{} is not spoken", parsed.scheme())));
    }
    if parsed.query().is_some() || parsed.fragment().is_some() || !parsed.username().is_empty() {
        return Err(wrong("it has more than host, port and path".into()));
    }
    let url = parsed.as_str().trim_end_matches('/');
    Ok(url.strip_suffix("/v1").unwrap_or(url).to_owned())
}

fn read_key(path: &Path) -> Result<Key, UpstreamError> {
    let wrong = |why: String| UpstreamError::Key {
        path: path.display().to_string(),
        why,
    };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let key = text.trim();
    if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(wrong("it is not one word of visible characters".into()));
    }
    Ok(Key(key.to_owned()))
}

/// The innermost reason: the outer ones repeat the address.
fn reason(error: &reqwest::Error) -> String {
    let mut source: &dyn std::error::Error = error;
    while let Some(inner) = source.source() {
        source = inner;
    }
    source.to_string()
}

async fn read_json<T: DeserializeOwned>(response: Response, deadline: Deadline) -> Result<T, UpstreamError> {
    let body = read_body(response, deadline, MAX_BODY + 1).await?;
    if body.len() > MAX_BODY {
        return Err(UpstreamError::TooLong { limit: MAX_BODY });
    }
    serde_json::from_slice(&body).map_err(|error| UpstreamError::Malformed { why: error.to_string() })
}

/// The body, or its beginning.
async fn read_body(response: Response, deadline: Deadline, most: usize) -> Result<BytesMut, UpstreamError> {
    let mut bytes = response.bytes_stream();
    let mut body = BytesMut::new();
    while body.len() < most {
        match deadline.hold(bytes.next()).await? {
            Some(Ok(more)) => body.extend_from_slice(&more),
            Some(Err(error)) => return Err(UpstreamError::BrokeOff { why: reason(&error) }),
            None => break,
        }
    }
    body.truncate(most);
    Ok(body)
}
