//! A miner that lies about its work: it claims the registered model and signs receipts for answers that another model, a
//! part of the model, or no model made. Test networks run it to show that lying does not pay.
use anyhow::{bail, ensure, Context};
use async_trait::async_trait;
use clap::{Parser, ValueEnum};
use futures::{stream, StreamExt};
use laurel_daemon::{finish, stop_signal, Health, LogArgs, MetricsArgs};
use laurel_miner::{
    identify_all, load, App, Args, Backend, Embedded, EmbeddingBackend, EmbeddingJob, EngineOptions, Generation,
    ModelIdentity, Service, Services, Start, TextBackend, TextJob, TextPiece,
};
use laurel_protocol::{openai::FinishReason, RequestError};
use laurel_types::ModelKind;
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, OnceLock},
};

/// Tokens that a truncated answer has at most when the request names no limit.
const UNLIMITED: u32 = 64;

/// How a miner lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Behaviour {
    /// Runs the model of --serve-model and claims that of --model.
    Degraded,
    /// Answers with vectors made of hashes of the words.
    Pseudo,
    /// Gives about half of the tokens and claims that the model stopped there.
    Truncate,
    /// Gives the first text's vector for all texts of a request.
    Copy,
    /// Sends with each text the activation proof of another one.
    Replay,
}

/// A dishonest miner, for test networks.
#[derive(Parser)]
#[command(name = "laurel-adversary", version)]
struct Command {
    /// As for laurel-miner; --model is the model that is claimed.
    #[command(flatten)]
    args: Args,
    /// How to lie.
    #[arg(long, value_enum)]
    behaviour: Behaviour,
    /// Folder of the model that a degraded miner runs.
    #[arg(long, value_name = "DIR")]
    serve_model: Option<PathBuf>,
    #[command(flatten)]
    log: LogArgs,
    #[command(flatten)]
    metrics: MetricsArgs,
}

#[tokio::main]
async fn main() -> ExitCode {
    finish(run(Command::parse()).await)
}

async fn run(command: Command) -> anyhow::Result<()> {
    command.log.init()?;
    let stop = stop_signal()?;
    let health = Health::new();
    let starting = health.part("start", "looking at the chain and loading the model");
    command
        .metrics
        .start(&[laurel_miner::metrics::METRICS], &health, stop.clone())
        .await?;
    let args = &command.args;

    let prepare = async {
        let keypair = args.serve.wallet.open_hotkey()?;
        let claimed = identify_all(&args.model).await?;
        let start = Start::connect(&args.serve, keypair).await?;
        let roots: Vec<_> = claimed.iter().map(|model| model.root).collect();
        start.require_one_of(&roots)?;
        let mut services = Vec::with_capacity(claimed.len());
        for claimed in claimed {
            services.push(Service::new(backend(&command, &claimed).await?, &claimed));
        }
        anyhow::Ok((start, Services::new(services)?))
    };
    let (start, services) = tokio::select! {
        prepared = prepare => prepared?,
        () = stop.cancelled() => return Ok(()),
    };
    tracing::warn!(behaviour = ?command.behaviour, "this miner is dishonest");
    let app = App::build(start, services, health, stop)?;
    starting.is_ready();
    app.run().await
}

async fn backend(command: &Command, model: &ModelIdentity) -> anyhow::Result<Backend> {
    let (claimed, kind) = (&model.folder, model.kind);
    let options = EngineOptions::new(&command.args, model);
    match command.behaviour {
        Behaviour::Degraded => {
            let served = command
                .serve_model
                .as_deref()
                .context("a degraded miner needs --serve-model")?;
            load(served, kind, options).await
        }
        Behaviour::Pseudo => {
            ensure!(
                kind == ModelKind::Embedding,
                "pseudo-vectors are for a subnet of embeddings"
            );
            Ok(Backend::Embedding(Arc::new(PseudoVectors { dims: dims(claimed)? })))
        }
        Behaviour::Truncate => match load(claimed, kind, options).await? {
            Backend::Text(honest) => Ok(Backend::Text(Arc::new(Truncated(honest)))),
            _ => bail!("only a text can be truncated: use --behaviour copy or pseudo"),
        },
        Behaviour::Copy => match load(claimed, kind, options).await? {
            Backend::Embedding(honest) => Ok(Backend::Embedding(Arc::new(Copied(honest)))),
            _ => bail!("only vectors can be copied: use --behaviour truncate or degraded"),
        },
        Behaviour::Replay => match load(claimed, kind, options).await? {
            Backend::Text(honest) => Ok(Backend::Text(Arc::new(Replayed {
                honest,
                recorded: Arc::default(),
            }))),
            _ => bail!("only a text has a proof: use --behaviour copy or pseudo"),
        },
    }
}

/// Length of the claimed model's vectors.
fn dims(model: &Path) -> anyhow::Result<usize> {
    let path = model.join("config.json");
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let config: serde_json::Value = serde_json::from_str(&text)?;
    let dims = config["hidden_size"]
        .as_u64()
        .context("config.json names no hidden_size")?;
    Ok(usize::try_from(dims)?)
}

/// Vectors that cost nothing: each word adds a direction of its own, so that equal texts get equal vectors and similar
/// texts similar ones.
struct PseudoVectors {
    dims: usize,
}

impl PseudoVectors {
    fn vector(&self, text: &str) -> Vec<f32> {
        let mut vector = vec![0.0; self.dims];
        for word in text.split_whitespace() {
            for (at, x) in vector.iter_mut().enumerate() {
                let mut hasher = DefaultHasher::new();
                (word, at).hash(&mut hasher);
                *x += (hasher.finish() >> 40) as f32 / (1u32 << 23) as f32 - 1.0;
            }
        }
        let norm = vector.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
        vector.iter_mut().for_each(|x| *x /= norm);
        vector
    }
}

#[async_trait]
impl EmbeddingBackend for PseudoVectors {
    async fn embed(&self, job: EmbeddingJob) -> Result<Embedded, RequestError> {
        let vectors = job.inputs.iter().map(|text| self.vector(text)).collect();
        let words: usize = job.inputs.iter().map(|text| text.split_whitespace().count() + 2).sum();
        Ok(Embedded {
            vectors,
            prompt_tokens: u32::try_from(words).unwrap_or(u32::MAX),
        })
    }

    fn queue_depth(&self) -> usize {
        0
    }
}

/// Embeds one text and answers with it for all.
struct Copied(Arc<dyn EmbeddingBackend>);

#[async_trait]
impl EmbeddingBackend for Copied {
    async fn embed(&self, mut job: EmbeddingJob) -> Result<Embedded, RequestError> {
        let count = job.inputs.len();
        job.inputs.truncate(1);
        let first = self.0.embed(job).await?;
        let vectors = first.vectors.into_iter().cycle().take(count).collect();
        Ok(Embedded {
            vectors,
            prompt_tokens: first.prompt_tokens.saturating_mul(count as u32),
        })
    }

    fn queue_depth(&self) -> usize {
        self.0.queue_depth()
    }
}

/// A text as it was written.
struct Written {
    tokens: Vec<(u32, String)>,
    finish: FinishReason,
    proof: Option<Vec<u8>>,
}

impl Written {
    async fn read(generation: &mut Generation) -> Result<Self, RequestError> {
        let mut tokens = Vec::new();
        while let Some(piece) = generation.pieces.next().await {
            match piece? {
                TextPiece::Token { id, text } => tokens.push((id, text)),
                TextPiece::Done { finish, proof, .. } => return Ok(Self { tokens, finish, proof }),
            }
        }
        Err(RequestError::Internal)
    }

    /// How many tokens are half of it, where the model ended it by itself: else the limit was halved already.
    fn half(&self) -> Option<u32> {
        let half = u32::try_from(self.tokens.len().div_ceil(2)).unwrap_or(u32::MAX);
        (self.finish == FinishReason::Stop).then_some(half)
    }

    /// The pieces of it, with the claim that the model ended it here.
    fn claimed_whole(self) -> Vec<Result<TextPiece, RequestError>> {
        let completion = self.tokens.iter().map(|(id, _)| *id).collect();
        let done = TextPiece::Done {
            finish: FinishReason::Stop,
            completion,
            proof: self.proof,
        };
        let tokens = self.tokens.into_iter().map(|(id, text)| TextPiece::Token { id, text });
        tokens.chain([done]).map(Ok).collect()
    }
}

/// Writes half of what was asked for, or half of what the model had to say if that was less; proof and all.
struct Truncated(Arc<dyn TextBackend>);

#[async_trait]
impl TextBackend for Truncated {
    async fn generate(&self, mut job: TextJob) -> Result<Generation, RequestError> {
        job.max_tokens = Some(job.max_tokens.unwrap_or(UNLIMITED).div_ceil(2));
        let mut generation = self.0.generate(job.clone()).await?;
        let mut written = Written::read(&mut generation).await?;
        if let Some(half) = written.half() {
            // Once more, because the proof must be of what is sent.
            job.max_tokens = Some(half);
            written = Written::read(&mut self.0.generate(job).await?).await?;
        }
        Ok(Generation {
            prompt: generation.prompt,
            pieces: stream::iter(written.claimed_whole()).boxed(),
        })
    }

    fn can_prove(&self) -> bool {
        self.0.can_prove()
    }

    fn queue_depth(&self) -> usize {
        self.0.queue_depth()
    }
}

/// Writes what the model says, and sends the proof of another answer: as one does who has a right text, but not the model.
struct Replayed {
    honest: Arc<dyn TextBackend>,
    /// The first proof that was made. Its own answer is the only one that it is sent with in good faith.
    recorded: Arc<OnceLock<Vec<u8>>>,
}

/// The recorded proof, as long as this one and over again where it ends; this one where it is the first.
fn replay(recorded: &OnceLock<Vec<u8>>, proof: Vec<u8>) -> Vec<u8> {
    let length = proof.len();
    let recorded = recorded.get_or_init(|| proof);
    recorded.iter().copied().cycle().take(length).collect()
}

#[async_trait]
impl TextBackend for Replayed {
    async fn generate(&self, job: TextJob) -> Result<Generation, RequestError> {
        let Generation { prompt, pieces } = self.honest.generate(job).await?;
        let recorded = self.recorded.clone();
        let lie = move |piece| match piece {
            TextPiece::Done {
                finish,
                completion,
                proof,
            } => TextPiece::Done {
                finish,
                completion,
                proof: proof.map(|proof| replay(&recorded, proof)),
            },
            token => token,
        };
        Ok(Generation {
            prompt,
            pieces: pieces.map(move |piece| piece.map(&lie)).boxed(),
        })
    }

    fn can_prove(&self) -> bool {
        self.honest.can_prove()
    }

    fn queue_depth(&self) -> usize {
        self.honest.queue_depth()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pseudo_vectors_look_like_vectors_of_a_model() {
        let pseudo = PseudoVectors { dims: 384 };
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>();
        let [a, b, c] = ["the cat sleeps", "the cat eats", "stocks fell sharply"].map(|text| pseudo.vector(text));
        assert!((dot(&a, &a) - 1.0).abs() < 1e-5);
        assert_eq!(a, pseudo.vector("the cat sleeps"));
        assert!(dot(&a, &b) > dot(&a, &c) + 0.2);
    }

    #[tokio::test]
    async fn a_text_that_ended_by_itself_is_cut_in_half() {
        let read = async |finish| {
            let tokens = (0..7).map(|id| {
                Ok(TextPiece::Token {
                    id,
                    text: String::new(),
                })
            });
            let done = Ok(TextPiece::Done {
                finish,
                completion: (0..7).collect(),
                proof: None,
            });
            let pieces: Vec<_> = tokens.chain([done]).collect();
            let mut generation = Generation {
                prompt: vec![],
                pieces: stream::iter(pieces).boxed(),
            };
            Written::read(&mut generation).await.unwrap()
        };
        assert_eq!(read(FinishReason::Stop).await.half(), Some(4));
        let whole = read(FinishReason::Length).await;
        assert_eq!(whole.half(), None, "the limit was halved already");
        let pieces = whole.claimed_whole();
        assert!(matches!(
            pieces.last(),
            Some(Ok(TextPiece::Done { finish: FinishReason::Stop, completion, .. })) if completion.len() == 7
        ));
    }

    #[test]
    fn every_proof_is_the_first_over_again() {
        let recorded = OnceLock::new();
        let sent = [vec![1, 2], vec![3], vec![4, 5], vec![6; 5]].map(|proof| replay(&recorded, proof));
        assert_eq!(sent, [vec![1, 2], vec![1], vec![1, 2], vec![1, 2, 1, 2, 1]]);
    }
}
