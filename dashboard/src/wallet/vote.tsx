/** What a root seat says each subnet is worth. */
import { useEffect, useState } from 'preact/hooks';
import { percent } from '../amounts';
import type { Root } from '../node/types';
import { best, laurel } from '../state/chain';
import { subnetName } from '../state/names';
import { Address, short } from '../ui/figures';
import type { Plan } from './dialog';
import { usePreparing } from './preparing';
import type { Call } from './transactions';

const MOST = 65_535;

/** The seats that an account owns, of those there are. */
function useSeats(from: string, root: Root): string[] | undefined {
  const [mine, setMine] = useState<string[]>();
  useEffect(() => {
    let over = false;
    const at = best.peek()?.hash;
    if (!at) return;
    void Promise.all(root.seats.map(({ hotkey }) => laurel.peek().hotkey(hotkey, at)))
      .then((pools) => over || setMine(pools.filter(({ coldkey }) => coldkey === from).map(({ hotkey }) => hotkey)))
      .catch(() => over || setMine([]));
    return () => {
      over = true;
    };
  }, [from]);
  return mine;
}

export function VoteForm({ from, onReview, root, subnets }: { from: string; root: Root; subnets: number[]; onReview: (plan: Plan) => void }) {
  const seats = useSeats(from, root);
  const [chosen, setChosen] = useState<string>();
  const seat = chosen ?? seats?.[0];
  if (!seats) return <p class="waiting">Looking for your seats …</p>;
  if (!seat) return <p>The account {short(from)} owns no root seat. Choose another account in the wallet, or take a seat with <code>laurel root register</code>.</p>;
  return (
    <>
      {seats.length > 1 && (
        <label class="field">
          Seat
          <select value={seat} onChange={({ currentTarget }) => setChosen(currentTarget.value)}>
            {seats.map((hotkey) => (
              <option key={hotkey} value={hotkey}>
                {short(hotkey)}
              </option>
            ))}
          </select>
        </label>
      )}
      <Weights key={seat} from={from} seat={seat} root={root} subnets={subnets} onReview={onReview} />
    </>
  );
}

function Weights({ from, onReview, root, seat, subnets }: { from: string; seat: string; root: Root; subnets: number[]; onReview: (plan: Plan) => void }) {
  const before = new Map(root.seats.find(({ hotkey }) => hotkey === seat)?.weights.map(({ netuid, weight }) => [netuid, weight]));
  const [texts, setTexts] = useState(new Map(subnets.map((netuid) => [netuid, String(before.get(netuid) ?? 0)])));
  const { busy, fault, prepare } = usePreparing();
  const weights = [...texts].map(([netuid, text]) => [netuid, /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN] as [number, number]).sort(([a], [b]) => a - b);
  const wrong = weights.find(([, weight]) => !(weight <= MOST));
  const counted = weights.filter(([, weight]) => weight > 0);
  const sum = counted.reduce((all, [, weight]) => all + (Number.isNaN(weight) ? 0 : weight), 0);
  const review = async () => {
    const call: Call = { pallet: 'Root', name: 'set_root_weights', args: { hotkey: seat, weights: counted } };
    const { fee } = await import('./transactions');
    onReview({
      call,
      title: `Set root weights on ${counted.length === 1 ? 'one subnet' : `${counted.length} subnets`}`,
      fee: await fee(call, from),
      feeReturned: true,
      lines: [['Seat', <Address of={seat} full />], ...counted.map(([netuid, weight]) => [subnetName(netuid), `${weight} (${percent(BigInt(weight), BigInt(sum))})`] as [string, string])],
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
      <p class="hint">Only proportions count: 2 and 1 is the same as 200 and 100. A subnet with 0 gets nothing from this seat.</p>
      <div class="weights">
        {subnets.map((netuid) => {
          const weight = weights.find(([of]) => of === netuid)![1];
          return (
            <label key={netuid}>
              <span>{subnetName(netuid)}</span>
              <input
                inputMode="numeric"
                value={texts.get(netuid)}
                aria-invalid={weight <= MOST ? undefined : 'true'}
                onInput={({ currentTarget }) => setTexts(new Map(texts).set(netuid, currentTarget.value))}
              />
              <output>{sum > 0 && weight <= MOST ? percent(BigInt(weight), BigInt(sum)) : '–'}</output>
            </label>
          );
        })}
      </div>
      {(wrong || fault) && (
        <p class="fault" role="alert">
          {wrong ? `${subnetName(wrong[0])}: a weight is a whole number from 0 to ${MOST}.` : fault}
        </p>
      )}
      <div class="dialog-foot">
        <button type="submit" class="primary" disabled={busy || wrong !== undefined || counted.length === 0}>
          {busy ? 'Asking the chain …' : 'Review'}
        </button>
      </div>
    </form>
  );
}
