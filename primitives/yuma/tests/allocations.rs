//! What an epoch asks of the allocator: a runtime's is slow, rounds up to powers of two, and refuses more than 32 MiB at once.
#![allow(unsafe_code, reason = "an allocator that counts has to be one")]
use laurel_yuma::epoch;
use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

extern crate alloc;

#[path = "../benches/epoch/graph.rs"]
mod graph;

const MIB: usize = 1 << 20;

/// Requests, bytes in use, most bytes in use, largest request.
#[derive(Clone, Copy, Default)]
struct Asked {
    count: usize,
    in_use: usize,
    peak: usize,
    largest: usize,
}

thread_local! {
    static ASKED: Cell<Asked> = const { Cell::new(Asked { count: 0, in_use: 0, peak: 0, largest: 0 }) };
}

struct Counting;

fn note(change: impl FnOnce(&mut Asked)) {
    // A thread that ends has no counters any more; nobody asks for them either.
    let _ = ASKED.try_with(|asked| {
        let mut now = asked.get();
        change(&mut now);
        asked.set(now);
    });
}

// SAFETY: every request is handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let size = layout.size().next_power_of_two();
        note(|asked| {
            asked.count += 1;
            asked.in_use += size;
            asked.peak = asked.peak.max(asked.in_use);
            asked.largest = asked.largest.max(size);
        });
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        let size = layout.size().next_power_of_two();
        // What another thread allocated may be freed here.
        note(|asked| asked.in_use = asked.in_use.saturating_sub(size));
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What one epoch asks for, results included, the input not.
fn asked(neurons: u32, validators: u32, percent: u32, liquid_alpha: Option<(u16, u16)>) -> Asked {
    let graph = graph::Graph::new(neurons, validators, percent);
    let input = graph.input(liquid_alpha);
    ASKED.set(Asked::default());
    let output = epoch(&input);
    let asked = ASKED.get();
    assert_eq!(
        output.bonds.iter().filter(|row| !row.is_empty()).count(),
        validators as usize
    );
    asked
}

#[test]
fn a_large_epoch_stays_within_8_mib_and_200_allocations() {
    for liquid_alpha in [None, Some((45_875, 58_982))] {
        for percent in [100, 10] {
            let asked = asked(4_096, 128, percent, liquid_alpha);
            assert!(asked.count <= 200, "{} allocations", asked.count);
            assert!(asked.peak <= 8 * MIB, "{} bytes", asked.peak);
        }
    }
}

#[test]
fn the_largest_epoch_asks_for_no_more_than_a_runtime_gets() {
    let asked = asked(16_384, 128, 100, None);
    assert!(asked.largest <= 32 * MIB, "{} bytes", asked.largest);
    // The rows of weights and bonds are there too, and take no more than the results.
    assert!(asked.peak <= 96 * MIB, "{} bytes", asked.peak);
}
