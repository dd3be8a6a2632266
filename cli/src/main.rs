//! The command line: wallets, staking, metagraph, explain, localnet.
fn main() {}
