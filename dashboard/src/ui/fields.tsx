/** The fields of an event, as names and values that people read. */
import { Fragment } from 'preact';
import { Link } from 'wouter-preact';
import { Address, Amount } from './figures';
import { ADDRESS, isAmount, plain } from './plain';

const LONGEST = 120;

function Value({ name, value }: { name: string; value: unknown }) {
  if (isAmount(name, value)) return <Amount leaves={value} digits={9} />;
  if (typeof value === 'string' && ADDRESS.test(value)) return <Address of={value} to={name === 'hotkey' ? 'hotkey' : 'coldkey'} />;
  if (name === 'netuid') return <Link href={`/subnets/${String(value)}`}>{String(value)}</Link>;
  const text = plain(value, name);
  if (text.length <= LONGEST) return <span title={typeof value === 'string' ? value : undefined}>{text}</span>;
  return (
    <details class="long">
      <summary>{text.slice(0, LONGEST)}…</summary>
      {text}
    </details>
  );
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
