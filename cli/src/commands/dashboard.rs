//! `laurel dashboard`: the web page that looks at a chain, served from files. It has no server of its own: the browser asks the node.
use crate::{failure, output::Output};
use anyhow::{Context, Result};
use axum::{middleware::map_response, Router};
use clap::Args;
use laurel_daemon::as_page;
use serde_json::json;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};
use tokio::net::TcpListener;
use tower_http::services::ServeDir;

#[derive(Args, Debug)]
pub struct DashboardArgs {
    /// Where to serve it.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8870")]
    listen: SocketAddr,
    /// Folder with its files; by default ../share/laurel/dashboard beside this program, or dashboard/dist of the clone that built it.
    #[arg(long, value_name = "DIR", env = "LAUREL_DASHBOARD")]
    files: Option<PathBuf>,
}

/// Where the files are when nobody says so.
fn default_folders() -> Vec<PathBuf> {
    let program = std::env::current_exe().ok();
    let beside = program.as_deref().and_then(Path::parent);
    let installed = beside.map(|folder| folder.join("../share/laurel/dashboard"));
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dashboard/dist");
    installed.into_iter().chain([built]).collect()
}

/// The first of the folders that holds a page.
fn find(folders: &[PathBuf]) -> Result<&Path> {
    let found = folders.iter().find(|folder| folder.join("index.html").is_file());
    found.map(PathBuf::as_path).ok_or_else(|| {
        let looked: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
        failure::local(
            "DashboardMissing",
            format!(
                "there is no index.html in {}: build the dashboard with scripts/build.sh, or name its folder with --files",
                looked.join(" or ")
            ),
        )
    })
}

/// The files below `folder`, and nothing else.
fn router(folder: &Path) -> Router {
    Router::new()
        .fallback_service(ServeDir::new(folder))
        .layer(map_response(as_page))
}

/// Serves the dashboard until it is told to stop.
pub async fn run(args: DashboardArgs, output: Output) -> Result<()> {
    let folders = args.files.map_or_else(default_folders, |folder| vec![folder]);
    let folder = find(&folders)?;
    let listener = TcpListener::bind(args.listen)
        .await
        .with_context(|| format!("cannot listen on {}: choose another address with --listen", args.listen))?;
    let url = format!("http://{}/", listener.local_addr()?);
    output.show(
        || say!("the dashboard is at {url}; Ctrl-C stops it"),
        || json!({ "url": url, "files": folder }),
    );
    let stop = laurel_daemon::stop_signal()?;
    axum::serve(listener, router(folder))
        .with_graceful_shutdown(async move { stop.cancelled().await })
        .await
        .context("serving the dashboard")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_folder_without_a_page_is_refused_and_says_where_it_looked() {
        let folder = tempfile::tempdir().unwrap();
        let folders = [folder.path().join("a"), folder.path().join("b")];
        let error = find(&folders).unwrap_err().to_string();
        assert!(error.contains("/a or ") && error.contains("--files"), "{error}");
        fs::create_dir(&folders[1]).unwrap();
        fs::write(folders[1].join("index.html"), "page").unwrap();
        assert_eq!(find(&folders).unwrap(), folders[1]);
    }

    #[tokio::test]
    async fn the_files_are_served_and_nothing_above_them() {
        let folder = tempfile::tempdir().unwrap();
        let files = folder.path().join("dist");
        fs::create_dir(&files).unwrap();
        fs::write(files.join("index.html"), "<p>page</p>").unwrap();
        fs::write(files.join("app.js"), "app()").unwrap();
        fs::write(folder.path().join("secret"), "secret").unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let app = router(&files);
        tokio::spawn(async move { axum::serve(listener, app).await });
        let get = |path: &str| reqwest::get(format!("http://{at}{path}"));
        let page = get("/").await.unwrap();
        assert_eq!(page.headers()["content-type"], "text/html");
        assert_eq!(page.headers()["x-content-type-options"], "nosniff");
        assert_eq!(page.text().await.unwrap(), "<p>page</p>");
        let script = get("/app.js").await.unwrap();
        assert_eq!(script.headers()["content-type"], "text/javascript");
        for outside in ["/../secret", "/%2e%2e/secret", "/..%2fsecret", "/no/such"] {
            assert_eq!(get(outside).await.unwrap().status(), 404, "{outside}");
        }
    }
}
