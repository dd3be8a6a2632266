/** The last few events that are not routine. */
import { useEffect } from 'preact/hooks';
import { events, followed, isRoutine, watchEvents } from '../state/events';
import { Fields } from '../ui/fields';
import { count } from '../ui/figures';

const SHOWN = 6;

export function Latest() {
  useEffect(watchEvents, []);
  const latest = events.value.filter((event) => !isRoutine(event)).slice(0, SHOWN);
  if (latest.length === 0) {
    return <p class="waiting">{followed.value === 'on' ? 'Nothing but routine so far; what happens appears here.' : 'Starting to listen …'}</p>;
  }
  return (
    <ol class="events">
      {latest.map(({ block, fields, key, name, pallet }) => (
        <li key={key}>
          <span class="event-block">{count(block.number)}</span>
          <span class="event-name">
            {pallet}
            <b>{name}</b>
          </span>
          <Fields of={fields} />
        </li>
      ))}
    </ol>
  );
}
