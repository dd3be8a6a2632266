/** What staking is expected to earn, at the rate at which the chain pays now. Pure arithmetic in leaves. */
import type { Leaves } from './amounts';

const DAY_MS = 86_400_000n;
const DAYS_PER_YEAR = 365n;

/** A hotkey's pool, as far as it matters here. */
export interface Rate {
  /** Everything staked on the hotkey. */
  stake: Leaves;
  /** What each block releases to all of its stakers together, after the owner's take. */
  releasedPerBlock: Leaves;
}

export interface Question {
  pool: Rate;
  /** Stake already in the pool that the expectation is about. */
  held: Leaves;
  /** Stake that would be added to it. */
  added: Leaves;
  /** Milliseconds between blocks. */
  blockMs: number;
}

export interface Expectation {
  perDay: Leaves;
  perYear: Leaves;
  /** A year's earnings in millionths of the stake. */
  yearlyMillionths: bigint;
}

/**
 * The stake's share of what the pool is paid: `released × (held + added) / (pool + added)`, rounded down. That the hotkey would
 * earn more with more stake behind it, and that what is earned earns in turn, is left out; both would only add.
 */
export function expect({ pool, held, added, blockMs }: Question): Expectation {
  const mine = held + added;
  const all = pool.stake + added;
  if (mine === 0n || all === 0n || blockMs <= 0) return { perDay: 0n, perYear: 0n, yearlyMillionths: 0n };
  // Microseconds, so that a mean block time with a fraction does not round.
  const blockUs = BigInt(Math.round(blockMs * 1_000));
  const over = (ms: bigint) => (pool.releasedPerBlock * mine * ms * 1_000n) / (all * blockUs);
  const perYear = over(DAY_MS * DAYS_PER_YEAR);
  return { perDay: over(DAY_MS), perYear, yearlyMillionths: (perYear * 1_000_000n) / mine };
}
