//! The engines behind the two kinds of work.
use crate::{
    corpus::Phrases,
    work::{CannotCheck, ChecksText, EmbeddingWork, Embeds, TextWork, Work},
};
use async_trait::async_trait;
use laurel_engine::{
    CheckReport, Completeness, DeviceName, EmbeddingEngine, EmbeddingOptions, EngineError, SamplerKey, SamplingParams,
    TextEngine, TextOptions,
};
use laurel_models::Manifest;
use laurel_protocol::{openai::Sampling, Hash};
use laurel_types::ModelKind;
use std::{path::Path, sync::Arc};

impl From<EngineError> for CannotCheck {
    fn from(error: EngineError) -> Self {
        Self(error.to_string())
    }
}

/// Loads the model of a folder for the work that its manifest says it does.
pub(crate) fn load_work(
    folder: &Path,
    manifest: &Manifest,
    phrases: Phrases,
    (device, threads): (DeviceName, Option<usize>),
) -> Result<Arc<dyn Work>, EngineError> {
    Ok(match manifest.kind {
        ModelKind::Text => {
            let engine = TextEngine::load(
                folder,
                TextOptions {
                    threads,
                    device,
                    ..Default::default()
                },
            )?;
            Arc::new(TextWork::new(engine, manifest.root, phrases))
        }
        ModelKind::Embedding => {
            let engine = EmbeddingEngine::load(
                folder,
                EmbeddingOptions {
                    threads,
                    device,
                    ..Default::default()
                },
            )?;
            Arc::new(EmbeddingWork::new(engine, manifest.root, phrases))
        }
    })
}

#[async_trait]
impl Embeds for EmbeddingEngine {
    async fn embed(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, CannotCheck> {
        Ok(EmbeddingEngine::embed(self, texts).await?)
    }

    fn count(&self, text: &str) -> Result<usize, CannotCheck> {
        Ok(self.count_tokens(text)?)
    }
}

#[async_trait]
impl ChecksText for TextEngine {
    fn context(&self) -> usize {
        TextEngine::context(self)
    }

    fn encode(&self, prompt: &str) -> Result<Vec<u32>, CannotCheck> {
        Ok(self.tokenizer().encode(prompt)?)
    }

    fn read(&self, tokens: &[u32], max_tokens: u32) -> Result<(Completeness, String), CannotCheck> {
        Ok(self.read_completion(tokens, max_tokens as usize, &[])?)
    }

    async fn compare(
        &self,
        prompt: Vec<u32>,
        answer: Vec<u32>,
        sampling: Sampling,
        key: Hash,
    ) -> Result<CheckReport, CannotCheck> {
        let Sampling {
            temperature_milli,
            top_k,
            top_p_milli,
        } = sampling;
        let params = SamplingParams {
            temperature_milli,
            top_k,
            top_p_milli,
        };
        match self
            .check_async(&prompt, &answer, &params, &SamplerKey(key), None)
            .await
        {
            Ok(report) => Ok(report),
            // Tokens outside the vocabulary or the context: no honest model answers with them, and nothing was compared.
            Err(error) if error.is_bad_request() => Ok(CheckReport {
                tokens: Vec::new(),
                windows: Vec::new(),
            }),
            Err(error) => Err(error.into()),
        }
    }
}
