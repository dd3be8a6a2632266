/** Makes, prices, signs and follows transactions. Loaded when the first one is begun. */
import { InvalidTxError, type PolkadotSigner, type TxEvent } from 'polkadot-api';
import { library } from '../node/library';
import type { Refusal } from '../node/types';
import { laurel } from '../state/chain';

export type Call =
  | { pallet: 'Staking'; name: 'add_stake' | 'remove_stake'; args: { hotkey: string; amount: bigint } }
  | { pallet: 'Staking'; name: 'remove_all_stake'; args: { hotkey: string } }
  | { pallet: 'Root'; name: 'set_root_weights'; args: { hotkey: string; weights: [number, number][] } };

export type Progress = 'sign' | 'sent' | 'included' | 'final';

const make = ({ args, name, pallet }: Call) => library().getUnsafeApi().tx[pallet]![name]!(args);

/** The fee in leaves, as the chain foretells it. */
export const fee = (call: Call, from: string): Promise<bigint> => make(call).getEstimatedFees(from);

/** Leaves that an account must keep to exist. */
export async function existentialDeposit(): Promise<bigint> {
  return (await library().getUnsafeApi().constants.Balances!.ExistentialDeposit!()) as bigint;
}

/** After so long without a word about what was sent, nobody need wait any longer. */
const SILENCE_MS = 180_000;

const UNKNOWN =
  'After this was sent, the node told no more of it, so its outcome is not known here: it may be in a block all the same. Close this and look at what the account has before you send it again.';

/** Signs and sends; tells how far it is. Fails with what the chain says, by name and with a remedy. */
export function send(call: Call, signer: PolkadotSigner, tell: (progress: Progress, block?: number) => void): Promise<void> {
  let silence: ReturnType<typeof setTimeout> | undefined;
  let stop: (() => void) | undefined;
  const done = new Promise<void>((resolve, reject) => {
    const heard = (progress: Progress, block?: number) => {
      clearTimeout(silence);
      silence = setTimeout(() => reject(new Error(UNKNOWN)), SILENCE_MS);
      tell(progress, block);
    };
    const next = (event: TxEvent) => {
      if (event.type === 'signed' || event.type === 'broadcasted') return heard('sent');
      if (event.type === 'txBestBlocksState' && !event.found) return;
      if (!event.ok) return void explain(event.dispatchError).then(reject, reject);
      heard(event.type === 'finalized' ? 'final' : 'included', event.block.number);
      if (event.type === 'finalized') resolve();
    };
    // What was sent and not refused can be in a block by now, though the connection is lost.
    const error = (cause: unknown) => (silence && !(cause instanceof InvalidTxError) ? reject(new Error(UNKNOWN)) : explain(cause).then(reject, reject));
    tell('sign');
    const watched = make(call).signSubmitAndWatch(signer).subscribe({ next, error });
    stop = () => watched.unsubscribe();
  });
  return done.finally(() => {
    clearTimeout(silence);
    stop?.();
  });
}

interface Named {
  type?: string;
  value?: unknown;
}

/** A refusal of the pool, an error of a block, or the wallet's word, as an error that says what to do. */
async function explain(error: unknown): Promise<Error> {
  if (error instanceof InvalidTxError) return refused(error.error as Named);
  const { type, value } = (error ?? {}) as Named;
  if (type === 'Module') {
    const pallet = value as Named;
    const name = (pallet.value as Named | undefined)?.type;
    const entry = (await laurel.peek().refusals()).find((one) => one.pallet === pallet.type && one.name === name);
    return named(pallet.type, name, entry);
  }
  if (type) return new Error(`The block refused it: ${type}${(value as Named | undefined)?.type ? `.${(value as Named).type}` : ''}.`);
  const message = error instanceof Error ? error.message : String(error);
  return new Error(/cancel|reject|denied/i.test(message) ? 'It was not signed: the wallet says that you declined. Nothing was sent.' : message);
}

const named = (pallet: string | undefined, name: string | undefined, entry: Refusal | undefined): Error =>
  new Error(`${pallet}.${name}${entry ? `: ${entry.remedy}` : '.'}`);

/** What a transaction that came too late, or too often, may be told; the rest has a code of `laurel_refusals`. */
const REMEDIES: Record<string, string> = {
  Payment: 'The account cannot pay the fee: send it some tokens first.',
  Stale: 'Another transaction of this account came first: try again.',
  Future: 'An earlier transaction of this account is missing: wait for it, or try again.',
  BadProof: 'The signature does not fit: the wallet may hold old metadata of this chain. Update it there, then try again.',
  AncientBirthBlock: 'It was signed too long ago: try again.',
  ExhaustsResources: 'The block is full: try again.',
};

async function refused({ value }: Named): Promise<Error> {
  const reason = (value ?? {}) as Named;
  if (reason.type === 'Custom') {
    const entry = (await laurel.peek().refusals()).find(({ code }) => code === Number(reason.value));
    if (entry) return named(entry.pallet, entry.name, entry);
  }
  const name = reason.type ?? 'unknown';
  return new Error(`Refused before it was sent on: ${name}. ${REMEDIES[name] ?? 'Nothing was changed.'}`);
}
