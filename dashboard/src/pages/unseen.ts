import type { Live } from '../state/events';

/** First and last of blocks in a row. */
export type Span = [first: number, last: number];

/** Blocks between those whose events were seen, newest first: while the connection was lost, nobody told of them. */
export function unseen(seen: Live[], finalized: number): Span[] {
  const numbers = [...new Set(seen.map(({ block }) => block.number))].sort((a, b) => b - a);
  // What is not yet final may still be on its way.
  return numbers.slice(1).flatMap((older, i) => (numbers[i]! - older > 1 && numbers[i]! - 1 <= finalized ? [[older + 1, numbers[i]! - 1] satisfies Span] : []));
}
