//! The validator's tests that need more than one of its parts.
mod accounts;
mod asking;
mod checking;
mod conduct;
mod custom;
mod explanation;
mod forms;
mod gateway;
mod killed;
mod operating;
mod restart;
mod support;
