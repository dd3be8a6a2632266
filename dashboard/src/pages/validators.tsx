/** The root seats as places to stake. */
import { Link } from 'wouter-preact';
import { parts, percent } from '../amounts';
import { expect } from '../calculator';
import type { Pool } from '../node/types';
import { blockMs } from '../state/chain';
import { useRead } from '../state/read';
import { Address, Amount, Waiting } from '../ui/figures';
import { Table, type Column } from '../ui/table';
import { StakeButton } from '../wallet/button';

/** What a year pays now for each token that is staked there, in millionths. */
const yearly = (pool: Pool, ms: number | undefined): bigint =>
  expect({ pool: { stake: BigInt(pool.stake), releasedPerBlock: BigInt(pool.released_per_block) }, held: BigInt(pool.stake), added: 0n, blockMs: ms ?? 0 }).yearlyMillionths;

function columns(ms: number | undefined): Column<Pool>[] {
  return [
    { id: 'hotkey', header: 'Hotkey', cell: ({ hotkey }) => <Address of={hotkey} to="hotkey" />, by: ({ hotkey }) => hotkey },
    { id: 'stake', header: 'Stake', meaning: 'All stake on it, LRL', cell: ({ stake }) => <Amount leaves={stake} unit={false} digits={2} />, by: ({ stake }) => BigInt(stake), align: 'end' },
    { id: 'take', header: 'Take', meaning: 'The owner’s part of the dividends', cell: ({ take }) => parts(take), by: ({ take }) => take, align: 'end' },
    {
      id: 'released',
      header: 'Pays stakers / block',
      meaning: 'What each block releases to all of its stakers, after the take, LRL',
      cell: ({ released_per_block }) => <Amount leaves={released_per_block} unit={false} digits={9} />,
      by: ({ released_per_block }) => BigInt(released_per_block),
      align: 'end',
    },
    { id: 'yearly', header: 'A year', meaning: 'At the rate of now, take deducted; see the calculator for what is assumed', cell: (pool) => percent(yearly(pool, ms), 1_000_000n), by: (pool) => yearly(pool, ms), align: 'end' },
    {
      id: 'subnets',
      header: 'Subnets',
      meaning: 'Where it holds a uid',
      cell: ({ registrations }) => registrations.map(({ netuid, uid }, i) => (
        <>
          {i > 0 && ', '}
          <Link href={`/subnets/${netuid}/neurons/${uid}`}>{netuid}</Link>
        </>
      )),
      by: ({ registrations }) => registrations.length,
    },
    {
      id: 'actions',
      header: 'Actions',
      cell: ({ hotkey }) => (
        <span class="actions">
          <Link href={`/calculator/${hotkey}`}>Calculate</Link>
          <StakeButton hotkey={hotkey} />
        </span>
      ),
    },
  ];
}

export function Validators() {
  const { error, value } = useRead('seats', async (node, at) => {
    const { seats } = await node.root(at);
    return Promise.all(seats.map(({ hotkey }) => node.hotkey(hotkey, at)));
  });
  if (!value) return <Waiting error={error} what="the root seats" />;
  return (
    <Table
      caption="Root seats"
      columns={columns(blockMs.value)}
      rows={value}
      rowKey={({ hotkey }) => hotkey}
      order={{ id: 'stake', descending: true }}
      empty="No root seat is taken."
    />
  );
}
