/** Reading the chain for a page: at the best block, again with the blocks that follow, never two blocks mixed. */
import { useEffect, useReducer, useRef } from 'preact/hooks';
import type { Laurel } from '../node/laurel';
import type { Hex } from '../node/types';
import { best, laurel, type Block } from './chain';

export interface Reading<T> {
  /** The latest answer; stays while a newer one is on its way. */
  value?: T;
  /** The block it is of. */
  block?: Block;
  /** Why the latest reading failed. */
  error?: Error;
}

/** Shortest pause between two readings, so that fast chains do not keep the page busy. */
const PAUSE_MS = 2_000;

/** Last answers by node and key, so that a page that is opened again shows something at once. */
const known = new Map<string, Reading<unknown>>();
const KNOWN_AT_MOST = 200;

function keep(key: string, reading: Reading<unknown>): void {
  known.delete(key);
  known.set(key, reading);
  const oldest = known.keys().next().value;
  if (known.size > KNOWN_AT_MOST && oldest !== undefined) known.delete(oldest);
}

/**
 * What `read` answers about the best block. `key` names the question with all that it depends on; without one, nothing is asked.
 * While the page is hidden nothing is read.
 */
export function useRead<T>(key: string | undefined, read: (node: Laurel, at: Hex) => Promise<T>): Reading<T> {
  const [, show] = useReducer((n: number) => n + 1, 0);
  const latest = useRef(read);
  latest.current = read;
  const full = key === undefined ? undefined : `${laurel.value.connection.url} ${key}`;
  const reading = (full && (known.get(full) as Reading<T> | undefined)) || {};

  useEffect(() => {
    if (full === undefined) return;
    let running = false;
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let lastAt = 0;
    const again = async () => {
      const block = best.peek();
      if (running || over || !block || document.hidden) return;
      const last = known.get(full)?.block;
      if (last?.hash === block.hash) return;
      const wait = lastAt + PAUSE_MS - Date.now();
      if (wait > 0) {
        clearTimeout(timer);
        timer = setTimeout(again, wait);
        return;
      }
      running = true;
      lastAt = Date.now();
      try {
        const value = await latest.current(laurel.peek(), block.hash);
        keep(full, { value, block });
      } catch (error) {
        keep(full, { ...known.get(full), error: error as Error });
      }
      running = false;
      if (over) return;
      show(undefined);
      void again();
    };
    const stop = best.subscribe(again);
    document.addEventListener('visibilitychange', again);
    return () => {
      over = true;
      stop();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', again);
    };
  }, [full]);
  return reading;
}
