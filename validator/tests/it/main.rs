//! The validator's tests that need more than one of its parts.
mod asking;
mod conduct;
mod explanation;
mod restart;
mod support;
