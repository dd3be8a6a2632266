//! Loading, batching, sampling: text and embedding engines on candle.
