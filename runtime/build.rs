//! Compiles the runtime a second time, to Wasm, and leaves the path of the result to `lib.rs`.

fn main() {
    #[cfg(feature = "std")]
    {
        // The target folder may lie outside the workspace. Without this the Wasm build would not find its lock file, and
        // take other versions.
        std::env::set_var("WASM_BUILD_WORKSPACE_HINT", concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        let builder = substrate_wasm_builder::WasmBuilder::init_with_defaults();
        #[cfg(feature = "metadata-hash")]
        let builder = builder.enable_metadata_hash("LRL", 9);
        builder.build();
    }
}
