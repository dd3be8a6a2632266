//! The subnet's miner.
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    laurel_miner::solve(my_subnet::Tours).await
}
