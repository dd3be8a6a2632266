/** What this browser remembers, and what the address of the page says. */
import { signal } from '@preact/signals';

export const DEFAULT_NODE = 'ws://127.0.0.1:9944';
const PREFIX = 'laurel.';

/** Storage can be switched off or full; then nothing is remembered. */
export function remembered(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

export function remember(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
  } catch {
    // Not remembered, no more.
  }
}

/** Why a text is no address of a node, with what to do; nothing if it is one. */
export function nodeFault(text: string): string | undefined {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return 'Write the address like ws://127.0.0.1:9944.';
  }
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') return 'The address begins with ws:// or wss://.';
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (location.protocol === 'https:' && url.protocol === 'ws:' && !local) {
    return 'A page that came by https may only use wss:// addresses: put a TLS proxy before the node, or open the dashboard by http.';
  }
  return undefined;
}

/** The node that is read: from the page's address, else the last one, else the one on this machine. */
export const nodeUrl = signal(new URLSearchParams(location.search).get('node') || remembered('node') || DEFAULT_NODE);

/** Reads another node from now on; the page's address names it, so that it can be sent to somebody. */
export function chooseNode(url: string): void {
  remember('node', url);
  const page = new URL(location.href);
  page.searchParams.set('node', url);
  history.replaceState(history.state, '', page);
  nodeUrl.value = url;
}

export type Theme = 'light' | 'dark';
const systemDark = matchMedia('(prefers-color-scheme: dark)');
const chosen = remembered('theme');

/** What is shown: what was chosen, else what the system prefers. */
export const theme = signal<Theme>(
  chosen === 'light' || chosen === 'dark' ? chosen : systemDark.matches ? 'dark' : 'light',
);

export function chooseTheme(next: Theme): void {
  remember('theme', next);
  theme.value = next;
}

systemDark.addEventListener('change', ({ matches }) => {
  if (!remembered('theme')) theme.value = matches ? 'dark' : 'light';
});

theme.subscribe((now) => {
  document.documentElement.dataset.theme = now;
});
