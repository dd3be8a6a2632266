/** Values of events as text. */

/** What is too long to read. */
const HEX = /^0x[0-9a-f]{20,}$/;

/** A value in a line: `V4 (0x7f000001, 26014)` for a variant, `from 1, to 2` for fields. */
export function plain(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (value instanceof Uint8Array) return plain(`0x${[...value].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`);
  if (Array.isArray(value)) return `(${value.map(plain).join(', ')})`;
  if (typeof value === 'string') return HEX.test(value) ? `${value.slice(0, 12)}…${value.slice(-6)}` : value;
  if (typeof value !== 'object') return String(value);
  const { type, value: inner, ...rest } = value as { type?: unknown; value?: unknown };
  if (typeof type === 'string' && Object.keys(rest).length === 0) return [type, plain(inner)].filter(Boolean).join(' ');
  return Object.entries(value)
    .map(([name, field]) => `${name.replaceAll('_', ' ')} ${plain(field)}`)
    .join(', ');
}
