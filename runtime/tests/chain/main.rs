//! The runtime as a chain: genesis presets, blocks, and a small network on top.
mod blocks;
mod network;
mod presets;
