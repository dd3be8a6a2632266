//! The validator's tests that need more than one of its parts.
mod asking;
mod checking;
mod conduct;
mod explanation;
mod forms;
mod gateway;
mod restart;
mod support;
