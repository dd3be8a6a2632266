//! The processes of a local network: started with a log file each, stopped together, never left behind.
use anyhow::{bail, Context, Result};
use nix::{
    sys::signal::{killpg, Signal},
    unistd::Pid,
};
use std::{
    fs::{self, File, OpenOptions},
    io::{Read, Seek, SeekFrom},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How long processes may take to stop by themselves before they are killed.
const STOP_DEADLINE: Duration = Duration::from_secs(7);
/// How often an exit is looked for while stopping; the operating system offers no event for many children at once.
const STOP_POLL: Duration = Duration::from_millis(50);
/// How much of a log is read when its process has died, in bytes.
const LOG_TAIL: u64 = 4_096;

struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

/// All processes of one local network. Dropping it stops them.
///
/// Each runs in a process group of its own, so that a Ctrl-C in the terminal reaches only the supervisor, which then
/// stops the others in order. Their groups are also written to a file: if the supervisor itself is killed, the next run
/// ends what it left.
pub struct Processes {
    running: Vec<Process>,
    logs: PathBuf,
    groups: PathBuf,
}

impl Processes {
    /// Prepares to run below `dir`, and ends what a killed predecessor left running there.
    pub fn new(dir: &Path) -> Result<Self> {
        let logs = dir.join("logs");
        fs::create_dir_all(&logs).with_context(|| format!("cannot create {}", logs.display()))?;
        let groups = dir.join("process-groups");
        end_leftovers(&groups, dir);
        Ok(Self {
            running: Vec::new(),
            logs,
            groups,
        })
    }

    /// Starts `program`; its output goes to `logs/NAME.log`.
    pub fn start(&mut self, name: &str, program: &Path, arguments: &[String]) -> Result<()> {
        let log = self.logs.join(format!("{name}.log"));
        let output = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {}: is it built? run scripts/build.sh", program.display()))?;
        let mut groups = OpenOptions::new().create(true).append(true).open(&self.groups)?;
        std::io::Write::write_all(&mut groups, format!("{}\n", child.id()).as_bytes())?;
        self.running.push(Process {
            name: name.to_owned(),
            child,
            log,
        });
        Ok(())
    }

    /// Fails if any process has ended by itself, with the last line of its log: our programs end in what to do.
    pub fn check(&mut self) -> Result<()> {
        for process in &mut self.running {
            if let Some(status) = process.child.try_wait()? {
                bail!(
                    "{} ended by itself ({status}): {} (its log is {})",
                    process.name,
                    last_line(&process.log),
                    process.log.display()
                );
            }
        }
        Ok(())
    }

    /// Asks every process to stop, the last started first, and kills what is left at the deadline.
    pub fn stop(&mut self) {
        for process in self.running.iter().rev() {
            signal(process, Signal::SIGTERM);
        }
        let deadline = Instant::now() + STOP_DEADLINE;
        while !self.running.is_empty() {
            self.running
                .retain_mut(|process| matches!(process.child.try_wait(), Ok(None)));
            if Instant::now() >= deadline {
                for process in &mut self.running {
                    signal(process, Signal::SIGKILL);
                    // Reaps it; a killed process cannot refuse.
                    let _ = process.child.wait();
                }
                self.running.clear();
            } else if !self.running.is_empty() {
                std::thread::sleep(STOP_POLL);
            }
        }
        let _ = fs::remove_file(&self.groups);
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        self.stop();
    }
}

fn signal(process: &Process, signal: Signal) {
    // Fails only when the group is already gone, which is what we want.
    let _ = killpg(group(process.child.id()), signal);
}

fn group(id: u32) -> Pid {
    Pid::from_raw(id as i32)
}

/// Kills the groups listed in `file` whose leader still runs with an argument below `dir`: ids are reused by other programs.
fn end_leftovers(file: &Path, dir: &Path) {
    let Ok(listed) = fs::read_to_string(file) else { return };
    let dir = dir.to_string_lossy();
    for id in listed.lines().filter_map(|line| line.parse::<u32>().ok()) {
        let command = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        if String::from_utf8_lossy(&command).contains(dir.as_ref()) {
            let _ = killpg(group(id), Signal::SIGKILL);
        }
    }
    let _ = fs::remove_file(file);
}

/// The last line of a log that says anything.
fn last_line(log: &Path) -> String {
    let read = || -> std::io::Result<String> {
        let mut file = File::open(log)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(LOG_TAIL)))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes);
        let last = text.lines().rev().find(|line| !line.trim().is_empty());
        Ok(last.unwrap_or("it said nothing").trim().to_owned())
    };
    read().unwrap_or_else(|error| format!("(the log cannot be read: {error})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Vec<String> {
        vec!["-c".into(), script.into()]
    }

    #[test]
    fn a_process_that_ignores_the_request_to_stop_is_killed_with_its_children() {
        let dir = tempfile::tempdir().unwrap();
        let mut processes = Processes::new(dir.path()).unwrap();
        let marker = dir.path().join("ready");
        let script = format!(
            "trap '' TERM; sleep 600 & echo $! > {0}.tmp; mv {0}.tmp {0}; wait",
            marker.display()
        );
        processes
            .start("stubborn", Path::new("/bin/sh"), &shell(&script))
            .unwrap();
        while !marker.exists() {
            processes.check().unwrap();
            std::thread::yield_now();
        }
        let started = Instant::now();
        processes.stop();
        assert!(started.elapsed() < Duration::from_secs(10));
        let grandchild = fs::read_to_string(&marker).unwrap();
        // The kernel takes its time to end a killed process on a busy machine.
        let stat = format!("/proc/{}/stat", grandchild.trim());
        let state = loop {
            let state = fs::read_to_string(&stat).unwrap_or_default();
            if state.is_empty() || state.contains(") Z") || started.elapsed() > Duration::from_secs(30) {
                break state;
            }
            std::thread::yield_now();
        };
        assert!(state.is_empty() || state.contains(") Z"), "still running: {state}");
    }

    #[test]
    fn a_process_that_dies_is_reported_in_one_line_with_its_last_words() {
        let dir = tempfile::tempdir().unwrap();
        let mut processes = Processes::new(dir.path()).unwrap();
        processes
            .start(
                "short",
                Path::new("/bin/sh"),
                &shell("echo first; echo out of luck; exit 3"),
            )
            .unwrap();
        let error = loop {
            if let Err(error) = processes.check() {
                break error.to_string();
            }
            std::thread::yield_now();
        };
        assert!(error.contains("short") && error.contains("out of luck"), "{error}");
        assert!(!error.contains("first") && error.lines().count() == 1, "{error}");
    }
}
