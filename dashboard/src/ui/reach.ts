/** How far back a history reaches, and why no further. */
import type { Past } from '../state/history';
import { count } from './figures';

export function reach({ done, error, points: [oldest], pruned }: Past<unknown>): string {
  const from = oldest ? `From block ${count(oldest.block)} on. ` : '';
  if (!done) return `${from}Reading …`;
  if (pruned !== undefined) return `${from}The node keeps no state of block ${count(pruned)} and before; one with --state-pruning archive does.`;
  return error ? `${from}About earlier ones there was no answer: ${error.message}` : from;
}
