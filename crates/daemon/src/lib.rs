//! Configuration, logging, metrics, shutdown and key files for the long-running binaries.
