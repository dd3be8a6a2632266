/** The fields of an event, as names and values that people read. */
import { Fragment } from 'preact';
import { Link } from 'wouter-preact';
import { Address, Amount } from './figures';

/** Fields that are amounts of leaves, by the names that the runtime gives them. */
const AMOUNTS = /^(amount|burned|cost|deposit|dividends|lock|moved|own|owner|price|max_price|refunded|released|stake|take|fee|actual_fee|tip)$/;
const ADDRESS = /^[1-9A-HJ-NP-Za-km-z]{47,48}$/;
const HEX = /^0x[0-9a-f]{20,}$/;
const LONGEST = 80;

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

function Value({ name, value }: { name: string; value: unknown }) {
  if (typeof value === 'bigint' && AMOUNTS.test(name)) return <Amount leaves={value} digits={9} />;
  if (typeof value === 'string' && ADDRESS.test(value)) return <Address of={value} to={name === 'hotkey' ? 'hotkey' : 'coldkey'} />;
  if (name === 'netuid') return <Link href={`/subnets/${String(value)}`}>{String(value)}</Link>;
  const text = plain(value);
  return <span title={typeof value === 'string' ? value : text.length > LONGEST ? text : undefined}>{text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text}</span>;
}

export function Fields({ of }: { of: unknown }) {
  if (of === undefined || of === null) return null;
  const fields = typeof of === 'object' && !Array.isArray(of) && !(of instanceof Uint8Array) ? Object.entries(of) : [['', of] as const];
  return (
    <dl class="fields">
      {fields.map(([name, value]) => (
        <Fragment key={name}>
          <dt>{name.replaceAll('_', ' ')}</dt>
          <dd>
            <Value name={name} value={value} />
          </dd>
        </Fragment>
      ))}
    </dl>
  );
}
