/** The latest events of the chain, newest first. Followed from the first time somebody wants to see them. */
import { effect, signal } from '@preact/signals';
import { best, type Block } from './chain';
import { subnetNames } from './names';
import { nodeUrl } from './settings';

export interface Live {
  key: string;
  block: Block;
  pallet: string;
  name: string;
  fields: unknown;
  /** Index of the transaction that caused it. */
  extrinsic?: number;
}

/** How many are kept. */
const KEPT = 600;
/** What happens in every block or with every transaction, and says little. */
const ROUTINE = new Set([
  'System.ExtrinsicSuccess',
  'System.NewAccount',
  'System.KilledAccount',
  'Balances.Deposit',
  'Balances.Withdraw',
  'Balances.Issued',
  'Balances.Rescinded',
  'Balances.Endowed',
  'Balances.DustLost',
  'TransactionPayment.TransactionFeePaid',
]);

export const isRoutine = ({ name, pallet }: Live): boolean => ROUTINE.has(`${pallet}.${name}`);

export const events = signal<Live[]>([]);
export const followed = signal<'off' | 'starting' | 'on'>('off');

/** Starts following; once is enough. */
export function watchEvents(): void {
  if (followed.peek() === 'off') followed.value = 'starting';
}

const wanted = signal(false);
followed.subscribe((state) => {
  if (state !== 'off') wanted.value = true;
});

effect(() => {
  void nodeUrl.value;
  events.value = [];
  subnetNames.value = new Map();
  if (!wanted.value) return;
  let stop: (() => void) | undefined;
  let over = false;
  void import('../node/events').then(({ follow, readNames }) => {
    if (over) return;
    void readNames().catch(() => {}); // Without names there are numbers.
    stop = follow(
      (block, found) => {
        followed.value = 'on';
        const others = events.peek().filter((event) => event.block.hash !== block.hash);
        events.value = [...found.reverse(), ...others].sort((a, b) => b.block.number - a.block.number).slice(0, KEPT);
      },
      (isOnChain) => {
        if (!events.peek().every(({ block }) => isOnChain(block))) events.value = events.peek().filter(({ block }) => isOnChain(block));
      },
    );
  });
  return () => {
    over = true;
    stop?.();
  };
});

/** Once the first figures are there, what only needs to come later may come. */
const first = best.subscribe((block) => {
  if (!block) return;
  setTimeout(watchEvents, 1_500);
  queueMicrotask(() => first());
});
