/** One subnet: what it pays for, its rules, and its metagraph. */
import type { ComponentChildren } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { percent } from '../amounts';
import type { Hex, Metagraph, Neuron, Subnet } from '../node/types';
import { subnetName } from '../state/names';
import { useRead } from '../state/read';
import { Address, Amount, blocks, count, Figure, Proportion, Waiting } from '../ui/figures';
import { Page, Section } from '../ui/page';
import { Table, type Column } from '../ui/table';

export default function SubnetPage({ params }: { params: Record<string, string> }) {
  const netuid = Number(params.netuid);
  const reading = useRead(`metagraph ${netuid}`, (node, at) => node.metagraph(netuid, at));
  const { block, error, value } = reading;
  return (
    <Page title={subnetName(netuid)} lead={value && <Owner subnet={value.subnet} />} reading={reading}>
      {value ? <Facts metagraph={value} head={block?.number ?? value.block} /> : <Waiting error={error} what={`subnet ${netuid}`} />}
      {value && <Neurons metagraph={value} />}
      {value && <Rules subnet={value.subnet} />}
    </Page>
  );
}

function Owner({ subnet }: { subnet: Subnet }) {
  return (
    <>
      Owned by <Address of={subnet.owner} to="coldkey" />
    </>
  );
}

function Facts({ head, metagraph: { subnet } }: { metagraph: Metagraph; head: number }) {
  const { last_epoch: last } = subnet;
  return (
    <>
      <dl class="figures">
        <Figure id="emission" name="Emission a block">
          <Amount leaves={subnet.emission_per_block} digits={9} />
        </Figure>
        <Figure id="pot" name="Pot">
          <Amount leaves={subnet.pot} />
        </Figure>
        <Figure id="next-epoch" name="Next epoch" note={`epoch ${count(subnet.epoch)}, every ${subnet.hyperparameters.tempo} blocks`}>
          {subnet.next_epoch_at > head ? `in ${blocks(subnet.next_epoch_at - head)}` : 'now'}
        </Figure>
        <Figure id="price" name="Registration price">
          <Amount leaves={subnet.registration_price} />
        </Figure>
      </dl>
      {last && (
        <p class="muted">
          Epoch {count(last.epoch)} paid <Amount leaves={BigInt(last.pot) - BigInt(last.carried)} digits={9} /> in block {count(last.block)}: to miners{' '}
          <Amount leaves={last.miners} />, validators <Amount leaves={last.validators} />, the owner <Amount leaves={last.owner} />
          {BigInt(last.carried) > 0n && (
            <>
              ; <Amount leaves={last.carried} /> is carried over
            </>
          )}
          .
        </p>
      )}
    </>
  );
}

type Role = 'all' | 'miners' | 'validators' | 'serving';
const ROLES: [Role, string, (neuron: Neuron) => boolean][] = [
  ['all', 'All', () => true],
  ['miners', 'Paid as miners', ({ scores }) => scores.incentive > 0],
  ['validators', 'With a permit', ({ scores }) => scores.permit],
  ['serving', 'Serving', ({ axon }) => axon !== null],
];

function proportion(id: 'trust' | 'consensus' | 'incentive' | 'dividends' | 'validator_trust', header: string, meaning: string): Column<Neuron> {
  return {
    id,
    header,
    meaning,
    cell: ({ scores }) => <Proportion value={scores[id]} />,
    by: ({ scores }) => scores[id],
    align: 'end',
  };
}

function columns(netuid: number, models: Map<Hex, string>): Column<Neuron>[] {
  return [
    { id: 'uid', header: 'UID', cell: ({ uid }) => <Link href={`/subnets/${netuid}/neurons/${uid}`}>{uid}</Link>, by: ({ uid }) => uid, align: 'end' },
    { id: 'hotkey', header: 'Hotkey', cell: ({ hotkey }) => <Address of={hotkey} to="hotkey" />, by: ({ hotkey }) => hotkey },
    { id: 'stake', header: 'Stake', meaning: 'All stake on the hotkey, LRL', cell: ({ stake }) => <Amount leaves={stake} unit={false} digits={2} />, by: ({ stake }) => BigInt(stake), align: 'end' },
    proportion('incentive', 'Incentive', 'Share of the miners’ part'),
    proportion('dividends', 'Dividends', 'Share of the validators’ part'),
    { id: 'emission', header: 'Paid', meaning: 'What the last epoch paid for it, LRL', cell: ({ scores }) => <Amount leaves={scores.emission} unit={false} />, by: ({ scores }) => BigInt(scores.emission), align: 'end' },
    proportion('consensus', 'Consensus', 'Score consensus'),
    proportion('trust', 'Trust', 'Weight given to it that survived clipping'),
    proportion('validator_trust', 'V-trust', 'As a validator: part of its weight that survived clipping'),
    {
      id: 'permit',
      header: 'Permit',
      meaning: 'Whether it may set weights in the running epoch, and whether they were fresh enough to count',
      cell: ({ scores }) => (scores.permit ? <span class={scores.active ? 'tag good' : 'tag'}>{scores.active ? 'active' : 'silent'}</span> : ''),
      by: ({ scores }) => Number(scores.permit) + Number(scores.permit && scores.active),
      align: 'center',
    },
    {
      id: 'axon',
      header: 'Serves',
      meaning: 'Address and model that it says it serves',
      cell: ({ axon }) =>
        axon && (
          <span title={axon.model}>
            {axon.address} {models.has(axon.model) ? '' : <span class="tag bad">not accepted</span>}
          </span>
        ),
      by: ({ axon }) => axon?.address ?? '',
    },
    { id: 'update', header: 'Weights of', meaning: 'Block in which its weights were fixed', cell: ({ last_update }) => (last_update ? count(last_update) : ''), by: ({ last_update }) => last_update, align: 'end' },
    { id: 'coldkey', header: 'Coldkey', cell: ({ coldkey }) => <Address of={coldkey} to="coldkey" />, by: ({ coldkey }) => coldkey },
  ];
}

function Neurons({ metagraph: { neurons, subnet } }: { metagraph: Metagraph }) {
  const [role, setRole] = useState<Role>('all');
  const [text, setText] = useState('');
  const accepted = subnet.models.map(({ root }) => root).join();
  const cells = useMemo(() => columns(subnet.netuid, new Map(subnet.models.map(({ kind, root }) => [root, kind]))), [subnet.netuid, accepted]);
  const fits = ROLES.find(([name]) => name === role)![2];
  const wanted = text.trim().toLowerCase();
  const rows = useMemo(
    () =>
      neurons.filter(
        (neuron) =>
          fits(neuron) &&
          (!wanted ||
            String(neuron.uid) === wanted ||
            [neuron.hotkey, neuron.coldkey, neuron.axon?.address ?? '', neuron.axon?.model ?? ''].some((value) => value.toLowerCase().includes(wanted))),
      ),
    [neurons, fits, wanted],
  );
  return (
    <Section title="Metagraph" note={`${neurons.length} of ${subnet.hyperparameters.max_uids} uids taken`}>
      <div class="controls">
        <label>
          Search
          <input type="search" value={text} placeholder="UID, key, address, model" onInput={({ currentTarget }) => setText(currentTarget.value)} />
        </label>
        <fieldset class="choice">
          <legend class="unseen">Which neurons</legend>
          {ROLES.map(([name, title]) => (
            <label key={name}>
              <input type="radio" name="role" checked={role === name} onChange={() => setRole(name)} />
              <span>{title}</span>
            </label>
          ))}
        </fieldset>
        <p class="muted" role="status">
          {rows.length} of {neurons.length}
        </p>
      </div>
      <Table
        caption="Neurons"
        columns={cells}
        rows={rows}
        rowKey={({ uid }) => uid}
        order={{ id: 'uid', descending: false }}
        empty={neurons.length ? 'None fits the search.' : 'Nobody is registered yet.'}
      />
    </Section>
  );
}

/** Hyperparameters that are no plain numbers: what their numbers are parts of, or `leaves`. */
const UNITS: Record<string, bigint | 'leaves'> = {
  bonds_moving_average: 1_000_000n,
  bonds_penalty: 65_535n,
  demand_growth: 1_000n,
  kappa: 65_535n,
  liquid_alpha: 65_535n,
  max_burn: 'leaves',
  max_stake: 'leaves',
  max_weight_limit: 65_535n,
  min_burn: 'leaves',
  staleness_penalty: 65_535n,
};

/** A hyperparameter as people read it. */
function written(name: string, value: unknown): ComponentChildren {
  if (value === null) return 'off';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  const unit = UNITS[name];
  if (unit === 'leaves') return <Amount leaves={String(value)} digits={9} />;
  if (unit === undefined) return typeof value === 'object' ? JSON.stringify(value) : String(value);
  return [value].flat().map((part) => percent(BigInt(part as number), unit)).join(' to ');
}

function Rules({ subnet }: { subnet: Subnet }) {
  const total = Object.entries(subnet.hyperparameters);
  return (
    <Section title="Models and rules">
      <ul class="models">
        {subnet.models.map(({ context, kind, root, sampler, tokenizer }) => (
          <li key={root}>
            <b>{kind}</b> <code>{root}</code>
            <span class="muted" title={`tokenizer ${tokenizer}`}>
              {count(context)} tokens{sampler ? `, sampler ${sampler}` : ''}
            </span>
          </li>
        ))}
      </ul>
      {subnet.models.length === 0 && <p class="muted">The subnet accepts no model yet.</p>}
      <details>
        <summary>{total.length} hyperparameters</summary>
        <dl class="rules">
          {total.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd title={JSON.stringify(value)}>{written(name, value)}</dd>
            </div>
          ))}
        </dl>
      </details>
    </Section>
  );
}
