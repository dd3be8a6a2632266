//! Trains the byte-level BPE tokenizer of a text model.
use crate::ModelError;
use std::path::Path;
use tokenizers::models::bpe::{BpeTrainer, BPE};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::{
    AddedToken, DecoderWrapper, NormalizerWrapper, PostProcessorWrapper, PreTokenizerWrapper, TokenizerBuilder,
};

/// Ends a document, and so a generated text.
pub const END_OF_TEXT: &str = "<|endoftext|>";

/// The chat template of a model that was trained on prose only: messages are paragraphs, and the answer is the next one.
pub const CHAT_TEMPLATE: &str = "{% for message in messages %}{{ message.content }}\n{% endfor %}";

/// Learns a vocabulary of `size` tokens (256 bytes, [`END_OF_TEXT`] as id 0, merges) from `corpus` and writes it to `out`
/// in the `tokenizer.json` format.
pub fn train_tokenizer(corpus: &Path, size: usize, out: &Path) -> Result<(), ModelError> {
    let invalid = |reason: String| ModelError::Invalid {
        path: corpus.into(),
        reason,
    };
    let text = std::fs::read_to_string(corpus).map_err(|source| ModelError::Read {
        path: corpus.into(),
        source,
    })?;
    let byte_level = ByteLevel::new(false, true, true);
    let mut tokenizer =
        TokenizerBuilder::<BPE, NormalizerWrapper, PreTokenizerWrapper, PostProcessorWrapper, DecoderWrapper>::new()
            .with_model(BPE::default())
            .with_pre_tokenizer(Some(byte_level.into()))
            .with_decoder(Some(byte_level.into()))
            .build()
            .map_err(|error| invalid(error.to_string()))?;
    let mut trainer = BpeTrainer::builder()
        .vocab_size(size)
        .show_progress(false)
        .initial_alphabet(ByteLevel::alphabet().into_iter().collect())
        .special_tokens(vec![AddedToken::from(END_OF_TEXT, true)])
        .build();
    tokenizer
        .train(&mut trainer, text.lines().map(|line| format!("{line}\n")))
        .and_then(|tokenizer| tokenizer.save(out, false))
        .map_err(|error| invalid(error.to_string()))?;
    Ok(())
}
