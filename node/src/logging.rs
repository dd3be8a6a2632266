//! The node's log as JSON, by the schema of the other programs. Lines for people are Substrate's own.
use crate::cli::Cli;
use laurel_daemon::start_json;
use sc_cli::{CliConfiguration, Error, Result, RunCmd, Runner, Signals, SubstrateCli};
use tracing_subscriber::EnvFilter;

/// What Substrate logs unless it is told otherwise: its dependencies are loud.
const FILTER: &str =
    "info,ws=off,yamux=off,regalloc=off,cranelift_codegen=off,cranelift_wasm=warn,hyper=warn,trust_dns_proto=off,\
    hickory_proto=off,libp2p_mdns::behaviour::iface=off,rustls::common_state=off,rustls::conn=off";

/// As [`SubstrateCli::create_runner`], with a log in JSON.
///
/// # Errors
/// When the settings are no good, or ask for what only Substrate's own log can do.
pub fn runner_with_json(cli: &Cli) -> Result<Runner<Cli>> {
    let run = &cli.run;
    refuse_unfit(run)?;
    let runtime = sc_cli::build_runtime()?;
    // As early as possible: a signal before that would end the process without a word.
    let signals = runtime.block_on(async { Signals::capture() })?;
    let config = run.create_configuration(cli, runtime.handle().clone())?;
    start_json(filter(&run.log_filters()?)?).map_err(|error| Error::Input(error.to_string()))?;
    log_panics_too();
    // The node opens thousands of files; where that is not allowed the database says so.
    let _ = fdlimit::raise_fd_limit();
    Runner::new(config, runtime, signals)
}

fn refuse_unfit(run: &RunCmd) -> Result<()> {
    if run.tracing_targets()?.is_some() || run.enable_log_reloading()? {
        let reason = "--tracing-targets and --enable-log-reloading need --log-format text";
        return Err(Error::Input(reason.into()));
    }
    Ok(())
}

/// The filter of `--log`, on top of what is quiet by default.
fn filter(given: &str) -> Result<EnvFilter> {
    let filter = match given {
        "" => FILTER.to_owned(),
        given => format!("{FILTER},{given}"),
    };
    EnvFilter::try_new(filter).map_err(|error| Error::Input(format!("--log {given}: {error}")))
}

/// A panic is logged, and then ends the node as it does with the log for people, whose report of it follows on standard error.
fn log_panics_too() {
    let logs = std::panic::take_hook();
    sp_panic_handler::set(&Cli::support_url(), &Cli::impl_version());
    let ends = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        logs(panic);
        ends(panic);
    }));
}

#[cfg(test)]
mod tests {
    use super::filter;

    #[test]
    fn the_filter_of_the_command_line_comes_on_top_of_the_usual_one() {
        let quiet = filter("").unwrap().to_string();
        assert!(quiet.contains("yamux=off") && quiet.contains("info"), "{quiet}");
        let loud = filter("sync=debug,yamux=warn").unwrap().to_string();
        assert!(
            loud.contains("sync=debug") && loud.contains("yamux=warn") && !loud.contains("yamux=off"),
            "{loud}"
        );
        assert!(filter("a=b=c").is_err());
    }
}
