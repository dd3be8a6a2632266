//! What the command line says about the gateway.
use super::{accounts::AccountArgs, published::Published, Gateway, Line, Setup};
use crate::store::Store;
use anyhow::{ensure, Context, Result};
use clap::Args;
use laurel_types::NetUid;
use std::{
    env,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Where users are served, and what else is shown there.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Gateway")]
pub struct GatewayArgs {
    /// Serve users, as the OpenAI API does, at this address.
    #[arg(long, value_name = "ADDR", num_args = 0..=1, default_missing_value = "127.0.0.1:8800")]
    pub gateway: Option<SocketAddr>,
    /// Let everybody read at the gateway what this validator says of each miner: verdicts, scores and reasons, no user's words.
    #[arg(long, requires = "gateway")]
    pub publish_receipts: bool,
    /// Serve the dashboard's files at the gateway's root; without DIR, those that were built with the program.
    #[arg(long, value_name = "DIR", num_args = 0..=1, requires = "gateway")]
    #[allow(clippy::option_option)]
    pub dashboard: Option<Option<PathBuf>>,
    /// Who may use it, and for what.
    #[command(flatten)]
    pub accounts: AccountArgs,
}

impl GatewayArgs {
    /// The gateway, if there is to be one.
    ///
    /// # Errors
    /// When its address is not one to listen at, or the dashboard's files are not there.
    pub fn bind(self, setup: Setup, store: &Arc<Store>, netuid: NetUid) -> Result<Option<(Gateway, Line)>> {
        let Some(address) = self.gateway else { return Ok(None) };
        let published = self.publish_receipts.then(|| Published {
            store: store.clone(),
            netuid,
        });
        let dashboard = self.dashboard.map(|given| given.unwrap_or_else(built_dashboard));
        if let Some(folder) = &dashboard {
            ensure!(
                folder.join("index.html").is_file(),
                "there is no dashboard in {}: run scripts/build.sh, or name its folder with --dashboard",
                folder.display()
            );
        }
        let setup = Setup {
            published,
            dashboard,
            ..setup
        };
        let bound = Gateway::bind(address, setup)
            .with_context(|| format!("cannot listen at {address}: give --gateway another address"))?;
        tracing::info!(address = %bound.0.address()?, "serving users");
        Ok(Some(bound))
    }
}

/// Where the dashboard lies that came with the program.
fn built_dashboard() -> PathBuf {
    if let Some(folder) = env::var_os("LAUREL_DASHBOARD") {
        return folder.into();
    }
    let installed = env::current_exe()
        .ok()
        .and_then(|program| Some(program.parent()?.parent()?.join("share/laurel/dashboard")));
    match installed {
        Some(folder) if folder.is_dir() => folder,
        _ => Path::new(env!("CARGO_MANIFEST_DIR")).join("../dashboard/dist"),
    }
}
