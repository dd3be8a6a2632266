/** How far back a history reaches, and why no further. */
import type { Past } from '../state/history';
import { count } from './figures';

function limit({ done, error, pruned }: Past<unknown>): string {
  if (!done) return 'Reading …';
  if (pruned !== undefined) return `The node keeps no state of block ${count(pruned)} and before; one with --state-pruning archive does.`;
  return error ? `About earlier ones there was no answer: ${error.message}` : '';
}

export function reach(past: Past<unknown>): string {
  const oldest = past.points[0];
  return [oldest && `From block ${count(oldest.block)} on.`, limit(past)].filter(Boolean).join(' ');
}
