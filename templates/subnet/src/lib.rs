//! A subnet's own kind of work: all of it is in [`work`].
pub mod work;

pub use work::Tours;
