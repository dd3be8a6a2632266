import { describe, expect, test } from 'vitest';
import { isAddress } from '../../src/node/address';
import { littleEndian } from '../../src/node/laurel';
import { gatewayFault, read } from '../../src/node/receipts';
import { plain } from '../../src/ui/plain';
import { lastBlocks } from '../../src/pages/epochs';

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
    expect(plain({ type: 'V4', value: ['0x7f000001', 26_014] })).toBe('V4 (0x7f000001, 26014)');
    expect(plain({ from: 1, max_price: 2_500_000_000n, nonce: 7n })).toBe('from 1, max price 2.5 LRL, nonce 7');
    expect(plain({ owner: '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY' })).toBe('owner 5Grwva…KutQY');
    expect(plain({ type: 'Mandatory', value: undefined })).toBe('Mandatory');
    expect(plain(`0x${'ab'.repeat(32)}`)).toBe('0xababababab…ababab');
    expect(plain(new Uint8Array([1, 255]))).toBe('0x01ff');
    expect(plain(undefined)).toBe('');
  });
});

describe('past epochs', () => {
  test('are looked up at their last block, back to the registration', () => {
    expect(lastBlocks(50, 15, 5)).toEqual([49, 34, 19]);
    expect(lastBlocks(50, 15, 20)).toEqual([49, 34]);
    expect(lastBlocks(0, 15, 0)).toEqual([]);
    expect(lastBlocks(50, 0, 0)).toEqual([]);
    expect(lastBlocks(100_000, 10, 0).length).toBeLessThanOrEqual(64);
  });
});
