//! What was looked at, how it is, and what to do about it.
use serde_json::{json, Value};
use std::fmt;

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// As it should be.
    Ok,
    /// It works, but will not for long, or not for everything.
    Warn,
    /// It does not work.
    Fail,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    about: &'static str,
    state: State,
    says: String,
    /// What to do about it; none where it is as it should be.
    remedy: Option<String>,
}

/// Everything that was looked at, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report(Vec<Check>);

impl Report {
    fn add(&mut self, about: &'static str, state: State, says: impl Into<String>, remedy: Option<String>) {
        let says = says.into();
        self.0.push(Check {
            about,
            state,
            says,
            remedy,
        });
    }

    /// It is as it should be.
    pub fn ok(&mut self, about: &'static str, says: impl Into<String>) {
        self.add(about, State::Ok, says, None);
    }

    /// It works for now, or in part.
    pub fn warn(&mut self, about: &'static str, says: impl Into<String>, remedy: impl Into<String>) {
        self.add(about, State::Warn, says, Some(remedy.into()));
    }

    /// It does not work.
    pub fn fail(&mut self, about: &'static str, says: impl Into<String>, remedy: impl Into<String>) {
        self.add(about, State::Fail, says, Some(remedy.into()));
    }

    /// It does not work, for a reason that already says what to do.
    pub fn failed(&mut self, about: &'static str, error: &anyhow::Error) {
        let text = laurel_daemon::one_line(error);
        // Every error of ours is "what happened: what to do".
        let (says, remedy) = text.rsplit_once(": ").unwrap_or((&text, "see the line above"));
        self.add(about, State::Fail, says, Some(remedy.to_owned()));
    }

    /// How the worst of it is.
    pub fn healthy(&self) -> bool {
        self.0.iter().all(|check| check.state != State::Fail)
    }

    /// As `--json` prints it.
    pub fn json(&self) -> Value {
        let checks = self.0.iter().map(|check| {
            json!({
                "about": check.about,
                "state": check.state.name(),
                "says": check.says,
                "remedy": check.remedy,
            })
        });
        json!({ "healthy": self.healthy(), "checks": checks.collect::<Vec<_>>() })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for check in &self.0 {
            writeln!(f, "{:<5} {:<13} {}", check.state.name(), check.about, check.says)?;
            if let Some(remedy) = &check.remedy {
                writeln!(f, "{:<19} -> {remedy}", "")?;
            }
        }
        let count = |state| self.0.iter().filter(|check| check.state == state).count();
        let (fail, warn) = (count(State::Fail), count(State::Warn));
        write!(f, "{} checks: {fail} failed, {warn} with a warning", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_is_healthy_and_a_failure_is_not() {
        let mut report = Report::default();
        report.ok("chain", "answers");
        report.warn("clock", "4 s ahead", "set it");
        assert!(report.healthy());
        report.failed("keys", &anyhow::anyhow!("there is no wallet at w: create one"));
        assert!(!report.healthy());
        assert_eq!(
            report.json(),
            json!({ "healthy": false, "checks": [
                { "about": "chain", "state": "ok", "says": "answers", "remedy": null },
                { "about": "clock", "state": "warn", "says": "4 s ahead", "remedy": "set it" },
                { "about": "keys", "state": "fail", "says": "there is no wallet at w", "remedy": "create one" },
            ] })
        );
        let text = report.to_string();
        assert!(text.contains("fail  keys") && text.contains("-> create one"), "{text}");
        assert!(text.ends_with("3 checks: 1 failed, 1 with a warning"), "{text}");
    }
}
