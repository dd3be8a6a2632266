/** The chain as the node tells it: connection, best and finalised block, block time. */
import { computed, effect, signal } from '@preact/signals';
import { Connection, type Status } from '../node/connection';
import { Laurel } from '../node/laurel';
import type { Hex } from '../node/types';
import { nodeFault, nodeUrl } from './settings';

export interface Block {
  number: number;
  hash: Hex;
}

interface Head {
  number: Hex;
}

/** Blocks over which the block time is measured, where there are as many. */
const MEASURED_BLOCKS = 100;
/** After so many slots without a block the page says so. */
const STALE_SLOTS = 10;
const STALE_MS = 30_000;

export const status = signal<Status>('connecting');
export const chainName = signal<string>();
export const best = signal<Block>();
export const finalized = signal<number>();
/** Milliseconds between blocks as intended. */
export const slotMs = signal<number>();
/** Milliseconds between blocks as it was lately: the mean over the last blocks, and how many these were. */
export const measured = signal<{ ms: number; blocks: number }>();
/** The block time to reckon with: as measured, else as intended. */
export const blockMs = computed(() => measured.value?.ms ?? slotMs.value);
/** Why there is no connection, with what to do. */
export const advice = computed(() => nodeFault(nodeUrl.value) ?? `Is a node running at ${nodeUrl.value}, and does its --rpc-cors allow this page? Start one, or choose another address.`);
/** Whether the node is connected but tells of no new block. */
export const stale = signal(false);

export const laurel = signal<Laurel>(undefined!);

let lastHeadAt = Date.now();

/** Follows the node that is chosen; forgets the chain of another one. */
effect(() => {
  const url = nodeUrl.value;
  status.value = 'connecting';
  for (const known of [chainName, best, finalized, slotMs, measured] as { value: unknown }[]) known.value = undefined;
  const connection = new Connection(url, (now) => {
    status.value = now;
    if (now === 'open') void introduce(node);
  });
  const node = new Laurel(connection);
  laurel.value = node;
  connection.subscribe<Head>('chain_subscribeNewHeads', (head) => void arrive(node, Number(head.number)));
  connection.subscribe<Head>('chain_subscribeFinalizedHeads', (head) => {
    finalized.value = Number(head.number);
  });
  const back = () => connection.retryNow();
  addEventListener('online', back);
  return () => {
    removeEventListener('online', back);
    connection.close();
  };
});

/** What does not change while connected. */
async function introduce(node: Laurel): Promise<void> {
  lastHeadAt = Date.now();
  const [chain, slot] = await Promise.all([node.chain(), node.slotMs()]).catch(() => []);
  if (node !== laurel.peek() || chain === undefined) return;
  chainName.value = chain;
  slotMs.value = slot;
}

async function arrive(node: Laurel, number: number): Promise<void> {
  const hash = await node.blockHash(number).catch(() => null);
  if (!hash || node !== laurel.peek()) return;
  lastHeadAt = Date.now();
  stale.value = false;
  const first = !best.peek();
  best.value = { number, hash };
  if (first || number % 10 === 0) void measure(node, { number, hash });
}

/** Block 0 has no time, so the first block is the earliest that counts. */
async function measure(node: Laurel, { hash, number }: Block): Promise<void> {
  const blocks = Math.min(MEASURED_BLOCKS, number - 1);
  if (blocks < 1) return;
  try {
    const before = await node.blockHash(number - blocks);
    if (!before) return;
    const [from, to] = await Promise.all([node.timestamp(before), node.timestamp(hash)]);
    if (from > 0 && to > from && node === laurel.peek()) measured.value = { ms: (to - from) / blocks, blocks };
  } catch {
    // A node that pruned that state; the intended block time stands.
  }
}

setInterval(() => {
  const patience = Math.max(STALE_MS, STALE_SLOTS * (slotMs.peek() ?? 0));
  stale.value = status.peek() === 'open' && Date.now() - lastHeadAt > patience;
}, 2_000);
