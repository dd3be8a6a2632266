/** Values of events as text. */
import { format, percent, SYMBOL } from '../amounts';

/** Fields that are amounts of leaves, by the names that the runtime gives them. */
const AMOUNTS =
  /^(amount|burned|carried|child_take|cost|deposit|dividends|incentive|lock|max_price|miners|moved|own|owner|pot|price|refunded|released|stake|take|validators|fee|actual_fee|tip)$/;
export const ADDRESS = /^[1-9A-HJ-NP-Za-km-z]{47,48}$/;
/** Bytes that nobody reads to the end. */
const HEX = /^0x[0-9a-f]{20,}$/;

/** The whole of which the root network's split is told in parts. */
const WHOLE = 18_446_744_073_709_551_615n;

/** Where a miner serves, as it is written elsewhere: `127.0.0.1:8091`. */
function endpoint(version: string, address: unknown): string | undefined {
  if (!Array.isArray(address) || typeof address[0] !== 'string') return undefined;
  const [host, port] = address as [string, number];
  if (version === 'V4') return `${host.slice(2).match(/../g)?.map((byte) => Number.parseInt(byte, 16)).join('.')}:${port}`;
  return version === 'V6' ? `[${host.slice(2).match(/.{4}/g)?.join(':')}]:${port}` : undefined;
}

/** Which part each subnet has: `1 66.67 %, 2 33.33 %`. */
const split = (parts: [number, bigint][]): string => parts.map(([netuid, part]) => `${netuid} ${percent(part, WHOLE)}`).join(', ');

/** Whether a field holds leaves: the same name can also be that of an account. */
export const isAmount = (name: string, value: unknown): value is bigint => typeof value === 'bigint' && AMOUNTS.test(name);

/** A value in a line: `Child 3` for a variant, `from 1, to 2` for fields. `name` is that of its field. */
export function plain(value: unknown, name = ''): string {
  if (value === undefined || value === null) return '';
  if (isAmount(name, value)) return `${format(value)} ${SYMBOL}`;
  if (value instanceof Uint8Array) return plain(`0x${[...value].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`);
  if (Array.isArray(value)) return name === 'split' ? split(value as [number, bigint][]) : `(${value.map((item) => plain(item)).join(', ')})`;
  if (typeof value === 'string') {
    if (ADDRESS.test(value)) return `${value.slice(0, 6)}…${value.slice(-5)}`;
    return HEX.test(value) ? `${value.slice(0, 12)}…${value.slice(-6)}` : value;
  }
  if (typeof value !== 'object') return String(value);
  const { type, value: inner, ...rest } = value as { type?: unknown; value?: unknown };
  if (typeof type === 'string' && Object.keys(rest).length === 0) return endpoint(type, inner) ?? [type, plain(inner, name)].filter(Boolean).join(' ');
  return Object.entries(value)
    .map(([field, of]) => `${field.replaceAll('_', ' ')} ${plain(of, field)}`)
    .join(', ');
}
