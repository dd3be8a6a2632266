/** A wallet extension with keys of a test: signs what it is given as polkadot.js's own extension does, in the test's process. */
import { Keyring } from '@polkadot/keyring';
import type { KeyringPair, KeyringPair$Json } from '@polkadot/keyring/types';
import { TypeRegistry } from '@polkadot/types';
import type { SignerPayloadJSON } from '@polkadot/types/types';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import type { Page } from 'playwright-core';

export interface TestWallet {
  address: string;
  /** What was signed so far. */
  signed: SignerPayloadJSON[];
  /** Declines from now on, or no more. */
  decline: (declines: boolean) => void;
  /** Puts the extension into a page. */
  install: (page: Page) => Promise<void>;
}

/** `key` is a mnemonic, a development key such as `//Bob`, or a key file of the `laurel` command without a password. */
export async function wallet(key: string | KeyringPair$Json, name: string): Promise<TestWallet> {
  await cryptoWaitReady();
  const keyring = new Keyring({ type: 'sr25519', ss58Format: 42 });
  const pair: KeyringPair = typeof key === 'string' ? keyring.addFromUri(key) : keyring.addFromJson(key);
  if (pair.isLocked) pair.decodePkcs8();
  const signed: SignerPayloadJSON[] = [];
  let declines = false;

  const sign = (payload: SignerPayloadJSON): { id: number; signature: string } => {
    if (declines) throw new Error('Cancelled');
    if (payload.address !== pair.address) throw new Error(`asked to sign for ${payload.address}`);
    signed.push(payload);
    const registry = new TypeRegistry();
    registry.setSignedExtensions(payload.signedExtensions);
    const { signature } = registry.createType('ExtrinsicPayload', payload, { version: payload.version }).sign(pair);
    return { id: signed.length, signature };
  };

  return {
    address: pair.address,
    signed,
    decline: (next) => {
      declines = next;
    },
    install: async (page) => {
      await page.exposeFunction('signForTest', sign);
      await page.addInitScript(
        ([address, title]) => {
          const accounts = [{ address, name: title, type: 'sr25519' }];
          const extension = {
            accounts: {
              get: () => Promise.resolve(accounts),
              subscribe: (tell: (list: unknown) => void) => {
                tell(accounts);
                return () => {};
              },
            },
            signer: {
              signPayload: (payload: unknown) => (window as unknown as { signForTest: (payload: unknown) => unknown }).signForTest(payload),
              signRaw: () => Promise.reject(new Error('the dashboard signs nothing but transactions')),
            },
          };
          Object.assign(window, { injectedWeb3: { 'test-wallet': { version: '1', enable: () => Promise.resolve(extension) } } });
        },
        [pair.address, name] as const,
      );
    },
  };
}
