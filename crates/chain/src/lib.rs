//! The chain client: typed reads, transactions, events, reconnecting.
