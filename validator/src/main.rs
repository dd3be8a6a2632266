//! `laurel-validator`: asks, verifies, scores, commits and reveals.
use laurel_daemon::{config, finish};
use laurel_validator::{run, Command};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let Command { program, models } = config::parse();
    let ran = match models.identify() {
        Ok(models) => run(program, |task_key| models.load(task_key)).await,
        Err(error) => Err(error),
    };
    finish(ran)
}
