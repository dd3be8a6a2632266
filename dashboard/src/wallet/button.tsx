/** Connecting a wallet, and the buttons that begin something to sign. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Root } from '../node/types';
import { account, accounts, choose, connect, disconnect, extension, extensions, fault } from '../state/wallet';
import { Address, short } from '../ui/figures';
import { Icon } from '../ui/icons';
import { begin } from './intent';

export function WalletButton() {
  const [open, setOpen] = useState(false);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  const now = account.value;
  return (
    <>
      <button type="button" class={now ? 'quiet pill' : 'pill'} onClick={() => setOpen(true)} aria-haspopup="dialog" aria-label={now ? `Wallet: ${now.name || short(now.address)}` : 'Connect wallet'}>
        <Icon name="wallet" />
        <span class="pill-text">
          {now ? now.name || short(now.address) : 'Connect'}
          {!now && <span class="spare"> wallet</span>}
        </span>
      </button>
      <dialog ref={dialog} aria-labelledby="wallet-title" onClose={() => setOpen(false)}>
        <header class="dialog-head">
          <h2 id="wallet-title">Wallet</h2>
          <button type="button" class="quiet icon" aria-label="Close" onClick={() => setOpen(false)}>
            <Icon name="close" />
          </button>
        </header>
        {open && (extension.value ? <Accounts onDone={() => setOpen(false)} /> : <Extensions />)}
        {fault.value && (
          <p class="fault" role="alert">
            {fault.value}
          </p>
        )}
      </dialog>
    </>
  );
}

function Extensions() {
  const found = extensions();
  if (found.length === 0) {
    return (
      <p>
        No wallet extension was found in this browser. Install one that speaks to Substrate chains, such as polkadot.js, Talisman or SubWallet, then load this page again.
        Without one, everything can be read, and the <code>laurel</code> command signs.
      </p>
    );
  }
  return (
    <>
      <p>The extension keeps the keys, shows each transaction again, and signs only what you allow there.</p>
      <ul class="choices">
        {found.map((name) => (
          <li key={name}>
            <button type="button" onClick={() => void connect(name)}>
              {name}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function Accounts({ onDone }: { onDone: () => void }) {
  const done = useRef<HTMLButtonElement>(null);
  // The button that was pressed to come here is gone.
  useEffect(() => done.current?.focus(), []);
  return (
    <>
      <fieldset class="accounts">
        <legend>Account of {extension.value}</legend>
        {accounts.value.map(({ address, name }) => (
          <label key={address}>
            <input type="radio" name="account" checked={account.value?.address === address} onChange={() => choose(address)} />
            <span>
              <b>{name}</b>
              <Address of={address} />
            </span>
          </label>
        ))}
      </fieldset>
      <div class="dialog-foot">
        <button
          type="button"
          onClick={() => {
            disconnect();
            onDone();
          }}
        >
          Disconnect
        </button>
        <button type="button" class="primary" ref={done} onClick={onDone}>
          Done
        </button>
      </div>
    </>
  );
}

/** Stakes on a hotkey; without a wallet it says what is missing. */
export function StakeButton({ hotkey, label = 'Stake' }: { hotkey: string; label?: string }) {
  if (!account.value) return null;
  return (
    <button type="button" onClick={() => begin({ kind: 'stake', hotkey })} aria-label={`${label} on ${short(hotkey)}`}>
      {label}
    </button>
  );
}

export function UnstakeButton({ coldkey, hotkey }: { coldkey: string; hotkey: string }) {
  if (account.value?.address !== coldkey) return null;
  return (
    <button type="button" onClick={() => begin({ kind: 'unstake', hotkey })} aria-label={`Unstake from ${short(hotkey)}`}>
      Unstake
    </button>
  );
}

/** Sets root weights; there for whoever has a wallet, because the chain knows who owns which seat. */
export function VoteButton({ root, subnets }: { root: Root; subnets: number[] }) {
  if (!account.value || root.seats.length === 0) return null;
  return (
    <button type="button" onClick={() => begin({ kind: 'vote', root, subnets })}>
      Set root weights
    </button>
  );
}
