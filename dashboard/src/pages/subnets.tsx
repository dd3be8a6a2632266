/** All subnets. */
import { useMemo, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import type { Subnet } from '../node/types';
import { best } from '../state/chain';
import { subnetName, subnetNames } from '../state/names';
import { useRead } from '../state/read';
import { percent } from '../amounts';
import { Address, Amount, count, Waiting } from '../ui/figures';
import { Page } from '../ui/page';
import { Table, type Column } from '../ui/table';

const kinds = ({ models }: Subnet) => [...new Set(models.map(({ kind }) => kind))].join(', ') || 'none yet';

function columns(total: bigint, head: number): Column<Subnet>[] {
  return [
    {
      id: 'netuid',
      header: 'Subnet',
      cell: ({ netuid }) => <Link href={`/subnets/${netuid}`}>{subnetName(netuid)}</Link>,
      by: ({ netuid }) => netuid,
    },
    { id: 'kind', header: 'Work', meaning: 'What its models do', cell: kinds, by: kinds },
    {
      id: 'neurons',
      header: 'Neurons',
      cell: ({ hyperparameters, neurons }) => (
        <>
          {neurons} <span class="muted">/ {hyperparameters.max_uids}</span>
        </>
      ),
      by: ({ neurons }) => neurons,
      align: 'end',
    },
    {
      id: 'emission',
      header: 'Emission / block',
      meaning: 'What the last block gave to the subnet',
      cell: ({ emission_per_block }) => <Amount leaves={emission_per_block} unit={false} />,
      by: ({ emission_per_block }) => BigInt(emission_per_block),
      align: 'end',
    },
    {
      id: 'share',
      header: 'Share',
      meaning: 'Its part of what all subnets were given',
      cell: ({ emission_per_block }) => percent(BigInt(emission_per_block), total),
      by: ({ emission_per_block }) => BigInt(emission_per_block),
      align: 'end',
    },
    { id: 'pot', header: 'Pot', meaning: 'Collected for the next payout', cell: ({ pot }) => <Amount leaves={pot} unit={false} />, by: ({ pot }) => BigInt(pot), align: 'end' },
    {
      id: 'next',
      header: 'Next epoch',
      meaning: 'Blocks until the subnet pays',
      cell: ({ next_epoch_at }) => (next_epoch_at > head ? `in ${count(next_epoch_at - head)}` : 'now'),
      by: ({ next_epoch_at }) => next_epoch_at,
      align: 'end',
    },
    {
      id: 'price',
      header: 'Registration',
      meaning: 'Price of registering in the next block',
      cell: ({ registration_price }) => <Amount leaves={registration_price} unit={false} />,
      by: ({ registration_price }) => BigInt(registration_price),
      align: 'end',
    },
    { id: 'owner', header: 'Owner', cell: ({ owner }) => <Address of={owner} to="coldkey" />, by: ({ owner }) => owner },
  ];
}

export function Subnets() {
  const subnets = useRead('subnets', (node, at) => node.subnets(at));
  const [text, setText] = useState('');
  const total = (subnets.value ?? []).reduce((sum, { emission_per_block }) => sum + BigInt(emission_per_block), 0n);
  const head = subnets.block?.number ?? best.value?.number ?? 0;
  const cells = useMemo(() => columns(total, head), [total, head, subnetNames.value]);
  const wanted = text.trim().toLowerCase();
  const rows = (subnets.value ?? []).filter(
    (subnet) => !wanted || `${subnetName(subnet.netuid)} ${kinds(subnet)} ${subnet.owner}`.toLowerCase().includes(wanted),
  );
  return (
    <Page title="Subnets" lead="Each subnet is a market for one kind of work. Amounts are in LRL." reading={subnets}>
      <div class="controls">
        <label>
          Search
          <input type="search" value={text} placeholder="Netuid, name, work, owner" onInput={({ currentTarget }) => setText(currentTarget.value)} />
        </label>
        <p class="muted" role="status">
          {subnets.value && `${rows.length} of ${subnets.value.length}`}
        </p>
      </div>
      {subnets.value ? (
        <Table
          caption="Subnets"
          columns={cells}
          rows={rows}
          rowKey={({ netuid }) => netuid}
          order={{ id: 'emission', descending: true }}
          empty={subnets.value.length ? 'None fits the search.' : 'There is no subnet yet.'}
        />
      ) : (
        <Waiting error={subnets.error} what="the subnets" />
      )}
    </Page>
  );
}
