//! Runs the guest as the node runs the runtime: same engine, same settings, same allocator, same limits.
use anyhow::{ensure, Context, Result};
use sc_allocator::{FreeingBumpHeapAllocator, Memory as Heap};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use wasmtime::{AsContext, AsContextMut, Caller, Config, Engine, Linker, Memory, Module, OptLevel, Store, TypedFunc};

/// Heap that a runtime call has beyond what the module begins with.
const HEAP_PAGES: u32 = 2_048;

/// Builds the guest and returns its path.
pub fn build_guest() -> Result<PathBuf> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("yuma-wasm");
    fs::create_dir_all(&folder)?;
    // A workspace of its own, as the runtime's Wasm build makes one, with the same versions and the same profile.
    let manifest = format!(
        "[package]\nname = \"guest\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\n\
         [lib]\ncrate-type = [\"cdylib\"]\npath = {:?}\n\n\
         [dependencies]\nlaurel-yuma = {{ path = {:?}, default-features = false }}\n\n\
         [profile.release]\npanic = \"abort\"\nlto = \"thin\"\n\n[workspace]\n",
        package.join("benches/epoch/guest.rs"),
        package
    );
    fs::write(folder.join("Cargo.toml"), manifest)?;
    fs::copy(package.join("../../Cargo.lock"), folder.join("Cargo.lock")).context("the workspace has no Cargo.lock")?;
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo
        .args(["build", "--release", "--target", "wasm32v1-none"])
        .current_dir(&folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    if let Some(toolchain) = std::env::var_os("WASM_BUILD_TOOLCHAIN") {
        cargo = Command::new("rustup");
        cargo
            .args(["run"])
            .arg(toolchain)
            .args(["cargo", "build", "--release", "--target", "wasm32v1-none"])
            .current_dir(&folder)
            .env("CARGO_TARGET_DIR", folder.join("target"));
    }
    ensure!(cargo.status()?.success(), "the Wasm module does not build");
    Ok(folder.join("target/wasm32v1-none/release/guest.wasm"))
}

/// What the allocator was asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Allocations {
    /// Requests.
    pub count: u32,
    /// Bytes in use at most, beyond those in use before, as the allocator rounds them.
    pub peak: u32,
    /// Bytes of the largest request.
    pub largest: u32,
}

struct Host {
    allocator: Option<FreeingBumpHeapAllocator>,
    memory: Option<Memory>,
    max_pages: u32,
    allocations: Allocations,
    in_use_before: u32,
}

struct GuestHeap<'a, C>(Memory, &'a mut C, u32);

impl<C: AsContextMut> Heap for GuestHeap<'_, C> {
    fn with_access_mut<R>(&mut self, run: impl FnOnce(&mut [u8]) -> R) -> R {
        run(self.0.data_mut(&mut *self.1))
    }

    fn with_access<R>(&self, run: impl FnOnce(&[u8]) -> R) -> R {
        run(self.0.data(self.1.as_context()))
    }

    fn grow(&mut self, additional: u32) -> Result<(), ()> {
        self.0.grow(&mut *self.1, additional.into()).map(drop).map_err(drop)
    }

    fn pages(&self) -> u32 {
        self.0.size(self.1.as_context()) as u32
    }

    fn max_pages(&self) -> Option<u32> {
        Some(self.2)
    }
}

/// Calls the allocator on the guest's memory.
fn with_heap<R>(
    caller: &mut Caller<'_, Host>,
    call: impl FnOnce(&mut FreeingBumpHeapAllocator, &mut GuestHeap<Caller<'_, Host>>) -> R,
) -> Result<R> {
    let memory = caller.data().memory.context("no memory yet")?;
    let max_pages = caller.data().max_pages;
    let mut allocator = caller.data_mut().allocator.take().context("no allocator")?;
    let result = call(&mut allocator, &mut GuestHeap(memory, caller, max_pages));
    let host = caller.data_mut();
    let in_use = allocator.stats().bytes_allocated;
    host.allocations.peak = host.allocations.peak.max(in_use.saturating_sub(host.in_use_before));
    host.allocator = Some(allocator);
    Ok(result)
}

/// An instance of the guest with one subnet in it.
pub struct Guest {
    store: Store<Host>,
    run: TypedFunc<u32, u64>,
}

impl Guest {
    pub fn new(wasm: &Path, neurons: u32, validators: u32, percent: u32) -> Result<Self> {
        let engine = Engine::new(&node_config())?;
        let module = Module::from_file(&engine, wasm)?;
        let mut linker = Linker::new(&engine);
        linker.func_wrap(
            "env",
            "ext_allocator_malloc_version_1",
            |mut caller: Caller<'_, Host>, size: u32| {
                let host = caller.data_mut();
                host.allocations.count += 1;
                host.allocations.largest = host.allocations.largest.max(size);
                let pointer = with_heap(&mut caller, |allocator, heap| allocator.allocate(heap, size))??;
                Ok(u32::from(pointer))
            },
        )?;
        linker.func_wrap(
            "env",
            "ext_allocator_free_version_1",
            |mut caller: Caller<'_, Host>, pointer: u32| {
                with_heap(&mut caller, |allocator, heap| {
                    allocator.deallocate(heap, pointer.into())
                })??;
                Ok(())
            },
        )?;
        let mut store = Store::new(
            &engine,
            Host {
                allocator: None,
                memory: None,
                max_pages: 0,
                allocations: Allocations::default(),
                in_use_before: 0,
            },
        );
        let instance = linker.instantiate(&mut store, &module)?;
        let memory = instance.get_memory(&mut store, "memory").context("no memory")?;
        let heap_base = instance.get_global(&mut store, "__heap_base").context("no heap base")?;
        let heap_base = heap_base.get(&mut store).i32().context("the heap base is no address")?;
        let max_pages = memory.size(&store) as u32 + HEAP_PAGES;
        let host = store.data_mut();
        host.allocator = Some(FreeingBumpHeapAllocator::new(heap_base as u32));
        (host.memory, host.max_pages) = (Some(memory), max_pages);
        let prepare = instance.get_typed_func::<(u32, u32, u32), ()>(&mut store, "prepare")?;
        prepare.call(&mut store, (neurons, validators, percent))?;
        let run = instance.get_typed_func(&mut store, "run")?;
        Ok(Self { store, run })
    }

    /// Runs an epoch.
    pub fn run(&mut self, liquid: bool) -> Result<u64> {
        self.run.call(&mut self.store, liquid.into())
    }

    /// What one epoch asks of the allocator.
    pub fn allocations(&mut self) -> Result<Allocations> {
        let host = self.store.data_mut();
        host.allocations = Allocations::default();
        host.in_use_before = host
            .allocator
            .as_ref()
            .map_or(0, |allocator| allocator.stats().bytes_allocated);
        self.run(false)?;
        Ok(self.store.data().allocations)
    }
}

/// The settings with which the node's executor compiles and runs a runtime.
fn node_config() -> Config {
    let mut config = Config::new();
    config.cranelift_opt_level(OptLevel::SpeedAndSize);
    config.max_wasm_stack(1024 * 1024);
    config.wasm_reference_types(false);
    config.wasm_simd(false);
    config.wasm_relaxed_simd(false);
    config.wasm_bulk_memory(false);
    config.wasm_multi_value(false);
    config.wasm_multi_memory(false);
    config.wasm_threads(false);
    config.wasm_memory64(false);
    config.wasm_tail_call(false);
    config.wasm_extended_const(false);
    config.memory_init_cow(true);
    config
}
