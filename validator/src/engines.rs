//! The engines behind the two kinds of work.
use crate::{
    corpus::Phrases,
    statistic::Grain,
    work::{CannotCheck, ChecksText, EmbeddingWork, Embeds, TextWork, Work, Written},
};
use async_trait::async_trait;
use laurel_engine::{
    ActivationProof, CheckReport, Completeness, DeviceName, EmbeddingEngine, EmbeddingOptions, EngineError, SamplerKey,
    SamplingParams, TextEngine, TextOptions, TextPrompt,
};
use laurel_models::Manifest;
use laurel_types::ModelKind;
use std::{path::Path, sync::Arc};

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
                    // What a miner runs with: the root fixes it.
                    max_context: Some(manifest.context as usize),
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
        // No folder is of this kind: such work comes as a program of its own.
        ModelKind::Custom => {
            return Err(EngineError::Unsupported {
                path: folder.into(),
                reason: "no engine does custom work".into(),
            })
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
    fn ids(&self, prompt: &TextPrompt) -> Result<Vec<u32>, EngineError> {
        prompt.ids(self.tokenizer())
    }

    fn admit(&self, prompt: &[u32], max_tokens: Option<u32>, stop: &[String]) -> Result<usize, EngineError> {
        TextEngine::admit(self, prompt, max_tokens, stop)
    }

    fn read(&self, tokens: &[u32], limit: usize, stop: &[String]) -> Result<(Completeness, String), EngineError> {
        self.read_completion(tokens, limit, stop)
    }

    fn proof(&self, bytes: &[u8], tokens: usize) -> Result<ActivationProof, EngineError> {
        self.read_proof(bytes, tokens)
    }

    fn grain(&self) -> Grain {
        Grain::of(self)
    }

    async fn compare(&self, written: Written<'_>) -> Result<CheckReport, EngineError> {
        let sampling = SamplingParams {
            temperature_milli: written.sampling.temperature_milli,
            top_k: written.sampling.top_k,
            top_p_milli: written.sampling.top_p_milli,
        };
        let key = SamplerKey(written.key);
        self.check_async(written.prompt, written.tokens, &sampling, &key, written.proof)
            .await
    }
}
