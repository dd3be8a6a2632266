/** Amounts, proportions, addresses and blocks, the same everywhere. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { format, isCut, parts, SYMBOL, type Leaves } from '../amounts';
import type { Decimal, Parts } from '../node/types';
import { Icon } from './icons';

/** An amount; what was cut off is in the title. */
export function Amount({ leaves, digits = 4, unit = true, signed }: { leaves: Leaves | Decimal; digits?: number; unit?: boolean; signed?: boolean }) {
  const amount = BigInt(leaves);
  const [whole = '', fraction] = format(amount, digits).split('.');
  const exact = `${format(amount)} ${SYMBOL}`;
  return (
    <data class={amount === 0n ? 'amount nothing' : 'amount'} value={amount.toString()} title={isCut(amount, digits) ? exact : undefined}>
      {signed && amount > 0n ? '+' : ''}
      {whole}
      {fraction !== undefined && <span class="fraction">.{fraction}</span>}
      {unit && <span class="unit"> {SYMBOL}</span>}
    </data>
  );
}

/** A proportion of 65535ths; nothing at all is dimmed. */
export function Proportion({ value, digits = 2 }: { value: Parts; digits?: number }) {
  return <span class={value === 0 ? 'nothing' : undefined}>{parts(value, digits)}</span>;
}

export const short = (address: string): string => `${address.slice(0, 6)}…${address.slice(-5)}`;

/** Two hues of an address, so that the eye finds it again. */
function hues(address: string): [number, number] {
  let hash = 7;
  for (const char of address) hash = (hash * 31 + char.charCodeAt(0)) >>> 0;
  return [hash % 360, (hash >>> 9) % 360];
}

export function Address({ of, full, to, copy = false }: { of: string; full?: boolean; to?: 'hotkey' | 'coldkey'; copy?: boolean }) {
  const [a, b] = hues(of);
  const text = (
    <span class="address-text" translate={false}>
      {full ? of : short(of)}
    </span>
  );
  return (
    <span class={full ? 'address full' : 'address'} title={full ? undefined : of}>
      <svg class="seal" viewBox="0 0 10 10" aria-hidden="true">
        <circle cx="5" cy="5" r="5" fill={`hsl(${a} 45% 55%)`} />
        <path d="M5 0a5 5 0 0 1 0 10Z" fill={`hsl(${b} 40% 42%)`} />
      </svg>
      {to ? <Link href={to === 'hotkey' ? `/hotkeys/${of}` : `/staking/${of}`}>{text}</Link> : text}
      {copy && <Copy text={of} />}
    </span>
  );
}

/** Only a page from this machine or by https may write to the clipboard; others get no button. */
function Copy({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  if (!navigator.clipboard) return null;
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => {
        setCopied(true);
        setTimeout(() => setCopied(false), 1_500);
      },
      () => {}, // Not allowed: the button goes on saying that it would.
    );
  return (
    <button type="button" class="quiet icon" onClick={copy} aria-label={copied ? 'Copied' : 'Copy the address'}>
      <Icon name={copied ? 'check' : 'copy'} />
    </button>
  );
}

/** A figure with its name, for the heads of pages. */
export function Figure({ name, children, note, id }: { name: string; children: ComponentChildren; note?: ComponentChildren; id?: string }) {
  return (
    <div class="figure" data-figure={id}>
      <dt>{name}</dt>
      <dd>
        <span class="figure-value">{children}</span>
        {note && <span class="figure-note">{note}</span>}
      </dd>
    </div>
  );
}

/** What there is to say while there is nothing to show. */
export function Waiting({ error, what }: { error?: Error; what: string }) {
  if (error) return <Problem error={error} what={what} />;
  return (
    <p class="waiting" role="status">
      Reading {what} …
    </p>
  );
}

export function Problem({ error, what }: { error: Error; what?: string }) {
  return (
    <div class="notice bad" role="alert">
      <Icon name="warning" />
      <p>
        {what && <strong>No answer about {what}. </strong>}
        {error.message}
      </p>
    </div>
  );
}

/** A span of time in words: `3 days`, `4 h 10 min`, `35 s`. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  const days = Math.round(hours / 24);
  return days < 730 ? `${days} days` : `${(days / 365).toFixed(1)} years`;
}

/** `1 block`, `2 blocks`. */
export const blocks = (n: number): string => `${count(n)} ${n === 1 ? 'block' : 'blocks'}`;

export const count = (n: number): string => n.toLocaleString('en');
