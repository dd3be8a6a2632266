/** The network at a glance. */
import { useMemo, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { format, percent, type Leaves } from '../amounts';
import type { Subnet, Supply } from '../node/types';
import { best, blockMs, finalized, measured, slotMs } from '../state/chain';
import { usePast } from '../state/history';
import { subnetName } from '../state/names';
import { useRead } from '../state/read';
import { Chart, hue, HUES, type Series } from '../ui/chart';
import { Amount, count, duration, Figure, Waiting } from '../ui/figures';
import { Page, Section } from '../ui/page';
import { reach } from '../ui/reach';
import { Latest } from './latest';

/** Past blocks at which the split is looked up, and over how many blocks they can be spread. */
const SAMPLES = 24;
const SPANS = [240, 2_400, 24_000, 240_000];

export function Overview() {
  const reading = useRead('overview', (node, at) => Promise.all([node.supply(at), node.emissionSchedule(at), node.subnets(at)]));
  const { error, value } = reading;
  return (
    <Page title="Network" lead="Blocks, tokens, and which subnets the emission goes to." reading={reading}>
      <Heartbeat />
      {value ? <Tokens supply={value[0]} toHalving={value[1].blocks_to_halving} /> : <Waiting error={error} what="supply and subnets" />}
      {value && (
        <Section title="Emission by subnet" note="What each block gives to each subnet. The root network’s weights decide.">
          <Emission subnets={value[2]} />
        </Section>
      )}
      <Section title="Latest events" note={<Link href="/events">All events</Link>}>
        <Latest />
      </Section>
    </Page>
  );
}

function Heartbeat() {
  const head = best.value;
  const final = finalized.value;
  const behind = head && final !== undefined ? Math.max(0, head.number - final) : undefined;
  const time = blockMs.value;
  return (
    <dl class="figures lively">
      <Figure id="best" name="Best block">
        {head ? count(head.number) : '–'}
      </Figure>
      <Figure id="finalized" name="Finalised" note={behind === undefined ? undefined : behind === 0 ? 'the best block' : `${behind} behind`}>
        {final === undefined ? '–' : count(final)}
      </Figure>
      <Figure
        id="block-time"
        name="Block time"
        note={slotMs.value && (measured.value ? `mean of ${measured.value.blocks} blocks; ${slotMs.value / 1_000} s intended` : 'as intended')}
      >
        {time ? `${(time / 1_000).toFixed(2)} s` : '–'}
      </Figure>
    </dl>
  );
}

function Tokens({ supply, toHalving }: { supply: Supply; toHalving: number | null }) {
  const issuance = BigInt(supply.issuance);
  const elsewhere = [supply.staked, supply.locked, supply.pending, supply.burned].map(BigInt);
  const inAccounts = elsewhere.reduce((left, part) => left - part, issuance);
  const places: [string, Leaves, string][] = [
    ['In accounts', inAccounts, 'free, or held as deposits'],
    ['Staked', elsewhere[0]!, ''],
    ['Locked for subnets', elsewhere[1]!, ''],
    ['Waiting to be paid', elsewhere[2]!, 'in the pots of the subnets and the reserve'],
    ['Burned', elsewhere[3]!, 'can be mined again'],
  ];
  return (
    <Section title="Tokens" note={toHalving === null ? 'The last halving is over.' : <Halving blocks={toHalving} />}>
      <dl class="figures">
        <Figure id="issuance" name="Issued">
          <Amount leaves={supply.issuance} digits={2} />
        </Figure>
        <Figure id="block-emission" name="Each block mints">
          <Amount leaves={supply.block_emission} digits={9} />
        </Figure>
        <Figure id="staked" name="Staked" note={`${percent(elsewhere[0]!, issuance)} of what is issued`}>
          <Amount leaves={supply.staked} digits={2} />
        </Figure>
      </dl>
      <div class="split" aria-hidden="true">
        {places.map(([name, amount], i) => (
          <span key={name} style={{ flexGrow: Number((amount * 10_000n) / (issuance || 1n)), background: hue(i) }} />
        ))}
      </div>
      <ul class="legend wide">
        {places.map(([name, amount, note], i) => (
          <li key={name}>
            <span class="swatch" style={{ background: hue(i) }} />
            {name} <Amount leaves={amount} digits={2} /> {note && <span class="muted">{note}</span>}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Halving({ blocks }: { blocks: number }) {
  const ms = blockMs.value;
  return (
    <>
      {count(blocks)} blocks to the next halving{ms ? `, about ${duration(blocks * ms)}` : ''}
    </>
  );
}

/** The subnets that get most, by name; all others in one. */
function ranked(subnets: Subnet[]): number[] {
  const most = [...subnets].sort((a, b) => (BigInt(b.emission_per_block) > BigInt(a.emission_per_block) ? 1 : -1));
  const netuids = most.map(({ netuid }) => netuid);
  return subnets.length <= HUES ? netuids : netuids.slice(0, HUES - 1);
}

function series(shown: number[], points: { value: Map<number, bigint> }[], all: number): Series[] {
  const lrl = (leaves: bigint) => Number(leaves) / 1e9;
  const named = shown.map((netuid) => ({
    name: subnetName(netuid),
    values: points.map(({ value }) => lrl(value.get(netuid) ?? 0n)),
  }));
  if (shown.length === all) return named;
  const others = points.map(({ value }) => {
    let sum = 0n;
    for (const [netuid, leaves] of value) if (!shown.includes(netuid)) sum += leaves;
    return lrl(sum);
  });
  return [...named, { name: `${all - shown.length} others`, values: others }];
}

const emissions = (subnets: Subnet[]) => new Map(subnets.map(({ emission_per_block, netuid }) => [netuid, BigInt(emission_per_block)]));

function Emission({ subnets }: { subnets: Subnet[] }) {
  const [span, setSpan] = useState(SPANS[0]!);
  const step = Math.ceil(span / SAMPLES);
  const head = best.value?.number ?? 0;
  // Whole steps, so that what was read stays of use when blocks arrive.
  const newest = Math.floor(head / step) * step;
  const blocks = useMemo(
    () => Array.from({ length: SAMPLES }, (_, i) => newest - i * step).filter((block) => block > 0),
    [newest, step],
  );
  const past = usePast('emission', blocks, async (node, at) => emissions(await node.subnets(at)));
  const total = subnets.reduce((sum, { emission_per_block }) => sum + BigInt(emission_per_block), 0n);
  const shown = ranked(subnets);
  if (subnets.length === 0) return <p class="muted">There is no subnet yet: what is minted waits in the reserve.</p>;
  const points = past.points.length > 0 ? past.points : [{ block: head, value: emissions(subnets) }];
  return (
    <div class="columns">
      <div class="stack">
        <Chart
        label={`Emission of each block by subnet, over the last ${count(span)} blocks`}
        blocks={points.map(({ block }) => block)}
        series={series(shown, points, subnets.length)}
        stacked
        show={(value) => value.toFixed(4)}
      />
        <div class="controls small">
          <label>
            Over the last
            <select value={span} onChange={({ currentTarget }) => setSpan(Number(currentTarget.value))}>
              {SPANS.map((blocks) => (
                <option key={blocks} value={blocks}>
                  {count(blocks)} blocks
                </option>
              ))}
            </select>
          </label>
          <p class="muted">{reach(past)}</p>
        </div>
      </div>
      <ol class="bars" aria-label="Emission by subnet now">
        {shown.map((netuid, index) => {
          const amount = BigInt(subnets.find((subnet) => subnet.netuid === netuid)!.emission_per_block);
          return (
            <li key={netuid} data-subnet={netuid}>
              <Link href={`/subnets/${netuid}`}>{subnetName(netuid)}</Link>
              <span class="bar-track" aria-hidden="true">
                <span style={{ width: percent(amount, total).replace(' ', ''), background: hue(index) }} />
              </span>
              <span class="bar-figure" title={`${format(amount)} LRL a block`}>
                {percent(amount, total)}
              </span>
            </li>
          );
        })}
      </ol>
    </div>
  );
}
