/** The root network: what each seat says the subnets are worth, and the split that follows. */
import { Link } from 'wouter-preact';
import { percent } from '../amounts';
import type { Root, Seat, Split } from '../node/types';
import { subnetName } from '../state/names';
import { useRead } from '../state/read';
import { Address, Amount, blocks, count, Figure, short, Waiting } from '../ui/figures';
import { Page, Section } from '../ui/page';
import { VoteButton } from '../wallet/button';

const MAX = 18_446_744_073_709_551_615n;

export default function RootPage() {
  const reading = useRead('root', (node, at) => Promise.all([node.root(at), node.nextSplit(at), node.subnets(at)]));
  const { block, error, value } = reading;
  return (
    <Page title="Root network" lead="Seats say what each subnet is worth. Counted by stake, that splits each block’s emission." reading={reading} actions={value && <VoteButton root={value[0]} subnets={value[2].map(({ netuid }) => netuid)} />}>
      {value ? (
        <>
          <dl class="figures">
            <Figure id="seats" name="Seats taken">
              {value[0].seats.length} <span class="muted">of 64</span>
            </Figure>
            <Figure id="seat-stake" name="Stake behind them">
              <Amount leaves={value[0].seats.reduce((sum, { stake }) => sum + BigInt(stake), 0n)} digits={2} />
            </Figure>
            <Figure id="next-split" name="Next split" note={block && `in ${blocks(Math.max(0, value[0].next_split_at - block.number))}`}>
              block {count(value[0].next_split_at)}
            </Figure>
          </dl>
          <Section title="Weights" note="Each row is a seat; its weights are shown as shares of the row.">
            <Matrix root={value[0]} next={value[1]} netuids={value[2].map(({ netuid }) => netuid)} />
          </Section>
        </>
      ) : (
        <Waiting error={error} what="the root network" />
      )}
    </Page>
  );
}

const rowSum = ({ weights }: Seat) => weights.reduce((sum, { weight }) => sum + BigInt(weight), 0n);

/** The share as a number, only for the depth of the colour. */
const depth = (part: bigint, whole: bigint) => (whole === 0n ? 0 : Number((part * 10_000n) / whole) / 10_000);

/** Beside it, all others are as deep as they are large; a seat that names one subnet only would make them all pale. */
const DEEPEST = 0.5;

const deepest = (seats: Seat[]) => Math.min(DEEPEST, Math.max(...seats.flatMap((seat) => seat.weights.map(({ weight }) => depth(BigInt(weight), rowSum(seat)))), 0.01));

function Cell({ part, whole, strongest }: { part: bigint; whole: bigint; strongest: number }) {
  const share = Math.min(1, depth(part, whole) / strongest);
  return (
    <td class={part === 0n ? 'end cell nothing' : 'end cell'} style={{ '--depth': `${share > 0 ? Math.round(6 + share * 40) : 0}%` }}>
      {part === 0n ? '–' : percent(part, whole, 1)}
    </td>
  );
}

function SplitRow({ name, netuids, split, strongest }: { name: string; netuids: number[]; split: Split[]; strongest: number }) {
  const parts = new Map(split.map(({ netuid, part }) => [netuid, BigInt(part)]));
  return (
    <tr class="sum">
      <th scope="row">{name}</th>
      <td />
      <td />
      {netuids.map((netuid) => (
        <Cell key={netuid} part={parts.get(netuid) ?? 0n} whole={MAX} strongest={strongest} />
      ))}
    </tr>
  );
}

function Matrix({ netuids, next, root }: { root: Root; next: Split[]; netuids: number[] }) {
  const strongest = deepest(root.seats);
  const seats = [...root.seats].sort((a, b) => (BigInt(b.stake) > BigInt(a.stake) ? 1 : -1));
  return (
    <div class="scroll" role="region" aria-label="Root weights" tabIndex={0}>
      <table class="matrix">
        <caption class="unseen">Weights of each seat on each subnet, the split in force and the next one</caption>
        <thead>
          <tr>
            <th scope="col">Seat</th>
            <th scope="col" class="end">
              Stake
            </th>
            <th scope="col" class="end">
              Weights of
            </th>
            {netuids.map((netuid) => (
              <th key={netuid} scope="col" class="end">
                <Link href={`/subnets/${netuid}`} title={subnetName(netuid)}>
                  {netuids.length > 8 ? netuid : subnetName(netuid)}
                </Link>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {seats.map((seat) => {
            const weights = new Map(seat.weights.map(({ netuid, weight }) => [netuid, BigInt(weight)]));
            const sum = rowSum(seat);
            return (
              <tr key={seat.hotkey} aria-label={short(seat.hotkey)}>
                <th scope="row">
                  <Address of={seat.hotkey} to="hotkey" />
                </th>
                <td class="end">
                  <Amount leaves={seat.stake} digits={2} unit={false} />
                </td>
                <td class="end">{seat.last_update ? count(seat.last_update) : '–'}</td>
                {netuids.map((netuid) => (
                  <Cell key={netuid} part={weights.get(netuid) ?? 0n} whole={sum} strongest={strongest} />
                ))}
              </tr>
            );
          })}
        </tbody>
        <tfoot>
          
            <SplitRow name="Split in force" split={root.split} netuids={netuids} strongest={strongest} />
            <SplitRow name="If split now" split={next} netuids={netuids} strongest={strongest} />
          
        </tfoot>
      </table>
    </div>
  );
}
