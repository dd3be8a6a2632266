//! What owners can rely on when they pass keys on.
mod coldkey;
mod hotkey;
mod sequences;
