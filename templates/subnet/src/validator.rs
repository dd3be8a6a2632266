//! The subnet's validator.
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    laurel_validator::judge(my_subnet::Tours).await
}
