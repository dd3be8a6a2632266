/** What happens on the chain, live. */
import { Fragment } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { finalized } from '../state/chain';
import { events, followed, isRoutine, watchEvents, type Live } from '../state/events';
import { Fields } from '../ui/fields';
import { count } from '../ui/figures';
import { Page } from '../ui/page';
import { unseen } from './unseen';

const SHOWN_AT_MOST = 200;

export default function EventsPage() {
  useEffect(watchEvents, []);
  const [routine, setRoutine] = useState(false);
  const [pallet, setPallet] = useState('');
  const [held, setHeld] = useState<Live[]>();
  const all = held ?? events.value;
  const pallets = useMemo(() => [...new Set(events.value.map((event) => event.pallet))].sort(), [events.value]);
  const shown = all.filter((event) => (routine || !isRoutine(event)) && (!pallet || event.pallet === pallet)).slice(0, SHOWN_AT_MOST);
  const gaps = unseen(all, finalized.value ?? 0);
  /** Those that nobody told of, between an event that is shown and the one below it. */
  const gapsBelow = (index: number) => gaps.filter(([first, last]) => last < shown[index]!.block.number && first > (shown[index + 1]?.block.number ?? 0));
  return (
    <Page title="Events" lead="What each block brings, from the moment this page was opened. An event is final when its block is.">
      <div class="controls">
        <label>
          Pallet
          <select value={pallet} onChange={({ currentTarget }) => setPallet(currentTarget.value)}>
            <option value="">All</option>
            {pallets.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label class="check">
          <input type="checkbox" checked={routine} onChange={({ currentTarget }) => setRoutine(currentTarget.checked)} />
          Routine ones too
        </label>
        <button type="button" aria-pressed={held !== undefined} onClick={() => setHeld(held ? undefined : events.value)}>
          {held ? 'Go on' : 'Hold still'}
        </button>
      </div>
      {/* Polite, so that a screen reader tells of what is new when it has nothing else to say; off while it is held still. */}
      <ol class="events" aria-live={held ? 'off' : 'polite'} aria-relevant="additions" aria-label="Events, newest first">
        {shown.map((event, index) => (
          <Fragment key={event.key}>
            <Item event={event} />
            {gapsBelow(index).map(([first, last]) => (
              <li key={first} class="gap">
                {first === last ? `Block ${count(first)} was` : `Blocks ${count(first)} to ${count(last)} were`} not seen: the connection was lost then.
              </li>
            ))}
          </Fragment>
        ))}
      </ol>
      {shown.length === 0 && (
        <p class="waiting" role="status">
          {followed.value === 'on' ? 'Nothing yet that is shown here.' : 'Starting to listen …'}
        </p>
      )}
    </Page>
  );
}

function Item({ event: { block, extrinsic, fields, name, pallet } }: { event: Live }) {
  const final = finalized.value !== undefined && block.number <= finalized.value;
  return (
    <li>
      <span class="event-block">
        {count(block.number)}
        {extrinsic !== undefined && <span class="muted">-{extrinsic}</span>}
        <span class={final ? 'final' : 'open'}>{final ? 'final' : 'best'}</span>
      </span>
      <span class="event-name">
        {pallet}
        <b>{name}</b>
      </span>
      <Fields of={fields} />
    </li>
  );
}
