//! One file a behaviour.
mod bonds;
mod commit_reveal;
mod epoch;
mod permits;
mod replacement;
mod rows;
