/** The bar at the top: where to go, how the connection is, which node, which wallet, dark or light. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { Link, useLocation } from 'wouter-preact';
import { advice, best, chainName, finalized, laurel, stale, status } from '../state/chain';
import { chooseNode, chooseTheme, nodeFault, nodeUrl, theme } from '../state/settings';
import { WalletButton } from '../wallet/button';
import { count } from './figures';
import { Icon } from './icons';

const PLACES = [
  ['/', 'Overview'],
  ['/subnets', 'Subnets'],
  ['/root', 'Root'],
  ['/staking', 'Staking'],
  ['/calculator', 'Calculator'],
  ['/events', 'Events'],
] as const;

export function Bar() {
  const [location] = useLocation();
  const at = (path: string) => (path === '/' ? location === '/' : location === path || location.startsWith(`${path}/`));
  const dark = theme.value === 'dark';
  const places = useRef<HTMLUListElement>(null);
  // On a phone not all places fit beside each other.
  useEffect(() => places.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' }), [location]);
  return (
    <header class="bar">
      <Link href="/" class="brand">
        <Icon name="leaf" />
        Laurel
      </Link>
      <nav aria-label="Pages">
        <ul ref={places}>
          {PLACES.map(([path, name]) => (
            <li key={path}>
              <Link href={path} aria-current={at(path) ? 'page' : undefined}>
                {name}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <div class="tools">
        <Node />
        <WalletButton />
        <button
          type="button"
          class="quiet icon"
          aria-label={dark ? 'Switch to light' : 'Switch to dark'}
          onClick={() => chooseTheme(dark ? 'light' : 'dark')}
        >
          <Icon name={dark ? 'sun' : 'moon'} />
        </button>
      </div>
    </header>
  );
}

function summary(): { mood: string; text: string } {
  if (status.value === 'lost') return { mood: 'bad', text: 'No connection' };
  if (!best.value) return { mood: 'wait', text: 'Connecting' };
  return { mood: stale.value ? 'wait' : 'good', text: `#${count(best.value.number)}` };
}

/** How the connection is; opened, the node can be chosen. */
function Node() {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const { mood, text } = summary();
  useEffect(() => {
    if (!open) return;
    const leave = (event: Event) => {
      if (event instanceof KeyboardEvent ? event.key === 'Escape' : !box.current?.contains(event.target as Node & globalThis.Node)) {
        setOpen(false);
        if (event instanceof KeyboardEvent) box.current?.querySelector('button')?.focus();
      }
    };
    addEventListener('keydown', leave);
    addEventListener('pointerdown', leave);
    return () => {
      removeEventListener('keydown', leave);
      removeEventListener('pointerdown', leave);
    };
  }, [open]);
  return (
    <div class="node" ref={box}>
      <button type="button" class="quiet pill" aria-expanded={open} aria-controls="node-panel" onClick={() => setOpen(!open)}>
        <span class={`dot ${mood}`} aria-hidden="true" />
        <span class="unseen">Node: </span>
        <span class="pill-text">{text}</span>
      </button>
      <div id="node-panel" class="panel" hidden={!open}>
        {open && <ChooseNode onDone={() => setOpen(false)} />}
      </div>
    </div>
  );
}

function ChooseNode({ onDone }: { onDone: () => void }) {
  const [text, setText] = useState(nodeUrl.value);
  const [fault, setFault] = useState<string>();
  const submit = (event: Event) => {
    event.preventDefault();
    const wrong = nodeFault(text.trim());
    setFault(wrong);
    if (wrong) return;
    chooseNode(text.trim());
    onDone();
  };
  return (
    <form onSubmit={submit} noValidate>
      <dl class="facts">
        <dt>Chain</dt>
        <dd>{chainName.value ?? '–'}</dd>
        <dt>Best block</dt>
        <dd>{best.value ? count(best.value.number) : '–'}</dd>
        <dt>Finalised</dt>
        <dd>{finalized.value === undefined ? '–' : count(finalized.value)}</dd>
      </dl>
      <label for="node-url">Address of the node</label>
      <input
        id="node-url"
        type="url"
        value={text}
        spellcheck={false}
        autocomplete="off"
        aria-invalid={fault ? 'true' : undefined}
        aria-describedby={fault ? 'node-fault' : undefined}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
      {fault && (
        <p id="node-fault" class="fault" role="alert">
          {fault}
        </p>
      )}
      <button type="submit" class="primary">
        Use this node
      </button>
    </form>
  );
}

/** Says that the connection is lost, or that it is there and nothing happens; and, to screen readers, that it is back. */
export function Lost() {
  const lost = status.value === 'lost';
  const was = useRef(false);
  const back = was.current && status.value === 'open';
  useEffect(() => {
    if (lost) was.current = true;
  });
  return (
    <div role="status" class="connection">
      {lost && (
        <div class="notice bad">
          <Icon name="warning" />
          <p>
            <strong>{best.value ? 'The connection is lost; what is shown is as it was.' : 'No connection.'}</strong> {advice.value} It is tried again by
            itself.
          </p>
          <button type="button" onClick={() => laurel.value.connection.retryNow()}>
            Try now
          </button>
        </div>
      )}
      {!lost && stale.value && (
        <div class="notice wait">
          <Icon name="warning" />
          <p>
            <strong>The node tells of no new block.</strong> Its network may stand still, or it may have lost its peers: look into the node's log, or choose
            another node.
          </p>
        </div>
      )}
      {back && <p class="unseen">The connection is back.</p>}
    </div>
  );
}
