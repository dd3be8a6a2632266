import { describe, expect, test } from 'vitest';
import { isAddress } from '../../src/node/address';
import { littleEndian } from '../../src/node/laurel';
import { gatewayFault, read } from '../../src/node/receipts';
import { plain } from '../../src/ui/plain';
import { lastBlocks } from '../../src/pages/epochs';
import { unseen } from '../../src/pages/unseen';
import type { Live } from '../../src/state/events';

describe('what others say', () => {
  test('integers of SCALE are read from their lowest byte on', () => {
    expect(littleEndian('0xe803000000000000')).toBe(1_000n);
    expect(littleEndian('0x')).toBe(0n);
  });

  test('receipts are read, whatever else is there', () => {
    const said = { epoch: 3, block: 50, hotkey: '5abc', verdict: 'correct', reason: 'it is right', score: 900_000, correctness: 1_000_000, speed: 900_000 };
    expect(read({ netuid: 2, uid: 7, receipts: [{ ...said, more: {} }] })).toEqual({ netuid: 2, receipts: [said] });
  });

  test('a gateway that answers nonsense is no receipts, not a broken page', () => {
    for (const answer of [null, undefined, 'no', 7, {}, { receipts: 'x' }, { receipts: [null, 3, 'x'] }]) expect(read(answer)).toEqual({ receipts: [] });
    expect(read({ receipts: [{}] }).receipts).toEqual([{ verdict: 'unknown', reason: '' }]);
    expect(read({ receipts: [{ verdict: { a: 1 }, epoch: '3', score: -1, speed: 0.5 }] }).receipts).toEqual([{ verdict: 'unknown', reason: '' }]);
  });

  test('addresses are told from other text', () => {
    expect(isAddress('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY')).toBe(true);
    expect(isAddress('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKut0Y')).toBe(false);
    expect(isAddress('alice')).toBe(false);
    expect(gatewayFault('http://127.0.0.1:8800')).toBeUndefined();
    expect(gatewayFault('ws://127.0.0.1:8800')).toMatch(/http/);
    expect(gatewayFault('127')).toMatch(/http/);
  });

  test('values of events read as a line', () => {
    expect(plain({ type: 'V4', value: ['0x7f000001', 26_014] })).toBe('127.0.0.1:26014');
    expect(plain({ type: 'V6', value: [`0x2001${'0'.repeat(27)}1`, 80] })).toBe('[2001:0000:0000:0000:0000:0000:0000:0001]:80');
    expect(plain([[1, 12_297_829_382_473_034_410n], [2, 6_148_914_691_236_517_205n]], 'split')).toBe('1 66.67 %, 2 33.33 %');
    expect(plain({ from: 1, max_price: 2_500_000_000n, nonce: 7n })).toBe('from 1, max price 2.5 LRL, nonce 7');
    expect(plain({ owner: '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY' })).toBe('owner 5Grwva…KutQY');
    expect(plain({ type: 'Mandatory', value: undefined })).toBe('Mandatory');
    expect(plain(`0x${'ab'.repeat(32)}`)).toBe('0xababababab…ababab');
    expect(plain(new Uint8Array([1, 255]))).toBe('0x01ff');
    expect(plain(undefined)).toBe('');
  });
});

describe('live events', () => {
  const seen = (...numbers: number[]): Live[] => numbers.map((number) => ({ key: String(number), block: { number, hash: '0x' }, pallet: 'System', name: 'X', fields: undefined }));

  test('blocks between those that were seen are named, unless they can still come', () => {
    expect(unseen(seen(20, 20, 19, 12, 11, 9), 20)).toEqual([[13, 18], [10, 10]]);
    expect(unseen(seen(20, 12), 18)).toEqual([]);
    expect(unseen(seen(20, 19), 20)).toEqual([]);
    expect(unseen([], 5)).toEqual([]);
  });
});

describe('past epochs', () => {
  test('are looked up at their last block, back to the registration', () => {
    expect(lastBlocks(50, 15, 5)).toEqual([49, 34, 19]);
    expect(lastBlocks(50, 15, 20)).toEqual([49, 34]);
    expect(lastBlocks(0, 15, 0)).toEqual([]);
    expect(lastBlocks(50, 0, 0)).toEqual([]);
    expect(lastBlocks(100_000, 10, 0)).toHaveLength(30);
    expect(lastBlocks(100_000, 10, 0, 4).at(-1)).toBe(99_999 - 29 * 40);
  });
});
