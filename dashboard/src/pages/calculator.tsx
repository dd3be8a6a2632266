/** What staking would earn at the rate of now, and what that assumes. */
import { useState } from 'preact/hooks';
import { LRL, parse, parts, percent } from '../amounts';
import { expect } from '../calculator';
import type { Pool } from '../node/types';
import { blockMs, measured } from '../state/chain';
import { useRead } from '../state/read';
import { Amount, count, Figure, short, Waiting } from '../ui/figures';
import { Page, Section } from '../ui/page';
import { StakeButton } from '../wallet/button';

export default function CalculatorPage({ params }: { params: Record<string, string> }) {
  const [chosen, setChosen] = useState(params.address ?? '');
  const [text, setText] = useState('1000');
  const seats = useRead('root', (node, at) => Promise.all([node.root(at), node.nextSplit(at), node.subnets(at)]));
  const hotkeys = seats.value?.[0].seats.map(({ hotkey }) => hotkey) ?? [];
  const hotkey = chosen || hotkeys[0];
  const pool = useRead(hotkey ? `hotkey ${hotkey}` : undefined, (node, at) => node.hotkey(hotkey!, at));
  const amount = parse(text);
  return (
    <Page title="Calculator" lead="What staking would earn if everything stays as it is now." actions={hotkey && <StakeButton hotkey={hotkey} />}>
      <div class="controls">
        <label>
          Amount, LRL
          <input inputMode="decimal" value={text} aria-invalid={typeof amount === 'string' ? 'true' : undefined} aria-describedby="calculator-fault" onInput={({ currentTarget }) => setText(currentTarget.value)} />
        </label>
        <label class="grow">
          Hotkey to stake on
          <input list="seats" value={chosen} placeholder={hotkeys[0] ?? '5…'} spellcheck={false} onInput={({ currentTarget }) => setChosen(currentTarget.value.trim())} />
          <datalist id="seats">
            {hotkeys.map((key) => (
              <option key={key} value={key}>
                Root seat {short(key)}
              </option>
            ))}
          </datalist>
        </label>
        <p id="calculator-fault" class="fault" role="status">
          {typeof amount === 'string' ? amount : ''}
        </p>
      </div>
      {seats.value && hotkeys.length === 0 && !chosen && <p>No root seat is taken: enter the address of a hotkey.</p>}
      {pool.value && blockMs.value ? (
        <Result pool={pool.value} amount={typeof amount === 'bigint' ? amount : 0n} ms={blockMs.value} />
      ) : (
        hotkey && <Waiting error={pool.error} what="the hotkey" />
      )}
    </Page>
  );
}

function Result({ amount, ms, pool }: { pool: Pool; amount: bigint; ms: number }) {
  const rate = { stake: BigInt(pool.stake), releasedPerBlock: BigInt(pool.released_per_block) };
  const expected = expect({ pool: rate, held: 0n, added: amount, blockMs: ms });
  return (
    <>
      <dl class="figures" aria-live="polite">
        <Figure id="per-day" name="A day">
          <Amount leaves={expected.perDay} digits={9} />
        </Figure>
        <Figure id="per-year" name="A year">
          <Amount leaves={expected.perYear} digits={4} />
        </Figure>
        <Figure id="yearly" name="A year, of the stake">
          {percent(expected.yearlyMillionths, 1_000_000n)}
        </Figure>
      </dl>
      <Section title="How this is reckoned">
        <p>
          Each block now releases <Amount leaves={pool.released_per_block} digits={9} /> to the stakers of this hotkey, after the owner’s take of {parts(pool.take)}. They have{' '}
          <Amount leaves={pool.stake} digits={9} />; with yours, your part is {percent(amount, rate.stake + amount, 4)}.
        </p>
        <p>It assumes that</p>
        <ul class="prose">
          <li>the hotkey is paid as it was by the last epochs of its subnets, and its take stays;</li>
          <li>nobody else stakes there or leaves;</li>
          <li>
            a block takes {(ms / 1_000).toFixed(2)} s{measured.value ? `, the mean of the last ${measured.value.blocks}` : ''}, so there are {count(Math.round(86_400_000 / ms))} blocks
            a day.
          </li>
        </ul>
        <p>
          It leaves out that dividends are staked by themselves and earn in turn, and that a hotkey with more stake earns more; both would add. It leaves out halvings, and what a token is worth.
          {rate.releasedPerBlock === 0n && <strong> At present nothing is on its way to the stakers of this hotkey, so it shows nothing.</strong>}
          {amount > LRL && amount > rate.stake && <strong> Your stake would be more than half of the pool: the real figure would differ much.</strong>}
        </p>
      </Section>
    </>
  );
}
