import { describe, expect, test } from 'vitest';
import { format, isCut, LRL, parse, parts, percent } from '../../src/amounts';

describe('amounts', () => {
  test('every leaf is shown, and only zeros at the end are left out', () => {
    expect(format(0n)).toBe('0');
    expect(format(1n)).toBe('0.000000001');
    expect(format(1_500_000_000n)).toBe('1.5');
    expect(format(6_000_043_000_001_000n)).toBe('6,000,043.000001');
    // More than a JavaScript number can hold.
    expect(format(18_446_744_073_709_551_615n)).toBe('18,446,744,073.709551615');
    expect(format(-1_250_000_000n)).toBe('−1.25');
  });

  test('fewer decimals are cut off, never rounded up', () => {
    expect(format(1_999_999_999n, 2)).toBe('1.99');
    expect(format(1_999_999_999n, 0)).toBe('1');
    expect(format(2n * LRL, 4)).toBe('2.0000');
    expect(format(-1_999_999_999n, 2)).toBe('−1.99');
  });

  test('what is cut to nothing says so', () => {
    expect(format(1n, 4)).toBe('<0.0001');
    expect(format(99_999n, 4)).toBe('<0.0001');
    expect(format(100_000n, 4)).toBe('0.0001');
    expect(format(1n, 0)).toBe('<1');
    expect(format(0n, 4)).toBe('0.0000');
  });

  test('it is known whether something was cut', () => {
    expect(isCut(1_500_000_000n, 1)).toBe(false);
    expect(isCut(1_500_000_001n, 8)).toBe(true);
    expect(isCut(1n, 9)).toBe(false);
  });

  test('what people write is read exactly', () => {
    expect(parse('1.5')).toBe(1_500_000_000n);
    expect(parse(' 0.000000001 ')).toBe(1n);
    expect(parse('.5')).toBe(500_000_000n);
    expect(parse('7.')).toBe(7n * LRL);
    expect(parse('1,000,000.25')).toBe(1_000_000_250_000_000n);
    expect(parse('18446744073.709551615')).toBe(18_446_744_073_709_551_615n);
  });

  test.each(['', '.', '-1', '1e3', '1,5', '0x10', '1.0000000001', '18446744073.709551616', 'one', '1 000'])('%j is refused, with a reason', (text) => {
    expect(parse(text)).toMatch(/\w{3}/);
  });

  test('what was shown reads back as the same amount', () => {
    for (const amount of [0n, 1n, 10n, 999_999_999n, 1_000_000_000n, 123_456_789_012_345_678n]) expect(parse(format(amount))).toBe(amount);
  });

  test('percentages are computed in integers and survive nothing as a whole', () => {
    expect(percent(1n, 3n)).toBe('33.33 %');
    expect(percent(2n, 3n)).toBe('66.67 %');
    expect(percent(1n, 3n, 0)).toBe('33 %');
    expect(percent(5n, 0n)).toBe('0.00 %');
    expect(percent(20n, 1n)).toBe('2,000.00 %');
    expect(parts(65_535)).toBe('100.00 %');
    expect(parts(11_796, 1)).toBe('18.0 %');
  });
});
