//! The runtime as a chain: genesis presets, blocks, a small network on top, and who may do what in it.
mod blocks;
mod children;
mod copying;
mod endings;
mod governance;
mod network;
mod pool;
mod presets;
mod proxies;
mod reading;
mod refusals;
mod swaps;
mod wrappers;
