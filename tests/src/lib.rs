//! Whole-network tests.
