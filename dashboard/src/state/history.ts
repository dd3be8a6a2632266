/** The same question asked of past blocks. What a block answers never changes, so it is asked once. */
import { useEffect, useState } from 'preact/hooks';
import { RpcError } from '../node/connection';
import type { Laurel } from '../node/laurel';
import type { Hex } from '../node/types';
import { laurel } from './chain';

export interface Point<T> {
  block: number;
  value: T;
}

export interface Past<T> {
  points: Point<T>[];
  /** Whether all that was asked for has been answered or refused. */
  done: boolean;
  /** The latest block asked for of which the node has no state any more. */
  pruned?: number;
  /** Why the node told no more, where its states are not the reason. */
  error?: Error;
}

const answers = new Map<string, unknown>();
const ANSWERS_AT_MOST = 2_000;

async function once<T>(key: string, ask: () => Promise<T>): Promise<T> {
  if (answers.has(key)) return answers.get(key) as T;
  const value = await ask();
  answers.set(key, value);
  const oldest = answers.keys().next().value;
  if (answers.size > ANSWERS_AT_MOST && oldest !== undefined) answers.delete(oldest);
  return value;
}

/** Whether an error says that the node keeps no state of that block. */
const isPruned = (error: unknown): boolean =>
  error instanceof RpcError && (error.refusal === 'BlockNotFound' || /discarded|pruned|not found/i.test(error.message));

/**
 * Asks about each of the blocks, the newest first, and shows what has come so far. `null` from `read` ends it: before that there was
 * nothing. `key` names the question; without one, nothing is asked.
 */
export function usePast<T>(
  key: string | undefined,
  blocks: number[],
  read: (node: Laurel, at: Hex) => Promise<T | null>,
): Past<T> {
  const [past, setPast] = useState<Past<T>>({ points: [], done: false });
  const wanted = blocks.join();
  useEffect(() => {
    let over = false;
    const node = laurel.peek();
    const tell = (next: Past<T>) => over || setPast(next);
    const walk = async () => {
      const points: Point<T>[] = [];
      const descending = [...blocks].sort((a, b) => b - a);
      const hashes = await node.blockHashes(descending);
      for (const [index, block] of descending.entries()) {
        const hash = hashes[index];
        if (over || !hash) break;
        try {
          const value = await once(`${key} ${hash}`, () => read(node, hash));
          if (value === null) break;
          points.unshift({ block, value });
        } catch (error) {
          tell({ points, done: true, ...(isPruned(error) ? { pruned: block } : { error: error as Error }) });
          return;
        }
        if (index % 4 === 3) tell({ points: [...points], done: false });
      }
      tell({ points, done: true });
    };
    if (key !== undefined && blocks.length > 0) walk().catch((error: Error) => tell({ points: [], done: true, error }));
    return () => {
      over = true;
    };
  }, [key, wanted, laurel.value]);
  return past;
}
