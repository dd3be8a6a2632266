//! What miner, validator and gateway say to each other: envelope, signatures, receipts, errors.
