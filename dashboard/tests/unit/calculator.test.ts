import { describe, expect, test } from 'vitest';
import { LRL } from '../../src/amounts';
import { expect as expected } from '../../src/calculator';

const pool = { stake: 3_000n * LRL, releasedPerBlock: 200_000_000n };

describe('calculator', () => {
  test('new stake earns its share of what the pool is paid with it in', () => {
    // A quarter of the pool, 0.2 LRL a block, 7,200 blocks of 12 s a day.
    const { perDay, perYear, yearlyMillionths } = expected({ pool, held: 0n, added: 1_000n * LRL, blockMs: 12_000 });
    expect(perDay).toBe(360n * LRL);
    expect(perYear).toBe(131_400n * LRL);
    expect(yearlyMillionths).toBe(131_400_000n);
  });

  test('stake that is in the pool already does not thin it', () => {
    const { perDay } = expected({ pool, held: 1_500n * LRL, added: 0n, blockMs: 12_000 });
    expect(perDay).toBe(720n * LRL);
  });

  test('what is added joins what is held', () => {
    const { perDay } = expected({ pool, held: 1_000n * LRL, added: 1_000n * LRL, blockMs: 12_000 });
    expect(perDay).toBe(720n * LRL);
  });

  test('a block time with a fraction counts', () => {
    const slow = expected({ pool, held: 3_000n * LRL, added: 0n, blockMs: 1_000.5 });
    expect(slow.perDay).toBe((200_000_000n * 86_400_000_000n) / 1_000_500n);
  });

  test('it is rounded down and never more than the pool is paid', () => {
    const all = expected({ pool: { stake: 3n, releasedPerBlock: 1n }, held: 0n, added: 7n, blockMs: 86_400_000 });
    expect(all.perDay).toBe(0n);
    const parts = [1n, 2n, 4n].map((held) => expected({ pool: { stake: 7n, releasedPerBlock: 1_000n }, held, added: 0n, blockMs: 86_400_000 }).perDay);
    expect(parts.reduce((sum, part) => sum + part)).toBeLessThanOrEqual(1_000n);
  });

  test('amounts beyond what a number can hold stay exact', () => {
    const whole = 9_007_199_254_740_993n;
    expect(expected({ pool: { stake: whole, releasedPerBlock: 1n }, held: whole, added: 0n, blockMs: 1_000 }).perDay).toBe(86_400n);
  });

  test('nothing is earned by nothing, by an empty pool, or without a block time', () => {
    const nothing = { perDay: 0n, perYear: 0n, yearlyMillionths: 0n };
    expect(expected({ pool, held: 0n, added: 0n, blockMs: 1_000 })).toEqual(nothing);
    expect(expected({ pool: { stake: 0n, releasedPerBlock: 5n }, held: 0n, added: 0n, blockMs: 1_000 })).toEqual(nothing);
    expect(expected({ pool, held: LRL, added: 0n, blockMs: 0 })).toEqual(nothing);
  });
});
