//! The JSON of the OpenAI API as far as miners speak it, with Laurel's additions in fields named `laurel`.
//!
//! Fields that are not known are ignored, except those that would change the answer: these are refused
//! unless they have their neutral value, see [`Extra`].
mod chat;
mod completion;
mod embedding;
mod parameters;

pub use chat::{
    ChatChoice, ChatChunk, ChatChunkChoice, ChatContent, ChatDelta, ChatMessage, ChatRequest, ChatResponse, ContentPart,
};
pub use completion::{CompletionChoice, CompletionRequest, CompletionResponse, Prompt, SinglePrompt};
pub use embedding::{
    Embedding, EmbeddingInput, EmbeddingRequest, EmbeddingResponse, EmbeddingVector, EncodingFormat,
    MAX_EMBEDDING_INPUTS,
};
pub use parameters::{
    Extra, FinishReason, Sampling, Stop, StreamOptions, TextExtension, TextParameters, Usage, MAX_STOPS, MAX_STOP_BYTES,
};
