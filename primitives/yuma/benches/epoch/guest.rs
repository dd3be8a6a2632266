//! The epoch as a Wasm module with the runtime's allocator, which is the host's.
#![no_std]

extern crate alloc;

mod graph;

use core::{
    alloc::{GlobalAlloc, Layout},
    cell::RefCell,
    hint::black_box,
};
use graph::Graph;

#[link(wasm_import_module = "env")]
extern "C" {
    fn ext_allocator_malloc_version_1(size: u32) -> *mut u8;
    fn ext_allocator_free_version_1(pointer: *mut u8);
}

struct HostAllocator;

unsafe impl GlobalAlloc for HostAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ext_allocator_malloc_version_1(layout.size() as u32)
    }

    unsafe fn dealloc(&self, pointer: *mut u8, _: Layout) {
        ext_allocator_free_version_1(pointer)
    }
}

#[global_allocator]
static ALLOCATOR: HostAllocator = HostAllocator;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

struct Cell(RefCell<Option<Graph>>);

// A Wasm module has one thread.
unsafe impl Sync for Cell {}

static GRAPH: Cell = Cell(RefCell::new(None));

/// Builds the subnet that [`run`] works on.
#[no_mangle]
pub extern "C" fn prepare(neurons: u32, validators: u32, percent: u32) {
    *GRAPH.0.borrow_mut() = Some(Graph::new(neurons, validators, percent));
}

/// Runs one epoch; a sum over its results, to be compared with the native one.
#[no_mangle]
pub extern "C" fn run(liquid: u32) -> u64 {
    let graph = GRAPH.0.borrow();
    let Some(graph) = graph.as_ref() else { return 0 };
    let liquid_alpha = if liquid == 0 { None } else { Some((45_875, 58_982)) };
    let output = laurel_yuma::epoch(black_box(&graph.input(liquid_alpha)));
    output.dividend_share.iter().chain(&output.incentive_share).sum()
}
