/** How much to stake on a hotkey. */
import { useEffect, useState } from 'preact/hooks';
import { format, parse, type Leaves } from '../amounts';
import { expect } from '../calculator';
import { best, blockMs, laurel } from '../state/chain';
import { useRead } from '../state/read';
import { parts } from '../amounts';
import { Address, Amount, Waiting } from '../ui/figures';
import { AmountField } from './amount-field';
import type { Plan } from './dialog';
import { usePreparing } from './preparing';
import type { Call } from './transactions';

const call = (hotkey: string, amount: Leaves): Call => ({ pallet: 'Staking', name: 'add_stake', args: { hotkey, amount } });

/** What can be staked at most: what is free, less the fee and what the account needs to exist. */
function useMost(from: string, hotkey: string, free: Leaves | undefined): Leaves | undefined {
  const [kept, setKept] = useState<Leaves>();
  const known = free !== undefined;
  useEffect(() => {
    if (!known) return;
    void import('./transactions')
      .then(async ({ existentialDeposit, fee }) => setKept((await existentialDeposit()) + (await fee(call(hotkey, free), from))))
      .catch(() => {}); // Without it there is no button; the amount can be typed.
  }, [from, hotkey, known]);
  return free === undefined || kept === undefined ? undefined : free - kept;
}

export function StakeForm({ from, hotkey, initial, onReview }: { from: string; hotkey: string; initial?: Leaves; onReview: (plan: Plan) => void }) {
  const [text, setText] = useState(initial ? format(initial).replaceAll(',', '') : '');
  const { busy, fault, prepare } = usePreparing();
  const pool = useRead(`hotkey ${hotkey}`, (node, at) => node.hotkey(hotkey, at));
  const portfolio = useRead(`portfolio ${from}`, (node, at) => node.portfolio(from, at));
  const free = portfolio.value && BigInt(portfolio.value.free);
  const most = useMost(from, hotkey, free);
  const amount = parse(text);
  const tooMuch = typeof amount === 'bigint' && most !== undefined && amount > most ? `The account can stake ${format(most)} LRL at most.` : undefined;
  if (!pool.value || free === undefined) return <Waiting error={pool.error ?? portfolio.error} what="the hotkey" />;

  const review = async () => {
    if (typeof amount !== 'bigint' || !best.value) return;
    const { fee } = await import('./transactions');
    const [price, now, then] = await Promise.all([
      fee(call(hotkey, amount), from),
      laurel.value.portfolio(from, best.value.hash),
      laurel.value.hotkey(hotkey, best.value.hash),
    ]);
    const held = BigInt(now.positions.find(({ stake }) => stake.hotkey === hotkey)?.stake.stake ?? 0n);
    const earns = expect({ pool: { stake: BigInt(then.stake), releasedPerBlock: BigInt(then.released_per_block) }, held, added: amount, blockMs: blockMs.value ?? 0 });
    onReview({
      call: call(hotkey, amount),
      title: `Stake ${format(amount)} LRL`,
      fee: price,
      lines: [
        ['On the hotkey', <Address of={hotkey} full />],
        ['Owner keeps', `${parts(then.take)} of the dividends`],
        ['Staked on it before', <Amount leaves={held} digits={9} />],
        ['Staked on it then', <Amount leaves={held + amount} digits={9} />],
        ['Free then', <Amount leaves={BigInt(now.free) - amount - price} digits={9} />],
        ['Expected a day', <Amount leaves={earns.perDay} digits={9} />],
      ],
    });
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void prepare(review);
      }}
    >
      <dl class="facts">
        <dt>On the hotkey</dt>
        <dd>
          <Address of={hotkey} />
        </dd>
        <dt>Free in your account</dt>
        <dd>
          <Amount leaves={free} digits={9} />
        </dd>
      </dl>
      <AmountField label="Amount to stake" text={text} onText={setText} fault={tooMuch ?? fault} most={most === undefined ? undefined : { leaves: most, label: 'All' }} />
      <p class="hint">Stake can be taken back at any time. What is not yet released of the running epoch’s dividends is given up then.</p>
      <div class="dialog-foot">
        <button type="submit" class="primary" disabled={busy || typeof amount !== 'bigint' || amount === 0n || tooMuch !== undefined}>
          {busy ? 'Asking the chain …' : 'Review'}
        </button>
      </div>
    </form>
  );
}
