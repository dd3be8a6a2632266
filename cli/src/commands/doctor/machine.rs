//! Memory and disk of this machine.
use super::report::Report;
use crate::commands::model::weight_bytes;
use std::{
    fs::{self, OpenOptions},
    path::Path,
};

/// A program without a model wants so much memory, in bytes.
const LITTLE_MEMORY: u64 = 512 << 20;
/// Below so many free bytes nothing can be kept.
const NO_ROOM: u64 = 256 << 20;
/// Below so many free bytes a chain or a store of receipts soon fills the disk.
const LITTLE_ROOM: u64 = 4 << 30;

/// Bytes as people read them.
fn mib(bytes: u64) -> String {
    format!("{} MiB", bytes >> 20)
}

/// Bytes that programs can still have, as Linux says it.
fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1_024)
}

/// Whether the model, or a program without one, fits into memory.
pub fn memory(model: Option<&Path>, report: &mut Report) {
    let Some(available) = fs::read_to_string("/proc/meminfo").ok().as_deref().and_then(available) else {
        report.ok("memory", "this system does not say how much is available: not checked");
        return;
    };
    let Some(model) = model else {
        if available < LITTLE_MEMORY {
            report.warn(
                "memory",
                format!("{} are available", mib(available)),
                "end other programs",
            );
        } else {
            report.ok("memory", format!("{} are available", mib(available)));
        }
        return;
    };
    fits(weight_bytes(model), available, report);
}

/// Weights are read into memory whole; activations and answers come on top.
fn fits(weights: u64, available: u64, report: &mut Report) {
    let says = format!("the weights have {}, {} are available", mib(weights), mib(available));
    if available < weights {
        report.fail(
            "memory",
            says,
            "serve a smaller model, or use a machine with more memory",
        );
    } else if available < weights.saturating_add(weights / 2) {
        report.warn(
            "memory",
            says,
            "long requests may not fit: leave half of the weights' size free for them",
        );
    } else {
        report.ok("memory", says);
    }
}

/// Whether the data folder, or the current one, has room and can be written.
pub fn disk(data: Option<&Path>, report: &mut Report) {
    let folder = data.unwrap_or(Path::new("."));
    if !folder.is_dir() {
        report.warn(
            "disk",
            format!("there is no folder {}", folder.display()),
            format!("make it with `mkdir -p {}`, or correct --data", folder.display()),
        );
        return;
    }
    if data.is_some() {
        writable(folder, report);
    }
    match nix::sys::statvfs::statvfs(folder) {
        Ok(disk) => {
            let free = disk.blocks_available().saturating_mul(disk.fragment_size());
            room(folder, free, report);
        }
        Err(error) => report.fail(
            "disk",
            format!("the disk of {} cannot be looked at ({error})", folder.display()),
            "check the disk",
        ),
    }
}

fn room(folder: &Path, free: u64, report: &mut Report) {
    let says = format!("{} are free at {}", mib(free), folder.display());
    let remedy = "free some disk space, or keep the data elsewhere with --data";
    if free < NO_ROOM {
        report.fail("disk", says, remedy);
    } else if free < LITTLE_ROOM {
        report.warn("disk", says, remedy);
    } else {
        report.ok("disk", says);
    }
}

fn writable(folder: &Path, report: &mut Report) {
    let probe = folder.join(format!(".laurel-doctor-{}", std::process::id()));
    match OpenOptions::new().write(true).create_new(true).open(&probe) {
        Ok(_) => {
            // It was empty; where it cannot be removed it does no harm.
            let _ = fs::remove_file(&probe);
            report.ok("data", format!("{} can be written", folder.display()));
        }
        Err(error) => report.fail(
            "data",
            format!("{} cannot be written ({error})", folder.display()),
            "give it to the user that runs the program, with `chown` or `chmod`",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn states(report: &Report) -> Vec<Value> {
        let json = report.json();
        let checks = json["checks"].as_array().unwrap().iter();
        checks.map(|check| check["state"].clone()).collect()
    }

    #[test]
    fn memory_is_read_as_linux_writes_it() {
        let text = "MemTotal:       32614892 kB\nMemFree:  1 kB\nMemAvailable:   20000 kB\n";
        assert_eq!(available(text), Some(20_000 * 1_024));
        assert_eq!(available("MemTotal: 1 kB"), None);
    }

    #[test]
    fn a_model_needs_room_for_more_than_its_weights() {
        let mut report = Report::default();
        for available in [99, 149, 151] {
            fits(100, available, &mut report);
        }
        assert_eq!(states(&report), ["fail", "warn", "ok"]);
    }

    #[test]
    fn a_disk_is_looked_at_before_it_is_full() {
        let mut report = Report::default();
        for free in [NO_ROOM - 1, LITTLE_ROOM - 1, LITTLE_ROOM] {
            room(Path::new("data"), free, &mut report);
        }
        assert_eq!(states(&report), ["fail", "warn", "ok"]);
        let folder = tempfile::tempdir().unwrap();
        let mut report = Report::default();
        disk(Some(folder.path()), &mut report);
        disk(Some(&folder.path().join("none")), &mut report);
        let states = states(&report);
        assert_eq!((&states[0], &states[2]), (&"ok".into(), &"warn".into()), "{report}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "the probe is gone");
    }
}
