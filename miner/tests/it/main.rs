//! A miner over real HTTP, on a chain and with models of the test's own.
mod answers;
mod bad_input;
mod command;
mod custom;
mod on_chain;
mod operating;
mod proofs;
mod real_model;
mod support;
mod upstream;
mod upstream_llama;
