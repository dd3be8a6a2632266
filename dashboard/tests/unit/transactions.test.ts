import type { PolkadotSigner } from 'polkadot-api';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

interface Observer {
  next: (event: object) => void;
  error: (error: unknown) => void;
}

/** Who listens to the transaction that was made last. */
let told: Observer;

vi.mock('../../src/state/chain', () => ({ laurel: { peek: () => ({ refusals: () => Promise.resolve([]) }) } }));
vi.mock('../../src/node/library', () => {
  const subscribe = (observer: Observer) => {
    told = observer;
    return { unsubscribe: () => {} };
  };
  const api = { tx: { Staking: { add_stake: () => ({ signSubmitAndWatch: () => ({ subscribe }) }) } } };
  return { library: () => ({ getUnsafeApi: () => api }) };
});

const { send } = await import('../../src/wallet/transactions');

const stake = (tell: (progress: string, block?: number) => void = () => {}) =>
  send({ pallet: 'Staking', name: 'add_stake', args: { hotkey: '5abc', amount: 1n } }, {} as PolkadotSigner, tell);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a transaction is followed from the signature until it is final', async () => {
  const progress: string[] = [];
  const sent = stake((name, block) => progress.push(block === undefined ? name : `${name} ${block}`));
  told.next({ type: 'signed' });
  told.next({ type: 'txBestBlocksState', found: true, ok: true, block: { number: 7 } });
  told.next({ type: 'finalized', ok: true, block: { number: 7 } });
  await sent;
  expect(progress).toEqual(['sign', 'sent', 'included 7', 'final 7']);
  expect(vi.getTimerCount()).toBe(0);
});

test('of what was sent and not heard of again the outcome is said to be unknown', async () => {
  const silent = stake();
  told.next({ type: 'signed' });
  const failed = expect(silent).rejects.toThrow('its outcome is not known here');
  await vi.advanceTimersByTimeAsync(180_000);
  await failed;

  const lost = stake();
  told.next({ type: 'broadcasted' });
  told.error(new Error('Tracking stopped'));
  await expect(lost).rejects.toThrow('its outcome is not known here');
});

test('the wallet may take its time, and may decline', async () => {
  const declined = stake();
  await vi.advanceTimersByTimeAsync(3_600_000);
  told.error(new Error('Cancelled'));
  await expect(declined).rejects.toThrow('Nothing was sent');
});
