/** A page: its title, which is also the document's, and the focus that goes there when somebody comes from another page. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { status } from '../state/chain';
import type { Reading } from '../state/read';
import { count } from './figures';
import { Icon } from './icons';

let first = true;

interface Props {
  title: string;
  lead?: ComponentChildren;
  actions?: ComponentChildren;
  /** What all figures of the page come from, with their block. */
  reading?: Reading<unknown>;
  children: ComponentChildren;
}

export function Page({ title, lead, actions, reading, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Laurel`;
  }, [title]);
  useEffect(() => {
    if (!first) {
      scrollTo(0, 0);
      heading.current?.focus({ preventScroll: true });
    }
    first = false;
  }, []);
  return (
    <>
      <header class="head">
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {lead && <p class="lead">{lead}</p>}
        </div>
        <div class="actions">
          {reading?.block && (
            <p class="muted" data-block={reading.block.hash}>
              Block {count(reading.block.number)}
            </p>
          )}
          {actions}
        </div>
      </header>
      {reading && <Outdated reading={reading} />}
      {children}
    </>
  );
}

/** Says that what is shown stays as it was, where the node does not answer about newer blocks; a lost connection is told by the bar. */
export function Outdated({ reading: { block, error, value } }: { reading: Reading<unknown> }) {
  if (!error || !block || value === undefined || status.value === 'lost') return null;
  return (
    <div class="notice wait" role="status">
      <Icon name="warning" />
      <p>
        <strong>What is shown is of block {count(block.number)}.</strong> About newer ones the node says: {error.message}
      </p>
    </div>
  );
}

export function Section({ title, note, children }: { title: string; note?: ComponentChildren; children: ComponentChildren }) {
  return (
    <section aria-label={title}>
      <header class="section-head">
        <h2>{title}</h2>
        {note && <p>{note}</p>}
      </header>
      {children}
    </section>
  );
}
