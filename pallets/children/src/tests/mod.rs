//! What hotkeys can rely on when they lend and borrow stake.
mod consent;
mod lending;
mod pay;
mod removal;
mod sequences;
mod takes;
mod vectors;
