/** What somebody wants to sign. */
import { signal } from '@preact/signals';
import type { Root } from '../node/types';

export type Intent =
  | { kind: 'stake'; hotkey: string; amount?: bigint }
  | { kind: 'unstake'; hotkey: string }
  | { kind: 'vote'; root: Root; subnets: number[] };

export const intent = signal<Intent>();

/** Opens the dialog that leads to the signature. */
export function begin(what: Intent): void {
  intent.value = what;
}
