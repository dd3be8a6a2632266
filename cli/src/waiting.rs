//! What is shown at a terminal while something takes its time.
use indicatif::{ProgressBar, ProgressStyle};
use std::{
    sync::{
        atomic::{AtomicBool, Ordering},
        Mutex,
    },
    time::Duration,
};

/// Whether a person watches. Programs read one document and are shown nothing.
static WATCHED: AtomicBool = AtomicBool::new(false);

/// What goes away as soon as something is said or asked.
static UNTIL_SAID: Mutex<Option<Waiting>> = Mutex::new(None);

/// How often the spinner turns.
const TICK: Duration = Duration::from_millis(120);

/// Says once, before anything is waited for, whether spinners are shown.
pub fn show(watched: bool) {
    WATCHED.store(watched, Ordering::Relaxed);
}

/// A spinner on standard error that goes away when this is dropped. Nothing is drawn where standard error is no terminal.
#[must_use = "the spinner goes away when this is dropped"]
pub struct Waiting(ProgressBar);

/// Shows that, and for how long, something is waited for.
pub fn waiting(what: impl Into<String>) -> Waiting {
    Waiting(spinner("{spinner} {msg} ({elapsed})", what))
}

/// The same, until something is said, asked or waited for.
pub fn until_said(what: impl Into<String>) {
    let shown = waiting(what);
    *UNTIL_SAID.lock().unwrap_or_else(|e| e.into_inner()) = Some(shown);
}

/// Something is about to be said or asked.
pub fn over() {
    UNTIL_SAID.lock().unwrap_or_else(|e| e.into_inner()).take();
}

/// A spinner of this form; hidden where nobody watches.
pub fn spinner(template: &str, what: impl Into<String>) -> ProgressBar {
    over();
    let bar = if WATCHED.load(Ordering::Relaxed) {
        ProgressBar::new_spinner()
    } else {
        ProgressBar::hidden()
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_message(what.into());
    bar.enable_steady_tick(TICK);
    bar
}

impl Waiting {
    /// Something else is waited for now, since the same time.
    pub fn say(&self, what: String) {
        self.0.set_message(what);
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
