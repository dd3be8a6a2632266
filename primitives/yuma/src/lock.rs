//! What creating a subnet locks.

/// The lock of the next subnet, in leaves: twice the last one just after a creation, falling linearly to `min` over two
/// reduction intervals.
///
/// `elapsed_blocks` counts from the last creation. `first` says that there was none, so that `last` is not doubled.
/// A `reduction_interval` of zero counts as one block.
pub fn lock_cost(last: u64, elapsed_blocks: u32, reduction_interval: u32, min: u64, first: bool) -> u64 {
    let start = u128::from(last) * if first { 1 } else { 2 };
    let per_block = last / u64::from(reduction_interval.max(1));
    let reduction = u128::from(per_block) * u128::from(elapsed_blocks);
    u64::try_from(start.saturating_sub(reduction))
        .unwrap_or(u64::MAX)
        .max(min)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_doubles_at_a_creation_and_falls_to_its_floor() {
        assert_eq!(lock_cost(1_000, 0, 10, 100, true), 1_000);
        assert_eq!(lock_cost(1_000, 0, 10, 100, false), 2_000);
        assert_eq!(lock_cost(1_000, 5, 10, 100, false), 1_500);
        assert_eq!(lock_cost(1_000, 20, 10, 100, false), 100);
        assert_eq!(lock_cost(u64::MAX, u32::MAX, 0, 7, false), 7);
        assert_eq!(lock_cost(u64::MAX, 0, 10, 7, false), u64::MAX);
    }
}
