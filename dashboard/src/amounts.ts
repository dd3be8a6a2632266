/** Amounts of leaves as people read and write them. Never a float: what is shown is what the chain holds. */

/** Leaves are a `bigint`; one LRL has 10⁹ of them. */
export type Leaves = bigint;

export const SYMBOL = 'LRL';
export const DECIMALS = 9;
export const LRL: Leaves = 10n ** BigInt(DECIMALS);

const grouped = (whole: bigint): string => whole.toString().replace(/\B(?=(\d{3})+$)/g, ',');

/**
 * An amount in LRL, cut off after `digits` decimals, never rounded up. With all nine (the default) zeros at the end are left out
 * and the text is exact. Something that is cut to nothing says so: `<0.0001`.
 */
export function format(amount: Leaves, digits: number = DECIMALS): string {
  const sign = amount < 0n ? '−' : '';
  const size = amount < 0n ? -amount : amount;
  const whole = size / LRL;
  const fraction = (size % LRL).toString().padStart(DECIMALS, '0');
  if (digits >= DECIMALS) {
    const shown = fraction.replace(/0+$/, '');
    return `${sign}${grouped(whole)}${shown ? `.${shown}` : ''}`;
  }
  const shown = fraction.slice(0, digits);
  if (size > 0n && whole === 0n && /^0*$/.test(shown)) {
    return `${sign}<${digits ? `0.${'0'.repeat(digits - 1)}1` : '1'}`;
  }
  return `${sign}${grouped(whole)}${digits ? `.${shown}` : ''}`;
}

/** Whether `format` with so many digits loses something. */
export const isCut = (amount: Leaves, digits: number): boolean => amount % 10n ** BigInt(Math.max(0, DECIMALS - digits)) !== 0n;

/** What somebody typed, in leaves; or why it is no amount. `1.5` and `1,000.5` are amounts, what a leaf cannot hold is refused. */
export function parse(text: string): Leaves | string {
  const trimmed = text.trim();
  if (trimmed === '') return 'Enter an amount.';
  const plain = /^\d{1,3}(,\d{3})+(\.|$)/.test(trimmed) ? trimmed.replaceAll(',', '') : trimmed;
  const parts = /^(\d*)(?:\.(\d*))?$/.exec(plain);
  if (!parts || plain === '.') return `“${trimmed}” is no amount: write it like 1.5.`;
  const [, whole = '', fraction = ''] = parts;
  if (fraction.length > DECIMALS) {
    return `${SYMBOL} has ${DECIMALS} decimals: ${trimmed} would have to be rounded.`;
  }
  const amount = BigInt(whole || '0') * LRL + BigInt(fraction.padEnd(DECIMALS, '0') || '0');
  return amount >= 1n << 64n ? 'This is more than can exist.' : amount;
}

/** `part` of `whole` as a percentage, computed in integers; `0.00 %` where there is no whole. */
export function percent(part: bigint, whole: bigint, digits = 2): string {
  if (whole === 0n) return `${(0).toFixed(digits)} %`;
  const scale = 10n ** BigInt(digits);
  const scaled = (part * 100n * scale + whole / 2n) / whole;
  const fraction = (scaled % scale).toString().padStart(digits, '0');
  return `${grouped(scaled / scale)}${digits ? `.${fraction}` : ''} %`;
}

/** A proportion of 65535ths as a percentage. */
export const parts = (value: number, digits = 2): string => percent(BigInt(value), 65_535n, digits);
