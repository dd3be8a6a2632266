//! One file a behaviour.
mod batch;
mod bonds;
mod commit_reveal;
mod copying;
mod epoch;
mod permits;
mod removal;
mod replacement;
mod rows;
mod sequences;
mod size;
mod stake;
