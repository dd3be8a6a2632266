/** How much to take back from a hotkey; the chain says what would arrive. */
import { useState } from 'preact/hooks';
import { format, parse } from '../amounts';
import { laurel } from '../state/chain';
import { useRead } from '../state/read';
import { Address, Amount, Waiting } from '../ui/figures';
import { AmountField } from './amount-field';
import type { Plan } from './dialog';
import { usePreparing } from './preparing';
import type { Call } from './transactions';

export function UnstakeForm({ from, hotkey, onReview }: { from: string; hotkey: string; onReview: (plan: Plan) => void }) {
  const [text, setText] = useState('');
  const [all, setAll] = useState(false);
  const { busy, fault, prepare } = usePreparing();
  const portfolio = useRead(`portfolio ${from}`, (node, at) => node.portfolio(from, at));
  const position = portfolio.value?.positions.find(({ stake }) => stake.hotkey === hotkey);
  const amount = parse(text);
  if (!portfolio.value) return <Waiting error={portfolio.error} what="your stake" />;
  if (!position) return <p>You have no stake on this hotkey.</p>;
  const staked = BigInt(position.stake.stake);
  const tooMuch = !all && typeof amount === 'bigint' && amount > staked ? `Your stake is ${format(staked)} LRL.` : undefined;

  const review = async () => {
    if (!all && typeof amount !== 'bigint') return;
    const call: Call = all
      ? { pallet: 'Staking', name: 'remove_all_stake', args: { hotkey } }
      : { pallet: 'Staking', name: 'remove_stake', args: { hotkey, amount: amount as bigint } };
    const { fee } = await import('./transactions');
    const [price, quote] = await Promise.all([fee(call, from), laurel.value.quoteUnstake(from, hotkey, all ? null : String(amount))]);
    onReview({
      call,
      title: all ? 'Take all stake back' : `Take ${format(amount as bigint)} LRL back`,
      fee: price,
      lines: [
        ['From the hotkey', <Address of={hotkey} full />],
        ['You receive', <Amount leaves={quote.returned} digits={9} />],
        ['Stays staked', <Amount leaves={quote.remaining} digits={9} />],
        ['Given up, not yet released', <Amount leaves={quote.forfeited} digits={9} />],
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
        <dt>From the hotkey</dt>
        <dd>
          <Address of={hotkey} />
        </dd>
        <dt>Your stake</dt>
        <dd>
          <Amount leaves={staked} digits={9} />
        </dd>
        <dt>On its way to you</dt>
        <dd>
          <Amount leaves={position.stake.unreleased} digits={9} />
        </dd>
      </dl>
      {!all && <AmountField label="Amount to take back" text={text} onText={setText} fault={tooMuch ?? fault} />}
      {all && fault && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      <label class="check">
        <input type="checkbox" checked={all} onChange={({ currentTarget }) => setAll(currentTarget.checked)} />
        All of it
      </label>
      <div class="dialog-foot">
        <button type="submit" class="primary" disabled={busy || (!all && (typeof amount !== 'bigint' || amount === 0n || tooMuch !== undefined))}>
          {busy ? 'Asking the chain …' : 'Review'}
        </button>
      </div>
    </form>
  );
}
