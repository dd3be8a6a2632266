/** A page: its title, which is also the document's, and the focus that goes there when somebody comes from another page. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Block } from '../state/chain';
import { count } from './figures';

let first = true;

interface Props {
  title: string;
  lead?: ComponentChildren;
  actions?: ComponentChildren;
  /** The block that all figures of the page are of. */
  block?: Block;
  children: ComponentChildren;
}

export function Page({ title, lead, actions, block, children }: Props) {
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
          {block && (
            <p class="muted" data-block={block.hash}>
              Block {count(block.number)}
            </p>
          )}
          {actions}
        </div>
      </header>
      {children}
    </>
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
