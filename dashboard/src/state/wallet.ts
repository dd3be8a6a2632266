/** The browser's wallet extensions: which there are, which is connected, which account speaks. */
import { computed, signal } from '@preact/signals';
import type { InjectedExtension, InjectedPolkadotAccount } from 'polkadot-api/pjs-signer';
import { remember, remembered } from './settings';

export const accounts = signal<InjectedPolkadotAccount[]>([]);
export const extension = signal<string>();
export const fault = signal<string>();
const chosen = signal(remembered('account'));

/** The account that signs; the first one until another is chosen. */
export const account = computed(() => accounts.value.find(({ address }) => address === chosen.value) ?? accounts.value[0]);

/** Names of the extensions that this page sees. */
export const extensions = (): string[] => Object.keys((window as { injectedWeb3?: object }).injectedWeb3 ?? {});

let connected: { extension: InjectedExtension; stop: () => void } | undefined;

/** Asks an extension for its accounts; the extension asks its owner. */
export async function connect(name: string): Promise<void> {
  fault.value = undefined;
  try {
    const { connectInjectedExtension } = await import('polkadot-api/pjs-signer');
    const found = await connectInjectedExtension(name, 'Laurel');
    disconnect();
    connected = { extension: found, stop: found.subscribe((list) => (accounts.value = list)) };
    accounts.value = found.getAccounts();
    extension.value = name;
    remember('wallet', name);
    if (accounts.value.length === 0) fault.value = `${name} shares no account with this page: allow one in the extension, then connect again.`;
  } catch (error) {
    remember('wallet', null);
    fault.value = `${name} did not connect: ${error instanceof Error ? error.message : String(error)}. Allow this page in the extension, then connect again.`;
  }
}

export function disconnect(): void {
  connected?.stop();
  connected?.extension.disconnect();
  connected = undefined;
  accounts.value = [];
  extension.value = undefined;
  remember('wallet', null);
}

export function choose(address: string): void {
  remember('account', address);
  chosen.value = address;
}

/** Extensions put themselves into the page when they like; one that was connected before is connected again. */
const before = remembered('wallet');
const awaitBefore = (tries: number): void => {
  if (!before || extension.peek() || tries === 0) return;
  if (extensions().includes(before)) void connect(before);
  else setTimeout(() => awaitBefore(tries - 1), 200);
};
awaitBefore(25);
